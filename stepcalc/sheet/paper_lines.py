"""Display mathematics on paper: where each line of a formula starts, breaks, and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from math import inf

from stepcalc.board.breaking import broken, compact, joined, split_at_relations
from stepcalc.board.nodes import Equation, Node, Words
from stepcalc.board.plain import clean
from stepcalc.sheet.ink import Ink, placed
from stepcalc.sheet.typeset import FONT_SIZE, typeset

REASON_WIDTH = 150.0
"""What a reason at the right of a formula takes of it."""
NOTES_SHARE = 0.42
"""The most of a line that goes to what stands beside it; a wider aside gets a line of its own."""
NOTES_FROM = 0.64
"""Where on the line notes begin, if the formulas leave them the place."""
LEFT_SHARE = 0.4
"""The most that a left side shifts the other lines by."""
COLUMNS_FROM, COLUMNS_WIDTH = 6, 550.0
"""So many short lines in a row stand in two columns on a page of that width; a slide has one, as in beamer."""
REASON_SIZE, REASON_LEADING = 0.88 * FONT_SIZE, 1.2 * FONT_SIZE
_ABOVE, _BELOW, _BETWEEN = 12.2, 4.6, 2.4
"""What a line takes at least above and below its baseline, and what is left free around it."""
_GAP = 2.0 * FONT_SIZE
_LINE_HEIGHT = 1.4 * FONT_SIZE
_HIGH = 0.4 * FONT_SIZE
"""An aside that is so much higher than its line reaches up beside the lines above."""
_TALL = 2.0 * FONT_SIZE
"""A fraction or a matrix is taller than this, and does not stand in one of two columns."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands at ``x``: its ink, and what it says; ``room`` is the most it may take.

    ``role``: the ``line`` itself, an ``aside`` or a ``reason`` beside it.

    ``lift`` is how much of its height reaches up beside the lines above.
    """

    ink: Ink
    formula: Node | Equation
    x: float = 0.0
    role: str = "line"
    room: float = inf
    lift: float = 0.0

    @property
    def scale(self) -> float:
        """How much smaller than it is the ink is drawn."""
        return min(1.0, self.room / max(self.ink.width, 1.0))

    @property
    def raised(self) -> float:
        """How far above the line it stands: all of it, where it reaches up beside the lines above."""
        return self.ink.descent if self.lift else 0.0


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One line on paper.

    ``kept``: on the same page as the line above, since an aside reaches up beside that, or it is the formula's first.
    """

    pieces: tuple[Piece, ...]
    kept: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """A broken line, and how wide what stands before its first relation is."""

    equation: Equation
    ink: Ink
    left: float | None

    def start(self, margin: float) -> float:
        """How far in it begins, so that the relations stand under one another."""
        if self.left is None:
            further = 0.0 if self.equation.relations else 1.5 * FONT_SIZE
            return margin + further if self.equation.continued else 0.0
        return max(0.0, margin - self.left)

    def end(self, margin: float) -> float:
        return self.start(margin) + self.ink.width


def printed_rows(equations: Sequence[Equation], width: float) -> list[PrintedRow]:
    """The rows for ``equations``, none of them wider than ``width``, in pixels of 1/96 inch."""
    notes = _notes_width(equations, width)
    room = width - (notes + _GAP if notes else 0.0)
    lines = tuple(joined(tuple(map(compact, equations)), _measured_width, min(room, NOTES_FROM * width)))
    lefts = [left.width for left in map(_left, lines) if left is not None]
    margin = min(max(lefts, default=0.0), LEFT_SHARE * room)
    pieces = [_measured(piece) for line in lines for piece in broken(line, _Measure(margin), room)]
    noted = [piece.end(margin) for piece in pieces if piece.equation.reason or _fits(piece.equation.aside, width)]
    column = min(max(NOTES_FROM * width, max(noted, default=0.0) + _GAP), width - notes)
    rows: list[PrintedRow] = []
    for short, run in groupby(pieces, lambda piece: _is_short(piece, margin, width)):
        listed = list(run)
        if short and len(listed) >= COLUMNS_FROM and width >= COLUMNS_WIDTH:
            rows += _two_columns(listed, margin, width)
        else:
            rows += [row for piece in listed for row in _row(piece, margin, column, room, width)]
    if len(pieces) > 1 and pieces[1].equation.continued:
        rows[1] = replace(rows[1], kept=True)
    return _raised(rows, column)


def extent(row: PrintedRow) -> tuple[float, float]:
    """What a row takes above its baseline and below it."""
    above = max(_ABOVE, *(piece.scale * piece.ink.ascent + piece.raised - piece.lift for piece in row.pieces))
    below = max(_BELOW, *(piece.scale * piece.ink.descent - piece.raised for piece in row.pieces))
    return _BETWEEN + above, _BETWEEN + below


