"""The network's picture: everything is on it, inside it, and little hides anything else."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations, pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepcalc.board.nodes import Dots, Glyph, Num, Rel, Sym
from stepcalc.sheet.blocks import Diagram, DiagramEdge, DiagramNode, Sheet
from stepcalc.sheet.context import Context
from stepcalc.sheet.diagram import outline, svg, tikz
from stepcalc.sheet.network_diagram import network_diagram
from stepcalc.sheet.placing import RADIUS, BoundingBox, Placed, circles_of, label_lines, place, values_of
from stepcalc.sheet.story import compose
from stepcalc.trace import Trace
from tests.made import example_sheet
from tests.printed import solved

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


def test_the_labels_of_edges_that_lead_up_are_in_the_picture() -> None:
    weight = Sym(Glyph("w", "x"))
    steps = [(DiagramNode(f"h{at}", Num("1"), row=0), DiagramNode(f"x{at}", Num("1"), row=1)) for at in (1, 2)]
    edges = [DiagramEdge(f"x{at}", f"h{at}", value=Num("-0.8125"), symbol=weight) for at in (1, 2)]
    placed = place(Diagram(tuple(steps), tuple(edges)))
    assert all(edge.label is not None for edge in placed.edges)
    assert min(edge.box.left for edge in placed.edges) >= 0
    assert max(edge.box.right for edge in placed.edges) <= placed.width


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


def path_of(trace: Trace) -> set[str]:
    diagram = next(block for block in compose(trace).blocks if isinstance(block, Diagram))
    return {node.item for column in diagram.columns for node in column if node.on_path}


def test_the_path_goes_on_to_the_loss() -> None:
    hidden = {"type": "dense", "activation": "tanh", "W": [[0.5, 0.2], [0.1, 0.3]]}
    softmax = {"type": "dense", "activation": "softmax", "W": [[0.5, 0.2], [0.1, 0.3], [0.4, -0.2]]}
    two = {"type": "dense", "W": [[0.5, 0.2], [0.1, 0.3]]}
    trace = solved(loss="mse", data={"x": [1, 2], "y": [0, 1]}, layers=[hidden, two])
    assert path_of(trace) == {"a1[1]", "y_hat[1]", "y_hat[2]", "L"}
    data = {"x": [1, 2], "y": [0, 1, 0]}
    trace = solved(loss="categorical_cross_entropy", data=data, layers=[softmax], sheet={"chain": "W1[2,1]"})
    assert path_of(trace) == {"y_hat[2]", "L"}


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


# ------------------------------------------------------------------------------------- nothing over anything


NUMBERS: dict[str, Callable[[random.Random], float]] = {
    "whole": lambda rng: rng.randint(-3, 3),
    "decimals": lambda rng: round(rng.uniform(-9, 9), 1),
    "long": lambda rng: round(rng.uniform(-1, 1), 6),
    "powers": lambda rng: float(f"{rng.choice((-1, 1)) * rng.uniform(1, 10):.4g}e{rng.randint(-7, 4)}"),
}
NAMES = ("", "Milk", "number of hours of sleep last night", "W" * 40, "昨晚的睡眠时间" * 3, "a b " * 60)


def drawn(widths: tuple[int, ...], numbers: str, name: str = "", **more: Any) -> Diagram:
    """The diagram of a network with so many inputs, and units in its layers."""
    rng = random.Random(f"{widths} {numbers}")
    draw = NUMBERS[numbers]
    layers = [
        {
            "type": "dense",
            "activation": "sigmoid",
            "W": [[draw(rng) for _ in range(inputs)] for _ in range(units)],
            "b": [draw(rng) for _ in range(units)],
        }
        for inputs, units in pairwise(widths)
    ]
    data: dict[str, Any] = {"x": [draw(rng) for _ in range(widths[0])], "y": [0.5] * widths[-1]}
    if name:
        data["x_names"] = [f"{name} {place}" for place in range(widths[0])]
    return network_diagram(Context(solved(loss="mse", data=data, layers=layers, **more), "both"))


def hidden(placed: Placed) -> list[tuple[BoundingBox, BoundingBox]]:
    """What stands over something else."""
    labels = [edge.box for edge in placed.edges if edge.label is not None]
    boxes = [*labels, *values_of(placed.nodes), *circles_of(placed.nodes)]
    return [(one, other) for one, other in combinations(boxes, 2) if one.overlap(other) > 5]


def outside(placed: Placed) -> list[BoundingBox]:
    """What stands outside the picture."""
    boxes = [edge.box for edge in placed.edges if edge.label is not None]
    boxes += [*values_of(placed.nodes), *circles_of(placed.nodes)]
    frame = BoundingBox(-0.5, -0.5, placed.width + 0.5, placed.height + 0.5)
    return [
        box
        for box in boxes
        if box.left < frame.left or box.top < frame.top or box.right > frame.right or box.bottom > frame.bottom
    ]


@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize(
    "widths",
    [(1, 1, 1), (1, 10, 1), (10, 2, 10), (2, 2, 1), (4, 3, 1), (3, 3, 3, 3), (8, 8, 8), (5, 1, 5, 1), (2, 3) * 4,
     (2,) * 21, (1,) * 251, (60, 12, 10)],
    ids=lambda widths: "-".join(map(str, widths[:5])),
)  # fmt: skip
def test_nothing_stands_over_anything(widths: tuple[int, ...], numbers: str) -> None:
    placed = place(drawn(widths, numbers))
    assert hidden(placed) == []
    assert outside(placed) == []
    assert placed.width <= 645


@given(st.lists(st.integers(1, 11), min_size=2, max_size=10), st.sampled_from(sorted(NUMBERS)), st.sampled_from(NAMES))
@settings(max_examples=25, deadline=None)
def test_nothing_stands_over_anything_whatever_is_drawn(widths: list[int], numbers: str, name: str) -> None:
    placed = place(drawn(tuple(widths), numbers, name))
    assert hidden(placed) == []
    assert outside(placed) == []
    assert placed.width <= 645


def test_numbers_under_circles_are_left_out_where_they_would_meet() -> None:
    crowded = place(drawn((2,) * 21, "long", rounding={"significant": 14}))
    assert list(values_of(crowded.nodes)) == []
    assert hidden(crowded) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_long_name_takes_several_lines(name: str) -> None:
    diagram = drawn((2, 2, 1), "whole", name)
    lines = label_lines(diagram.columns[0][1])
    assert len(lines) <= 3
    if len(name) < 40:
        assert "".join(lines).replace(" ", "") == (f"{name}1".replace(" ", "") if name else "")
    words = [word.text for word in ElementTree.fromstring(svg(diagram)).findall(f".//{SVG}text")]
    assert set(lines) <= set(words)


@pytest.mark.parametrize(("letter", "letters"), [("W", 22), ("饼", 11)])
def test_a_name_without_spaces_fills_its_lines(letter: str, letters: int) -> None:
    lines = label_lines(DiagramNode("x", Sym(Glyph("x")), label=letter * 500))
    assert lines == (letter * letters, letter * letters, letter * (letters - 1) + "…")


def test_a_long_name_is_aligned_in_latex() -> None:
    written = tikz(drawn((2, 2, 1), "whole", "number of hours of sleep last night"))
    assert r"align=right] at (n0.west) {number of hours of\\sleep last night 0}" in written


def test_of_a_deep_network_the_first_layers_and_the_last_are_drawn() -> None:
    diagram = drawn((2,) * 21, "whole")
    assert diagram.titles == ("input", "layer 1", "layer 2", "layer 3", "15 more", "layer 19", "output", "loss")
    assert [node.symbol for node in diagram.columns[4]] == [Dots("h")]
    assert not [edge for edge in diagram.edges if edge.item.startswith(("W4[", "W19["))]
    assert diagram.alternative.startswith("Network diagram with 2 – 2 – 2 – 2 – … – 2 – 2 units")
