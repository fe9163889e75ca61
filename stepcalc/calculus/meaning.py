"""What an expression means: its tree in SymPy. Only for trees that :mod:`~stepcalc.calculus.pieces` has checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import sympy

from stepcalc.calculus.symbols import symbol
from stepcalc.calculus.syntax import Refused, SyntaxTree, fold
from stepcalc.calculus.vocabulary import function

Rule = Callable[[list[Any]], sympy.Expr]
"""What a node means, given what its parts mean."""

_OF_SYMPY: dict[str, Callable[..., Any]] = {"exp": sympy.exp, "sqrt": sympy.sqrt, "abs": sympy.Abs}
_VARIADIC = ("min", "max")
_UNUSABLE = (sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I)


def meaning(tree: SyntaxTree, more: Mapping[str, Rule] = MappingProxyType({})) -> sympy.Expr:
    """The tree in SymPy, numbers exact; ``more`` are rules for nodes that are not of this grammar, or other ones.

    Raises :class:`Refused` for what is undefined whatever its names stand for.
    """
    return fold(tree, {**_RULES, **more})


def _number(parts: list[Any]) -> sympy.Expr:
    text = str(parts[0])
    return sympy.Rational(text) if float(text) else sympy.S.Zero


def _name(parts: list[Any]) -> sympy.Expr:
    return symbol(str(parts[0]))


def _call(parts: list[Any]) -> sympy.Expr:
    name, *args = parts
    apply = _OF_SYMPY.get(str(name)) or function(str(name))
    assert apply is not None
    as_written = str(name) in _VARIADIC and any(arg.free_symbols for arg in args)
    return _usable(name.start_pos, apply(*args, evaluate=False) if as_written else apply(*args))


def _sum(parts: list[Any]) -> sympy.Expr:
    signed = [-term if str(operator) == "-" else term for operator, term in zip(parts[1::2], parts[2::2], strict=True)]
    return _usable(parts[1].start_pos, sympy.Add(parts[0], *signed))


def _product(parts: list[Any]) -> sympy.Expr:
    factors = [parts[0]]
    for operator, factor in zip(parts[1::2], parts[2::2], strict=True):
        divides = str(operator) == "/"
        if divides and factor.is_zero:
            raise Refused(operator.start_pos, "divides by 0")
        factors.append(1 / factor if divides else factor)
    return _usable(parts[1].start_pos, sympy.Mul(*factors))


def _sign(parts: list[Any]) -> sympy.Expr:
    return -parts[1] if str(parts[0]) == "-" else parts[1]


def _power(parts: list[Any]) -> sympy.Expr:
    base, operator, exponent = parts
    if base.is_zero and (exponent.is_negative or exponent.free_symbols):
        raise Refused(operator.start_pos, "0 to a power that is not a number above 0")
    return _usable(operator.start_pos, base**exponent)


def _usable(offset: int, expression: sympy.Expr) -> sympy.Expr:
    if expression.has(*_UNUSABLE):
        raise Refused(offset, "not a real number" if expression.has(sympy.I) else "divides by 0, or is not finite")
    return expression


_RULES: dict[str, Rule] = {
    "number": _number,
    "name": _name,
    "call": _call,
    "sum": _sum,
    "product": _product,
    "sign": _sign,
    "power": _power,
    "group": lambda parts: parts[0],
}
