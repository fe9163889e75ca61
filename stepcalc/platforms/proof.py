"""Is an export right? Each is read back by a reader of its own, and the answers of the key, and mistakes, are marked.

What a reader gives is one :class:`Field` for each answer of the exam, in their order, which marks as the platform does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Protocol, TypeAlias

from stepcalc.board.plain import clean
from stepcalc.errors import Fault, InputError
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Answer, Choice, Gap, Order, Question, Sentence
from stepcalc.platforms.marked import mark_of
from stepcalc.platforms.spans import mistakes

JOINER = "\u2060"
"""What no platform shows, and parts a bracket from what could be taken for an id."""

Given: TypeAlias = str | int | tuple[int, ...]
"""What somebody answers: the number as it is typed, which option, counted from 0, or the lines in their order."""


class Field(Protocol):
    """Where one answer is given: what stands there, what it is worth, how it is marked and commented on."""

    @property
    def text(self) -> str:
        """The words around it."""

    @property
    def points(self) -> float:
        """The marks of a right answer."""

    def share(self, given: Given) -> float:
        """The part of the marks that an answer is given, from 0 to 1."""

    def told(self, given: Given) -> str:
        """What is said of an answer."""


def prove(paper: Paper, fields: Sequence[Field], file: str) -> None:
    """Whether the key of a variant is given all marks, a mistake none, and whether it is said why.

    Raises :class:`InputError` that names the answer and what is wrong: an export that marks wrongly is not written.
    """
    answers = [(question, answer) for question in paper.questions for answer in question.answers]
    faults = list(_faults(paper, answers, fields))
    if faults:
        place = f"{file}: variant {paper.variant.id}"
        raise InputError([Fault(place, fault) for fault in faults])


def _faults(paper: Paper, answers: Sequence[tuple[Question, Answer]], fields: Sequence[Field]) -> Iterator[str]:
    if len(answers) != len(fields):
        yield f"{len(fields)} questions were read back, expected {len(answers)}"
        return
    for number, ((question, answer), field) in enumerate(zip(answers, fields, strict=True), start=1):
        for fault in _wrong(paper, question, answer, field):
            yield f"question {question.number}, answer {number}: {fault}"
    total, expected = math.fsum(field.points for field in fields), math.fsum(answer.worth for _, answer in answers)
    if not math.isclose(total, expected, rel_tol=1e-9):
        yield f"{total:g} marks in all, expected {expected:g}"


def _wrong(paper: Paper, question: Question, answer: Answer, field: Field) -> Iterator[str]:
    match answer:
        case Gap():
            yield from _wrong_gap(paper, question, answer, field)
        case Choice(options):
            for place, option in enumerate(options):
                if field.share(place) != option.right:
                    yield f"option {place + 1} is marked {field.share(place):g}, expected {option.right:g}"
                if not says(field.told(place), option.why):
                    yield f"nothing explains option {place + 1}"
        case Order(order=order):
            if field.share(order) != 1:
                yield f"the right order is marked {field.share(order):g}"
            if order[::-1] != order and field.share(order[::-1]) == 1:
                yield "a wrong order is marked right"


def _wrong_gap(paper: Paper, question: Question, gap: Gap, field: Field) -> Iterator[str]:
    mark = mark_of(paper, question, gap)
    if mark not in field.text:
        yield f"it does not say that it asks {gap.item}"
    for typed in (repr(gap.value), gap.printed):
        if field.share(typed) != 1:
            yield f"{typed}, which is right, is marked {field.share(typed):g}"
    for wrong in mistakes(gap):
        typed = repr(wrong.value)
        if field.share(typed) != 0:
            yield f"{typed}, which a mistake gives ({wrong.name}), is marked {field.share(typed):g}"
        if not says(field.told(typed), wrong.why):
            yield f"nothing explains {typed}, which a mistake gives ({wrong.name})"


def says(told: str, sentence: Sentence) -> bool:
    """Whether all words of a sentence stand in what is told, whatever its formulas became."""
    pieces = (" ".join(clean(piece).split()) for piece in sentence if isinstance(piece, str))
    return all(piece in told.replace(JOINER, "") for piece in pieces)
