"""From written mathematics back to SymPy, to prove that one line equals the next.

What only concerns the eye (:class:`Strike`, :class:`Box`, :class:`Paren`) is transparent; a
:class:`Diff` is carried out by SymPy, so a line with derivatives still to be taken has a value too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import sympy as sp

from stepcalc.board.nodes import (
    Abs,
    Add,
    Box,
    Call,
    Cases,
    Deriv,
    Diff,
    Exp,
    Frac,
    Glyph,
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
from stepcalc.calculus.functions import slope
from stepcalc.calculus.vocabulary import function

LARGEST_EXPONENT = 1000
"""A number to a higher power than this stays unevaluated."""


def from_board(node: Node) -> sp.Expr:
    """The value of ``node``, exact: ``Num("0.1")`` is 1/10.

    Raises :class:`NotImplementedError` naming the node that has no value (a matrix, a hole, words).
    """
    read = _READERS.get(type(node))
    if read is None:
        raise NotImplementedError(f"{type(node).__name__} has no value")
    return read(node)


def symbol_of(node: Sym) -> sp.Symbol:
    """The SymPy symbol of a written symbol: that of its item, else one named as it is written."""
    return sp.Symbol(node.item if node.item is not None else _spelled(node.glyph), real=True)


def _spelled(glyph: Glyph) -> str:
    hat = "_hat" if glyph.hat else ""
    sub = f"_{glyph.sub}" if glyph.sub else ""
    return f"{glyph.base}{hat}{sub}{glyph.sup}"


def _power(node: Pow) -> sp.Expr:
    base, exponent = from_board(node.base), from_board(node.exp)
    huge = base.is_Number and exponent.is_Number and abs(exponent) > LARGEST_EXPONENT
    return sp.Pow(base, exponent, evaluate=not huge)


def _call(node: Call) -> sp.Expr:
    known = function(node.name)
    arguments = [from_board(argument) for argument in node.args]
    if known is None and node.primes == 1 and len(arguments) == 1:
        return slope(node.name, arguments[0])  # ELU′(z), a name of its own
    if known is None:
        raise NotImplementedError(f"the function {node.name} is not known")
    if not node.primes:
        return known(*arguments)
    inner = sp.Dummy(real=True)
    return sp.diff(known(inner), inner, node.primes).subs(inner, arguments[0])


def _derivative_name(node: Deriv) -> sp.Expr:
    if node.item is None:
        raise NotImplementedError("Deriv without an item has no value")
    return sp.Symbol(node.item, real=True)


def _differentiate(node: Diff) -> sp.Expr:
    return sp.diff(from_board(node.arg), from_board(node.wrt))


_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": sp.StrictLessThan,
    ">": sp.StrictGreaterThan,
    "≤": sp.LessThan,
    "≥": sp.GreaterThan,
    "=": sp.Equality,
    "≠": sp.Unequality,
}


def _condition(rel: Rel | None) -> Any:
    if rel is None:
        return sp.true
    compare = _COMPARE.get(rel.relation)
    if compare is None:
        raise NotImplementedError(f"the relation {rel.relation} has no value")
    if isinstance(rel.right, Rel):
        return sp.And(compare(from_board(rel.left), from_board(rel.right.left)), _condition(rel.right))
    return compare(from_board(rel.left), from_board(rel.right))


def _cases(node: Cases) -> sp.Expr:
    return sp.Piecewise(*((from_board(value), _condition(condition)) for value, condition in node.rows))


_READERS: dict[type, Callable[[Any], Any]] = {
    Num: lambda node: sp.Rational(node.text),
    Sym: symbol_of,
    Add: lambda node: reduce(sp.Add, (from_board(term) for term in node.terms), sp.S.Zero),
    Mul: lambda node: reduce(sp.Mul, (from_board(factor) for factor in node.factors), sp.S.One),
    Neg: lambda node: -from_board(node.arg),
    Frac: lambda node: from_board(node.num) / from_board(node.den),
    Pow: _power,
    Exp: lambda node: sp.exp(from_board(node.arg)),
    Sqrt: lambda node: sp.sqrt(from_board(node.arg)),
    Abs: lambda node: sp.Abs(from_board(node.arg)),
    Call: _call,
    Deriv: _derivative_name,
    Diff: _differentiate,
    Cases: _cases,
    Strike: lambda node: from_board(node.arg),
    Box: lambda node: from_board(node.arg),
    Paren: lambda node: from_board(node.arg),
}
