"""The scale of a loss is the fraction that it is meant as, and is written as such."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from stepcalc.ops import registry
from stepcalc.ops.losses import MAX_DENOMINATOR
from stepcalc.options import Options
from stepcalc.sheet.story import compose
from tests.printed import sentences, solved, written


@given(st.integers(1, 1000), st.integers(1, MAX_DENOMINATOR))
def test_fractions_of_small_denominators(numerator: int, denominator: int) -> None:
    loss = registry.make("loss", "mse", {"scale": numerator / denominator})
    assert loss.exact_scale == sp.Rational(numerator, denominator)


@pytest.mark.parametrize("scale", [0.5, 0.1, 0.3333, 1e-9, 0.123456789, 3.0, 1e300])
def test_decimals(scale: float) -> None:
    loss = registry.make("loss", "mse", {"scale": scale})
    assert loss.exact_scale == sp.Rational(Fraction(str(scale)))


def sheet(scale: float) -> Any:
    layers = [{"type": "dense", "W": [[0.5], [0.25], [1]]}]
    loss = {"type": "mse", "scale": scale}
    return compose(solved(loss=loss, data={"x": [2], "y": [1, 2, 0]}, layers=layers), Options())


def test_a_third_is_written_as_a_third() -> None:
    told = sheet(1 / 3)
    assert any(sentence.startswith("The factor 1/3 in front") for sentence in sentences(told))
    assert any("(1/3)" in line for line in written(told))
    assert not any("333333" in line for line in [*written(told), *sentences(told)])
    assert any(sentence.startswith("The factor 0.25 in front") for sentence in sentences(sheet(0.25)))
