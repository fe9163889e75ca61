"""From answers to marks: which items are asked, how precisely, what each is worth; then every verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from stepcalc.answers.base import Answers
from stepcalc.check.diagnose import diagnose
from stepcalc.check.judge import CORRECT, FOLLOW_THROUGH, ROUNDING, Answered, Judge
from stepcalc.check.marks import Column, Marks, Policy
from stepcalc.check.precision import Asked, Given
from stepcalc.check.steps import MOST_BETWEEN, Steps
from stepcalc.items import Item
from stepcalc.problem import Problem
from stepcalc.trace import Trace
from stepcalc.typed.numbers import INVALID, READ, read_numbers


def asked_of(problem: Problem) -> Asked:
    """The precision that a problem asks for: its own tolerance, else that of its sheet."""
    rounding, tolerance = problem.rounding, problem.marking.tolerance
    truncates = rounding.mode == "truncate"
    if tolerance == "auto":
        significant = None if rounding.decimals is not None else rounding.significant
        return Asked(significant, rounding.decimals, truncates=truncates)
    distances = tolerance.relative or 0.0, tolerance.absolute or 0.0
    return Asked(tolerance.significant, tolerance.decimals, *distances, truncates)


@dataclass(frozen=True)
class Item_:
    """One column of answers: as spelled there, as in the trace, and as calculated with."""

    typed: str
    id: str
    canonical: str


def mark(trace: Trace, answers: Answers) -> Marks:
    """The marks of all students for one problem."""
    problem, steps = trace.problem, Steps(trace)
    asked = asked_of(problem)
    items = [Item_(typed, found, steps.canonical(found)) for typed in answers.items if (found := problem.items.scalar(typed))]
    order = steps.order(item.canonical for item in items)
    between = frozenset(order) if len(order) <= MOST_BETWEEN else frozenset(item.canonical for item in items)
    judge = Judge(steps, asked, key_of(trace), between)
    columns = {item.typed: read_numbers(answers.raw[item.typed], problem.marking.decimal) for item in items}
    answered = {
        item.canonical: Answered(Given.of(read), read.state == READ, read.state == INVALID)
        for item in items
        for read in [columns[item.typed]]
    }
    judged = judge.judge(order, answered)
    worth = worths(problem, [item.id for item in items])
    shares = {CORRECT: 1.0, ROUNDING: problem.marking.rounding, FOLLOW_THROUGH: problem.marking.follow_through}
    share = np.array([shares.get(verdict, 0.0) for verdict in range(6)])
    made = []
    for item in items:
        found = judged[item.canonical]
        rows = np.full(len(answers.students), worth[item.id])
        findings, alike = diagnose(judge, item.canonical, answered[item.canonical].given, found)
        made.append(
            Column(item.typed, item.id, found.verdict, found.remarks, found.right, rows * share[found.verdict], rows,
                   reasons=columns[item.typed].reasons, findings=findings, alike=alike)
        )
    places = {canonical: place for place, canonical in enumerate(order)}
    in_order = tuple(sorted(range(len(items)), key=lambda i: places[items[i].canonical]))
    policy = Policy(asked, problem.marking.follow_through, problem.marking.rounding, len(order) > MOST_BETWEEN)
    return Marks(answers, tuple(made), in_order, policy)


def key_of(trace: Trace) -> Callable[[str], np.ndarray | None]:
    """The right number of an item by its canonical id; None where it has none."""
    known: dict[str, np.ndarray | None] = {}

    def key(item: str) -> np.ndarray | None:
        if item not in known:
            number = trace.value(item)
            known[item] = None if number is None else np.array([number])
        return known[item]

    return key


def worths(problem: Problem, items: list[str]) -> dict[str, float]:
    """What each item is worth: its own marks, or its share of those of its array."""
    marks = problem.marking.marks
    known = {problem.items.scalar(typed) or problem.items.array(typed): worth for typed, worth in marks.items() if typed != "default"}
    arrays = {item: array_of(item) for item in items}
    sizes = Counter(arrays[item] for item in items if item not in known)
    default = marks.get("default", 1.0)
    found: dict[str, float] = {}
    for item, array in arrays.items():
        found[item] = known[item] if item in known else known[array] / sizes[array] if array in known else default
    return found


def array_of(item: str) -> str:
    """The array that a scalar is an element of, in all samples: dL/dW1 for dL/dW1[2,3]."""
    from dataclasses import replace

    return str(replace(Item.parse(item), index=(), sample=None))
