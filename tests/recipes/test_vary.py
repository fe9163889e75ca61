"""What varies: ranges in exact decimals, whole numbers, choices; and what cannot vary so."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stepcalc.recipes.vary import MAX_LEVELS, Choices, Integers, Range

decimals = st.decimals(-100, 100, allow_nan=False, places=3)


def test_the_numbers_of_a_range_are_the_decimals() -> None:
    assert Range(low=-0.3, high=0.3, step=0.1).levels == (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3)
    assert str(Range(low=-0.3, high=0.3, step=0.1).levels[3]) == "0.0"
    assert Range(low=0, high=1, step=0.3).levels == (0.0, 0.3, 0.6, 0.9)
    assert Range(low=1e-7, high=3e-7, step=1e-7).levels == (1e-7, 2e-7, 3e-7)
    assert Range(low=5, high=5, step=1).levels == (5.0,)


@given(decimals, st.decimals("0.001", 10, places=3), st.integers(0, 300), decimals)
def test_a_range_has_every_number_that_a_person_would_count(
    low: Decimal, step: Decimal, more: int, out: Decimal
) -> None:
    expected = [low + number * step for number in range(more + 1)]
    high = float(expected[-1] + step / 2)
    excluded = [float(out)] if set(expected) != {out} else []
    found = Range(low=float(low), high=high, step=float(step), exclude=excluded)
    assert [Decimal(repr(number)) for number in found.levels] == [one for one in expected if float(one) not in excluded]
    assert found.count == len(found.levels)


def test_whole_numbers_and_choices_are_as_they_are_written() -> None:
    assert Integers(integers=[-2, 2], exclude=[0]).levels == (-2, -1, 1, 2)
    assert all(isinstance(number, int) for number in Integers(integers=[1, 3]).levels)
    assert Choices(choices=["tanh", {"type": "elu", "alpha": 0.5}]).levels == ("tanh", {"type": "elu", "alpha": 0.5})
    assert Choices(choices=[1, True]).count == 2


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (Range, {"low": 0, "high": 1, "step": 0}, "expected more than 0"),
        (Range, {"low": 0, "high": 1, "step": -0.1}, "expected more than 0"),
        (Range, {"low": 0, "high": 1, "step": 1e-12}, "gives 1,000,000,000,001 numbers, at most 1,000,000"),
        (Range, {"low": -1e308, "high": 1e308, "step": 5e-324}, "gives more than 10^15 numbers"),
        (Range, {"low": 1, "high": 0.5, "step": 0.1}, "0.5 is less than low, 1.0"),
        (Range, {"low": 0, "high": float("inf"), "step": 1}, "not a finite number"),
        (Range, {"low": 0, "high": 0.5, "step": 1, "exclude": [0]}, "leaves no number"),
        (Integers, {"integers": [1]}, "expected the first and the last"),
        (Integers, {"integers": [1, 2, 3]}, "expected the first and the last"),
        (Integers, {"integers": [5, 1]}, "from 5 to 1 there is no number"),
        (Integers, {"integers": [1, 10**400]}, "a very large number, expected at most"),
        (Integers, {"integers": [1, 10**12]}, "gives 1,000,000,000,000 numbers"),
        (Integers, {"integers": [1, 1], "exclude": [1]}, "leaves no number"),
        (Choices, {"choices": []}, "empty"),
        (Choices, {"choices": [1, 2, 1.0]}, "stands there already, as number 1"),
        (Choices, {"choices": [{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}]}, "stands there already"),
        (Choices, {"choices": list(range(1001))}, "1,001 entries, at most 1,000 are possible"),
    ],
)
def test_what_cannot_vary_is_told_without_making_it(kind: Any, fields: dict[str, Any], message: str) -> None:
    start = time.monotonic()
    with pytest.raises(ValidationError) as raised:
        kind(**fields)
    found = [told for error in raised.value.errors() for _, told in error.get("ctx", {}).get("found", ())]
    assert any(message in told for told in found), found
    assert time.monotonic() - start < 1


def test_the_longest_range_that_is_possible_is_made_once() -> None:
    longest = Range(low=0, high=1, step=1 / MAX_LEVELS * 1.1, exclude=[0.5] * 1000)
    assert longest.levels is longest.levels


def test_choices_are_no_deeper_than_a_problem_needs() -> None:
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    with pytest.raises(ValidationError, match="cannot be used"):
        Choices(choices=[deep])
