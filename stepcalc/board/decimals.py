"""Functions of decimals, to as many digits as the context has, where :mod:`decimal` has none of its own."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from functools import cache

from stepcalc.errors import StepcalcError

_GUARD = 10
_LARGEST_ANGLE = 400
_TINY = Decimal("1e-15")
_SERIES_TERMS = 5
_ZERO, _ONE = Decimal(0), Decimal(1)


class EvaluationError(StepcalcError, ArithmeticError):
    """The expression has no value: a division by zero, ln 0, a number past 10^1000000."""


def sigmoid(z: Decimal) -> Decimal:
    """1/(1 + e⁻ᶻ)."""
    return _ONE / (_ONE + (-z).exp())


def sigmoid_slope(z: Decimal) -> Decimal:
    """σ(z)(1 − σ(z)), nothing cancelling."""
    return sigmoid(z) * sigmoid(-z)


def tanh(z: Decimal) -> Decimal:
    """The hyperbolic tangent."""
    if abs(z) < _TINY:  # the series: nothing cancels, and z⁷ is beyond the last digit
        return z - z**3 / 3 + 2 * z**5 / 15
    with localcontext() as context:
        context.prec += 2 * _GUARD
        shrunk = (-2 * abs(z)).exp()
        return ((_ONE - shrunk) / (_ONE + shrunk)).copy_sign(z)


def tanh_slope(z: Decimal) -> Decimal:
    """1 − tanh² z, nothing cancelling."""
    shrunk = (-2 * abs(z)).exp()
    return 4 * shrunk / (_ONE + shrunk) ** 2


def softplus(z: Decimal) -> Decimal:
    """ln(1 + eᶻ)."""
    small = (-abs(z)).exp()
    if small < _TINY:  # ln(1 + u) by its series
        logarithm = sum(((-1) ** (k + 1) * small**k / k for k in range(1, _SERIES_TERMS)), _ZERO)
    else:
        with localcontext() as context:
            context.prec += 2 * _GUARD
            logarithm = (_ONE + small).ln()
    return max(z, _ZERO) + logarithm


def sign(x: Decimal) -> Decimal:
    """1, 0 or −1."""
    return _ONE.copy_sign(x) if x else _ZERO


def step(x: Decimal) -> Decimal:
    """1 from 0 on, 0 below."""
    return _ONE if x >= 0 else _ZERO


def ln(x: Decimal) -> Decimal:
    """The natural logarithm; EvaluationError where it has no value."""
    if x <= 0:
        raise EvaluationError("ln of a number that is not positive")
    return x.ln()


def sqrt(x: Decimal) -> Decimal:
    """The square root; EvaluationError where it has no value."""
    if x < 0:
        raise EvaluationError("root of a negative number")
    return x.sqrt()


def sin(x: Decimal) -> Decimal:
    """The sine of an angle of at most 400 digits."""
    with localcontext() as context:
        angle = _reduced(x, context)
        return _alternating(angle, angle, 2)


def cos(x: Decimal) -> Decimal:
    """The cosine of an angle of at most 400 digits."""
    with localcontext() as context:
        return _alternating(_ONE, _reduced(x, context), 1)


def tan(x: Decimal) -> Decimal:
    """The tangent of an angle of at most 400 digits."""
    return sin(x) / cos(x)


def _reduced(x: Decimal, context: Context) -> Decimal:
    """``x`` less whole turns; the context keeps as many more digits as ``x`` has before its point."""
    if x and x.adjusted() > _LARGEST_ANGLE:
        raise EvaluationError("the angle is too large")
    context.prec += 2 * _GUARD + max(0, x.adjusted() if x else 0)
    turn = 2 * _pi(context.prec)
    return x - turn * (x / turn).to_integral_value()


def _alternating(first: Decimal, x: Decimal, start: int) -> Decimal:
    """Taylor's series whose next term is the last · −x²/(n (n + 1)), n = start, start + 2, …"""
    total, term, n, square = _ZERO, first, start, x * x
    while total + term != total:
        total += term
        term = -term * square / (n * (n + 1))
        n += 2
    return total


@cache
def _pi(digits: int) -> Decimal:
    """π by Machin's formula, 16 arctan(1/5) − 4 arctan(1/239)."""
    with localcontext() as context:
        context.prec = digits + _GUARD
        return 16 * _arctan_of_inverse(5) - 4 * _arctan_of_inverse(239)


def _arctan_of_inverse(n: int) -> Decimal:
    power = total = _ONE / n
    k = 1
    while True:
        power = -power / (n * n)
        k += 2
        if total + power / k == total:
            return total
        total += power / k
