"""The numbers of many students at once: each item as it is known from one's own earlier numbers.

Row by row, one student each (of one number for all, one row). An item has a number, and an interval of those that its
number may have been rounded from.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple, Protocol

import numpy as np
import sympy as sp

from stepcalc.backend import quiet
from stepcalc.calculus.evaluate import evaluate
from stepcalc.marking.interval import Interval, Intervals, as_interval
from stepcalc.marking.precision import Asked, rounded_off
from stepcalc.marking.steps import OwnStep, Steps, System
from stepcalc.notation import is_setting

NEAR_A_CORNER = 1e-12
"""So far from a corner a number is on it, and both slopes count."""


class Known(NamedTuple):
    """An item's numbers, (rows,), and the intervals of what they may have been."""

    point: np.ndarray
    reach: Interval

    def of_rows(self, rows: np.ndarray) -> Known:
        """Those of some rows; a number for all stays one."""
        low, high = (_some(end, rows) for end in (self.reach.lo, self.reach.hi))
        return Known(_some(self.point, rows), Interval(low, high))


class Numbers(Protocol):
    """An item's numbers and their intervals."""

    @property
    def point(self) -> np.ndarray:
        """The numbers."""

    @property
    def reach(self) -> Interval:
        """What they may have been."""


Look = Callable[[str], Numbers]
"""Where the numbers of a formula's items are found."""
Key = Callable[[str], np.ndarray | None]
"""The key's number of an item by its id, (1,) or (rows,); None where it has none."""


class State:
    """What is known, item by item; what nobody gave is found by its own step from what is."""

    def __init__(self, steps: Steps, key: Key, asked: Asked, between: frozenset[str]) -> None:
        self.steps, self.key, self.asked = steps, key, asked
        self.between = between
        """The items whose own step is taken; of all others the key's number is."""
        self._known: dict[str, Known] = {}

    def __setitem__(self, item: str, known: Known) -> None:
        self._known[item] = known

    def __getitem__(self, item: str) -> Known:
        """The item's numbers. Raises :class:`LookupError` where there are none."""
        if item not in self._known:
            self._known[item] = self._find(item)
        return self._known[item]

    def _find(self, item: str) -> Known:
        step = self.steps.step(item) if self._follows(item) else None
        if step is None or (step.formula is None and step.system is None):
            known = self.key(item)
            if known is None:
                raise LookupError(item)
            return Known(known, as_interval(known))
        found = self.by(step)
        return found._replace(reach=rounded_off(found.reach, self.asked))

    def _follows(self, item: str) -> bool:
        """Whether an item is found by its own step: also the parts of an update, which nothing else is found from."""
        part = bool(self.between) and not is_setting(item) and bool(self.steps.graph.read(item).part)
        return item in self.between or part or self.key(item) is None

    def by(self, step: OwnStep) -> Known:
        """What a step gives from what is known before it, not rounded."""
        if step.system is not None:
            return self._solved(step.system)
        assert step.formula is not None
        found = self.value(step.formula, step.branches_on)
        for other in step.others:  # where 1 − ŷ is 0 to a double, only the form in which it has cancelled has a number
            if not np.isfinite(found.point).all():
                found = choose(np.isfinite(found.point), found, self.value(other))
        return found

    def value(self, formula: sp.Expr, corners: frozenset[str] = frozenset()) -> Known:
        """The value of a formula from what is known; items on one of the ``corners`` are on both sides of it."""
        return Known(point(formula, self.__getitem__), reach(formula, self.__getitem__, corners))

    def _solved(self, system: System) -> Known:
        """One unknown of a system of equations, its interval as far as its sum of products goes."""
        size, coefficients = len(system.right), chain.from_iterable(system.matrix)
        known = np.stack(np.broadcast_arrays(*(self[item].point for item in (*coefficients, *system.right))), axis=-1)
        matrix, right = known[:, :-size].reshape(-1, size, size), known[:, -size:]
        usable = np.isfinite(matrix).all((-1, -2)) & (np.abs(np.linalg.det(np.nan_to_num(matrix))) > 0)
        solvable = np.where(usable[:, None, None], matrix, np.eye(matrix.shape[-1]))
        inverse = np.linalg.inv(solvable)
        weights = np.where(usable[:, None], inverse[:, system.place, :], np.nan)
        point = (weights * right).sum(-1)
        slack = sum(
            (self[item].reach.hi - self[item].reach.lo) * np.abs(weights[:, i]) for i, item in enumerate(system.right)
        )
        return Known(point, Interval(point - slack, point + slack))

    def on(self, rows: np.ndarray) -> Callable[[str], Known]:
        """What is known in some of the rows."""
        found: dict[str, Known] = {}

        def look(item: str) -> Known:
            if item not in found:
                found[item] = self[item].of_rows(rows)
            return found[item]

        return look


def choose(where: np.ndarray, yes: Known, no: Known) -> Known:
    """One or the other, row by row."""
    reach = Interval(np.where(where, yes.reach.lo, no.reach.lo), np.where(where, yes.reach.hi, no.reach.hi))
    return Known(np.where(where, yes.point, no.point), reach)


def _some(array: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return array if len(array) == 1 else array[rows]


@lru_cache(maxsize=65536)
def _symbols(formula: sp.Expr) -> tuple[sp.Symbol, ...]:
    return tuple(formula.free_symbols)


def point(formula: sp.Expr, look: Look) -> np.ndarray:
    """The numbers of a formula."""
    values = {s: look(s.name).point for s in _symbols(formula)}
    with quiet():
        return np.atleast_1d(np.asarray(evaluate(formula, values, np), dtype=float))


def reach(formula: sp.Expr, look: Look, corners: frozenset[str] = frozenset()) -> Interval:
    """The numbers that a formula may have, its items being rounded as they are."""
    values: dict[Any, Any] = {}
    for s in _symbols(formula):
        at = look(s.name).reach
        values[s] = Interval(at.lo - NEAR_A_CORNER, at.hi + NEAR_A_CORNER) if s.name in corners else at
    with quiet():
        found = as_interval(evaluate(formula, values, Intervals))
    return Interval(np.atleast_1d(found.lo), np.atleast_1d(found.hi))
