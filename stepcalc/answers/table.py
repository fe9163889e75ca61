"""A table as a spreadsheet has it, whatever file it came from, and the rows that fit under its headings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stepcalc.answers.base import MAX_ANSWER, Notices, name_of

MAX_COLUMNS = 5_000
MAX_CELLS = 5_000_000

LEGEND = "#"
"""How the first cell of a legend begins, which is the row under the headings that explains them."""

Row = tuple[int, Sequence[str]]
"""The number of a row, as a spreadsheet shows it, and its cells."""


@dataclass(frozen=True)
class Table:
    """Headings and rows; ``notices`` say what was wrong with the file they were read from."""

    header: tuple[str, ...]
    rows: Sequence[Row]
    notices: tuple[str, ...] = ()


def fitting_rows(table: Table, student: int | None, notices: Notices) -> Iterator[Row]:
    """The rows that somebody filled in, each as wide as the headings.

    A row that is too short has empty cells, one that is too long is left out, both with a notice: its cells may
    stand under the wrong headings. Legend and empty rows are left out.
    """
    width = len(table.header)
    for place, (number, cells) in enumerate(table.rows):
        if not any(map(str.strip, cells)) or (place == 0 and is_legend(cells, student)):
            continue
        if len(cells) > width and any(map(str.strip, cells[width:])):
            notices.tell(
                f"{row_place(number, cells, student)}: {len(cells)} cells under {width} headings; "
                "the row is not read (does a decimal comma stand without quotes?)"
            )
            continue
        if len(cells) < width:
            told = f"{len(cells)} cells under {width} headings; the others are empty"
            notices.tell(f"{row_place(number, cells, student)}: {told}")
            cells = [*cells, *[""] * (width - len(cells))]
        if sum(map(len, cells)) > MAX_ANSWER:
            _tell_long(table, number, cells, student, notices)
        yield number, cells


def is_legend(cells: Sequence[str], student: int | None) -> bool:
    """Whether this row, the first one under the headings, explains them."""
    first = student or 0
    return first < len(cells) and cells[first].startswith(LEGEND)


def row_place(number: int, cells: Sequence[str], student: int | None) -> str:
    """``row 5 (anna)``."""
    name = name_of(cells[student]) if student is not None and student < len(cells) else ""
    return f"row {number} ({name})" if name else f"row {number}"


def _tell_long(table: Table, number: int, cells: Sequence[str], student: int | None, notices: Notices) -> None:
    for column, cell in zip(table.header, cells, strict=False):
        if len(cell.strip()) > MAX_ANSWER:
            notices.tell(
                f"{row_place(number, cells, student)}, {name_of(column)}: {len(cell):,} characters, "
                f"more than {MAX_ANSWER:,}; the cell is cut"
            )
