"""The numbers of candidates by the own steps of their items: what the engine does not calculate, and with rounding."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from stepcalc.descend import rounding_of
from stepcalc.drawing.patterns import Pattern
from stepcalc.drawing.second_derivatives import second_derivatives
from stepcalc.drawing.tolerance import reachable, tolerance
from stepcalc.items import Item
from stepcalc.marking.interval import as_interval
from stepcalc.marking.precision import Asked
from stepcalc.marking.state import Known, State, point
from stepcalc.marking.steps import OwnStep, Steps
from stepcalc.notation import is_setting, setting
from stepcalc.recipes.targets import RATE
from stepcalc.rounding import Rounding

LEARNING_RATE = setting("learning_rate")

if TYPE_CHECKING:
    from stepcalc.drawing.rows import Rows


class Points(State):
    """What is known of candidates, without what it may have been rounded from."""

    def value(self, formula: sp.Expr, corners: frozenset[str] = frozenset()) -> Known:
        found = point(formula, self.__getitem__)
        return Known(found, as_interval(found))


class Rounded(Points):
    """The numbers of somebody who rounds each of them before the next is found from it."""

    rounding: Rounding

    def by(self, step: OwnStep) -> Known:
        found = self.rounding.round_array(super().by(step).point)
        return Known(found, as_interval(found))


class Calculation:
    """Candidates whose targets have one pattern: ``rows``, and their items' own ``steps``."""

    def __init__(self, rows: Rows, pattern: Pattern) -> None:
        self.rows, self.pattern = rows, pattern
        self.steps: Steps = rows.model.patterns.steps(pattern)
        self.asked, self.problem = rows.model.precision, rows.model.problem

    @cached_property
    def items(self) -> tuple[str, ...]:
        """The canonical ids of what is asked."""
        return self.rows.model.patterns.asked(self.pattern)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """What is asked and all that it is found from, each after what it needs."""
        return self.steps.order(self.items)

    def key(self, item: str) -> np.ndarray | None:
        """The engine's numbers of an item by its canonical id, (rows,); None where it has none."""
        if is_setting(item):
            return self.rows.values.get(RATE) if item == LEARNING_RATE else None
        parsed = Item.parse(item)
        return self._bend(parsed) if parsed.by else self.rows.column(item)

    def _bend(self, item: Item) -> np.ndarray | None:
        """A second derivative of a network's cost; None where a formula gives it."""
        step = self.steps.step(str(item))
        if step is None or step.formula is not None or item.update is not None:
            return None
        items = self.steps.trace.curvature.items
        places = [items.index(str(self.steps.graph.read(known))) for known in (item.by, str(item.plain))]
        found: np.ndarray = self._bends[:, places[0], places[1]]
        return found

    @cached_property
    def _bends(self) -> np.ndarray:
        model = self.rows.model
        found = second_derivatives(model.graph, self.rows.values)
        return rounding_of(model.problem).round_array(found) if model.carries else found

    @cached_property
    def right(self) -> State:
        """The right numbers: those that are carried, where the problem carries its printed numbers."""
        if not self.rows.model.carries:
            return Points(self.steps, self.key, Asked(), frozenset())
        return self._rounded(rounding_of(self.problem), frozenset())

    @cached_property
    def printed(self) -> State:
        """The numbers of a student who rounds every step to the precision asked, as the problem's own are rounded."""
        asked, own = self.asked, rounding_of(self.problem)
        rounding = Rounding(asked.significant, asked.decimals, own.mode) if asked.by_digits else own
        return self._rounded(rounding, frozenset(self.order))

    def _rounded(self, rounding: Rounding, between: frozenset[str]) -> State:
        found = Rounded(self.steps, self.key, Asked(), between)
        found.rounding = rounding
        return found

    @cached_property
    def reachable(self) -> State:
        """What rounding or cutting off every step to the precision asked can reach."""
        return reachable(self.steps, self.key, self.asked, self.items)

    def number(self, item: str) -> np.ndarray | None:
        """The right numbers of an item, (rows,); None where it has none."""
        try:
            return self._column(self.right[self.steps.canonical(item)].point)
        except LookupError:
            return None

    def tolerance(self, item: str) -> np.ndarray:
        """How far an answer may be from the right numbers, (rows,)."""
        canonical = self.steps.canonical(item)
        right = self.right[canonical].point
        if not self.asked.by_digits:
            return self._column(tolerance(as_interval(right), right, self.asked))
        return self._column(tolerance(self.reachable[canonical].reach, right, self.asked))

    def rounded(self, item: str) -> np.ndarray:
        """What a student has for an item who rounds every step, (rows,)."""
        return self._column(self.printed[self.steps.canonical(item)].point)

    def _column(self, numbers: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.broadcast_to(numbers, (len(self.rows),))
        return found


def answer(rows: Rows, item: str) -> np.ndarray | None:
    """An item's right numbers, (rows,), those of an update, too; None where it has none."""
    column = rows.column(item)
    return _kept(rows, item, partial(Calculation.number, item=item)) if column is None else column


def answers(rows: Rows) -> dict[str, np.ndarray]:
    """The right numbers of all that is asked and has some, each (rows,), by item."""
    found = ((item, answer(rows, item)) for item in rows.model.asked)
    return {item: numbers for item, numbers in found if numbers is not None}


def within(rows: Rows, item: str) -> np.ndarray:
    """How far from the right numbers of an item that has some an answer may be, (rows,)."""
    found = _kept(rows, f"±{item}", partial(Calculation.tolerance, item=item))
    assert found is not None
    return found


def _kept(rows: Rows, name: str, find: Callable[[Calculation], np.ndarray | None]) -> np.ndarray | None:
    """A column as it was found before, or is found now; None where there is none."""
    if name not in rows.found and (found := together(rows, find)) is not None:
        rows.found[name] = found
    return rows.found.get(name)


def together(rows: Rows, find: Callable[[Calculation], np.ndarray | None]) -> np.ndarray | None:
    """What ``find`` gives for the calculations of all patterns, put together, (rows,); None where it gives nothing."""
    found = np.empty(len(rows))
    for places, calculation in rows.calculations:
        part = find(calculation)
        if part is None:
            return None
        found[places] = part
    return found
