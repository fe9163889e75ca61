"""Tidying a derivative up in steps that a class can follow, each a rewriting rule with a name.

A rule looks at a written expression and either passes or gives the lines it adds, the last of which is
where the next rule takes over. The rules know nothing of sigmoids: which sums are worth making is read from
the short form that is aimed at and from the definitions that may be recalled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import sympy as sp

from stepcalc.board.nodes import Add, Cases, Exp, Frac, Mul, Neg, Node, Num, Rel, Strike, Sym
from stepcalc.calculus.terms import Term, cancelled, parsed, powered, regular, terms_of, worth
from stepcalc.calculus.tidy import tidy
from stepcalc.calculus.to_board import GlyphOf, to_board
from stepcalc.calculus.walk import (
    MINUS_ONE,
    ONE,
    cleaned,
    contains,
    joined_product,
    joined_sum,
    mapped,
    size,
)

MAX_STEPS = 20
MAX_TERMS = 40
MAX_NODES = 400
"""Beyond this size a line is not tidied up in steps."""

JUMP, REORDER, MULTIPLY, TURN = "simplify", "reorder", "multiply out", "turn the signs round"
"""The reasons for a last line that no rule led to."""

Lines: TypeAlias = list[tuple[Node, str]]
"""Lines with the reasons printed beside them."""


@dataclass(frozen=True)
class Aim:
    """Where the tidying goes: the short form and the definitions ``(written name, definition)`` it is written in."""

    target: sp.Expr
    recall: tuple[tuple[Node, sp.Expr], ...] = ()
    glyph: GlyphOf | None = None

    @property
    def node(self) -> Node:
        """The short form on the board."""
        return to_board(self.target, self.glyph)


Step: TypeAlias = Callable[[Node, Aim], Lines | None]


def simplified(node: Node, aim: Aim) -> Lines:
    """The lines from ``node`` to the short form; empty if it is there already."""
    if size(node) > MAX_NODES:
        return [(aim.node, JUMP)]
    if isinstance(node, Cases):
        return _by_row(node, aim)
    lines: Lines = []
    current: Node = node
    for _ in range(MAX_STEPS):
        if same_up_to_order(current, aim.node):
            break
        added = next((found for step in STEPS if (found := step(current, aim))), None)
        if added is None:
            break
        lines += added
        current = added[-1][0]
    return _finished(node, lines, aim)


def _finished(start: Node, lines: Lines, aim: Aim) -> Lines:
    """The last line in the order of the short form, or one more line that jumps to it."""
    last = lines[-1][0] if lines else start
    if last == aim.node:
        return lines
    if same_up_to_order(last, aim.node) and lines:
        return [*lines[:-1], (aim.node, lines[-1][1])]
    if same_up_to_order(last, aim.node):
        return [(aim.node, REORDER)]
    return [*lines, (aim.node, _last_reason(last, aim))]


def _last_reason(last: Node, aim: Aim) -> str:
    if isinstance(last, Neg) and worth(last) == worth(aim.node):
        return TURN
    products = isinstance(last, Mul) and isinstance(aim.node, Add)
    return MULTIPLY if products and worth(last) == worth(aim.node) else JUMP


def _by_row(node: Cases, aim: Aim) -> Lines:
    """Each case for itself, side by side."""
    targets = _targets(node, aim)
    runs = [simplified(value, Aim(t, aim.recall, aim.glyph)) for (value, _), t in zip(node.rows, targets, strict=True)]
    lines: Lines = []
    for place in range(max(map(len, runs))):
        rows: list[tuple[Node, Rel | None]] = []
        for (value, condition), run in zip(node.rows, runs, strict=True):
            rows.append((run[min(place, len(run) - 1)][0] if run else value, condition))
        reasons = list(dict.fromkeys(run[place][1] for run in runs if place < len(run)))
        lines.append((Cases(tuple(rows)), ", ".join(reasons)))
    return lines


def _targets(node: Cases, aim: Aim) -> list[sp.Expr]:
    """The short form of each row; the row's own where SymPy has put the cases together in another way."""
    values = [value for value, _ in aim.target.args] if isinstance(aim.target, sp.Piecewise) else []
    return values if len(values) == len(node.rows) else [tidy(worth(value)) for value, _ in node.rows]


def same_up_to_order(one: Node, other: Node) -> bool:
    """Whether the two differ in the order of terms and factors only."""
    return one == other or _sorted(one) == _sorted(other)


def _sorted(node: Node) -> Node:
    node = mapped(_sorted, node)
    if isinstance(node, Add):
        return Add(tuple(sorted(node.terms, key=repr)))
    return Mul(tuple(sorted(node.factors, key=repr))) if isinstance(node, Mul) else node


# The rules --------------------------------------------------------------------------------------


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
        return [
            (Add((node, _minus(extra), extra)), f"add and subtract {_spoken(extra)}"),
            (Add((written, extra)), "factor out" if isinstance(written, Mul) else "group"),
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


STEPS: tuple[Step, ...] = (
    clear_up,
    two_minus_signs,
    one_fraction,
    cancel_terms,
    cancel_factors,
    towards_the_definition,
    divide_by_exponential,
    split_fraction,
    add_and_subtract,
    common_denominator,
    factor_out,
    recall_definition,
)
"""The first that applies is taken."""
