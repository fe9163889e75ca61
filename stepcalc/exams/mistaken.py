"""A solution as somebody has it who makes one mistake and goes on from the wrong number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from stepcalc.exams.wrongs import right_numbers
from stepcalc.marking.interval import as_interval
from stepcalc.marking.marks import Finding
from stepcalc.marking.misconceptions import Change
from stepcalc.marking.precision import NOTHING
from stepcalc.marking.state import Known, State, point
from stepcalc.marking.steps import OwnStep
from stepcalc.trace import Trace

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper


@dataclass(frozen=True, eq=False)
class Made:
    """A mistake that is made in the step of an item: what it is, and how it changes the step."""

    item: str
    finding: Finding
    change: Change


@dataclass(frozen=True, eq=False)
class MistakenTrace(Trace):
    """A trace of which some items have other numbers, by their canonical ids."""

    wrong: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, trace: Trace, wrong: Mapping[str, float]) -> MistakenTrace:
        """``trace`` with these numbers in it."""
        return cls(**{known.name: getattr(trace, known.name) for known in fields(Trace)}, wrong=wrong)

    def value(self, item: str) -> float | None:
        """The number of an item: the wrong one, or what follows from it, else that of the trace."""
        parsed = self.graph.read(item)
        update = None if parsed.update == 1 else parsed.update
        canonical = str(replace(parsed, name=self.graph.canonical(parsed.name), update=update))
        return self.wrong[canonical] if canonical in self.wrong else super().value(item)


def wrong_numbers(paper: Paper, made: Made, items: Sequence[str]) -> dict[str, float] | None:
    """What a mistake and all that follows from it give, by item; None where that is no number, or a 0 by chance.

    ``items`` are canonical, in the order of the calculation. What others need of them is calculated from the wrong
    numbers; carried on are rounded ones where the problem does so.
    """
    state, found = right_numbers(paper), dict[str, float]()
    for item in items:
        step = paper.steps.step(item)
        if step is None or not (item == made.item or found.keys() & set(step.needs)):
            continue
        value, right = _value(state, step, made), paper.context.whole.number(item)
        if abs(value) <= NOTHING:
            value = 0.0
        if not np.isfinite(value) or (value == 0 and right != 0):
            return None
        found[item] = paper.variant.trace.rounding.round(value) if paper.variant.trace.rounding.carry else value
        known = np.array([found[item]])
        state[item] = Known(known, as_interval(known))
    return found


def _value(state: State, step: OwnStep, made: Made) -> float:
    if step.item == made.item:
        return float(point(made.change.formula, state.__getitem__)[0])
    if step.formula is None and step.system is None:
        return np.nan
    return float(state.by(step).point[0])
