"""The key: what is accepted, what is framed and ticked, and what mistakes give."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stepcalc.board.nodes import Box
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Gap
from stepcalc.papers.key_sheet import key_sheet
from stepcalc.sheet.blocks import Boxes, Formula, Table
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
        (2.469, "2.469", 0.0010000000005, "± 0.0010"),  # 2 · 1.2345 is 2.469, and 2 · 1.235 is 2.47
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


def test_the_right_results_are_framed_and_the_right_option_ticked() -> None:
    paper = every_kind()
    blocks = key_sheet(paper).blocks
    framed = [block for block in blocks if isinstance(block, Formula) and isinstance(block.lines[-1].parts[-1], Box)]
    assert len(framed) == len(paper.questions[0].gaps)
    chosen, order = (block for block in blocks if isinstance(block, Boxes))
    assert (chosen.filled, order.filled) == (("", "✓", "", ""), ("2", "3", "1"))
