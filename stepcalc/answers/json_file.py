"""Answers as JSON: ``{"student": {"item id": "raw text"}}``, and other JSON that people send."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from stepcalc.answers.base import MAX_ANSWER, Batch, Submission, name_of
from stepcalc.answers.columns import VARIANT
from stepcalc.answers.files import decoded, read_bytes, refuse
from stepcalc.answers.names import ItemNames
from stepcalc.errors import Fault, InputError
from stepcalc.problem.faults import kind, quoted, shown

MAX_JSON = 50_000_000


class Typed(str):
    """A number as it is written, digit for digit."""

    __slots__ = ()


def read_json(path: Path) -> Any:
    """What a JSON file holds, its numbers as they are written. Raises :class:`InputError` where it cannot be read."""
    text, _ = decoded(read_bytes(path, MAX_JSON))
    try:
        return json.loads(text, object_pairs_hook=_once_each, parse_float=Typed, parse_int=Typed, parse_constant=Typed)
    except json.JSONDecodeError as error:
        refuse(error.msg[:1].lower() + error.msg[1:], f"line {error.lineno}, column {error.colno}")
    except RecursionError:
        refuse("nested too deeply")


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        refuse(f"{quoted(twice)} stands twice in one table")
    return table


def read_json_answers(path: Path, names: ItemNames) -> Batch:
    """The answers in a JSON file.

    Raises :class:`InputError` for what is no such file, and for an unknown item.
    """
    table = read_json(path)
    if not isinstance(table, Mapping):
        refuse(f'{kind(table)}, expected a table {{"student": {{"item id": "answer"}}}}')
    if isinstance(table.get("format"), str):
        refuse(f"a file of {quoted(table['format'])}, expected answers")
    batch = Batch()
    faults: list[Fault] = []
    for student, answers in table.items():
        if not isinstance(answers, Mapping):
            batch.notices.tell(f"{quoted(student)}: {_kind(answers)}, expected a table of answers; not read")
            continue
        try:
            batch.submissions.append(_submission(student, answers, names, batch))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return batch


def _submission(student: str, answers: Mapping[str, Any], names: ItemNames, batch: Batch) -> Submission:
    name = name_of(student)
    found: dict[str, str] = {}
    others: dict[str, str] = {}
    faults: list[Fault] = []
    for typed, value in answers.items():
        item = None if typed == VARIANT else names.scalar(typed)
        if item is None and typed != VARIANT and names.is_near(typed):
            faults.append(Fault(shown(student), names.complaint(typed)))
        elif item is not None and item in found:
            faults.append(Fault(shown(student), f"{quoted(typed)} stands here twice, in two spellings"))
        else:
            text = value if type(value) is str and len(value) <= MAX_ANSWER else _text(value, (student, typed), batch)
            if item is None:
                others[name_of(typed)] = text
            else:
                found[item] = text
                batch.spelled.setdefault(item, typed)
    if faults:
        raise InputError(faults)
    return Submission(name, f'"{name}"', found, name_of(others.pop(VARIANT, "")), others)


def _text(value: Any, place: tuple[str, str], batch: Batch) -> str:
    """An answer as text; what is none of the kind is told, and stays what cannot be read."""
    if value is None or (isinstance(value, Typed) and len(value) <= MAX_ANSWER):
        return value or ""
    where = ", ".join(map(shown, place))
    if isinstance(value, str):
        batch.notices.tell(f"{where}: {len(value):,} characters, more than {MAX_ANSWER:,}; cut")
        return value
    batch.notices.tell(f"{where}: {_kind(value)}, expected the text of an answer")
    return "".join(_pieces(value))


def _kind(value: Any) -> str:
    return "a number" if isinstance(value, Typed) else kind(value)


def _pieces(value: Any) -> Iterator[str]:
    """The first pieces of a value as JSON, as many as may be shown."""
    length = 0
    for piece in json.JSONEncoder().iterencode(value):
        yield piece
        length += len(piece)
        if length > MAX_ANSWER:
            return
