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
from stepcalc.marking.worth import array_of
from stepcalc.recipes.asking import Asked
from stepcalc.sheet.blocks import Prose
from stepcalc.sheet.words import joined

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper

METHOD = 0.5
"""The share of the marks for the right step; the others are for the number."""


def compute(paper: Paper, number: int, asked: Asked) -> Question:
    """A question that asks for the numbers of some items."""
    say = paper.words.say
    found = gaps(paper, in_order(paper, asked), asked.marks)
    prompt = (Prose(say("exam.compute")),)
    steps = tuple(gap.step for gap in found if gap.step is not None)
    rubric = tuple(_rubric(paper, found))
    asks = tuple(paper.steps.canonical(gap.item) for gap in found)
    return Question(number, asked.kind, heading(paper, asked), prompt, found, steps, rubric, 2 * len(found), asks=asks)


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
