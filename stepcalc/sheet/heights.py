"""How high blocks are on a slide, in pixels, before they are laid out: as the style sheets for print set them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Any

from stepcalc.board.nodes import Equation, Node, Words
from stepcalc.board.plain import clean
from stepcalc.sheet.blocks import (
    Block,
    Bullets,
    Cell,
    Diagram,
    Formula,
    Grids,
    Inline,
    Panels,
    Plot,
    Prose,
    Room,
    Table,
)
from stepcalc.sheet.grid_placing import place_grids
from stepcalc.sheet.ink import Ink
from stepcalc.sheet.page import SLIDE
from stepcalc.sheet.paper_lines import extent, printed_rows
from stepcalc.sheet.placing import place
from stepcalc.sheet.plot import place_figure, place_plot
from stepcalc.sheet.typeset import FONT_SIZE, typeset

_EM = FONT_SIZE
_TEXT_WIDTH = SLIDE.line_width + SLIDE.indent
_ASCENT, _DESCENT = 0.955 * _EM, 0.43 * _EM
"""What a line of words takes above and below its baseline."""
_CAPTION = 0.9
"""How large the letters of a caption are."""
_SURELY = 1.012
"""Words may run a little wider than they are measured."""


@dataclass(frozen=True, slots=True)
class _Box:
    """What a block takes, and what is left free ``before`` it and ``after`` it; of two such gaps the larger counts."""

    high: float
    before: float = 0.3 * _EM
    after: float = 0.3 * _EM


def height(blocks: Iterable[Block], figure: float) -> float:
    """How high ``blocks`` are under one another, figures at most ``figure`` high; rather too much than too little."""
    total, free = 0.0, 0.0
    for place_, block in enumerate(blocks):
        box = _box(block, figure)
        total += box.high + (max(free, box.before) if place_ else 0.0)
        free = box.after
    return total


def title_lines(title: tuple[Inline, ...], numbered: bool) -> int:
    """How many lines a slide's title has."""
    number = 2.0 if numbered else 0.0
    return _count(title, _TEXT_WIDTH / _TITLE - number * _EM)


_TITLE = 1.32
"""How large the letters of a title are."""
TITLE_LINE = 1.2 * _TITLE * _EM


@lru_cache(maxsize=4096)
def _box(block: Block, figure: float) -> _Box:
    return _BOXES[type(block)](block, figure)


def _formula(block: Formula, figure: float) -> _Box:
    rows = printed_rows(block.lines, SLIDE.line_width)
    return _Box(sum(sum(extent(row)) for row in rows), 0.4 * _EM, 0.4 * _EM)


def _prose(block: Prose, figure: float) -> _Box:
    narrower, frame = _FRAMES.get(block.kind, (0.0, 0.0))
    return _Box(_lines(block.text, _TEXT_WIDTH - narrower) + frame)


_FRAMES = {
    "insight": (0.8 * _EM + 3, 0.2 * _EM), "question": (0.8 * _EM + 3, 0.2 * _EM),
    "check": (1.6 * _EM, 0.0), "warning": (1.6 * _EM + 2, 0.7 * _EM + 2),
}  # fmt: skip
"""How much narrower and higher than its words a paragraph of each kind is."""


def _bullets(block: Bullets, figure: float) -> _Box:
    items = [_lines(item, _TEXT_WIDTH - 1.5 * _EM) for item in block.items]
    return _Box(sum(items) + 0.1 * _EM * (len(items) - 1), 0.3 * _EM, 0.5 * _EM)


