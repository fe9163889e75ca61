"""Small things that all papers of an exam say in the same way: marks, letters of choices, the heads of questions."""

from __future__ import annotations

from string import ascii_lowercase

from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Choice, Order, Question
from stepcalc.rounding import marks_text
from stepcalc.sheet.blocks import Heading, Inline


def title_of(paper: Paper, question: Question) -> tuple[Inline, ...]:
    """What a question is called: ``1. Calculate``."""
    return paper.words.say("exam_paper.question", number=question.number, title=question.title)


def head(paper: Paper, question: Question) -> Heading:
    """The heading of a question, with its marks at the end of the line."""
    aside = paper.words.plain("exam_paper.points", marks=marks_text(question.worth))
    return Heading(title_of(paper, question), 1, aside=aside)


def letter(place: int) -> str:
    """The letter of an option, by its place counted from 0."""
    return ascii_lowercase[place]


def places(order: Order) -> tuple[str, ...]:
    """What belongs into the boxes of lines that are to be put in order: the place of each, counted from 1."""
    return tuple(str(order.order.index(place) + 1) for place in range(len(order.order)))


def asked_for(paper: Paper, choice: Choice) -> tuple[Inline, ...]:
    """What stands before a choice: after a symbol alone, there is a sign of equality."""
    first, *rest = choice.asked or ("",)
    return choice.asked if isinstance(first, str) or rest else paper.words.say("exam_paper.gap", symbol=first)


def signs(paper: Paper, count: int) -> tuple[str, ...]:
    """(a), (b), … before the options of a choice."""
    return tuple(paper.words.plain("exam_paper.sign", letter=letter(place)) for place in range(count))
