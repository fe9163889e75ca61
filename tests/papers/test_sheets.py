"""What stands on the papers, before any format is written."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from stepcalc.board.nodes import Add, Equation, Glyph, Sym
from stepcalc.exams.paper import Paper
from stepcalc.papers.answer_sheet import answer_sheet
from stepcalc.papers.key_sheet import key_sheet
from stepcalc.papers.question_sheet import question_sheet
from stepcalc.sheet.blocks import Block, ExamSheet, Formula, Table, Work
from stepcalc.sheet.html import ScreenWriter
from stepcalc.sheet.latex import LatexWriter
from stepcalc.sheet.page import PAPER
from stepcalc.sheet.pdf import PrintWriter
from stepcalc.sheet.text import told
from stepcalc.sheet.words import words
from tests.papers.papers import every_kind, paper_of

LONG = Formula((Equation((Sym(Glyph("y")), Add(tuple(Sym(Glyph("x", str(at))) for at in range(80)))), ("=",)),))


@cache
def paper() -> Paper:
    return every_kind()


def text(blocks: tuple[Block, ...]) -> str:
    return " ".join(told(blocks, 100).split())


def headers(sheet: ExamSheet) -> list[str]:
    tables = (block for block in sheet.blocks if isinstance(block, Table))
    return ["|".join(str(cell[0]) for cell in table.header) for table in tables]


def test_the_problem_says_what_an_update_is() -> None:
    said = text(paper().statement)
    assert "after one step of gradient descent; α is the learning rate." in said
    assert "Results are printed" not in said
    assert "at least 4 significant digits" in said


def test_mistakes_come_last_in_the_key_and_in_one_table() -> None:
    first = paper().questions[0]
    many = tuple(replace(gap, wrongs=gap.wrongs * 30) for gap in first.gaps)
    other = Paper(paper().variant)
    other.__dict__["questions"] = (replace(first, answers=many),)
    assert headers(key_sheet(other)) == ["asked|right|accepted|marks", "for|kind|marks", "for|who has|is probably told"]


def test_a_long_formula_has_more_room() -> None:
    first = paper().questions[0]
    gaps = [gap for gap in first.gaps if gap.step is not None]
    other = Paper(paper().variant)
    other.__dict__["questions"] = (replace(first, answers=(gaps[0], replace(gaps[1], step=LONG)), lines=0),)
    assert [block.lines for block in question_sheet(other).blocks if isinstance(block, Work)] == [2, 8]


def test_it_is_said_what_belongs_into_boxes_and_cells() -> None:
    assert "Write into each box which step it is" in text(question_sheet(paper()).blocks)
    assert "copy the numbers in the boxes" in text(answer_sheet(paper()).blocks)
    alone = text(answer_sheet(paper_of()).blocks)
    assert "One sign to a cell" in alone
    assert "choice" not in alone
    assert "boxes" not in alone


def test_lines_beside_a_box_are_broken_to_its_width() -> None:
    phrases = words().phrases
    assert PrintWriter(PAPER["a4"], phrases).beside_box(LONG).count("<img") > 1
    assert r"\\ " in LatexWriter(80.0).beside_box(LONG)
    assert "<wbr>" in ScreenWriter(phrases).beside_box(LONG)
