"""The candidates of a recipe in their order, which depends on the seed only: not on how many are wanted.

Where there are few, each comes once, shuffled; where there are many, each is drawn by itself. Only the raw bits of the
generator are used, which are the same in every version and on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stepcalc.recipes import Space, Structure

LEAST, BATCH, NUMBERS = 256, 64_000, 4_000_000
"""The fewest and the most candidates that are drawn together, and the most numbers of theirs."""
FEW = 1 << 20
"""Up to so many candidates come each once."""
PILOT_KEY = 1 << 63
"""What sets the draws of a pilot apart from those of the stream."""


@dataclass(frozen=True, eq=False)
class Draw:
    """Candidates of one structure: their ``numbers`` in the stream, and their ``levels``, (columns, candidates)."""

    structure: Structure
    numbers: np.ndarray
    levels: np.ndarray


class Stream:
    """The candidates of a space under a seed, batch by batch; each batch is drawn by itself."""

    def __init__(self, space: Space, seed: int) -> None:
        self.space, self.seed = space, seed
        self._columns = max(len(structure.columns) for structure in space.structures)
        largest = max(self._columns + 1, *(structure.size for structure in space.structures))
        self.batch = max(LEAST, min(BATCH, NUMBERS // largest))

    @property
    def count(self) -> int | None:
        """How many candidates there are, where each comes once; None where they come without end."""
        return self.space.count if self.space.count <= FEW else None

    def draws(self, batch: int) -> list[Draw]:
        """The candidates of a batch, by structure; none past the last."""
        start = batch * self.batch
        numbers = np.arange(start, min(start + self.batch, self.count or start + self.batch))
        if not len(numbers):
            return []
        which, raw = self._shuffled(numbers) if self.count is not None else self._drawn(batch, len(numbers))
        return list(self._by_structure(numbers, which, raw))

    def _by_structure(self, numbers: np.ndarray, which: np.ndarray, raw: np.ndarray) -> Iterator[Draw]:
        for structure in self.space.structures:
            there = slice(None) if len(self.space.structures) == 1 else which == structure.number
            mine = numbers[there]
            if len(mine):
                yield Draw(structure, mine, self._levels(structure, raw[:, there]))

    def _levels(self, structure: Structure, raw: np.ndarray) -> np.ndarray:
        if self.count is not None:
            return _digits(structure.columns_counts, raw[0])
        return _scaled(structure.columns_counts, raw)

    def _drawn(self, batch: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        raw = raw_numbers(self.seed, batch, (self._columns + 1, count))
        return _scaled((len(self.space.structures),), raw[-1:])[0], raw

    def _shuffled(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        order = self._order[numbers]
        ends = np.cumsum([structure.count for structure in self.space.structures])
        which = np.searchsorted(ends, order, side="right")
        return which, (order - np.concatenate([[0], ends[:-1]])[which])[None]

    @cached_property
    def _order(self) -> np.ndarray:
        return np.argsort(raw_numbers(self.seed, 0, (self.space.count,)), kind="stable")

    def pilot(self, structure: Structure, count: int) -> np.ndarray:
        """The levels (columns, count) of candidates of one structure that are looked at beforehand."""
        raw = raw_numbers(self.seed, PILOT_KEY + structure.number, (max(1, len(structure.columns)), count))
        return _scaled(structure.columns_counts, raw)


def raw_numbers(seed: int, key: int, shape: tuple[int, ...]) -> np.ndarray:
    """32 random bits each."""
    bits = np.random.Philox(key=np.array([seed, key], np.uint64))
    count = int(np.prod(shape))
    both = bits.random_raw((count + 1) // 2).view(np.uint32) if np.little_endian else _halves(bits, count)
    found: np.ndarray = both[:count].reshape(shape)
    return found


def _halves(bits: np.random.Philox, count: int) -> np.ndarray:
    raw = bits.random_raw((count + 1) // 2)
    return np.stack([raw & np.uint64(0xFFFFFFFF), raw >> np.uint64(32)], axis=-1).astype(np.uint32).reshape(-1)


def _scaled(counts: Sequence[int], raw: np.ndarray) -> np.ndarray:
    """32 random bits each as levels of columns with so many ``counts``, (columns, candidates): bits · count / 2³²."""
    levels = np.empty((len(counts), raw.shape[1]), np.int64)
    for row, count, bits in zip(levels, counts, raw, strict=False):
        np.multiply(bits, np.uint64(count), out=row.view(np.uint64))
        row >>= 32
    return levels


def _digits(counts: Sequence[int], numbers: np.ndarray) -> np.ndarray:
    """Numbers as the levels that they stand for, the last column's changing fastest."""
    levels = np.empty((len(counts), len(numbers)), np.int64)
    for place in reversed(range(len(counts))):
        numbers, levels[place] = np.divmod(numbers, counts[place])
    return levels
