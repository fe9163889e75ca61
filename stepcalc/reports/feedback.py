"""A student's feedback sheet: the worked solution with their answers beside the steps, and the first error marked.

What a block of the solution gives is seen by the ids that its results carry; the answers to these follow the block,
each once, where its result stands first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from stepcalc.board.nodes import Node, Num
from stepcalc.board.transform import walk
from stepcalc.marking.marks import ItemMark, StudentMarks
from stepcalc.reports.notes import Sentence, notes
from stepcalc.reports.report import Report, heading
from stepcalc.reports.student import how, items, noticed, student_title, summary
from stepcalc.sheet.blocks import Block, Cell, Formula, Grids, Heading, Inline, Plot, Prose, Sheet, Table

STATEMENT = ("given", "conventions")
"""The sections of a sheet in which nothing is calculated; their keys."""
APPENDIX, FIRST_ERROR = "appendix", "first_error"
LONGEST_ANSWER = 200
"""So many letters of an answer are shown beside its step."""


def feedback_sheet(report: Report, student: StudentMarks, solution: tuple[Block, ...]) -> Sheet:
    """The ``solution`` of the problem with one student's answers."""
    waiting = {report.canonical(mark.item): mark for mark in student.items}
    told = (
        *summary(report, student),
        heading(report, "feedback_heading"),
        Prose(report.words.say("marks.feedback_signs")),
    )
    annotated = tuple(_annotated(report, student, waiting, solution))
    notices = noticed(report) if report.single else ()
    return Sheet(student_title(report, student), (*told, *annotated, *how(report), *notices), report.words)


def _annotated(
    report: Report, student: StudentMarks, waiting: dict[str, ItemMark], solution: Iterable[Block]
) -> Iterator[Block]:
    """The blocks of the solution, behind each the answers to what it gives; those left over before the appendix."""
    stated = True
    for block in solution:
        if isinstance(block, Heading) and block.level == 1:
            stated = block.key in STATEMENT
            if block.key == APPENDIX:
                yield from _left_over(report, student, waiting)
        yield block
        if not stated:
            found = dict.fromkeys(map(report.canonical, results(block)))
            symbolic = dict.fromkeys(map(report.canonical, left_sides(block)))
            here = [item for item in found if item in waiting]
            here += [item for item in symbolic if item in waiting and not isinstance(waiting[item].expected, float)]
            yield from _answers(report, student, [waiting.pop(item) for item in dict.fromkeys(here)])
    yield from _left_over(report, student, waiting)


def _left_over(report: Report, student: StudentMarks, waiting: dict[str, ItemMark]) -> Iterator[Block]:
    """The answers to what the solution does not write out."""
    marks = sorted(waiting.values(), key=report.place)
    waiting.clear()
    if marks:
        yield heading(report, "answers_heading")
        yield from items(report, student, marks)


def results(block: Block) -> Iterator[str]:
    """The ids of the results in a block: what stands at the end of a line, and the numbers in a table or a map."""
    match block:
        case Formula(lines):
            shown: Iterable[Cell | Node | None] = (line.parts[-1] for line in lines)
        case Table(rows=rows):
            shown = chain.from_iterable(rows)
        case Grids(grids):
            shown = chain.from_iterable(row for grid in grids for row in grid.rows)
        case _:
            shown = ()
    for each in shown:
        pieces = each if isinstance(each, tuple) else (each,)
        for piece in pieces:
            if not isinstance(piece, str | Formula | Plot | None):
                yield from _found(piece)


def left_sides(block: Block) -> Iterator[str]:
    """The ids of what the lines of a formula are about."""
    for line in block.lines if isinstance(block, Formula) else ():
        item = None if line.continued or not line.relations else getattr(line.parts[0], "item", None)
        if item is not None:
            yield item


def _found(node: Node) -> Iterator[str]:
    return (part.item for part in walk(node) if isinstance(part, Num) and part.found and part.item is not None)


def _answers(report: Report, student: StudentMarks, marks: Iterable[ItemMark]) -> Iterator[Block]:
    """The answers after one block; those of which the same is to be said, in one paragraph."""
    kinds: dict[str, list[ItemMark]] = {}
    for mark in marks:
        kinds.setdefault(_kind(mark, student), []).append(mark)
    for kind, of_a_kind in kinds.items():
        for told, together in notes(report, of_a_kind):
            yield Prose(_here(report, kind, told, together), kind)


def _here(report: Report, kind: str, told: Sentence, marks: list[ItemMark]) -> Sentence:
    """What a student reads of some answers after the step that gives them."""
    if kind == "missing":
        return report.words.say("marks.missing_here", items=report.symbols([mark.item for mark in marks]))
    if told:
        return report.words.say(f"marks.{kind}_here", answers=_listed(report, marks), note=told)
    return report.words.say("marks.right_here", answers=_listed(report, marks))


def _kind(mark: ItemMark, student: StudentMarks) -> str:
    return FIRST_ERROR if mark.item == student.first_error else mark.verdict


def _given(report: Report, mark: ItemMark) -> tuple[Inline, ...]:
    return report.words.say("marks.equal", item=report.symbol(mark.item), given=report.given(mark, LONGEST_ANSWER))


def _listed(report: Report, marks: Iterable[ItemMark]) -> tuple[Inline, ...]:
    said: list[Inline] = []
    for mark in marks:
        said += [", ", *_given(report, mark)] if said else _given(report, mark)
    return tuple(said)
