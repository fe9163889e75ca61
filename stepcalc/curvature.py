"""The second derivatives of the cost by all parameters: how the slopes change.

The definition of every scalar is differentiated twice by what stands in it, and the chain rule puts these together on
the way from the parameters to the cost. The numbers have as many digits on the way as a double has decimal places, so
that nothing cancels where an output is close to its limit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import sympy as sp

from stepcalc.backend import to_host
from stepcalc.calculus.order import natural_key
from stepcalc.calculus.precise import evaluate_precisely, precise
from stepcalc.calculus.shorthand import tidy
from stepcalc.calculus.symbols import symbol
from stepcalc.derive import Derivation
from stepcalc.evaluate import Arrays
from stepcalc.ops.expression import Expression

DIGITS = 350
"""1 − ŷ keeps its digits for every ŷ whose distance from 1 a double could hold."""

MOST, LONGEST = 6, 100
"""The second derivatives by more parameters than this, or of a cost with more operations, are not written out."""
LONGER = 3
"""A polynomial multiplied out may have so many operations more."""

Slopes = dict[int, Any]
Bends = dict[tuple[int, int], Any]
"""First and second derivatives by the places of the parameters, the smaller place first; what is 0 is not there."""


@dataclass(frozen=True)
class _Definition:
    """A scalar with its derivatives by what stands in it, once and twice."""

    item: str
    formula: sp.Expr
    first: Mapping[sp.Symbol, sp.Expr]
    second: Mapping[tuple[sp.Symbol, sp.Symbol], sp.Expr]


class Curvature:
    """The Hessian of one problem's cost: ``items`` names its rows and columns."""

    def __init__(self, derivation: Derivation) -> None:
        self.graph, self.derivation = derivation.graph, derivation

    @cached_property
    def items(self) -> tuple[str, ...]:
        """The ids of all parameters."""
        return tuple(chain.from_iterable(map(self.graph.items, self.graph.parameters)))

    # ------------------------------------------------------------------------------------------- in symbols

    @cached_property
    def cost(self) -> sp.Expr | None:
        """The cost of an expression problem in what is given, every definition put in.

        None for a network, and where there would be too much to write.
        """
        op = self.graph[self.graph.cost].op
        if not isinstance(op, Expression) or len(self.items) > MOST or self._length > LONGEST:
            return None
        formula = op.formula
        for name, quantity in reversed(list(self.graph.quantities.items())):
            if isinstance(quantity.op, Expression) and name != self.graph.cost:
                formula = formula.xreplace({symbol(name): quantity.op.formula})
        return formula

    @property
    def _length(self) -> int:
        """How many operations the cost has with every definition put in."""
        lengths: dict[sp.Expr, int] = {}
        for name, quantity in self.graph.quantities.items():
            if isinstance(quantity.op, Expression):
                parts = sp.preorder_traversal(quantity.op.formula)
                lengths[symbol(name)] = sum(1 if part.args else lengths.get(part, 0) for part in parts)
        return lengths[symbol(self.graph.cost)]

    def slope(self, item: str) -> sp.Expr | None:
        """∂cost/∂item in what is given; None for a network."""
        return None if self.cost is None else _shortest(_smooth(sp.diff(self.cost, symbol(item))))

    def bend(self, item: str, other: str) -> sp.Expr | None:
        """∂²cost/∂item ∂other in what is given; None for a network."""
        return None if self.cost is None else _shortest(_smooth(sp.diff(self.cost, symbol(item), symbol(other))))

    @cached_property
    def quadratic(self) -> bool:
        """Whether the cost is a polynomial of degree 2 in the parameters, or less."""
        degrees = dict.fromkeys(self.items, 1)
        for definition in self._definitions:
            inside = sorted((s for s in definition.formula.free_symbols if degrees.get(s.name)), key=str)
            if not inside:
                continue
            if not definition.formula.is_polynomial(*inside):
                return False
            terms = sp.Poly(definition.formula, *inside).monoms()
            degrees[definition.item] = max(
                sum(power * degrees[s.name] for s, power in zip(inside, term, strict=True)) for term in terms
            )
            if degrees[definition.item] > 2:
                return False
        return True

    # ------------------------------------------------------------------------------------------ with numbers

    def numbers(self, arrays: Arrays) -> np.ndarray:
        """The Hessian, (n, n), where inputs, targets and parameters are ``arrays``; NaN where it has no number."""
        size = len(self.items)
        try:
            with mpmath.workdps(DIGITS):
                bends = self._bends(arrays)
                found = [[float(bends.get((min(i, j), max(i, j)), 0)) for j in range(size)] for i in range(size)]
        except (ArithmeticError, TypeError, ValueError):  # a division by 0, a logarithm of 0, a number that is not real
            return np.full((size, size), np.nan)
        return np.asarray(found) + 0.0

    def _bends(self, arrays: Arrays) -> Bends:
        values = {symbol(item): number for item, number in self._given(arrays)}
        one, slopes = mpmath.mpf(1), dict[sp.Symbol, Slopes]()
        slopes.update((symbol(item), {place: one}) for place, item in enumerate(self.items))
        passed: list[tuple[_Definition, dict[sp.Symbol, Any]]] = []
        for definition in self._definitions:
            at = symbol(definition.item)
            first = {s: evaluate_precisely(slope, values) for s, slope in definition.first.items()}
            values[at] = evaluate_precisely(definition.formula, values)
            slopes[at] = _chained(first, slopes)
            passed.append((definition, first))
        return _gathered(passed, values, slopes)

    def _given(self, arrays: Arrays) -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = []
        for name, array in arrays.items():
            flat = np.asarray(to_host(array), dtype=float).reshape(-1)
            found += zip(self.graph.items(name), map(precise, flat), strict=True)
        return found

    @cached_property
    def _definitions(self) -> tuple[_Definition, ...]:
        """The calculated scalars that the cost needs, in order, differentiated by what the parameters move in them."""
        moving, found = set(map(symbol, self.items)), []
        for name, item in self.graph.calculated():
            if name not in self.graph.differentiable:
                continue
            formula = self.derivation.define(item)
            inside = formula.free_symbols & moving
            if inside:
                moving.add(symbol(item))
            found.append(_defined(item, formula, inside))
        return tuple(found)


