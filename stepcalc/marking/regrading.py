"""Marking again: marks that the instructor has decided, and what has changed since the last time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from stepcalc.answers.overrides import Override, Previous, PreviousItem
from stepcalc.marking.marks import Column, ItemChange, ItemMark, Marks, StudentChange

UNCHANGED = 1e-9


def decided(marks: Marks, overrides: Iterable[Override]) -> Marks:
    """The marks with the instructor's own in place of those found; the notices tell what fits nobody."""
    rows = {student: row for row, student in enumerate(marks.answers.students)}
    columns = {column.id: column for column in marks.columns}
    by_item: dict[str, dict[int, Override]] = {}
    notices = []
    for override in overrides:
        row, column = rows.get(override.student), columns.get(override.item)
        if told := _told(override, row, column):
            notices.append(f"{override.place}: {told}")
        if row is not None and column is not None and column.asked[row]:
            by_item.setdefault(override.item, {})[row] = override
    answers = replace(marks.answers, notices=(*marks.answers.notices, *notices))
    made = tuple(_with(column, by_item.get(column.id, {})) for column in marks.columns)
    return replace(marks, answers=answers, columns=made)


def _told(override: Override, row: int | None, column: Column | None) -> str:
    """What there is to say of marks set by hand; they count where they are asked, however many they are."""
    if row is None:
        return f'there is no student "{override.student}" here'
    if column is None:
        return f"there are no answers to {override.item} here"
    if not column.asked[row]:
        return f"{column.item} is not asked, or was dropped; the marks set by hand do not count"
    worth = float(column.worth[row])
    return f"{override.marks:g} marks, more than the {worth:g} that {column.item} is worth" * (override.marks > worth)


def _with(column: Column, overrides: Mapping[int, Override]) -> Column:
    if not overrides:
        return column
    marks = np.array(column.marks)
    for row, override in overrides.items():
        marks[row] = override.marks
    return replace(column, marks=marks, decided={row: override.reason for row, override in overrides.items()})


def since(marks: Marks, before: Previous) -> Marks:
    """The marks with what has changed in them."""
    return replace(marks, changes=tuple(changes(marks, before)))


def changes(marks: Marks, before: Previous) -> Iterator[StudentChange]:
    """Whose marks are not what they were, and why."""
    for row, student in enumerate(marks.answers.students):
        then, now = before.students.get(student), float(marks.totals[row])
        if then is None:
            yield StudentChange(student, None, now)
        elif found := tuple(_item_changes(marks, row, then.items)):
            yield StudentChange(student, then.marks, now, found)
    here = set(marks.answers.students)
    gone = (student for student in before.students if student not in here)
    yield from (StudentChange(student, before.students[student].marks, None) for student in gone)


def _item_changes(marks: Marks, row: int, then: Mapping[str, PreviousItem]) -> Iterator[ItemChange]:
    now = {mark.item: mark for mark in marks.student(row).items}
    for item in dict.fromkeys((*now, *then)):
        was, mark = then.get(item), now.get(item)
        old, new = was.marks if was else 0.0, mark.marks if mark else 0.0
        if abs(new - old) > UNCHANGED:
            yield ItemChange(item, old, new, _why(was, mark))


def _why(was: PreviousItem | None, mark: ItemMark | None) -> str:
    if was is None or mark is None:
        return "asked"
    if mark.decided is not None:
        return "decision"
    if was.given != mark.given:
        return "answer"
    return "verdict" if was.verdict != mark.verdict else "worth"
