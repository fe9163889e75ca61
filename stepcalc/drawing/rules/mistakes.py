"""The rule on mistakes: each that is made in a step asked leads to an answer of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from stepcalc.backend import quiet
from stepcalc.drawing.calculation import Calculation, within
from stepcalc.drawing.mistaken import Told, told, value
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.rule import Rule, no_more, register
from stepcalc.recipes import Quality


@register
class MistakesApart(Rule):
    """A mistake gives the right answer, or the same as another mistake, as far as the tolerance tells."""

    name = "mistakes"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        refused = np.zeros(len(rows), bool)
        for places, calculation in rows.calculations:
            left = np.arange(len(calculation.rows))
            for item in told(rows.model, calculation.pattern):
                limit = within(rows, item.item)[places[left]]
                for there in _confused(item, calculation, left, limit):
                    refused[places[left[there]]] = True
                left = np.flatnonzero(~refused[places])
                if not len(left):
                    break
        return refused


def _confused(item: Told, calculation: Calculation, left: np.ndarray, limit: np.ndarray) -> Iterator[np.ndarray]:
    """Where among the rows ``left`` an item's answers cannot be told apart, (left,), for one pair after the other.

    Several ways of making the same mistake count as one, and one of them has to show: where nothing comes back on one
    of many paths, or another weight happens to have the same number, this way is none.
    """
    right = calculation.number(item.item)
    assert right is not None
    here, look = right[left], calculation.right.on(left)
    found = [(way.names, value(way, look, len(left))) for way in item.ways]
    with quiet():
        unseen = [no_more(np.abs(numbers - here), limit) for _, numbers in found]
        for name in dict.fromkeys(name for names, _ in found for name in names):
            ways = [there for (names, _), there in zip(found, unseen, strict=True) if name in names]
            yield np.logical_and.reduce(ways)
        seen = [(names, np.where(there, np.nan, one)) for (names, one), there in zip(found, unseen, strict=True)]
        for (names, one), (others, other) in combinations(seen, 2):
            if set(names).isdisjoint(others):
                yield no_more(np.abs(one - other), limit)
