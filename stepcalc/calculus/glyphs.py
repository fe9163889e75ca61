"""How an item id is written when nobody says otherwise: ``W1[2,3]`` is w₂₃⁽¹⁾, ``y_hat`` is ŷ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from stepcalc.board.glyph_text import GREEK, appearance
from stepcalc.board.nodes import Glyph

_ID = re.compile(r"(?P<word>[^\W\d]+?)(?P<hat>_hat)?_?(?P<number>\d*)(\[(?P<index>[\d,]+)\])?(@(?P<sample>\d+))?")


@lru_cache(maxsize=4096)
def default_glyph(item: str) -> Glyph:
    """The glyph of ``item``: a letter with what follows it as subscript; a longer word stands upright.

    The layer's number becomes a superscript as soon as there is an index: ``z1[2]`` is z₂⁽¹⁾, ``x1`` is x₁.
    """
    match = _ID.fullmatch(item)
    if match is None:
        return Glyph(item, upright=True)
    word, number, index, sample = match["word"], match["number"], match["index"] or "", match["sample"]
    letter = GREEK.get(word, word)
    if index:
        letter = letter.lower()
    parts = index.split(",")
    joined = "".join(parts) if all(len(part) == 1 for part in parts) else ",".join(parts)
    layer = f"({number})" if index and number else ""
    return Glyph(
        letter,
        sub=joined if index else number,
        sup=f"{layer}({sample})" if sample else layer,
        hat=bool(match["hat"]),
        upright=len(letter) > 1,
    )


def distinct_glyphs(names: Sequence[str]) -> dict[str, Glyph]:
    """The default glyphs of ``names``; where some would look the same (x1, x_1), those stand upright as typed."""
    glyphs = {name: default_glyph(name) for name in names}
    seen = Counter(map(appearance, glyphs.values()))
    return {
        name: glyph if seen[appearance(glyph)] == 1 else Glyph(name, upright=True) for name, glyph in glyphs.items()
    }
