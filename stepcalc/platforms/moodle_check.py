"""What was written for Moodle is read back: the key has to get all marks, and each mistake to be told what it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NoReturn

from stepcalc.answers.exports import NO_ITEM, ids_in
from stepcalc.answers.names import ItemNames
from stepcalc.errors import Fault, InputError
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Answer, Choice, Gap, Order
from stepcalc.platforms.moodle_fields import Field
from stepcalc.platforms.moodle_read import Read, read_moodle


def check(paper: Paper, asked: Sequence[tuple[Sequence[Answer], Sequence[str]]], data: bytes) -> None:
    """Raises :class:`InputError` where Moodle would not mark the answers to each question as the key does.

    ``asked`` are the answers to each, and what says before each field for which item it asks: the marking has to read
    just that.
    """
    found = read_moodle(data)
    if len(found) != len(asked):
        _refuse(paper, "", f"{len(found)} questions of {len(asked)}")
    names = ItemNames(paper.variant.problem)
    for read, (answers, marks) in zip(found, asked, strict=True):
        _check(paper, read, answers)
        items = [gap.item if isinstance(gap, Gap) else "" for gap in answers for _ in _parts(gap)]
        said = tuple(
            None if mark == NO_ITEM else names.scalar(item) for mark, item in zip(marks, items, strict=True) if mark
        )
        if ids_in(read.text, names) != said:
            _refuse(paper, read.name, f"the marking would read {ids_in(read.text, names)} for {said}")


def _check(paper: Paper, read: Read, answers: Sequence[Answer]) -> None:
    parts = [(answer, part) for answer in answers for part in _parts(answer)]
    if len(parts) != len(read.fields):
        _refuse(paper, read.name, f"{len(read.fields)} fields for {len(parts)} answers")
    key = [_key(answer, part, field) for (answer, part), field in zip(parts, read.fields, strict=True)]
    if abs(read.percent(key) - 100) > 1e-9:
        _refuse(paper, read.name, f"the key {', '.join(key)} gets {read.percent(key):g} % of the marks")
    for (answer, _), field in zip(parts, read.fields, strict=True):
        if isinstance(answer, Gap):
            _check_mistakes(paper, read, answer, field)


def _parts(answer: Answer) -> range:
    return range(len(answer.shown) if isinstance(answer, Order) else 1)


def _key(answer: Answer, part: int, field: Field) -> str:
    """What the key has for a field: of a choice the text of the option at its place."""
    match answer:
        case Gap():
            return answer.printed
        case Choice():
            return field.known[answer.options.index(answer.right)].answer
        case Order():
            return str(answer.order.index(part) + 1)


def _check_mistakes(paper: Paper, read: Read, gap: Gap, field: Field) -> None:
    """A number that a mistake gives is told what it is, or is so near that it is right."""
    for wrong in (one for one in gap.wrongs if math.isfinite(one.value)):
        taken = field.taken(repr(wrong.value))
        if taken is not None and taken.percent:
            served = abs(wrong.value - gap.value) <= 1.02 * max(gap.tolerance, 1e-9 * abs(gap.value), 1e-12)
        else:
            served = (taken is not None and bool(taken.said)) or not wrong.why
        if not served:
            _refuse(paper, read.name, f"{gap.item}: {wrong.value!r}, which a mistake gives, is not told what it is")


def _refuse(paper: Paper, name: str, what: str) -> NoReturn:
    raise InputError(Fault(name or f"variant {paper.variant.id}", what), "moodle.xml")
