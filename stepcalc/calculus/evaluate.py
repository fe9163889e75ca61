"""A SymPy expression on arrays: a walk over the tree with a table of functions, no generated code.

Everything that is not numerically delicate is calculated this way, straight from its definition, in the precision of
the arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import sympy as sp

from stepcalc.backend import Array, Namespace
from stepcalc.calculus import functions

Kernel = Callable[..., Array]


def alike(xp: Namespace, *values: Array) -> list[Array]:
    """The values, plain numbers as arrays in the precision of the others."""
    dtype = next((value.dtype for value in values if hasattr(value, "dtype")), xp.float64)
    return [value if hasattr(value, "dtype") else xp.asarray(value, dtype=dtype) for value in values]


def sigmoid(xp: Namespace, z: Array) -> Array:
    """1/(1 + e⁻ᶻ); e⁻ᶻ may overflow to infinity, whose reciprocal is the right 0."""
    return 1.0 / (1.0 + xp.exp(-z))


def sigmoid_complement(xp: Namespace, a: Array, z: Array) -> Array:
    """1 − a for a = σ(z), as e⁻ᶻ·a, so that no digit is lost where a is close to 1; e⁻ᶻ is kept from overflowing."""
    return a * xp.minimum(xp.exp(-z), xp.full_like(z, float(xp.finfo(z.dtype).max)))


def tanh_slope(xp: Namespace, z: Array) -> Array:
    """1 − tanh²(z) = 4t/(1 + t)² with t = e^(−2|z|), exact where tanh is close to ±1."""
    t = xp.exp(-2.0 * xp.abs(z))
    return 4.0 * t / ((1.0 + t) * (1.0 + t))


def softplus(xp: Namespace, z: Array) -> Array:
    """ln(1 + eᶻ) = max(z, 0) + ln(1 + e^(−|z|)), finite for every z."""
    return xp.maximum(z, xp.zeros_like(z)) + xp.log1p(xp.exp(-xp.abs(z)))


def _where(xp: Namespace, condition: Array, yes: Array, no: Array) -> Array:
    return xp.where(xp.asarray(condition), *alike(xp, yes, no))


def _largest(xp: Namespace, *values: Array) -> Array:
    return reduce(lambda a, b: _where(xp, a >= b, a, b), values)


def _smallest(xp: Namespace, *values: Array) -> Array:
    return reduce(lambda a, b: _where(xp, a <= b, a, b), values)


_FUNCTIONS: dict[Any, Kernel] = {
    sp.exp: lambda xp, u: xp.exp(u),
    sp.log: lambda xp, u: xp.log(u),
    sp.sin: lambda xp, u: xp.sin(u),
    sp.cos: lambda xp, u: xp.cos(u),
    sp.tan: lambda xp, u: xp.tan(u),
    sp.tanh: lambda xp, u: xp.tanh(u),
    sp.Abs: lambda xp, u: xp.abs(u),
    sp.sign: lambda xp, u: xp.sign(u),
    sp.Max: _largest,
    sp.Min: _smallest,
    functions.sigmoid: sigmoid,
    functions.softplus: softplus,
    functions.relu: lambda xp, u: _where(xp, u > 0, u, 0.0 * u),
    functions.step: lambda xp, u: _where(xp, u >= 0, 1.0 + 0.0 * u, 0.0 * u),
    sp.Heaviside: lambda xp, u, at0=None: _where(xp, u > 0, 1.0 + 0.0 * u, 0.0 * u),
    sp.StrictGreaterThan: lambda xp, a, b: a > b,
    sp.GreaterThan: lambda xp, a, b: a >= b,
    sp.StrictLessThan: lambda xp, a, b: a < b,
    sp.LessThan: lambda xp, a, b: a <= b,
    sp.Equality: lambda xp, a, b: a == b,
    sp.Unequality: lambda xp, a, b: a != b,
    sp.And: lambda xp, *terms: reduce(lambda a, b: xp.logical_and(xp.asarray(a), xp.asarray(b)), terms),
    sp.Or: lambda xp, *terms: reduce(lambda a, b: xp.logical_or(xp.asarray(a), xp.asarray(b)), terms),
    sp.Not: lambda xp, a: xp.logical_not(xp.asarray(a)),
}


def evaluate(expression: sp.Basic, values: Mapping[sp.Symbol, Array], xp: Namespace) -> Array:
    """The value of ``expression`` at ``values``, elementwise with broadcasting.

    Raises :class:`NotImplementedError` naming the SymPy class when no rule is known for it.
    """
    if expression.is_Symbol:
        return values[expression]
    if expression.is_Number or expression.is_NumberSymbol:
        return float(expression)
    if expression in (sp.true, sp.false):
        return bool(expression)
    if expression.is_Piecewise:
        return _piecewise(expression, values, xp)
    if expression.is_Pow:
        return _power(expression, values, xp)
    if expression.is_Add:
        return _sum(expression, values, xp)
    if expression.is_Mul:
        return reduce(lambda a, b: a * b, (evaluate(factor, values, xp) for factor in expression.args))
    kernel = _FUNCTIONS.get(expression.func)
    if kernel is None:
        raise NotImplementedError(f"no rule to evaluate {expression.func.__name__}")
    arguments = [evaluate(argument, values, xp) for argument in expression.args]
    if any(isinstance(argument, float) for argument in arguments):
        arguments = alike(xp, *arguments)
    return kernel(xp, *arguments)


def _sum(expression: sp.Add, values: Mapping[sp.Symbol, Array], xp: Namespace) -> Array:
    complement = _complement(expression, values, xp)
    if complement is not None:
        return complement
    return reduce(lambda a, b: a + b, (evaluate(term, values, xp) for term in expression.args))


def _complement(expression: sp.Add, values: Mapping[sp.Symbol, Array], xp: Namespace) -> Array | None:
    """1 − σ(u) as σ(−u) and 1 − tanh²(u) as its own slope: the digits that the subtraction would cancel."""
    if len(expression.args) != 2 or expression.args[0] != 1:
        return None
    other = -expression.args[1]
    if isinstance(other, functions.sigmoid):
        return sigmoid(xp, -xp.asarray(evaluate(other.args[0], values, xp)))
    if other.is_Pow and other.exp == 2 and isinstance(other.base, sp.tanh):
        return tanh_slope(xp, xp.asarray(evaluate(other.base.args[0], values, xp)))
    return None


def _power(expression: sp.Pow, values: Mapping[sp.Symbol, Array], xp: Namespace) -> Array:
    base, exponent = expression.args
    at = evaluate(base, values, xp)
    if exponent == -1:
        return xp.divide(*alike(xp, 1.0, at))
    if exponent == 2:
        return at * at
    if exponent == sp.Rational(1, 2):
        return xp.sqrt(xp.asarray(at))
    return xp.pow(*alike(xp, at, evaluate(exponent, values, xp)))


def _piecewise(expression: sp.Piecewise, values: Mapping[sp.Symbol, Array], xp: Namespace) -> Array:
    *rows, (last, _) = expression.args
    result = evaluate(last, values, xp)
    for value, condition in reversed(rows):
        chosen, result, *_ = alike(xp, evaluate(value, values, xp), result, *values.values())
        result = _where(xp, evaluate(condition, values, xp), chosen, result)
    return result
