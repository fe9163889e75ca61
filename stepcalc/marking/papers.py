"""What is put before the judge: the answers to some items, as numbers.

Of an item that has a number, the answer is one (:class:`NumberPaper`). Of one that has none, it is a formula, which is
compared at several points: each student has as many rows as there are points (:class:`FormulaPaper`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef

from stepcalc.backend import quiet
from stepcalc.calculus.functions import is_link, slope_name
from stepcalc.calculus.syntax import Refused
from stepcalc.marking.forms import is_proved, is_tame, typed_forms
from stepcalc.marking.judge import OTHER_FORM, PROVED, Answered, Judge
from stepcalc.marking.points import EXACTLY, POINTS
from stepcalc.marking.precision import Given, is_right
from stepcalc.marking.state import Key, State, point
from stepcalc.marking.steps import Steps
from stepcalc.typed.formulas import Formula, read_formula
from stepcalc.typed.lexer import Decimal
from stepcalc.typed.names import Names
from stepcalc.typed.numbers import EXACT, INVALID, READ, Numbers, read_columns
from stepcalc.typed.wrapping import is_missing

Form = Callable[[Formula], bool]
"""Whether a formula is in the form asked."""
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

    def remarks(self, item: str, right: np.ndarray) -> np.ndarray:
        """By student, what there is to say of an answer beside its verdict; ``right`` are those that are not wrong."""

    def formula(self, item: str) -> str:
        """The right answer where that is a formula, as it can be typed; else, or where it cannot be, ""."""


class NumberPaper:
    """Answers that are numbers; ``accept`` are others that are taken for right, by item."""

    alike = 1

    def __init__(self, judge: Judge, raw: Raw, accept: Raw, decimal: Decimal) -> None:
        self.judge = judge
        self._read: dict[str, Numbers] = dict(zip(raw, read_columns(list(raw.values()), decimal), strict=True))
        self._accepted = dict(zip(accept, read_columns(list(accept.values()), decimal), strict=True))

    def answered(self, item: str) -> Answered:
        read = self._read[item]
        given = Given.of(read)
        accepted = np.zeros(len(read.value), bool)
        others = self._accepted.get(item)
        for value in others.value if others is not None else ():
            accepted |= is_right(given, np.array([value]), self.judge.asked)
        return Answered(given, read.state == READ, read.state == INVALID, accepted)

    def reasons(self, item: str) -> Mapping[int, str]:
        return self._read[item].reasons

    def remarks(self, item: str, right: np.ndarray) -> np.ndarray:
        return np.zeros(len(right), np.uint16)

    def formula(self, item: str) -> str:
        return ""


@dataclass(frozen=True, eq=False)
class _Read:
    """One answer: its values at the points, or why it cannot be used; neither where there is none."""

    values: np.ndarray | None = None
    reason: str = ""


class FormulaPaper:
    """Answers that are formulas in what is known before the item, or a number that holds whatever is given."""

    alike = POINTS

    def __init__(
        self,
        steps: Steps,
        key: Key,
        raw: Raw,
        accept: Raw,
        names: Names,
        between: frozenset[str],
        forms: Mapping[str, Form],
    ) -> None:
        students = len(next(iter(raw.values()), ()))
        self.judge = Judge(steps, EXACTLY, _for_all(key, students), between, POINTS)
        self._steps, self._names, self._raw, self._accept = steps, names, raw, accept
        self._right = State(steps, key, EXACTLY, frozenset())
        self._forms = forms
        self._known: dict[tuple[str, str], _Read] = {}
        self._remarked: dict[tuple[str, str], int] = {}

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

    def remarks(self, item: str, right: np.ndarray) -> np.ndarray:
        told = [self._remark(item, text) if there else 0 for text, there in zip(self._raw[item], right, strict=True)]
        return np.array(told, np.uint16)

    def formula(self, item: str) -> str:
        right = self._right[item].point
        for text in typed_forms(self._steps, item, self._names):
            values = self._read(item, text).values
            if values is not None and np.allclose(values, right, EXACTLY.relative, EXACTLY.absolute):
                return text
        return ""

    def _remark(self, item: str, text: str) -> int:
        """Whether a right formula is in the form asked, and proved to be the same function as the key's."""
        if (item, text) not in self._remarked:
            formula = read_formula(text, self._names)
            proved = is_proved(self._steps, item, self._written_out(formula.expression))
            other = not self._forms[item](formula) if item in self._forms else False
            self._remarked[item, text] = (PROVED if proved else 0) | (OTHER_FORM if other else 0)
        return self._remarked[item, text]

    def _read(self, item: str, text: str) -> _Read:
        if (item, text) not in self._known:
            self._known[item, text] = self._evaluated(item, text) if not is_missing(text) else _Read()
        return self._known[item, text]

    def _evaluated(self, item: str, text: str) -> _Read:
        try:
            formula = self._written_out(read_formula(text, self._names).expression)
        except Refused as refused:
            where = f"column {refused.offset + 1}: " if refused.offset >= 0 else ""
            return _Read(reason=where + refused.message)
        used = {self._steps.canonical(s.name) for s in formula.free_symbols}
        later = used - (set(self._steps.order([item])) - {item})
        if later:
            listed = ", ".join(self._names.typed(name) for name in sorted(later))
            return _Read(reason=f"{listed}: not known before this step")
        with quiet():
            values = point(formula, lambda name: self._right[self._steps.canonical(name)])
        return _Read(np.broadcast_to(np.where(np.isfinite(values), values, np.nan), (POINTS,)))

    def _written_out(self, formula: sp.Expr) -> sp.Expr:
        """A formula with what derivatives along a link and named slopes stand for.

        Raises :class:`Refused` for one that is not on the way of this problem.
        """
        derivation = self._steps.derivation
        known: dict[sp.Expr, sp.Expr] = {}
        if formula.has(AppliedUndef) and not is_tame(formula):
            raise Refused(-1, "too involved to be worked out")
        for part in formula.atoms(AppliedUndef):
            inside = [s.name for s in part.free_symbols]
            if is_link(part):
                child, parent = (symbol.name for symbol in part.args)
                along = (edge for edge in derivation.locals(parent) if edge.child == child)
                known[part] = sp.Add(*(edge.cases for edge in along))
                continue
            for edge in (edge for name in inside for edge in derivation.locals(name)):
                if edge.short == part:
                    known[part] = edge.cases
            if part not in known:
                raise Refused(-1, f"{slope_name(part)}′ of that is no derivative of this problem; write it out")
        return formula.xreplace(known)


def _for_all(key: Key, students: int) -> Key:
    """The key's numbers at the points, once for each student."""

    def tiled(item: str) -> np.ndarray | None:
        known = key(item)
        return known if known is None or len(known) == 1 else np.tile(known, students)

    return tiled
