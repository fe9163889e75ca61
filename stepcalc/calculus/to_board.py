"""From SymPy to written mathematics, in the order in which a teacher writes.

SymPy keeps sums and products in an order of its own; here they get a human one: ``3x − 2`` and
``9x² − 12x + 4`` in falling degree, ``1 + e⁻ᶻ`` and ``1 − a`` with the constant first, ``ŷ(1 − ŷ)``
with the pair together, ``ŷ − y`` and never ``−y + ŷ``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

import sympy as sp

from stepcalc.board.nodes import (
    Abs,
    Add,
    Call,
    Cases,
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
from stepcalc.calculus.functions import is_slope, slope_name
from stepcalc.calculus.glyphs import default_glyph
from stepcalc.calculus.vocabulary import NAMES

GlyphOf = Callable[[str], Glyph]

LONGEST_DECIMAL = 8
"""A terminating fraction with more digits than this is written as a fraction."""

LONGEST_PLAIN = 12
"""A number that is mostly zeros and longer than this is written with a power of ten."""

_WRITTEN_AS_CALLS = (sp.log, sp.sin, sp.cos, sp.tan)
"""Functions that stand last in a product, so that nobody takes the next factor for their argument."""

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
            if _decimal(coefficient) is None or coefficient.p == 1:
                above = ([_whole(coefficient.p)] if coefficient.p != 1 else []) + above
                below = ([_whole(coefficient.q)] if coefficient.q != 1 else []) + below
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
        one, other = (part.canonical for part in sorted(condition.args, key=natural_key))
        if one.lhs != other.lhs or len(condition.args) != 2:
            raise NotImplementedError("these joined conditions have no written form")
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


def _whole(value: int) -> Node:
    return Num(str(value))


def number(value: Any) -> Node:
    """A SymPy number as it is written: a short decimal where it terminates, else a fraction."""
    if value.is_negative:
        node = number(-value)
        return Num("-" + node.text) if isinstance(node, Num) else Neg(node)
    text = _decimal(value)
    if text is not None:
        return Num(text)
    return Frac(_whole(value.p), _whole(value.q))


def _decimal(value: Any) -> str | None:
    if not value.is_Rational:
        return _plain(Decimal(repr(float(value))))
    return decimal_text(value.p, value.q)


def decimal_text(numerator: int, denominator: int) -> str | None:
    """numerator/denominator as a short terminating decimal, ``None`` if it is none."""
    rest = denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return None
    if denominator == 1:
        return _short_power_of_ten(str(numerator))
    text = _plain(Decimal(numerator) / Decimal(denominator))
    digits = text.replace(".", "").lstrip("0")
    return _short_power_of_ten(text) if len(digits) <= LONGEST_DECIMAL else None


def _short_power_of_ten(text: str) -> str:
    """1e300 for a 1 with 300 zeros; what is not mostly zeros stays as it is."""
    sign, digits, exponent = Decimal(text).as_tuple()
    bare = "".join(map(str, digits)).rstrip("0") or "0"
    if len(text) <= LONGEST_PLAIN or len(bare) > LONGEST_DECIMAL:
        return text
    power = int(exponent) + len(digits) - 1
    mantissa = bare[0] + (f".{bare[1:]}" if bare[1:] else "")
    return f"{'-' * sign}{mantissa}e{power}"


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


# The order of writing ---------------------------------------------------------------------------


def natural_key(expr: Any) -> tuple[Any, ...]:
    """A key that sorts names as people do (x2 before x10) and does not depend on SymPy's hashes."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", str(expr)))


def ordered_terms(expr: sp.Add) -> tuple[sp.Expr, ...]:
    """The terms of a sum in the order of writing."""
    terms = sorted(expr.args, key=lambda term: (-_degree(term), _size(term), natural_key(_unsigned(term))))
    constants = [term for term in terms if term.is_Number]
    others = [term for term in terms if not term.is_Number]
    if constants and constants[0].is_positive and (_all_negative(others) or any(t.has(sp.exp) for t in others)):
        terms = constants + others
    elif _negative(terms[0]) and not _is_long_polynomial(terms) and not _denominator(terms[0]):
        leader = next((term for term in terms if not _negative(term)), None)
        if leader is not None:
            terms.remove(leader)
            terms.insert(0, leader)
    return tuple(terms)


def ordered_factors(factors: tuple[sp.Expr, ...]) -> tuple[sp.Expr, ...]:
    """The factors of a product in the order of writing: symbols, powers, functions, pairs s(1 − s), sums."""
    sums = [factor for factor in factors if _base(factor).is_Add]
    plain = sorted((factor for factor in factors if not _base(factor).is_Add), key=_factor_key)
    partners = {partner: factor for factor in sums if (partner := _partner(_base(factor))) in plain}
    singles = [factor for factor in plain if factor not in partners]
    pairs = [member for factor in plain if factor in partners for member in (factor, partners[factor])]
    left = sorted((factor for factor in sums if factor not in partners.values()), key=_factor_key)
    simple = [factor for factor in singles if not isinstance(_base(factor), _WRITTEN_AS_CALLS)]
    calls = [factor for factor in singles if isinstance(_base(factor), _WRITTEN_AS_CALLS)]
    return (*simple, *pairs, *left, *calls)


def _factor_key(factor: sp.Expr) -> tuple[Any, ...]:
    base = _base(factor)
    kind = 0 if base.is_Symbol else 1 if isinstance(base, sp.exp) else 2
    return (kind, natural_key(base), natural_key(factor))


def _base(factor: sp.Expr) -> Any:
    return factor.base if factor.is_Pow else factor


def _partner(total: sp.Add) -> sp.Expr | None:
    """s for the sum 1 − s."""
    rest = 1 - total
    return cast(sp.Expr, rest) if not rest.is_Add and not _negative(rest) else None


def _negative(term: Any) -> bool:
    return bool(term.could_extract_minus_sign()) if not term.is_Add else False


def _all_negative(terms: list[sp.Expr]) -> bool:
    return all(_negative(term) for term in terms)


def _denominator(term: Any) -> bool:
    return any(factor.is_Pow and factor.exp.is_negative for factor in sp.Mul.make_args(term))


def _is_long_polynomial(terms: list[sp.Expr]) -> bool:
    free = set().union(*(term.free_symbols for term in terms))
    return len(terms) > 2 and len(free) == 1


def _unsigned(term: Any) -> Any:
    """The term without its minus sign."""
    return -term if _negative(term) else term


def _size(term: Any) -> int:
    return 0 if term.is_Symbol else int(_unsigned(term).count_ops())


def _degree(term: Any) -> float:
    """Total degree of a term in its symbols; a function counts as half, so x² + sin x + 1."""
    if term.is_Symbol:
        return 1.0
    if term.is_Mul:
        return sum(_degree(factor) for factor in term.args)
    if term.is_Add:
        return max(_degree(part) for part in term.args)
    if term.is_Pow and term.exp.is_Rational and not isinstance(term, sp.exp):
        return _degree(term.base) * float(term.exp)
    return 0.0 if not term.free_symbols else 0.5
