"""Tables with a row for each time step, shortened where there are many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from stepcalc.board.nodes import Dots, Glyph, Node, Sym
from stepcalc.sequences import ANY
from stepcalc.sheet.blocks import Cell, Table
from stepcalc.sheet.context import Context
from stepcalc.sheet.shortened import ROWS_OF_TIMES


def steps_table(
    sheet: Context, header: Sequence[Node], items: Callable[[int], Sequence[str]], times: Sequence[int]
) -> Iterator[Table]:
    """The numbers of some ``items`` at each of ``times``; none where they have no numbers."""
    if sheet.trace.numeric:
        yield _table(header, lambda time: [_cell(sheet, item) for item in items(time)], times)


def numbers_table(
    sheet: Context, header: Sequence[Node], numbers: Callable[[int], Sequence[float]], times: Sequence[int]
) -> Table:
    """Some numbers at each of ``times``."""
    return _table(header, lambda time: [sheet.number(number) for number in numbers(time)], times)


def _table(header: Sequence[Node], cells: Callable[[int], Sequence[Node]], times: Sequence[int]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for place in ROWS_OF_TIMES.places(len(times)):
        if place is None:
            rows.append(tuple((Dots("v"),) for _ in range(len(header) + 1)))
        else:
            time = times[place - 1]
            rows.append(((str(time),), *((cell,) for cell in cells(time))))
    return Table(((Sym(Glyph(ANY)),), *((node,) for node in header)), tuple(rows))


def _cell(sheet: Context, item: str) -> Node:
    value = sheet.scribe.number(item)
    return sheet.scribe.too_large if value is None else sheet.number(value, item)
