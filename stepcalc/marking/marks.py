"""The marks: per item a column of verdicts, one row a student."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from stepcalc.answers.base import Answers
from stepcalc.marking.judge import VERDICTS, WRONG
from stepcalc.marking.precision import Asked
from stepcalc.notebook import Shown
from stepcalc.trace import Trace


@dataclass(frozen=True, slots=True)
class Finding:
    """A misconception that gives an answer: its name, and the items that its sentence speaks of, by their parts.

    ``at`` is the item in whose step it was made, where that was not asked and the answer follows from it; else "".
    """

    name: str
    about: Mapping[str, str] = field(default_factory=dict)
    at: str = ""


@dataclass(frozen=True, slots=True)
class ItemMark:
    """One student's answer to one item. ``expected`` is a formula, as it can be typed, where there is no number.

    ``remarks`` are bits of :mod:`stepcalc.marking.judge`; ``findings`` the misconceptions that give this very answer,
    the likeliest first, and ``alike`` those that cannot be told apart from a right answer; ``reason`` says why nothing
    could be read; ``blocked_by`` is the item whose wrong value leaves this step nothing to follow from; ``decided`` the
    reason for which an instructor gave these marks by hand.
    """

    item: str
    given: str
    expected: float | str | None
    verdict: str
    marks: float
    worth: float
    remarks: int = 0
    findings: tuple[Finding, ...] = ()
    alike: tuple[Finding, ...] = ()
    reason: str = ""
    blocked_by: str = ""
    decided: str | None = None

    @property
    def diagnosis(self) -> str | None:
        """The name of the likeliest misconception."""
        return self.findings[0].name if self.findings else None


@dataclass(frozen=True, eq=False)
class Column:
    """One item of all students: ``item`` as spelled in the answers, ``id`` as in the trace.

    All arrays are (rows,). ``expected`` is NaN where there is no number, ``formulas`` has the right formula where one
    is asked, as it can be typed; ``worth`` is what the item is worth to a student, ``asked`` where it was asked and not
    dropped afterwards.
    """

    item: str
    id: str
    verdict: np.ndarray
    remarks: np.ndarray
    expected: np.ndarray
    marks: np.ndarray
    worth: np.ndarray
    asked: np.ndarray
    formulas: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    findings: Mapping[int, tuple[Finding, ...]] = field(default_factory=dict)
    alike: Mapping[int, tuple[Finding, ...]] = field(default_factory=dict)
    blocked: Mapping[int, str] = field(default_factory=dict)
    decided: Mapping[int, str] = field(default_factory=dict)

    def of(self, row: int, given: str) -> ItemMark:
        """One student's mark."""
        number = float(self.expected[row])
        return ItemMark(
            self.item,
            given,
            self.formulas.get(row) or (number if np.isfinite(number) else None),
            VERDICTS[self.verdict[row]],
            float(self.marks[row]),
            float(self.worth[row]),
            int(self.remarks[row]),
            self.findings.get(row, ()),
            self.alike.get(row, ()),
            self.reasons.get(row, ""),
            self.blocked.get(row, ""),
            self.decided.get(row),
        )


@dataclass(frozen=True)
class Policy:
    """How was marked: the precision asked, the shares of the marks, what could not be judged step by step."""

    asked: Asked
    follow_through: float
    rounding: float
    from_key: bool = False


@dataclass(frozen=True)
class StudentMarks:
    """One student's marks, item by item as in the answers; ``first_error`` in the order of the calculation."""

    student: str
    marks: float
    first_error: str | None
    items: tuple[ItemMark, ...]
    variant: str = ""
    others: Mapping[str, str] = field(default_factory=dict)


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


@dataclass(frozen=True, eq=False, repr=False)
class Marks(Shown):
    """The marks of a class. ``columns`` are as in the answers, ``order`` their places in the order of the calculation.

    ``traces`` are the solved problems by the names of their variants; a single one without variants has the name "".
    ``changes`` tell whose marks are not what they were the last time.
    """

    traces: Mapping[str, Trace]
    answers: Answers
    columns: tuple[Column, ...]
    order: tuple[int, ...]
    policy: Policy
    changes: tuple[StudentChange, ...] = ()

    def __repr__(self) -> str:
        """How many there are; the marks themselves are in ``totals``, and :meth:`student` by student."""
        students, items = len(self.answers.students), len(self.columns)
        return f"<Marks: {students} students, {items} items, {self.max_marks:g} marks at most>"

    @cached_property
    def max_marks(self) -> float:
        """The most that a student can have."""
        totals = np.sum([column.worth for column in self.columns], axis=0) if self.columns else np.zeros(1)
        return float(np.max(totals, initial=0.0))

    @cached_property
    def totals(self) -> np.ndarray:
        """Each student's marks, (rows,)."""
        found: np.ndarray = np.sum([column.marks for column in self.columns], axis=0)
        return found

    @cached_property
    def first_errors(self) -> np.ndarray:
        """For each student the place of the first wrong item in ``columns``; -1 where nothing is wrong."""
        found = np.full(len(self.answers.students), -1)
        for place in reversed(self.order):
            column = self.columns[place]
            found[(column.verdict == WRONG) & column.asked] = place
        return found

    def student(self, row: int) -> StudentMarks:
        """One student's marks."""
        answers, first = self.answers, int(self.first_errors[row])
        items = tuple(column.of(row, answers.raw[column.item][row]) for column in self.columns if column.asked[row])
        return StudentMarks(
            answers.students[row],
            float(self.totals[row]),
            None if first < 0 else self.columns[first].item,
            items,
            answers.variants[row] if answers.variants else "",
            {name: column[row] for name, column in answers.others.items()},
        )

    def __iter__(self) -> Iterator[StudentMarks]:
        """Student after student."""
        return map(self.student, range(len(self.answers.students)))
