"""Digits: what counts as right, as rounded, as cut off."""

from __future__ import annotations

import numpy as np
import pytest

from stepcalc.marking.interval import as_interval
from stepcalc.marking.precision import (
    Asked,
    Given,
    is_cut,
    is_nothing,
    is_right,
    is_single_digit_of,
    meets,
    rounded_off,
)
from stepcalc.typed.numbers import read_numbers

THREE = Asked(decimals=3)
FOUR = Asked(significant=4)


def given(*raw: str) -> Given:
    return Given.of(read_numbers(raw, "."))


@pytest.mark.parametrize(
    ("raw", "right", "asked", "expected"),
    [
        ("0.908", 0.907634, THREE, True),
        ("0.907", 0.907634, THREE, False),
        ("0.9076", 0.907634, THREE, True),
        ("0.91", 0.907634, THREE, False),
        ("0.9", 0.9, THREE, True),
        ("0.900", 0.89996, THREE, True),
        ("0.9", 0.89996, THREE, False),
        ("4.6", 4.6, FOUR, True),
        ("4.600", 4.6, FOUR, True),
        ("4.5996", 4.6, FOUR, False),
        ("0.9076", 0.907634, FOUR, True),
        ("0.908", 0.907634, FOUR, False),
        ("0.002226", 0.00222556, FOUR, True),
        ("2.226e-3", 0.00222556, FOUR, True),
        ("2.23e-3", 0.00222556, FOUR, False),
        ("0.4535", 0.45349999999999996, FOUR, True),
        ("0.45345", 0.45345, FOUR, True),
        ("0.4534", 0.45345, FOUR, True),
        ("0.4535", 0.45345, FOUR, True),
        ("0", 0.0, FOUR, True),
        ("0.000", 0.0004, THREE, True),
        ("0", 0.0004, THREE, False),
        ("-5.551e-17", 0.0, THREE, True),  # what a double leaves of 0.75 + 0.2 − 0.2 − 0.75
        ("1.490116e-08", 0.0, FOUR, True),  # and a single
        ("0.0004", 0.0, THREE, False),
        ("1e-5", 0.0, FOUR, False),
        ("2.776e-17", 0.0, Asked(relative=0.1), True),
        ("0", 0.3, Asked(significant=1), False),
        ("-0.908", 0.907634, THREE, False),
        ("0.907", 0.907634, Asked(decimals=3, truncates=True), True),
        ("0.95", 0.9, Asked(relative=0.1), True),
        ("1.0", 0.9, Asked(relative=0.1), False),
        ("0.9001", 0.9, Asked(absolute=1e-3), True),
        ("1.1", 1.0, Asked(absolute=0.1), True),  # to a double, 1.1 − 1 is more than 0.1
        ("2/3", 0.66669, FOUR, True),
    ],
)
def test_right(raw: str, right: float, asked: Asked, expected: bool) -> None:
    assert is_right(given(raw), np.array([right]), asked).tolist() == [expected]


@pytest.mark.parametrize(
    ("raw", "value", "asked", "expected"),
    [
        ("0.907", 0.907634, THREE, True),  # cut off
        ("0.908", 0.907634, THREE, True),  # rounded
        ("0.909", 0.907634, THREE, False),
        ("0.906", 0.907634, THREE, False),
        ("0.91", 0.907634, THREE, True),  # with the digits that it has
        ("4.4", 4.5, FOUR, False),  # a whole unit off is not cut off
        ("4.599", 4.6, FOUR, False),
        ("4.49999", 4.5, FOUR, False),
        ("-4.4", -4.5, FOUR, False),
        ("0.90763393583422", 0.907633935834225, FOUR, True),
        ("0.9076339358342249", 0.907633935834225, FOUR, True),
        ("4.4", 4.4999, FOUR, True),
        ("0.1", 0.1, THREE, True),
        ("0.1", 0.1004, THREE, True),  # 0.100, the zeros left out
        ("0.1", 0.14, THREE, False),
        ("5", 4.6, FOUR, False),
        ("-0.907", -0.907634, THREE, True),
        ("-0.907", 0.907634, THREE, False),
        ("0", 0.002, THREE, False),
        ("0.000", 0.0009, THREE, True),  # cut off
        ("0.000", 0.001, THREE, False),
        ("0.000", -0.001, THREE, False),
        ("-0.000", -0.0009, THREE, True),
        ("0.000", 0.0009, FOUR, False),
        ("0.000", 5.55e-17, FOUR, True),  # a 0 that doubles have spoilt
        ("12", 12.3, FOUR, True),
        ("1/3", 0.33335, FOUR, True),
        ("1/3", 0.3335, FOUR, False),
        ("0.30000000000000004", 0.3, FOUR, True),
        ("0.29999999999999993", 0.3, FOUR, True),
        ("1.1", 1.0, Asked(relative=0.1), True),
        ("1.105", 1.0, Asked(relative=0.1), False),  # a share of the right number, not of the answer
        ("0.905", 1.0, Asked(relative=0.1), True),
        ("-1.105", -1.0, Asked(relative=0.1), False),
        ("-0.905", -1.0, Asked(relative=0.1), True),
        ("0.3", 1.0, Asked(relative=1.0), True),
        ("-0.1", 1.0, Asked(relative=1.0), False),
        ("1.15", 1.0, Asked(relative=0.1, absolute=0.05), True),
        ("1.16", 1.0, Asked(relative=0.1, absolute=0.05), False),
    ],
)
def test_meets(raw: str, value: float, asked: Asked, expected: bool) -> None:
    one = given(raw)
    assert meets(one.box(asked), one.value, as_interval(np.array([value])), asked).tolist() == [expected]


