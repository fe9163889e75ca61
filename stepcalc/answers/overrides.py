"""Marks that an instructor has set by hand, and the marks of an earlier run."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepcalc.answers.base import name_of
from stepcalc.answers.csv_file import read_csv
from stepcalc.answers.files import refuse
from stepcalc.answers.json_file import Typed, read_json
from stepcalc.answers.names import ItemNames
from stepcalc.answers.safe import restored
from stepcalc.answers.table import Row, Table, row_place
from stepcalc.errors import Fault, InputError, did_you_mean
from stepcalc.problem import Problem
from stepcalc.problem.faults import kind, listed, quoted

COLUMNS = ("student", "item", "marks", "reason")
MARKS_FORMAT = "stepcalc-marks/1"

_NUMBER = re.compile(r"\d{1,9}([.,]\d{1,9})?")


@dataclass(frozen=True)
class Override:
    """The marks of one student for one item, whatever the marker says; ``item`` as the problem spells it."""

    student: str
    item: str
    marks: float
    reason: str
    place: str = ""


def read_overrides(path: str | os.PathLike[str], problem: Problem) -> tuple[Override, ...]:
    """The marks set by hand in a CSV file with the columns student, item, marks and reason.

    Raises :class:`InputError` with one fault for each row that cannot be used: an unknown item, marks that are none,
    no reason, or a student's item that stands there twice.
    """
    try:
        return _overrides(read_csv(Path(path), lambda heading: heading.strip().lower() in COLUMNS), problem)
    except InputError as error:
        raise error.named(os.fspath(path)) from None


def _overrides(table: Table, problem: Problem) -> tuple[Override, ...]:
    header = [heading.strip().lower() for heading in table.header]
    if missing := [name for name in COLUMNS if name not in header]:
        near = did_you_mean(missing[0], header) or f"; the columns are {listed(COLUMNS)}"
        refuse(f"no column {quoted(missing[0])}{near}")
    reader = _Overrides({name: header.index(name) for name in COLUMNS}, ItemNames(problem))
    for row in table.rows:
        if any(map(str.strip, row[1])):
            reader.read(row)
    if reader.faults:
        raise InputError(reader.faults)
    return tuple(reader.found.values())


class _Overrides:
    """Reads the rows, and gathers what is wrong with them."""

    def __init__(self, places: Mapping[str, int], names: ItemNames) -> None:
        self.places, self.names = places, names
        self.found: dict[tuple[str, str], Override] = {}
        self.faults: list[Fault] = []

    def read(self, row: Row) -> None:
        number, cells = row
        place = row_place(number, cells, self.places["student"])
        student, item, marks, reason = (
            restored(name_of(cells[at])) if at < len(cells) else "" for at in self.places.values()
        )
        known = self.names.scalar(item)
        told = self._fault(student, item, known, marks, reason)
        if told:
            self.faults.append(Fault(place, told))
        else:
            value = float(marks.replace(",", "."))
            self.found[student, known or item] = Override(student, known or item, value, reason, place)

    def _fault(self, student: str, item: str, known: str | None, marks: str, reason: str) -> str:
        """What is wrong with a row; "" for nothing."""
        if not student:
            return "no student"
        if known is None:
            return self.names.complaint(item)
        if not _NUMBER.fullmatch(marks):
            return f"{quoted(marks)} are no marks"
        if not reason:
            return "no reason; say why these marks are set by hand"
        return f"{known} stands here twice" if (student, known) in self.found else ""


@dataclass(frozen=True)
class PreviousItem:
    """One item in an earlier run."""

    given: str
    verdict: str
    marks: float


@dataclass(frozen=True)
class PreviousStudent:
    """One student in an earlier run; ``items`` by their ids as that run's answers file spells them."""

    marks: float
    first_error: str | None
    items: Mapping[str, PreviousItem]


@dataclass(frozen=True)
class Previous:
    """The marks of an earlier run, by student."""

    max_marks: float
    students: Mapping[str, PreviousStudent]


def read_previous(path: str | os.PathLike[str]) -> Previous:
    """The marks in a file that ``check -f json`` has written. Raises :class:`InputError` for any other file."""
    try:
        whole = _table(read_json(Path(path)), "")
        if whole.get("format") != MARKS_FORMAT:
            refuse(f"expected a file of the format {quoted(MARKS_FORMAT)}")
        students: dict[str, PreviousStudent] = {}
        for number, entry in enumerate(_list(whole.get("students"), "students"), 1):
            place = f"students[{number}]"
            table = _table(entry, place)
            student = _text(table.get("student"), f"{place}.student")
            if student in students:
                refuse(f"{quoted(student)} stands here twice", place)
            students[student] = _student(table, place)
        return Previous(_number(whole.get("max_marks"), "max_marks"), students)
    except InputError as error:
        raise error.named(os.fspath(path)) from None


def _student(table: Mapping[str, Any], place: str) -> PreviousStudent:
    items: dict[str, PreviousItem] = {}
    for number, entry in enumerate(_list(table.get("items"), f"{place}.items"), 1):
        where = f"{place}.items[{number}]"
        item = _table(entry, where)
        given, verdict, marks = (item.get(key) for key in ("given", "verdict", "marks"))
        read = PreviousItem(_text(given, where), _text(verdict, where), _number(marks, where))
        items[_text(item.get("id"), f"{where}.id")] = read
    error = table.get("first_error")
    first_error = None if error is None else _text(error, f"{place}.first_error")
    return PreviousStudent(_number(table.get("marks"), f"{place}.marks"), first_error, items)


def _table(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        refuse(f"{_kind(value)}, expected a table", place)
    return value


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        refuse(f"{_kind(value)}, expected a list", place)
    return value


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or isinstance(value, Typed):
        refuse(f"{_kind(value)}, expected text", place)
    return value


def _number(value: Any, place: str) -> float:
    number = float(value) if isinstance(value, Typed) else math.nan
    if not math.isfinite(number):
        refuse(f"{_kind(value)}, expected a finite number", place)
    return number


def _kind(value: Any) -> str:
    return f"the number {value[:40]}" if isinstance(value, Typed) else kind(value)
