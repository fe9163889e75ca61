"""Marking from Python: a problem and answers, whatever they are."""

from __future__ import annotations

import os
from collections.abc import Mapping

from stepcalc.answers.base import Answers
from stepcalc.answers.reading import read_answers
from stepcalc.errors import Fault, InputError
from stepcalc.marking.mark import mark
from stepcalc.marking.marks import Marks
from stepcalc.problem import Problem, TableProblem
from stepcalc.solving import solve
from stepcalc.trace import Trace

Given = Mapping[str, Mapping[str, str]]
"""The answers as text: by student, by item."""


def check(problem: Problem | Trace, answers: Answers | Given | str | os.PathLike[str]) -> Marks:
    """The marks of all students for a problem, or for its solution.

    ``answers`` is a file as ``stepcalc check`` takes it, or the texts by student and item. Raises :class:`InputError`
    for an unknown item, and for a file that cannot be read.
    """
    if isinstance(problem, TableProblem):
        raise InputError(Fault("", "a reference table asks nothing that could be marked"))
    trace = problem if isinstance(problem, Trace) else solve(problem)
    return mark(trace, _read(trace.problem, answers))


def _read(problem: Problem, answers: Answers | Given | str | os.PathLike[str]) -> Answers:
    if isinstance(answers, Answers):
        return answers
    if not isinstance(answers, Mapping):
        return read_answers(answers, problem)
    items = tuple(dict.fromkeys(item for given in answers.values() for item in given))
    unknown = [item for item in items if problem.items.scalar(item) is None]
    if unknown:
        raise InputError(
            [Fault("", f'"{item}" is no item of this problem{problem.items.near(item)}') for item in unknown]
        )
    raw = {item: tuple(str(given.get(item, "")) for given in answers.values()) for item in items}
    return Answers(items, tuple(answers), raw)
