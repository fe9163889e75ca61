"""One canonical way to write a small expression: factored where that is shorter, signs as people put them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

import sympy as sp

from stepcalc.calculus.algebra import Generators, powers
from stepcalc.calculus.to_board import natural_key

MAX_OPERATIONS = 120
MAX_SYMBOLS = 14


@lru_cache(maxsize=4096)
def tidy(expr: sp.Expr) -> sp.Expr:
    """The shortest of ``expr`` as it is, over one denominator, and factored; (1 − s) beside s, (ŷ − y) first.

    ``−y/ŷ + (1 − y)/(1 − ŷ)`` becomes ``(ŷ − y)/(ŷ(1 − ŷ))``. Too large an expression comes back as it is.
    """
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*((tidy(value), condition) for value, condition in expr.args))
    if expr.is_Atom or expr.has(sp.Piecewise) or _large(expr):
        return expr
    generators, (rational,) = Generators.of([expr])
    if len(rational.free_symbols) > MAX_SYMBOLS:
        return expr
    candidates = [oriented(generators.back(form)) for form in _forms(rational)]
    return min(candidates, key=_length)


def _large(expr: sp.Expr) -> bool:
    return bool(expr.count_ops() > MAX_OPERATIONS) or any(
        power.exp.is_Number and abs(power.exp) > 12 and power.base.is_Add for power in expr.atoms(sp.Pow)
    )


def _forms(rational: sp.Expr) -> list[sp.Expr]:
    """Factored first: among equally short forms the first wins."""
    factored = sp.factor(rational)
    if rational.is_polynomial():
        return [factored, rational, sp.expand(rational)]
    return [factored, rational, sp.cancel(factored)]


def _length(expr: sp.Expr) -> int:
    """What the eye has to read: the operations, a denominator counting as one more line."""
    divisions = sum(1 for power in expr.atoms(sp.Pow) if power.exp.is_negative)
    return int(expr.count_ops()) + divisions


def oriented(expr: sp.Expr) -> sp.Expr:
    """The product ``expr`` with the signs of its sums turned: 1 − s beside s, else so that no minus stands in front."""
    if not expr.is_Mul:
        return expr
    coefficient, found = powers(expr)
    turned: dict[sp.Expr, Any] = {}
    for base, exponent in found.items():
        if _is_complement_reversed(base) and 1 + base in found:
            coefficient, base = coefficient * (-1) ** exponent, -base
        turned[base] = turned.get(base, 0) + exponent
    if coefficient.is_negative:
        for base in sorted(filter(_is_difference, turned), key=natural_key):
            if turned[base] % 2 and not (1 - base in turned):
                coefficient = -coefficient
                turned = {(-b if b == base else b): e for b, e in turned.items()}
                break
    return multiplied(coefficient, [base**exponent for base, exponent in turned.items()])


def _is_complement_reversed(base: Any) -> bool:
    """s − 1."""
    return bool(base.is_Add and len(base.args) == 2 and -1 in base.args)


def _is_difference(base: Any) -> bool:
    return bool(base.is_Add and len(base.args) == 2 and sum(t.could_extract_minus_sign() for t in base.args) == 1)


def multiplied(coefficient: Any, factors: list[sp.Expr]) -> sp.Expr:
    """The product, kept as a product: SymPy would turn 2(ŷ − y) into 2ŷ − 2y."""
    rest = sp.Mul(*factors)
    if coefficient != 1 and rest.is_Add:
        return cast(sp.Expr, sp.Mul(coefficient, rest, evaluate=False))
    return cast(sp.Expr, coefficient * rest)
