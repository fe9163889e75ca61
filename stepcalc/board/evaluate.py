"""The value of a written expression, from the numbers printed in it: what a careful reader's calculator gives.

Everything is decimal with 50 digits, because a printed number is a decimal and no double.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow, localcontext
from typing import TypeAlias

from stepcalc.board import decimals
from stepcalc.board.decimals import EvaluationError as EvaluationError
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

PRECISION = 50
_LARGEST_EXPONENT = 10**6

Values: TypeAlias = Mapping[str, Decimal]
Function: TypeAlias = Callable[..., Decimal]

_ZERO, _ONE = Decimal(0), Decimal(1)


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


_NODE_FUNCTIONS: dict[type[Node], Function] = {Exp: Decimal.exp, Sqrt: decimals.sqrt, Abs: abs}

_OF_MANY: dict[str, Callable[[list[Decimal]], Decimal]] = {"max": max, "min": min}

_FUNCTIONS: dict[tuple[str, int], Function] = {
    ("exp", 0): Decimal.exp,
    ("ln", 0): decimals.ln,
    ("log", 0): decimals.ln,
    ("sqrt", 0): decimals.sqrt,
    ("abs", 0): abs,
    ("sin", 0): decimals.sin,
    ("cos", 0): decimals.cos,
    ("tan", 0): decimals.tan,
    ("sgn", 0): decimals.sign,
    ("sign", 0): decimals.sign,
    ("step", 0): decimals.step,
    ("σ", 0): decimals.sigmoid,
    ("sigmoid", 0): decimals.sigmoid,
    ("σ", 1): decimals.sigmoid_slope,
    ("sigmoid", 1): decimals.sigmoid_slope,
    ("tanh", 0): decimals.tanh,
    ("tanh", 1): decimals.tanh_slope,
    ("softplus", 0): decimals.softplus,
    ("softplus", 1): decimals.sigmoid,
    ("ReLU", 0): lambda x: max(x, _ZERO),
    ("relu", 0): lambda x: max(x, _ZERO),
}
