"""The page on marking says what is read, and it is read like that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stepcalc.calculus.pieces import FUNCTIONS
from stepcalc.calculus.syntax import MAX_DEPTH, MAX_LENGTH, Refused
from stepcalc.notation import Notation
from stepcalc.typed.formulas import MAX_DEGREE, read_formula
from stepcalc.typed.names import Names
from stepcalc.typed.numbers import EXACT, INVALID, MISSING, READ, read_numbers
from tests.printed import example

WHOLE = (Path(__file__).resolve().parents[2] / "docs" / "marking.md").read_text(encoding="utf-8")
PAGE = WHOLE.partition("## What students may type")[2].partition("\n## ")[0]
SPACED = " ".join(PAGE.split())


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


ROWS = [
    (typed, meant.strip())
    for cells, meant in re.findall(r"^\| (`.*?) \| (.*?) \|$", PAGE, re.MULTILINE)
    for typed in quoted(cells)
]


def names() -> Names:
    trace = example("two_two_one")
    return Names(Notation(trace.graph, trace.problem, optimizer=trace.optimizer))


@pytest.mark.parametrize(("typed", "meant"), ROWS)
def test_numbers_are_read_as_the_page_says(typed: str, meant: str) -> None:
    numbers = read_numbers([typed])
    told = re.match(r"−?[\d.]+", meant)
    assert numbers.state[0] == READ
    assert (numbers.place[0] == EXACT) == (told is None)
    if told:
        assert numbers.value[0] == float(told[0].replace("−", "-"))
    if "decimals" in meant or "figures" in meant:
        assert (numbers.place[0], numbers.figures[0]) == (-3, 3)


def test_what_the_page_calls_no_number_is_none() -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("No numbers are"))
    assert len(quoted(line)) == 6
    assert set(read_numbers(quoted(line)).state) == {INVALID}
    assert set(read_numbers(["", " ", "-", "–", "?", "n/a", "none"]).state) == {MISSING}


def test_the_formulas_that_are_the_same_are() -> None:
    block = PAGE.split("```")[1]
    found = [read_formula(line, names()).expression for line in block.strip().splitlines()]
    assert len(found) == 5
    assert all((one - found[0]).expand() == 0 for one in found)


@pytest.mark.parametrize("typed", ["(ŷ-y)/ŷ(1-ŷ)", "ln x_1 x_2", "ln x_1/x_2"])
def test_what_can_be_read_in_two_ways_is_refused(typed: str) -> None:
    assert f"`{typed}`" in SPACED
    with pytest.raises(Refused):
        read_formula(typed, names())


def test_the_functions_told_are_those_that_are_read() -> None:
    told = SPACED.split("Functions: `")[1].split("`")[0].split()
    assert set(told) == {*FUNCTIONS, "sgn"}


def test_the_limits_told_are_those_that_hold() -> None:
    assert f"at most {MAX_LENGTH:,} characters, is nested at most {MAX_DEPTH} deep" in SPACED
    assert f"come to at most {MAX_DEGREE}." in SPACED
