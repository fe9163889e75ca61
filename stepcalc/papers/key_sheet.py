"""What is right: each question with its steps and results, how far off is accepted, and what mistakes give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from stepcalc.board.nodes import Box, Num, Words
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Answer, Choice, Gap, Order, Question
from stepcalc.marking.asking import asked_of
from stepcalc.papers.front import running
from stepcalc.papers.rubric import how_marked, rubric
from stepcalc.papers.wording import asked_for, head, places, signs
from stepcalc.rounding import Rounding, marks_text
from stepcalc.sheet.blocks import Block, Boxes, Bullets, ExamSheet, Formula, Heading, Inline, Prose, Table

ACCEPTED = Rounding(significant=2, mode="truncate")
"""How far off is accepted is cut off, so that whatever is printed as accepted is."""
NO_DISTANCE = 1e-12
"""What is accepted of a number that calculating with doubles blurs no further is this number."""
HALF = 0.5 + 1e-6
"""So much of a unit of the last digit is accepted at least, also of a number that no rounding changes."""
COLUMNS = {"right": ("asked", "is", "accepted", "marks"), "wrongs": ("asked", "has", "why")}
TICK = "✓"


def key_sheet(paper: Paper) -> ExamSheet:
    """The key of a variant, for whoever marks it."""
    blocks = [block for question in paper.questions for block in _told(paper, question)]
    title = paper.words.plain("exam_paper.key", title=paper.title)
    return ExamSheet(title, (*how_marked(paper), *blocks), paper.words, running=running(paper))


def _told(paper: Paper, question: Question) -> Iterator[Block]:
    yield head(paper, question)
    yield from _solution(question)
    for answer in question.answers:
        yield from _right(paper, answer)
    yield from _table(paper, "right", [_right_row(paper, gap) for gap in question.gaps])
    if question.rubric:
        yield Heading(paper.words.say("exam_paper.rubric_of"))
        yield rubric(paper, question)
    yield from _table(paper, "wrongs", [row for gap in question.gaps for row in _wrong_rows(paper, gap)])


def _solution(question: Question) -> Iterator[Block]:
    """The solution with the results of its gaps framed."""
    framed = {gap.step: _framed(gap.step) for gap in question.gaps if gap.step is not None}
    for block in question.solution:
        yield framed.get(block, block) if isinstance(block, Formula) else block


def _framed(step: Formula) -> Formula:
    *lines, last = step.lines
    return Formula((*lines, replace(last, parts=(*last.parts[:-1], Box(last.parts[-1])))))


def _right(paper: Paper, answer: Answer) -> Iterator[Block]:
    match answer:
        case Choice(written=True):
            asked = asked_for(paper, answer)
            yield Prose(paper.words.say("exam_paper.formula_is", asked=asked, formula=answer.right.shown))
            yield from _whys(paper, answer)
        case Choice(options=options, asked=asked):
            if asked:
                yield Prose(asked_for(paper, answer))
            ticks = tuple(TICK if option.right else "" for option in options)
            yield Boxes(tuple(option.shown for option in options), signs(paper, len(options)), ticks)
            yield from _whys(paper, answer)
        case Order(shown=shown):
            yield Boxes(tuple(shown), filled=places(answer))


def _whys(paper: Paper, choice: Choice) -> Iterator[Block]:
    """Why somebody might choose one of the others."""
    named = choice.options if choice.written else zip(signs(paper, len(choice.options)), choice.options, strict=True)
    told: list[tuple[Inline, ...]] = []
    for entry in named:
        sign, option = entry if isinstance(entry, tuple) else (entry.shown, entry)
        if option.why and not option.right:
            told.append(paper.words.say("exam_paper.option_why", sign=sign, why=option.why))
    if told:
        yield Bullets(tuple(told))


def _right_row(paper: Paper, gap: Gap) -> tuple[tuple[Inline, ...], ...]:
    say = paper.words.say
    within = say("exam_paper.within", distance=Num(ACCEPTED.printed(gap.tolerance)))
    return (
        (gap.symbol,), (Num(gap.printed),), say("exam_paper.exact") if _is_exact(paper, gap) else within,
        (marks_text(gap.worth),),
    )  # fmt: skip


def _is_exact(paper: Paper, gap: Gap) -> bool:
    """Whether nobody who works to the precision asked has another number, as of 4.6 from numbers as short."""
    unit = float(asked_of(paper.variant.problem).unit(np.array(gap.value)))
    whole = paper.variant.trace.rounding.is_exact(gap.value, gap.printed)
    return gap.tolerance <= max(NO_DISTANCE * abs(gap.value), unit * HALF if whole else 0.0)


def _wrong_rows(paper: Paper, gap: Gap) -> Iterator[tuple[tuple[Inline, ...], ...]]:
    printed = paper.variant.trace.rounding.printed
    for wrong in gap.wrongs:
        yield (_named(gap),), (Num(printed(wrong.value)),), wrong.why


def _named(gap: Gap) -> Inline:
    """What a gap is called: words as running text, which finds its room in a table."""
    return gap.symbol.text if isinstance(gap.symbol, Words) else gap.symbol


def _table(paper: Paper, what: str, rows: Sequence[tuple[tuple[Inline, ...], ...]]) -> Iterator[Block]:
    say = paper.words.say
    header = tuple(say(f"exam_paper.{what}_{name}") for name in COLUMNS[what])
    if rows:
        yield Heading(say(f"exam_paper.{what}"))
        yield Table(header, tuple(rows))
