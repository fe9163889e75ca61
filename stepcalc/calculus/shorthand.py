"""The decks' shorthand: ŷ(1 − ŷ) in place of a fraction of exponentials, found by algebra and proved.

From the definition of an output, ``a = 1/(1 + e⁻ᶻ)``, the exponential is solved for, ``e⁻ᶻ = (1 − a)/a``,
and put into the derivative; what comes out is factored and proved equal by putting the definition back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import sympy as sp

from stepcalc.calculus.algebra import Field, Fraction, Solution, TooLarge, reduced, substituted
from stepcalc.calculus.cancel import Cancellation, Product, collapse_sum, product, struck
from stepcalc.calculus.functions import sigmoid
from stepcalc.calculus.prove import expand_definitions, in_case, proved_equal, without_tanh
from stepcalc.calculus.tidy import MAX_OPERATIONS, tidy, tidy_fraction

__all__ = ["Cancellation", "Product", "collapse_sum", "product", "shorten", "struck", "tidy"]

Recall = tuple[tuple[sp.Symbol, sp.Expr], ...]

_SHARE = sp.Symbol("σ", real=True)
"""σ(u) while it is being solved for."""


def shorten(derivative: sp.Expr, recall: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """``derivative`` in terms of the known outputs ``recall`` (symbol -> its definition), if that is shorter.

    Proved: putting the definitions back gives ``derivative``; without a proof it is ``tidy(derivative)``.
    """
    return _shorten(sp.sympify(derivative, strict=True), tuple(recall.items()))


@lru_cache(maxsize=4096)
def _shorten(derivative: sp.Expr, recall: Recall) -> sp.Expr:
    if isinstance(derivative, sp.Piecewise):
        return sp.Piecewise(
            *((_shorten(value, _recall_in(recall, condition)), condition) for value, condition in derivative.args)
        )
    if not derivative.atoms(sp.Function) or derivative.count_ops() > 10 * MAX_OPERATIONS:
        return tidy(derivative)
    definitions = dict(recall)
    best = None
    for candidate in _candidates(derivative, recall):
        if not _poles(candidate) <= _poles(derivative):
            continue
        if best is None or _cost(candidate) < _cost(best):
            best = candidate
        if not _cost(best)[0]:
            break
    plain = tidy(derivative) if best is None or _cost(best)[0] else None
    if best is None or (plain is not None and _cost(plain) <= _cost(best)):
        return tidy(derivative)
    return best if proved_equal(best.xreplace(definitions), derivative) else tidy(derivative)


def _cost(expr: sp.Expr) -> tuple[int, int]:
    return len(expr.atoms(sp.exp, sp.tanh)), int(expr.count_ops())


def _poles(expr: sp.Expr) -> set[sp.Symbol]:
    """The symbols that a denominator of ``expr`` has outside exponentials: a short form must not add any."""
    below = (power.base for power in expr.atoms(sp.Pow) if power.exp.is_negative)
    return set().union(*(base.replace(sp.exp, lambda u: sp.S.One).free_symbols for base in below))


def _recall_in(recall: Recall, condition: Any) -> Recall:
    rows = ((name, in_case(definition, condition)) for name, definition in recall)
    return tuple((name, row) for name, row in rows if row is not None)


def _candidates(derivative: sp.Expr, recall: Recall) -> Iterator[sp.Expr]:
    expanded = [expand_definitions(expr) for expr in (derivative, *(definition for _, definition in recall))]
    if any(expr.has(sp.exp) for expr in expanded):
        expanded = [without_tanh(expr) for expr in expanded]
    if any(expr.has(sp.Piecewise) for expr in expanded):
        return
    target, *definitions = expanded
    outputs = list(zip((name for name, _ in recall), definitions, strict=True))
    ways = [_by_shared_denominator, _by_solving, *([_as_sigmoid] if derivative.has(sp.exp, sp.tanh) else [])]
    try:
        for find in ways:
            found = find(target, outputs)
            if found is not None:
                yield found
    except TooLarge:
        return


Outputs = list[tuple[sp.Symbol, sp.Expr]]


def _by_shared_denominator(target: sp.Expr, outputs: Outputs) -> sp.Expr | None:
    """Softmax: every e^zₖ is aₖ times the one denominator S, and S itself cancels."""
    for _, definition in outputs:
        above, total = _share_of(definition)
        if not isinstance(above, sp.exp) or total is None or len(total.args) < 2 or not target.has(total):
            continue
        s = sp.Symbol("S", positive=True)
        small = target.xreplace({total: s})
        numerators = {part: n * s for n, d in outputs for part, of in [_share_of(d)] if of == total}
        field = Field([small, *numerators], extra=[s, *(name for name, _ in outputs)])
        fraction: Fraction | None = field.fraction(small)
        for part, value in numerators.items():
            if fraction is not None and part in field.atoms:
                fraction = substituted(fraction, Solution(field.place(part), 1, *field.fraction(value)))
        if fraction is not None:
            result = tidy_fraction(field, fraction)
            if not result.has(s, sp.exp):
                return result
    return None


def _share_of(definition: sp.Expr) -> tuple[sp.Expr, sp.Expr | None]:
    """Numerator and the sum under it, for a definition of the form e^z/(e^z + …)."""
    total = next((f.base for f in sp.Mul.make_args(definition) if f.is_Pow and f.exp == -1 and f.base.is_Add), None)
    return (definition * total, total) if total is not None else (definition, None)


def _by_solving(target: sp.Expr, outputs: Outputs) -> sp.Expr | None:
    """Solve each definition for an exponential or another function in it, and put the solution in."""
    field = Field([target, *(definition for _, definition in outputs)], extra=(name for name, _ in outputs))
    result: Fraction | None = field.fraction(target)
    done: list[Solution] = []
    for name, definition in outputs:
        above, below = reduced(field.fraction(definition))
        relation: Any = above - field.fraction(name)[0] * below
        for earlier in done:
            put = earlier.put_into(relation)
            relation = put[0] if put is not None else field.ring.zero
        solution = _solved(relation, field, result)
        if solution is None or result is None:
            continue
        result = substituted(result, solution)
        done.append(solution)
    return tidy_fraction(field, result) if done and result is not None else None


def _solved(relation: Any, field: Field, target: Fraction | None) -> Solution | None:
    """The first irrational part, in both, that ``relation`` has to one power only."""
    if not relation or target is None:
        return None
    for place, atom in enumerate(field.atoms):
        degrees = {monomial[place] for monomial in relation.monoms()} - {0}
        used = any(monomial[place] for side in target for monomial in side.monoms())
        if atom.is_Symbol or len(degrees) != 1 or not used:
            continue
        (power,) = degrees
        slope, rest = field.ring.zero, field.ring.zero
        for monomial, coefficient in relation.terms():
            term = field.ring.from_dict({(*monomial[:place], 0, *monomial[place + 1 :]): coefficient})
            slope, rest = (slope + term, rest) if monomial[place] else (slope, rest + term)
        return Solution(place, power, -rest, slope)
    return None


def _as_sigmoid(target: sp.Expr, outputs: Outputs) -> sp.Expr | None:
    """eᵘ as s/(1 − s) with s = σ(u), where eᵘ is the only exponential and 1 + eᵘ stands below the line."""
    field = Field([target], extra=[_SHARE])
    exponentials = [atom for atom in field.atoms if isinstance(atom, sp.exp)]
    if len(exponentials) != 1:
        return None
    exponent = exponentials[0].args[0]
    totals = (1 + sp.exp(exponent), 1 + sp.exp(-exponent))
    if not any(power.exp.is_negative and power.base in totals for power in target.atoms(sp.Pow)):
        return None
    reversed_sign = exponent.could_extract_minus_sign()
    s = field.fraction(_SHARE)[0]
    above, below = (1 - s, s) if reversed_sign else (s, 1 - s)
    result = substituted(field.fraction(target), Solution(field.place(exponentials[0]), 1, above, below))
    if result is None:
        return None
    return tidy(tidy_fraction(field, result).xreplace({_SHARE: sigmoid(-exponent if reversed_sign else exponent)}))
