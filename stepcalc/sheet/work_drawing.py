"""Room to work a number out, on paper: lines, what is asked at the beginning, a box for the result at the end."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc.board.nodes import Words
from stepcalc.board.plain import clean
from stepcalc.sheet.blocks import Inline, Work
from stepcalc.sheet.ink import Ink, Line
from stepcalc.sheet.operators import Placed
from stepcalc.sheet.page import PIXELS_PER_MILLIMETRE
from stepcalc.sheet.typeset import typeset

LINE = 8 * PIXELS_PER_MILLIMETRE
"""How high a line of handwriting is, in pixels of 1/96 inch."""
BOX_WIDTH, BOX_HEIGHT = 32 * PIXELS_PER_MILLIMETRE, 6.5 * PIXELS_PER_MILLIMETRE
RULE, EDGE, RULE_GREY = 0.9, 1.2, 0.7
ABOVE_RULE = 5.0
"""So far above its line stands what is asked."""


def height(work: Work) -> float:
    """How high the room is; what is asked may need more than a line."""
    return _first(work) + (work.lines - 1) * LINE + RULE


def placed(work: Work, width: float) -> Iterator[Placed]:
    """The room, ``width`` pixels wide, from its upper left corner."""
    first = _first(work)
    rules = tuple(Line(0.0, -first - at * LINE, width, 0.0, RULE) for at in range(work.lines))
    yield Placed(Ink(width, 0.0, 0.0, rules), 0.0, 0.0, grey=RULE_GREY)
    if work.result:
        yield Placed(_box(first + (work.lines - 1) * LINE, width), 0.0, 0.0)
    inks = [_typeset(piece) for piece in work.asked]
    scale = min(1.0, width / max(sum(ink.width for ink in inks), 1.0))
    x = 0.0
    for ink in inks:
        yield Placed(ink, x, first - ABOVE_RULE - _deepest(work), scale)
        x += scale * ink.width


def _box(bottom: float, width: float) -> Ink:
    left, right, top = width - BOX_WIDTH, width - EDGE / 2, bottom - BOX_HEIGHT
    sides = (
        Line(left, -top, BOX_WIDTH - EDGE / 2, 0.0, EDGE),
        Line(left, -bottom, BOX_WIDTH - EDGE / 2, 0.0, EDGE),
        Line(left, -top + EDGE / 2, 0.0, -BOX_HEIGHT - EDGE, EDGE),
        Line(right, -top + EDGE / 2, 0.0, -BOX_HEIGHT - EDGE, EDGE),
    )
    return Ink(width, 0.0, 0.0, sides)


def _first(work: Work) -> float:
    """How high the first line is."""
    tallest = max((_typeset(piece).ascent for piece in work.asked), default=0.0)
    return max(LINE, tallest + _deepest(work) + ABOVE_RULE)


def _deepest(work: Work) -> float:
    return max(0.0, *(_typeset(piece).descent - ABOVE_RULE for piece in work.asked))


def _typeset(piece: Inline) -> Ink:
    return typeset(Words(clean(piece)) if isinstance(piece, str) else piece, display=False)
