"""The rule on corners, where two slopes meet: of activations, of losses, of |e|, max and min in a user's formula."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from stepcalc.calculus import functions
from stepcalc.drawing.calculation import Calculation
from stepcalc.drawing.once import once
from stepcalc.drawing.patterns import Pattern
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.rule import Rule, anywhere, below, register
from stepcalc.marking.interval import Either
from stepcalc.marking.state import Look, point
from stepcalc.marking.steps import OwnStep
from stepcalc.ops.activation import Activation
from stepcalc.recipes import Quality

if TYPE_CHECKING:
    from stepcalc.drawing.model import Model

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
        for places, calculation in rows.calculations if corners(rows.model, rows.model.patterns.plain) else ():
            for there in _undecided(calculation, quality.kink_margin):
                refused[places] |= there
        return refused


def _undecided(calculation: Calculation, margin: float) -> Iterator[np.ndarray]:
    """Where steps on the way to what is asked may be taken on either side of a corner."""
    for bent in corners(calculation.rows.model, calculation.pattern):
        yield from _at_corners(bent, np.ones(1, bool), calculation.right.__getitem__, margin)


@once
def corners(model: Model, pattern: Pattern) -> tuple[sp.Expr, ...]:
    """What has corners in the steps on the way to what is asked, each once."""
    steps = model.patterns.steps(pattern)
    found = (steps.step(item) for item in steps.order(model.patterns.asked(pattern)))
    return tuple(dict.fromkeys(bent for step in found if step is not None for bent in _bent(step)))


def _bent(step: OwnStep) -> Iterator[sp.Expr]:
    """What has corners in a step: a slope, and where a value leaps; others bend at a corner without a leap."""
    if step.formula is None:
        return
    leaps = sorted(step.formula.atoms(functions.step), key=sp.default_sort_key)
    yield from (sp.Heaviside(leap.args[0]) for leap in leaps)
    if step.phase == "backward" and step.formula.has(sp.Piecewise, *SIDES):
        yield step.formula


def _at_corners(part: sp.Basic, where: np.ndarray, look: Look, margin: float) -> Iterator[np.ndarray]:
    """Of the rows ``where`` this part of a formula counts those where it may be taken on either side of a corner."""
    if isinstance(part, sp.Piecewise):
        for value, condition in part.args:
            either = _either(condition, look, margin)
            yield where & either.may & either.fail
            yield from _at_corners(value, where & either.may, look, margin)
            where = where & either.fail
    elif part.has(sp.Piecewise, *SIDES):
        if isinstance(part, SIDES):
            yield where & below(np.abs(point(part.args[0], look)), margin)
        for inner in part.args:
            yield from _at_corners(inner, where, look, margin)


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
