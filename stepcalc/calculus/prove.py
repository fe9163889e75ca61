"""Whether two expressions are equal, proved: definitions put in, cases told apart, everything multiplied out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp

from stepcalc.calculus.algebra import Field, TooLarge, check_size
from stepcalc.calculus.functions import Named, sigmoid


def expand_definitions(expr: sp.Expr) -> sp.Expr:
    """``expr`` with σ, softplus, ReLU and the step function in terms of e, ln and cases."""
    if not expr.has(Named):
        return expr
    return expr.replace(lambda part: isinstance(part, Named), lambda part: type(part).definition(part.args[0]))


def without_tanh(expr: sp.Expr) -> sp.Expr:
    """``expr`` with tanh u as (eᵘ − e⁻ᵘ)/(eᵘ + e⁻ᵘ)."""
    if not expr.has(sp.tanh):
        return expr
    return expr.replace(sp.tanh, lambda u: (sp.exp(u) - sp.exp(-u)) / (sp.exp(u) + sp.exp(-u)))


@lru_cache(maxsize=4096)
def proved_equal(one: sp.Expr, other: sp.Expr) -> bool:
    """Whether the two are the same rational function of their symbols and irrational parts.

    ``True`` is a proof; ``False`` only says that none was found this way.
    """
    if one == other:
        return True
    sides = [expand_definitions(sp.sympify(side, strict=True)) for side in (one, other)]
    if any(side.has(sp.exp) for side in sides):
        sides = [without_tanh(side) for side in sides]
    if any(side.has(sp.Piecewise) for side in sides):
        return _equal_by_case(*sides)
    try:
        field = Field(sides)
        (a, b), (c, d) = (field.fraction(side) for side in sides)
        check_size(len(a) * len(d) + len(c) * len(b))
        return not (a * d - c * b) and bool(b) and bool(d)
    except TooLarge:
        return False


@lru_cache(maxsize=256)
def squashing(expr: sp.Expr) -> type[sp.Expr] | None:
    """``sigmoid`` or ``tanh`` if ``expr`` is σ(u) or tanh u, however it is written; None for all else."""
    exponents = sorted((part.args[0] for part in expr.atoms(sp.exp)), key=str)
    signed = [side for u in exponents[:2] for side in (u, -u)]
    guesses = [guess for u in signed for guess in (sigmoid(u), sp.tanh(u), sp.tanh(u / 2))]
    found = expr if isinstance(expr, sigmoid | sp.tanh) else next((g for g in guesses if proved_equal(expr, g)), None)
    return None if found is None else type(found)


def _equal_by_case(one: sp.Expr, other: sp.Expr) -> bool:
    conditions = {row[1] for case in one.atoms(sp.Piecewise) | other.atoms(sp.Piecewise) for row in case.args}
    chosen = [(in_case(one, condition), in_case(other, condition)) for condition in conditions]
    return all(first is not None and second is not None and proved_equal(first, second) for first, second in chosen)


def in_case(expr: sp.Expr, condition: Any) -> sp.Expr | None:
    """``expr`` with each case distinction replaced by its row for ``condition``; ``None`` where one has no such row."""
    while cases := expr.atoms(sp.Piecewise):
        rows: dict[sp.Expr, sp.Expr] = {}
        for case in cases:
            value = next((value for value, of in case.args if of == condition), None)
            if value is None:
                return None
            rows[case] = value
        expr = expr.xreplace(rows)
    return expr
