"""Interval arithmetic for formulas: which values can a result have, where its operands are known within bounds?

An :class:`Interval` holds arrays ``lo`` and ``hi``; :class:`Intervals` is the namespace with which
:func:`stepcalc.calculus.evaluate.evaluate` calculates with them. A condition on intervals may hold, fail, or do either
(:class:`Either`); where it may do either, both branches count. The rules are those of Moore, Kearfott and Cloud,
*Introduction to Interval Analysis* (2009), without directed rounding: what a double loses is far below a digit that
anybody types.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Number = float | int


@dataclass(frozen=True, eq=False, slots=True)
class Interval:
    """All numbers from ``lo`` to ``hi``, elementwise."""

    lo: np.ndarray
    hi: np.ndarray

    @property
    def dtype(self) -> np.dtype[Any]:
        """That of its ends."""
        return self.lo.dtype

    def __add__(self, other: Interval | Number) -> Interval:
        there = as_interval(other)
        return Interval(self.lo + there.lo, self.hi + there.hi)

    def __sub__(self, other: Interval | Number) -> Interval:
        there = as_interval(other)
        return Interval(self.lo - there.hi, self.hi - there.lo)

    def __mul__(self, other: Interval | Number) -> Interval:
        if other is self:
            return _square(self)
        if not isinstance(other, Interval):
            ends = self.lo * other, self.hi * other
            return Interval(*(ends if other >= 0 else ends[::-1]))
        products = self.lo * other.lo, self.lo * other.hi, self.hi * other.lo, self.hi * other.hi
        low, high = np.minimum(*products[:2]), np.maximum(*products[:2])
        return Interval(np.minimum(low, np.minimum(*products[2:])), np.maximum(high, np.maximum(*products[2:])))

    def __neg__(self) -> Interval:
        return Interval(-self.hi, -self.lo)

    def __radd__(self, other: Number) -> Interval:
        return self + other

    def __rsub__(self, other: Number) -> Interval:
        return -self + other

    def __rmul__(self, other: Number) -> Interval:
        return self * other

    def __truediv__(self, other: Interval | Number) -> Interval:
        return Intervals.divide(self, other)

    def __rtruediv__(self, other: Number) -> Interval:
        return Intervals.divide(other, self)

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> Either:  # type: ignore[override]
        there = as_interval(other)
        meet = (self.lo <= there.hi) & (there.lo <= self.hi)
        return Either(meet, ~((self.lo == there.hi) & (self.hi == there.lo)))

    def __ne__(self, other: object) -> Either:  # type: ignore[override]
        return ~(self == other)

    def __gt__(self, other: Interval | Number) -> Either:
        there = as_interval(other)
        return Either(self.hi > there.lo, self.lo <= there.hi)

    def __ge__(self, other: Interval | Number) -> Either:
        there = as_interval(other)
        return Either(self.hi >= there.lo, self.lo < there.hi)

    def __lt__(self, other: Interval | Number) -> Either:
        return ~(self >= other)

    def __le__(self, other: Interval | Number) -> Either:
        return ~(self > other)


@dataclass(frozen=True, eq=False, slots=True)
class Either:
    """A condition on intervals: where it ``may`` hold, and where it may ``fail``."""

    may: np.ndarray
    fail: np.ndarray

    def __invert__(self) -> Either:
        return Either(self.fail, self.may)

    def __and__(self, other: Either) -> Either:
        return Either(self.may & other.may, self.fail | other.fail)

    def __or__(self, other: Either) -> Either:
        return Either(self.may | other.may, self.fail & other.fail)


def as_interval(value: Any) -> Interval:
    """A plain number, or an array of them, as the interval of that number alone."""
    if isinstance(value, Interval):
        return value
    array = np.asarray(value, dtype=float)
    return Interval(array, array)


def _square(at: Interval) -> Interval:
    low, high = at.lo * at.lo, at.hi * at.hi
    across = (at.lo <= 0) & (at.hi >= 0)
    return Interval(np.where(across, 0.0, np.minimum(low, high)), np.maximum(low, high))


def _rising(function: Callable[..., np.ndarray]) -> Callable[[Interval], Interval]:
    """A function that rises everywhere, on an interval."""

    def on(at: Interval) -> Interval:
        return Interval(function(at.lo), function(at.hi))

    return on


def _wave(function: Callable[..., np.ndarray], top: float) -> Callable[[Interval], Interval]:
    """Sine or cosine, whose largest value is at ``top`` and every 2π from there."""

    def on(at: Interval) -> Interval:
        ends = function(at.lo), function(at.hi)
        holds = [
            np.floor((at.hi - place) / (2 * np.pi)) >= np.ceil((at.lo - place) / (2 * np.pi))
            for place in (top, top + np.pi)
        ]
        return Interval(np.where(holds[1], -1.0, np.minimum(*ends)), np.where(holds[0], 1.0, np.maximum(*ends)))

    return on


class Intervals:
    """The functions of an array namespace, on intervals."""

    float64 = np.dtype(float)
    exp, tanh, log1p = (staticmethod(_rising(function)) for function in (np.exp, np.tanh, np.log1p))
    sign = staticmethod(_rising(np.sign))
    sin, cos = staticmethod(_wave(np.sin, np.pi / 2)), staticmethod(_wave(np.cos, 0.0))

    @staticmethod
    def asarray(value: Any, dtype: Any = None) -> Any:
        """Intervals and conditions as they are; numbers as intervals, truth values as conditions."""
        if isinstance(value, Interval | Either):
            return value
        if isinstance(value, bool | np.bool_):
            return Either(np.asarray(value), np.asarray(not value))
        return as_interval(value)

    @staticmethod
    def log(at: Interval) -> Interval:
        """The natural logarithm; from −∞ where the interval reaches 0."""
        return Interval(np.log(np.maximum(at.lo, 0.0)), np.log(at.hi))

    @staticmethod
    def sqrt(at: Interval) -> Interval:
        """The root; of what is below 0, as far as it is a number."""
        return Interval(np.sqrt(np.maximum(at.lo, 0.0)), np.sqrt(at.hi))

    @staticmethod
    def tan(at: Interval) -> Interval:
        """The tangent; anything where the interval holds a pole."""
        pole = np.floor((at.hi - np.pi / 2) / np.pi) >= np.ceil((at.lo - np.pi / 2) / np.pi)
        return Interval(np.where(pole, -np.inf, np.tan(at.lo)), np.where(pole, np.inf, np.tan(at.hi)))

    @staticmethod
    def abs(at: Interval) -> Interval:
        """The distance from 0."""
        across = (at.lo <= 0) & (at.hi >= 0)
        ends = np.abs(at.lo), np.abs(at.hi)
        return Interval(np.where(across, 0.0, np.minimum(*ends)), np.maximum(*ends))

    @staticmethod
    def divide(above: Any, below: Any) -> Interval:
        """The quotient; anything where the divisor may be 0."""
        at = as_interval(below)
        zero = (at.lo <= 0) & (at.hi >= 0)
        ends = 1.0 / np.where(zero, 1.0, at.lo), 1.0 / np.where(zero, 1.0, at.hi)
        inverse = Interval(np.where(zero, -np.inf, ends[1]), np.where(zero, np.inf, ends[0]))
        return inverse * as_interval(above)

    @staticmethod
    def pow(base: Any, exponent: Any) -> Interval:
        """A power: of any base for a whole exponent that is the same everywhere, else of a base above 0."""
        at, power = as_interval(base), as_interval(exponent)
        whole = power.lo.size == 1 and np.all(power.lo == power.hi) and float(power.lo.flat[0]).is_integer()
        corners: list[np.ndarray] = [
            np.power(b, p) for b in (at.lo, at.hi) for p in ((power.lo,) if whole else (power.lo, power.hi))
        ]
        low, high = np.minimum.reduce(np.broadcast_arrays(*corners)), np.maximum.reduce(np.broadcast_arrays(*corners))
        across = (at.lo <= 0) & (at.hi >= 0)
        if not whole:
            return Interval(np.where(at.lo < 0, -np.inf, low), np.where(at.lo < 0, np.inf, high))
        if float(power.lo.flat[0]) < 0:
            return Interval(np.where(across, -np.inf, low), np.where(across, np.inf, high))
        even = float(power.lo.flat[0]) % 2 == 0
        return Interval(np.asarray(np.where(across & even, np.minimum(low, 0.0), low)), np.asarray(high))

    @staticmethod
    def minimum(one: Any, other: Any) -> Interval:
        """The smaller one."""
        a, b = as_interval(one), as_interval(other)
        return Interval(np.minimum(a.lo, b.lo), np.minimum(a.hi, b.hi))

    @staticmethod
    def maximum(one: Any, other: Any) -> Interval:
        """The larger one."""
        a, b = as_interval(one), as_interval(other)
        return Interval(np.maximum(a.lo, b.lo), np.maximum(a.hi, b.hi))

    @staticmethod
    def where(condition: Either, yes: Any, no: Any) -> Interval:
        """One or the other, and both where the condition may do either."""
        a, b = as_interval(yes), as_interval(no)
        low = np.minimum(np.where(condition.may, a.lo, np.inf), np.where(condition.fail, b.lo, np.inf))
        high = np.maximum(np.where(condition.may, a.hi, -np.inf), np.where(condition.fail, b.hi, -np.inf))
        return Interval(low, high)

    @staticmethod
    def logical_and(one: Either, other: Either) -> Either:
        """Both conditions."""
        return one & other

    @staticmethod
    def logical_or(one: Either, other: Either) -> Either:
        """One of the conditions, or both."""
        return one | other

    @staticmethod
    def logical_not(one: Either) -> Either:
        """The opposite condition."""
        return ~one

    @staticmethod
    def zeros_like(at: Interval) -> Interval:
        """0 in the same shape."""
        return as_interval(np.zeros_like(at.lo))

    @staticmethod
    def full_like(at: Interval, value: float) -> Interval:
        """A number in the same shape."""
        return as_interval(np.full_like(at.lo, value))

    @staticmethod
    def finfo(dtype: Any) -> Any:
        """The limits of doubles."""
        return np.finfo(dtype)
