"""Plots: round ticks, everything in its place, nothing hidden, the same said in black and white."""

from __future__ import annotations

import math
from itertools import combinations
from xml.etree import ElementTree

import pytest

from stepcalc.board.nodes import Glyph, Num, Rel, Sym
from stepcalc.sheet.blocks import Axis, Curve, Mark, Plot, Sheet, Table
from stepcalc.sheet.html import html
from stepcalc.sheet.latex import latex
from stepcalc.sheet.pdf import pdf
from stepcalc.sheet.plot import place_plot
from stepcalc.sheet.plot_drawing import STROKES, alternative, svg, tikz
from stepcalc.sheet.scales import around, axis, clipped, line_through, ticks
from stepcalc.sheet.text import text
from stepcalc.sheet.words import words
from tests.sheet.conftest import ATTACK

SVG = "{http://www.w3.org/2000/svg}"
X, Y = Sym(Glyph("x")), Sym(Glyph("y"))


def parabola(*marks: Mark) -> Plot:
    run = tuple((x / 10, (x / 10) ** 2) for x in range(-30, 31))
    curves = (
        Curve(run),
        Curve(((0.0, -1.0), (2.0, 3.0)), "tangent", Rel(Sym(Glyph("m")), "=", Num("2"))),
        Curve(((1.0, 1.0), (0.5, 1.0)), "step"),
        Curve(((0.5, 1.0), (0.5, 0.25)), "guide"),
    )
    shown = marks or (Mark((1.0, 1.0), X, "chosen"), Mark((0.5, 0.25), Y, "hollow"))
    return Plot(axis(X, -3, 3), around(Y, [-1.0, 9.0]), curves, shown, ("A parabola, ", X, "."), ("A plot of ", Y, "."))


# ------------------------------------------------------------------------------------------------------- axes


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-0.3, 1.65, ["0", "0.5", "1", "1.5"]),
        (-5.0, 5.0, ["-4", "-2", "0", "2", "4"]),
        (0.0, 1.0, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (2.0e-9, 9e-9, ["2e-9", "4e-9", "6e-9", "8e-9"]),
        (-1e300, 1.2e300, ["-1e300", "-5e299", "0", "5e299", "1e300"]),
        (1.999, 2.0011, ["1.999", "1.9995", "2", "2.0005", "2.001"]),
    ],
)
def test_ticks_are_round_and_say_no_more_than_they_mean(low: float, high: float, expected: list[str]) -> None:
    assert [tick.text for tick in ticks(low, high, 6)] == expected


@pytest.mark.parametrize("last", [2, 3, 5, 17, 200, 123456])
def test_counted_axes_have_whole_ticks(last: int) -> None:
    found = axis(X, 0, last, whole=True).ticks
    assert 2 <= len(found) <= 7
    assert all(float(tick.text).is_integer() for tick in found)


def test_there_is_room_beyond_values_even_if_they_are_the_same() -> None:
    for values in ([0.0], [2.5, 2.5], [-1e-9, -1e-9], [1e300, 1e300]):
        found = around(X, values)
        assert found.low < values[0] < found.high
        assert math.isfinite(found.high - found.low)


def test_what_leaves_the_picture_is_cut_off_at_its_border() -> None:
    hyperbola = [(x, math.inf if x == 0 else 1 / x) for x in (-2.0, -1.0, -0.1, 0.0, 0.1, 1.0, 2.0)]
    left, right = clipped(hyperbola, -2, 2)
    assert left[0] == (-2.0, -0.5)
    assert left[-1][1] == -2
    assert right[0][1] == 2
    assert right[-1] == (2.0, 0.5)
    assert clipped([(0.0, math.nan), (1.0, 9.0)], 0, 1) == []


def test_a_tangent_stays_inside() -> None:
    x, y = Axis(X, -5, 5), Axis(Y, -1, 2)
    assert line_through((1.0, 1.0), 4.0, 10.0, x, y) == ((0.5, -1.0), (1.25, 2.0))
    assert line_through((1.0, 1.0), -4.0, 10.0, x, y) == ((0.75, 2.0), (1.5, -1.0))
    assert line_through((1.0, 1.0), 0.0, 3.0, x, y) == ((-2.0, 1.0), (4.0, 1.0))
    assert line_through((-4.0, 1.0), 0.0, 3.0, x, y) == ((-5.0, 1.0), (-1.0, 1.0))


# ---------------------------------------------------------------------------------------------------- geometry


def test_points_stand_where_their_numbers_say() -> None:
    placed = place_plot(parabola())
    frame = placed.frame
    (x, y), _ = (at for _, at in placed.marks)
    assert (x - frame.left) / (frame.right - frame.left) == pytest.approx(4 / 6)
    low, high = -1 - 0.6, 9 + 0.6
    assert (frame.bottom - y) / (frame.bottom - frame.top) == pytest.approx((1 - low) / (high - low))


def test_labels_hide_nothing() -> None:
    marks = [Mark((x / 4, x / 4), Sym(Glyph("a", str(x))), "plain") for x in range(-8, 9)]
    placed = place_plot(parabola(*marks, Mark((1.0, 1.0), X, "chosen")))
    boxes = [label.box for label in placed.labels]
    assert sum(one.overlap(other) for one, other in combinations(boxes, 2)) == 0
    assert any(label.node == X for label in placed.labels)
    for box in boxes:
        assert 0 <= box.left < box.right <= placed.width
        assert 0 <= box.top < box.bottom <= placed.height