@pytest.mark.parametrize(
    ("raw", "right", "asked", "expected"),
    [
        ("0", 0.0004, THREE, True),
        ("0.00", -0.0004, THREE, True),
        ("0", 0.002, THREE, False),
        ("0", 0.0004, FOUR, False),
        ("0.1", 0.0004, THREE, False),
    ],
)
def test_nothing(raw: str, right: float, asked: Asked, expected: bool) -> None:
    assert is_nothing(given(raw), np.array([right]), asked).tolist() == [expected]


@pytest.mark.parametrize(
    ("raw", "asked", "ends"),
    [
        ("4.6", FOUR, (4.6, 4.6)),  # all of it
        ("4.7", FOUR, (4.65, 4.8)),
        ("5", FOUR, (4.6, 5.001)),  # a single digit of it
        ("3", FOUR, (2.9995, 3.001)),
        ("5", Asked(absolute=0.1), (4.5, 6)),
        ("9/2", FOUR, (4.5, 4.5)),
    ],
)
def test_what_a_number_may_have_been(raw: str, asked: Asked, ends: tuple[float, float]) -> None:
    found = given(raw).before_rounding(asked, np.array([4.6]))
    assert (found.lo.item(), found.hi.item()) == pytest.approx(ends, abs=1e-6)


@pytest.mark.parametrize(
    ("raw", "right", "asked", "expected"),
    [
        ("0.9", 0.907634, FOUR, True),
        (".9", 0.907634, THREE, True),
        ("9e-1", 0.907634, THREE, True),
        ("-0.9", -0.907634, THREE, True),
        ("-0.9", 0.907634, THREE, False),
        ("0.8", 0.907634, THREE, False),
        ("5", 4.6, FOUR, True),
        ("4", 4.6, FOUR, False),
        ("4", 4.6, Asked(significant=4, truncates=True), True),
        ("0.1", 0.14, THREE, True),
        ("2", 1.5, FOUR, True),
        ("1", 1.5, FOUR, False),
        ("-1", -1.5, FOUR, False),
        ("1e1", 12.3, FOUR, True),
        ("0.90", 0.907634, THREE, False),  # two digits
        ("0.9", 0.907634, Asked(decimals=1), False),  # as many as asked
        ("0.9", 0.907634, Asked(relative=0.01), False),
        ("0", 0.3, FOUR, False),
        ("0.0", 0.04, THREE, False),
        ("1", 1 / 1.0001, FOUR, True),
        ("1/2", 0.500001, FOUR, False),  # no digits
    ],
)
def test_a_single_digit(raw: str, right: float, asked: Asked, expected: bool) -> None:
    assert is_single_digit_of(given(raw), np.array([right]), asked).tolist() == [expected]


def test_a_single_digit_may_have_been_anything_from_there_to_the_right_number() -> None:
    found = given("0.9", "0.9", "-0.9").before_rounding(FOUR, np.array([0.907634, 0.5, -0.907634]))
    assert found.lo.tolist() == pytest.approx([0.9, 0.9, -0.907634], abs=1e-4)
    assert found.hi.tolist() == pytest.approx([0.907634, 0.9, -0.9], abs=1.1e-4)


def test_cut_off_is_not_rounded() -> None:
    raw = given("0.907", "0.908", "-0.907", "0.906", "2.375")
    right = np.array([0.907634, 0.907634, -0.907634, 0.907634, 2.381996])
    assert is_cut(raw, right).tolist() == [True, False, True, False, False]


def test_rounding_reaches_both_neighbours_and_never_0() -> None:
    found = rounded_off(as_interval(np.array([0.907634, -0.907634, 0.0002, 0.5, np.inf])), THREE)
    assert found.lo.tolist() == pytest.approx([0.907, -0.908, 0.0002, 0.5, np.inf])
    assert found.hi.tolist() == pytest.approx([0.908, -0.907, 0.0002, 0.5, np.inf])
    assert rounded_off(as_interval(np.array([1234.5])), FOUR).lo.tolist() == [1234.0]


def test_a_fraction_has_no_digits() -> None:
    assert is_right(given("1/3"), np.array([1 / 3]), FOUR).all()
    assert not is_right(given("1/3"), np.array([0.34]), FOUR).any()
