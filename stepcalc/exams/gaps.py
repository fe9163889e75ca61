"""The gaps of a question: the right numbers, how far from them an answer may be, and what mistakes give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from stepcalc.exams.exact import number
from stepcalc.exams.question import Gap
from stepcalc.marking.asking import asked_of
from stepcalc.marking.state import State
from stepcalc.marking.worth import worths
from stepcalc.sheet.blocks import Formula

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper


def gaps(paper: Paper, items: Sequence[str], marks: float | None = None) -> tuple[Gap, ...]:
    """A gap for each item; ``marks`` are shared by them all, else each is worth what the recipe says."""
    worth = dict.fromkeys(items, marks / len(items)) if marks is not None else worths(paper.steps, items)
    return tuple(_gap(paper, item, worth[item]) for item in items)


def _gap(paper: Paper, item: str, worth: float) -> Gap:
    trace = paper.variant.trace
    value = number(trace, item)
    symbol = paper.context.whole.notation.symbol(item)
    return Gap(
        item, symbol, value, trace.rounding.printed(value), tolerance(paper, item), worth, (), _step(paper, item)
    )


def tolerance(paper: Paper, item: str) -> float:
    """How far from the right number an answer may be: as far as rounding, or cutting off, every step can lead."""
    trace, steps = paper.variant.trace, paper.steps
    asked = asked_of(paper.variant.problem)
    canonical = steps.canonical(item)

    def key(one: str) -> np.ndarray | None:
        value = trace.value(one)
        return None if value is None else np.array([value])

    state = State(steps, key, asked, frozenset(steps.order([canonical])))
    reach, value = state[canonical].reach, number(trace, item)
    return float(max(reach.hi[0] - value, value - reach.lo[0]))


def _step(paper: Paper, item: str) -> Formula | None:
    scribe, parsed = paper.context.whole, paper.variant.trace.graph.read(item)
    if parsed.part or parsed.by:
        return None
    plain = str(parsed.plain)
    step = scribe.backward(plain) if parsed.of else scribe.forward(plain)
    return Formula(tuple(line for line in (step.formula, step.numbers) if line is not None))
