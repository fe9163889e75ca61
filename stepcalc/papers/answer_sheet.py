"""The answer sheet: a row of cells for each answer, under its id, to be read by people or by machines."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Choice, Gap, Order, Question
from stepcalc.papers.wording import head, letter
from stepcalc.sheet.blocks import Block, ExamSheet, Front, Inline, Prose, Slot, Slots

CELLS, NUMBER_CELLS, VARIANT_CELLS = 12, 10, 6
"""How many signs a number may have, somebody's matriculation number, and a variant's id."""


def answer_sheet(paper: Paper) -> ExamSheet:
    """The answer sheet of all variants that are asked the same."""
    say = paper.words.say
    number = Slot(say("exam_paper.number"), ("",) * NUMBER_CELLS)
    variant = Slot(say("exam_paper.answer_variant"), ("",) * VARIANT_CELLS)
    blocks: list[Block] = [Slots((number, variant)), _how(paper)]
    for question in paper.questions:
        if slots := tuple(_slots(paper, question)):
            blocks += [head(paper, question), Slots(slots)]
    title = paper.words.plain("exam_paper.answer_sheet", title=paper.title)
    front = Front(paper.variant.recipe.paper.course, (), (paper.words.plain("exam_paper.name"),))
    return ExamSheet(title, tuple(blocks), paper.words, front=front)


def _how(paper: Paper) -> Prose:
    """How the cells are filled, as far as there are such cells."""
    answers = [answer for question in paper.questions for answer in question.answers]
    kinds = {
        "how": any(isinstance(answer, Gap) for answer in answers),
        "choice": any(isinstance(answer, Choice) and not answer.written for answer in answers),
        "order": any(isinstance(answer, Order) for answer in answers),
    }
    told = [paper.words.say(f"exam_paper.answer_sheet_{kind}") for kind, there in kinds.items() if there]
    return Prose(tuple(part for sentence in told for part in (*sentence, " ")))


def _slots(paper: Paper, question: Question) -> Iterator[Slot]:
    """What can be written into cells: no formulas."""
    for place, answer in enumerate(question.answers, start=1):
        label: tuple[Inline, ...] = (f"{question.number}.{place}",)
        match answer:
            case Gap(symbol=symbol):
                yield Slot((*label, "  ", symbol), ("",) * CELLS)
            case Choice(options=options, written=False):
                yield Slot(label, tuple(map(letter, range(len(options)))))
            case Order(shown=shown):
                yield Slot(label, ("",) * len(shown))
