"""The rule on corners, where two slopes meet: of activations, of losses, of |e|, max and min in a user's formula."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, reduce
from typing import TypeAlias

import numpy as np
import sympy as sp

from stepcalc.calculus import functions
from stepcalc.drawing.calculation import Calculation
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.rules.base import Rule, anywhere, below, register
from stepcalc.marking.interval import Either
from stepcalc.marking.state import Look, point
from stepcalc.marking.steps import OwnStep, Steps
from stepcalc.ops.activation import Activation
from stepcalc.recipes import Quality

Corner: TypeAlias = tuple[sp.Basic, ...]
"""Conditions, the first of which that holds decides."""
SIDES = (sp.sign, sp.Heaviside)
"""Functions that say on which side of 0 a number is."""


@register
class Kink(Rule):
    """A number stands on, or next to, a corner, where rounding decides which slope counts."""

    name = "kink"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        near = (
            below(np.abs(rows.values[quantity.parents[0]] - kink.at), quality.kink_margin)
            for quantity in rows.model.graph.quantities.values()
            if quantity.op is not None and isinstance(quantity.op.core, Activation)
            for kink in quantity.op.core.kinks
        )
        refused = anywhere(rows, *near)
        for places, calculation in rows.calculations if corners(*rows.model.patterns.plain) else ():
            for there in _undecided(calculation, quality.kink_margin):
                refused[places] |= there
        return refused


def _undecided(calculation: Calculation, margin: float) -> Iterator[np.ndarray]:
    """Where steps on the way to what is asked may be taken on either side of a corner."""
    for corner in corners(calculation.steps, calculation.items):
        goes_on: np.ndarray = np.ones(1, bool)  # no condition before has been met for certain
        for condition in corner:
            either = _either(condition, calculation.right.__getitem__, margin)
            yield goes_on & either.may & either.fail
            goes_on = goes_on & either.fail


@lru_cache(maxsize=1024)
def corners(steps: Steps, items: tuple[str, ...]) -> tuple[Corner, ...]:
    """The corners in the steps on the way to some items, each once."""
    found = (steps.step(item) for item in steps.order(items))
    return tuple(dict.fromkeys(corner for step in found if step is not None for corner in _corners_of(step)))


def _corners_of(step: OwnStep) -> Iterator[Corner]:
    """Those of a step: all of a slope, and the jumps of a value, which bends at a corner without a leap."""
    if step.formula is None:
        return
    yield from ((part.args[0] >= 0,) for part in _sorted(step.formula.atoms(functions.step)))
    if step.phase == "backward":
        yield from ((part.args[0] > 0,) for part in _sorted(step.formula.atoms(*SIDES)))
        for part in _sorted(step.formula.atoms(sp.Piecewise)):
            yield tuple(condition for _, condition in part.args if condition is not sp.true)


def _sorted(parts: set[sp.Basic]) -> list[sp.Basic]:
    return sorted(parts, key=sp.default_sort_key)


def _either(condition: sp.Basic, look: Look, margin: float) -> Either:
    """Whether a condition may hold and may fail, where its numbers may be off by less than a margin."""
    if isinstance(condition, sp.And | sp.Or):
        parts = [_either(part, look, margin) for part in condition.args]
        return reduce(lambda a, b: a & b if isinstance(condition, sp.And) else a | b, parts)
    if isinstance(condition, sp.Not):
        return ~_either(condition.args[0], look, margin)
    if condition in (sp.true, sp.false):
        return Either(np.array(condition is sp.true), np.array(condition is sp.false))
    apart = point(condition.lhs - condition.rhs, look)
    near = below(np.abs(apart), margin)
    if isinstance(condition, sp.Equality | sp.Unequality):
        equal = Either(near, np.ones_like(near))
        return equal if isinstance(condition, sp.Equality) else ~equal
    holds = apart > 0 if isinstance(condition, sp.StrictGreaterThan | sp.GreaterThan) else apart < 0
    return Either(holds | near, ~holds | near)
