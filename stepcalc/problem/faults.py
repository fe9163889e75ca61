"""From what pydantic finds to what the user reads: one fault per problem, each with its place, counted from 1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sized
from typing import Any, NoReturn, TypeAlias, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from stepcalc.errors import Fault, did_you_mean

Path: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys, and indices counted from 0."""

Found: TypeAlias = tuple[Path, str]
"""A fault before its place is spelled out: where, and what is wrong."""

_BARE_KEY = re.compile(r"[\w-]+")


def refuse(found: Iterable[Found]) -> NoReturn:
    """Stop the validation of the present field with the faults ``found``, their paths being relative to it."""
    raise PydanticCustomError("stepcalc", "cannot be used", {"found": tuple(found)})


def refuse_one(message: str) -> NoReturn:
    """Stop the validation of the present field with one fault."""
    refuse([((), message)])


def found_in(error: ValidationError, model: type[BaseModel]) -> list[Found]:
    """Everything ``error`` says about ``model``, in our words."""
    return [found for details in error.errors(include_url=False) for found in _told(details, model)]


def as_faults(found: Iterable[Found]) -> list[Fault]:
    """The faults with their places spelled out."""
    return [Fault(place(path), message) for path, message in found]


def place(path: Path) -> str:
    """``("layers", 1, "W")`` as ``layers[2].W``; a key that is not a plain word stands in quotes."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            key = part if _BARE_KEY.fullmatch(part) else f'"{shown(part)}"'
            text += f".{key}" if text else key
    return text


def shown(text: str, limit: int = 60) -> str:
    """A user's word on one line: control characters escaped, cut where it is long."""
    plain = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[: limit + 1])
    return plain if len(text) <= limit else plain[:limit] + "…"


def listed(words: Iterable[str]) -> str:
    """``a, b, c``."""
    return ", ".join(words)


def kind(value: object) -> str:
    """What a value is, in the words of the file: ``a string``, ``a list``."""
    for kinds, words in _KINDS:
        if isinstance(value, kinds):
            return words
    return f"a {type(value).__name__}"


_KINDS: tuple[tuple[Any, str], ...] = (
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "a string"),
    (Mapping, "a table"),
    ((list, tuple), "a list"),
    (type(None), "nothing (null)"),
)

_EXPECTED = {
    "string_type": "a string",
    "bool_type": "true or false",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "dict_type": "a table",
    "mapping_type": "a table",
    "list_type": "a list",
    "tuple_type": "a list",
}

_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def _told(details: ErrorDetails, model: type[BaseModel]) -> list[Found]:
    path, type_, value, context = details["loc"], details["type"], details["input"], details.get("ctx", {})
    if type_ == "stepcalc":
        return [((*path, *inner), message) for inner, message in context["found"]]
    return [(path, _message(type_, path, value, context, model, details["msg"]))]


def _message(
    type_: str, path: Path, value: object, context: Mapping[str, Any], model: type[BaseModel], fallback: str
) -> str:
    if type_ == "extra_forbidden":
        return _unknown_key(str(path[-1]), model)
    if type_ == "missing":
        return "missing"
    if type_ == "float_type" and isinstance(value, int) and not isinstance(value, bool):
        return "larger than a double can hold (about 1.8e308)"
    if type_ in _EXPECTED:
        return f"{number_text(value)}, expected {_EXPECTED[type_]}"
    if type_ in _BOUNDS:
        key, words = _BOUNDS[type_]
        return f"{number_text(value)}, expected {words} {context[key]:.15g}"
    if type_ == "finite_number":
        return f"{number_text(value)} is not a finite number"
    if type_ == "literal_error":
        expected = str(context["expected"]).replace("'", '"').replace("\\\\", "\\")
        return f"{quoted(value)}, expected {expected}"
    if type_ == "string_unicode":
        return "not readable as text"
    if type_ == "too_short":
        return "empty, expected at least one entry"
    if type_ == "too_long":
        count = context["actual_length"] or len(cast(Sized, value))  # pydantic does not count a table
        return f"{count:,} entries, at most {context['max_length']:,} are possible"
    if type_ == "string_too_long":
        return f"{len(str(value)):,} characters long, at most {context['max_length']} are possible"
    return fallback[:1].lower() + fallback[1:]


def _unknown_key(key: str, model: type[BaseModel]) -> str:
    known = list(model.model_fields)
    return "unknown key" + (did_you_mean(key, known) or f"; the keys here are {listed(known)}")


def quoted(value: object) -> str:
    """A user's value in a message: a string in quotes, a number plainly, anything else by its kind."""
    return f'"{shown(value)}"' if isinstance(value, str) else number_text(value)


def number_text(value: object) -> str:
    """A number in a message."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return kind(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else "a very large number"
    return repr(value)
