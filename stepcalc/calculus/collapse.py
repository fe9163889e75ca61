"""Softmax with categorical cross-entropy on the board: the sum over the classes, down to ŷᵢ − yᵢ."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from stepcalc.board.nodes import Add, Mul, Neg, Node
from stepcalc.calculus.cancel import collapse_sum, product, struck
from stepcalc.calculus.differentiate import Line
from stepcalc.calculus.rewrite_towards import multiplied_out
from stepcalc.calculus.terms import Term, parsed, worth
from stepcalc.calculus.to_board import GlyphOf, to_board
from stepcalc.calculus.walk import joined_product, joined_sum

ONE_HOT = "the targets add up to 1"


def explain_collapse(
    paths: Sequence[Sequence[sp.Expr]], one_hot: Sequence[sp.Symbol], glyph: GlyphOf | None = None
) -> tuple[Line, ...]:
    """The lines from Σₖ ∂L/∂ŷₖ · ∂ŷₖ/∂zᵢ to the short form.

    ``paths`` holds the factors of each path; each product is linear in the ``one_hot`` targets, whose sum is 1. All
    lines but the last are equal without that; the last one uses it.
    """
    chains = [product(path) for path in paths]
    whole = [_joined([to_board(factor, glyph) for factor in chain.factors]) for chain in chains]
    shown = [_joined(struck(chain, glyph)) for chain in chains]
    left = joined_sum([to_board(chain.short, glyph) for chain in chains])
    lines = [Line(joined_sum(whole), "sum over the paths")]
    if any(chain.cancellations for chain in chains):
        lines += [Line(joined_sum(shown), "cancel"), Line(left, "what is left")]
    expanded = multiplied_out(left)
    if expanded != left:
        lines.append(Line(expanded, "multiply out"))
    gathered = _gathered(expanded, one_hot, glyph)
    if gathered is not None:
        lines.append(Line(gathered, "factor out"))
    result = to_board(collapse_sum([chain.short for chain in chains], one_hot), glyph)
    return (*lines, Line(result, ONE_HOT))


def _joined(factors: Sequence[Node]) -> Node:
    return factors[0] if len(factors) == 1 else Mul(tuple(factors), "dot")


def _gathered(node: Node, one_hot: Sequence[sp.Symbol], glyph: GlyphOf | None) -> Node | None:
    """y₁p + y₂p + … + rest as rest + p(y₁ + y₂ + …), if every target has the same p."""
    if not isinstance(node, Add):
        return None
    groups: dict[tuple[sp.Expr, bool], list[tuple[sp.Symbol, Term]]] = {}
    for place in node.terms:
        term = parsed(place)
        owner = next((base for base, exponent in term.above if exponent == 1 and worth(base) in one_hot), None)
        if owner is not None:
            rest = Term(term.negative, term.number, term.below_number, _except(term, owner), term.below)
            groups.setdefault((worth(rest.node()), term.negative), []).append((worth(owner), rest))
    for (shared, negative), members in groups.items():
        if {symbol for symbol, _ in members} == set(one_hot) and len(members) == len(one_hot) > 1:
            total = Add(tuple(to_board(symbol, glyph) for symbol in one_hot))
            factor = Term(False, members[0][1].number, members[0][1].below_number, members[0][1].above).node()
            gathered = joined_product([factor, total]) if shared not in (1, -1) else total
            kept = [t for t in node.terms if not _belongs(t, shared, one_hot)]
            return joined_sum([*kept, Neg(gathered) if negative else gathered])
    return None


def _except(term: Term, owner: Node) -> tuple[tuple[Node, int], ...]:
    return tuple((base, exponent) for base, exponent in term.above if base != owner)


def _belongs(node: Node, shared: sp.Expr, one_hot: Sequence[sp.Symbol]) -> bool:
    return any(worth(node) == shared * symbol for symbol in one_hot)
