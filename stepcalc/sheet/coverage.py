"""Letters that the fonts of a PDF lack are named, so that no box stands on a sheet unnoticed."""

from __future__ import annotations

import logging
from unicodedata import category

from stepcalc.sheet.glyphs import has_glyph

MOST_NOTED = 10
_SILENT = ("Cc", "Cf", "Zs", "Zl", "Zp")
_LOG = logging.getLogger("stepcalc")


def note_lacking(text: str) -> None:
    """Log the characters of ``text`` without a glyph: they come from the machine, and differ from one to the next."""
    lacking = [char for char in sorted(set(text)) if category(char) not in _SILENT and not has_glyph(char)]
    if not lacking:
        return
    shown = ", ".join(f"{char} (U+{ord(char):04X})" for char in lacking[:MOST_NOTED])
    more = f" and {len(lacking) - MOST_NOTED} more" if len(lacking) > MOST_NOTED else ""
    told = "note: the fonts of the PDF lack %s%s; they come from this machine where it has them, else boxes stand there"
    _LOG.warning(told, shown, more)
