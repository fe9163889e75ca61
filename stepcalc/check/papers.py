"""What is put before the judge: the answers to some items, as numbers.

Of an item that has a number, the answer is one (:class:`NumberPaper`). Of one that has none, it is a formula, which is
compared at several points: each student has as many rows as there are points (:class:`FormulaPaper`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from stepcalc.backend import quiet
from stepcalc.calculus.syntax import Refused
from stepcalc.check.judge import Answered, Judge
from stepcalc.check.points import EXACTLY, POINTS
from stepcalc.check.precision import Given, is_right
from stepcalc.check.state import Key, State, point
from stepcalc.check.steps import Steps
from stepcalc.typed.formulas import Formula, Names, read_formula
from stepcalc.typed.numbers import EXACT, INVALID, READ, Numbers, read_columns

Raw = Mapping[str, Sequence[str]]
"""By item, every student's answer as typed."""


class Paper(Protocol):
    """Answers to some items. ``alike`` rows of its judge are one student."""

    judge: Judge
    alike: int

    def answered(self, item: str) -> Answered:
        """The answers to an item, by its canonical id."""

    def reasons(self, item: str) -> Mapping[int, str]:
        """By student, why an answer cannot be read."""


class NumberPaper:
    """Answers that are numbers; ``accept`` are others that are taken for right, by item."""

    alike = 1

    def __init__(self, judge: Judge, raw: Raw, accept: Raw, decimal: str) -> None:
        self.judge = judge
        self._read: dict[str, Numbers] = dict(zip(raw, read_columns(list(raw.values()), decimal), strict=True))
        self._accepted = dict(zip(accept, read_columns(list(accept.values()), decimal), strict=True))

    def answered(self, item: str) -> Answered:
        read = self._read[item]
        given = Given.of(read)
        accepted = np.zeros(len(read.value), bool)
        others = self._accepted.get(item)
        for value in others.value[others.state == READ] if others is not None else ():
            accepted |= is_right(given, np.array([value]), self.judge.asked)
        return Answered(given, read.state == READ, read.state == INVALID, accepted)

    def reasons(self, item: str) -> Mapping[int, str]:
        return self._read[item].reasons


@dataclass(frozen=True, eq=False)
class _Read:
    """One answer: its values at the points, or why it cannot be used; neither where there is none."""

    values: np.ndarray | None = None
    reason: str = ""


class FormulaPaper:
    """Answers that are formulas in what is known before the item, or a number that holds whatever is given."""

    alike = POINTS

    def __init__(self, steps: Steps, key: Key, raw: Raw, accept: Raw, names: Names, between: frozenset[str]) -> None:
        students = len(next(iter(raw.values()), ()))
        self.judge = Judge(steps, EXACTLY, _for_all(key, students), between, POINTS)
        self._steps, self._names, self._raw, self._accept = steps, names, raw, accept
        self._right = State(steps, key, EXACTLY, frozenset())
        self._known: dict[tuple[str, str], _Read] = {}

    def answered(self, item: str) -> Answered:
        read = [self._read(item, text) for text in self._raw[item]]
        nothing = np.full(POINTS, np.nan)
        values = np.concatenate([nothing if one.values is None else one.values for one in read])
        exact = np.full(len(values), EXACT)
        accepted = np.zeros(len(values), bool)
        for text in self._accept.get(item, ()):
            other = self._read(item, text).values
            if other is not None:
                accepted |= np.isclose(values, np.tile(other, len(read)), EXACTLY.relative, EXACTLY.absolute)
        given = Given(values, np.zeros(len(values)), exact, exact)
        usable = np.repeat([one.values is not None for one in read], POINTS)
        return Answered(given, usable, np.repeat([bool(one.reason) for one in read], POINTS), accepted)

    def reasons(self, item: str) -> Mapping[int, str]:
        read = (self._read(item, text) for text in self._raw[item])
        return {row: one.reason for row, one in enumerate(read) if one.reason}

    def formula(self, text: str) -> Formula | None:
        """An answer as a formula; None where it cannot be read."""
        try:
            return read_formula(text, self._names)
        except Refused:
            return None

    def _read(self, item: str, text: str) -> _Read:
        if (item, text) not in self._known:
            self._known[item, text] = self._evaluated(item, text) if text.strip() else _Read()
        return self._known[item, text]

    def _evaluated(self, item: str, text: str) -> _Read:
        try:
            formula = read_formula(text, self._names).expression
        except Refused as refused:
            where = f"column {refused.offset + 1}: " if refused.offset >= 0 else ""
            return _Read(reason=where + refused.message)
        used = {s: self._steps.canonical(s.name) for s in formula.free_symbols}
        known = set(self._steps.order([item])) - {item}
        later = sorted(self._names.typed(s.name) for s, name in used.items() if name not in known)
        if later:
            return _Read(reason=f"{', '.join(later)}: not known before this step")
        with quiet():
            values = point(formula, lambda name: self._right[self._steps.canonical(name)])
        return _Read(np.broadcast_to(values, (POINTS,)))


def _for_all(key: Key, students: int) -> Key:
    """The key's numbers at the points, once for each student."""

    def tiled(item: str) -> np.ndarray | None:
        known = key(item)
        return known if known is None or len(known) == 1 else np.tile(known, students)

    return tiled
