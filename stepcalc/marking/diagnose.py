"""Which mistake gives a wrong answer, when made in the item's own step on the student's own earlier numbers?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np
import sympy as sp

from stepcalc.backend import quiet
from stepcalc.marking.interval import Interval
from stepcalc.marking.judge import MISSING, ROUNDING, WRONG, Judge, Judged
from stepcalc.marking.marks import Finding
from stepcalc.marking.misconceptions import Change
from stepcalc.marking.misconceptions.slips import decimals
from stepcalc.marking.mistakes import MOST_AGAIN, Mistake, Mistakes
from stepcalc.marking.precision import Given, is_same, is_single_digit_of, meets, rounded_off
from stepcalc.marking.state import Known, Look, Numbers, point, reach
from stepcalc.marking.steps import OwnStep

Findings = dict[int, tuple[Finding, ...]]

NEARBY, WIDER, UNITS = 0.02, 8.0, 3.0
"""A change is looked at more closely where its number is no further from the answer than this share of it, or so many
times as far as the right step's numbers reach, of themselves or of it, and so many units of its last digit."""
MOST_PATTERNS = 3
"""So many ways of leaving answers blank are looked at, the commonest ones; all others as if nothing were blank."""
SHARP = 0.02
"""A far-fetched mistake explains an answer where it leaves open no more than this share of it, or a few units: of many
mistakes, with what rounding makes of each, one would reach almost any number."""


