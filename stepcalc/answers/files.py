"""Bytes and text of a file that somebody sent: its size is looked at first, its encoding is found out."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import NoReturn

from stepcalc.errors import Fault, InputError

MAX_BYTES = 100_000_000


def refuse(message: str, place: str = "") -> NoReturn:
    """The file as a whole cannot be used."""
    raise InputError(Fault(place, message))


def read_bytes(path: Path, most: int = MAX_BYTES) -> bytes:
    """What is in the file. Raises :class:`InputError` for what is no regular file, is not there or is too large."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            refuse("cannot be read: not a regular file")  # opening a pipe would wait for somebody to write
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable file name"
        refuse(f"cannot be read: {reason[:1].lower()}{reason[1:]}")
    if len(data) > most:
        refuse(f"larger than the {most / 1e6:,.0f} MB that are read")
    return data


MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
"""Byte order marks, with the encoding that each stands for."""


def encoding_of(data: bytes) -> tuple[bytes, str]:
    """The byte order mark, if there is one, and the encoding: UTF-8, UTF-16, else what Excel saves as plain CSV."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return (mark, encoding) if _is(data[len(mark) :], encoding) else (mark, "latin-1")
    if b"\0" in data[:200]:
        wide = [name for name in ("utf-16-le", "utf-16-be") if _is(data, name) and _mostly_latin(data, name)]
        if wide:
            return b"", wide[0]
    return b"", next((name for name in ("utf-8", "cp1252") if _is(data, name)), "latin-1")


def _is(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _mostly_latin(data: bytes, encoding: str) -> bool:
    """Whether the start of ``data`` looks like headings in this encoding."""
    start = data[:200].decode(encoding, "ignore")
    return "\0" not in start and sum(char < "ɐ" for char in start) > len(start) // 2


def decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a file, and what is to be said about its encoding."""
    mark, encoding = encoding_of(data)
    guessed = encoding in ("cp1252", "latin-1")
    told = ("the file is not UTF-8 text; it was read as Windows-1252 (Western European)",) if guessed else ()
    return data[len(mark) :].decode(encoding), told
