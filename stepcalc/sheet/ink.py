"""Boxes of ink: what a typeset formula is made of, put beside one another, and drawn as SVG."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from stepcalc.sheet.glyphs import UNITS, Glyph, outline


@dataclass(frozen=True, slots=True)
class Letter:
    """A glyph of some size, its origin at (x, y)."""

    x: float
    y: float
    size: float
    glyph: Glyph


@dataclass(frozen=True, slots=True)
class Line:
    """A straight stroke from (x, y) to (x + dx, y + dy)."""

    x: float
    y: float
    dx: float
    dy: float
    width: float


Mark: TypeAlias = Letter | Line


@dataclass(frozen=True, slots=True)
class Ink:
    """Marks on a baseline: x from the left end, y upwards from the line; ``slant`` is what its top leans out to
    the right, ``top`` where an accent goes, if that is not in the middle."""

    width: float
    ascent: float
    descent: float
    marks: tuple[Mark, ...] = ()
    slant: float = 0.0
    top: float | None = None


def space(width: float) -> Ink:
    """Nothing, so wide."""
    return Ink(width, 0.0, 0.0)


def moved(marks: Iterable[Mark], x: float, y: float) -> list[Mark]:
    """The marks elsewhere."""
    return [
        Letter(mark.x + x, mark.y + y, mark.size, mark.glyph)
        if isinstance(mark, Letter)
        else Line(mark.x + x, mark.y + y, mark.dx, mark.dy, mark.width)
        for mark in marks
    ]


def beside(pieces: Iterable[Ink]) -> Ink:
    """Pieces in a row."""
    listed = [piece for piece in pieces if piece.width or piece.marks]
    if len(listed) == 1:
        return listed[0]
    marks: list[Mark] = []
    x = 0.0
    for piece in listed:
        marks += moved(piece.marks, x, 0.0)
        x += piece.width
    ascent = max((piece.ascent for piece in listed), default=0.0)
    descent = max((piece.descent for piece in listed), default=0.0)
    return Ink(x, ascent, descent, tuple(marks), listed[-1].slant if listed else 0.0)


def placed(pieces: Iterable[tuple[float, float, Ink]], width: float) -> Ink:
    """Pieces at (x, y), over and under one another."""
    listed = list(pieces)
    marks = [mark for x, y, piece in listed for mark in moved(piece.marks, x, y)]
    ascent = max(y + piece.ascent for _, y, piece in listed)
    descent = max(piece.descent - y for _, y, piece in listed)
    return Ink(width, ascent, descent, tuple(marks))


def rule(x: float, y: float, width: float, thickness: float) -> Line:
    """A horizontal stroke whose middle is at the height y."""
    return Line(x, y, width, 0.0, thickness)


def decimals(value: float) -> str:
    """A coordinate as it is written in pictures."""
    return f"{value:.3f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


@cache
def _svg_outline(font: int, name: str) -> str:
    return "".join(command + " ".join(map(decimals, points)) for command, points in outline(font, name))


def svg_marks(ink: Ink, x: float, y: float) -> list[tuple[str, dict[str, str]]]:
    """SVG elements, as names and attributes, that draw ``ink`` with the left end of its line at (x, y)."""
    drawn: list[tuple[str, dict[str, str]]] = []
    for mark in ink.marks:
        left, base = decimals(x + mark.x), decimals(y - mark.y)
        if isinstance(mark, Letter):
            scale = f"{mark.size / UNITS:.5f}"
            place = f"matrix({scale} 0 0 -{scale} {left} {base})"
            drawn.append(("path", {"transform": place, "d": _svg_outline(mark.glyph.font, mark.glyph.name)}))
        else:
            path = f"M{left} {base}L{decimals(x + mark.x + mark.dx)} {decimals(y - mark.y - mark.dy)}"
            drawn.append(("path", {"d": path, "stroke": "currentColor", "stroke-width": decimals(mark.width)}))
    return drawn
