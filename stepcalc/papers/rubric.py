"""What marks are given for: the rubric, in the key of a variant and as a sheet for whoever marks."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc.board.nodes import Blank
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Question
from stepcalc.papers.wording import head
from stepcalc.rounding import marks_text
from stepcalc.sheet.blocks import Block, Bullets, ExamSheet, Front, Inline, Table

GIVEN = Blank(8)


def rubric_sheet(paper: Paper) -> ExamSheet:
    """The rubric of all questions, with room for whose they are and the marks given."""
    title = paper.words.plain("exam_paper.rubric", title=paper.title)
    blocks = [block for question in paper.questions for block in (head(paper, question), rubric(paper, question, True))]
    fields = tuple(paper.words.plain(f"exam_paper.{name}") for name in ("name", "answer_variant"))
    front = Front(paper.variant.recipe.paper.course, (), fields)
    return ExamSheet(title, (*how_marked(paper), *blocks), paper.words, front=front)


def rubric(paper: Paper, question: Question, given: bool = False) -> Table:
    """The rubric of a question; with ``given``, there is room for marks."""
    say = paper.words.say
    columns = ("what", "kind", "marks", "given") if given else ("what", "kind", "marks")
    rows: list[tuple[tuple[Inline, ...], ...]] = []
    for line in question.rubric:
        row = (line.what, say(f"exam_paper.{line.kind}"), (marks_text(line.marks),), (GIVEN,))
        rows.append(row[: len(columns)])
    return Table(tuple(say(f"exam_paper.rubric_{name}") for name in columns), tuple(rows))


def how_marked(paper: Paper) -> Iterator[Block]:
    """What a right step on a wrong number is worth, and a slip of precision."""
    marking, say = paper.variant.problem.marking, paper.words.say
    shares = {"follow_through": marking.follow_through, "rounding": marking.rounding}
    yield Bullets(tuple(say(f"exam_paper.{name}", share=marks_text(100 * share)) for name, share in shares.items()))