def _table(block: Table, figure: float) -> _Box:
    """The caption, and rows as high as their highest cell; where columns are squeezed, cells have more lines."""
    rows, widths = (block.header, *block.rows), column_widths(block)
    squeezed = min(1.0, SLIDE.line_width / sum(widths))
    caption = _lines(block.caption, _TEXT_WIDTH) + 0.3 * _EM if block.caption else 0.0
    cells = (max(_cell_height(cell, width * squeezed) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return _Box(caption + sum(cells) + 0.2 * _EM * len(rows) + 2, 0.4 * _EM, 0.6 * _EM)


def column_widths(table: Table) -> list[float]:
    """How wide the columns of a table are if nothing in them is broken, with the gaps between them."""
    columns = list(zip(*(table.header, *table.rows), strict=True))
    gap = (0.9 if len(columns) < 5 else 0.7 if 5 < len(columns) < 9 else 0.4) * _EM
    return [max(map(_cell_width, column)) + gap for column in columns]


def _cell_width(cell: Cell) -> float:
    if isinstance(cell, Plot):
        return place_plot(cell, small=True).width
    if isinstance(cell, Formula):
        return max(typeset(line).width for line in cell.lines)
    return _SURELY * (sum(_unbroken(cell)) + _space() * (sum(1 for _ in _unbroken(cell)) - 1))


def _cell_height(cell: Cell, room: float) -> float:
    if isinstance(cell, Plot):
        return place_plot(cell, small=True).height + 0.3 * _EM
    if isinstance(cell, Formula):
        return sum(_line((typeset(line),)) for line in cell.lines)
    return _lines(cell, room)


def _room(block: Room, figure: float) -> _Box:
    return _Box(block.lines * (2.4 * _EM + 1), 0.4 * _EM, _EM)


def _figure(block: Diagram | Grids | Plot | Panels, figure: float) -> _Box:
    caption = _CAPTION * _lines(block.caption, _TEXT_WIDTH / _CAPTION) + 0.2 * _EM if block.caption else 0.0
    return _Box(figure_scale(block, figure) * _size(block)[1] + 0.45 * _EM + caption, 0.2 * _EM, 0.2 * _EM)


def figure_scale(block: Diagram | Grids | Plot | Panels, figure: float) -> float:
    """How much smaller than it is a figure is shown, so that it is as wide as a slide and ``figure`` high at most."""
    width, high = _size(block)
    return min(1.0, figure / high, _TEXT_WIDTH / width)


@lru_cache(maxsize=64)
def _size(block: Diagram | Grids | Plot | Panels) -> tuple[float, float]:
    geometry: dict[type[Any], Callable[[Any], Any]] = {Diagram: place, Grids: place_grids}
    placed = geometry.get(type(block), place_figure)(block)
    return placed.width, placed.height


# ----------------------------------------------------------------------------------------------- words


def _lines(run: tuple[Inline, ...], room: float) -> float:
    """How high the lines of running text are: each as high as its highest formula, at worst."""
    inks = [typeset(piece, display=False) for piece in run if not isinstance(piece, str)]
    extra = sorted((_line((ink,)) - _line(()) for ink in inks), reverse=True)
    count = _count(run, room)
    return count * _line(()) + sum(extra[:count])


def _line(inks: tuple[Ink, ...]) -> float:
    return max([_ASCENT, *(ink.ascent for ink in inks)]) + max([_DESCENT, *(ceil(ink.descent) for ink in inks)])


def _count(run: tuple[Inline, ...], room: float) -> int:
    """How many lines running text takes if each is filled."""
    count, used = 1, 0.0
    for width in _unbroken(run):
        width *= _SURELY
        if used and used + _space() + width > room:
            count, used = count + 1, 0.0
        used += width + (_space() if used else 0.0)
        count += int(width // room) if width > room else 0
    return count


def _unbroken(run: tuple[Inline, ...]) -> Iterator[float]:
    """How wide is what stands between two spaces."""
    width = 0.0
    for piece in run:
        first, *further = clean(piece).split(" ") if isinstance(piece, str) else (piece,)
        width += _width(first)
        for word in further:
            yield width
            width = _width(word)
    yield width


def _space() -> float:
    return _width("a b") - _width("ab")


@lru_cache(maxsize=4096)
def _width(piece: str | Node | Equation) -> float:
    return typeset(Words(piece) if isinstance(piece, str) else piece, display=False).width if piece else 0.0


_BOXES: dict[type[Any], Callable[[Any, float], _Box]] = {
    Formula: _formula,
    Prose: _prose,
    Bullets: _bullets,
    Table: _table,
    Room: _room,
    Diagram: _figure,
    Plot: _figure,
    Panels: _figure,
    Grids: _figure,
}
