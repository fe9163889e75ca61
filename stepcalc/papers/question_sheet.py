"""What a student is handed: the problem, and each question with room to answer it. Nothing found stands there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Answer, Choice, Gap, Order, Question
from stepcalc.marking.asking import asked_of
from stepcalc.papers.front import front, running
from stepcalc.papers.wording import asked_for, head, signs
from stepcalc.sheet.blocks import Block, Boxes, Bullets, Diagram, ExamSheet, Inline, Prose, Room, Work
from stepcalc.sheet.opening import rounding_sentences

FEWEST_LINES = 2
"""Of handwriting, for each thing that is to be written."""


def question_sheet(paper: Paper) -> ExamSheet:
    """The variant as it is set."""
    asked = [block for question in paper.questions for block in _asked(paper, question)]
    blocks = (*_stated(paper), *asked)
    return ExamSheet(paper.title, blocks, paper.words, running=running(paper), front=front(paper))


def _stated(paper: Paper) -> Iterator[Block]:
    """The problem. What a worked solution says of its own printing is left out, and no path is shown."""
    own = set() if paper.variant.problem.rounding.carry else set(rounding_sentences(paper.context))
    for block in paper.statement:
        if isinstance(block, Diagram):
            yield _plain(paper, block)
        elif isinstance(block, Bullets):
            left = tuple(item for item in block.items if item not in own)
            yield Bullets((*left, precision(paper)) if own else left)
        else:
            yield block


def _plain(paper: Paper, diagram: Diagram) -> Diagram:
    """The network with no way through it marked: which one is for students to find."""
    columns = tuple(tuple(replace(node, on_path=False) for node in column) for column in diagram.columns)
    edges = tuple(replace(edge, on_path=False) for edge in diagram.edges)
    caption = "network" if paper.variant.trace.numeric else "network_symbolic"
    return replace(diagram, columns=columns, edges=edges, caption=paper.words.say(f"exam_paper.{caption}"))


def precision(paper: Paper) -> tuple[Inline, ...]:
    """How exact an answer has to be."""
    asked, say = asked_of(paper.variant.problem), paper.words.say
    if asked.significant is not None:
        return say("exam_paper.precision_significant", digits=asked.significant)
    if asked.decimals is not None:
        return say("exam_paper.precision_decimals", digits=asked.decimals)
    return say("exam_paper.precision_distance")


def _asked(paper: Paper, question: Question) -> Iterator[Block]:
    yield head(paper, question)
    yield from question.prompt
    written = sum(map(_is_written, question.answers))
    lines = max(FEWEST_LINES, question.lines // written) if written else 0
    for answer in question.answers:
        yield from _room(paper, answer, lines)
    if question.lines and not written:
        yield Room(question.lines)


def _is_written(answer: Answer) -> bool:
    return isinstance(answer, Gap) or (isinstance(answer, Choice) and answer.written)


def _room(paper: Paper, answer: Answer, lines: int) -> Iterator[Block]:
    match answer:
        case Gap(symbol=symbol):
            yield Work(paper.words.say("exam_paper.gap", symbol=symbol), lines)
        case Choice(written=True):
            yield Work(asked_for(paper, answer), lines, result=False)
        case Choice(options=options, asked=asked):
            if asked:
                yield Prose(asked_for(paper, answer))
            yield Boxes(tuple(option.shown for option in options), signs(paper, len(options)))
        case Order(shown=shown):
            yield Boxes(tuple(shown))
