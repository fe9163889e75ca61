"""Rounding, held against the decimal module and against itself (scalar and array path)."""

from __future__ import annotations

import math
import time
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stepcalc.rounding import Mode, Rounding, marks_text

MODES: tuple[Mode, ...] = ("half_up", "half_even", "truncate")
DECIMAL_MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "truncate": ROUND_DOWN}
PRECISIONS = [{"significant": s} for s in (1, 2, 3, 4, 6, 10, 14, 15)] + [{"decimals": d} for d in (0, 1, 3, 4, 8)]

finite = st.floats(allow_nan=False, allow_infinity=False)
roundings = st.builds(
    lambda precision, mode: Rounding(**precision, mode=mode), st.sampled_from(PRECISIONS), st.sampled_from(MODES)
)


@pytest.mark.parametrize(
    ("x", "rounding", "text"),
    [
        (0.4535, Rounding(3), "0.454"),
        (2.675, Rounding(decimals=2), "2.68"),
        (-2.675, Rounding(decimals=2), "-2.68"),
        (2.675, Rounding(decimals=2, mode="half_even"), "2.68"),
        (2.665, Rounding(decimals=2, mode="half_even"), "2.66"),
        (2.675, Rounding(decimals=2, mode="truncate"), "2.67"),
        (0.9076341279, Rounding(3, mode="truncate"), "0.907"),
        (0.00002, Rounding(decimals=3), "2e-5"),
        (0.00002, Rounding(decimals=3, mode="truncate"), "2e-5"),
        (0.000289, Rounding(decimals=3), "0.0003"),
        (0.000289, Rounding(decimals=3, mode="truncate"), "0.0002"),
        (0.0006, Rounding(decimals=3), "0.001"),
        (0.0095, Rounding(decimals=1), "0.01"),
        (0.0006, Rounding(decimals=3, mode="truncate"), "0.0006"),
        (0.5, Rounding(decimals=0), "1"),
        (0.4, Rounding(decimals=0), "0.4"),
        (4.6, Rounding(), "4.6"),
        (4.6000000000000005, Rounding(), "4.6"),
        (0.1 + 0.2, Rounding(17), "0.3"),
        (20000.0, Rounding(), "20000"),
        (20000.0, Rounding(decimals=2), "20000"),
        (0.5, Rounding(), "0.5"),
        (0.990048, Rounding(), "0.9900"),
        (2.38199, Rounding(), "2.382"),
        (9.99962, Rounding(), "10.00"),
        (0.99996, Rounding(), "1.000"),
        (9.9996, Rounding(decimals=3), "10.000"),
        (99999.7, Rounding(), "100000"),
        (123456.0, Rounding(), "123500"),
        (9999999.9, Rounding(), "1.000e7"),
        (10000000.0, Rounding(), "1e7"),
        (12345678.0, Rounding(), "1.235e7"),
        (0.0001, Rounding(), "0.0001"),
        (0.000099999, Rounding(), "0.0001000"),
        (2.0611536181902037e-9, Rounding(), "2.061e-9"),
        (-2.0611536181902037e-9, Rounding(), "-2.061e-9"),
        (1e-9, Rounding(), "1e-9"),
        (0.0, Rounding(), "0"),
        (-0.0, Rounding(), "0"),
        (-0.0, Rounding(decimals=2), "0"),
        (5e-324, Rounding(), "4.941e-324"),
    ],
)
def test_printed(x: float, rounding: Rounding, text: str) -> None:
    assert rounding.printed(x) == text


def test_guard_digits() -> None:
    assert [Rounding().printed(0.990048198133, extra) for extra in (0, 1, 2, 3)] == [
        "0.9900", "0.99005", "0.990048", "0.9900482",
    ]  # fmt: skip
    assert Rounding().printed(1 / 3, 11) == "0.333333333333333"
    assert Rounding().printed(0.1 + 0.2, 5) == "0.3"
    assert Rounding().printed(0.1 + 0.2, 13) == "0.30000000000000004"
    assert Rounding(decimals=3).printed(0.000289123, 2) == "0.000289"
    assert Rounding().printed(4.6, 5) == "4.6"


