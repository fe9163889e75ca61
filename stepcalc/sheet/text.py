"""A sheet as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import zip_longest
from textwrap import wrap
from typing import Any

from stepcalc.board.breaking import broken, split_at_relations
from stepcalc.board.drawing import columns
from stepcalc.board.nodes import Equation, Node
from stepcalc.board.plain import clean
from stepcalc.board.text import text as math_text
from stepcalc.options import PLAIN, Options
from stepcalc.sheet import grid_words
from stepcalc.sheet.blocks import (
    Block,
    Boxes,
    Bullets,
    Cell,
    Diagram,
    Formula,
    Grids,
    Heading,
    Inline,
    Panels,
    Plot,
    Prose,
    Room,
    Sheet,
    Slots,
    Table,
    Work,
)
from stepcalc.sheet.diagram import outline
from stepcalc.sheet.paint import TITLE, coloured, painted
from stepcalc.sheet.slides import slides

_INDENT = "    "
_BESIDE_CASES = 8
"""So many columns stand beside cases at least: the relation before them, the brace."""
_MARKS = {"insight": "» ", "check": "✓ ", "warning": "! ", "question": "? "}
_GAP = 12
_NOTE_GAP, _NOTES_SHARE, _NOTES_FROM = 3, 0.45, 0.6


def text(sheet: Sheet, options: Options = PLAIN) -> str:
    """``sheet`` in lines of about ``options.width`` columns; a formula that cannot be broken may be longer."""
    draw = partial(_in_colour if options.colour else _block, width=options.width)
    title = _title(clean(sheet.title), options)
    parts = _PARTS[options.layout](sheet)
    drawn = (part.rjust(options.width, "─") if isinstance(part, str) else draw(part) for part in parts)
    return "\n\n".join((title, *drawn)) + "\n"


def told(blocks: Iterable[Block], width: int) -> str:
    """Blocks alone, in lines of about ``width`` columns."""
    return "\n\n".join(_block(block, width) for block in blocks)


def _title(words: str, options: Options) -> str:
    filled = _filled(words, options.width)
    underlined = f"{filled}\n{'═' * max(map(columns, filled.splitlines()))}"
    return coloured(underlined, TITLE) if options.colour else underlined


def _page_by_page(sheet: Sheet) -> Iterator[Block | str]:
    """The blocks of the slides, and above each what stands at the end of a rule between them."""
    pages = slides(sheet)
    for place, slide in enumerate(pages, start=2):
        said = sheet.words.plain("slides.place", place=place, places=len(pages) + 1)
        yield f" {said}"
        yield Heading(slide.title, 2, slide.number)
        yield from slide.blocks


def _block(block: Block, width: int) -> str:
    lines = _WRITERS[type(block)](block, width)
    return "\n".join(line.rstrip() for line in lines)


def _in_colour(block: Block, width: int) -> str:
    return painted(block, _block(block, width))


def sentence(run: tuple[Inline, ...]) -> str:
    """Running text with its formulas as they are typed."""
    return "".join(clean(piece) if isinstance(piece, str) else math_text(piece, inline=True) for piece in run)


def _filled(words: str, width: int, first: str = "", rest: str | None = None) -> str:
    indent = " " * len(first) if rest is None else rest
    lines = wrap(words, width, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False)
    return "\n".join(lines) or first


def _heading(block: Heading, width: int) -> list[str]:
    words = sentence(block.text) + f" [{block.aside}]" * bool(block.aside)
    if block.level == 1:
        return [words.upper(), "─" * columns(words)]
    number = f"{block.number}" if block.number is not None else ""
    return [_filled(words, width, f"{number:<{len(_INDENT)}}" if number else "")]


def _prose(block: Prose, width: int) -> list[str]:
    return [_filled(sentence(block.text), width, _INDENT + _MARKS.get(block.kind, ""))]


def _formula(block: Formula, width: int) -> Iterator[str]:
    """Lines aligned at their first relation; reasons and low asides in a column of their own at the right."""
    lefts = [left for left, chunks in map(split_at_relations, block.lines) if left is not None and chunks]
    margin = max((columns(math_text(left, inline=True)) for left in lefts), default=0)
    notes = max(columns(_note(equation)) for equation in block.lines)
    place = notes + _NOTE_GAP if 0 < notes <= width * _NOTES_SHARE else 0
    lines = [line for equation in block.lines for line in _broken(equation, width - place - margin - len(_INDENT))]
    drawn = [_drawn(line, margin, width - place - margin - len(_INDENT)) for line in lines]
    noted = [columns(rows[0]) for rows, line in zip(drawn, lines, strict=True) if _note(line)]
    column = min(width - notes, max(int(width * _NOTES_FROM), max(noted, default=0) + _NOTE_GAP))
    for rows, line in zip(drawn, lines, strict=True):
        yield from _with_note(rows, _note(line), column, width)
        if line.aside is not None and not _is_low(line.aside):
            yield from (" " * (margin + len(_INDENT) + 1) + row for row in math_text(line.aside).splitlines())


def _is_low(node: Node) -> bool:
    return "\n" not in math_text(node)


def _note(line: Equation) -> str:
    """What stands beside a line of one row."""
    aside = math_text(line.aside) if line.aside is not None and _is_low(line.aside) else ""
    return "  ".join(filter(None, [aside, clean(line.reason)]))


def _with_note(rows: list[str], note: str, column: int, width: int) -> list[str]:
    """The rows of a line with its note at ``column``, or under them where it does not fit."""
    if not note:
        return rows
    if len(rows) == 1 and columns(rows[0]) + 2 <= column:
        return [rows[0] + " " * (column - columns(rows[0])) + note]
    return [*rows, " " * max(min(column, width - columns(note)), len(_INDENT)) + note]


def _broken(equation: Equation, room: int) -> tuple[Equation, ...]:
    def measure(line: Equation) -> float:
        _, chunks = split_at_relations(line)
        further = 0 if line.relations else 2
        drawn = (math_text(chunk, width=room - _BESIDE_CASES).splitlines() for chunk in chunks)
        return further + sum(max(map(columns, rows), default=0) + 1 for rows in drawn)

    return broken(equation, measure, max(room, 20))


def _drawn(line: Equation, margin: int, room: int) -> list[str]:
    """One line; its left side may be as high as a matrix."""
    left, chunks = split_at_relations(line)
    shift = margin - columns(math_text(left, inline=True)) if left is not None and chunks else 0
    indent = _INDENT + " " * (shift if left is not None else margin + 1 if line.relations else margin + 3)
    return [indent + row for row in math_text(line, width=room - _BESIDE_CASES).splitlines()]


def _table(block: Table, width: int) -> list[str]:
    """The rows under one another, or one cell under the other where they are too long for that.

    A column of plots is left out, and any other row with a plot.
    """
    shown = [column for column in zip(block.header, *block.rows, strict=True) if not _only_plots(column[1:])]
    rows = [[_cell(cell) for cell in row] for row in zip(*shown, strict=True) if not any(map(_is_plot, row))]
    widths = [max(map(columns, column)) for column in zip_longest(*rows, fillvalue="")]
    caption = [_filled(sentence(block.caption), width, _INDENT)] if block.caption else []
    rule = _INDENT + "  ".join("─" * size for size in widths)
    if columns(rule) > width:
        return [*caption, *_cell_by_cell(rows[0], rows[1:])]
    drawn = [_INDENT + "  ".join(map(_padded, row, widths)) for row in rows]
    return [*caption, drawn[0], rule, *drawn[1:]]


def _cell_by_cell(header: list[str], rows: list[list[str]]) -> Iterator[str]:
    """Each row under its first cell, every other cell beside the name of its column."""
    names = max(map(columns, header[1:]), default=0)
    for first, *cells in rows:
        yield _INDENT + first
        for name, cell in zip(header[1:], cells, strict=True):
            yield f"{_INDENT}    {_padded(name, names)}  {cell}"


def _padded(cell: str, size: int) -> str:
    return cell + " " * (size - columns(cell))


def _room(block: Room, width: int) -> list[str]:
    return [""] * (2 * block.lines)


def _work(block: Work, width: int) -> list[str]:
    return [_INDENT + sentence(block.asked) + " " + "_" * _GAP, *[""] * (2 * block.lines - 1)]


def _boxes(block: Boxes, width: int) -> list[str]:
    signs = block.signs or ("",) * len(block.items)
    filled = block.filled or ("",) * len(block.items)
    boxes = (f"{_INDENT}[{mark or ' '}] {sign} ".rstrip() + " " for mark, sign in zip(filled, signs, strict=True))
    return [_filled(_cell(item), width, box) for item, box in zip(block.items, boxes, strict=True)]


def _slots(block: Slots, width: int) -> list[str]:
    return [
        _filled(f"{sentence(slot.label)}  " + "".join(f"[{cell or ' '}]" for cell in slot.cells), width, _INDENT)
        for slot in block.slots
    ]


def _cell(cell: Cell) -> str:
    if isinstance(cell, Formula):
        return ", ".join(math_text(line, inline=True) for line in cell.lines)
    return "" if isinstance(cell, Plot) else sentence(cell)


def _only_plots(cells: Iterable[Cell]) -> bool:
    told = [cell for cell in cells if cell != ("",)]
    return bool(told) and all(map(_is_plot, told))


def _is_plot(cell: Cell) -> bool:
    return isinstance(cell, Plot)


def _bullets(block: Bullets, width: int) -> list[str]:
    return [_filled(sentence(item), width, _INDENT + "• ") for item in block.items]


def _diagram(block: Diagram, width: int) -> list[str]:
    """The outline of the network; the caption is about a drawing, and there is none."""
    return [_INDENT + line for line in outline(block)]


def _plot(block: Plot | Panels, width: int) -> list[str]:
    """What the figure shows, in brackets, since it stands elsewhere."""
    return [_filled(f"[{sentence(block.alternative)}]", width, _INDENT)]


def _grids(block: Grids, width: int) -> list[str]:
    """The grids, and what they show."""
    caption = [_filled(sentence(block.caption), width, _INDENT)] if block.caption else []
    return [*(_INDENT + line for line in grid_words.outline(block, width - len(_INDENT))), *caption]


_PARTS: dict[str, Callable[[Sheet], Iterable[Block | str]]] = {
    "sheet": lambda sheet: sheet.blocks,
    "slides": _page_by_page,
}
_WRITERS: dict[type[Any], Callable[[Any, int], list[str] | Iterator[str]]] = {
    Heading: _heading,
    Prose: _prose,
    Formula: _formula,
    Room: _room,
    Table: _table,
    Bullets: _bullets,
    Work: _work,
    Boxes: _boxes,
    Slots: _slots,
    Diagram: _diagram,
    Plot: _plot,
    Panels: _plot,
    Grids: _grids,
}
