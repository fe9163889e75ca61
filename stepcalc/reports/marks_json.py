"""The marks as data: stepcalc-marks/1."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from stepcalc.marking.judge import (
    ACCEPTED,
    AT_A_CORNER,
    CUT,
    FEW_DIGITS,
    OTHER_FORM,
    OWN_ROUNDING,
    PROVED,
    REACHED,
    REFUSED,
)
from stepcalc.marking.marks import Finding, ItemMark, StudentMarks
from stepcalc.reports.notes import note, policy
from stepcalc.reports.report import Report
from stepcalc.rounding import Rounding

FORMAT = "stepcalc-marks/1"
REMARKS = {
    CUT: "cut",
    FEW_DIGITS: "few_digits",
    AT_A_CORNER: "at_a_corner",
    OWN_ROUNDING: "own_rounding",
    REACHED: "reached",
    REFUSED: "refused",
    ACCEPTED: "accepted",
    OTHER_FORM: "other_form",
    PROVED: "proved",
}
"""What there is to say of an answer, by name."""
SUMS = Rounding(significant=12)
"""Sums of shares of marks, without what doubles add to them."""


def marks_json(report: Report) -> str:
    """All marks, a student a line."""
    return "".join(_pieces(report))


def _pieces(report: Report) -> Iterator[str]:
    marks = report.marks
    head = {
        "format": FORMAT,
        "title": report.title,
        "max_marks": _sum(marks.max_marks),
        "policy": {**asdict(marks.policy), "words": [report.told(said) for said in policy(report)]},
        "notices": list(marks.answers.notices),
    }
    if marks.changes:
        head["changes"] = [asdict(change) for change in marks.changes]
    yield _json(head)[:-1] + ', "students": ['
    writer = _Writer(report)
    for place, student in enumerate(marks):
        yield ("," if place else "") + "\n" + _json(writer.student(student))
    yield "\n]}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


@lru_cache(maxsize=4096)
def _sum(marks: float) -> float:
    return float(SUMS.printed(marks))


class _Writer:
    """Writes students; what many of them have alike is said once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._notes: dict[tuple[Any, ...], str] = {}

    def student(self, student: StudentMarks) -> dict[str, Any]:
        told: dict[str, Any] = {"student": student.student}
        if student.variant:
            told["variant"] = student.variant
        if student.others:
            told["others"] = dict(student.others)
        items = [self.item(mark) for mark in student.items]
        return {**told, "marks": _sum(student.marks), "first_error": student.first_error, "items": items}

    def item(self, mark: ItemMark) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": mark.item,
            "given": mark.given,
            "expected": mark.expected,
            "verdict": mark.verdict,
            "marks": _sum(mark.marks),
            "worth": _sum(mark.worth),
            "diagnosis": mark.diagnosis,
            "note": self._note(mark),
        }
        if _is_plain(mark):
            return told
        more = {
            "remarks": [name for remark, name in REMARKS.items() if mark.remarks & remark],
            "findings": _findings(mark.findings),
            "alike": _findings(mark.alike),
            "reason": mark.reason,
            "blocked_by": mark.blocked_by,
            "decided": mark.decided,
        }
        return told | {name: value for name, value in more.items() if value not in (None, "", [])}

    def _note(self, mark: ItemMark) -> str:
        if _is_plain(mark):
            return ""
        why = mark.reason, mark.blocked_by, mark.decided
        about = mark.verdict, mark.remarks, _key(mark.findings), _key(mark.alike), *why
        if about not in self._notes:
            self._notes[about] = self.report.told(note(self.report, mark))
        return self._notes[about]


def _is_plain(mark: ItemMark) -> bool:
    """Whether there is nothing to say of a right answer."""
    return mark.verdict == "correct" and not mark.remarks and mark.decided is None


def _findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    told = ({"name": finding.name, "about": dict(finding.about), "at": finding.at} for finding in findings)
    return [{part: value for part, value in finding.items() if part != "at" or value} for finding in told]


def _key(findings: Iterable[Finding]) -> tuple[Any, ...]:
    return tuple((finding.name, tuple(finding.about.items()), finding.at) for finding in findings)