def _defined(item: str, formula: sp.Expr, inside: set[sp.Symbol]) -> _Definition:
    """A scalar differentiated term by term: most things stand in one term of a long sum only."""
    first: dict[sp.Symbol, sp.Expr] = defaultdict(lambda: sp.S.Zero)
    second: dict[tuple[sp.Symbol, sp.Symbol], sp.Expr] = defaultdict(lambda: sp.S.Zero)
    factor, rest = formula.as_coeff_Mul()
    for term in sp.Add.make_args(rest):
        for s, slope, bends in _differentiated(term, inside):
            first[s] += factor * slope
            for t, bend in bends:
                second[s, t] += factor * bend
    return _Definition(item, formula, first, second)


def _differentiated(
    term: sp.Expr, inside: set[sp.Symbol]
) -> Iterator[tuple[sp.Symbol, sp.Expr, list[tuple[sp.Symbol, sp.Expr]]]]:
    """What moves in a term, with the derivative by it and that derivative's derivatives; of terms alike, found once."""
    symbols = sorted(term.free_symbols, key=natural_key)
    places = tuple(symbol(f"_{place}") for place in range(len(symbols)))
    moving = tuple(place for place, s in enumerate(symbols) if s in inside)
    back = dict(zip(places, symbols, strict=True))
    for i, slope, bends in _derivatives(term.xreplace(dict(zip(symbols, places, strict=True))), places, moving):
        yield symbols[i], slope.xreplace(back), [(symbols[j], bend.xreplace(back)) for j, bend in bends]


@lru_cache(maxsize=1024)
def _derivatives(
    term: sp.Expr, symbols: tuple[sp.Symbol, ...], moving: tuple[int, ...]
) -> tuple[tuple[int, sp.Expr, tuple[tuple[int, sp.Expr], ...]], ...]:
    found = []
    for at, i in enumerate(moving):
        slope = _smooth(sp.diff(term, symbols[i]))
        after = [j for j in moving[at:] if symbols[j] in slope.free_symbols]
        found.append((i, slope, tuple((j, _smooth(sp.diff(slope, symbols[j]))) for j in after)))
    return tuple(found)


def _chained(first: Mapping[sp.Symbol, Any], slopes: Mapping[sp.Symbol, Slopes]) -> Slopes:
    """The chain rule: Σ ∂c/∂s · ∂s/∂wᵢ."""
    found: Slopes = {}
    for s, factor in first.items():
        for i, slope in slopes[s].items() if factor else ():
            found[i] = found.get(i, 0) + factor * slope
    return found


def _gathered(
    passed: list[tuple[_Definition, dict[sp.Symbol, Any]]],
    values: Mapping[sp.Symbol, Any],
    slopes: Mapping[sp.Symbol, Slopes],
) -> Bends:
    """The chain rule once more: Σ over all scalars c of ∂cost/∂c · Σ ∂²c/∂s∂t · ∂s/∂wᵢ · ∂t/∂wⱼ."""
    upstream = defaultdict(lambda: mpmath.mpf(0), {symbol(passed[-1][0].item): mpmath.mpf(1)})
    found: Bends = defaultdict(lambda: mpmath.mpf(0))
    for definition, first in reversed(passed):
        above = upstream[symbol(definition.item)]
        for s, factor in first.items():
            upstream[s] += above * factor
        for (s, t), bend in definition.second.items():
            weight = above * evaluate_precisely(bend, values)
            for one, other in ((s, t),) if s == t else ((s, t), (t, s)):
                _add_products(found, weight, slopes[one], slopes[other])
    return found


def _add_products(found: Bends, weight: Any, rows: Slopes, columns: Slopes) -> None:
    for i, slope in rows.items() if weight else ():
        scaled = weight * slope
        for j, other in columns.items():
            if i <= j:
                found[i, j] += scaled * other


def _smooth(expression: sp.Expr) -> sp.Expr:
    """A derivative as it is off the corners: what a jump of the slope would add at one point is left out."""
    return expression.replace(sp.DiracDelta, lambda *_: sp.S.Zero) if expression.has(sp.DiracDelta) else expression


def _shortest(expression: sp.Expr) -> sp.Expr:
    """A derivative tidied up; a polynomial multiplied out, unless that makes it long."""
    tidied = tidy(expression)
    if not expression.is_polynomial(*expression.free_symbols):
        return tidied
    expanded = sp.expand(expression)
    return expanded if expanded.count_ops() <= tidied.count_ops() + LONGER else tidied
