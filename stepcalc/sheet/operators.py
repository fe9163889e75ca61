"""Ink as PDF operators: strokes, letters of an embedded font, and outlines of letters from any other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, Protocol

from stepcalc.sheet.glyphs import UNITS, outline
from stepcalc.sheet.ink import Ink, Letter, Line, Mark, decimals

_PATHS = {"M": " m ", "L": " l ", "C": " c ", "Z": "h "}
_NEAR = 0.005


class EmbeddedFont(Protocol):
    """A font of the PDF file: its name there, and which of its glyphs are used, how wide and for which text."""

    hash: str
    widths: dict[int, int]
    to_unicode: dict[int, str]


@dataclass(frozen=True, slots=True)
class Placed:
    """Ink in a picture: the left end of its line at x, y below the picture's top, ``scale`` times as large.

    ``grey`` runs from 0, black, to 1.
    """

    ink: Ink
    x: float
    y: float
    scale: float = 1.0
    grey: float = 0.0


def operators(placed: Placed, font: EmbeddedFont | None) -> bytes:
    """Operators that draw ``placed`` where y grows downwards; what ``font`` is used for is noted there."""
    shade, scale = decimals(placed.grey), f"{placed.scale:.5f}"
    written = [f"q {scale} 0 0 {scale} {decimals(placed.x)} {decimals(placed.y)} cm {shade} g {shade} G "]
    for kind, marks in groupby(placed.ink.marks, lambda mark: _kind(mark, font)):
        written += _WRITERS[kind](marks, font)
    return "".join((*written, "Q")).encode("ascii")


def _kind(mark: Mark, font: EmbeddedFont | None) -> str:
    if not isinstance(mark, Letter):
        return "stroke"
    return "text" if font is not None and mark.glyph.font == 0 and mark.glyph.index else "outline"


def _text(letters: Iterable[Letter], font: EmbeddedFont) -> Iterator[str]:
    """Letters side by side are shown together."""
    yield "BT "
    size, shown, end = 0.0, "", (0.0, 0.0)
    for letter in letters:
        glyph = letter.glyph
        font.widths.setdefault(glyph.index, round(glyph.advance))
        font.to_unicode.setdefault(glyph.index, glyph.char)
        aside = abs(letter.x - end[0]) > _NEAR or abs(letter.y - end[1]) > _NEAR
        if shown and (aside or letter.size != size):
            yield f"<{shown}> Tj "
            shown = ""
        if letter.size != size:
            size = letter.size
            yield f"/{font.hash} {size:.4f} Tf "
        if not shown:
            yield f"1 0 0 -1 {decimals(letter.x)} {decimals(-letter.y)} Tm "
        shown += f"{glyph.index:04x}"
        end = (letter.x + glyph.advance * size / UNITS, letter.y)
    yield f"<{shown}> Tj ET "


@cache
def _outline(font: int, name: str) -> str:
    return "".join(" ".join(map(decimals, points)) + _PATHS[command] for command, points in outline(font, name))


def _outlines(letters: Iterable[Letter], font: EmbeddedFont | None) -> Iterator[str]:
    for letter in letters:
        scale, shape = f"{letter.size / UNITS:.5f}", _outline(letter.glyph.font, letter.glyph.name)
        yield f"q {scale} 0 0 -{scale} {decimals(letter.x)} {decimals(-letter.y)} cm {shape}f Q " if shape else ""


def _strokes(lines: Iterable[Line], font: EmbeddedFont | None) -> Iterator[str]:
    for line in lines:
        end = f"{decimals(line.x + line.dx)} {decimals(-line.y - line.dy)}"
        yield f"{decimals(line.width)} w {decimals(line.x)} {decimals(-line.y)} m {end} l S "


_WRITERS: dict[str, Callable[[Iterable[Any], Any], Iterator[str]]] = {
    "text": _text,
    "outline": _outlines,
    "stroke": _strokes,
}
