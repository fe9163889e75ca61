"""A course's own words: a file like stepcalc's own, of which it may hold as much as it wants to say differently."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stepcalc.board.sentence import PLACE, names
from stepcalc.errors import Fault, InputError, did_you_mean
from stepcalc.sheet.folder import WORDS_FILE, Folder

MOST_WORDS = 400_000
"""The most bytes of the file."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")

Sentences = dict[str, Any]


def with_own(folder: Path, english: Sentences) -> Sentences:
    """``english`` with the sentences that the folder of a course has in place of them; what it lacks stays.

    Raises :class:`~stepcalc.errors.InputError` for a file that cannot be read, or says what no sheet says.
    """
    course = Folder(folder)
    if not course.has(WORDS_FILE):
        return english
    source = str(folder / WORDS_FILE)
    try:
        own = tomllib.loads(course.read(WORDS_FILE, MOST_WORDS).decode("utf-8"))
    except UnicodeDecodeError:
        raise InputError(Fault("", "not UTF-8 text"), source) from None
    except RecursionError:
        raise InputError(Fault("", "nested too deeply"), source) from None
    except ValueError as error:
        raise InputError(Fault("", str(error)), source) from None
    if faults := list(_faults(own, english)):
        raise InputError(faults, source)
    return _merged(own, english)


def _faults(own: Mapping[str, Any], english: Mapping[str, Any], place: str = "") -> Iterator[Fault]:
    """What is in ``own`` and in no way like ``english``."""
    for key, said in own.items():
        where = f"{place}{key}"
        if key not in english:
            yield Fault(where, f"no such words{did_you_mean(key, english)}")
        elif type(said) is not type(english[key]):
            yield Fault(where, "expected a table" if isinstance(english[key], dict) else "expected a sentence")
        elif isinstance(said, dict):
            yield from _faults(said, english[key], f"{where}.")
        elif not said.strip():
            yield Fault(where, "is empty")
        elif where == "language" and not _LANGUAGE.fullmatch(said):
            yield Fault(where, f'"{said}" is no language; expected a tag such as "de" or "pt-BR"')
        else:
            yield from _places(where, said, english[key])


def _places(where: str, said: str, english: str) -> Iterator[Fault]:
    """The names in braces that nothing is put in for, and braces that hold no name."""
    known = dict.fromkeys(names(english))
    for unknown in dict.fromkeys(name for name in names(said) if name not in known):
        there = ", ".join(f"{{{name}}}" for name in known)
        yield Fault(where, f"nothing is put in for {{{unknown}}}{f'; there is {there}' if known else ''}")
    if set("{}") & set(PLACE.sub("", said)):
        yield Fault(where, "a brace that is not part of a {name}")


def _merged(own: Mapping[str, Any], english: Mapping[str, Any]) -> Sentences:
    return {key: _merged(own[key], value) if isinstance(value, dict) and key in own else own.get(key, value)
            for key, value in english.items()}  # fmt: skip
