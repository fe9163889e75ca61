"""The cells of a CSV text with their places in it, so that some can be changed and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A cell as it stands in the file: from ``start`` to ``end``, quotes included."""

    start: int
    end: int
    text: str
    quoted: bool


def quoted_cell(text: str, separator: str, quoted_before: bool) -> str:
    """A cell's text as it stands in the file: in quotes if it was so before, or has to be."""
    if not quoted_before and not re.search(rf'["\r\n{re.escape(separator)}]', text):
        return text
    return '"' + text.replace('"', '""') + '"'


def changed(text: str, changes: Mapping[Cell, str]) -> str:
    """``text`` with some of its cells written anew, each as it is to stand in the file."""
    pieces, at = [], 0
    for cell in sorted(changes, key=lambda cell: cell.start):
        pieces += [text[at : cell.start], changes[cell]]
        at = cell.end
    return "".join((*pieces, text[at:]))


def cells_of(text: str, separator: str) -> list[list[Cell]]:
    """The rows of a CSV text, each cell with its place; a quote that is not closed is a character."""
    plain = rf"[^\r\n{re.escape(separator)}]*"
    pattern = re.compile(
        rf'("[^"]*(?:""[^"]*)*"(?=[\r\n{re.escape(separator)}]|\Z)|{plain})(\r\n|[\r\n{re.escape(separator)}]|\Z)'
    )
    rows: list[list[Cell]] = []
    row: list[Cell] = []
    at = 0
    while at < len(text):
        found = pattern.match(text, at)
        assert found is not None
        raw, ending, at = found[1], found[2], found.end()
        is_quoted = len(raw) > 1 and raw[0] == raw[-1] == '"'
        inside = raw[1:-1].replace('""', '"') if is_quoted else raw
        row.append(Cell(found.start(), found.end(1), inside, is_quoted))
        if ending != separator:
            rows.append(row)
            row = []
    if row:
        rows.append([*row, Cell(len(text), len(text), "", False)])
    return rows
