"""A sheet as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import zip_longest
from textwrap import wrap
from typing import Any

from stepcalc.board.layout import broken, split_at_relations
from stepcalc.board.nodes import Equation
from stepcalc.board.plain import clean
from stepcalc.board.text import columns
from stepcalc.board.text import text as math_text
from stepcalc.sheet.blocks import Block, Bullets, Diagram, Formula, Heading, Inline, Prose, Sheet, Table
from stepcalc.sheet.diagram import outline

_INDENT = "    "
_MARKS = {"insight": "» ", "check": "✓ ", "warning": "! ", "question": "? "}
_UNDERLINES = {1: "═", 2: ""}


def text(sheet: Sheet, width: int = 100) -> str:
    """``sheet`` in lines of about ``width`` columns; a formula that cannot be broken may be longer."""
    title = clean(sheet.title)
    blocks = ["\n".join([title, "═" * columns(title)]), *(_block(block, width) for block in sheet.blocks)]
    notes = [_filled(note, width) for note in map(clean, sheet.notes)]
    return "\n\n".join([*blocks, *notes]) + "\n"


def _block(block: Block, width: int) -> str:
    lines = _WRITERS[type(block)](block, width)
    return "\n".join(line.rstrip() for line in lines)


def _run(run: tuple[Inline, ...]) -> str:
    return "".join(clean(piece) if isinstance(piece, str) else math_text(piece, inline=True) for piece in run)


def _filled(words: str, width: int, first: str = "", rest: str | None = None) -> str:
    indent = " " * len(first) if rest is None else rest
    lines = wrap(words, width, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False)
    return "\n".join(lines) or first


def _heading(block: Heading, width: int) -> list[str]:
    words = _run(block.text)
    if block.level == 1:
        return [words.upper(), "─" * columns(words)]
    number = f"{block.number}" if block.number is not None else ""
    return [_filled(words, width, f"{number:<{len(_INDENT)}}" if number else "")]


def _prose(block: Prose, width: int) -> list[str]:
    return [_filled(_run(block.text), width, _INDENT + _MARKS.get(block.kind, ""))]


def _formula(block: Formula, width: int) -> Iterator[str]:
    """Lines aligned at their first relation, reasons at the right."""
    lefts = [left for left, chunks in map(split_at_relations, block.lines) if left is not None and chunks]
    margin = max((columns(math_text(left, inline=True)) for left in lefts), default=0)
    for equation in block.lines:
        for line in _broken(equation, width - margin - len(_INDENT)):
            yield from _line(line, margin, width)


def _broken(equation: Equation, room: int) -> tuple[Equation, ...]:
    def measure(line: Equation) -> float:
        _, chunks = split_at_relations(line)
        return sum(max(map(columns, math_text(chunk).splitlines())) + 1 for chunk in chunks)

    return broken(equation, measure, max(room, 20))


def _line(line: Equation, margin: int, width: int) -> list[str]:
    """One line; its left side may be as high as a matrix."""
    left, chunks = split_at_relations(line)
    shift = margin - columns(math_text(left, inline=True)) if left is not None and chunks else 0
    indent = _INDENT + " " * (shift if left is not None else margin + 1)
    lines = [indent + row for row in math_text(line).splitlines()]
    aside = math_text(line.aside).splitlines() if line.aside else []
    if len(aside) > 1:
        lines += [_INDENT * 2 + row for row in aside]
    reason = "  ".join(filter(None, [*aside[:1 if len(aside) == 1 else 0], clean(line.reason)]))
    if reason:
        gap = width - columns(lines[0]) - columns(reason)
        if gap >= 2 and len(lines) == 1:
            lines[0] += " " * gap + reason
        else:
            lines.append(" " * max(width - columns(reason), len(_INDENT)) + reason)
    return lines


def _table(block: Table, width: int) -> list[str]:
    rows = [[_run(cell) for cell in row] for row in (block.header, *block.rows)]
    widths = [max(map(columns, column)) for column in zip_longest(*rows, fillvalue="")]
    drawn = [
        _INDENT + "  ".join(cell + " " * (size - columns(cell)) for cell, size in zip(row, widths, strict=False))
        for row in rows
    ]
    rule = _INDENT + "  ".join("─" * size for size in widths)
    caption = [_filled(_run(block.caption), width, _INDENT)] if block.caption else []
    return [*caption, drawn[0], rule, *drawn[1:]]


def _bullets(block: Bullets, width: int) -> list[str]:
    return [_filled(_run(item), width, _INDENT + "• ") for item in block.items]


def _diagram(block: Diagram, width: int) -> list[str]:
    caption = [_filled(_run(block.caption), width, _INDENT)] if block.caption else []
    return [*(_INDENT + line for line in outline(block)), *caption]


_WRITERS: dict[type[Any], Callable[[Any, int], list[str] | Iterator[str]]] = {
    Heading: _heading,
    Prose: _prose,
    Formula: _formula,
    Table: _table,
    Bullets: _bullets,
    Diagram: _diagram,
}
