"""Mistakes in the last line of an update, whatever the optimizer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from stepcalc.calculus.symbols import symbol
from stepcalc.items import NEW
from stepcalc.marking.misconceptions.base import Change, Misconception, register, update_of
from stepcalc.marking.steps import OwnStep, Steps
from stepcalc.ops.optimizer import RATE

MOST_OTHERS = 40
"""So many other parameters' starting values are tried, those of the same array first."""


@dataclass(frozen=True)
class NewValue:
    """A step that finds a parameter's new value: where it ``start``s from, and its ``formula``."""

    start: str
    formula: sp.Expr

    @property
    def old(self) -> sp.Expr:
        """The parameter before the update."""
        return symbol(self.start)


def new_value(step: OwnStep, steps: Steps) -> NewValue | None:
    """The step, where it finds the new value of a parameter."""
    if step.part is None or step.part.name != NEW or step.formula is None:
        return None
    return NewValue(steps.date(str(step.parsed.plain), update_of(step)), step.formula)


@register
class UpdateSign(Misconception):
    """w + αg."""

    name = "update_sign"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        new = new_value(step, steps)
        if new is not None:
            yield Change(2 * new.old - new.formula)


@register
class OtherStart(Misconception):
    """The step taken from another parameter's value."""

    name = "other_start"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        new = new_value(step, steps)
        others = [] if new is None else [other for other in self._all(step, steps) if other != new.start]
        for other in others[:MOST_OTHERS]:
            assert new is not None
            yield Change(new.formula - new.old + symbol(other), {"weight": other})

    def _all(self, step: OwnStep, steps: Steps) -> Iterator[str]:
        own = step.quantity.name
        for name in (own, *(other for other in steps.graph.parameters if other != own)):
            yield from (steps.date(item, update_of(step)) for item in steps.graph.items(name))


@register
class NeverUpdated(Misconception):
    """w as it was."""

    name = "never_updated"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        new = new_value(step, steps)
        if new is not None:
            yield Change(new.old, {"weight": new.start})


@register
class RateForgotten(Misconception):
    """w − g, without the learning rate."""

    name = "rate_forgotten"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if new_value(step, steps) is not None and step.part is not None and step.part.formula is not None:
            yield Change(steps.filled(step.part.formula.xreplace({symbol(RATE): sp.S.One}), step.parsed))


@register
class StepOnly(Misconception):
    """αg or −αg, the step alone."""

    name = "step_only"
    far_fetched = True

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        new = new_value(step, steps)
        if new is not None:
            yield Change(new.old - new.formula, {"weight": new.start})
            yield Change(new.formula - new.old, {"weight": new.start})
