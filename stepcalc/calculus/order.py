"""The order in which people write the terms of a sum and the factors of a product."""

from __future__ import annotations

import re
from typing import Any, cast

import sympy as sp

_WRITTEN_AS_CALLS = (sp.log, sp.sin, sp.cos, sp.tan)
"""Functions that stand last in a product, so that nobody takes the next factor for their argument."""


def natural_key(expr: Any) -> tuple[Any, ...]:
    """A key that sorts names as people do (x2 before x10) and does not depend on SymPy's hashes."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", str(expr)))


def ordered_terms(expr: sp.Add) -> tuple[sp.Expr, ...]:
    """The terms of a sum in the order of writing."""
    terms = sorted(expr.args, key=lambda term: (-_degree(term), _size(term), natural_key(_unsigned(term))))
    constants = [term for term in terms if term.is_Number]
    others = [term for term in terms if not term.is_Number]
    if constants and constants[0].is_positive and (_all_negative(others) or any(t.has(sp.exp) for t in others)):
        terms = constants + others
    elif _negative(terms[0]) and not _is_long_polynomial(terms) and not _denominator(terms[0]):
        leader = next((term for term in terms if not _negative(term)), None)
        if leader is not None:
            terms.remove(leader)
            terms.insert(0, leader)
    return tuple(terms)


def ordered_factors(factors: tuple[sp.Expr, ...]) -> tuple[sp.Expr, ...]:
    """The factors of a product in the order of writing: symbols, powers, functions, pairs s(1 − s), sums."""
    sums = [factor for factor in factors if _base(factor).is_Add]
    plain = sorted((factor for factor in factors if not _base(factor).is_Add), key=_factor_key)
    partners = {partner: factor for factor in sums if (partner := _partner(_base(factor))) in plain}
    singles = [factor for factor in plain if factor not in partners]
    pairs = [member for factor in plain if factor in partners for member in (factor, partners[factor])]
    left = sorted((factor for factor in sums if factor not in partners.values()), key=_factor_key)
    simple = [factor for factor in singles if not isinstance(_base(factor), _WRITTEN_AS_CALLS)]
    calls = [factor for factor in singles if isinstance(_base(factor), _WRITTEN_AS_CALLS)]
    return (*simple, *pairs, *left, *calls)


def _factor_key(factor: sp.Expr) -> tuple[Any, ...]:
    base = _base(factor)
    kind = 0 if base.is_Symbol else 1 if isinstance(base, sp.exp) else 2
    return (kind, natural_key(base), natural_key(factor))


def _base(factor: sp.Expr) -> Any:
    return factor.base if factor.is_Pow else factor


def _partner(total: sp.Add) -> sp.Expr | None:
    """s for the sum 1 − s."""
    rest = 1 - total
    return cast(sp.Expr, rest) if not rest.is_Add and not _negative(rest) else None


def _negative(term: Any) -> bool:
    return bool(term.could_extract_minus_sign()) if not term.is_Add else False


def _all_negative(terms: list[sp.Expr]) -> bool:
    return all(_negative(term) for term in terms)


def _denominator(term: Any) -> bool:
    return any(factor.is_Pow and factor.exp.is_negative for factor in sp.Mul.make_args(term))


def _is_long_polynomial(terms: list[sp.Expr]) -> bool:
    free = set().union(*(term.free_symbols for term in terms))
    return len(terms) > 2 and len(free) == 1


def _unsigned(term: Any) -> Any:
    """The term without its minus sign."""
    return -term if _negative(term) else term


def _size(term: Any) -> int:
    return 0 if term.is_Symbol else int(_unsigned(term).count_ops())


def _degree(term: Any) -> float:
    """Total degree of a term in its symbols; a function counts as half, so x² + sin x + 1."""
    if term.is_Symbol:
        return 1.0
    if term.is_Mul:
        return sum(_degree(factor) for factor in term.args)
    if term.is_Add:
        return max(_degree(part) for part in term.args)
    if term.is_Pow and term.exp.is_Rational and not isinstance(term, sp.exp):
        return _degree(term.base) * float(term.exp)
    return 0.0 if not term.free_symbols else 0.5
