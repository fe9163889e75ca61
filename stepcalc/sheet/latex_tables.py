"""Tables that are wider than the page: smaller letters as long as they can be read, then their columns in several."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import zip_longest

from stepcalc.board.nodes import Equation, Node, Words
from stepcalc.sheet.blocks import Cell, Formula, Plot, Table

SMALL, SHRUNK = 0.85, 0.85
r"""How much narrower \footnotesize is than the text; and how much smaller than that a table may still get."""
LEAST_SENTENCES = 0.35
"""Of the line is left for a last column of sentences, if they are broken."""
MOST_ROWS = 18
"""A table of more rows may end on another page than it begins on."""
GAP, SMALL_GAP, SMALL_PLOT = 2.5, 1.5, 17.0
"""What stands between two columns, between those of small letters, and a small plot, in digits."""

Measure = Callable[[Node | Equation], float]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A table, or some columns of one, and whether its letters are smaller than those of the text.

    ``sentences`` is how much of the line its last column takes, whose sentences are then broken; 0 where none are.
    """

    table: Table
    small: bool
    sentences: float = 0.0

    @property
    def long(self) -> bool:
        """Whether it may go on on the next page; one of smaller letters is one box."""
        return len(self.table.rows) > MOST_ROWS and not self.small


def fitted(table: Table, width: float, measure: Measure) -> list[Fitted]:
    """What of ``table`` fits ``width`` digits: all of it, or else tables of some columns, the first in each."""
    rows: tuple[tuple[Cell, ...], ...] = (table.header, *table.rows)
    widths = [max(_width(cell, measure) for cell in column) for column in zip_longest(*rows, fillvalue=())]
    if sum(widths) + GAP * len(widths) <= width:
        return [Fitted(table, small=False)]
    left = 1 - (sum(widths[:-1]) + GAP * len(widths)) / width
    if left >= LEAST_SENTENCES and all(_is_sentence(row[-1]) for row in table.rows):
        return [Fitted(table, small=False, sentences=math.floor(100 * left) / 100)]

    def fits(places: tuple[int, ...]) -> bool:
        return sum(SMALL * widths[place] + SMALL_GAP for place in places) * SHRUNK <= width

    divisions = [_divided(len(widths), count) for count in range(1, max(len(widths), 2))]
    chosen = next((groups for groups in divisions if all(map(fits, groups))), divisions[-1])
    return [Fitted(_columns(table, group), small=True) for group in chosen]


def _is_sentence(cell: Cell) -> bool:
    """Whether a cell may be broken between words."""
    return isinstance(cell, tuple) and any(isinstance(part, str) and " " in part.strip() for part in cell)


def _divided(columns: int, count: int) -> list[tuple[int, ...]]:
    """The places of ``columns`` in ``count`` tables, each with the first column."""
    most = max(math.ceil((columns - 1) / count), 1)
    return [(0, *range(start, min(start + most, columns))) for start in range(1, columns, most)] or [(0,)]


def _columns(table: Table, places: tuple[int, ...]) -> Table:
    rows = tuple(tuple(row[place] for place in places if place < len(row)) for row in table.rows)
    return replace(table, header=tuple(table.header[place] for place in places), rows=rows)


def _width(cell: Cell, measure: Measure) -> float:
    """About how many digits wide a cell is."""
    if isinstance(cell, Plot):
        return SMALL_PLOT
    if isinstance(cell, Formula):
        return max(map(measure, cell.lines))
    return sum(measure(Words(part) if isinstance(part, str) else part) for part in cell)
