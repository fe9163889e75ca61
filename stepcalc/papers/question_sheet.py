"""What a student is handed: the problem, and each question with room to answer it. Nothing found stands there."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc.board.measure import estimated_width
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Answer, Choice, Gap, Order, Question
from stepcalc.papers.front import front, running
from stepcalc.papers.wording import asked_for, head, signs
from stepcalc.sheet.blocks import Block, Boxes, ExamSheet, Prose, Room, Work

FEWEST_LINES = 2
"""Of handwriting, for each thing that is to be written."""
WRITTEN_WIDTH, MOST_FURTHER = 50.0, 6
"""About how many digits of a printed formula take a further line when it is written by hand, and the most of these."""


def question_sheet(paper: Paper) -> ExamSheet:
    """The variant as it is set."""
    asked = [block for question in paper.questions for block in _asked(paper, question)]
    return ExamSheet(paper.title, (*paper.statement, *asked), paper.words, running=running(paper), front=front(paper))


def _asked(paper: Paper, question: Question) -> Iterator[Block]:
    yield head(paper, question)
    yield from question.prompt
    written = sum(map(_is_written, question.answers))
    lines = max(FEWEST_LINES, question.lines // written) if written else 0
    for answer in question.answers:
        yield from _room(paper, answer, lines)
    if question.lines and not written:
        yield Room(question.lines)


def _further(gap: Gap) -> int:
    """How many lines more a long formula takes, as it is in symbols: numbers would tell something of the answer."""
    return 0 if gap.step is None else min(MOST_FURTHER, int(estimated_width(gap.step.lines[0]) // WRITTEN_WIDTH))


def _is_written(answer: Answer) -> bool:
    return isinstance(answer, Gap) or (isinstance(answer, Choice) and answer.written)


def _room(paper: Paper, answer: Answer, lines: int) -> Iterator[Block]:
    match answer:
        case Gap(symbol=symbol):
            yield Work(paper.words.say("exam_paper.gap", symbol=symbol), lines + _further(answer))
        case Choice(written=True):
            yield Work(asked_for(paper, answer), lines, result=False)
        case Choice(options=options, asked=asked):
            if asked:
                yield Prose(asked_for(paper, answer))
            yield Boxes(tuple(option.shown for option in options), signs(paper, len(options)))
        case Order(shown=shown):
            yield Prose(paper.words.say("exam_paper.order_how"))
            yield Boxes(tuple(shown))