def test_exact_prints_given_data_in_full() -> None:
    rounding = Rounding(2)
    assert rounding.exact(0.123456) == "0.123456"
    assert rounding.exact(1000.0) == "1000"
    assert rounding.exact(-0.0) == "0"
    assert rounding.exact(-1e22) == "-1e22"
    assert rounding.exact(np.float64(0.1)) == "0.1"


def test_is_exact() -> None:
    rounding = Rounding()
    assert rounding.is_exact(4.6, "4.6")
    assert rounding.is_exact(4.6000000000000005, "4.6")
    assert rounding.is_exact(0.0, "0")
    assert not rounding.is_exact(0.990048198133, "0.9900")
    assert not rounding.is_exact(1 / 3, "0.333333333333333")
    assert rounding.is_exact(123456789012345.0, "1.23456789012345e14")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_has_no_digits_is_not_printed(bad: float) -> None:
    with pytest.raises(ValueError, match="no digits"):
        Rounding().printed(bad)


@pytest.mark.parametrize("bad", [{"significant": 0}, {"significant": None}, {"decimals": -1}, {"mode": "up"}])
def test_unusable_settings(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"digit|negative|mode"):
        Rounding(**bad)


@given(finite, roundings, st.integers(0, 14))
def test_never_zero_never_minus_zero(x: float, rounding: Rounding, extra: int) -> None:
    text = rounding.printed(x, extra)
    assert (Decimal(text) == 0) == (x == 0)
    assert text.startswith("-") == (x < 0)
    assert text.isascii()
    assert text not in {"-0", "0.0", "-0.0"}


@given(finite.filter(bool), st.integers(1, 15), st.sampled_from(MODES))
def test_significant_digits_as_the_decimal_module_has_them(x: float, significant: int, mode: Mode) -> None:
    shortest = Decimal(f"{x:.15g}")
    quantum = Decimal(1).scaleb(shortest.adjusted() - significant + 1)
    text = Rounding(significant, mode=mode).printed(x)
    assert Decimal(text) == (shortest / quantum).to_integral_value(DECIMAL_MODES[mode]) * quantum


@given(st.floats(-1e9, 1e9), st.integers(0, 5), st.sampled_from(MODES))
def test_decimals_as_the_decimal_module_has_them(x: float, decimals: int, mode: Mode) -> None:
    expected = Decimal(f"{x:.15g}").quantize(Decimal(1).scaleb(-decimals), DECIMAL_MODES[mode])
    if expected:
        assert Decimal(Rounding(decimals=decimals, mode=mode).printed(x)) == expected


@given(finite, roundings)
def test_rounding_twice_changes_nothing(x: float, rounding: Rounding) -> None:
    once = rounding.round(x)
    assert math.isfinite(once)
    assume(x == 0 or abs(x) > 1e-300)  # below, a double no longer keeps 15 digits
    assert rounding.round(once) == once


@given(st.floats(-1e300, 1e300), roundings)
def test_carried_is_what_is_printed(x: float, rounding: Rounding) -> None:
    assert rounding.round(x) == float(rounding.printed(x))


@pytest.mark.parametrize("x", [0.00045, 0.0004999, -0.00045])
def test_what_is_carried_so_as_not_to_be_0_stays_as_it_is(x: float) -> None:
    """0.00045 is carried as 0.0005, which by itself would be rounded up to 0.001."""
    rounding = Rounding(decimals=3, carry=True)
    carried = rounding.round(x)
    assert rounding.printed(x) == rounding.printed(carried) == ("-0.0005" if x < 0 else "0.0005")
    assert rounding.round(carried) == carried == rounding.round_array(np.array([carried]))[0]
    assert rounding.printed(carried, 2) == rounding.printed(carried)
    assert Rounding(decimals=3).printed(carried) == ("-0.001" if x < 0 else "0.001")


@given(st.floats(-10, 10), st.integers(0, 5), st.sampled_from(MODES))
def test_printing_what_is_carried_changes_nothing(x: float, decimals: int, mode: Mode) -> None:
    rounding = Rounding(decimals=decimals, mode=mode, carry=True)
    carried = rounding.round(x)
    assert float(rounding.printed(carried)) == float(rounding.printed(x)) == carried == rounding.round(carried)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**6), max_value=10**6), roundings)
