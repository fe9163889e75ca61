"""Products of local derivatives: which parts cancel, what is left, and how that is shown on the board."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, cast

import sympy as sp

from stepcalc.board.nodes import Frac, Mul, Neg, Node, Num, Strike
from stepcalc.calculus.algebra import powers
from stepcalc.calculus.order import ordered_factors
from stepcalc.calculus.tidy import multiplied, parity, tidy
from stepcalc.calculus.to_board import GlyphOf, to_board


@dataclass(frozen=True, slots=True)
class Cancellation:
    """``base`` stands in the numerator of factor ``factors[0]`` and in the denominator of ``factors[1]``."""

    base: sp.Expr
    factors: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Product:
    """A chain of factors, tidied; ``short`` is their product after the ``cancellations``."""

    factors: tuple[sp.Expr, ...]
    short: sp.Expr
    cancellations: tuple[Cancellation, ...]


def product(factors: Sequence[sp.Expr]) -> Product:
    """The product of ``factors`` in its short form, with what cancels between them."""
    return _product(tuple(sp.sympify(factor, strict=True) for factor in factors))


@lru_cache(maxsize=4096)
def _product(given: tuple[sp.Expr, ...]) -> Product:
    factors = tuple(tidy(factor) for factor in given)
    if any(factor == 0 for factor in factors):
        return Product(factors, sp.S.Zero, ())
    coefficient: Any = sp.S.One
    total: dict[sp.Expr, Any] = {}
    apart = []
    for factor in factors:
        own, bases = powers(factor)
        matched: dict[sp.Expr, Any] = {}
        for base, exponent in bases.items():
            if base not in total and -base in total:
                own, base = own * parity(exponent), -base
            total[base] = total.get(base, 0) + exponent
            matched[base] = matched.get(base, 0) + exponent
        coefficient = coefficient * own
        apart.append(matched)
    left = [base**exponent for base, exponent in total.items() if exponent]
    return Product(factors, multiplied(coefficient, left), tuple(_pairs(apart)))


def _pairs(apart: Sequence[dict[sp.Expr, Any]]) -> Iterable[Cancellation]:
    """One cancellation for each unit of power, the denominators from left to right."""
    above = [{base: e for base, e in bases.items() if e > 0} for bases in apart]
    for below, bases in enumerate(apart):
        for base, exponent in bases.items():
            for _ in range(max(0, -exponent)):
                partner = next((i for i, own in enumerate(above) if own.get(base, 0) > 0), None)
                if partner is None:
                    break
                above[partner][base] -= 1
                yield Cancellation(base, (partner, below))


def struck(chain: Product, glyph: GlyphOf | None = None) -> tuple[Node, ...]:
    """Each factor of ``chain`` on the board, what cancels struck out; a group for each pair of factors."""
    pairs = sorted({cancellation.factors for cancellation in chain.cancellations})
    groups = {pair: number for number, pair in enumerate(pairs, start=1)}
    return tuple(
        _struck_factor(
            factor,
            [(c.base, groups[c.factors]) for c in chain.cancellations if c.factors[0] == place],
            [(c.base, groups[c.factors]) for c in chain.cancellations if c.factors[1] == place],
            glyph,
        )
        for place, factor in enumerate(chain.factors)
    )


def _struck_factor(
    factor: sp.Expr, above: list[tuple[sp.Expr, int]], below: list[tuple[sp.Expr, int]], glyph: GlyphOf | None
) -> Node:
    if not above and not below:
        return to_board(factor, glyph)
    coefficient, bases = powers(factor)
    bases, coefficient = _turned({base for base, _ in above + below}, bases, coefficient)
    top = {base: exponent for base, exponent in bases.items() if exponent > 0}
    bottom = {base: -exponent for base, exponent in bases.items() if exponent < 0}
    size = abs(coefficient)
    numerator = _side(top, above, sp.Integer(size.p), glyph)
    denominator = _side(bottom, below, sp.Integer(size.q), glyph)
    node = Frac(numerator, denominator) if bottom or size.q != 1 else numerator
    return Neg(node) if coefficient < 0 else node


def _turned(struck_bases: set[sp.Expr], bases: dict[sp.Expr, Any], coefficient: Any) -> tuple[dict[sp.Expr, Any], Any]:
    """The bases with the signs under which they cancel."""
    turned: dict[sp.Expr, Any] = {}
    for base, exponent in bases.items():
        if base not in struck_bases and -base in struck_bases:
            base, coefficient = -base, coefficient * parity(exponent)
        turned[base] = exponent
    return turned, coefficient


def _side(
    bases: dict[sp.Expr, Any], cancelled: list[tuple[sp.Expr, int]], coefficient: Any, glyph: GlyphOf | None
) -> Node:
    """Numerator or denominator in the order of writing; neighbours that go together are struck out as one."""
    parts: list[tuple[int, Node]] = [] if coefficient == 1 else [(0, to_board(coefficient, glyph))]
    for written in ordered_factors(tuple(base**exponent for base, exponent in bases.items())):
        base = next(base for base, exponent in bases.items() if base**exponent == written)
        groups = [group for struck_base, group in cancelled if struck_base == base]
        left = bases[base] - len(groups)
        parts += [(group, to_board(base ** groups.count(group), glyph)) for group in dict.fromkeys(groups)]
        parts += [(0, to_board(base**left, glyph))] if left else []
    nodes: list[Node] = []
    for group, members in groupby(parts, key=itemgetter(0)):
        run = [node for _, node in members]
        nodes += [Strike(_joined(run), group)] if group else run
    return _joined(nodes)


def _joined(nodes: Sequence[Node]) -> Node:
    if not nodes:
        return Num("1")
    return nodes[0] if len(nodes) == 1 else Mul(tuple(nodes))


def collapse_sum(terms: Sequence[sp.Expr], one_hot: Sequence[sp.Symbol]) -> sp.Expr:
    """The sum of ``terms``, linear in the ``one_hot`` symbols, shortened with Σ ``one_hot`` = 1.

    −y₁/ŷ₁ · ŷ₁(1 − ŷ₁) − y₂/ŷ₂ · (−ŷ₁ŷ₂) becomes ŷ₁ − y₁. What all coefficients share is taken out once.
    """
    expanded = sp.Add(*(sp.expand(product(sp.Mul.make_args(term)).short) for term in terms))
    coefficients: dict[sp.Symbol, dict[sp.Expr, Any]] = {symbol: {} for symbol in one_hot}
    rest: dict[sp.Expr, Any] = {}
    for term in sp.Add.make_args(expanded):
        owners = [symbol for symbol in one_hot if term.has(symbol)]
        if len(owners) > 1 or (owners and sp.diff(term, owners[0]).has(owners[0])):
            return tidy(cast(sp.Expr, expanded))
        value, monomial = (term / owners[0] if owners else term).as_coeff_Mul()
        place = coefficients[owners[0]] if owners else rest
        place[monomial] = place.get(monomial, 0) + value
    shared = _shared(list(coefficients.values()))
    for own in coefficients.values():
        for monomial, value in shared.items():
            own[monomial] = own.get(monomial, 0) - value
    for monomial, value in shared.items():
        rest[monomial] = rest.get(monomial, 0) + value
    parts = [value * monomial for monomial, value in rest.items()]
    parts += [value * monomial * symbol for symbol, own in coefficients.items() for monomial, value in own.items()]
    return tidy(cast(sp.Expr, sp.Add(*parts)))


def _shared(coefficients: Sequence[dict[sp.Expr, Any]]) -> dict[sp.Expr, Any]:
    """The part c·m that stands beside every symbol."""
    if not coefficients:
        return {}
    first, *others = coefficients
    return {m: value for m, value in first.items() if all(own.get(m, 0) == value for own in others)}
