"""From answers to marks: which items are asked, how precisely, what each is worth; then every verdict.

Students whose problems differ in their numbers only, as the variants of an exam do, are marked in one go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from stepcalc.answers.base import Answers
from stepcalc.errors import Fault, InputError
from stepcalc.marking.asking import asked_by, asked_of, refuse_doubles, with_all_that_is_asked
from stepcalc.marking.blocked import blockers
from stepcalc.marking.diagnose import Diagnoser
from stepcalc.marking.forms import is_in_form
from stepcalc.marking.judge import CORRECT, FOLLOW_THROUGH, OTHER_FORM, ROUNDING, VERDICTS, Judge
from stepcalc.marking.marks import Column, Marks, Policy
from stepcalc.marking.papers import FormulaPaper, NumberPaper, Paper
from stepcalc.marking.points import points
from stepcalc.marking.state import Key
from stepcalc.marking.steps import Steps
from stepcalc.marking.worth import array_of, worths
from stepcalc.notation import Notation
from stepcalc.problem.sections import Marking, WantedForm
from stepcalc.trace import Trace
from stepcalc.typed.names import Names

Progress = Callable[[int, int], None]
"""Told how many answers are judged, of how many."""


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
    Raises :class:`InputError` where nobody has answered anything, and for two columns of one item.
    """
    known = {"": traces} if isinstance(traces, Trace) else dict(traces)
    answers = with_all_that_is_asked(known.values(), answers)
    refuse_doubles(known.values(), answers.items)
    if not (known and answers.items and answers.students):
        raise InputError(Fault("", "no student, no item, or no known variant: there is nothing to mark"))
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
    return Marks(known, answers, made, in_order, policies[0])


def _alike(traces: Mapping[str, Trace]) -> list[dict[str, Trace]]:
    """The traces in groups that differ in their numbers only, and not in targets of 0 and 1."""
    groups: dict[Hashable, dict[str, Trace]] = defaultdict(dict)
    for name, trace in traces.items():
        graph, problem = trace.graph, trace.problem
        targets = tuple(sorted((s.name, int(y)) for s, y in Steps(trace).decided.items()))
        kind = (
            targets,
            tuple(graph.quantities.values()),
            graph.samples,
            trace.optimizer,
            problem.rounding.model_dump_json(),
        )
        groups[kind, problem.marking.model_dump_json(), problem.notation.model_dump_json()][name] = trace
    return list(groups.values())


ROW_BY_ROW = ("formulas", "reasons", "findings", "alike", "blocked")
"""What is told of some rows of a column only."""


