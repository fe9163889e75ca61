"""The decks' shorthand: ŷ(1 − ŷ) in place of a fraction of exponentials, found by algebra and proved.

From the definition of an output, ``a = 1/(1 + e⁻ᶻ)``, the exponential is solved for, ``e⁻ᶻ = (1 − a)/a``,
and put into the derivative; what comes out is factored and proved equal by putting the definition back.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sympy as sp

from stepcalc.calculus.algebra import Generators, expand_definitions, in_case, proved_equal, without_tanh
from stepcalc.calculus.cancel import Cancellation, Product, collapse_sum, product, struck
from stepcalc.calculus.functions import sigmoid
from stepcalc.calculus.tidy import MAX_OPERATIONS, tidy

__all__ = ["Cancellation", "Product", "collapse_sum", "product", "shorten", "struck", "tidy"]

Recall = tuple[tuple[sp.Symbol, sp.Expr], ...]


def shorten(derivative: sp.Expr, recall: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """``derivative`` in terms of the known outputs ``recall`` (symbol -> its definition), if that is shorter.

    Proved: putting the definitions back gives ``derivative``; where no proof is found, ``tidy(derivative)`` is returned.
    """
    return _shorten(sp.sympify(derivative), tuple(recall.items()))


@lru_cache(maxsize=4096)
def _shorten(derivative: sp.Expr, recall: Recall) -> sp.Expr:
    if isinstance(derivative, sp.Piecewise):
        return sp.Piecewise(
            *((_shorten(value, _recall_in(recall, condition)), condition) for value, condition in derivative.args)
        )
    plain = tidy(derivative)
    if derivative.count_ops() > 10 * MAX_OPERATIONS:
        return plain
    candidates = [plain, *_candidates(derivative, recall)]
    best = min(candidates, key=_cost)
    definitions = dict(recall)
    return best if best is plain or proved_equal(best.xreplace(definitions), derivative) else plain


def _cost(expr: sp.Expr) -> tuple[int, int]:
    return len(expr.atoms(sp.exp, sp.tanh)), int(expr.count_ops())


def _recall_in(recall: Recall, condition: Any) -> Recall:
    rows = ((name, in_case(definition, condition)) for name, definition in recall)
    return tuple((name, row) for name, row in rows if row is not None)


def _candidates(derivative: sp.Expr, recall: Recall) -> list[sp.Expr]:
    expanded = [expand_definitions(expr) for expr in (derivative, *(definition for _, definition in recall))]
    if any(expr.has(sp.exp) for expr in expanded):
        expanded = [without_tanh(expr) for expr in expanded]
    if any(expr.has(sp.Piecewise) for expr in expanded):
        return []
    generators, (target, *definitions) = Generators.of(expanded)
    outputs = list(zip((name for name, _ in recall), definitions, strict=True))
    found = [_by_shared_denominator(target, outputs), _by_solving(target, outputs, generators)]
    candidates = [tidy(generators.back(expr)) for expr in found if expr is not None]
    known = _as_sigmoid(target, generators)
    return [*candidates, tidy(known)] if known is not None else candidates


def _by_shared_denominator(target: sp.Expr, outputs: list[tuple[sp.Symbol, sp.Expr]]) -> sp.Expr | None:
    """Softmax: every e^zₖ is aₖ times the one denominator S, and S itself cancels."""
    for name, definition in outputs:
        above, below = sp.fraction(definition)
        if below.is_Add and above.is_Symbol and target.has(below):
            total = sp.Dummy("S", positive=True)
            shares = {n: a for a, d in outputs for n, b in [sp.fraction(d)] if b == below and n.is_Symbol}
            result = target.xreplace({below: total}).xreplace({n: a * total for n, a in shares.items()})
            result = sp.expand(result)
            if not result.has(total):
                return sp.factor(result)
    return None


def _by_solving(
    target: sp.Expr, outputs: list[tuple[sp.Symbol, sp.Expr]], generators: Generators
) -> sp.Expr | None:
    """Solve each definition, linear in a generator, for that generator and put the solution in."""
    solved: dict[sp.Symbol, sp.Expr] = {}
    for name, definition in outputs:
        above, below = sp.fraction(sp.together(definition.xreplace(solved)))
        relation = above - name * below
        generator = _linear_generator(relation, target, generators)
        if generator is None:
            continue
        rest, slope = relation.xreplace({generator: sp.S.Zero}), sp.diff(relation, generator)
        degree_one = {generator: -rest / slope}
        solved = {old: value.xreplace(degree_one) for old, value in solved.items()} | degree_one
    return sp.cancel(sp.together(target.xreplace(solved))) if solved else None


def _linear_generator(relation: sp.Expr, target: sp.Expr, generators: Generators) -> sp.Symbol | None:
    wanted = [g for g in generators.meaning if target.has(g) and relation.has(g)]
    return next((g for g in wanted if not sp.expand(sp.diff(relation, g)).has(g)), None)


def _as_sigmoid(target: sp.Expr, generators: Generators) -> sp.Expr | None:
    """eᵘ as s/(1 − s) with s = σ(u), the only exponential of the expression."""
    powers_of_e = [g for g, meaning in generators.meaning.items() if isinstance(meaning, sp.exp) and target.has(g)]
    if len(powers_of_e) != 1:
        return None
    (generator,) = powers_of_e
    exponent = generators.meaning[generator].args[0]
    s = sp.Dummy("s", real=True)
    upright = not exponent.could_extract_minus_sign()
    value = s / (1 - s) if upright else (1 - s) / s
    result = tidy(sp.cancel(sp.together(target.xreplace({generator: value}))))
    return generators.back(result.xreplace({s: sigmoid(exponent if upright else -exponent)}))
