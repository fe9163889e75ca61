"""Numbers to be calculated, a gap for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepcalc.answers.names import elements
from stepcalc.drawing.model import items_of
from stepcalc.exams.gaps import gaps
from stepcalc.exams.question import Criterion, Question
from stepcalc.recipes.asking import Asked
from stepcalc.sheet.blocks import Prose

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper


def compute(paper: Paper, number: int, asked: Asked) -> Question:
    """A question that asks for the numbers of some items."""
    items, say = paper.variant.problem.items, paper.words.say
    ids = [items.written_scalar(item) or item for typed in items_of(asked) for item in elements(items, typed)]
    found = gaps(paper, list(dict.fromkeys(ids)), asked.marks)
    prompt = (Prose(say("exam.compute")),)
    rubric = tuple(Criterion((gap.symbol,), gap.worth, "answer") for gap in found)
    steps = tuple(gap.step for gap in found if gap.step is not None)
    return Question(number, asked.kind, say("exam.compute_title"), prompt, found, steps, rubric, 2 * len(found))
