"""A formula with single numbers of many digits: the same on every machine, whose doubles' functions may differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath  # type: ignore[import-untyped]
import sympy as sp

from stepcalc.calculus.evaluate import evaluate

Precise = Any
"""A number of many digits."""


def precise(number: float) -> Precise:
    """A number as its shortest decimal: 0.1 is a tenth."""
    return mpmath.mpf(repr(float(number)))


def evaluate_precisely(expression: sp.Expr, values: Mapping[sp.Symbol, Precise]) -> Precise:
    """The value of a formula, to the digits that :mod:`mpmath` works with.

    Raises :class:`ArithmeticError`, :class:`TypeError` or :class:`ValueError` where it has none: a division by 0, a
    logarithm of 0, a number that is not real.
    """
    numbers = (n for n in expression.atoms(sp.Number, sp.NumberSymbol) if n.is_finite and not n.is_Integer)
    named = {number: sp.Dummy() for number in numbers}  # of a tenth, and of π, a double has too few digits
    digits = {name: mpmath.mpf(number.evalf(mpmath.mp.dps + 2)) for number, name in named.items()}
    return evaluate(expression.xreplace(named), {**values, **digits}, _Precise)


class _Precise:
    """The functions of an array namespace for single numbers of many digits."""

    float64 = None
    exp, log, sin, cos, tan, tanh, sqrt, pow = (
        staticmethod(getattr(mpmath, name)) for name in ("exp", "log", "sin", "cos", "tan", "tanh", "sqrt", "power")
    )
    sign, abs = staticmethod(mpmath.sign), staticmethod(abs)
    minimum, maximum = staticmethod(min), staticmethod(max)

    @staticmethod
    def asarray(x: Any, dtype: None = None) -> Any:
        return x if isinstance(x, bool) else mpmath.mpf(x)

    @staticmethod
    def divide(one: Any, other: Any) -> Any:
        return mpmath.mpf(one) / other

    @staticmethod
    def log1p(x: Any) -> Any:
        return mpmath.log(1 + x)

    @staticmethod
    def where(condition: bool, yes: Any, no: Any) -> Any:
        return yes if condition else no

    @staticmethod
    def full_like(_: Any, value: float) -> Any:
        return mpmath.mpf(value)

    @staticmethod
    def zeros_like(_: Any) -> Any:
        return mpmath.mpf(0)

    @staticmethod
    def logical_and(one: bool, other: bool) -> bool:
        return one and other

    @staticmethod
    def logical_or(one: bool, other: bool) -> bool:
        return one or other

    @staticmethod
    def logical_not(one: bool) -> bool:
        return not one
