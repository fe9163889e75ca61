"""Rewriting rules that need no aim: signs, one fraction line, what cancels."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from stepcalc.board.nodes import Add, Frac, Mul, Neg, Node, Strike
from stepcalc.board.transform import contains
from stepcalc.calculus.aim import Aim, Lines
from stepcalc.calculus.terms import Term, cancelled, parsed, regular, terms_of, worth
from stepcalc.calculus.walk import MINUS_ONE, cleaned, joined_product, joined_sum


def clear_up(node: Node, aim: Aim) -> Lines | None:
    """Zeros and ones are left out, numbers put together."""
    clean = cleaned(node)
    return [(clean, "leave out zeros and ones")] if clean != node and not _grouped(node) else None


def _grouped(node: Node) -> bool:
    """A sum kept together inside a sum, on purpose."""
    return contains(node, lambda part: isinstance(part, Add) and any(isinstance(t, Add) for t in part.terms))


def two_minus_signs(node: Node, aim: Aim) -> Lines | None:
    """(−1) · … · (−1): the two are struck out."""
    if not isinstance(node, Mul) or node.factors.count(MINUS_ONE) < 2:
        return None
    places = [place for place, factor in enumerate(node.factors) if factor == MINUS_ONE][:2]
    shown = tuple(Strike(f, 1) if place in places else f for place, f in enumerate(node.factors))
    left = [f for place, f in enumerate(node.factors) if place not in places]
    return [(Mul(shown), "minus times minus is plus"), (joined_product(left), "what is left")]


def one_fraction(node: Node, aim: Aim) -> Lines | None:
    """Signs to the front, negative powers under a fraction line, products of fractions as one."""
    if _grouped(node):
        return None
    better = regular(node)
    if better == node:
        return None
    fraction = contains(better, lambda part: isinstance(part, Frac))
    return [(better, "as one fraction" if fraction else "signs and numbers in front")]


def cancel_factors(node: Node, aim: Aim) -> Lines | None:
    """What stands both above and below a fraction line is struck out."""
    pairs = [cancelled(parsed(term)) for term in terms_of(node)]
    if not any(pairs):
        return None
    struck = [pair[0] if pair else term for pair, term in zip(pairs, terms_of(node), strict=True)]
    after = [pair[1] if pair else term for pair, term in zip(pairs, terms_of(node), strict=True)]
    return [(joined_sum(struck), "cancel"), (joined_sum(after), "what is left")]


def cancel_terms(node: Node, aim: Aim) -> Lines | None:
    """t and −t in one sum are struck out; equal terms are counted together."""
    term = parsed(node)
    if isinstance(node, Frac) and isinstance(node.num, Add):
        found = _like_terms(node.num)
        return found and [(Frac(above, node.den), reason) for above, reason in found]
    if isinstance(node, Neg) and isinstance(node.arg, Frac) and term.negative:
        inner = cancel_terms(node.arg, aim)
        return inner and [(Neg(above), reason) for above, reason in inner]
    return _like_terms(node) if isinstance(node, Add) else None


def _like_terms(total: Add) -> Lines | None:
    if any(isinstance(term, Add) for term in total.terms):
        return None
    coefficients: dict[sp.Expr, list[tuple[int, Fraction]]] = {}
    for place, node in enumerate(total.terms):
        term = parsed(node)
        signed = (-term.number if term.negative else term.number) / term.below_number
        bare = Term(above=term.above, below=term.below).node()
        coefficients.setdefault(worth(bare), []).append((place, signed))
    groups = [group for group in coefficients.values() if len(group) > 1]
    if not groups:
        return None
    opposite = {place for group in groups if sum(c for _, c in group) == 0 for place, _ in group}
    lines: Lines = []
    if opposite:
        shown = tuple(_struck_term(node) if place in opposite else node for place, node in enumerate(total.terms))
        lines.append((Add(shown), "equal terms with opposite signs cancel"))
    kept: dict[int, Node] = {place: node for place, node in enumerate(total.terms) if place not in opposite}
    for group in groups:
        (first, _), *others = group
        if first in kept:
            term = parsed(kept[first])
            amount = sum((c for _, c in group), Fraction(0))
            kept[first] = Term(amount < 0, abs(amount), Fraction(1), term.above, term.below).node()
            for place, _ in others:
                kept.pop(place)
    reason = "what is left" if opposite else "collect equal terms"
    return [*lines, (joined_sum(list(kept.values())), reason)]


def _struck_term(node: Node) -> Node:
    if isinstance(node, Neg):
        return Neg(Strike(node.arg, 1))
    return Strike(node, 1)
