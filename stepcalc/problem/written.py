"""How the scalars of a problem are written, as far as the problem alone tells; no two may look the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from stepcalc.board.glyph_text import appearance, read_glyph
from stepcalc.board.nodes import Glyph
from stepcalc.calculus.glyphs import default_glyph, distinct_glyphs
from stepcalc.items import Index, item_id


class Letter(NamedTuple):
    """How an array is written: w⁽¹⁾ for W1, ŷ for y_hat, w_x with its indices after the x for W_x1."""

    base: str
    sup: str = ""
    hat: bool = False
    sub: str = ""

    def glyph(self, index: str, mark: str = "") -> Glyph:
        """The symbol of one element, ``index`` being written as :func:`subscript` does; ``mark`` is added above."""
        return Glyph(self.base, ",".join(filter(None, (self.sub, index))), self.sup + mark, self.hat)


def subscript(shape: Sequence[int], index: Index) -> str:
    """An index without the axes that have a single element: w₁ in a one-unit layer, b without an index."""
    shown = [str(i) for i, length in zip(index, shape, strict=True) if length > 1]
    return ("" if max(shape, default=1) < 10 else ",").join(shown)


def clashes(
    names: Mapping[str, str],
    shapes: Mapping[str, tuple[int, ...]],
    letters: Mapping[str, Letter],
    aliases: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    """The items renamed in ``names`` (item → name) that would look like another one, each with that other one.

    ``letters`` are those of a network's arrays. What is renamed itself leaves its own symbol to others.
    """
    seen: dict[object, str] = {}
    written = {name: letter for name, letter in letters.items() if name not in aliases}
    plain = {} if letters else _own_glyphs([name for name in shapes if name not in names])
    for item, name in names.items():
        glyph = read_glyph(name)
        if glyph is None:
            continue
        look = appearance(glyph)
        default = network_item(glyph, shapes, written) if letters else plain.get(look)
        other = seen.setdefault(look, item)
        if other == item and default is not None and default not in names and default != item.partition("@")[0]:
            other = default
        if other != item:
            yield item, other


def _own_glyphs(names: Sequence[str]) -> dict[object, str]:
    """Name by appearance, for names that are not renamed."""
    distinct = distinct_glyphs(names)
    return {appearance(glyph): name for name in names for glyph in (default_glyph(name), distinct[name])}


def network_item(glyph: Glyph, shapes: Mapping[str, tuple[int, ...]], letters: Mapping[str, Letter]) -> str | None:
    """The scalar that is written as ``glyph`` unless it is renamed."""
    look = appearance(glyph)
    for name, letter in letters.items():
        shown = glyph.sub.removeprefix(letter.sub).removeprefix(",") if letter.sub else glyph.sub
        index = index_written(shown, shapes[name])
        if index is not None and look == appearance(letter.glyph(shown)):
            return item_id(name, index)
    return None


def index_written(sub: str, shape: tuple[int, ...]) -> Index | None:
    """The index that :func:`subscript` writes as ``sub``; None if there is none."""
    parts = iter(list(sub) if max(shape, default=1) < 10 else sub.split(","))
    typed = [next(parts, "") if length > 1 else "1" for length in shape]
    if not all(part.isdecimal() for part in typed):
        return None
    index = tuple(map(int, typed))
    fits = all(1 <= i <= length for i, length in zip(index, shape, strict=True))
    return index if fits and subscript(shape, index) == sub else None
