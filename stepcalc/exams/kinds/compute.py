"""Numbers to be calculated, a gap for each, in the order of the calculation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from stepcalc.answers.names import elements
from stepcalc.drawing.model import items_of
from stepcalc.exams.gaps import gaps
from stepcalc.exams.kinds.parts import heading
from stepcalc.exams.question import Criterion, Gap, Question
from stepcalc.exams.worked import worked_lines
from stepcalc.marking.worth import array_of
from stepcalc.recipes.asking import Asked
from stepcalc.sheet.blocks import Formula, Prose
from stepcalc.sheet.words import joined

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper

MOST_BETWEEN = 30
"""So many steps that are not asked are written out on the way."""
METHOD = 0.5
"""The share of the marks for the right step; the others are for the number."""


def compute(paper: Paper, number: int, asked: Asked) -> Question:
    """A question that asks for the numbers of some items."""
    say = paper.words.say
    found = gaps(paper, in_order(paper, asked), asked.marks)
    prompt = (Prose(say("exam.compute")),)
    steps = tuple(_way(paper, found))
    rubric = tuple(_rubric(paper, found))
    asks = tuple(paper.steps.canonical(gap.item) for gap in found)
    return Question(number, asked.kind, heading(paper, asked), prompt, found, steps, rubric, 2 * len(found), asks=asks)


def _way(paper: Paper, found: Sequence[Gap]) -> Iterator[Formula]:
    """The steps of what is asked, and of what lies between and is asked nowhere in the paper: it has to be found, too.

    Without what lies between where that is too much to be read.
    """
    steps, items = paper.steps, paper.variant.problem.items
    here = {steps.canonical(gap.item): gap.step for gap in found}
    elsewhere = {steps.canonical(item) for item in paper.variant.answers} - here.keys()
    way = [item for item in steps.order(here) if item not in elsewhere and steps.step(item) is not None]
    for item in way if len(way) - len(here) <= MOST_BETWEEN else here:
        step = here[item] if item in here else worked_lines(paper, items.written_scalar(item) or item)
        if step is not None:
            yield step


def in_order(paper: Paper, asked: Asked) -> tuple[str, ...]:
    """The ids of the items that a question asks, as they are written, in the order of the calculation."""
    items, steps = paper.variant.problem.items, paper.steps
    ids = (items.written_scalar(item) or item for typed in items_of(asked) for item in elements(items, typed))
    written = {steps.canonical(item): item for item in ids}
    return tuple(written[item] for item in steps.order(written) if item in written)


def _rubric(paper: Paper, found: Sequence[Gap]) -> Iterator[Criterion]:
    """For the elements of each array the marks for the step, and those for the numbers."""
    for _, several in groupby(found, lambda gap: array_of(gap.item)):
        alike = tuple(several)
        named, worth = joined([gap.symbol for gap in alike]), sum(gap.worth for gap in alike)
        yield Criterion(paper.words.say("exam.right_step", items=named), METHOD * worth, "method")
        yield Criterion(
            paper.words.say("exam.right_numbers", items=named, count=len(alike)), (1 - METHOD) * worth, "answer"
        )
