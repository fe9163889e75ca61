"""TOML as a person would write it: a row of a matrix a line, small tables in a line, large ones under a heading."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

WIDTH = 120
INDENT = "    "

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_WHOLE_BELOW = 10**15


class Inline(dict[str, Any]):
    """A table that stands in a line, however long, where others have a heading."""


def toml(table: Mapping[str, Any]) -> str:
    """``table`` as a TOML file; its values are text, finite numbers, true and false, and lists and tables of these."""
    return "\n".join(_table(table, ())).strip("\n") + "\n"


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """The lines of a table whose heading stands already; a table in it that no line holds gets a heading of its own."""
    below: dict[str, Any] = {}
    for key, value in table.items():
        line = f"{_key(key)} = {_inline(value)}"
        if _is_tables(value) or (_is_table(value) and (not path or len(line) > WIDTH)):
            below[key] = value
        elif _is_list(value) and len(line) > WIDTH:
            yield from _list(f"{_key(key)} = [", value, "", "]")
        else:
            yield line
    for key, value in below.items():
        inner = (*path, key)
        heading = ".".join(map(_key, inner))
        several = _is_tables(value)
        for each in value if several else (value,):
            yield from ("", f"[[{heading}]]" if several else f"[{heading}]")
            yield from _table(each, inner)


def _list(start: str, values: Sequence[Any], indent: str, end: str) -> Iterator[str]:
    """A list that is longer than a line: a line for each list in it, or lines filled with its numbers and strings."""
    yield indent + start
    inner = indent + INDENT
    pieces = [f"{_inline(value)}," for value in values]
    if not any(map(_is_list, values)):
        yield from _filled(pieces, inner)
    else:
        for value, piece in zip(values, pieces, strict=True):
            if _is_list(value) and len(inner + piece) > WIDTH:
                yield from _list("[", value, inner, "],")
            else:
                yield inner + piece
    yield indent + end


def _filled(pieces: Iterable[str], indent: str) -> Iterator[str]:
    line = ""
    for piece in pieces:
        if line and len(indent) + len(line) + 1 + len(piece) > WIDTH:
            yield indent + line
            line = ""
        line = f"{line} {piece}" if line else piece
    yield indent + line


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) and not isinstance(value, Inline)


def _is_tables(value: Any) -> bool:
    return _is_list(value) and len(value) > 0 and all(isinstance(each, Mapping) for each in value)


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_inline(each)}' for key, each in value.items())} }}"
    if isinstance(value, str):
        return f'"{"".join(map(_character, value))}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"[{', '.join(map(_inline, value))}]" if _is_list(value) else _number(value)


def _number(value: float) -> str:
    """The shortest decimal that is read as the same double; a whole number has no point."""
    if isinstance(value, int):
        return str(value)
    negative_zero = value == 0 and math.copysign(1, value) < 0
    return str(int(value)) if value.is_integer() and abs(value) < _WHOLE_BELOW and not negative_zero else repr(value)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _inline(key)


def _character(char: str) -> str:
    if char in _ESCAPES or char.isprintable():
        return _ESCAPES.get(char, char)
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"
