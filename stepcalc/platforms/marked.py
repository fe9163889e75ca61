"""Which questions of a quiz does ``stepcalc check`` read in its export, and how do they say what they ask for?"""

from __future__ import annotations

from stepcalc.answers.exports import item_mark
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Answer, Gap, Question


def asks_items(paper: Paper, question: Question) -> bool:
    """Whether a question asks for items of the exam and nothing else: elsewhere an id could give the answer away."""
    items = [gap.item for gap in question.gaps]
    return len(items) == len(question.answers) and set(items) <= set(paper.variant.asked)


def marked(paper: Paper) -> frozenset[int]:
    """The numbers of the questions that the marking reads: those that ask for items."""
    return frozenset(question.number for question in paper.questions if asks_items(paper, question))


def mark_of(paper: Paper, question: Question, answer: Answer) -> str:
    """The id of a gap's item in brackets, where the marking is to read it."""
    return item_mark(answer.item) if isinstance(answer, Gap) and question.number in marked(paper) else ""
