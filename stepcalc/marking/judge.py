"""The verdicts: every answer against the key, and against its own step on the student's own earlier numbers.

Two states are kept. In ``own`` an item is what the student gave, right or wrong, or what follows from that; in
``clean`` it is what they gave as long as it was no mistake. What matches the step on ``clean`` numbers is right but for
rounding; what matches it only on their ``own`` follows from an earlier mistake. A third, ``afresh``, has their own
numbers forward only: a gradient may be found from those all the way, in one long product, whatever was written down
for the ones between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
import sympy as sp

from stepcalc.marking.interval import Interval
from stepcalc.marking.precision import Asked, Given, is_cut, is_nothing, is_right, is_rounded, is_single_digit_of, meets
from stepcalc.marking.state import Key, Known, State, choose, point, reach
from stepcalc.marking.steps import OwnStep, Steps

CORRECT, ROUNDING, FOLLOW_THROUGH, WRONG, MISSING, INVALID = range(6)
VERDICTS = ("correct", "rounding", "follow_through", "wrong", "missing", "invalid")

CUT, FEW_DIGITS, AT_A_CORNER, OWN_ROUNDING, REFUSED = (1 << bit for bit in range(5))
ACCEPTED, OTHER_FORM, PROVED, REACHED = (1 << bit for bit in range(5, 9))
"""What there is to say of an answer: cut off, fewer digits than asked, one of several slopes, right from the student's
own rounded numbers, followed from a number that makes its step constant, taken for right by the instructor; of a
formula, that it is not in the form asked, that it is proved equal, and not only at points; of a number, that it is off
by no more than rounding every step can cause."""

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
    """One item's answers: as numbers, and which of them were ``read``; the others are missing or ``invalid``.

    ``accepted`` are those that are to be taken for right whatever the key says.
    """

    given: Given
    read: np.ndarray
    invalid: np.ndarray
    accepted: np.ndarray


@dataclass(eq=False)
class Judge:
    """Judges the answers of many students, item by item in the order of the calculation.

    ``alike`` says how many neighbouring rows are one student: where answers are formulas, these are the points at
    which they are compared, and what holds has to hold at all of them.
    """

    steps: Steps
    asked: Asked
    key: Key
    between: frozenset[str]
    alike: int = 1
    judged: dict[str, Judged] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.right = State(self.steps, self.key, self.asked, frozenset())
        self.reachable, self.own, self.clean, self.afresh = (
            State(self.steps, self.key, self.asked, self.between) for _ in range(4)
        )

    def judge(self, item: str, answered: Answered) -> Judged:
        """The verdicts on one item. Items come in the order of the calculation."""
        self.judged[item] = self._judge(item, answered)
        return self.judged[item]

    def key_of_rows(self, rows: np.ndarray) -> Key:
        """The key of some of the students."""

        def key(item: str) -> np.ndarray | None:
            known = self.key(item)
            return known if known is None or len(known) == 1 else known[rows]

        return key

    def _judge(self, item: str, answered: Answered) -> Judged:
        given, step = answered.given, self.steps.step(item)
        right, box = self.right[item].point, given.box(self.asked)
        own, clean = self._after(item, step, self.own), self._after(item, step, self.clean)
        correct = is_right(given, right, self.asked)
        slopes = self._between_slopes(step, given)
        near = self._near(item, given, box, right)
        excused = near | self._gives(clean, given, box)
        followed = excused | self._gives(own, given, box)
        followed |= self._found_afresh(item, step, given, box, answered.read & ~(followed | correct))
        refused = followed & (own.point == 0) & (right != 0)
        refused &= _is_constant(step, self.own) if refused.any() else False
        holds = (
            (CORRECT, correct | slopes | answered.accepted),
            (ROUNDING, excused),
            (FOLLOW_THROUGH, followed & ~refused),
        )
        verdict = np.select(
            [answered.invalid, ~answered.read, *(self._at_all_points(where) for _, where in holds)],
            [INVALID, MISSING, *(verdict for verdict, _ in holds)],
            WRONG,
        ).astype(np.uint8)
        self._remember(item, given, verdict, own, clean)
        rounding = verdict == ROUNDING
        remarks = _marked(
            {
                CUT: rounding & is_cut(given, right),
                FEW_DIGITS: rounding & ~given.precise(self.asked),
                AT_A_CORNER: (verdict == CORRECT) & slopes & ~correct,
                ACCEPTED: (verdict == CORRECT) & answered.accepted & ~correct & ~slopes,
                OWN_ROUNDING: rounding & ~near,
                REFUSED: (verdict == WRONG) & refused,
                REACHED: rounding & near & ~is_cut(given, right) & ~is_rounded(given, right),
            }
        )
        return Judged(verdict, remarks, np.broadcast_to(right, verdict.shape))

    def _remember(self, item: str, given: Given, verdict: np.ndarray, own: Known, clean: Known) -> None:
        """What later steps are calculated from."""
        typed = Known(given.value, given.before_rounding(self.asked, self.right[item].point))
        readable = (verdict != MISSING) & (verdict != INVALID)
        self.own[item] = choose(readable, typed, own)
        if not self.steps.is_backward(item):
            self.afresh[item] = self.own[item]
        self.clean[item] = choose((verdict == CORRECT) | (verdict == ROUNDING), typed, clean)

    def _after(self, item: str, step: OwnStep | None, state: State) -> Known:
        """What a step gives from what is known before it."""
        if step is None or (step.formula is None and step.system is None):
            return self.right[item]
        return state.by(step)

    def _near(self, item: str, given: Given, box: Interval, right: np.ndarray) -> np.ndarray:
        """Where an answer is a number that rounding every step to the precision asked can reach."""
        reached = meets(box, given.value, self.reachable[item].reach, self.asked)
        fewer = is_nothing(given, right, self.asked) | is_single_digit_of(given, right, self.asked)
        return np.asarray(reached | fewer)

    def _gives(self, known: Known, given: Given, box: Interval) -> np.ndarray:
        """Where an answer is a number, as far as that is known."""
        met = meets(box, given.value, known.reach, self.asked)
        return np.asarray(met | is_single_digit_of(given, known.point, self.asked))

    def _found_afresh(
        self, item: str, step: OwnStep | None, given: Given, box: Interval, open: np.ndarray
    ) -> np.ndarray:
        """Where an answer that is still ``open`` is what follows from the student's own numbers forward."""
        if step is None or step.phase != "backward" or not open.any():
            return np.zeros(open.shape, bool)
        return self._gives(self._after(item, step, self.afresh), given, box)

    def _between_slopes(self, step: OwnStep | None, given: Given) -> np.ndarray:
        """Where the key's own step has several slopes to choose from, and the answer lies between them."""
        if step is None or not step.branches_on or step.formula is None:
            return np.zeros(given.value.shape, bool)
        between = reach(step.formula, self.right.__getitem__, step.branches_on)
        wide = between.hi - between.lo > A_CORNER * np.maximum(np.abs(between.lo), np.abs(between.hi))
        slack = given.unit / 2
        inside = (given.value >= between.lo - slack) & (given.value <= between.hi + slack)
        found: np.ndarray = wide & inside
        return found

    def _at_all_points(self, rows: np.ndarray) -> np.ndarray:
        """What holds in all rows of one student."""
        if self.alike == 1:
            return rows
        found: np.ndarray = np.repeat(rows.reshape(-1, self.alike).all(axis=1), self.alike)
        return found


def _is_constant(step: OwnStep | None, own: State) -> np.ndarray:
    """Where every product of a step back has a factor 0: nothing is left of all else that stands in it.

    Products that add up to 0 are another thing: each of them was calculated.
    """
    if step is None or step.formula is None or step.phase != "backward":
        return np.zeros(1, bool)
    return _vanishes(step.formula, own)


def _vanishes(formula: sp.Expr, own: State) -> np.ndarray:
    if isinstance(formula, sp.Add | sp.Mul):
        over = np.logical_and if isinstance(formula, sp.Add) else np.logical_or
        return reduce(over, (_vanishes(part, own) for part in formula.args))
    zero: np.ndarray = point(formula, own.__getitem__) == 0
    return zero


def _marked(said: Mapping[int, np.ndarray]) -> np.ndarray:
    """Bits for what is to be said, row by row."""
    bits = (np.where(where, np.uint16(remark), np.uint16(0)) for remark, where in said.items())
    return reduce(np.bitwise_or, bits)
