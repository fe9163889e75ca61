"""The key and its neighbours, as blocks: what is accepted, framed and ticked, what marks there are, which cells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stepcalc.board.nodes import Box
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Gap
from stepcalc.papers.answer_sheet import CELLS, answer_sheet
from stepcalc.papers.front import front
from stepcalc.papers.key_sheet import key_sheet
from stepcalc.papers.rubric import rubric_sheet
from stepcalc.papers.wording import head
from stepcalc.sheet.blocks import Boxes, Bullets, Formula, Plot, Slots, Table
from stepcalc.sheet.text import sentence
from tests.papers.papers import every_kind, paper_of, variants


def rows(paper: Paper, columns: int) -> list[list[str]]:
    """The rows of the key's tables of so many columns: 4 of what is right, 3 of what mistakes give."""
    tables = [block for block in key_sheet(paper).blocks if isinstance(block, Table) and len(block.header) == columns]
    return [[sentence(cell) for cell in row] for table in tables for row in table.rows if not isinstance(row, Formula)]


def with_gaps(*gaps: Gap) -> Paper:
    (known, *_), paper = variants(), Paper(variants()[0].variant)
    paper.__dict__.update(questions=(replace(known.questions[0], answers=gaps),), context=known.context)
    return paper


def accepted(value: float, printed: str, tolerance: float) -> str:
    gap = replace(variants()[0].questions[0].gaps[0], value=value, printed=printed, tolerance=tolerance)
    return rows(with_gaps(gap), 4)[0][2]


@pytest.mark.parametrize(
    ("value", "printed", "tolerance", "told"),
    [
        (2.469, "2.469", 0.0005000000005, "exactly"),  # half a unit: no rounding on the way leads elsewhere
        (2.469, "2.469", 0.0008, "± 0.0008"),  # as where rounding on the way leads to another number
        (2.46912345, "2.469", 0.000599999, "± 0.00059"),  # cut off: whatever is printed as accepted is
        (2.46912345, "2.469", 0.0, "exactly"),
        (2.46912345, "2.469", 1e-13, "exactly"),
    ],
)
def test_how_far_off_is_accepted(value: float, printed: str, tolerance: float, told: str) -> None:
    assert accepted(value, printed, tolerance) == told


def test_what_is_accepted_where_a_distance_is_asked() -> None:
    """Of short numbers, too: the marker and the platforms take 1 % off for right."""
    first = paper_of(marking={"tolerance": {"relative": 0.01}})
    gap = first.questions[0].gaps[0]
    assert float(gap.printed) == gap.value == 1.1
    assert rows(first, 4)[0] == ["z₁", "1.1", "± 0.011", "1"]


def test_the_number_of_a_mistake_is_told_with_its_sentence() -> None:
    ((number, why),) = (row[1:] for row in rows(every_kind(), 3) if row[0] == "a₁")
    assert number == "1.235"  # 1.2345 to four digits
    assert why.startswith("The activation is missing")


def test_only_wrong_options_are_told_why() -> None:
    """One of each choice is right."""
    told = [sentence(item) for block in key_sheet(every_kind()).blocks[1:] if isinstance(block, Bullets)
            for item in block.items]  # fmt: skip
    assert len(told) == 3 + 1
    assert not any("(b)" in one for one in told)


def test_the_rubric_says_how_is_marked() -> None:
    paper = paper_of(marking={"follow_through": 0.5, "rounding": 0.9})
    sheet = rubric_sheet(paper)
    (shares,) = (block for block in sheet.blocks if isinstance(block, Bullets))
    assert ["50 %" in sentence(shares.items[0]), "90 %" in sentence(shares.items[1])] == [True, True]
    (table,) = (block for block in sheet.blocks if isinstance(block, Table))
    marks = [float(sentence(row[2])) for row in table.rows if not isinstance(row[2], Formula | Plot)]
    assert sum(marks) == paper.questions[0].worth
    assert len(table.header) == 4
    assert {len(block.header) for block in key_sheet(paper).blocks if isinstance(block, Table)} == {3, 4}


def test_the_cover_counts_all_marks_and_has_no_empty_lines() -> None:
    paper = every_kind(paper={"course": "A course", "duration": "60 minutes", "cover": False})
    found = front(paper)
    assert [text for _, text in found.facts] == ["60 minutes"]
    assert not found.cover
    covered = front(every_kind())
    (table,) = (block for block in covered.blocks if isinstance(block, Table))
    questions = every_kind().questions
    total = sum(question.worth for question in questions)
    assert [head(paper, one).aside.split()[0] for one in questions] == [f"{one.worth:g}" for one in questions]
    assert sentence(table.rows[-1][1]) == f"{total:g}"  # type: ignore[arg-type]


def test_the_answer_sheet_has_cells_for_what_fits_into_cells() -> None:
    """A number, a letter, places; no formula."""
    paper = every_kind()
    slots = [slot for block in answer_sheet(paper).blocks[1:] if isinstance(block, Slots) for slot in block.slots]
    gaps = len(paper.questions[0].gaps)
    assert [sentence(slot.label).split()[0] for slot in slots[:2]] == ["1.1", "1.2"]
    assert [len(slot.cells) for slot in slots] == [CELLS] * gaps + [4, 3]
    assert slots[gaps].cells == ("a", "b", "c", "d")


def test_the_right_results_are_framed_and_the_right_option_ticked() -> None:
    paper = every_kind()
    blocks = key_sheet(paper).blocks
    framed = [block for block in blocks if isinstance(block, Formula) and isinstance(block.lines[-1].parts[-1], Box)]
    assert len(framed) == len(paper.questions[0].gaps)
    chosen, order = (block for block in blocks if isinstance(block, Boxes))
    assert (chosen.filled, order.filled) == (("", "✓", "", ""), ("2", "3", "1"))
