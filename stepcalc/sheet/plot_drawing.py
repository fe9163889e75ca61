"""A plot as a picture: SVG for HTML and PDF, TikZ for LaTeX.

What differs in colour differs in dashes, width or shape too, so that a print in black and white says the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from stepcalc.board.latex import latex
from stepcalc.board.nodes import Num
from stepcalc.board.plain import clean
from stepcalc.board.spoken import Phrases, spoken
from stepcalc.board.text import text
from stepcalc.sheet.blocks import Mark, Panels, Plot, Point
from stepcalc.sheet.ink import svg_marks
from stepcalc.sheet.labels import LABEL_SIZE, Label
from stepcalc.sheet.plot import MARK_RADIUS, SMALL_LABEL_SIZE, STROKE_HEIGHT, PlacedPlot, place_figure
from stepcalc.sheet.typeset import typeset

_INK, _AXIS, _FAINT = "#1a1a1a", "#666666", "#b5b5b5"
_POINTS_PER_PIXEL = 0.75


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a kind of line is drawn: colour, width and dashes in pixels."""

    colour: str
    width: float
    dashes: tuple[float, ...] = ()
    arrow: bool = False


# A tangent may lie on its curve: then its dark dashes are seen on the paler, wider line.
STROKES = {
    "curve": Stroke("#5b8db8", 2.6),
    "run": Stroke("#1f4e79", 1.1),
    "tangent": Stroke("#7a2208", 1.4, (6.0, 3.0)),
    "guide": Stroke("#666666", 1.0, (1.5, 2.5)),
    "step": Stroke(_INK, 1.7, (), arrow=True),
    "level": Stroke("#8093a6", 0.8),
}
_AXIS_WIDTH, _ZERO_WIDTH, _LEADER_WIDTH = 1.0, 0.7, 0.6
_ARROW, _ARROW_HALF = 7.0, 3.2
_CHOSEN_RADIUS = MARK_RADIUS + 0.8
_STROKE = Stroke(_INK, 0.7)


def alternative(plot: Plot | Panels, phrases: Phrases) -> str:
    """What the plot shows, as it is read out."""
    return "".join(clean(piece) if isinstance(piece, str) else spoken(piece, phrases) for piece in plot.alternative)


def svg(plot: Plot | Panels, description: str = "", *, small: bool = False) -> str:
    """The plot as a standalone SVG image."""
    placed = place_figure(plot, small=small)
    width, height = _n(placed.width), _n(placed.height)
    image = Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "role": "img", "class": "plot",
        "width": width, "height": height, "viewBox": f"0 0 {width} {height}",
    })  # fmt: skip
    if description:
        image.set("aria-label", description)
    for (x, y), each in placed.plots:
        group = SubElement(image, "g", {"transform": f"translate({_n(x)} {_n(y)})"}) if x or y else image
        _draw(group, each)
    return tostring(image, encoding="unicode")


def _draw(image: Element, placed: PlacedPlot) -> None:
    for line in placed.zeros:
        _line(image, line, Stroke(_FAINT, _ZERO_WIDTH))
    for line in (*_axes(placed), *placed.ticks):
        _line(image, line, Stroke(_AXIS, _AXIS_WIDTH))
    for curve, points in placed.lines:
        _line(image, points, STROKES[curve.kind])
    for stroke in _strokes(placed):
        _line(image, stroke, _STROKE)
    for mark, at in placed.marks:
        if mark.kind != "stroke":
            _mark(image, mark, at)
    for label in placed.labels:
        _label(image, label)


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _axes(placed: PlacedPlot) -> tuple[tuple[Point, Point], ...]:
    frame = placed.frame
    corner = (frame.left, frame.bottom)
    return (corner, (frame.right, frame.bottom)), (corner, (frame.left, frame.top))


def _line(image: Element, points: tuple[Point, ...], stroke: Stroke) -> None:
    end = points[-1]
    if stroke.arrow:
        points = (*points[:-1], _before(points, _ARROW - 1))
    path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
    drawn = {"d": path, "fill": "none", "stroke": stroke.colour, "stroke-width": _n(stroke.width)}
    if stroke.dashes:
        drawn["stroke-dasharray"] = " ".join(map(_n, stroke.dashes))
    SubElement(image, "path", {**drawn, "stroke-linejoin": "round"})
    if stroke.arrow:
        _head(image, (*points[:-1], end), stroke.colour)


