"""Which mistake gives a wrong answer, when made in the item's own step on the student's own earlier numbers?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from stepcalc.check.interval import Interval
from stepcalc.check.judge import ROUNDING, WRONG, Judge, Judged
from stepcalc.check.marks import Finding
from stepcalc.check.misconceptions import CATALOGUE, Change
from stepcalc.check.precision import SAME, Given, meets
from stepcalc.check.state import Known, Look, point, reach
from stepcalc.check.steps import OwnStep

Findings = dict[int, tuple[Finding, ...]]

NEARBY = 0.6
"""A change is looked at more closely where its number is no further from the answer than this share of it, or a few
units of its last digit."""
UNITS = 3.0


def changes(step: OwnStep, judge: Judge) -> Iterator[tuple[Finding, Change]]:
    """The step with every mistake that can be made in it."""
    for name, misconception in CATALOGUE.items():
        for change in misconception.changes(step, judge.steps):
            yield Finding(name, change.about), change


def diagnose(judge: Judge, item: str, given: Given, judged: Judged) -> tuple[Findings, Findings]:
    """For the rows of wrong answers what explains them; for those that rounding excuses what they might be as well."""
    step = judge.steps.step(item)
    rows = np.flatnonzero((judged.verdict == WRONG) | (judged.verdict == ROUNDING))
    if step is None or step.formula is None or not len(rows):
        return {}, {}
    explained: dict[int, list[Finding]] = defaultdict(list)
    look, there = judge.own.on(rows), given.of_rows(rows)
    right = point(step.formula, look)
    box = there.box(judge.asked)
    for finding, change in changes(step, judge):
        for row in rows[matching(change, look, there, box, right, judge.alike)].tolist():
            explained[row].append(finding)
    wrong = {row: tuple(found) for row, found in explained.items() if judged.verdict[row] == WRONG}
    alike = {row: tuple(found) for row, found in explained.items() if judged.verdict[row] == ROUNDING}
    return wrong, alike


def matching(change: Change, look: Look, given: Given, box: Interval, right: np.ndarray, alike: int) -> np.ndarray:
    """Where an answer is what the changed step gives, and that is not what the right one gives."""
    seen = misreading(look, change)
    found = point(change.formula, seen)
    far = np.abs(found - given.value) > NEARBY * np.abs(given.value) + UNITS * given.unit
    apart = np.abs(found - right) > SAME * np.maximum(np.abs(found), np.abs(right))
    candidates = np.flatnonzero(~far & apart & np.isfinite(found))
    hits = np.zeros(len(given.value), bool)
    if len(candidates):
        closely = reach(change.formula, _of(seen, candidates))
        there = Interval(box.lo[candidates], box.hi[candidates])
        hits[candidates] = meets(there, given.value[candidates], closely)
    if alike > 1:
        hits = np.repeat(hits.reshape(-1, alike).all(axis=1), alike)
    return hits


def misreading(look: Look, change: Change) -> Look:
    """Where the numbers of a changed step are found."""
    if not change.misread:
        return look

    def seen(item: str) -> Known:
        known = look(item)
        if item not in change.misread:
            return known
        read = change.misread[item](known.point)
        return Known(read, Interval(read, read))

    return seen


def _of(look: Look, rows: np.ndarray) -> Look:
    def some(item: str) -> Known:
        return look(item).of_rows(rows)

    return some
