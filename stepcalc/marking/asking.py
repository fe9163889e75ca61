"""What is asked, and how precisely? Which columns the answers need, and which of them are one item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from stepcalc.answers.base import Answers
from stepcalc.answers.names import asked_items
from stepcalc.errors import Fault, InputError
from stepcalc.marking.precision import Asked
from stepcalc.marking.steps import Steps
from stepcalc.problem import Problem
from stepcalc.trace import Trace


def asked_of(problem: Problem) -> Asked:
    """The precision that a problem asks for: its own tolerance, else that of its sheet."""
    rounding, tolerance = problem.rounding, problem.marking.tolerance
    truncates = rounding.mode == "truncate"
    if tolerance == "auto":
        return Asked(rounding.significant, rounding.decimals, truncates=truncates)
    distances = tolerance.relative or 0.0, tolerance.absolute or 0.0
    return Asked(tolerance.significant, tolerance.decimals, *distances, truncates)


def with_all_that_is_asked(traces: Iterable[Trace], answers: Answers) -> Answers:
    """The answers with an empty column for each item that a problem asks and nobody has answered."""
    missing: dict[str, None] = {}
    for trace in traces:
        steps, items = Steps(trace), trace.problem.items
        there = {steps.canonical(item) for typed in answers.items if (item := items.scalar(typed)) is not None}
        missing |= {item: None for item in asked_by(trace.problem) if steps.canonical(item) not in there}
    raw = {**answers.raw, **{item: ("",) * len(answers.students) for item in missing}}
    return replace(answers, items=(*answers.items, *missing), raw=raw) if missing else answers


def refuse_doubles(traces: Iterable[Trace], items: Sequence[str]) -> None:
    """Raises :class:`InputError` for two columns of what is one item in every variant: y_hat and a2 are one number."""
    doubles = [_doubles(trace, items) for trace in traces]
    faults = [
        Fault(typed, f"is the same item as {first}; keep one of them")
        for typed, first in (doubles[0] if doubles else {}).items()
        if all(found.get(typed) == first for found in doubles)
    ]
    if faults:
        raise InputError(faults)


def _doubles(trace: Trace, items: Sequence[str]) -> dict[str, str]:
    """Of the items as typed those that another one before means too, and which."""
    steps, first = Steps(trace), dict[str, str]()
    known = ((typed, trace.problem.items.scalar(typed)) for typed in items)
    found = {typed: first.setdefault(steps.canonical(item), typed) for typed, item in known if item is not None}
    return {typed: other for typed, other in found.items() if other != typed}


def asked_by(problem: Problem) -> tuple[str, ...]:
    """The ids of the items that the problem itself asks; none where it leaves that to the answers."""
    return asked_items(problem) if problem.marking.items else ()
