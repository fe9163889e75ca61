"""One canonical way to write a small expression: factored where that is shorter, signs as people put them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

import sympy as sp

from stepcalc.calculus.algebra import Field, Fraction, TooLarge, powers, reduced
from stepcalc.calculus.order import natural_key

MAX_OPERATIONS = 120
MAX_ATOMS = 14
MAX_TERMS_TO_FACTOR = 60


@lru_cache(maxsize=4096)
def tidy(expr: sp.Expr) -> sp.Expr:
    """The shortest of ``expr`` as it is, over one denominator, and factored; (1 − s) beside s, (ŷ − y) first.

    ``−y/ŷ + (1 − y)/(1 − ŷ)`` becomes ``(ŷ − y)/(ŷ(1 − ŷ))``. Too large an expression comes back as it is.
    """
    expr = folded(sp.nsimplify(expr, rational=True) if expr.has(sp.Float) else expr)
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*((tidy(value), condition) for value, condition in expr.args))
    if _plain(expr) or expr.has(sp.Piecewise) or expr.count_ops() > MAX_OPERATIONS:
        return expr
    try:
        field = Field([expr])
        return tidy_fraction(field, field.fraction(expr), [*_taken_out(expr), expr])
    except TooLarge:
        return expr


def _taken_out(expr: sp.Expr) -> list[sp.Expr]:
    """``expr`` with what the terms of each sum share in front of it: 1 + x(1 − s); none if a function would change."""
    found = sp.factor_terms(expr)
    return [found] if found.atoms(sp.Function, sp.exp) == expr.atoms(sp.Function, sp.exp) else []


def folded(expr: sp.Expr) -> sp.Expr:
    """``expr`` with its case distinction outermost; SymPy's slope of max and min becomes one, 0 at the kink."""
    if expr.has(sp.Heaviside):
        expr = expr.replace(sp.Heaviside, lambda u, *at: sp.Piecewise((1, u > 0), (0, True)))
    cases = expr.atoms(sp.Piecewise)
    return sp.piecewise_fold(expr) if len(cases) == 1 and not expr.is_Piecewise else expr


def _plain(expr: sp.Expr) -> bool:
    """A symbol, a number, or a product of such powers: nothing to tidy."""
    return all(f.is_Atom or (f.is_Pow and f.base.is_Atom and f.exp.is_Integer) for f in sp.Mul.make_args(expr))


def tidy_fraction(field: Field, fraction: Fraction, written: list[sp.Expr] | None = None) -> sp.Expr:
    """The shortest way to write ``fraction``; ``written`` are forms already known. Factored wins a tie."""
    candidates = [oriented(expr) for expr in written or []]
    above, below = reduced(fraction)
    if len(field.atoms) > MAX_ATOMS or len(above) + len(below) > MAX_TERMS_TO_FACTOR:
        return candidates[0] if candidates else field.expr(above) / field.expr(below)
    factored = oriented(_factored(field, above, below))
    if below.is_ground or not candidates:
        candidates.append(field.expr(above) / field.expr(below))
    return min([factored, *candidates], key=_length)


def _factored(field: Field, above: Any, below: Any) -> sp.Expr:
    coefficient: Any = sp.S.One
    factors: list[sp.Expr] = []
    for side, sign in ((above, 1), (below, -1)):
        content, parts = side.factor_list()
        coefficient = coefficient * sp.Rational(int(content.numerator), int(content.denominator)) ** sign
        factors += [sp.Pow(field.expr(part), sign * power) for part, power in parts]
    return multiplied(coefficient, factors)


def _length(expr: sp.Expr) -> tuple[int, int]:
    """What the eye has to read: the operations, a denominator counting as one more line; then the longest sum."""
    divisions = sum(1 for power in expr.atoms(sp.Pow) if power.exp.is_negative)
    return int(expr.count_ops()) + divisions, max((len(total.args) for total in expr.atoms(sp.Add)), default=0)


def oriented(expr: sp.Expr) -> sp.Expr:
    """The product ``expr`` with the signs of its sums turned: 1 − s beside s, else so that no minus stands in front."""
    if not expr.is_Mul:
        return expr
    coefficient, found = powers(expr)
    turned: dict[sp.Expr, Any] = {}
    for base, exponent in found.items():
        if _is_complement_reversed(base) and 1 + base in found:
            coefficient, base = coefficient * parity(exponent), -base
        turned[base] = turned.get(base, 0) + exponent
    if coefficient.is_negative:
        for base in sorted(filter(_is_mixed, turned), key=lambda base: (len(base.args), natural_key(base))):
            if turned[base] > 0 and turned[base] % 2 and 1 - base not in turned:
                coefficient = -coefficient
                turned = {(-b if b == base else b): e for b, e in turned.items()}
                break
    return multiplied(coefficient, [base**exponent for base, exponent in turned.items()])


def _is_complement_reversed(base: Any) -> bool:
    """s − 1."""
    return bool(base.is_Add and len(base.args) == 2 and -1 in base.args)


def _is_mixed(base: Any) -> bool:
    """A sum with both signs: turned round it still has a positive term to start with."""
    return bool(base.is_Add and 0 < sum(t.could_extract_minus_sign() for t in base.args) < len(base.args))


def parity(exponent: int) -> int:
    """(−1)^exponent, a whole number for negative exponents too."""
    return -1 if exponent % 2 else 1


def multiplied(coefficient: Any, factors: list[sp.Expr]) -> sp.Expr:
    """The product, kept as a product: SymPy would turn 2(ŷ − y) into 2ŷ − 2y."""
    rest = sp.Mul(*factors)
    if coefficient != 1 and rest.is_Add:
        return cast(sp.Expr, sp.Mul(coefficient, rest, evaluate=False))
    return cast(sp.Expr, coefficient * rest)
