"""From answers to marks: which items are asked, how precisely, what each is worth; then every verdict.

Students whose problems differ in their numbers only, as the variants of an exam do, are marked in one go.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stepcalc.answers.base import Answers
from stepcalc.check.blocked import blockers
from stepcalc.check.diagnose import diagnose
from stepcalc.check.judge import CORRECT, FOLLOW_THROUGH, ROUNDING, VERDICTS, Answered, Judge, Judged
from stepcalc.check.marks import Column, Marks, Policy
from stepcalc.check.precision import Asked, Given, is_right
from stepcalc.check.state import Key
from stepcalc.check.steps import MOST_BETWEEN, Steps
from stepcalc.items import Item
from stepcalc.problem import Problem
from stepcalc.problem.sections import Marking
from stepcalc.trace import Trace
from stepcalc.typed.numbers import INVALID, READ, Numbers, read_numbers

Progress = Callable[[int, int], None]
"""Told how many answers are judged, of how many."""


def asked_of(problem: Problem) -> Asked:
    """The precision that a problem asks for: its own tolerance, else that of its sheet."""
    rounding, tolerance = problem.rounding, problem.marking.tolerance
    truncates = rounding.mode == "truncate"
    if tolerance == "auto":
        significant = None if rounding.decimals is not None else rounding.significant
        return Asked(significant, rounding.decimals, truncates=truncates)
    distances = tolerance.relative or 0.0, tolerance.absolute or 0.0
    return Asked(tolerance.significant, tolerance.decimals, *distances, truncates)


@dataclass(frozen=True, slots=True)
class Named:
    """An item of the answers: as spelled there, as in the trace, and as it is calculated with."""

    typed: str
    id: str
    canonical: str


def mark(traces: Trace | Mapping[str, Trace], answers: Answers, progress: Progress | None = None) -> Marks:
    """The marks of all students.

    ``traces`` is the solved problem, or those of all variants by the names in ``answers.variants``; a student whose
    variant is none of them gets no marks. Items that a student's variant does not have are not asked of that student.
    """
    known = {"": traces} if isinstance(traces, Trace) else dict(traces)
    rows = np.arange(len(answers.students))
    variants = np.array(answers.variants if len(known) > 1 or "" not in known else [""] * len(rows), dtype=object)
    columns = {item: _Columns(len(rows)) for item in answers.items}
    order: dict[str, None] = {}
    policies = []
    for group in _alike(known):
        here = np.flatnonzero(np.isin(variants, list(group)))
        sitting = Sitting(group, [str(variants[row]) for row in here], here, answers)
        policies.append(sitting.policy)
        order |= dict.fromkeys(sitting.mark(columns, progress))
    made = tuple(found.column(item) for item, found in columns.items())
    places = {item: place for place, item in enumerate(answers.items)}
    in_order = tuple(places[item] for item in (*order, *(item for item in answers.items if item not in order)))
    return Marks(answers, made, in_order, policies[0])


def _alike(traces: Mapping[str, Trace]) -> list[dict[str, Trace]]:
    """The traces in groups that differ in their numbers only, and not in targets of 0 and 1."""
    groups: dict[Hashable, dict[str, Trace]] = defaultdict(dict)
    for name, trace in traces.items():
        graph, problem = trace.graph, trace.problem
        targets = tuple(sorted((s.name, int(y)) for s, y in Steps(trace).decided.items()))
        kind = (targets, tuple(graph.quantities.values()), graph.samples, trace.optimizer, problem.rounding.model_dump_json())
        groups[kind, problem.marking.model_dump_json(), problem.notation.model_dump_json()][name] = trace
    return list(groups.values())


class _Columns:
    """A column while it is being filled, group by group."""

    def __init__(self, rows: int) -> None:
        self.id = ""
        self.verdict = np.full(rows, VERDICTS.index("missing"), np.uint8)
        self.remarks = np.zeros(rows, np.uint8)
        self.expected = np.full(rows, np.nan)
        self.marks, self.worth = np.zeros(rows), np.zeros(rows)
        self.by_row: dict[str, dict[int, object]] = {name: {} for name in ("reasons", "findings", "alike", "blocked")}
        self.asked = np.zeros(rows, bool)

    def column(self, item: str) -> Column:
        return Column(
            item,
            self.id or item,
            self.verdict,
            self.remarks,
            self.expected,
            self.marks,
            self.worth,
            self.asked,
            **self.by_row,  # type: ignore[arg-type]
        )


class Sitting:
    """Students with problems that differ in their numbers only: ``variants`` has each student's, ``rows`` their places."""

    def __init__(
        self, traces: Mapping[str, Trace], variants: Sequence[str], rows: np.ndarray, answers: Answers
    ) -> None:
        self.traces, self.variants, self.rows, self.answers = traces, variants, rows, answers
        self.trace = next(iter(traces.values()))
        self.problem, self.steps = self.trace.problem, Steps(self.trace)
        self.marking: Marking = self.problem.marking
        self.asked = asked_of(self.problem)
        found = ((typed, self.problem.items.scalar(typed)) for typed in answers.items)
        self.items = [Named(typed, id, self.steps.canonical(id)) for typed, id in found if id is not None]
        self.order = self.steps.order(item.canonical for item in self.items)

    @property
    def too_large(self) -> bool:
        """Whether what lies between the items asked is too much to be calculated again for every student."""
        return len(self.order) > MOST_BETWEEN

    @property
    def policy(self) -> Policy:
        """How is marked here."""
        return Policy(self.asked, self.marking.follow_through, self.marking.rounding, self.too_large)

    def mark(self, columns: Mapping[str, _Columns], progress: Progress | None) -> list[str]:
        """Fills the columns for these students; returns the items in the order of the calculation, as typed."""
        between = frozenset(item.canonical for item in self.items) if self.too_large else frozenset(self.order)
        judge = Judge(self.steps, self.asked, self.key, between)
        typed = {item.canonical: item for item in self.items}
        in_order = [typed[canonical] for canonical in self.order if canonical in typed]
        worth = worths(self.problem, [item.id for item in self.items])
        for done, item in enumerate(in_order):
            read = self._read(item)
            answered = Answered(Given.of(read), read.state == READ, read.state == INVALID, self._accepted(item, read))
            judged = judge.judge(item.canonical, answered)
            self._fill(columns[item.typed], judge, item, answered, judged, worth[item.id])
            columns[item.typed].by_row["reasons"] |= self._by_row(read.reasons)
            names = {canonical: known.typed for canonical, known in typed.items()}
            found = {row: names[other] for row, other in blockers(judge, item.canonical).items()}
            columns[item.typed].by_row["blocked"] |= self._by_row(found)
            if progress is not None:
                progress(done + 1, len(in_order))
        return [item.typed for item in in_order]

    def _read(self, item: Named) -> Numbers:
        raw = self.answers.raw[item.typed]
        return read_numbers([raw[row] for row in self.rows], self.marking.decimal)

    def _accepted(self, item: Named, read: Numbers) -> np.ndarray:
        """Where an answer is another one that the instructor takes for right."""
        found = np.zeros(len(self.rows), bool)
        others = {self.problem.items.scalar(known): texts for known, texts in self.marking.accept.items()}
        taken = read_numbers(others.get(item.id, ()), self.marking.decimal)
        for value in taken.value[taken.state == READ]:
            found |= is_right(Given.of(read), np.array([value]), self.asked)
        return found

    def _fill(
        self, column: _Columns, judge: Judge, item: Named, answered: Answered, judged: Judged, worth: float
    ) -> None:
        dropped = item.id in {self.problem.items.scalar(known) for known in self.marking.drop}
        share = np.zeros(len(VERDICTS))
        share[[CORRECT, ROUNDING, FOLLOW_THROUGH]] = 1.0, self.marking.rounding, self.marking.follow_through
        rows = self.rows
        column.id = item.id
        column.verdict[rows], column.remarks[rows], column.expected[rows] = judged.verdict, judged.remarks, judged.right
        column.worth[rows], column.asked[rows] = 0.0 if dropped else worth, not dropped
        column.marks[rows] = column.worth[rows] * share[judged.verdict]
        findings, alike = diagnose(judge, item.canonical, answered.given, judged)
        column.by_row["findings"] |= self._by_row(findings)
        column.by_row["alike"] |= self._by_row(alike)

    def _by_row(self, found: Mapping[int, object]) -> dict[int, object]:
        return {int(self.rows[row]): told for row, told in found.items()}

    @property
    def key(self) -> Key:
        """The right numbers of an item by its canonical id, (1,) or (rows,); None where it has none."""
        known: dict[str, np.ndarray | None] = {}

        def key(item: str) -> np.ndarray | None:
            if item not in known:
                numbers = {name: trace.value(item) for name, trace in self.traces.items()}
                if None in numbers.values():
                    known[item] = None
                elif len(numbers) == 1:
                    known[item] = np.array(list(numbers.values()), dtype=float)
                else:
                    known[item] = np.array([numbers[name] for name in self.variants], dtype=float)
            return known[item]

        return key


def worths(problem: Problem, items: Sequence[str]) -> dict[str, float]:
    """What each item is worth: its own marks, or its share of those of its array."""
    known = {
        problem.items.scalar(typed) or problem.items.array(typed): worth
        for typed, worth in problem.marking.marks.items()
    }
    default = problem.marking.marks.get("default", 1.0)
    sizes = Counter(array_of(item) for item in items if item not in known)
    found: dict[str, float] = {}
    for item in items:
        array = array_of(item)
        found[item] = known[item] if item in known else known[array] / sizes[array] if array in known else default
    return found


def array_of(item: str) -> str:
    """The array that a scalar is an element of, in all samples: dL/dW1 for dL/dW1[2,3]."""
    return str(replace(Item.parse(item), index=(), sample=None))
