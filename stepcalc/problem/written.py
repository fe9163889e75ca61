"""How the scalars of a problem are written, as far as the problem alone tells; no two may look the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from stepcalc.board.glyph_text import appearance, read_glyph
from stepcalc.board.nodes import Glyph
from stepcalc.calculus.glyphs import default_glyph, distinct_glyphs
from stepcalc.items import Index, item_id
from stepcalc.problem.sections import Notation

_LAYERED = re.compile(r"(?P<letter>[Wbza])(?P<layer>\d+)")


def network_letter(name: str, layers: int, notation: Notation) -> tuple[str, bool, str]:
    """Letter, hat and superscript of a quantity in a network of so many layers: w⁽¹⁾ for W1, ŷ for y_hat."""
    if name == "y_hat":
        return "y", True, ""
    if name == "L":
        return notation.loss, False, ""
    found = _LAYERED.fullmatch(name)
    if not found:
        return name, False, ""
    letter, layer = found["letter"], found["layer"]
    base = notation.hidden if letter == "a" else letter.lower()
    alone = layers == 1 or (letter == "a" and layers == 2)
    return base, False, "" if alone else f"({layer})"


def subscript(shape: Sequence[int], index: Index) -> str:
    """An index without the axes that have a single element: w₁ in a one-unit layer, b without an index."""
    shown = [str(i) for i, length in zip(index, shape, strict=True) if length > 1]
    return ("" if max(shape, default=1) < 10 else ",").join(shown)


def clashes(
    names: Mapping[str, str], shapes: Mapping[str, tuple[int, ...]], layers: int, notation: Notation
) -> Iterator[tuple[str, str]]:
    """The items renamed in ``names`` (item → name) that would look like another one, each with that other one.

    ``layers`` is 0 for expressions. What is renamed itself leaves its own symbol to others.
    """
    seen: dict[object, str] = {}
    plain = {} if layers else _own_glyphs([name for name in shapes if name not in names])
    for item, name in names.items():
        glyph = read_glyph(name)
        if glyph is None:
            continue
        look = appearance(glyph)
        default = _network_item(glyph, shapes, layers, notation) if layers else plain.get(look)
        other = seen.setdefault(look, item)
        if other == item and default is not None and default not in names and default != item.partition("@")[0]:
            other = default
        if other != item:
            yield item, other


def _own_glyphs(names: Sequence[str]) -> dict[object, str]:
    """Name by appearance, for names that are not renamed."""
    distinct = distinct_glyphs(names)
    return {appearance(glyph): name for name in names for glyph in (default_glyph(name), distinct[name])}


def _network_item(glyph: Glyph, shapes: Mapping[str, tuple[int, ...]], layers: int, notation: Notation) -> str | None:
    """The scalar that is written as ``glyph`` unless it is renamed."""
    look = appearance(glyph)
    for name, shape in shapes.items():
        base, hat, sup = network_letter(name, layers, notation)
        index = _index_written(glyph.sub, shape)
        if index is not None and name != f"a{layers}" and look == appearance(Glyph(base, glyph.sub, sup, hat)):
            return item_id(name, index)
    return None


def _index_written(sub: str, shape: tuple[int, ...]) -> Index | None:
    """The index that :func:`subscript` writes as ``sub``; None if there is none."""
    parts = iter(list(sub) if max(shape, default=1) < 10 else sub.split(","))
    typed = [next(parts, "") if length > 1 else "1" for length in shape]
    if not all(part.isdecimal() for part in typed):
        return None
    index = tuple(map(int, typed))
    fits = all(1 <= i <= length for i, length in zip(index, shape, strict=True))
    return index if fits and subscript(shape, index) == sub else None
