"""What is written so that no program takes it for more than text: cells of tables, and names of files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, count

from stepcalc.answers.base import name_of

MAX_FILE_NAME, MAX_FILE_BYTES = 80, 200

_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def neutralised(text: str) -> str:
    """``text`` for a cell: what a spreadsheet would take for a formula has an apostrophe before it; numbers stay."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def restored(text: str) -> str:
    """The text that :func:`neutralised` was given."""
    return text[1:] if text[:1] == "'" and neutralised(text[1:]) == text else text


def file_name(text: str, default: str = "student") -> str:
    """``text`` as the name of a file: on one line, without what leads into other folders, of bounded length."""
    plain = re.sub(r"[^\w \-.,()@+]", " ", name_of(text))
    plain = re.sub(r"\s+", " ", plain).strip(" .")[:MAX_FILE_NAME].encode()[:MAX_FILE_BYTES].decode(errors="ignore")
    plain = plain.strip(" .")
    return f"{default} {plain}".strip() if not plain or _RESERVED.fullmatch(plain) else plain


def names_of_files(texts: Sequence[str], ending: str) -> list[str]:
    """The names of files for ``texts``, no two alike on any system."""
    taken: set[str] = set()
    further: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(2))
    names = []
    for text in texts:
        stem = file_name(text)
        tried = chain([stem], (f"{stem} {number}" for number in further[stem.casefold()]))
        name = next(name for name in tried if name.casefold() not in taken)
        taken.add(name.casefold())
        names.append(name + ending)
    return names
