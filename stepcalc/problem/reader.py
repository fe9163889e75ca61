"""From a file to a problem: size, encoding and syntax are looked at before anything else."""

from __future__ import annotations

import json
import math
import os
import re
import stat
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from stepcalc.errors import Fault, InputError
from stepcalc.problem.base import Problem
from stepcalc.problem.faults import shown

MAX_JSON_BYTES = 20_000_000
MAX_TOML_BYTES = 4_000_000
MAX_KEY_PARTS = 50

_PAST_DOUBLE = 10**309

_TOML_PLACE = re.compile(r"(.*) \((at line (\d+), column (\d+)|at end of document)\)", re.DOTALL)
_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = re.compile(rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*")
_KEY = r"'([^']*)'"
_KEYS = re.compile(rf"\((?:{_KEY},? ?)+\)")
_AFTER_KEY = re.compile(r"[ \t]*[=\]]")


def load(path: str | os.PathLike[str]) -> Problem:
    """Read the problem in the TOML or JSON file ``path``.

    What the suffix does not tell is told by the first character: JSON starts with a brace.

    Raises :class:`InputError` with one fault for each thing wrong, its ``source`` the path as it was given.
    """
    file = Path(path)
    try:
        fields = read_fields(file)
        return Problem.from_fields(fields, file.stem or "problem", file.absolute().parent)
    except InputError as error:
        raise error.named(os.fspath(path)) from None


def read_fields(file: Path) -> dict[str, Any]:
    """The table in a TOML or JSON file. Raises :class:`InputError` for one that cannot be read, without its name."""
    text, is_json = _text(file)
    try:
        fields = _from_json(text) if is_json else _from_toml(text)
    except RecursionError:
        _refuse("nested too deeply")
    if not isinstance(fields, dict):
        _refuse("the file holds no table; a problem in JSON starts with {")
    return fields


def _text(file: Path) -> tuple[str, bool]:
    """The file's text, and whether it is JSON. Its size is looked at before it is read."""
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            _refuse("cannot be read: not a regular file")  # opening a pipe would wait for somebody to write
        _refuse_large(status.st_size, MAX_JSON_BYTES)
        with file.open("rb") as stream:
            data = stream.read(MAX_JSON_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable file name"
        _refuse(f"cannot be read: {reason[:1].lower()}{reason[1:]}")
    suffix = file.suffix.lower()
    opens_with_brace = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
    is_json = suffix == ".json" or (suffix != ".toml" and opens_with_brace)
    if is_json:
        _refuse_large(len(data), MAX_JSON_BYTES)
    else:
        _refuse_large(len(data), MAX_TOML_BYTES, '; large arrays go into a file of their own: W = { file = "W.npy" }')
    return _decoded(data), is_json


def _refuse_large(size: int, limit: int, advice: str = "") -> None:
    if size > limit:
        _refuse(f"{size / 1e6:,.1f} MB large, at most {limit / 1e6:,.0f} MB are read{advice}")


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _refuse("not UTF-8 text", f"line {line}")


def _from_toml(text: str) -> dict[str, Any]:
    if any(map(_too_many_parts, _DOTTED.finditer(text))):
        _refuse("a key of too many parts")
    try:
        return tomllib.loads(text, parse_float=_float)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.fullmatch(str(error))
        if found is None:
            _refuse(_sentence(str(error)))
        at = f"line {found[3]}, column {found[4]}" if found[3] else "end of file"
        _refuse(_sentence(_KEYS.sub(_dotted, found[1])), at)
    except ValueError:
        _refuse("a number or a date in it cannot be read")


def _float(written: str) -> float | int:
    """The number; one past a double is a whole number that is told as such, and not as an inf that nobody wrote."""
    read = float(written)
    return read if math.isfinite(read) or "n" in written.lower() else _PAST_DOUBLE


def _dotted(keys: re.Match[str]) -> str:
    """The table that tomllib names as a tuple, as it is written: [data]."""
    return f"[{'.'.join(re.findall(_KEY, keys[0]))}]"


def _too_many_parts(dotted: re.Match[str]) -> bool:
    """Whether this is a key that tomllib, whose time grows with the square of the parts, is kept from."""
    return dotted[0].count(".") >= MAX_KEY_PARTS and _AFTER_KEY.match(dotted.string, dotted.end()) is not None


def _from_json(text: str) -> Any:
    try:
        fields = json.loads(text, object_pairs_hook=_once_each, parse_float=_float)
    except json.JSONDecodeError as error:
        _refuse(_sentence(error.msg), f"line {error.lineno}, column {error.colno}")
    except ValueError:
        _refuse("a number in it has too many digits")
    if isinstance(fields, dict):
        fields.pop("$schema", None)  # editors put it there
    return fields


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        _refuse(f'the key "{shown(twice)}" stands twice in one table')
    return table


def _sentence(message: str) -> str:
    plain = shown(message, 200)
    return plain[:1].lower() + plain[1:]


def _refuse(message: str, place: str = "") -> NoReturn:
    raise InputError(Fault(place, message))
