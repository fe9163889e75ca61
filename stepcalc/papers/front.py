"""What stands above a variant: whose it is, when and how long, what may be used, and the marks to gain."""

from __future__ import annotations

from stepcalc.board.nodes import Blank
from stepcalc.exams.paper import Paper
from stepcalc.papers.code import qr_code, variant_code
from stepcalc.papers.wording import title_of
from stepcalc.rounding import marks_text
from stepcalc.sheet.blocks import Block, Bullets, Front, Heading, Inline, Table

FACTS = ("date", "duration", "aids")
FIELDS = ("name", "number")
REACHED = Blank(8)


def running(paper: Paper) -> str:
    """What every page of the variant says."""
    return paper.words.plain("exam_paper.variant", id=paper.variant.id)


def front(paper: Paper) -> Front:
    """The cover of a variant."""
    said, say = paper.variant.recipe.paper, paper.words.plain
    facts = ((say(f"exam_paper.{name}"), getattr(said, name)) for name in FACTS)
    fields = tuple(say(f"exam_paper.{name}") for name in FIELDS)
    blocks = (*_instructions(paper), *_overview(paper)) if said.cover else _instructions(paper, said.instructions)
    known = tuple((label, text) for label, text in facts if text)
    return Front(said.course, known, fields, tuple(blocks), qr_code(variant_code(paper.variant)), said.cover)


def _instructions(paper: Paper, told: str | None = None) -> list[Block]:
    """What is to be known before one begins; on a cover, its own lines first."""
    say, said = paper.words.say, paper.variant.recipe.paper
    own = [] if told is not None else [say("exam_paper.instruction_pages", running=running(paper))]
    given = [line.strip() for line in said.instructions.splitlines()]
    lines: list[tuple[Inline, ...]] = [*own, *((line,) for line in given if line)]
    return [Heading(say("exam_paper.instructions"), 1), Bullets(tuple(lines))] if lines else []


def _overview(paper: Paper) -> list[Block]:
    """The questions with the marks that each is worth, and room for those reached."""
    say = paper.words.say
    header = tuple(say(f"exam_paper.overview_{name}") for name in ("question", "marks", "reached"))
    rows: list[tuple[tuple[Inline, ...], ...]] = [
        (title_of(paper, question), (marks_text(question.worth),), (REACHED,)) for question in paper.questions
    ]
    whole = marks_text(sum(question.worth for question in paper.questions))
    rows.append((say("exam_paper.overview_total"), (whole,), (REACHED,)))
    return [Heading(say("exam_paper.overview"), 1), Table(header, tuple(rows))]
