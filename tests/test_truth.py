"""Printed lines are true: whoever types a line's numbers into a calculator gets the number printed as its result.

The lines are taken as LaTeX and judged by an independent reader. Worked examples in every view, and drawn problems
of all kinds: every activation and loss, easy numbers and nasty ones, every way of rounding.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

import mpmath
import pytest

from stepcalc.board.latex import latex
from stepcalc.board.nodes import Equation, Hole
from stepcalc.board.transform import walk
from stepcalc.notation import is_setting
from stepcalc.options import Options
from stepcalc.sheet import render
from stepcalc.sheet.blocks import Sheet
from stepcalc.sheet.story import compose
from stepcalc.trace import Trace
from tests.drawn import every_problem, map_problems
from tests.latex_reader import Precision, Unreadable, faults, numeric_sides, printed_number, read, rounds_to
from tests.made import VIEW_AT, example_sheet, in_turn, json_of
from tests.printed import EXAMPLES, example, formulas, lines, numbers, solved

NAMES = [path.stem for path in EXAMPLES]
SYMBOLIC = {"sigmoid_derivative", "two_two_one_symbolic"}
LEAST_LINES = {
    "adam": 25, "alien_mood": 15, "chain_rule": 6, "chain_rule_two_links": 7, "cnn": 60, "cookie": 55,
    "house_prices": 10,
    "matrix_deck": 40, "matrix_deck_step": 30, "momentum": 6, "multi_output": 40, "newton": 28, "newton_bowl": 6,
    "parabola": 4, "perceptron_line": 15, "sklearn_mlp": 30, "two_two_one": 35,
    "gradient_descent_1d": 3, "learning_rates": 8, "mini_batches": 10,
    "lstm": 70, "rnn": 28,
}  # fmt: skip
"""So many lines of each example's fullest sheet can be checked, or the test looks at nothing."""

ONE_VIEW = in_turn(("scalar", "matrix"))
"""One of the two views that each example is looked at in alone; both are looked at together."""
PROBLEMS = [*every_problem(), *map_problems()]
NOISE = 1e-13


def precision(trace: Trace) -> Precision:
    rounding = trace.rounding
    return Precision(rounding.significant if rounding.decimals is None else None, rounding.decimals, rounding.mode)


def substituted(written: str) -> list[str]:
    """The lines with numbers of a JSON trace."""
    return [step["substituted"] for step in json.loads(written)["steps"] if step["substituted"]]


def assert_true(found: list[str], trace: Trace) -> int:
    """No line is false; how many had something to check."""
    asked = precision(trace)
    false = []
    for line in found:
        try:
            false += faults(line, asked)
        except Unreadable as error:
            false.append(f"unreadable: {error}")
    assert not false, "\n".join(false)
    return sum(numeric_sides(line) > 1 for line in found)


def assert_goes_on_truly(sheet: Sheet, trace: Trace) -> None:
    """Lines that go on from the one above end in the same number, to the digits that both show."""
    for block in formulas(sheet):
        last: str | None = None
        for line in block.lines:
            result = last_number(line)
            if line.continued and last is not None and result is not None:
                assert agree(last, result, precision(trace)), latex(line)
            last = result if result is not None else last if line.continued else None


def last_number(line: Equation) -> str | None:
    side = read(latex(line)).sides[-1].latex
    return side if printed_number(side) else None


def agree(one: str, other: str, asked: Precision) -> bool:
    values = [printed_number(text) for text in (one, other)]
    (a, _), (b, _) = (value for value in values if value is not None)
    return rounds_to(mpmath.mpf(str(a)), other, asked) or rounds_to(mpmath.mpf(str(b)), one, asked) or a == b


def assert_numbers_are_the_traces(sheet: Sheet, trace: Trace) -> int:
    """Each number that says which item it is, is that item's: rounded, never 0 unless it is 0; how many there are."""
    asked, count = precision(trace), 0
    for number in numbers(sheet.blocks):
        assert re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", number.text), number
        assert not (number.text.startswith("-") and not Decimal(number.text)), f"minus zero: {number}"
        if number.item is None or is_setting(number.item):
            continue
        value = trace.value(number.item)
        assert value is not None, number
        count += 1
        if trace.rounding.carry and number.item.startswith("d"):
            continue  # carried numbers depend on the road; the sheet says so
        if not Decimal(number.text):
            assert abs(value) < NOISE, number
        else:
            assert rounds_to(mpmath.mpf(value), spaced(number.text), asked), (number, value)
    return count


