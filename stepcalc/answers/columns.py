"""Which column is whose: the student, the variant, an item, or one that passes through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stepcalc.answers.base import name_of
from stepcalc.answers.names import ItemNames, as_name
from stepcalc.errors import Fault, InputError
from stepcalc.problem.faults import quoted

STUDENT, VARIANT = "student", "variant"


@dataclass(frozen=True)
class Columns:
    """The places of a table's columns: ``items`` by id, ``others`` by heading; ``spelled`` as the file spells ids."""

    student: int | None
    variant: int | None
    items: Mapping[str, int]
    others: Mapping[str, int]
    spelled: dict[str, str]


Kinds = tuple[dict[str, int], dict[str, int], dict[str, int]]


def read_columns(header: Sequence[str], names: ItemNames) -> Columns:
    """What each heading stands for.

    Raises :class:`InputError` for a heading that stands there twice, also in two spellings of one item, and for one
    that is nearly an item.
    """
    kinds: Kinds = ({}, {}, {})
    own, found, others = kinds
    faults: list[Fault] = []
    for place, typed in enumerate(map(str.strip, header)):
        kind, key = _meaning(typed, kinds, names)
        if not key:
            continue
        if key in kind:
            faults.append(Fault(f"column {place + 1}", _twice(typed, header[kind[key]].strip(), kind[key])))
        elif kind is others and names.is_near(typed):
            faults.append(Fault(f"column {place + 1}", _unknown(typed, header, place, names)))
        else:
            kind[key] = place
    if faults:
        raise InputError(faults)
    spelled = {item: header[place].strip() for item, place in found.items()}
    return Columns(own.get(STUDENT), own.get(VARIANT), found, others, spelled)


def _meaning(typed: str, kinds: Kinds, names: ItemNames) -> tuple[dict[str, int], str]:
    """Which kind of column this heading is of, our own, an item or another, and its name there."""
    own, found, others = kinds
    if typed.lower() in (STUDENT, VARIANT):
        return own, typed.lower()
    item = names.scalar(typed)
    return (others, name_of(typed)) if item is None else (found, item)


def _twice(typed: str, first: str, place: int) -> str:
    same = f"{quoted(typed)} stands in column {place + 1} already"
    return same if typed == first else f"{same}, as {quoted(first)}"


def _unknown(typed: str, header: Sequence[str], place: int, names: ItemNames) -> str:
    if "[" in typed and "]" not in typed and place + 1 < len(header) and "]" in header[place + 1]:
        whole = f"{typed},{header[place + 1].strip()}"
        return f"{quoted(whole)} is split at its comma; put it in quotes, or write {quoted(as_name(whole))}"
    return names.complaint(typed)
