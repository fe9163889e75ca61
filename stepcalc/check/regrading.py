"""Marking again: marks that the instructor has decided, and what has changed since the last time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from stepcalc.check.marks import Column, ItemMark, Marks

UNCHANGED = 1e-9


@dataclass(frozen=True, slots=True)
class Decision:
    """An instructor's own mark for one student's item, with the reason."""

    student: str
    item: str
    marks: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ItemBefore:
    """What was said of an answer the last time."""

    given: str
    verdict: str
    marks: float


@dataclass(frozen=True, slots=True)
class ItemChange:
    """How an item's marks came to differ; ``why`` is one of WHYS."""

    item: str
    before: float
    after: float
    why: str


WHYS = ("answer", "decision", "verdict", "worth", "asked")
"""Another answer, an instructor's decision, another verdict, the same verdict worth something else, (not) asked now."""


@dataclass(frozen=True, slots=True)
class StudentChange:
    """Whose marks have changed: from ``before`` to ``after``, None where there are none."""

    student: str
    before: float | None
    after: float | None
    items: tuple[ItemChange, ...] = ()


Before = Mapping[str, Mapping[str, ItemBefore]]
"""What was said the last time: by student, by item."""


def decided(marks: Marks, decisions: Iterable[Decision]) -> Marks:
    """The marks with the instructor's decisions in place of those found; what fits nothing is told by the notices."""
    rows = {student: row for row, student in enumerate(marks.answers.students)}
    columns = {column.item: column for column in marks.columns} | {column.id: column for column in marks.columns}
    changed: dict[str, dict[int, Decision]] = {}
    notices = []
    for decision in decisions:
        column, row = columns.get(decision.item), rows.get(decision.student)
        if column is None or row is None:
            what = f'student "{decision.student}"' if row is None else f'item "{decision.item}"'
            notices.append(f"overrides: there is no {what} here")
            continue
        changed.setdefault(column.item, {})[row] = decision
    answers = replace(marks.answers, notices=(*marks.answers.notices, *notices))
    made = tuple(_with(column, changed.get(column.item, {})) for column in marks.columns)
    return replace(marks, answers=answers, columns=made)


def _with(column: Column, decisions: Mapping[int, Decision]) -> Column:
    if not decisions:
        return column
    marks = np.array(column.marks)
    for row, decision in decisions.items():
        marks[row] = decision.marks
    return replace(column, marks=marks, decided={row: decision.reason for row, decision in decisions.items()})


def changes(marks: Marks, before: Before) -> Iterator[StudentChange]:
    """Whose marks are not what they were, and why."""
    for row, student in enumerate(marks.answers.students):
        then, now = before.get(student), float(marks.totals[row])
        if then is None:
            yield StudentChange(student, None, now)
        elif found := tuple(_item_changes(marks, row, then)):
            yield StudentChange(student, _total(then), now, found)
    here = set(marks.answers.students)
    yield from (StudentChange(student, _total(then), None) for student, then in before.items() if student not in here)


def _total(items: Mapping[str, ItemBefore]) -> float:
    return sum(item.marks for item in items.values())


def _item_changes(marks: Marks, row: int, then: Mapping[str, ItemBefore]) -> Iterator[ItemChange]:
    now = {mark.item: mark for mark in marks.student(row).items}
    for item in dict.fromkeys((*now, *then)):
        was, mark = then.get(item), now.get(item)
        old, new = was.marks if was else 0.0, mark.marks if mark else 0.0
        if abs(new - old) > UNCHANGED:
            yield ItemChange(item, old, new, _why(was, mark))


def _why(was: ItemBefore | None, mark: ItemMark | None) -> str:
    if was is None or mark is None:
        return "asked"
    if mark.decided is not None:
        return "decision"
    if was.given != mark.given:
        return "answer"
    return "verdict" if was.verdict != mark.verdict else "worth"
