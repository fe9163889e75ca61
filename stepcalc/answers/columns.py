"""Which column is whose: the student, the variant, an item, or one that passes through."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from stepcalc.answers.base import name_of
from stepcalc.errors import Fault, InputError
from stepcalc.problem.faults import quoted
from stepcalc.problem.items import Items

STUDENT, VARIANT = "student", "variant"
MAX_HEADING = 100
"""The most characters of a heading that may be an item."""
ORDINARY = frozenset(
    {"class", "course", "date", "department", "duration", "e-mail", "email", "first name", "firstname", "full name"}
    | {"grade", "group", "id", "id number", "identifier", "last name", "lastname", "login", "mail", "matriculation"}
    | {"name", "no", "note", "notes", "number", "remark", "remarks", "score", "seat", "section", "sis_id", "started"}
    | {"state", "status", "submitted", "surname", "term", "time", "timestamp", "tutor", "user", "username"}
)
"""Headings that nobody means an item by, however close they come to the name of one."""

_AS_AN_ID = re.compile(r"[^\W\d]\w*\[[\d,\s]*\](@\d+)?|d\w+/d\w+(\[[\d,\s]*\])?(@\d+)?|[^\W\d]\w*@\d+")
_INDEX = re.compile(r"[\[@].*|(_\d+)+$")


@dataclass(frozen=True)
class Columns:
    """The places of a table's columns; ``items`` by the item as the problem spells it, ``others`` by heading."""

    student: int | None
    variant: int | None
    items: Mapping[str, int]
    others: Mapping[str, int]
    spelled: Mapping[str, str]


def read_columns(header: Sequence[str], items: Items) -> Columns:
    """What each heading stands for.

    Raises :class:`InputError` for a heading that stands there twice, also in two spellings of one item, and for one
    that is nearly an item.
    """
    kinds: tuple[dict[str, int], ...] = ({}, {}, {})
    own, found, others = kinds
    faults: list[Fault] = []
    for place, typed in enumerate(map(str.strip, header)):
        kind, key = _meaning(typed, kinds, items)
        if not key:
            continue
        if key in kind:
            faults.append(Fault(f"column {place + 1}", _twice(typed, header[kind[key]].strip(), kind[key])))
        elif kind is others and is_nearly_an_item(typed, items):
            faults.append(Fault(f"column {place + 1}", _unknown(typed, header, place, items)))
        else:
            kind[key] = place
    if faults:
        raise InputError(faults)
    spelled = {item: header[place].strip() for item, place in found.items()}
    return Columns(own.get(STUDENT), own.get(VARIANT), found, others, spelled)


def _meaning(typed: str, kinds: tuple[dict[str, int], ...], items: Items) -> tuple[dict[str, int], str]:
    """Which kind of column this heading is of, our own, an item or another, and its name there."""
    own, found, others = kinds
    if typed.lower() in (STUDENT, VARIANT):
        return own, typed.lower()
    item = items.scalar(typed) if len(typed) < MAX_HEADING else None
    return (others, name_of(typed)) if item is None else (found, item)


def _twice(typed: str, first: str, place: int) -> str:
    same = f"{quoted(typed)} stands in column {place + 1} already"
    return same if typed == first else f"{same}, as {quoted(first)}"


def _unknown(typed: str, header: Sequence[str], place: int, items: Items) -> str:
    if "[" in typed and "]" not in typed and place + 1 < len(header) and "]" in header[place + 1]:
        whole = f"{typed},{header[place + 1].strip()}"
        return f"{quoted(whole)} is split at its comma; put it in quotes, or write {quoted(as_name(whole))}"
    return items.complaint(typed)


def as_name(item: str) -> str:
    """An id as a name without punctuation, as :meth:`Items.scalar` also reads it: ``dL_dW1_2_3``."""
    return re.sub(r"\W+", "_", item.replace("/", "_")).strip("_")


def is_nearly_an_item(typed: str, items: Items) -> bool:
    """Whether a heading that is no item was probably meant to be one."""
    plain = typed.replace(" ", "")
    if not plain or typed.lower() in ORDINARY or len(plain) > MAX_HEADING:
        return False
    if items.array(typed) is not None or _AS_AN_ID.fullmatch(plain) or re.fullmatch(r"\w+\[\d*", plain):
        return True
    stem = _INDEX.sub("", plain).lower()
    names = [name.lower() for name in _names(items)]
    if stem != plain.lower() or stem[-1:].isdigit():
        return stem.rstrip("0123456789") in {name.rstrip("0123456789") for name in names}
    return bool(get_close_matches(stem, [name for name in names if len(name) > 3], n=1, cutoff=0.8))


def _names(items: Items) -> Iterable[str]:
    """The names that an item of this problem may begin with, also in the form without punctuation."""
    of = {items.of, *(typed for typed, name in items.spellings.items() if name == items.of)}
    values = [*items.shapes, *items.spellings]
    return [*values, *(f"d{cost}_d{name}" for cost in of for name in values), *(f"{p}_new" for p in items.parameters)]
