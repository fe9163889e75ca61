"""Rewriting rules steered by the short form and the definitions that may be recalled."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from stepcalc.board.nodes import Add, Exp, Frac, Mul, Neg, Node, Num, Paren, Rel, Sym
from stepcalc.board.transform import mapped
from stepcalc.calculus.aim import Aim, Lines
from stepcalc.calculus.terms import Term, parsed, powered, terms_of, worth
from stepcalc.calculus.tidy import tidy
from stepcalc.calculus.to_board import to_board
from stepcalc.calculus.walk import ONE, joined_product, joined_sum

MAX_TERMS = 40
"""More terms than this are not multiplied out."""


def towards_the_definition(node: Node, aim: Aim) -> Lines | None:
    """αeᶻ = αeᶻ − α + α, because αeᶻ − α is known by name."""
    if isinstance(node, Add) or not worth(node).has(sp.exp):
        return None
    for _, definition in aim.recall:
        if not definition.has(sp.exp) or definition.has(sp.Piecewise) or worth(node) == definition:
            continue
        rest = tidy(sp.expand(worth(node) - definition))
        if rest == 0 or rest.has(sp.Function) or rest.is_Add or not rest.free_symbols <= definition.free_symbols:
            continue
        extra = to_board(rest, aim.glyph)
        written = to_board(definition, aim.glyph)
        grouped, how = (written, "factor out") if isinstance(written, Mul) else (Paren(written), "group")
        return [
            (Add((node, _minus(extra), extra)), f"add and subtract {_spoken(extra)}"),
            (Add((grouped, extra)), how),
        ]
    return None


def _minus(node: Node) -> Node:
    return parsed(Neg(node)).node()


def divide_by_exponential(node: Node, aim: Aim) -> Lines | None:
    """eᵘ/(1 + eᵘ) = 1/(e⁻ᵘ + 1), where the latter is known by name."""
    if not isinstance(node, Frac) or not isinstance(node.num, Exp) or not isinstance(node.den, Add):
        return None
    if worth(node.den) != 1 + worth(node.num):
        return None
    inverse = Exp(_minus(node.num.arg))
    known = any(definition == 1 / (1 + worth(inverse)) for _, definition in aim.recall)
    return [(Frac(ONE, Add((ONE, inverse))), "divide above and below by the exponential")] if known else None


def add_and_subtract(node: Node, aim: Aim) -> Lines | None:
    """e⁻ᶻ over (1 + e⁻ᶻ)²: with + 1 − 1 above, the numerator holds the base below."""
    term = parsed(node)
    if len(term.below) != 1 or term.below[0][1] < 2 or term.number != 1 or not term.above:
        return None
    ((base, _),) = term.below
    if not any(worth(base) in _denominators(definition) for _, definition in aim.recall):
        return None
    above = Term(above=term.above).node()
    rest = sp.expand(worth(base) - worth(above))
    if not rest.is_Number or rest == 0:
        return None
    constant = to_board(rest, aim.glyph)
    below = Term(below_number=term.below_number, below=term.below).node()
    den = below.den if isinstance(below, Frac) else ONE
    plus_minus = Frac(Add((above, constant, _minus(constant))), den)
    grouped = Frac(Add((base, _minus(constant))), den)
    shown: Lines = [(plus_minus, f"add and subtract {_spoken(constant)}"), (grouped, "reorder")]
    return [(Neg(line), reason) for line, reason in shown] if term.negative else shown


def _spoken(node: Node) -> str:
    if isinstance(node, Sym):
        return node.glyph.base
    return node.text if isinstance(node, Num) else "the same"


def _denominators(definition: sp.Expr) -> set[sp.Expr]:
    return {power.base for power in definition.atoms(sp.Pow) if power.exp.is_negative}


def split_fraction(node: Node, aim: Aim) -> Lines | None:
    """(a − b)/c = a/c − b/c, where something then cancels."""
    term = parsed(node)
    above = [base for base, exponent in term.above if exponent == 1 and isinstance(base, Add)]
    if len(term.above) != 1 or not above or not term.below:
        return None
    below = {worth(base) for base, _ in term.below}
    den = Term(below_number=term.below_number, below=term.below)
    parts = [parsed(part).times(den) for part in terms_of(above[0])]
    if not any(worth(base) in below for part in parts for base, _ in part.above):
        return None
    sign = Term(negative=term.negative, number=term.number)
    return [(joined_sum([part.times(sign).node() for part in parts]), "split the fraction")]


def common_denominator(node: Node, aim: Aim) -> Lines | None:
    """Fractions with different denominators, where the short form has one: over one line, then multiplied out."""
    if not isinstance(node, Add) or aim.target.is_Add or not 2 <= len(node.terms) <= 4:
        return None
    parts = [parsed(term) for term in node.terms]
    if sum(1 for part in parts if part.below) < 2 or worth(node).has(sp.exp):
        return None
    total: dict[sp.Expr, tuple[Node, int]] = {}
    for part in parts:
        for base, exponent in part.below:
            shown, sofar = total.get(worth(base), (base, 0))
            total[worth(base)] = (shown, max(sofar, exponent))
    den = joined_product([powered(base, exponent) for base, exponent in total.values()])
    above = joined_sum([_raised(part, total) for part in parts])
    lines: Lines = [(Frac(above, den), "common denominator")]
    expanded = multiplied_out(above)
    return [*lines, (Frac(expanded, den), "multiply out")] if expanded != above else lines


def _raised(part: Term, total: dict[sp.Expr, tuple[Node, int]]) -> Node:
    own = {worth(base): exponent for base, exponent in part.below}
    missing = tuple((base, e - own.get(key, 0)) for key, (base, e) in total.items() if e > own.get(key, 0))
    return Term(part.negative, part.number / part.below_number, above=(*part.above, *missing)).node()


def multiplied_out(node: Node) -> Node:
    """A sum of products with the brackets multiplied out, in the order of writing."""
    terms: list[Term] = []
    for part in terms_of(node):
        products = [Term()]
        term = parsed(part)
        for base, exponent in term.above:
            factor = [parsed(inner) for inner in terms_of(base)] if exponent == 1 else [Term(above=((base, exponent),))]
            products = [one.times(other) for one in products for other in factor]
        outer = Term(term.negative, term.number, term.below_number, below=term.below)
        terms += [one.times(outer) for one in products]
    return joined_sum([term.node() for term in terms]) if len(terms) <= MAX_TERMS else node


def factor_out(node: Node, aim: Aim) -> Lines | None:
    """What all terms share goes in front of a bracket, where the short form is a product."""
    if not isinstance(node, Add) or aim.target.is_Add:
        return None
    parts = [parsed(term) for term in node.terms]
    shared = _shared(parts)
    if not (shared.above or shared.below):
        return None
    left = [_without(part, shared).node() for part in parts]
    factored = Mul((shared.node(), joined_sum(left)))
    return [(factored, "factor out"), *(recall_definition(factored, aim) or [])]


def _shared(parts: Sequence[Term]) -> Term:
    sides = []
    for side in ("above", "below"):
        tables = [{worth(base): e for base, e in getattr(part, side)} for part in parts]
        first = getattr(parts[0], side)
        amounts = [(base, min(table.get(worth(base), 0) for table in tables)) for base, _ in first]
        sides.append(tuple((base, amount) for base, amount in amounts if amount))
    return Term(above=sides[0], below=sides[1])


def _without(part: Term, shared: Term) -> Term:
    gone = [{worth(base): e for base, e in side} for side in (shared.above, shared.below)]
    kept = [
        tuple((base, rest) for base, e in side if (rest := e - taken.get(worth(base), 0)))
        for side, taken in zip((part.above, part.below), gone, strict=True)
    ]
    return Term(part.negative, part.number, part.below_number, kept[0], kept[1])


def recall_definition(node: Node, aim: Aim) -> Lines | None:
    """What has a name is called by it."""
    if not aim.recall:
        return None
    named = _named(node, [(name, definition, parsed(to_board(definition))) for name, definition in aim.recall])
    helps = named != node and (not worth(named).has(sp.exp) or aim.target.has(sp.exp))
    return [(named, "recall the definition")] if helps else None


def _named(node: Node, known: list[tuple[Node, sp.Expr, Term]]) -> Node:
    if isinstance(node, Rel):
        return node
    for name, definition, _ in known:
        if worth(node) == definition:
            return name
    term = parsed(node)
    if (len(term.above) + len(term.below) > 1 or term.below) and not isinstance(node, Add):
        names: list[tuple[Node, int]] = []
        for name, _, pattern in known:
            while (rest := _taken(term, pattern)) is not None:
                term = rest
                names.append((name, 1))
        if names:
            node = term.times(Term(above=tuple(names))).node()
    return mapped(lambda part: _named(part, known), node)


def _taken(term: Term, pattern: Term) -> Term | None:
    """``term`` without the factors of ``pattern``, ``None`` if it does not hold them all."""
    if pattern.negative or pattern.number != 1 or pattern.below_number != 1 or not pattern.below:
        return None
    for side, wanted in ((term.above, pattern.above), (term.below, pattern.below)):
        there = {worth(base): exponent for base, exponent in side}
        if any(there.get(worth(base), 0) < exponent for base, exponent in wanted):
            return None
    return _without(term, pattern)
