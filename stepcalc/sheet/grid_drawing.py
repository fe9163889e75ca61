"""Grids as a picture: SVG for HTML and PDF, TikZ for LaTeX. What is marked is told by shade and line, not by colour."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from stepcalc.board.latex import latex
from stepcalc.board.latex_text import escape
from stepcalc.board.nodes import Blank, Node
from stepcalc.board.plain import clean
from stepcalc.board.text import text
from stepcalc.sheet.blocks import Grids, Inline
from stepcalc.sheet.grid_placing import NUMBER_SIZE, SIGN_SIZE, TITLE_SIZE, PlacedGrid, is_plain, place_grids
from stepcalc.sheet.ink import svg_marks
from stepcalc.sheet.placing import BoundingBox
from stepcalc.sheet.typeset import typeset

_INK, _LINE, _SHADE = "#1a1a1a", "#8a8a8a", "#dcdcdc"
_THIN, _OUTLINE, _FRAME, _INNER = 0.6, 1.0, 2.6, 1.1
_INSET = 2.2
_POINTS_PER_PIXEL = 0.75


def svg(block: Grids, description: str = "") -> str:
    """The grids as a standalone SVG image."""
    placed = place_grids(block)
    width, height = _n(placed.width), _n(placed.height)
    image = Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "role": "img", "class": "grids",
        "width": width, "height": height, "viewBox": f"0 0 {width} {height}",
    })  # fmt: skip
    if description:
        image.set("aria-label", description)
    for grid in placed.grids:
        _draw(image, grid)
    return tostring(image, encoding="unicode")


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _draw(image: Element, placed: PlacedGrid) -> None:
    grid = placed.grid
    for spot in sorted(grid.marked):
        _box(image, placed.box(spot, spot), _SHADE, "none", 0.0)
    _box(image, _outline(placed), "none", _INK, _OUTLINE)
    if lines := _lines(placed):
        path = "".join(f"M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}" for (x1, y1), (x2, y2) in lines)
        SubElement(image, "path", {"d": path, "stroke": _LINE, "stroke-width": _n(_THIN), "fill": "none"})
    for spot in sorted(grid.marked):
        _box(image, _inner(placed.box(spot, spot)), "none", _INK, _INNER)
    if grid.framed is not None:
        _box(image, placed.box(*grid.framed), "none", _INK, _FRAME)
    for i, row in enumerate(grid.rows):
        for j, cell in enumerate(row):
            if cell is not None and not isinstance(cell, Blank):
                item = getattr(cell, "item", None)
                group = SubElement(image, "g", {"data-item": item}) if item else image
                _write(group, cell, *placed.middle(i, j), NUMBER_SIZE)
    _write(image, grid.title, *placed.title_at, TITLE_SIZE)
    _write(image, grid.sign, *placed.sign_at, SIGN_SIZE)


def _outline(placed: PlacedGrid) -> BoundingBox:
    (x, y), (width, height) = placed.at, placed.size
    return BoundingBox(x, y, x + width, y + height)


def _inner(box: BoundingBox) -> BoundingBox:
    return BoundingBox(box.left + _INSET, box.top + _INSET, box.right - _INSET, box.bottom - _INSET)


def _lines(placed: PlacedGrid) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The lines between the cells."""
    (x, y), (width, height), (across, down) = placed.at, placed.size, placed.cell
    rows, columns = len(placed.grid.rows), len(placed.grid.rows[0])
    level = [((x, y + i * down), (x + width, y + i * down)) for i in range(1, rows)]
    return level + [((x + j * across, y), (x + j * across, y + height)) for j in range(1, columns)]


def _box(image: Element, box: BoundingBox, fill: str, stroke: str, width: float) -> None:
    SubElement(image, "rect", {
        "x": _n(box.left), "y": _n(box.top), "width": _n(box.right - box.left), "height": _n(box.bottom - box.top),
        "fill": fill, "stroke": stroke, "stroke-width": _n(width),
    })  # fmt: skip


def _write(image: Element, what: Inline, x: float, y: float, size: float) -> None:
    """Words, a number or a formula with its middle at (x, y)."""
    if what == "":
        return
    if isinstance(what, str) or is_plain(what):
        word = SubElement(image, "text", {
            "x": _n(x), "y": _n(y + 0.34 * size), "text-anchor": "middle", "fill": _INK, "font-size": _n(size),
            "font-family": "StepcalcText, StepcalcFallback, serif",
        })  # fmt: skip
        word.text = clean(what) if isinstance(what, str) else text(what, inline=True)
        return
    ink = typeset(what, display=False, size=size)
    for name, attributes in svg_marks(ink, x - ink.width / 2, y + (ink.ascent - ink.descent) / 2):
        SubElement(image, name, attributes)


# ------------------------------------------------------------------------------------------------- TikZ


def tikz(block: Grids) -> str:
    """The grids as a ``tikzpicture``."""
    placed = place_grids(block)
    lines = [r"\begin{tikzpicture}[x=0.75bp,y=-0.75bp,inner sep=0pt]"]
    lines.append(rf"\useasboundingbox (0,0) rectangle ({_n(placed.width)},{_n(placed.height)});")
    for grid in placed.grids:
        lines += _tikz_grid(grid)
    return "\n".join([*lines, r"\end{tikzpicture}"])


def _tikz_grid(placed: PlacedGrid) -> list[str]:
    grid = placed.grid
    lines = [_tikz_box(placed.box(spot, spot), "fill=black!14", "fill") for spot in sorted(grid.marked)]
    lines.append(_tikz_box(_outline(placed), _pen(_OUTLINE)))
    lines += [
        rf"\draw[{_pen(_THIN)}, black!50] ({_n(x1)},{_n(y1)}) -- ({_n(x2)},{_n(y2)});"
        for (x1, y1), (x2, y2) in _lines(placed)
    ]
    lines += [_tikz_box(_inner(placed.box(spot, spot)), _pen(_INNER)) for spot in sorted(grid.marked)]
    if grid.framed is not None:
        lines.append(_tikz_box(placed.box(*grid.framed), _pen(_FRAME)))
    for i, row in enumerate(grid.rows):
        written = [(j, cell) for j, cell in enumerate(row) if cell is not None and not isinstance(cell, Blank)]
        lines += [_tikz_words(cell, placed.middle(i, j), r"\scriptsize") for j, cell in written]
    lines += [_tikz_words(grid.title, placed.title_at, r"\footnotesize")] if grid.title != "" else []
    return lines + ([_tikz_words(grid.sign, placed.sign_at, r"\normalsize")] if grid.sign else [])


def _pen(width: float) -> str:
    return f"line width={_n(width * _POINTS_PER_PIXEL)}bp"


def _tikz_box(box: BoundingBox, style: str, command: str = "draw") -> str:
    return rf"\{command}[{style}] ({_n(box.left)},{_n(box.top)}) rectangle ({_n(box.right)},{_n(box.bottom)});"


_TEX_SIGNS = {"→": r"$\rightarrow$", "⋆": r"$\star$", "⋯": r"$\cdots$"}


def _tikz_words(what: str | Node, at: tuple[float, float], size: str) -> str:
    written = _tex(what) if isinstance(what, str) else f"${latex(what, inline=True)}$"
    return rf"\node[font={size}] at ({_n(at[0])},{_n(at[1])}) {{{written}}};"


def _tex(words: str) -> str:
    return " ".join(_TEX_SIGNS.get(word) or str(escape(word)) for word in words.split(" "))