def _before(points: tuple[Point, ...], distance: float) -> Point:
    """The place so far before the end of a line."""
    (x1, y1), (x2, y2) = points[-2:]
    share = min(1.0, distance / (((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1.0))
    return x2 - share * (x2 - x1), y2 - share * (y2 - y1)


def _head(image: Element, points: tuple[Point, ...], colour: str) -> None:
    (x, y), (bx, by) = points[-1], _before(points, _ARROW)
    across = ((by - y) / _ARROW * _ARROW_HALF, (x - bx) / _ARROW * _ARROW_HALF)
    corners = ((x, y), (bx + across[0], by + across[1]), (bx - across[0], by - across[1]))
    SubElement(image, "path", {"d": "M" + "L".join(f"{_n(px)} {_n(py)}" for px, py in corners) + "Z", "fill": colour})


def _strokes(placed: PlacedPlot) -> list[tuple[Point, Point]]:
    """Where the strokes stand on the lower axis."""
    bottom = placed.frame.bottom
    return [((x, bottom), (x, bottom - STROKE_HEIGHT)) for mark, (x, _) in placed.marks if mark.kind == "stroke"]


def _mark(image: Element, mark: Mark, at: Point) -> None:
    radius = _CHOSEN_RADIUS if mark.kind == "chosen" else MARK_RADIUS
    SubElement(image, "circle", {
        "cx": _n(at[0]), "cy": _n(at[1]), "r": _n(radius), "stroke": _INK, "stroke-width": "1.2",
        "fill": "#ffffff" if mark.kind == "hollow" else _INK if mark.kind == "chosen" else "#8a8a8a",
    })  # fmt: skip


def _label(image: Element, label: Label) -> None:
    if label.leader is not None:
        _line(image, label.leader, Stroke(_AXIS, _LEADER_WIDTH))
    (x, y), node, box = label.at, label.node, label.box
    if label.inside:
        SubElement(image, "rect", {
            "x": _n(box.left), "y": _n(box.top), "width": _n(box.right - box.left),
            "height": _n(box.bottom - box.top), "fill": "#ffffff",
        })  # fmt: skip
    if isinstance(node, Num) and "e" not in node.text:
        word = SubElement(image, "text", {
            "x": _n(x), "y": _n(y + 0.34 * SMALL_LABEL_SIZE), "text-anchor": "middle", "fill": _INK,
            "font-size": _n(SMALL_LABEL_SIZE), "font-family": "StepcalcText, StepcalcFallback, serif",
        })  # fmt: skip
        word.text = text(node)
        return
    ink = typeset(node, display=False, size=SMALL_LABEL_SIZE if isinstance(node, Num) else LABEL_SIZE)
    for name, attributes in svg_marks(ink, x - ink.width / 2, y + (ink.ascent - ink.descent) / 2):
        SubElement(image, name, attributes)


# ------------------------------------------------------------------------------------------------- TikZ


def tikz(plot: Plot | Panels, *, small: bool = False) -> str:
    """The plot as a ``tikzpicture``."""
    placed = place_figure(plot, small=small)
    lines = [r"\begin{tikzpicture}[x=0.75bp,y=-0.75bp,baseline=(current bounding box.center)]"]
    lines.append(rf"\useasboundingbox (0,0) rectangle ({_n(placed.width)},{_n(placed.height)});")
    for (x, y), each in placed.plots:
        drawn = _tikz_drawn(each)
        if x or y:
            drawn = [rf"\begin{{scope}}[shift={{({_n(x)},{_n(y)})}}]", *drawn, r"\end{scope}"]
        lines += drawn
    return "\n".join([*lines, r"\end{tikzpicture}"])


def _tikz_drawn(placed: PlacedPlot) -> list[str]:
    lines = [_tikz_line(line, Stroke(_FAINT, _ZERO_WIDTH)) for line in placed.zeros]
    lines += [_tikz_line(line, Stroke(_AXIS, _AXIS_WIDTH)) for line in (*_axes(placed), *placed.ticks)]
    lines += [_tikz_line(points, STROKES[curve.kind]) for curve, points in placed.lines]
    lines += [_tikz_line(stroke, _STROKE) for stroke in _strokes(placed)]
    lines += [_tikz_mark(mark, at) for mark, at in placed.marks if mark.kind != "stroke"]
    for label in placed.labels:
        if label.leader is not None:
            lines.append(_tikz_line(label.leader, Stroke(_AXIS, _LEADER_WIDTH)))
        lines.append(_tikz_label(label))
    return lines


def _bp(value: float) -> str:
    return f"{_n(value * _POINTS_PER_PIXEL)}bp"


def _colour(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"


def _tikz_line(points: tuple[Point, ...], stroke: Stroke) -> str:
    dashes = " ".join(f"{'off' if place % 2 else 'on'} {_bp(length)}" for place, length in enumerate(stroke.dashes))
    pattern = f", dash pattern={dashes}" if dashes else ""
    arrow = ", -stealth" if stroke.arrow else ""
    path = " -- ".join(f"({_n(x)},{_n(y)})" for x, y in points)
    return rf"\draw[draw={_colour(stroke.colour)}, line width={_bp(stroke.width)}{pattern}{arrow}] {path};"


def _tikz_mark(mark: Mark, at: Point) -> str:
    radius = _CHOSEN_RADIUS if mark.kind == "chosen" else MARK_RADIUS
    fill = {"hollow": "white", "chosen": "black", "plain": "black!50"}[mark.kind]
    return (
        rf"\filldraw[draw=black, fill={fill}, line width=0.9bp] ({_n(at[0])},{_n(at[1])}) circle[radius={_bp(radius)}];"
    )


def _tikz_label(label: Label) -> str:
    size = r"\scriptsize" if isinstance(label.node, Num) else r"\footnotesize"
    x, y = label.at
    paper = "fill=white, inner sep=1pt" if label.inside else "inner sep=0pt"
    return rf"\node[{paper}, font={size}] at ({_n(x)},{_n(y)}) {{${latex(label.node, inline=True)}$}};"
