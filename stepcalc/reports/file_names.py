"""File names of students, whatever they are called: on every system, apart from one another, inside their folder."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 50
CLASS = "class"
"""What the file about all of them is called."""
_KEPT = re.compile(r"[^\w.@+-]+")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def file_names(students: Iterable[str]) -> list[str]:
    """A name without ending for each student, none of them twice, however upper and lower case are told apart."""
    taken, counts = {CLASS}, dict[str, int]()
    return [_free(_safe(student), taken, counts) for student in students]


def _safe(student: str) -> str:
    letters = unicodedata.normalize("NFC", student)
    plain = _KEPT.sub("_", letters)[:LONGEST].strip("._-")
    return f"_{plain}" if not plain or _RESERVED.fullmatch(plain) else plain


def _free(name: str, taken: set[str], counts: dict[str, int]) -> str:
    """``name``, else the first of name-2, name-3, … that is free."""
    free, folded = name, name.casefold()
    while free.casefold() in taken:
        counts[folded] = counts.get(folded, 1) + 1
        free = f"{name}-{counts[folded]}"
    taken.add(free.casefold())
    return free
