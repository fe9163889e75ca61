"""Pictures made of characters: formulas that take several lines of plain text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest


@dataclass(frozen=True, slots=True)
class Drawn:
    """Lines of one width; ``axis`` is the index of the line that the running text stands on."""

    lines: tuple[str, ...]
    axis: int = 0

    @property
    def width(self) -> int:
        return max(map(columns, self.lines))

    def __str__(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines)


def columns(line: str) -> int:
    """How many columns of a terminal ``line`` takes."""
    return sum(0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF") for char in line)


def _pad(line: str, width: int, left: bool = False) -> str:
    filler = " " * (width - columns(line))
    return filler + line if left else line + filler


def beside(pieces: Iterable[Drawn | str]) -> Drawn:
    """Pieces in a row, their axes in one line."""
    drawn = [Drawn((piece,)) if isinstance(piece, str) else piece for piece in pieces]
    if all(len(piece.lines) == 1 for piece in drawn):
        return Drawn(("".join(piece.lines[0] for piece in drawn),))
    above = max(piece.axis for piece in drawn)
    below = max(len(piece.lines) - piece.axis for piece in drawn)
    rows = [""] * (above + below)
    for piece in drawn:
        first, width = above - piece.axis, piece.width
        for index in range(len(rows)):
            inside = first <= index < first + len(piece.lines)
            rows[index] += _pad(piece.lines[index - first] if inside else "", width)
    return Drawn(tuple(rows), above)


def stack(rows: Sequence[Sequence[Drawn]], gap: str, right_aligned: bool) -> Drawn:
    """A table of pieces."""
    widths = [max(cell.width for cell in column if cell) for column in zip_longest(*rows)]
    lines: list[str] = []
    for row in rows:
        pieces: list[Drawn | str] = []
        for cell, width in zip(row, widths, strict=False):
            padded = tuple(_pad(line, width, right_aligned) for line in cell.lines)
            pieces += [gap, Drawn(padded, cell.axis)]
        lines += beside(pieces[1:]).lines
    return Drawn(tuple(lines), (len(lines) - 1) // 2)


_FENCES = {
    "[": ("[", "⎡", "⎢", "⎣"),
    "]": ("]", "⎤", "⎥", "⎦"),
    "(": ("(", "⎛", "⎜", "⎝"),
    ")": (")", "⎞", "⎟", "⎠"),
    "|": ("|", "|", "|", "|"),
    "{": ("{", "⎧", "⎨", "⎩"),
}


def fence(drawn: Drawn, sign: str) -> Drawn | str:
    """A bracket as high as ``drawn``."""
    one, top, middle, bottom = _FENCES[sign]
    height = len(drawn.lines)
    if height == 1:
        return one
    return Drawn((top, *([middle] * (height - 2)), bottom), drawn.axis)
