"""Candidates of one structure through the cheap rules: block after block in the same memory."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from stepcalc.backend import Namespace, quiet
from stepcalc.drawing.model import Model
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.rules import Rule
from stepcalc.recipes import RULES, Quality
from stepcalc.repetition import Repetition

LEAST, BLOCK, NUMBERS = 8, 8000, 2_000_000
"""The fewest and the most candidates that are calculated together, and the most numbers of theirs."""
WORTH = 1000
"""A block of so many takes as long to calculate as its calculation to record."""
FIT = -1
"""The verdict on a candidate that no rule refuses; otherwise it is the place of the first rule that does in RULES."""


def judge(rows: Rows, rules: Sequence[Rule], quality: Quality) -> np.ndarray:
    """The verdicts of these rules on each of the rows, (rows,)."""
    verdicts = np.full(len(rows), FIT, np.int8)
    with quiet():
        for rule in rules:
            verdicts[rule.refuses(rows, quality) & (verdicts == FIT)] = RULES.index(rule.name)
    return verdicts


class Sieve:
    """The cheap rules, for many candidates of a structure: blocks of at most ``most`` together."""

    def __init__(self, model: Model, rules: Sequence[Rule], quality: Quality, xp: Namespace, most: int) -> None:
        self.model, self.rules, self.quality, self.xp = model, rules, quality, xp
        self.block = max(LEAST, min(BLOCK, most, NUMBERS // model.structure.size))
        self._room = model.structure.room(self.block)
        self._feeds = model.feeds(self._room)

    def verdicts(self, numbers: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """The verdicts on candidates, (candidates,), by their ``numbers`` and ``levels``, (columns, candidates)."""
        starts = range(0, len(numbers), self.block)
        parts = [slice(start, start + self.block) for start in starts]
        return np.concatenate([self._of_block(numbers[part], levels[:, part]) for part in parts])

    def _of_block(self, numbers: np.ndarray, levels: np.ndarray) -> np.ndarray:
        count = len(numbers)
        self.model.structure.put(levels, self._room)
        if self._is_repeatable and 2 * count >= self.block:
            repetition, values = self._repeated
            repetition(slice(self.block), values)
        else:
            values = self.model.run({name: a[:count] for name, a in self._feeds.items()}, self.model.looked_at, self.xp)
        rows = Rows(self.model, numbers, levels, self.model.spread(self._feeds, values, count))
        return judge(rows, self.rules, self.quality)

    @property
    def _is_repeatable(self) -> bool:
        return self.xp is np and not self.model.carries and self.block >= WORTH

    @cached_property
    def _repeated(self) -> tuple[Repetition, dict[str, np.ndarray]]:
        """The calculation on a whole block, and room for its results."""
        model, feeds = self.model, self._feeds
        first = model.run({name: array[:1] for name, array in feeds.items()}, model.looked_at, np)
        one = model.spread({}, first, 1)
        room = {name: np.empty((*one[name].shape[1:], self.block)) for name in first}
        into = {name: np.moveaxis(array, -1, 0) for name, array in room.items()}
        return Repetition(model.calculation(model.looked_at), feeds, self.block), into
