"""What every writer does to text that a user wrote, before escaping it for its own format."""

from __future__ import annotations

import re
import unicodedata

_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the reading direction of what follows, beyond the text they stand in."""
_AFTER_A_LETTER = re.compile(r"(?<=[^\W\d]),")
_NEEDS_COMMAS = re.compile(r"^\d|[+−]")
"""Among letters: a number in front, or a sum."""


def clean(text: str) -> str:
    """``text`` in composed form, without control characters, direction overrides and what no format can hold.

    White space of any kind, line breaks too, becomes a plain space.
    """
    if text.isprintable() and unicodedata.is_normalized("NFC", text):
        return text  # what is printable is none of what is left out, and its only space is the plain one
    composed = unicodedata.normalize("NFC", text)
    spaced = (" " if char.isspace() else char for char in composed)
    return "".join(char for char in spaced if _printable(char))


def _printable(char: str) -> bool:
    if char in _REORDERING or ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF:
        return False
    return unicodedata.category(char) not in ("Cc", "Cs")


def run_on(sub: str) -> str:
    """A subscript without the commas after letters, x12 for x,12, where none is needed: i,j+1 and 1,i,j keep theirs."""
    return sub if _NEEDS_COMMAS.search(sub) else _AFTER_A_LETTER.sub("", sub)
