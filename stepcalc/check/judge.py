"""The verdicts: every answer against the key, and against its own step on the student's own earlier numbers.

Two states are kept. In ``own`` an item is what the student gave, right or wrong, or what follows from that; in ``clean``
it is what they gave as long as it was no mistake. What matches the step on ``clean`` numbers is right but for rounding;
what matches it only on their ``own`` follows from an earlier mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from stepcalc.check.interval import Interval
from stepcalc.check.precision import Asked, Given, is_cut, is_right, meets
from stepcalc.check.state import Known, State, reach
from stepcalc.check.steps import OwnStep, Steps

CORRECT, ROUNDING, FOLLOW_THROUGH, WRONG, MISSING, INVALID = range(6)
VERDICTS = ("correct", "rounding", "follow_through", "wrong", "missing", "invalid")

CUT, FEW_DIGITS, AT_A_CORNER, OWN_ROUNDING, REFUSED = (1 << bit for bit in range(5))
"""What there is to say of an answer: cut off, fewer digits than asked, one of several slopes, right from the student's
own rounded numbers, followed from a number that makes its step constant."""

A_CORNER = 1e-9
"""A step from exact numbers whose result may still differ by more than this share of it stands on a corner."""


@dataclass(frozen=True, eq=False)
class Judged:
    """One item's verdicts, (rows,), with what there is to say of each answer, and the right numbers."""

    verdict: np.ndarray
    remarks: np.ndarray
    right: np.ndarray


@dataclass(frozen=True, eq=False)
class Answered:
    """One item's answers: as numbers, and which of them were ``read``; the others are missing or ``invalid``."""

    given: Given
    read: np.ndarray
    invalid: np.ndarray


@dataclass(eq=False)
class Judge:
    """Judges the answers of many students, item by item in the order of the calculation.

    ``alike`` says how many neighbouring rows are one student: where answers are formulas, these are the points at
    which they are compared, and what holds has to hold at all of them.
    """

    steps: Steps
    asked: Asked
    key: Callable[[str], np.ndarray | None]
    between: frozenset[str]
    alike: int = 1
    judged: dict[str, Judged] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.right = State(self.steps, self.key, self.asked, frozenset())
        self.reachable, self.own, self.clean = (
            State(self.steps, self.key, self.asked, self.between) for _ in range(3)
        )

    def judge(self, order: Sequence[str], answers: Mapping[str, Answered]) -> dict[str, Judged]:
        """Every item of ``answers``, in ``order``, in which each item comes after those that it is found from."""
        for item in order:
            if item in answers:
                self.judged[item] = self._judge(item, answers[item])
        return self.judged

    def _judge(self, item: str, answered: Answered) -> Judged:
        given, read = answered.given, answered.read
        step = self.steps.step(item)
        right = self.right[item].point
        box = given.box(self.asked)
        own, clean = self._after(item, step, self.own), self._after(item, step, self.clean)
        correct = is_right(given, right, self.asked)
        corner = self._on_a_corner(step, given)
        near = self._near(item, given, box)
        followed, refused = self._follows(step, given, box, self.own, own), np.zeros(len(read), bool)
        from_clean = self._follows(step, given, box, self.clean, clean)
        if step is not None and step.phase == "backward":
            constant = (own.point == 0) & (right != 0)
            refused = followed & constant & ~from_clean
        verdict = np.select(
            [answered.invalid, ~read, self._all(correct | corner), self._all(near | from_clean), self._all(followed & ~refused)],
            [INVALID, MISSING, CORRECT, ROUNDING, FOLLOW_THROUGH],
            WRONG,
        ).astype(np.uint8)
        self._remember(item, given, box, verdict, own, clean)
        remarks = self._remarks(given, right, verdict, correct, near, refused)
        return Judged(verdict, remarks, np.broadcast_to(right, verdict.shape))

    def _remarks(
        self,
        given: Given,
        right: np.ndarray,
        verdict: np.ndarray,
        correct: np.ndarray,
        near: np.ndarray,
        refused: np.ndarray,
    ) -> np.ndarray:
        rounding = verdict == ROUNDING
        said = {
            CUT: rounding & is_cut(given, right),
            FEW_DIGITS: rounding & ~given.precise(self.asked),
            AT_A_CORNER: (verdict == CORRECT) & ~correct,
            OWN_ROUNDING: rounding & ~near,
            REFUSED: (verdict == WRONG) & refused,
        }
        remarks = np.zeros(verdict.shape, np.uint8)
        for remark, where in said.items():
            remarks |= np.where(where, remark, 0).astype(np.uint8)
        return remarks

    def _remember(
        self, item: str, given: Given, box: Interval, verdict: np.ndarray, own: Known, clean: Known
    ) -> None:
        """What later steps are calculated from."""
        typed = Known(given.value, Interval(np.where(given.exact, given.value, box.lo), np.where(given.exact, given.value, box.hi)))
        readable = (verdict != MISSING) & (verdict != INVALID)
        self.own[item] = _choose(readable, typed, own)
        self.clean[item] = _choose((verdict == CORRECT) | (verdict == ROUNDING), typed, clean)

    def _after(self, item: str, step: OwnStep | None, state: State) -> Known:
        """What a step gives from what is known before it."""
        if step is None or (step.formula is None and step.system is None):
            return self.right[item]
        return state.by(step)

    def _near(self, item: str, given: Given, box: Interval) -> np.ndarray:
        """Where an answer is a number that rounding every step to the precision asked can reach."""
        if not self.asked.by_digits:
            return np.zeros(given.value.shape, bool)
        return meets(box, given.value, self.reachable[item].reach)

    def _follows(self, step: OwnStep | None, given: Given, box: Interval, state: State, known: Known) -> np.ndarray:
        """Where an answer is what its step gives, in one of its right ways."""
        found = meets(box, given.value, known.reach)
        for other in step.others if step is not None and not found.all() else ():
            found = found | meets(box, given.value, reach(other, state.__getitem__))
        return found

    def _on_a_corner(self, step: OwnStep | None, given: Given) -> np.ndarray:
        """Where the key's own step has several slopes to choose from, and the answer lies between them."""
        if step is None or not step.branches_on or step.formula is None:
            return np.zeros(given.value.shape, bool)
        between = reach(step.formula, self.right.__getitem__, step.branches_on)
        wide = between.hi - between.lo > A_CORNER * np.maximum(np.abs(between.lo), np.abs(between.hi))
        slack = given.unit
        inside = (given.value >= between.lo - slack) & (given.value <= between.hi + slack)
        found: np.ndarray = wide & np.isfinite(between.lo + between.hi) & inside
        return found

    def _all(self, rows: np.ndarray) -> np.ndarray:
        """What holds in all rows of one student."""
        if self.alike == 1:
            return rows
        found: np.ndarray = np.repeat(rows.reshape(-1, self.alike).all(axis=1), self.alike)
        return found


def _choose(where: np.ndarray, yes: Known, no: Known) -> Known:
    reach = Interval(np.where(where, yes.reach.lo, no.reach.lo), np.where(where, yes.reach.hi, no.reach.hi))
    return Known(np.where(where, yes.point, no.point), reach)
