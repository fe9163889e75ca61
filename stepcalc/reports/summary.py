"""A class in numbers: how its marks are distributed, which steps were hard, which mistakes frequent. Data, no words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stepcalc.marking.judge import CORRECT, FOLLOW_THROUGH, INVALID, MISSING, REFUSED, ROUNDING, WRONG
from stepcalc.marking.marks import Column, Finding, Marks

MOST_BINS = 10
TIE = 1e-9
"""Sums of shares of marks may be off by so much."""


@dataclass(frozen=True)
class Bin:
    """How many students have marks from ``low`` up to ``high``, the last bin with ``high`` itself."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Hardness:
    """How an item was answered: of those ``answered``, how many were right, and how many ``wrong`` by its own step."""

    item: str
    id: str
    answered: int
    correct: int
    rounding: int
    follow_through: int
    wrong: int

    @property
    def share(self) -> float:
        """The share of wrong answers."""
        return self.wrong / self.answered if self.answered else 0.0


@dataclass(frozen=True)
class Frequent:
    """A misconception: how many ``students`` and ``answers`` it may explain, at which ``item`` most, and how there.

    ``shared``: in most of these answers another one would give the same number.
    """

    finding: Finding
    students: int
    answers: int
    item: str
    shared: bool


def distribution(marks: Marks) -> list[Bin]:
    """The marks from the lowest to the highest, or all there are; at most ``MOST_BINS`` bins of round widths."""
    most, lowest = (float(find(marks.totals, initial=marks.max_marks)) for find in (np.max, np.min))
    if most <= 0:
        return []
    width = next(width for width in _widths(most) if (most - lowest) / width <= MOST_BINS - 1)
    end = np.ceil(most / width - TIE)
    start = min(np.floor(lowest / width + TIE), end - 1)
    count = int(end - start)
    places = np.clip(np.floor(marks.totals / width - start + TIE).astype(int), 0, count - 1)
    counts = np.bincount(places, minlength=count)
    edges = [min(float(start + place) * width, most) for place in range(count + 1)]
    return [Bin(low, high, int(found)) for (low, high), found in zip(pairwise(edges), counts, strict=True)]


def _widths(most: float) -> Iterator[float]:
    """1, 2, 5 times powers of ten, from one mark on, of few marks from a hundredth of them."""
    power = min(1.0, 10.0 ** float(np.floor(np.log10(most)) - 1))
    while True:
        yield from (factor * power for factor in (1.0, 2.0, 5.0))
        power *= 10


def hardness(marks: Marks) -> list[Hardness]:
    """Every item, the hardest first; those that are equally hard in the order of the calculation."""
    found = [_hardness(marks.columns[place]) for place in marks.order]
    return sorted(found, key=lambda each: -each.share)


def _hardness(column: Column) -> Hardness:
    counts = np.bincount(column.verdict[column.asked], minlength=6)
    answered = int(counts.sum() - counts[MISSING] - counts[INVALID])
    kinds = (int(counts[kind]) for kind in (CORRECT, ROUNDING, FOLLOW_THROUGH, WRONG))
    return Hardness(column.item, column.id, answered, *kinds)


def frequent(marks: Marks) -> list[Frequent]:
    """The misconceptions that explain wrong answers, the most frequent first."""
    students: dict[str, set[int]] = defaultdict(set)
    answers, shared = Counter[str](), Counter[str]()
    where: dict[str, Counter[str]] = defaultdict(Counter)
    example: dict[tuple[str, str], Finding] = {}
    for column in marks.columns:
        for row, findings in column.findings.items():
            if not column.asked[row]:
                continue
            names = {finding.name: finding for finding in reversed(findings)}
            for name, finding in names.items():
                students[name].add(row)
                answers[name] += 1
                shared[name] += len(names) > 1
                where[name][column.item] += 1
                example.setdefault((name, column.item), finding)
    found = []
    for name, count in answers.items():
        item = where[name].most_common(1)[0][0]
        found.append(Frequent(example[name, item], len(students[name]), count, item, 2 * shared[name] > count))
    return sorted(found, key=lambda each: (-each.students, -each.answers, each.finding.name))


def refused(marks: Marks) -> dict[int, list[str]]:
    """For each student whose follow-through was refused somewhere the items where it was."""
    found: dict[int, list[str]] = defaultdict(list)
    for place in marks.order:
        column = marks.columns[place]
        for row in np.flatnonzero((column.remarks & REFUSED > 0) & column.asked).tolist():
            found[row].append(column.item)
    return dict(sorted(found.items()))


def wrong_shares(marks: Marks) -> dict[str, float]:
    """For each item that somebody answered the share of wrong answers among these, by its id."""
    return {each.id: each.share for each in map(_hardness, marks.columns) if each.answered}
