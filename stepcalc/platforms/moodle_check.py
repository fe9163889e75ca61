"""What was written for Moodle is read back: the key has to get all marks, and each mistake to be told what it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from stepcalc.errors import Fault, InputError
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Answer, Choice, Gap, Order, Question
from stepcalc.platforms.moodle_read import Field, Read, read_moodle


def check(paper: Paper, data: bytes) -> None:
    """Raises :class:`InputError` where Moodle would not mark a variant's questions as its key does."""
    found = read_moodle(data)
    if len(found) != len(paper.questions):
        _refuse(paper, 0, f"{len(found)} questions of {len(paper.questions)}")
    for read, question in zip(found, paper.questions, strict=True):
        _check(paper, read, question)


def _check(paper: Paper, read: Read, question: Question) -> None:
    fields = [(answer, part) for answer in question.answers for part in _parts(answer)]
    if len(fields) != len(read.fields):
        _refuse(paper, question.number, f"{len(read.fields)} fields for {len(fields)} answers")
    key = [_key(answer, part, field) for (answer, part), field in zip(fields, read.fields, strict=True)]
    if abs(read.percent(key) - 100) > 1e-9:
        _refuse(paper, question.number, f"the key {', '.join(key)} gets {read.percent(key):g} % of the marks")
    for (answer, _), field in zip(fields, read.fields, strict=True):
        if isinstance(answer, Gap):
            _check_mistakes(paper, question, answer, field)


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


def _check_mistakes(paper: Paper, question: Question, gap: Gap, field: Field) -> None:
    for value in _mistaken(gap):
        taken = field.taken(repr(value))
        if taken is None or taken.percent or not taken.said:
            _refuse(paper, question.number, f"{gap.item}: {value!r}, which a mistake gives, is not told what it is")


def _mistaken(gap: Gap) -> Iterator[float]:
    return (wrong.value for wrong in gap.wrongs if abs(wrong.value - gap.value) > gap.tolerance and wrong.why)


def _refuse(paper: Paper, number: int, what: str) -> NoReturn:
    raise InputError(Fault(f"variant {paper.variant.id}, question {number}", what), "moodle.xml")