def _raised(rows: Sequence[PrintedRow], column: float) -> list[PrintedRow]:
    """The rows with a high aside reaching up beside the lines above it, where they leave the column of asides free."""
    raised: list[PrintedRow] = []
    free = 0.0
    for row in rows:
        *before, last = row.pieces
        lift = last.ink.ascent - before[0].ink.ascent if last.role == "aside" and before else 0.0
        if lift > _HIGH and (lowered := lift + last.ink.descent - before[0].ink.descent) <= free:
            row = replace(row, pieces=(*before, replace(last, lift=lowered)), kept=True)
            for index in range(1, min(len(raised), int(lowered // _LINE_HEIGHT) + 1)):
                raised[-index] = replace(raised[-index], kept=True)
        alone = len(row.pieces) == 1 and row.pieces[0].x + row.pieces[0].ink.width <= column - FONT_SIZE
        free = free + _LINE_HEIGHT if alone else 0.0
        raised.append(row)
    return raised


def _measured_width(equation: Equation) -> float:
    return typeset(_bare(equation)).width


def _left(equation: Equation) -> Ink | None:
    left, chunks = split_at_relations(equation)
    return typeset(left) if left is not None and chunks else None


def _measured(equation: Equation) -> _Line:
    left = _left(equation)
    return _Line(equation, typeset(_bare(equation)), left.width if left else None)


def _bare(equation: Equation) -> Equation:
    return Equation(equation.parts, equation.relations, continued=equation.continued)


@dataclass(frozen=True, slots=True)
class _Measure:
    """How far a line reaches when its first relation stands at ``margin``."""

    margin: float

    def __call__(self, equation: Equation) -> float:
        return _measured(equation).end(self.margin)


def _fits(aside: Node | None, width: float) -> bool:
    return aside is not None and typeset(aside).width <= NOTES_SHARE * width


def _notes_width(equations: Iterable[Equation], width: float) -> float:
    widths = [0.0]
    for equation in equations:
        aside = typeset(equation.aside).width if equation.aside is not None and _fits(equation.aside, width) else 0.0
        widths.append(max(aside, REASON_WIDTH if equation.reason else 0.0))
    return max(widths)


def _row(line: _Line, margin: float, column: float, room: float, width: float) -> Iterator[PrintedRow]:
    equation, aside = line.equation, line.equation.aside
    start = line.start(margin)
    main = Piece(line.ink, _bare(equation), start, room=room - start)
    end = start + min(line.ink.width, room - start)
    if aside is None and equation.reason and line.ink.width > room - start:
        yield PrintedRow((replace(main, room=width - start),))
        yield PrintedRow(_reason(equation, column, width), kept=True)
        return
    if aside is None:
        yield PrintedRow((main, *_reason(equation, max(column, end), width)))
        return
    ink = typeset(aside)
    if not _fits(aside, width):
        yield PrintedRow((main, *_reason(equation, max(column, end), width)))
        yield PrintedRow((Piece(ink, aside, margin, "aside", width - margin),))
        return
    reason = _reason(equation, column + ink.width + FONT_SIZE, width)
    yield PrintedRow((main, *reason, Piece(ink, aside, column, "aside")))


def _reason(equation: Equation, at: float, width: float) -> tuple[Piece, ...]:
    """The reason of a line, if there is one, in as many short lines as it takes."""
    if not equation.reason:
        return ()
    room = max(width - at, REASON_WIDTH / 2)
    return (Piece(_paragraph(equation.reason, room), Words(equation.reason), at, "reason", room),)


@lru_cache(maxsize=512)
def _paragraph(words: str, room: float) -> Ink:
    """Words broken to lines of at most ``room``, the middle of them all at the height of the formula beside."""
    lines = [""]
    for word in clean(words).split():
        longer = f"{lines[-1]} {word}".lstrip()
        fits = typeset(Words(longer), size=REASON_SIZE).width <= room
        lines = [*lines[:-1], longer] if fits or not lines[-1] else [*lines, word]
    inks = [typeset(Words(line), size=REASON_SIZE) for line in lines]
    top = REASON_LEADING * (len(inks) - 1) / 2
    return placed(
        [(0.0, top - REASON_LEADING * at, ink) for at, ink in enumerate(inks)], max(ink.width for ink in inks)
    )


def _is_short(line: _Line, margin: float, width: float) -> bool:
    """Whether a line stands for itself, with nothing beside it, is low, and takes less than half the width."""
    equation = line.equation
    alone = line.left is not None and not (equation.continued or equation.reason or equation.aside)
    low = line.ink.ascent + line.ink.descent < _TALL
    return alone and low and line.end(margin) < width / 2 - _GAP


def _two_columns(lines: Sequence[_Line], margin: float, width: float) -> Iterator[PrintedRow]:
    half = (len(lines) + 1) // 2
    for index in range(half):
        columns = zip(lines[index::half], (0.0, width / 2), strict=False)
        yield PrintedRow(
            tuple(Piece(line.ink, _bare(line.equation), start + line.start(margin)) for line, start in columns)
        )
