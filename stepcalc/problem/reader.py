"""From a file to a problem: size, encoding and syntax are looked at before anything else."""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from stepcalc.errors import Fault, InputError
from stepcalc.problem.base import Problem
from stepcalc.problem.faults import shown

MAX_FILE_BYTES = 20_000_000
MAX_NESTING = 100
MAX_KEY_PARTS = 20

_TOML_PLACE = re.compile(r"(.*) \((at line (\d+), column (\d+)|at end of document)\)", re.DOTALL)
_DOTTED = re.compile(r"(?:[\w\"'-]+\s*\.\s*){%d}" % MAX_KEY_PARTS)


def load(path: str | os.PathLike[str]) -> Problem:
    """Read the problem in the TOML or JSON file ``path``.

    What the suffix does not tell is told by the first character: JSON starts with a brace.

    Raises :class:`InputError` with one fault for each thing wrong, its ``source`` the path as it was given.
    """
    file = Path(path)
    try:
        fields = _fields(file)
        return Problem.from_fields(fields, file.stem or "problem", file.absolute().parent)
    except InputError as error:
        raise error.named(os.fspath(path)) from None


def _fields(file: Path) -> dict[str, Any]:
    text = _text(file)
    suffix = file.suffix.lower()
    is_json = suffix == ".json" or (suffix != ".toml" and text.lstrip()[:1] == "{")
    try:
        fields = _from_json(text) if is_json else _from_toml(text)
    except RecursionError:
        _refuse("nested too deeply")
    if not isinstance(fields, dict):
        _refuse("the file holds no table; a problem in JSON starts with {")
    return fields


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            status = os.fstat(stream.fileno())
            if stat.S_ISREG(status.st_mode) and status.st_size > MAX_FILE_BYTES:
                _refuse(f"{status.st_size / 1e6:,.0f} MB large, at most {MAX_FILE_BYTES / 1e6:,.0f} MB are read")
            data = stream.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable file name"
        _refuse(f"cannot be read: {reason[:1].lower()}{reason[1:]}")
    if len(data) > MAX_FILE_BYTES:
        _refuse(f"more than {MAX_FILE_BYTES / 1e6:,.0f} MB large")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _refuse("not UTF-8 text", f"line {line}")


def _from_toml(text: str) -> dict[str, Any]:
    if _DOTTED.search(text):
        _refuse("a key of too many parts")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.fullmatch(str(error))
        if found is None:
            _refuse(_sentence(str(error)))
        at = f"line {found[3]}, column {found[4]}" if found[3] else "end of file"
        _refuse(_sentence(found[1]), at)
    except ValueError:
        _refuse("a number or a date in it cannot be read")


def _from_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once_each)
    except json.JSONDecodeError as error:
        _refuse(_sentence(error.msg), f"line {error.lineno}, column {error.colno}")
    except ValueError:
        _refuse("a number in it has too many digits")


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for index, key in enumerate(keys) if key in keys[:index])
        _refuse(f'the key "{shown(twice)}" stands twice in one table')
    return table


def _sentence(message: str) -> str:
    plain = shown(message, 200)
    return plain[:1].lower() + plain[1:]


def _refuse(message: str, place: str = "") -> NoReturn:
    raise InputError(Fault(place, message))
