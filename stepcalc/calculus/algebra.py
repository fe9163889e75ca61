"""Rational arithmetic behind the short forms and the proofs.

An expression is read as a fraction of two polynomials in its symbols and in what is not rational (eᶻ, ln u,
√u, |u|, aˣ), each of which counts as one more variable. There equality is decided by multiplying out, and
solving a definition for an exponential is solving a linear equation. The sizes are bounded; beyond them
:class:`TooLarge` is raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.polys.domains import QQ
from sympy.polys.orderings import lex
from sympy.polys.rings import PolyRing

from stepcalc.calculus.order import natural_key

MAX_TERMS = 2000
MAX_POWER = 40
MAX_TERMS_TO_REDUCE = 150
MAX_OPERATIONS_TO_OPEN = 30

Polynomial = Any
"""An element of a SymPy polynomial ring."""

Fraction = tuple[Polynomial, Polynomial]
"""Numerator and denominator."""


class TooLarge(Exception):
    """The expression is beyond what is multiplied out."""


class Field:
    """The rational functions in the symbols and the irrational parts (``atoms``) of a few expressions."""

    def __init__(self, exprs: Sequence[sp.Expr], extra: Iterable[sp.Symbol] = ()) -> None:
        self._units = _units(exprs)
        found: set[Any] = set(extra)
        for expr in exprs:
            found.update(self._atoms(expr))
        self.atoms: tuple[sp.Expr, ...] = tuple(sorted(found, key=natural_key))
        names = [f"v{place}" for place in range(len(self.atoms) or 1)]
        self.ring = PolyRing(names, QQ, lex)
        self._places = dict(zip(self.atoms, self.ring.gens, strict=False))

    def place(self, atom: sp.Expr) -> int:
        """The number of the variable that stands for ``atom``."""
        return self.atoms.index(atom)

    def expr(self, polynomial: Polynomial) -> sp.Expr:
        """``polynomial`` as SymPy writes it."""
        return polynomial.as_expr(*self.atoms) if self.atoms else sp.Rational(str(polynomial.coeff(1)))

    def fraction(self, expr: Any) -> Fraction:
        """``expr`` as an unreduced fraction."""
        if expr.is_Rational:
            return self.ring(QQ(expr.p, expr.q)), self.ring.one
        if expr.is_Float:
            return self.fraction(sp.nsimplify(expr, rational=True))
        if expr.is_Add or expr.is_Mul:
            return self._joined(expr)
        factors = list(self._factors(expr))
        if len(factors) == 1 and factors[0] == (expr, 1):
            return self._places[expr], self.ring.one
        result = (self.ring.one, self.ring.one)
        for base, power in factors:
            fraction = (self._places[base], self.ring.one) if base in self._places else self.fraction(base)
            result = _multiplied(result, _raised(fraction, power))
        return result

    def _joined(self, expr: sp.Expr) -> Fraction:
        join = _added if expr.is_Add else _multiplied
        result = self.fraction(expr.args[0])
        for argument in expr.args[1:]:
            result = join(result, self.fraction(argument))
        return result

    def _atoms(self, expr: Any) -> Iterator[Any]:
        if expr.is_Number:
            return
        if expr.is_Add or expr.is_Mul:
            for argument in expr.args:
                yield from self._atoms(argument)
            return
        for base, _ in self._factors(expr):
            if base.is_Add or base.is_Mul or base.is_Number or (base.is_Pow and base.exp.is_Integer):
                yield from self._atoms(base)
            else:
                yield base

    def _factors(self, expr: Any) -> Iterator[tuple[Any, int]]:
        """``expr``, neither a sum nor a product, as powers of what counts as a variable or can be read on."""
        if isinstance(expr, sp.exp):
            yield from self._exponential(expr)
        elif expr.is_Pow and expr.exp.is_Integer:
            inner = [(expr.base, 1)] if _composite(expr.base) else list(self._factors(expr.base))
            yield from ((base, power * int(expr.exp)) for base, power in inner)
        elif expr.is_Pow:
            whole, rest = expr.exp.as_coeff_Add()
            if expr.exp.is_Rational:
                yield sp.Pow(expr.base, sp.Rational(1, expr.exp.q)), int(expr.exp.p)
            elif whole.is_Integer and whole != 0:
                yield sp.Pow(expr.base, rest), 1
                yield from self._factors(sp.Pow(expr.base, whole))
            else:
                yield expr, 1
        elif expr.is_Symbol:
            yield expr, 1
        else:
            yield expr.func(*(_opened(part) if isinstance(part, sp.Expr) else part for part in expr.args)), 1

    def _exponential(self, expr: sp.exp) -> Iterator[tuple[Any, int]]:
        for rate, rest in _rates(expr.args[0]):
            unit = self._units[rest]
            yield sp.exp(unit * rest), int(rate / unit)


def _composite(expr: Any) -> bool:
    return bool(expr.is_Add or expr.is_Mul or expr.is_Number)


def _units(exprs: Sequence[sp.Expr]) -> dict[sp.Expr, Any]:
    """For the exponentials e^(c·u) of each u: the unit that every c is a whole multiple of."""
    rates: dict[sp.Expr, list[Any]] = {}
    for expr in exprs:
        for power in expr.atoms(sp.exp):
            for rate, rest in _rates(power.args[0]):
                rates.setdefault(rest, []).append(rate)
    return {rest: _common_unit(found) for rest, found in rates.items()}


def _opened(argument: sp.Expr) -> sp.Expr:
    """``argument`` multiplied out, so that equal arguments look equal; a large one is left as it is."""
    high = any(not p.exp.is_Number or abs(p.exp) > 4 for p in argument.atoms(sp.Pow) if p.base.is_Add)
    return argument if high or argument.count_ops() > MAX_OPERATIONS_TO_OPEN else sp.expand(argument)


def _rates(argument: sp.Expr) -> list[tuple[Any, sp.Expr]]:
    terms = sp.Add.make_args(_opened(argument))
    return [(rate, rest) if rate.is_Rational else (sp.S.One, rate * rest) for rate, rest in map(_coefficient, terms)]


def _coefficient(term: Any) -> tuple[Any, Any]:
    rate, rest = term.as_coeff_Mul()
    return (sp.nsimplify(rate, rational=True) if rate.is_Float else rate), rest


def _common_unit(rates: Sequence[Any]) -> Any:
    denominator = sp.ilcm(1, *(rate.q for rate in rates))
    unit = sp.Rational(sp.igcd(*(int(rate * denominator) for rate in rates), 0), denominator)
    return -unit if all(rate < 0 for rate in rates) else unit


def _bounded(fraction: Fraction) -> Fraction:
    if len(fraction[0]) > MAX_TERMS or len(fraction[1]) > MAX_TERMS:
        raise TooLarge("too many terms")
    return fraction


def _added(one: Fraction, other: Fraction) -> Fraction:
    if one[1] == other[1]:
        return one[0] + other[0], one[1]
    check_size(len(one[0]) * len(other[1]) + len(other[0]) * len(one[1]))
    return _bounded((one[0] * other[1] + other[0] * one[1], one[1] * other[1]))


def _multiplied(one: Fraction, other: Fraction) -> Fraction:
    check_size(len(one[0]) * len(other[0]) + len(one[1]) * len(other[1]))
    return _bounded((one[0] * other[0], one[1] * other[1]))


def _raised(fraction: Fraction, power: int) -> Fraction:
    above, below = fraction if power >= 0 else fraction[::-1]
    check_size(max(len(above), len(below)) ** min(abs(power), 8))
    if abs(power) > MAX_POWER:
        raise TooLarge("too high a power")
    return above ** abs(power), below ** abs(power)


def check_size(terms: int) -> None:
    """Raise :class:`TooLarge` for a product of so many terms."""
    if terms > 20 * MAX_TERMS:
        raise TooLarge("too many terms")


@dataclass(frozen=True, slots=True)
class Solution:
    """variable(place)^power = above / below."""

    place: int
    power: int
    above: Polynomial
    below: Polynomial

    def put_into(self, polynomial: Polynomial) -> Fraction | None:
        """``polynomial`` with the solution put in; ``None`` where its powers are no multiples of :attr:`power`."""
        ring = polynomial.ring
        parts: dict[int, Polynomial] = {}
        for monomial, coefficient in polynomial.terms():
            degree, odd = divmod(monomial[self.place], self.power)
            if odd:
                return None
            rest = (*monomial[: self.place], 0, *monomial[self.place + 1 :])
            parts[degree] = parts.get(degree, ring.zero) + ring.from_dict({rest: coefficient})
        top = max(parts, default=0)
        total = ring.zero
        for degree, part in parts.items():
            total += part * self.above**degree * self.below ** (top - degree)
        return total, self.below**top


def substituted(fraction: Fraction, solution: Solution) -> Fraction | None:
    """``fraction`` with ``solution`` put in, reduced."""
    above, below = (solution.put_into(side) for side in fraction)
    if above is None or below is None:
        return None
    result: Fraction = _multiplied(above, below[::-1])
    return reduced(result) if result[1] else None


def reduced(fraction: Fraction) -> Fraction:
    """``fraction`` in lowest terms; raises :class:`TooLarge` where the common divisor would take long to find."""
    above, below = fraction
    if len(above) + len(below) > MAX_TERMS_TO_REDUCE:
        raise TooLarge("too many terms to reduce")
    lowest: Fraction = above.cancel(below)
    return lowest


def powers(expr: sp.Expr) -> tuple[Any, dict[sp.Expr, Any]]:
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
