"""From SymPy to written mathematics, in the order in which a teacher writes.

SymPy keeps sums and products in an order of its own; here they get a human one: ``3x − 2`` and
``9x² − 12x + 4`` in falling degree, ``1 + e⁻ᶻ`` and ``1 − a`` with the constant first, ``ŷ(1 − ŷ)``
with the pair together, ``ŷ − y`` and never ``−y + ŷ``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from stepcalc.board.nodes import (
    Abs,
    Add,
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
    Pow,
    Rel,
    Relation,
    Sqrt,
    SumOver,
    Sym,
)
from stepcalc.calculus.functions import is_link, is_slope, slope_name
from stepcalc.calculus.glyphs import default_glyph
from stepcalc.calculus.numerals import decimal, number, whole
from stepcalc.calculus.order import natural_key, ordered_factors, ordered_terms
from stepcalc.calculus.vocabulary import NAMES

GlyphOf = Callable[[str], Glyph]

_RELATIONS: dict[Any, Relation] = {
    sp.StrictLessThan: "<",
    sp.LessThan: "≤",
    sp.StrictGreaterThan: ">",
    sp.GreaterThan: "≥",
    sp.Equality: "=",
    sp.Unequality: "≠",
}


def to_board(expr: sp.Expr, glyph: GlyphOf | None = None) -> Node:
    """``expr`` as it is written on a board; ``glyph`` says how the item of a symbol looks.

    Raises :class:`NotImplementedError` naming the SymPy class that has no written form.
    """
    return _Writer(glyph or default_glyph).node(expr)


@dataclass(frozen=True)
class _Writer:
    glyph: GlyphOf

    def node(self, expr: Any) -> Node:
        if expr.is_Symbol:
            return Sym(self.glyph(expr.name), expr.name)
        if expr.is_Number:
            return number(expr)
        for kind, write in _WRITERS.items():
            if isinstance(expr, kind):
                return write(self, expr)
        if is_slope(expr):
            return Call(slope_name(expr), tuple(self.node(argument) for argument in expr.args), primes=1)
        if is_link(expr):
            child, parent = map(self.node, expr.args)
            return Deriv(child, parent)
        name = NAMES.get(expr.func)
        if name is None:
            raise NotImplementedError(f"{expr.func.__name__} has no written form")
        return Call(name, tuple(self.node(argument) for argument in expr.args))

    def sum(self, expr: sp.Add) -> Node:
        return Add(tuple(self.node(term) for term in ordered_terms(expr)))

    def product(self, expr: sp.Mul) -> Node:
        negative, parts = _split(expr)
        if negative:
            negative, parts = _sign_turned(parts)
        node = self._fraction(parts)
        return Neg(node) if negative else node

    def _fraction(self, parts: _Parts) -> Node:
        above = [self.node(factor) for factor in ordered_factors(parts.above)]
        below = [self.node(factor) for factor in ordered_factors(parts.below)]
        coefficient = parts.coefficient
        if below:
            if decimal(coefficient) is None or coefficient.p == 1:
                above = ([whole(coefficient.p)] if coefficient.p != 1 else []) + above
                below = ([whole(coefficient.q)] if coefficient.q != 1 else []) + below
            elif coefficient != 1:
                above = [number(coefficient), *above]
            return Frac(_product(above), _product(below))
        if coefficient != 1:
            above = [self._coefficient(coefficient), *above]
        return _product(above)

    def _coefficient(self, value: sp.Rational) -> Node:
        if value == sp.Rational(1, 2):
            return Frac(Num("1"), Num("2"))
        return number(value)

    def power(self, expr: sp.Pow) -> Node:
        base, exponent = expr.args
        if exponent == sp.Rational(1, 2):
            return Sqrt(self.node(base))
        if exponent.is_Rational and exponent.is_negative:
            return Frac(Num("1"), self.node(sp.Pow(base, -exponent)))
        return Pow(self.node(base), self.node(exponent))

    def cases(self, expr: sp.Piecewise) -> Node:
        rows = tuple((self.node(value), self.condition(condition)) for value, condition in expr.args)
        return Cases(rows)

    def condition(self, condition: Any) -> Rel | None:
        if condition == sp.true:
            return None
        if isinstance(condition, sp.And):
            return self._between(condition)
        if condition.args[1].has(sp.Abs) and not condition.args[0].has(sp.Abs):
            condition = condition.reversed
        relation = _RELATIONS.get(condition.func)
        if relation is None:
            raise NotImplementedError(f"the condition {condition.func.__name__} has no written form")
        return Rel(self.node(condition.args[0]), relation, self.node(condition.args[1]))

    def _between(self, condition: sp.And) -> Rel:
        """low < x < high, from two conditions that share their x."""
        parts = [part.canonical for part in sorted(condition.args, key=natural_key)]
        if len(parts) != 2 or parts[0].lhs != parts[1].lhs:
            raise NotImplementedError("these joined conditions have no written form")
        one, other = parts
        low, high = (one, other) if isinstance(one, (sp.GreaterThan, sp.StrictGreaterThan)) else (other, one)
        right = Rel(self.node(high.lhs), _RELATIONS[high.func], self.node(high.rhs))
        return Rel(self.node(low.rhs), _RELATIONS[low.reversed.func], right)

    def derivative(self, expr: sp.Derivative) -> Node:
        node, partial = self.node(expr.expr), len(expr.expr.free_symbols) > 1
        for variable, count in expr.variable_count:
            for _ in range(int(count)):
                node = Diff(self.node(variable), node, partial=partial)
        return node

    def total(self, expr: sp.Sum) -> Node:
        ((index, low, high),) = expr.limits
        return SumOver(self.node(index), self.node(low), self.node(high), self.node(expr.function))


_WRITERS: dict[Any, Callable[[_Writer, Any], Node]] = {
    sp.Add: _Writer.sum,
    sp.Mul: _Writer.product,
    sp.exp: lambda writer, expr: Exp(writer.node(expr.args[0])),
    sp.Pow: _Writer.power,
    sp.Abs: lambda writer, expr: Abs(writer.node(_prediction_first(expr.args[0]))),
    sp.Piecewise: _Writer.cases,
    sp.Derivative: _Writer.derivative,
    sp.Sum: _Writer.total,
}


@dataclass(frozen=True)
class _Parts:
    """A product taken apart: coefficient · above / below; the coefficient is positive."""

    coefficient: sp.Rational
    above: tuple[sp.Expr, ...]
    below: tuple[sp.Expr, ...]


def _split(expr: sp.Mul) -> tuple[bool, _Parts]:
    coefficient: Any = sp.Integer(1)
    above: list[sp.Expr] = []
    below: list[sp.Expr] = []
    for factor in expr.args:
        if factor.is_Number:
            coefficient = coefficient * sp.nsimplify(factor, rational=True)
        elif factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
            below.append(sp.Pow(factor.base, -factor.exp))
        else:
            above.append(factor)
    return bool(coefficient < 0), _Parts(abs(coefficient), tuple(above), tuple(below))


def _sign_turned(parts: _Parts) -> tuple[bool, _Parts]:
    """−sgn(y − ŷ) as sgn(ŷ − y)."""
    for place, factor in enumerate(parts.above):
        if isinstance(factor, sp.sign) and factor.args[0].is_Add:
            turned = sp.sign(-factor.args[0], evaluate=False)
            return False, replace(parts, above=(*parts.above[:place], turned, *parts.above[place + 1 :]))
    return True, parts


def _prediction_first(expr: Any) -> Any:
    """ŷ − y for y − ŷ, where the sign does not matter."""
    if expr.is_Add and len(expr.args) == 2 and any(term.could_extract_minus_sign() for term in expr.args):
        first = ordered_terms(expr)[0]
        return -expr if first.is_Symbol and re.fullmatch(r"y(\[.*\])?(@\d+)?", first.name) else expr
    return expr


def _product(factors: list[Node]) -> Node:
    if not factors:
        return Num("1")
    return factors[0] if len(factors) == 1 else Mul(tuple(factors))
