"""Which questions of a quiz does ``stepcalc check`` read in its export, and how do they say what they ask for?"""

from __future__ import annotations

from stepcalc.answers.exports import item_mark
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Gap, Question


def marked(paper: Paper) -> frozenset[int]:
    """The numbers of the questions that the marking reads: they ask for items, and for no item a second time."""
    found, seen = set[int](), set[str]()
    for question in paper.questions:
        items = [gap.item for gap in question.gaps]
        if len(items) == len(question.answers) and set(items) <= set(paper.variant.asked) - seen:
            found.add(question.number)
            seen.update(items)
    return frozenset(found)


def mark_of(paper: Paper, question: Question, gap: Gap) -> str:
    """The id of a gap's item in brackets, where the marking is to read it; elsewhere it could give the answer away."""
    return item_mark(gap.item) if question.number in marked(paper) else ""
