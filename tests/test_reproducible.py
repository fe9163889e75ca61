"""NumPy with the same bits on every machine: the doubles nearest to the true values."""

from __future__ import annotations

import math
from decimal import Context, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcalc.backend import REPRODUCIBLE, namespace

xp = namespace(REPRODUCIBLE)
MANY = Context(prec=60)
FUNCTIONS = ("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "tanh")

finite = st.floats(-700, 700)


@given(finite)
def test_exponentials_are_those_of_decimal(x: float) -> None:
    assert xp.exp(np.array(x)) == float(MANY.exp(Decimal(x)))


@given(st.floats(1e-300, 1e300))
def test_logarithms_are_those_of_decimal(x: float) -> None:
    assert xp.log(np.array(x)) == float(MANY.ln(Decimal(x)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_numpys_but_for_the_last_bit(name: str) -> None:
    x = np.concatenate([np.linspace(-0.99, 30, 200), [0.0, -0.0, 1e-300, 1e-9]]).reshape(2, -1)
    with np.errstate(all="ignore"):
        plain = getattr(np, name)(x)
    found = getattr(xp, name)(x)
    assert found.shape == x.shape
    assert found.dtype == np.float64
    np.testing.assert_array_almost_equal_nulp(found[np.isfinite(plain)], plain[np.isfinite(plain)], 4)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(plain))


def test_what_is_no_number_is_what_numpy_says() -> None:
    x = np.array([-np.inf, -1.0, 0.0, 1000.0, np.inf, np.nan])
    np.testing.assert_array_equal(xp.log(x), [np.nan, np.nan, -np.inf, math.log(1000), np.inf, np.nan])
    np.testing.assert_array_equal(xp.exp(x)[[0, 3, 4, 5]], [0, np.inf, np.inf, np.nan])
    np.testing.assert_array_equal(xp.pow(x[1:3], np.array([0.5, -1.0])), [np.nan, np.inf])


def test_powers() -> None:
    np.testing.assert_array_equal(xp.pow(np.array([-2.0, 2.0, 4.0]), 3.0), [-8, 8, 64])
    assert xp.pow(2.0, np.array(0.5)) == math.sqrt(2)


@pytest.mark.parametrize(
    ("left", "right"), [((3, 4), (4, 2)), ((5, 3, 4), (4, 2)), ((3, 4), (5, 4, 2)), ((1, 7), (7, 1))]
)
def test_products_of_matrices(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    numbers = np.random.default_rng(1)
    one, other = numbers.normal(size=left), numbers.normal(size=right)
    np.testing.assert_allclose(xp.matmul(one, other), one @ other, rtol=1e-12)


def test_a_long_product_does_not_depend_on_how_a_library_adds() -> None:
    numbers = np.random.default_rng(1)
    one, other = numbers.normal(size=(1, 1000)), numbers.normal(size=(1000, 1))
    total = 0.0
    for x, y in zip(one[0].tolist(), other[:, 0].tolist(), strict=True):
        total += x * y
    assert xp.matmul(one, other)[0, 0] == total


def test_the_rest_is_numpys() -> None:
    assert xp.sqrt is np.sqrt
    assert xp.float64 is np.float64
    with pytest.raises(AttributeError):
        xp.no_such_function  # noqa: B018
