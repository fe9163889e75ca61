"""The network as a picture: SVG for HTML and PDF, TikZ for LaTeX, an indented list for text."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from stepcalc.board.latex import latex
from stepcalc.board.latex_text import escape
from stepcalc.board.nodes import Node, Num
from stepcalc.board.plain import clean
from stepcalc.board.text import text
from stepcalc.sheet.blocks import Diagram, DiagramEdge, DiagramNode
from stepcalc.sheet.ink import svg_marks
from stepcalc.sheet.placing import (
    RADIUS,
    VALUE_BELOW,
    VALUE_SIZE,
    WORD_GAP,
    WORD_LINE,
    WORD_SIZE,
    BoundingBox,
    Placed,
    PlacedEdge,
    label_lines,
    place,
    symbol_and_value,
    values_of,
)
from stepcalc.sheet.typeset import typeset

_INK, _GREY, _FAINT, _PATH = "#1a1a1a", "#666666", "#9a9a9a", "#1a1a1a"
_SYMBOL_SIZE = 14.0
_THIN, _THICK, _HOTTEST = 0.8, 2.6, 6.0
_COLD, _HOT = (0xB0, 0xB0, 0xB0), (0x7A, 0x12, 0x08)
"""The colours of edges where nothing went wrong, and where everything did: in grey, a light and a dark one."""
_POINTS_PER_PIXEL = 0.75


def svg(diagram: Diagram) -> str:
    """The network as a standalone SVG image, with ``diagram.alternative`` as its description."""
    placed = place(diagram)
    width, height = _n(placed.width), _n(placed.height)
    image = Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "role": "img", "class": "network",
        "width": width, "height": height, "viewBox": f"0 0 {width} {height}",
    })  # fmt: skip
    if diagram.alternative:
        image.set("aria-label", clean(diagram.alternative))
    for edge in placed.edges:
        _draw_edge(image, edge)
    for edge in placed.edges:
        _draw_value(image, edge)
    for box in values_of(placed.nodes):
        _paper(image, box)
    for node, (x, y) in placed.nodes:
        _draw_node(image, node, x, y)
        _draw_label(image, node, x, y, first=x == placed.nodes[0][1][0], last=x == placed.nodes[-1][1][0])
    for title, x in zip(diagram.titles, placed.columns, strict=False):
        _word(image, title, x, WORD_SIZE + 2, "middle", _GREY)
    return tostring(image, encoding="unicode")


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _group(image: Element, item: str) -> Element:
    """What of the picture shows an item carries its id, as in a formula."""
    return SubElement(image, "g", {"data-item": item}) if item else image


def _draw_edge(image: Element, edge: PlacedEdge) -> None:
    (x1, y1), (x2, y2) = edge.ends
    colour, width = _stroke(edge.edge)
    SubElement(_group(image, edge.edge.item), "line", {
        "x1": _n(x1), "y1": _n(y1), "x2": _n(x2), "y2": _n(y2), "stroke": colour, "stroke-width": _n(width),
    })  # fmt: skip


def _stroke(edge: DiagramEdge) -> tuple[str, float]:
    """An edge's colour and width."""
    if edge.heat is None:
        return (_PATH, _THICK) if edge.on_path else (_FAINT, _THIN)
    heat = edge.heat**0.5  # a small share is to be seen as well
    mixed = (round(cold + heat * (hot - cold)) for cold, hot in zip(_COLD, _HOT, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed), _THIN + heat * (_HOTTEST - _THIN)


def _draw_value(image: Element, edge: PlacedEdge) -> None:
    if edge.label is None:
        return
    group = _group(image, edge.edge.item)
    _paper(group, edge.box)
    _value(group, edge.label, *edge.box.middle)


def _paper(image: Element, box: BoundingBox) -> None:
    """White under a number, so that no line runs through it."""
    SubElement(image, "rect", {
        "x": _n(box.left), "y": _n(box.top), "width": _n(box.right - box.left), "height": _n(box.bottom - box.top),
        "fill": "#ffffff", "rx": "2",
    })  # fmt: skip


def _draw_node(image: Element, node: DiagramNode, x: float, y: float) -> None:
    group = _group(image, node.item)
    if node.item:
        SubElement(group, "circle", {
            "cx": _n(x), "cy": _n(y), "r": _n(RADIUS), "fill": "#ffffff", "stroke": _INK,
            "stroke-width": _n(_THICK if node.on_path else 1.1),
        })  # fmt: skip
    _formula(group, node.symbol, x, y, _SYMBOL_SIZE)
    if node.value is not None:
        _value(group, node.value, x, y + RADIUS + VALUE_BELOW)


def _draw_label(image: Element, node: DiagramNode, x: float, y: float, *, first: bool, last: bool) -> None:
    lines = label_lines(node)
    across, up = RADIUS + WORD_GAP, (len(lines) - 1) * WORD_LINE
    for number, words in enumerate(lines):
        below = number * WORD_LINE
        if first:
            _word(image, words, x - across, y + 4 - up / 2 + below, "end", _INK)
        elif last:
            _word(image, words, x + across, y + 4 - up / 2 + below, "start", _INK)
        else:
            _word(image, words, x, y - RADIUS - 5 - up + below, "middle", _INK)


def _word(image: Element, words: str, x: float, y: float, anchor: str, colour: str, size: float = WORD_SIZE) -> None:
    if words:
        word = SubElement(image, "text", {
            "x": _n(x), "y": _n(y), "text-anchor": anchor, "fill": colour, "font-size": _n(size),
            "font-family": "StepcalcText, StepcalcFallback, serif",
        })  # fmt: skip
        word.text = clean(words)


def _value(image: Element, number: Node, x: float, y: float) -> None:
    """Write a number with its middle at (x, y): as text, which costs less than outlines, unless it has a power."""
    if not isinstance(number, Num) or "e" in number.text:
        _formula(image, number, x, y, VALUE_SIZE)
    else:
        _word(image, text(number), x, y + 0.34 * VALUE_SIZE, "middle", _INK, VALUE_SIZE)


def _formula(image: Element, node: Node, x: float, y: float, size: float) -> None:
    """Draw ``node`` with its middle at (x, y)."""
    ink = typeset(node, display=False, size=size)
    for name, attributes in svg_marks(ink, x - ink.width / 2, y + (ink.ascent - ink.descent) / 2):
        SubElement(image, name, attributes)


def tikz(diagram: Diagram) -> str:
    """The network as a ``tikzpicture``."""
    placed = place(diagram)
    lines = [r"\begin{tikzpicture}[x=0.75bp,y=-0.75bp,font=\footnotesize]"]
    lines += [_tikz_node(index, node, x, y) for index, (node, (x, y)) in enumerate(placed.nodes)]
    lines += [_tikz_edge(placed, edge) for edge in placed.edges]
    lines += [_tikz_label(edge) for edge in placed.edges if edge.label is not None]
    lines += [line for index, (node, at) in enumerate(placed.nodes) for line in _tikz_words(index, node, at, placed)]
    lines += [
        rf"\node[gray] at ({_n(x)},8) {{{escape(title)}}};"
        for title, x in zip(diagram.titles, placed.columns, strict=False)
    ]
    return "\n".join([*lines, r"\end{tikzpicture}"])


def _tikz_node(index: int, node: DiagramNode, x: float, y: float) -> str:
    size = f"minimum size={_n(2 * RADIUS * _POINTS_PER_PIXEL)}bp, inner sep=0pt"
    style = f"circle, draw, {size}, line width={'1.8' if node.on_path else '0.6'}pt" if node.item else size
    return rf"\node[{style}] (n{index}) at ({_n(x)},{_n(y)}) {{${latex(node.symbol)}$}};"


def _tikz_edge(placed: Placed, edge: PlacedEdge) -> str:
    source, target = (placed.index[item] for item in (edge.edge.source, edge.edge.target))
    style = "line width=1.8pt" if edge.edge.on_path else "line width=0.4pt, gray"
    return rf"\draw[{style}] (n{source}) -- (n{target});"


def _tikz_label(edge: PlacedEdge) -> str:
    assert edge.label is not None
    x, y = edge.box.middle
    return rf"\node[fill=white, inner sep=1pt, font=\scriptsize] at ({_n(x)},{_n(y)}) {{${latex(edge.label)}$}};"


def _tikz_words(index: int, node: DiagramNode, at: tuple[float, float], placed: Placed) -> list[str]:
    place_of_label = {placed.columns[0]: "left", placed.columns[-1]: "right"}.get(at[0], "above")
    paper = "below=1pt, fill=white, inner sep=1pt"
    value = [rf"\node[{paper}] at (n{index}.south) {{${latex(node.value)}$}};"] if node.value is not None else []
    anchor, align = {"left": ("west", "right"), "right": ("east", "left"), "above": ("north", "center")}[place_of_label]
    words = r"\\".join(map(escape, label_lines(node)))
    label = [rf"\node[{place_of_label}=2pt, align={align}] at (n{index}.{anchor}) {{{words}}};"] if words else []
    return value + label


def outline(diagram: Diagram) -> list[str]:
    """The network in words: a line a node, and under it a line for each edge that arrives."""
    symbols = {node.item: text(node.symbol, inline=True) for column in diagram.columns for node in column if node.item}
    lines: list[str] = []
    for index, column in enumerate(diagram.columns):
        lines += [clean(diagram.titles[index])] if index < len(diagram.titles) else []
        for node in column:
            lines.append("  " + _in_words(node))
            arriving = [edge for edge in diagram.edges if edge.target == node.item and edge.item]
            lines += [
                f"      ← {symbols[edge.source]}" + (f": {text(label, inline=True)}" if label is not None else "")
                for edge in arriving
                for label in [symbol_and_value(edge)]
            ]
    return lines


def _in_words(node: DiagramNode) -> str:
    value = f" = {text(node.value)}" if node.value is not None else ""
    label = f"  ({clean(node.label)})" if node.label else ""
    return text(node.symbol, inline=True) + value + label