def test_decimals_and_doubles_print_alike(value: Decimal, rounding: Rounding) -> None:
    assert rounding.printed_decimal(value) == rounding.printed(float(value))


def hard_numbers(count: int, seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """All magnitudes, school magnitudes, ties, short decimals, neighbours of powers of ten."""
    rng = np.random.default_rng(seed)
    part = count // 5
    bits = rng.integers(0, 2**64, part, dtype=np.uint64).view(np.float64)
    school = rng.standard_normal(part) * 10.0 ** rng.integers(-6, 7, part)
    places = rng.integers(0, 9, part)
    ties = (rng.integers(-99999, 99999, part) + 0.5) / 10.0**places
    short = rng.integers(-9999, 9999, part) / 10.0 ** rng.integers(0, 6, part)
    powers = 10.0 ** rng.integers(-30, 30, count - 4 * part)
    steps = rng.integers(-4, 5, powers.size)
    powers = powers * (1 + steps * 2.0**-52)
    return np.concatenate([bits, school, ties, short, powers])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("precision", [{"significant": 4}, {"significant": 3}, {"decimals": 4}])
def test_array_path_is_the_scalar_path(mode: Mode, precision: dict[str, int]) -> None:
    rounding = Rounding(**precision, mode=mode)
    numbers = hard_numbers(5_000, seed=sum(precision.values()) + 10 * MODES.index(mode))
    rounded = rounding.round_array(numbers)
    expected = np.array([rounding.round(x) for x in numbers.tolist()])
    np.testing.assert_array_equal(rounded, expected)
    assert not np.any(np.signbit(rounded) & (rounded == 0))


@given(st.lists(st.floats(), max_size=6), roundings)
def test_array_path_is_the_scalar_path_everywhere(numbers: list[float], rounding: Rounding) -> None:
    expected = np.array([rounding.round(x) for x in numbers])
    np.testing.assert_array_equal(rounding.round_array(np.array(numbers, dtype=float)), expected)


def test_shapes_and_other_values() -> None:
    array = np.array([[[np.nan, np.inf, -np.inf], [-0.0, 2.0 / 3, 1e300 / 7]]])
    before = array.copy()
    rounded = Rounding().round_array(array)
    assert rounded.shape == (1, 2, 3)
    np.testing.assert_array_equal(rounded[0, 0], array[0, 0])
    assert rounded[0, 1].tolist() == [0.0, 0.6667, 1.429e299]
    assert not np.signbit(rounded[0, 1, 0])
    np.testing.assert_array_equal(array, before)
    assert Rounding().round_array(np.array(2.0 / 3)).shape == ()
    assert Rounding().round_array(np.zeros((0, 3))).shape == (0, 3)


def test_another_array_namespace() -> None:
    xp = pytest.importorskip("array_api_strict")
    rounded = Rounding().round_array(xp.asarray([2.0 / 3, 4.6]), xp)
    assert type(rounded) is type(xp.asarray([1.0]))
    assert [float(v) for v in rounded] == [0.6667, 4.6]


def test_a_hundred_thousand_hard_numbers_take_no_time() -> None:
    """A quarter of a second measured, most of it on ties; the rest is room for a busy machine."""
    rounding, numbers = Rounding(), hard_numbers(100_000, seed=2)
    fastest = math.inf
    for _ in range(3):
        start = time.process_time()
        rounding.round_array(numbers)
        fastest = min(fastest, time.process_time() - start)
    assert fastest < 1.0


@pytest.mark.parametrize("mode", MODES)
def test_a_finite_number_stays_finite(mode: Mode) -> None:
    largest = 1.7976931348623157e308
    assert math.isfinite(Rounding(1, mode=mode).round(largest))
    assert math.isfinite(float(Rounding(mode=mode).round_array(np.array([largest]))[0]))


@pytest.mark.parametrize(
    ("marks", "text"),
    [(10, "10"), (9.999999999999998, "10"), (0.1 + 0.2, "0.3"), (2.5, "2.5"), (1 / 3, "0.33"), (0, "0")],
)
def test_marks_have_two_decimals_at_most(marks: float, text: str) -> None:
    assert marks_text(marks) == text
