"""The labels in plots: measured against every line, dot and other label, in every worked example and drawn problem."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise

import pytest

from stepcalc import facts
from stepcalc.board.nodes import Glyph, Num, Rel, Sym
from stepcalc.sheet.blocks import Axis, Curve, Mark, Plot, Point, Sheet
from stepcalc.sheet.context import Context
from stepcalc.sheet.figures import activation_figure, cost_figure, history_figure
from stepcalc.sheet.labels import Label, Line
from stepcalc.sheet.numerical import nudged_item
from stepcalc.sheet.placing import BoundingBox
from stepcalc.sheet.plot import MARK_RADIUS, STROKE_HEIGHT, PlacedPlot, place_plot
from stepcalc.sheet.plot_drawing import STROKES, tikz
from stepcalc.sheet.story import compose
from stepcalc.sheet.typeset import typeset
from tests.drawn import every_problem
from tests.made import example_sheet
from tests.printed import EXAMPLES, said, solved

PROBLEMS = every_problem()
X, Y = Sym(Glyph("x")), Sym(Glyph("y"))


def distance(box: BoundingBox, point: Point) -> float:
    """How far a point is outside a box."""
    (x, y) = point
    return math.hypot(max(box.left - x, 0.0, x - box.right), max(box.top - y, 0.0, y - box.bottom))


def along(line: Line, step: float = 0.5) -> list[Point]:
    """Points on a line, close together."""
    (x1, y1), (x2, y2) = line
    count = max(1, math.ceil(math.dist(*line) / step))
    return [(x1 + place / count * (x2 - x1), y1 + place / count * (y2 - y1)) for place in range(count + 1)]


def letters(label: Label) -> BoundingBox:
    """What the ink of a label takes."""
    ink = typeset(label.node, display=False, size=12.0)
    (x, y), across, up = label.at, ink.width / 2, (ink.ascent + ink.descent) / 2
    return BoundingBox(x - across, y - up, x + across, y + up)


def faults(placed: PlacedPlot) -> list[str]:
    """What a reader would complain of."""
    found: list[str] = []
    inside = [label for label in placed.labels if label.inside]
    dots = [at for mark, at in placed.marks if mark.kind != "stroke"]
    strokes = [((x, placed.frame.bottom - STROKE_HEIGHT), (x, placed.frame.bottom))
               for mark, (x, _) in placed.marks if mark.kind == "stroke"]  # fmt: skip
    for label in inside:
        box = letters(label)
        for curve, points in placed.lines:
            half = STROKES[curve.kind].width / 2
            if any(distance(box, point) < half + 1 for ends in pairwise(points) for point in along(ends)):
                found.append(f"{label.node} lies on a {curve.kind}")
        if any(distance(box, dot) < MARK_RADIUS + 1 for dot in dots):
            found.append(f"{label.node} lies on a dot")
        if any(distance(box, point) < 1 for ends in (*strokes, *placed.ticks) for point in along(ends)):
            found.append(f"{label.node} lies on a stroke at an axis")
        if box.left < placed.frame.left + 1 or box.bottom > placed.frame.bottom - 1:
            found.append(f"{label.node} lies on an axis")
        if box.top < 0 or box.right > placed.width:
            found.append(f"{label.node} leaves the picture")
        leaders = [other.leader for other in inside if other is not label and other.leader is not None]
        if any(distance(box, point) < 1 for leader in leaders for point in along(leader)):
            found.append(f"{label.node} lies on a leader")
    for one, other in combinations(placed.labels, 2):
        if (one.inside or other.inside) and one.box.overlap(other.box):
            found.append(f"{one.node} lies on {other.node}")
    for curve, points in placed.lines:
        out = BoundingBox(placed.frame.left, placed.frame.top, placed.frame.right, placed.frame.bottom)
        if any(distance(out, point) > 1e-6 for point in points):
            found.append(f"a {curve.kind} leaves the frame")
    return found


def figures(sheet: Context) -> Iterator[Plot]:
    """Every figure that a problem's sheet may have, without the rest of it."""
    for quantity in sheet.graph.quantities.values():
        if facts.rule(sheet.trace, quantity.name) == "activation":
            yield from activation_figure(sheet, quantity)
    for item in sheet.graph.parameters and [nudged_item(sheet)]:
        yield from cost_figure(sheet, item)
    if sheet.trace.numeric and len(sheet.trace.history) > 2:
        yield from history_figure(sheet)