def test_a_curve_has_no_more_points_than_it_needs() -> None:
    bent = Curve(tuple((x / 100, abs(x / 100)) for x in range(-200, 201)))
    placed = place_plot(Plot(axis(X, -2, 2), axis(Y, 0, 2), (bent,)))
    assert len(placed.lines[0][1]) == 3
    assert len(place_plot(parabola()).lines[0][1]) > 10


def test_small_plots_have_no_numbers() -> None:
    placed = place_plot(parabola(), small=True)
    assert not placed.labels
    assert not placed.ticks
    assert placed.width < 130


# ----------------------------------------------------------------------------------------------------- drawing


def test_lines_differ_without_colour_too() -> None:
    looks = {(stroke.width, stroke.dashes, stroke.arrow) for stroke in STROKES.values()}
    assert len(looks) == len(STROKES)
    greys = sorted(0.3 * r + 0.59 * g + 0.11 * b for r, g, b in map(rgb, {s.colour for s in STROKES.values()}))
    assert greys[-1] < 150  # dark enough on white


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def test_svg_has_every_part_and_a_description() -> None:
    root = ElementTree.fromstring(svg(parabola(), "A <plot> & more"))
    assert (root.get("role"), root.get("aria-label")) == ("img", "A <plot> & more")
    assert {circle.get("fill") for circle in root.findall(f"{SVG}circle")} == {"#1a1a1a", "#ffffff"}
    dashes = [path.get("stroke-dasharray") for path in root.findall(f"{SVG}path")]
    assert {"6 3", "1.5 2.5"} <= set(dashes)
    assert [word.text for word in root.findall(f"{SVG}text")][:4] == ["−3", "−2", "−1", "0"]
    numbers = svg(parabola())
    assert "nan" not in numbers
    assert "inf" not in numbers


def test_tikz_needs_no_more_than_tikz() -> None:
    drawn = tikz(parabola())
    assert drawn.count(r"\begin{tikzpicture}") == drawn.count(r"\end{tikzpicture}") == 1
    assert "-stealth" in drawn
    assert "dash pattern=on 4.5bp off 2.25bp" in drawn
    assert drawn.count("circle[") == 2
    assert "{$m = 2$}" in drawn
    assert "axis" not in drawn


def test_the_same_figure_in_every_format() -> None:
    sheet = Sheet("T", (parabola(), Table((("a",), ("b",)), ((("row",), parabola()),))))
    page = html(sheet)
    assert page.count('class="plot"') == 2
    assert page.count('aria-label="A plot of y."') == 2
    assert "A parabola," in page
    assert latex(sheet).count(r"\begin{tikzpicture}") == 2
    written = text(sheet)
    assert "A plot of y." in written
    assert "row" in written
    assert "b" not in written.splitlines()[-3]  # a terminal shows no column of plots
    assert pdf(sheet).startswith(b"%PDF")


def test_what_a_plot_shows_is_read_out_in_words() -> None:
    plot = Plot(Axis(X, 0, 1), Axis(Y, 0, 1), (), alternative=("At ", Rel(X, "≈", Num("-0.5")), "."))
    assert alternative(plot, words().phrases) == "At x is about minus 0.5."


def test_hostile_words_stay_words() -> None:
    word = Sym(Glyph(ATTACK, upright=True))
    plot = Plot(Axis(word, 0, 1), Axis(word, 0, 1), (Curve(((0.0, 0.0), (1.0, 1.0)), "tangent", word),),
                (Mark((0.5, 0.5), word, "chosen"),), (ATTACK,), (ATTACK,))  # fmt: skip
    sheet = Sheet("T", (plot,))
    root = ElementTree.fromstring(svg(plot, ATTACK.replace("\x00", "")))
    assert {element.tag for element in root.iter()} <= {
        f"{SVG}{tag}" for tag in ("svg", "path", "circle", "rect", "text")
    }
    assert "<script>" not in html(sheet).replace("<script>/", "")[html(sheet).index("<main") :].partition("</main>")[0]
    assert r"\input{/etc" not in latex(sheet)
    assert pdf(sheet).startswith(b"%PDF")


# ------------------------------------------------------------------------------------------ in black and white


def luminance(colour: str) -> float:
    """How light a colour is, from 0 to 1, as WCAG defines it."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("kind", STROKES)
def test_every_line_is_seen_on_white(kind: str) -> None:
    assert contrast(STROKES[kind].colour, "#ffffff") >= 3


def test_a_tangent_is_seen_on_its_curve_without_colours() -> None:
    curve, tangent = STROKES["curve"], STROKES["tangent"]
    assert tangent.dashes
    assert tangent.width < curve.width
    assert luminance(tangent.colour) < luminance(curve.colour)
    assert contrast(tangent.colour, curve.colour) >= 2.5


def test_lines_differ_in_more_than_their_colour() -> None:
    looks = [(stroke.width, stroke.dashes, stroke.arrow) for stroke in STROKES.values()]
    assert len(set(looks)) == len(looks)


def test_one_of_many_is_a_stroke_on_the_axis() -> None:
    marks = (Mark((0.25, 0.1), None, "stroke"), Mark((0.5, 0.5), X, "chosen"))
    plot = Plot(Axis(X, 0, 1), Axis(Y, 0, 1), (), marks)
    frame = place_plot(plot).frame
    root = ElementTree.fromstring(svg(plot))
    assert len(root.findall(f"{SVG}circle")) == 1
    paths = [path.get("d", "") for path in root.findall(f"{SVG}path")]
    (x, bottom) = frame.left + 0.25 * (frame.right - frame.left), frame.bottom
    assert any(path.startswith(f"M{x:g} {bottom:g}L{x:g} ") for path in paths)
    assert tikz(plot).count("circle[") == 1
