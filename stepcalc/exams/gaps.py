"""The gaps of a question: the right numbers, how far from them an answer may be, and what mistakes give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from stepcalc.answers.legends import Legend
from stepcalc.drawing.tolerance import tolerance as within
from stepcalc.exams.exact import steady
from stepcalc.exams.question import Gap, Phase
from stepcalc.exams.worked import worked_lines
from stepcalc.exams.wrongs import wrongs
from stepcalc.marking.asking import asked_of
from stepcalc.marking.worth import worths

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper

COMMON_DIGITS = 2
"""A number with no more digits than this may stand anywhere without telling anything."""


def gaps(paper: Paper, items: Sequence[str], marks: float | None = None) -> tuple[Gap, ...]:
    """A gap for each item; ``marks`` are shared by them all, else each is worth what the recipe says."""
    worth = dict.fromkeys(items, marks / len(items)) if marks is not None else worths(paper.steps, items)
    return tuple(_gap(paper, item, worth[item]) for item in items)


def _gap(paper: Paper, item: str, worth: float) -> Gap:
    trace = paper.variant.trace
    value, near = right_number(paper, item), tolerance(paper, item)
    return Gap(
        item,
        paper.symbol(item),
        value,
        printed(paper, value),
        near,
        worth,
        wrongs(paper, item, value, near),
        worked_lines(paper, item),
        Legend(trace).what(item),
        phase_of(paper, item),
    )


def right_number(paper: Paper, item: str) -> float:
    """The right number of an item, the same on every machine. Raises :class:`InputError` where it has none."""
    return paper.variant.numbers[item]


def printed(paper: Paper, value: float) -> str:
    """A number to the precision asked: as on the sheet, or with the digits asked where these are more."""
    asked = asked_of(paper.variant.problem)
    return paper.variant.trace.rounding.at_least(asked.significant, asked.decimals).printed(value)


def tells(text: str) -> bool:
    """Whether a printed number has so many digits that it stands somewhere for one reason only."""
    return len(text.strip("-0.").replace(".", "")) > COMMON_DIGITS


def phase_of(paper: Paper, item: str) -> Phase | None:
    """Where an item belongs in the calculation."""
    step = paper.steps.step(paper.steps.canonical(item))
    if step is None:
        return None
    return "loss" if step.quantity.role == "cost" else step.phase


def tolerance(paper: Paper, item: str) -> float:
    """How far from the right number an answer may be: as far as rounding, or cutting off, every step can lead."""
    reach, asked = paper.reachable[paper.steps.canonical(item)].reach, asked_of(paper.variant.problem)
    return steady(float(within(reach, np.array([right_number(paper, item)]), asked)[0]))
