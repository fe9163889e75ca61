"""The value of a written expression, from the numbers printed in it: what a careful reader's calculator gives.

Everything is decimal with 50 digits, because a printed number is a decimal and no double.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow, localcontext
from functools import cache
from typing import TypeAlias

from stepcalc.board.nodes import (
    Abs,
    Add,
    Box,
    Call,
    Cases,
    Deriv,
    Exp,
    Frac,
    Mul,
    Neg,
    Node,
    Num,
    Paren,
    Pow,
    Rel,
    Sqrt,
    Strike,
    Sym,
)
from stepcalc.errors import StepcalcError

PRECISION = 50
_GUARD = 10
_LARGEST_EXPONENT = 10**6
_LARGEST_ANGLE = 400
_TINY = Decimal("1e-15")
_SERIES_TERMS = 5

Values: TypeAlias = Mapping[str, Decimal]
Function: TypeAlias = Callable[..., Decimal]

_ZERO, _ONE, _TWO = Decimal(0), Decimal(1), Decimal(2)


class EvaluationError(StepcalcError, ArithmeticError):
    """The expression has no value: a division by zero, ln 0, a number past 10^1000000."""


class NotScalarError(EvaluationError):
    """The expression is not a number at all: a matrix, a symbol without a value, words."""


def evaluate(node: Node, values: Values | None = None) -> Decimal:
    """The value of ``node`` to 50 digits; ``values`` are those of symbols and derivatives, by item id.

    Raises :class:`NotScalarError` where it is not a number, :class:`EvaluationError` where it has no value.
    """
    context = Context(prec=PRECISION, Emax=_LARGEST_EXPONENT, Emin=-_LARGEST_EXPONENT, traps=_TRAPS)
    with localcontext(context):
        try:
            return +_value(node, values or {})
        except DecimalException as error:
            raise EvaluationError(_reason(error)) from error


_TRAPS = [DivisionByZero, InvalidOperation, Overflow]


def _reason(error: DecimalException) -> str:
    # Division by zero is an InvalidOperation as well when it is 0/0.
    if isinstance(error, Overflow):
        return "the number is too large"
    return "division by zero" if isinstance(error, ZeroDivisionError) else "no value here"


def _value(node: Node, values: Values) -> Decimal:
    match node:
        case Num(text):
            return _number(text)
        case Sym(_, item) | Deriv(item=item):
            return _looked_up(item, values)
        case Add(terms):
            return sum((_value(term, values) for term in terms), _ZERO)
        case Mul(factors):
            return _product([_value(factor, values) for factor in factors])
        case Neg(arg):
            return -_value(arg, values)
        case Strike(arg) | Box(arg) | Paren(arg):
            return _value(arg, values)
        case Frac(num, den):
            return _value(num, values) / _value(den, values)
        case Pow(base, exponent):
            return _power(_value(base, values), _value(exponent, values))
        case Exp(arg) | Sqrt(arg) | Abs(arg):
            return _NODE_FUNCTIONS[type(node)](_value(arg, values))
        case Call(name, args, primes):
            return _called(name, primes, [_value(arg, values) for arg in args])
        case Cases(rows):
            return _chosen(rows, values)
    raise NotScalarError(f"{type(node).__name__} is not a number")


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise NotScalarError(f"{text!r} is not a number") from None
    if not value.is_finite():
        raise NotScalarError(f"{text!r} is not a number")
    return value


def _looked_up(item: str | None, values: Values) -> Decimal:
    if item is None or item not in values:
        raise NotScalarError(f"{item or 'a symbol'} has no value")
    return values[item]


def _product(factors: list[Decimal]) -> Decimal:
    result = _ONE
    for factor in factors:
        result *= factor
    return result


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if exponent == 0:
        return _ONE
    return base**exponent


def _chosen(rows: tuple[tuple[Node, Rel | None], ...], values: Values) -> Decimal:
    for result, condition in rows:
        if condition is None or holds(condition, values):
            return _value(result, values)
    raise EvaluationError("no case applies")


_RELATIONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "=": lambda left, right: left == right,
    "≠": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "≤": lambda left, right: left <= right,
    "≥": lambda left, right: left >= right,
}


def holds(condition: Rel, values: Values | None = None) -> bool:
    """Whether a condition between numbers is met; ``low < x < high`` is a condition inside a condition.

    Raises :class:`NotScalarError` where its relation is no comparison.
    """
    compare = _RELATIONS.get(condition.relation)
    if compare is None:
        raise NotScalarError(f"{condition.relation} compares nothing")
    right = condition.right
    if isinstance(right, Rel):
        return holds(Rel(condition.left, condition.relation, right.left), values) and holds(right, values)
    return compare(evaluate(condition.left, values), evaluate(right, values))


def _called(name: str, primes: int, args: list[Decimal]) -> Decimal:
    if name in _OF_MANY and not primes and args:
        return _OF_MANY[name](args)
    function = _FUNCTIONS.get((name, primes))
    if function is None or len(args) != 1:
        raise NotScalarError(f"{name}{'′' * primes} of {len(args)} is not known")
    return function(args[0])


def _sigmoid(z: Decimal) -> Decimal:
    return _ONE / (_ONE + (-z).exp())


def _sigmoid_slope(z: Decimal) -> Decimal:
    return _sigmoid(z) * _sigmoid(-z)


def _tanh(z: Decimal) -> Decimal:
    if abs(z) < _TINY:  # the series: nothing cancels, and z⁷ is beyond the last digit
        return z - z**3 / 3 + 2 * z**5 / 15
    with localcontext() as context:
        context.prec += 2 * _GUARD
        shrunk = (-2 * abs(z)).exp()
        return ((_ONE - shrunk) / (_ONE + shrunk)).copy_sign(z)


def _tanh_slope(z: Decimal) -> Decimal:
    shrunk = (-2 * abs(z)).exp()
    return 4 * shrunk / (_ONE + shrunk) ** 2


def _softplus(z: Decimal) -> Decimal:
    small = (-abs(z)).exp()
    if small < _TINY:  # ln(1 + u) by its series
        logarithm = sum(((-1) ** (k + 1) * small**k / k for k in range(1, _SERIES_TERMS)), _ZERO)
    else:
        with localcontext() as context:
            context.prec += 2 * _GUARD
            logarithm = (_ONE + small).ln()
    return max(z, _ZERO) + logarithm


def _sign(x: Decimal) -> Decimal:
    return _ONE.copy_sign(x) if x else _ZERO


def _step(x: Decimal) -> Decimal:
    return _ONE if x >= 0 else _ZERO


def _ln(x: Decimal) -> Decimal:
    if x <= 0:
        raise EvaluationError("ln of a number that is not positive")
    return x.ln()


def _sqrt(x: Decimal) -> Decimal:
    if x < 0:
        raise EvaluationError("root of a negative number")
    return x.sqrt()


def _sin(x: Decimal) -> Decimal:
    with localcontext() as context:
        angle = _reduced(x, context)
        return _alternating(angle, angle, 2)


def _cos(x: Decimal) -> Decimal:
    with localcontext() as context:
        return _alternating(_ONE, _reduced(x, context), 1)


def _tan(x: Decimal) -> Decimal:
    return _sin(x) / _cos(x)


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


_NODE_FUNCTIONS: dict[type[Node], Function] = {Exp: Decimal.exp, Sqrt: _sqrt, Abs: abs}

_OF_MANY: dict[str, Callable[[list[Decimal]], Decimal]] = {"max": max, "min": min}

_FUNCTIONS: dict[tuple[str, int], Function] = {
    ("exp", 0): Decimal.exp,
    ("ln", 0): _ln,
    ("log", 0): _ln,
    ("sqrt", 0): _sqrt,
    ("abs", 0): abs,
    ("sin", 0): _sin,
    ("cos", 0): _cos,
    ("tan", 0): _tan,
    ("sgn", 0): _sign,
    ("sign", 0): _sign,
    ("step", 0): _step,
    ("σ", 0): _sigmoid,
    ("sigmoid", 0): _sigmoid,
    ("σ", 1): _sigmoid_slope,
    ("sigmoid", 1): _sigmoid_slope,
    ("tanh", 0): _tanh,
    ("tanh", 1): _tanh_slope,
    ("softplus", 0): _softplus,
    ("softplus", 1): _sigmoid,
    ("ReLU", 0): lambda x: max(x, _ZERO),
    ("relu", 0): lambda x: max(x, _ZERO),
}