def spaced(text: str) -> str:
    mantissa, _, power = text.partition("e")
    return mantissa if not power else rf"{mantissa} \cdot 10 ^ {{ {power} }}"


def assert_clean(sheet: Sheet) -> None:
    """No NaN, no infinity, no minus zero, and arrays are full where they are shown at rest."""
    text = "\n".join(lines(sheet))
    assert not re.search(r"\b(nan|inf|None)\b", text, re.IGNORECASE)
    for block in formulas(sheet):
        for line in block.lines:
            assert not any(isinstance(part, Hole) for side in line.parts for part in walk(side)), latex(line)


def asides(sheet: Sheet) -> Iterator[list[Equation]]:
    for block in formulas(sheet):
        filling = [line for line in block.lines if line.aside is not None]
        if filling:
            yield filling


def holes(line: Equation) -> int:
    assert line.aside is not None
    return sum(isinstance(part, Hole) for part in walk(line.aside))


def assert_arrays_fill_up(sheet: Sheet) -> None:
    for filling in asides(sheet):
        left = [holes(line) for line in filling]
        assert all(later < earlier for earlier, later in pairwise(left))
        assert left[-1] == 0


def check(trace: Trace, sheet: Sheet) -> int:
    checked = assert_true(lines(sheet), trace)
    assert_goes_on_truly(sheet, trace)
    assert_numbers_are_the_traces(sheet, trace)
    assert_clean(sheet)
    assert_arrays_fill_up(sheet)
    return checked


@pytest.mark.parametrize(
    ("name", "view"), [*((name, "both") for name in NAMES), *((name, ONE_VIEW[name]) for name in NAMES)]
)
def test_worked_examples(name: str, view: str) -> None:
    checked = check(example(name), example_sheet(name, view))
    if name in SYMBOLIC:
        assert checked == 0
    elif view == "both":
        assert checked >= LEAST_LINES[name]


@pytest.mark.parametrize(
    ("name", "view"), [(name, view) for name, view in VIEW_AT["txt"].items() if name in LEAST_LINES]
)
def test_lines_of_the_json_trace(name: str, view: str) -> None:
    checked = assert_true(substituted(json_of(name, view)), example(name))
    assert view == "matrix" or checked >= LEAST_LINES[name] // 4


@pytest.mark.parametrize("name", sorted(LEAST_LINES))
def test_worked_examples_name_their_numbers(name: str) -> None:
    assert assert_numbers_are_the_traces(example_sheet(name), example(name)) >= 4


@pytest.mark.parametrize("number", range(len(PROBLEMS)))
def test_drawn_problems(number: int) -> None:
    trace = solved(**PROBLEMS[number])
    view = ("both", "both", "matrix", "scalar")[number % 4]
    assert check(trace, compose(trace, Options(view=view))) >= 1
    if number % 4 == 1:
        assert_true(substituted(str(render(trace, "json", Options(view=view)))), trace)


def test_the_reader_finds_what_is_false() -> None:
    """The slips of a sheet computed with other numbers than it shows, and signs that nobody can read."""
    asked = Precision(3, None, "half_up")
    assert faults(r"z = 0.454 \cdot 0.01088 \approx 0.00493", asked)
    assert not faults(r"z = 0.454 \cdot 0.01088 \approx 0.00494", asked)
    assert faults(r"z = 0.454 \cdot 0.01088 = 0.00494", asked)
    assert faults(r"1 - 9.86 \cdot 10^{-305} = 1", asked)
    assert faults(r"\begin{bmatrix} 1 + 1 & 2 \end{bmatrix} = \begin{bmatrix} 2 & 3 \end{bmatrix}", asked)
    assert not faults(r"-\ln\left( 1 - 0.907634 \right) = -\ln 0.092366 \approx 2.38", asked)
    for unreadable in (r"0.5 0.3 = 0.15", r"3 \cdot -2 = -6", r"1 + -2 = -1", r"\ln 2 \cdot 10^{-9} \approx -20"):
        with pytest.raises(Unreadable):
            faults(unreadable, asked)


def test_the_reader_knows_how_a_value_is_rounded() -> None:
    third = mpmath.mpf(2) / 3
    assert rounds_to(third, "0.667", Precision(3, None, "half_up"))
    assert rounds_to(third, "0.666", Precision(3, None, "truncate"))
    assert not rounds_to(third, "0.67", Precision(3, None, "half_up"))
    assert rounds_to(mpmath.mpf("268312"), "268300", Precision(4, None, "half_up"))
    assert rounds_to(mpmath.mpf("0.0000123"), r"1.23 \cdot 10 ^ { -5 }", Precision(3, None, "half_up"))
