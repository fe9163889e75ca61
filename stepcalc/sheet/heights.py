"""How high blocks are on a page, in pixels, before they are laid out: as the style sheets for print set them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import ceil
from typing import Any

from stepcalc.board.nodes import Words
from stepcalc.board.plain import clean
from stepcalc.sheet.blocks import Block, Bullets, Cell, Diagram, Formula, Inline, Plot, Prose, Room, Table
from stepcalc.sheet.page import Page
from stepcalc.sheet.paper_lines import PrintedRow, printed_rows
from stepcalc.sheet.plot import place_plot
from stepcalc.sheet.typeset import FONT_SIZE, typeset

_LINE = 1.38 * FONT_SIZE
_ABOVE, _BELOW = 14.5, 6.5
"""What a line of formulas takes at least above and below it."""
_ROW_GAP, _BLOCK_GAP, _FRAME = 3.0, 0.42 * FONT_SIZE, 0.8 * FONT_SIZE
_WRITING_LINE = 2.4 * FONT_SIZE
_COLUMN_GAP = 0.9 * FONT_SIZE
_INDENTED = 1.6 * FONT_SIZE


def height(blocks: Iterable[Block], page: Page) -> float:
    """About how high ``blocks`` are under one another; rather too much than too little."""
    return sum(_HEIGHTS[type(block)](block, page) + _BLOCK_GAP for block in blocks)


def _formula(block: Formula, page: Page) -> float:
    return sum(map(_row, printed_rows(block.lines, page.line_width)))


def _row(row: PrintedRow) -> float:
    above, below = _ABOVE, _BELOW
    for piece in row.pieces:
        scale = min(1.0, piece.room / max(piece.ink.width, 1.0))
        raised = piece.ink.descent if piece.lift else 0.0
        above = max(above, scale * piece.ink.ascent + raised - piece.lift)
        below = max(below, scale * piece.ink.descent - raised)
    return above + below + _ROW_GAP


def _lines_of(width: float, room: float) -> int:
    return ceil(1.02 * width / room)


def _lines(run: tuple[Inline, ...], room: float) -> int:
    return max(1, _lines_of(_width(run), room))


def _width(run: tuple[Inline, ...]) -> float:
    return sum(typeset(Words(clean(piece)) if isinstance(piece, str) else piece, display=False).width for piece in run)


def _prose(block: Prose, page: Page) -> float:
    frame = _FRAME if block.kind == "warning" else 0.0
    return _lines(block.text, page.line_width + page.indent - _INDENTED) * _LINE + frame


def _bullets(block: Bullets, page: Page) -> float:
    return sum(_lines(item, page.line_width + page.indent - _INDENTED) * _LINE + _ROW_GAP for item in block.items)


def _table(block: Table, page: Page) -> float:
    """The caption, and rows as high as their highest cell; where columns are squeezed, cells have more lines."""
    rows, widths = (block.header, *block.rows), column_widths(block)
    squeezed = min(1.0, page.line_width / sum(widths))
    caption = _lines(block.caption, page.line_width) * _LINE if block.caption else 0.0
    return caption + sum(max(_cell_height(cell, width * squeezed) for cell, width in zip(row, widths, strict=True))
                         + _ROW_GAP for row in rows)  # fmt: skip


def column_widths(table: Table) -> list[float]:
    """How wide the columns of a table are if nothing in them is broken, with the gaps between them."""
    columns = zip(*(table.header, *table.rows), strict=True)
    return [max(_cell(cell)[0] for cell in column) + _COLUMN_GAP for column in columns]


def _cell_height(cell: Cell, room: float) -> float:
    width, high = _cell(cell)
    return high * max(1, _lines_of(width, room))


def _cell(cell: Cell) -> tuple[float, float]:
    """How wide a cell would be on one line, and how high that line is."""
    if isinstance(cell, Plot):
        placed = place_plot(cell, small=True)
        return placed.width, placed.height
    if isinstance(cell, tuple):
        inks = [typeset(piece, display=False) for piece in cell if not isinstance(piece, str)]
        return _width(cell), max([_LINE, *(ink.ascent + ink.descent for ink in inks)])
    lines = [typeset(line) for line in cell.lines]
    return max(ink.width for ink in lines), sum(max(_LINE, ink.ascent + ink.descent) for ink in lines)


def _room(block: Room, page: Page) -> float:
    return block.lines * _WRITING_LINE


def _diagram(block: Diagram, page: Page) -> float:
    return page.diagram + _lines(block.caption, page.line_width + page.indent) * _LINE


def _plot(block: Plot, page: Page) -> float:
    return page.plot + _lines(block.caption, page.line_width + page.indent) * _LINE


_HEIGHTS: dict[type[Any], Callable[[Any, Page], float]] = {
    Formula: _formula,
    Prose: _prose,
    Bullets: _bullets,
    Table: _table,
    Room: _room,
    Diagram: _diagram,
    Plot: _plot,
}
