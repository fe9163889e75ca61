"""Letters that the fonts of a PDF lack are named, so that no box stands on a sheet unnoticed."""

from __future__ import annotations

import logging
from unicodedata import category

from stepcalc.sheet.glyphs import has_glyph

MOST_NOTED = 10
_SILENT = ("Cc", "Cf", "Zs", "Zl", "Zp")
_NOTE = (
    "note: the fonts that come with stepcalc lack %s%s; in the PDF this machine's fonts take their place, "
    "and an empty box where it has none either: look at the page, or write it in other letters"
)
_LOG = logging.getLogger("stepcalc")
_NOTED: set[str] = set()


def note_lacking(text: str) -> None:
    """Log the characters of ``text`` that the sheet's own fonts lack: another machine may print them differently.

    Each is named once in a process, not for every sheet of many.
    """
    unseen = sorted(set(text) - _NOTED)
    lacking = [char for char in unseen if category(char) not in _SILENT and not has_glyph(char)]
    if not lacking:
        return
    _NOTED.update(lacking)
    shown = ", ".join(f"{char} (U+{ord(char):04X})" for char in lacking[:MOST_NOTED])
    more = f" and {len(lacking) - MOST_NOTED} more" if len(lacking) > MOST_NOTED else ""
    _LOG.warning(_NOTE, shown, more)
