"""The network's picture: everything is on it, inside it, and little hides anything else."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

import pytest

from stepcalc.board.nodes import Dots, Glyph, Num, Rel, Sym
from stepcalc.sheet.blocks import Diagram, DiagramEdge, DiagramNode, Sheet
from stepcalc.sheet.diagram import outline, svg, tikz
from stepcalc.sheet.placing import RADIUS, BoundingBox, place
from tests.printed import example_sheet

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


# ------------------------------------------------------------------------------------- which weight is which


def diagram_of(name: str) -> Diagram:
    return next(block for block in example_sheet(name).blocks if isinstance(block, Diagram))


@pytest.mark.parametrize("name", ["cookie", "two_two_one", "multi_output", "matrix_deck", "alien_mood"])
def test_edges_say_which_weight_they_carry_and_hide_nothing(name: str) -> None:
    placed = place(diagram_of(name))
    labels = [edge for edge in placed.edges if edge.label is not None]
    assert all(isinstance(edge.label, Rel) and edge.label.left == edge.edge.symbol for edge in labels)
    boxes = [edge.box for edge in labels]
    circles = [BoundingBox(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for _, (x, y) in placed.nodes]
    assert sum(one.overlap(other) for one, other in combinations(boxes, 2)) < 5
    assert sum(box.overlap(circle) for box in boxes for circle in circles) < 5
    assert placed.width <= 645


def test_symbols_alone_where_there_are_no_numbers_or_no_room() -> None:
    assert all(isinstance(edge.label, Sym) for edge in place(diagram_of("two_two_one_symbolic")).edges if edge.label)
    sides = [tuple(DiagramNode(f"{side}{i}", Sym(Glyph(side, str(i)))) for i in range(5)) for side in "xa"]
    edges = tuple(
        DiagramEdge(f"x{i}", f"a{j}", f"w{i}{j}", Num("0.123456789"), symbol=Sym(Glyph("w", f"{i}{j}")))
        for i in range(5)
        for j in range(5)
    )
    assert all(edge.label == edge.edge.symbol for edge in place(Diagram(tuple(sides), edges)).edges)


def test_the_outline_and_latex_name_the_weights() -> None:
    diagram = diagram_of("cookie")
    assert "      ← x₃: w₁₃⁽¹⁾ = 0" in outline(diagram)
    assert r"{$w_{12}^{(1)} = 0.1$}" in tikz(diagram)
