"""What mistakes give in place of a right number, made in the item's own step on the key's own numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from stepcalc.exams.exact import steady
from stepcalc.exams.question import Wrong
from stepcalc.marking.asking import asked_of
from stepcalc.marking.marks import Finding
from stepcalc.marking.mistakes import Mistakes
from stepcalc.marking.state import State, point
from stepcalc.sheet.mistaken import explained

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper

MOST_WAYS = 3
"""Of the ways in which a mistake can be made in a step, so many are told apart: the values an update may start from."""


def wrongs(paper: Paper, item: str, value: float, tolerance: float) -> tuple[Wrong, ...]:
    """The numbers that mistakes give, no nearer to the right ``value`` than ``tolerance``, the likeliest first.

    Those no further apart than that count as one, whose sentence tells of all its mistakes.
    """
    found: list[tuple[float, list[Finding]]] = []
    ways: Counter[str] = Counter()
    for finding, wrong in mistaken_numbers(paper, item):
        if not abs(wrong - value) > tolerance:
            continue
        same = next((findings for other, findings in found if abs(other - wrong) <= tolerance), None)
        if same is not None:
            same.append(finding)
        elif ways[finding.name] < MOST_WAYS:
            ways[finding.name] += 1
            found.append((wrong, [finding]))
    return tuple(_wrong(paper, wrong, findings) for wrong, findings in found)


def mistaken_numbers(paper: Paper, item: str) -> Iterator[tuple[Finding, float]]:
    """What each mistake in the item's own step gives, where that is a number, the likeliest first."""
    steps = paper.steps
    step = steps.step(steps.canonical(item))
    if step is None:
        return
    state = right_numbers(paper)
    for mistake in Mistakes(steps).own(step):
        if not mistake.far_fetched:
            (wrong,) = point(mistake.changes[step.item].formula, state.__getitem__).tolist()
            if np.isfinite(wrong):
                yield mistake.finding, steady(wrong)


def right_numbers(paper: Paper) -> State:
    """The key's number of every item, and of what the optimizer has."""
    number = paper.context.whole.number

    def key(item: str) -> np.ndarray | None:
        value = number(item)
        return None if value is None else np.array([value])

    return State(paper.steps, key, asked_of(paper.variant.problem), frozenset())


def _wrong(paper: Paper, value: float, findings: list[Finding]) -> Wrong:
    first, *others = dict.fromkeys(finding.name for finding in findings)
    return Wrong(first, value, explained(paper.words, paper.symbol, findings), tuple(others))
