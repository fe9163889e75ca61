"""CSV as people have it: any of the usual separators and encodings, rows that do not fit, quotes never closed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stepcalc.answers.files import decoded, read_bytes, refuse
from stepcalc.answers.table import MAX_CELLS, MAX_COLUMNS, Row, Table

SEPARATORS = (",", ";", "\t")
MAX_LINES = 100
"""The most lines that one row may go on for, inside quotes, before its quote counts as never closed."""
LOOKED_AT = 200
"""The most headings that the separator is judged by."""

Known = Callable[[str], bool]
"""Whether a heading is one that the file may be expected to have."""


def read_csv(path: Path, known: Known) -> Table:
    """The table in a CSV file. Raises :class:`InputError` for what is none, or is too large."""
    text, told = decoded(read_bytes(path))
    return table_of(text, known, told)


def table_of(text: str, known: Known, told: tuple[str, ...] = ()) -> Table:
    """The table that a text holds, its first row that is not empty being the headings."""
    separator, text = separator_of(text, known)
    notices = list(told)
    rows: list[Row] = []
    cells = 0
    with _long_cells(len(text)):
        for number, row in enumerate(_rows(text, separator, notices), 1):
            cells += len(row)
            if cells > MAX_CELLS:
                refuse(f"more than the {MAX_CELLS:,} cells that are read")
            if rows or any(map(str.strip, row)):
                rows.append((number, row))
    if not rows:
        refuse("the file is empty")
    header = rows.pop(0)[1]
    if len(header) > MAX_COLUMNS:
        refuse(f"{len(header):,} columns; at most {MAX_COLUMNS:,} are read")
    return Table(tuple(header), rows, tuple(notices))


def separator_of(text: str, known: Known) -> tuple[str, str]:
    """What separates the cells, told by a first line ``sep=;`` or by the headings; and the text from there on."""
    first, _, rest = text.lstrip("\r\n").partition("\n")
    if first.startswith("sep=") and len(first.strip("\r")) == 5:
        return first[4], rest
    with _long_cells(len(text)):
        return max(SEPARATORS, key=lambda separator: _judged(text, separator, known)), text


def _judged(text: str, separator: str, known: Known) -> tuple[int, int]:
    """How many headings are known if this is the separator, and how many there are."""
    header = next((row for row in _rows(text, separator, []) if any(map(str.strip, row))), [])
    return sum(map(known, header[:LOOKED_AT])), len(header)


def _rows(text: str, separator: str, notices: list[str]) -> Iterator[list[str]]:
    """The rows; a line with a quote that is not closed as it should be is read without looking at its quotes."""
    lines = list(io.StringIO(text, newline=""))
    start = 0
    while start < len(lines):
        taken = _Lines(lines, start)
        reader = csv.reader(taken, delimiter=separator, strict=True)
        try:
            for row in reader:
                yield row
                start = taken.row_ends()
        except csv.Error:
            notices.append(f"line {start + 1}: quotes that do not belong together; they are read as characters")
            yield next(csv.reader([lines[start]], delimiter=separator, quoting=csv.QUOTE_NONE))
            start += 1


class _Lines:
    """The lines from ``at`` on, as a reader takes them."""

    def __init__(self, lines: list[str], at: int) -> None:
        self.lines = lines
        self.at = self.begun = at

    def row_ends(self) -> int:
        """Where the next row begins."""
        self.begun = self.at
        return self.at

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.at == len(self.lines):
            raise StopIteration
        if self.at - self.begun >= MAX_LINES:
            raise csv.Error("a row that goes on for more lines than anybody quotes")
        self.at += 1
        return self.lines[self.at - 1]


@contextmanager
def _long_cells(most: int) -> Iterator[None]:
    """Lets the reader take cells of any length: they are cut afterwards, and told."""
    before = csv.field_size_limit(most + 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)
