"""The functions of our own: derivative and numbers against their definitions."""

from __future__ import annotations

import pytest
import sympy

from stepcalc.calculus.functions import Named, relu, sigmoid, softplus, step
from stepcalc.calculus.symbols import symbol

Z = symbol("z")
POINTS = [sympy.Rational(-7, 2), sympy.Rational(-1, 3), sympy.Rational(1, 7), sympy.Integer(4)]


@pytest.mark.parametrize("function", [sigmoid, softplus, relu, step])
@pytest.mark.parametrize("at", POINTS)
def test_value_and_slope_are_those_of_the_definition(function: type[Named], at: sympy.Expr) -> None:
    definition = function.definition(Z)
    assert float(function(at).evalf(20)) == pytest.approx(float(definition.subs(Z, at).evalf(20)), rel=1e-12)
    slope = function(Z).diff(Z).subs(Z, at).doit().evalf(20)
    assert float(slope) == pytest.approx(float(definition.diff(Z).subs(Z, at).evalf(20)), rel=1e-12)


def test_at_a_kink_the_slope_is_zero() -> None:
    assert relu(Z).diff(Z).subs(Z, 0) == 0
    assert step(Z).diff(Z) == 0
    assert step(0) == 1
    assert step(sympy.Rational(-1, 10**9)) == 0


def test_derivatives_keep_the_names() -> None:
    assert sigmoid(Z).diff(Z) == sigmoid(Z) * (1 - sigmoid(Z))
    assert softplus(Z).diff(Z) == sigmoid(Z)
    assert sigmoid(3 * Z).diff(Z) == 3 * sigmoid(3 * Z) * (1 - sigmoid(3 * Z))


def test_they_are_real_where_their_argument_is() -> None:
    assert sigmoid(Z).is_positive
    assert softplus(Z).is_positive
    assert relu(Z).is_nonnegative
    assert step(Z).is_real
    assert sigmoid(Z).rewrite(sympy.exp) == 1 / (1 + sympy.exp(-Z))


def test_a_symbol_is_made_once() -> None:
    assert symbol("z1[2]") is symbol("z1[2]")
    assert symbol("z1[2]").is_real
    assert symbol("z1[2]") == sympy.Symbol("z1[2]", real=True)