class _Columns:
    """A column while it is being filled, group by group."""

    def __init__(self, rows: int) -> None:
        self.id = ""
        self.verdict = np.full(rows, VERDICTS.index("missing"), np.uint8)
        self.remarks = np.zeros(rows, np.uint16)
        self.expected = np.full(rows, np.nan)
        self.marks, self.worth = np.zeros(rows), np.zeros(rows)
        self.by_row: dict[str, dict[int, object]] = {name: {} for name in ROW_BY_ROW}
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
    """Students with problems that differ in their numbers only, each with a variant and a row."""

    def __init__(
        self, traces: Mapping[str, Trace], variants: Sequence[str], rows: np.ndarray, answers: Answers
    ) -> None:
        self.traces, self.variants, self.rows, self.answers = traces, variants, rows, answers
        self.trace = next(iter(traces.values()))
        self.problem, self.steps = self.trace.problem, Steps(self.trace)
        self.marking: Marking = self.problem.marking
        self.asked = asked_of(self.problem)
        self.items = list(self._named(answers.items))
        self.order = self.steps.order(item.canonical for item in self.items)

    def _named(self, typed: Iterable[str]) -> Iterable[Named]:
        """The items that this problem has, each once: under the name that it is written with, where it has two."""
        items, found = self.problem.items, dict[str, Named]()
        for text in typed:
            known = items.scalar(text)
            canonical = "" if known is None else self.steps.canonical(known)
            if known is not None and (canonical not in found or known == items.written_scalar(text)):
                found[canonical] = Named(text, known, canonical)
        return found.values()

    @property
    def too_large(self) -> bool:
        """Whether what lies between the items asked is too much to be calculated again for every student."""
        asked = {item.canonical for item in self.items}
        needed = {need for item in asked if (step := self.steps.step(item)) is not None for need in step.needs}
        return not needed <= set(self.order)

    @property
    def policy(self) -> Policy:
        """How is marked here."""
        return Policy(self.asked, self.marking.follow_through, self.marking.rounding, self.too_large)

    def mark(self, columns: Mapping[str, _Columns], progress: Progress | None) -> list[str]:
        """Fills the columns for these students; returns the items in the order of the calculation, as typed."""
        typed = {item.canonical: item for item in self.items}
        sat = [(paper, Diagnoser(paper.judge), items) for paper, items in self._papers()]
        papers = {item: (paper, diagnoser) for paper, diagnoser, items in sat for item in items}
        in_order = [canonical for canonical in self.order if canonical in papers]
        worth = worths(self.steps, [item.id for item in self.items])
        names = {canonical: item.typed for canonical, item in typed.items()}
        for done, canonical in enumerate(in_order):
            item = typed[canonical]
            self._fill(columns[item.typed], *papers[canonical], item, worth[item.id], names)
            if progress is not None:
                progress(done + 1, len(in_order))
        return [names[canonical] for canonical in in_order]

    def _papers(self) -> Iterator[tuple[Paper, list[str]]]:
        """The answers that are numbers, and those that are formulas, each with their items."""
        between = frozenset(self.order)
        asked = [item.canonical for item in self.items]
        numbers = [item for item in asked if self.key(item) is not None]
        formulas = [item for item in asked if self.key(item) is None]
        if numbers:
            judge = Judge(self.steps, self.asked, self.key, between)
            yield NumberPaper(judge, self._raw(numbers), self._accepted(numbers), self.marking.decimal), numbers
        if formulas and (there := points(self.steps, formulas)) is not None:
            names = Names(Notation(self.trace.graph, self.problem, optimizer=self.trace.optimizer))
            raw, accepted = self._raw(formulas), self._accepted(formulas)
            forms = {item: partial(is_in_form, form, self.problem.items) for item, form in self.forms.items()}
            yield FormulaPaper(self.steps, there, raw, accepted, names, between, forms), formulas

    def _raw(self, items: Sequence[str]) -> dict[str, Sequence[str]]:
        typed = {item.canonical: self.answers.raw[item.typed] for item in self.items}
        if len(self.rows) == len(self.answers.students):
            return {item: typed[item] for item in items}
        rows = self.rows.tolist()
        return {item: [typed[item][row] for row in rows] for item in items}

    def _accepted(self, items: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The other answers to these items that the instructor takes for right."""
        known = {
            self.steps.canonical(str(self.problem.items.scalar(typed))): texts
            for typed, texts in self.marking.accept.items()
        }
        return {item: texts for item, texts in known.items() if item in items}

    def _fill(
        self,
        column: _Columns,
        paper: Paper,
        diagnoser: Diagnoser,
        item: Named,
        worth: float,
        names: Mapping[str, str],
    ) -> None:
        judge, canonical, rows = paper.judge, item.canonical, self.rows
        answered = paper.answered(canonical)
        judged = judge.judge(canonical, answered)
        share = np.zeros(len(VERDICTS))
        share[[CORRECT, ROUNDING, FOLLOW_THROUGH]] = 1.0, self.marking.rounding, self.marking.follow_through
        dropped = canonical not in self.counting
        column.id = item.id
        column.verdict[rows], column.remarks[rows] = judged.verdict[:: paper.alike], judged.remarks[:: paper.alike]
        column.expected[rows] = judged.right if paper.alike == 1 else np.nan
        column.worth[rows], column.asked[rows] = 0.0 if dropped else worth, not dropped
        earned = share[column.verdict[rows]]
        column.remarks[rows] |= paper.remarks(canonical, earned > 0)
        if canonical in self.forms:
            earned = np.where(column.remarks[rows] & OTHER_FORM, earned * self.forms[canonical].share, earned)
        column.marks[rows] = column.worth[rows] * earned
        findings, alike = diagnoser.diagnose(canonical, answered.given, judged)
        blocked = {row: names[other] for row, other in blockers(judge, canonical).items()}
        places = np.repeat(rows, paper.alike).tolist()
        for told, found in (("findings", findings), ("alike", alike), ("blocked", blocked)):
            column.by_row[told] |= {places[row]: what for row, what in found.items()}
        if formula := paper.formula(canonical):
            column.by_row["formulas"] |= dict.fromkeys(rows.tolist(), formula)
        column.by_row["reasons"] |= {int(rows[row]): why for row, why in paper.reasons(canonical).items()}

    @cached_property
    def forms(self) -> Mapping[str, WantedForm]:
        """The form asked of an item by its canonical id, its own or that of its array."""
        known = {
            self.problem.items.scalar(typed) or self.problem.items.array(typed): form
            for typed, form in self.marking.forms.items()
        }
        wanted = ((item.canonical, known.get(item.id) or known.get(array_of(item.id))) for item in self.items)
        return {item: form for item, form in wanted if form is not None}

    @cached_property
    def counting(self) -> frozenset[str]:
        """The items that count, by their canonical ids: those asked, without those dropped."""
        asked = [self.steps.canonical(item) for item in asked_by(self.problem)]
        dropped = {self.steps.canonical(str(self.problem.items.scalar(known))) for known in self.marking.drop}
        return frozenset(asked or (item.canonical for item in self.items)) - dropped

    @cached_property
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
