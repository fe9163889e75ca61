"""How far from a number an answer may be on a platform."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from stepcalc.exams.question import Wrong
from stepcalc.platforms.spans import around_right, around_wrong, mistakes
from stepcalc.rounding import Rounding
from tests.platforms.hand_made import GAP


@pytest.mark.parametrize(("tolerance", "written"), [(0.00012345, 0.000124), (0.0005, 0.000501), (1e-12, 1.01e-12)])
def test_three_digits_are_never_less_than_the_tolerance(tolerance: float, written: float) -> None:
    assert around_right(replace(GAP, tolerance=tolerance)) == written


@pytest.mark.parametrize("value", [0.3, -1234.5, 1e-9])
def test_an_exact_number_is_right_where_doubles_blur_it(value: float) -> None:
    span = around_right(replace(GAP, value=value, tolerance=0.0))
    assert math.ulp(value) < span < 1e-12 * abs(value) + 1e-20


def test_what_is_taken_for_right_or_explained_by_nobody_is_no_mistake() -> None:
    gap = replace(GAP, wrongs=(*GAP.wrongs, Wrong("unexplained", 9.0, ())))
    assert [wrong.name for wrong in mistakes(gap)] == ["sign", "half", "twin", "near"]


def test_what_a_mistake_gives_is_known_as_it_is_printed() -> None:
    tight, wrong = replace(GAP, tolerance=1e-9), Wrong("half", 0.61728, ("Half.",))
    assert around_wrong(wrong, tight, Rounding(significant=3)) == 0.001
    assert around_wrong(wrong, GAP, Rounding(significant=6)) == around_right(GAP)