def plots(sheet: Sheet) -> list[Plot]:
    return [block for block in sheet.blocks if isinstance(block, Plot)]


def assert_readable(shown: Iterable[Plot]) -> None:
    for plot in shown:
        placed = place_plot(plot)
        assert faults(placed) == []
        named = [curve.label for curve in plot.curves] + [mark.label for mark in plot.marks]
        written = [label.node for label in placed.labels if label.inside]
        assert len(written) + len(placed.homeless) == len([node for node in named if node is not None])
        assert ("The plot has no room" in said(plot.caption)) == bool(placed.homeless)


@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_nothing_is_covered_in_worked_examples(name: str) -> None:
    assert_readable(plots(example_sheet(name)))


@pytest.mark.parametrize("number", range(len(PROBLEMS)))
def test_nothing_is_covered_in_drawn_problems(number: int) -> None:
    assert_readable(figures(Context(solved(**PROBLEMS[number]), "both")))


def test_every_label_of_the_examples_finds_a_place() -> None:
    for path in EXAMPLES:
        assert not any(place_plot(plot).homeless for plot in plots(example_sheet(path.stem)))


def crowded(dots: int) -> Plot:
    """A steep and a flat line with many points that are named."""
    lines = (Curve(((0.0, 0.0), (1.0, 1.0))), Curve(((0.1, 0.4), (0.9, 0.5)), "tangent", Rel(Y, "=", Num("0.125"))))
    marks = tuple(Mark((place / dots, place / dots), Sym(Glyph("a", str(place)))) for place in range(dots))
    return Plot(Axis(X, 0, 1), Axis(Y, 0, 1), lines, marks)


@pytest.mark.parametrize("dots", [1, 4, 12, 60])
def test_the_measure_finds_nothing_in_a_crowd(dots: int) -> None:
    assert faults(place_plot(crowded(dots))) == []


def test_the_measure_finds_a_label_on_a_curve() -> None:
    placed = place_plot(crowded(3))
    ((_, points), *_), label = placed.lines, placed.labels[-1]
    moved = Label(label.node, points[0], label.box, inside=True)
    assert any("lies on a curve" in fault for fault in faults(
        PlacedPlot(placed.width, placed.height, placed.frame, placed.lines, placed.marks, placed.zeros, placed.ticks,
                   (moved,), ())
    ))  # fmt: skip


def test_a_label_far_from_its_point_is_led_to_it() -> None:
    marks = tuple(Mark((0.5 + place / 200, 0.5), Sym(Glyph("a", str(place)))) for place in range(9))
    placed = place_plot(Plot(Axis(X, 0, 1), Axis(Y, 0, 1), (), marks))
    assert faults(placed) == []
    leaders = [label.leader for label in placed.labels if label.leader is not None]
    dots = [at for _, at in placed.marks]
    assert leaders
    for _, end in leaders:
        assert min(math.dist(end, dot) for dot in dots) < MARK_RADIUS + 4
    assert tikz(Plot(Axis(X, 0, 1), Axis(Y, 0, 1), (), marks)).count("line width=0.45bp") == len(leaders)


def test_what_has_no_room_is_told_below() -> None:
    name = "W" * 40
    (plot,) = plots(compose(solved(title="p", given={name: 3}, define={"J": f"{name}^2"})))
    placed = place_plot(plot)
    assert len(placed.homeless) == 2
    assert said(plot.caption).endswith(" = 6.")
