"""The network's picture: everything is on it, inside it, and little hides anything else."""

from __future__ import annotations

from xml.etree import ElementTree

from stepcalc.board.nodes import Dots, Glyph, Num, Sym
from stepcalc.sheet.blocks import Diagram, DiagramEdge, DiagramNode, Sheet
from stepcalc.sheet.diagram import outline, svg, tikz
from stepcalc.sheet.placing import place

SVG = "{http://www.w3.org/2000/svg}"


def cookie_network(sheet: Sheet) -> Diagram:
    return next(block for block in sheet.blocks if isinstance(block, Diagram))


def test_svg_shows_every_node_and_edge(cookie_sheet: Sheet) -> None:
    diagram = cookie_network(cookie_sheet)
    root = ElementTree.fromstring(svg(diagram))
    assert len(root.findall(f".//{SVG}circle")) == 9
    lines = root.findall(f".//{SVG}line")
    assert len(lines) == len(diagram.edges) == 16
    assert root.get("aria-label") == diagram.alternative
    words = [word.text for word in root.findall(f".//{SVG}text")]
    assert [word for word in words if word and word.isalpha()][:4] == ["Sugar", "Flour", "Butter", "Milk"]
    assert {"0.6", "0.990048", "2.382"} <= set(words)


def test_what_shows_an_item_carries_its_id(cookie_sheet: Sheet) -> None:
    root = ElementTree.fromstring(svg(cookie_network(cookie_sheet)))
    shown = {
        group.get("data-item"): {part.tag.removeprefix(SVG) for part in group}
        for group in root.findall(f".//{SVG}g[@data-item]")
    }
    assert len(shown) == 9 + 15
    assert "circle" in shown["y_hat"]
    assert shown["W1[1,1]"] == {"rect", "text"}


def test_path_is_thick_not_only_coloured(cookie_sheet: Sheet) -> None:
    root = ElementTree.fromstring(svg(cookie_network(cookie_sheet)))
    widths = sorted(float(line.get("stroke-width", "0")) for line in root.findall(f".//{SVG}line"))
    assert widths[-3:] == [2.6, 2.6, 2.6]
    assert widths[:-3] == [0.8] * 13


def test_labels_of_edges_keep_apart(cookie_sheet: Sheet) -> None:
    boxes = [edge.box for edge in place(cookie_network(cookie_sheet)).edges if edge.label]
    assert sum(first.overlap(second) for i, first in enumerate(boxes) for second in boxes[:i]) < 5


def test_fits_between_the_margins() -> None:
    columns = tuple(
        tuple(
            DiagramNode(f"{layer}.{unit}", Sym(Glyph("a")), Num("0.123456"), "a rather long name") for unit in range(4)
        )
        for layer in range(8)
    )
    placed = place(Diagram(columns, ()))
    assert placed.width <= 645
    assert all(0 <= x <= placed.width and 0 <= y <= placed.height for _, (x, y) in placed.nodes)


def test_large_layers_have_dots() -> None:
    first, last = (DiagramNode(f"x[{index}]", Sym(Glyph("x", str(index)))) for index in (1, 9))
    columns = ((first, DiagramNode("", Dots("v")), last), (DiagramNode("y", Sym(Glyph("y"))),))
    diagram = Diagram(columns, (DiagramEdge("x[1]", "y"), DiagramEdge("x[9]", "y")))
    assert len(ElementTree.fromstring(svg(diagram)).findall(f".//{SVG}circle")) == 3
    assert r"\vdots" in tikz(diagram)
    assert outline(diagram) == ["  x₁", "  ⋮", "  x₉", "  y"]


def test_no_network_at_all() -> None:
    empty = Diagram((), ())
    assert ElementTree.fromstring(svg(empty)).tag == f"{SVG}svg"
    assert outline(empty) == []
    assert "tikzpicture" in tikz(empty)