class Diagnoser:
    """Finds what explains the answers that a judge has judged."""

    def __init__(self, judge: Judge) -> None:
        self.judge, self.steps = judge, judge.steps
        self.mistakes = Mistakes(judge.steps)

    def diagnose(self, item: str, given: Given, judged: Judged) -> tuple[Findings, Findings]:
        """For the rows of wrong answers what explains them; for those that rounding excuses what they might be as well.

        What is about the same items is named once for each, where it is first found.
        """
        step = self.steps.step(item)
        rows = np.flatnonzero((judged.verdict == WRONG) | (judged.verdict == ROUNDING))
        if step is None or (step.formula is None and step.system is None) or not len(rows):
            return {}, {}
        wrong = judged.verdict[rows] == WRONG
        hits: dict[object, tuple[Finding, np.ndarray]] = {}
        with quiet():
            for mistake, there in self._tried(step, rows, given, wrong):
                finding = mistake.finding
                what = finding.name, finding.at, *sorted(finding.about.items())
                hits[what] = (finding, hits[what][1] | there if what in hits else there)
        if not hits:
            return {}, {}
        findings, table = [finding for finding, _ in hits.values()], np.array([there for _, there in hits.values()])
        return _listed(rows[wrong], findings, table[:, wrong]), _listed(rows[~wrong], findings, table[:, ~wrong])

    def _tried(
        self, step: OwnStep, rows: np.ndarray, given: Given, wrong: np.ndarray
    ) -> Iterator[tuple[Mistake, np.ndarray]]:
        """Mistakes, each with where in ``rows`` it gives the answer.

        Far-fetched ones are looked for where an answer is ``wrong`` and no other mistake in its own step explains it.
        """
        compared = Compared(self.judge, step, rows, given.of_rows(rows))
        own = list(self.mistakes.own(step))
        unexplained = wrong.copy()
        for mistake in own:
            if not mistake.far_fetched:
                hits = compared.with_(mistake)
                unexplained &= ~hits
                yield mistake, hits
        yield from _tried_among(unexplained, compared, (mistake for mistake in own if mistake.far_fetched))
        patterns = list(self._patterns(step, rows))
        for answered, where in patterns:
            before = self.mistakes.before(step, answered, MOST_AGAIN // len(patterns))
            yield from _tried_among(where, compared, before)

    def _patterns(self, step: OwnStep, rows: np.ndarray) -> Iterator[tuple[frozenset[str], np.ndarray]]:
        """Which of the items on the way to this one are answered, each time with where in ``rows``."""
        judged = self.judge.judged
        asked = [known.item for known in self.mistakes.above(step, ()) if known.item in judged]
        blank = np.array([judged[item].verdict[rows] >= MISSING for item in asked]).reshape(len(asked), len(rows))
        pattern = (1 << np.arange(len(asked))) @ blank  # as the bits of a number: there are at most MOST_ABOVE
        patterns, counts = np.unique(pattern, return_counts=True)
        common = patterns[np.argsort(-counts, kind="stable")][:MOST_PATTERNS]
        for this in common.tolist():
            left_out = {item for place, item in enumerate(asked) if this >> place & 1}
            yield frozenset(judged) - left_out, pattern == this
        rest = ~np.isin(pattern, common)
        if rest.any():
            yield frozenset(judged), rest


def _tried_among(
    where: np.ndarray, compared: Compared, mistakes: Iterable[Mistake]
) -> Iterator[tuple[Mistake, np.ndarray]]:
    """Mistakes, each with where in all rows it gives the answer, looked for in some of them."""
    if where.all():
        yield from ((mistake, compared.with_(mistake)) for mistake in mistakes)
    elif where.any():
        some = compared.of(np.flatnonzero(where))
        for mistake in mistakes:
            hits = np.zeros(len(where), bool)
            hits[where] = some.with_(mistake)
            yield mistake, hits


def _listed(rows: np.ndarray, findings: Sequence[Finding], table: np.ndarray) -> Findings:
    """By row the findings that hit there, (findings, rows); rows with the same ones share one list of them."""
    places = np.flatnonzero(table.any(axis=0))
    patterns = np.ascontiguousarray(np.packbits(table[:, places], axis=0).T)
    known: dict[bytes, tuple[Finding, ...]] = {}
    found: Findings = {}
    for row, place, pattern in zip(rows[places].tolist(), places.tolist(), map(bytes, patterns), strict=True):
        if pattern not in known:
            known[pattern] = _once(findings[at] for at in np.flatnonzero(table[:, place]).tolist())
        found[row] = known[pattern]
    return found


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What is about the same items named once, where it is first found."""
    found: dict[object, Finding] = {}
    for finding in findings:
        found.setdefault((finding.name, *sorted(finding.about.items())), finding)
    return tuple(found.values())


class Compared:
    """Some rows' answers to one item, to be compared with what mistakes give."""

    def __init__(self, judge: Judge, step: OwnStep, rows: np.ndarray, given: Given) -> None:
        self.judge, self.step, self.rows, self.given = judge, step, rows, given
        self.look = judge.own.on(rows)

    def of(self, some: np.ndarray) -> Compared:
        """Some of the rows."""
        return Compared(self.judge, self.step, self.rows[some], self.given.of_rows(some))

    @cached_property
    def right(self) -> Known:
        """What the right step gives."""
        if self.step.formula is None:
            return self.judge.own.by(self.step).of_rows(self.rows)
        return Known(point(self.step.formula, self.look), reach(self.step.formula, self.look))

    @cached_property
    def ways(self) -> tuple[np.ndarray, ...]:
        """The numbers of the right step in all its right ways: ŷ − y, too, where that is one."""
        others = (point(other, self.look) for other in self.step.others)
        return tuple(np.broadcast_to(found, self.given.value.shape) for found in (self.right.point, *others))

    def is_right(self, numbers: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Where numbers, which belong to some of the rows, are what the right step gives."""
        found: np.ndarray = np.logical_or.reduce([is_same(numbers, right[rows]) for right in self.ways])
        return found

    @cached_property
    def nearby(self) -> np.ndarray:
        """How far from an answer a number may be to be looked at more closely."""
        size, right = np.abs(self.given.value), self.right
        around = np.nan_to_num(right.reach.hi - right.reach.lo, posinf=0.0)
        with quiet():
            share = np.nan_to_num(around / np.abs(right.point), posinf=0.0)
        found: np.ndarray = np.maximum(np.maximum(NEARBY, WIDER * share) * size, WIDER * around)
        return found + UNITS * self.given.unit

    @cached_property
    def box(self) -> Interval:
        """What the answers may have been before they were rounded."""
        return self.given.box(self.judge.asked)

    def with_(self, mistake: Mistake) -> np.ndarray:
        """Where an answer is what a mistake gives, and that is not what the right step gives."""
        own = mistake.changes.get(self.step.item)
        hits = self._mistyped(own) if own is not None and own.mistyped is not None else self._mistaken(mistake, own)
        alike = self.judge.alike
        return hits if alike == 1 else np.repeat(hits.reshape(-1, alike).all(axis=1), alike)

    def _mistaken(self, mistake: Mistake, own: Change | None) -> np.ndarray:
        given = self.given
        read = own.misread if own is not None else {}
        everywhere = {item: np.broadcast_to(self.look(item).point, given.value.shape) for item in read}
        misread = {item: read[item](numbers) for item, numbers in everywhere.items()}
        end = self.step.item
        found = np.atleast_2d(Wrongly(mistake, end, self.judge, _overlaid(self.look, misread))(end).point)
        ways, rows = np.nonzero(np.abs(found - given.value) <= self.nearby)
        numbers = np.broadcast_to(found, (len(found), len(given.value)))[ways, rows]
        apart = ~self.is_right(numbers, rows)
        ways, rows, numbers = ways[apart], rows[apart], numbers[apart]
        if not len(rows):
            return np.zeros(len(given.value), bool)
        chosen = {item: numbers[ways, rows] for item, numbers in misread.items()}
        closely = _overlaid(self.judge.own.on(self.rows[rows]), chosen)
        reached = Wrongly(mistake, end, self.judge, closely)(end).reach
        met = meets(Interval(self.box.lo[rows], self.box.hi[rows]), given.value[rows], reached, self.judge.asked)
        if mistake.far_fetched:
            return self._hit(rows, met & self._sharp(rows, reached))
        return self._hit(rows, met | is_single_digit_of(given.of_rows(rows), numbers, self.judge.asked))

    def _mistyped(self, own: Change) -> np.ndarray:
        """Where an answer that was meant otherwise is what the step gives."""
        given, hits = self.given, np.zeros(len(self.given.value), bool)
        assert own.mistyped is not None
        meant = own.mistyped(given.value)
        near = np.abs(meant - self.right.point) <= self.nearby
        ways, rows = np.nonzero(near & (meant != given.value))
        if not len(rows):
            return hits
        some = given.of_rows(rows)
        value = meant[ways, rows]
        unit = np.minimum(some.unit, 10.0 ** -decimals(value)[1])  # a 0 that was not typed may be one of the two digits
        box = Given(value, unit, some.places, some.figures).box(self.judge.asked)
        reached = reach(own.formula, self.judge.own.on(self.rows[rows]))
        return self._hit(rows, meets(box, value, reached, self.judge.asked) & self._sharp(rows, reached))

    def _sharp(self, rows: np.ndarray, reached: Interval) -> np.ndarray:
        """Where a mistake gives hardly more than one number."""
        size, unit = np.abs(self.given.value[rows]), self.given.unit[rows]
        sharp: np.ndarray = reached.hi - reached.lo <= SHARP * size + UNITS * unit
        return sharp

    def _hit(self, rows: np.ndarray, met: np.ndarray) -> np.ndarray:
        hits = np.zeros(len(self.given.value), bool)
        hits[rows[met]] = True
        return hits


class Later:
    """Numbers that are calculated when they are looked at."""

    def __init__(self, at: Callable[[], np.ndarray], around: Callable[[], Interval]) -> None:
        self._at, self._around = at, around

    @cached_property
    def point(self) -> np.ndarray:
        """The numbers."""
        return self._at()

    @cached_property
    def reach(self) -> Interval:
        """What they may have been."""
        return self._around()


class Wrongly:
    """What somebody has who makes a mistake: what it changes, what follows from that, and all else as it is."""

    def __init__(self, mistake: Mistake, end: str, judge: Judge, look: Look) -> None:
        self.mistake, self.end, self.look = mistake, end, look
        self.steps, self.asked = judge.steps, judge.asked
        self.found: dict[str, Numbers] = {}

    def __call__(self, item: str) -> Numbers:
        """The numbers of an item."""
        if item not in self.found:
            self.found[item] = self._find(item)
        return self.found[item]

    def _find(self, item: str) -> Numbers:
        change = self.mistake.changes.get(item)
        if change is None and item not in self.mistake.again:
            return self.look(item)
        step = self.steps.step(item)
        formula = change.formula if change is not None else step.formula if step is not None else None
        if formula is None:
            return self.look(item)
        return Later(lambda: point(formula, self), lambda: self._reach(item, formula))

    def _reach(self, item: str, formula: sp.Expr) -> Interval:
        """What is written down on the way is rounded; the answer's own rounding is the answer's."""
        found = reach(formula, self)
        return found if item == self.end else rounded_off(found, self.asked)


def _overlaid(look: Look, read: dict[str, np.ndarray]) -> Look:
    """Some numbers read otherwise, the others as they are."""
    if not read:
        return look

    def seen(item: str) -> Numbers:
        return Known(read[item], Interval(read[item], read[item])) if item in read else look(item)

    return seen
