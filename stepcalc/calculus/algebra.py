"""Rational arithmetic behind the short forms and the proofs.

Whatever is not rational (eᶻ, ln u, √u, |u|, aˣ) is replaced by a generator, a plain symbol; what is
left is a fraction of polynomials, where equality is decided by multiplying out, without a gcd and
without ``simplify``. The sizes are bounded; beyond them :class:`TooLarge` is raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.polys.domains import QQ
from sympy.polys.orderings import lex
from sympy.polys.rings import PolyRing

from stepcalc.calculus.functions import Named

MAX_TERMS = 4000
MAX_POWER = 40


class TooLarge(Exception):
    """The expression is beyond what is multiplied out."""


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


@dataclass
class Generators:
    """The generators of a few expressions and what each stands for."""

    meaning: dict[sp.Dummy, sp.Expr] = field(default_factory=dict)
    _known: dict[Any, sp.Dummy] = field(default_factory=dict)
    _units: dict[sp.Expr, sp.Rational] = field(default_factory=dict)

    @classmethod
    def of(cls, exprs: Sequence[sp.Expr]) -> tuple[Generators, list[sp.Expr]]:
        """The generators of ``exprs`` and the expressions rewritten in them."""
        generators = cls()
        generators._find_units(exprs)
        return generators, [generators.rewrite(expr) for expr in exprs]

    def back(self, expr: sp.Expr) -> sp.Expr:
        """``expr`` with every generator replaced by what it stands for."""
        while found := [g for g in expr.free_symbols if g in self.meaning]:
            expr = expr.xreplace({g: self.meaning[g] for g in found})
        return expr

    def _find_units(self, exprs: Iterable[sp.Expr]) -> None:
        """For exponentials e^(c·u) of the same u: the unit that every c is a multiple of."""
        rates: dict[sp.Expr, list[Any]] = {}
        for expr in exprs:
            for power in sorted(expr.atoms(sp.exp), key=sp.default_sort_key):
                for rate, rest in _rates(power.args[0]):
                    rates.setdefault(rest, []).append(rate)
        for rest, found in rates.items():
            unit = _common_unit(found)
            self._units[rest] = -unit if all(rate < 0 for rate in found) else unit

    def rewrite(self, expr: Any) -> Any:
        if expr.is_Symbol:
            return expr
        if expr.is_Float:
            return sp.nsimplify(expr, rational=True)
        if expr.is_Number:
            return expr
        if expr.is_Add or expr.is_Mul:
            return expr.func(*(self.rewrite(argument) for argument in expr.args))
        if isinstance(expr, sp.exp):
            return self._exponential(expr)
        if expr.is_Pow:
            return self._power(expr)
        return self._opaque(expr.func(*(self._argument(argument) for argument in expr.args)))

    def _exponential(self, expr: sp.exp) -> sp.Expr:
        result: Any = sp.S.One
        for rate, rest in _rates(expr.args[0]):
            unit = self._units.setdefault(rest, abs(rate))
            if not (rate / unit).is_Integer:
                return self._opaque(expr)
            result = result * self._opaque(sp.exp(unit * rest)) ** (rate / unit)
        return result

    def _power(self, expr: sp.Pow) -> sp.Expr:
        base, exponent = self.rewrite(expr.base), expr.exp
        if exponent.is_Integer:
            return base**exponent
        whole, rest = exponent.as_coeff_Add() if not exponent.is_Number else (sp.S.Zero, exponent)
        if exponent.is_Rational:
            return self._opaque(sp.Pow(base, sp.Rational(1, exponent.q))) ** exponent.p
        if whole.is_Integer and whole != 0:
            return base**whole * self._opaque(sp.Pow(base, rest))
        return self._opaque(sp.Pow(base, exponent))

    def _argument(self, argument: Any) -> Any:
        return sp.expand(self.rewrite(argument)) if isinstance(argument, sp.Expr) else argument

    def _opaque(self, expr: sp.Expr) -> sp.Expr:
        if expr not in self._known:
            positive = True if isinstance(expr, sp.exp) else None
            generator = sp.Dummy(f"g{len(self._known)}", real=True, positive=positive)
            self._known[expr] = generator
            self.meaning[generator] = expr
        return self._known[expr]


def _rates(argument: sp.Expr) -> list[tuple[sp.Rational, sp.Expr]]:
    return [
        (rate, rest) if rate.is_Rational else (sp.S.One, rate * rest)
        for rate, rest in (term.as_coeff_Mul() for term in sp.Add.make_args(sp.expand(argument)))
    ]


def _common_unit(rates: Sequence[Any]) -> sp.Rational:
    denominator = sp.ilcm(1, *(rate.q for rate in rates))
    return sp.Rational(sp.igcd(*(int(rate * denominator) for rate in rates), 0), denominator)


Fraction = tuple[Any, Any]
"""Numerator and denominator as elements of one polynomial ring."""


def fractions(exprs: Sequence[sp.Expr]) -> list[Fraction]:
    """Rational ``exprs`` as unreduced fractions over one polynomial ring; raises :class:`TooLarge`."""
    symbols = sorted(set().union(*(expr.free_symbols for expr in exprs)), key=lambda s: (s.name, str(s)))
    ring = PolyRing(symbols or [sp.Dummy("unit")], QQ, lex)
    places = dict(zip(symbols, ring.gens, strict=False))
    return [_fraction(expr, ring, places) for expr in exprs]


def _fraction(expr: Any, ring: PolyRing, places: dict[sp.Symbol, Any]) -> Fraction:
    if expr.is_Symbol:
        return places[expr], ring.one
    if expr.is_Rational:
        return ring(QQ(expr.p, expr.q)), ring.one
    if expr.is_Pow and expr.exp.is_Integer:
        return _raised(_fraction(expr.base, ring, places), int(expr.exp))
    if expr.is_Add or expr.is_Mul:
        join = _added if expr.is_Add else _multiplied
        result = _fraction(expr.args[0], ring, places)
        for argument in expr.args[1:]:
            result = join(result, _fraction(argument, ring, places))
        return result
    raise TooLarge(f"{expr.func.__name__} is not rational")


def _bounded(fraction: Fraction) -> Fraction:
    if len(fraction[0]) > MAX_TERMS or len(fraction[1]) > MAX_TERMS:
        raise TooLarge("too many terms")
    return fraction


def _added(one: Fraction, other: Fraction) -> Fraction:
    if one[1] == other[1]:
        return one[0] + other[0], one[1]
    return _bounded((one[0] * other[1] + other[0] * one[1], one[1] * other[1]))


def _multiplied(one: Fraction, other: Fraction) -> Fraction:
    return _bounded((one[0] * other[0], one[1] * other[1]))


def _raised(fraction: Fraction, power: int) -> Fraction:
    above, below = fraction if power >= 0 else fraction[::-1]
    if abs(power) > MAX_POWER or max(len(above), len(below)) ** min(abs(power), 8) > 50 * MAX_TERMS:
        raise TooLarge("too high a power")
    return above ** abs(power), below ** abs(power)


@lru_cache(maxsize=4096)
def proved_equal(one: sp.Expr, other: sp.Expr) -> bool:
    """Whether the two are the same rational function of their symbols and generators.

    ``True`` is a proof; ``False`` only says that none was found this way.
    """
    if one == other:
        return True
    sides = [expand_definitions(sp.sympify(side)) for side in (one, other)]
    if any(side.has(sp.exp) for side in sides):
        sides = [without_tanh(side) for side in sides]
    if any(side.has(sp.Piecewise) for side in sides):
        return _equal_by_case(*sides)
    try:
        _, rational = Generators.of(sides)
        (a, b), (c, d) = fractions(rational)
        return not (a * d - c * b) and bool(b) and bool(d)
    except TooLarge:
        return False


def _equal_by_case(one: sp.Expr, other: sp.Expr) -> bool:
    conditions = {row[1] for case in one.atoms(sp.Piecewise) | other.atoms(sp.Piecewise) for row in case.args}
    chosen = [(in_case(one, condition), in_case(other, condition)) for condition in conditions]
    if any(side is None for pair in chosen for side in pair):
        return False
    return all(proved_equal(first, second) for first, second in chosen)


def in_case(expr: sp.Expr, condition: Any) -> sp.Expr | None:
    """``expr`` with every case distinction replaced by its row for ``condition``; ``None`` where one has no such row."""
    rows: dict[sp.Expr, sp.Expr] = {}
    for case in expr.atoms(sp.Piecewise):
        value = next((value for value, of in case.args if of == condition), None)
        if value is None:
            return None
        rows[case] = value
    return expr.xreplace(rows)


def powers(expr: sp.Expr) -> tuple[sp.Rational, dict[sp.Expr, Any]]:
    """``expr`` as coefficient · Π base^exponent, with the whole exponents taken out of the bases."""
    coefficient: Any = sp.S.One
    found: dict[sp.Expr, Any] = {}
    for factor in sp.Mul.make_args(expr):
        if factor.is_Number:
            coefficient = coefficient * factor
            continue
        base, exponent = (factor.base, factor.exp) if factor.is_Pow and factor.exp.is_Integer else (factor, 1)
        found[base] = found.get(base, 0) + int(exponent)
    return coefficient, found
