"""Candidates of one structure, row by row, with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from stepcalc.drawing.calculation import Calculation

if TYPE_CHECKING:
    from stepcalc.drawing.model import Model


@dataclass(frozen=True, eq=False)
class Rows:
    """Some candidates of a structure: ``numbers`` in the stream, ``levels`` (columns, rows), ``values`` (rows, …).

    The rows of an array lie next to one another in memory, so that work along them is quick. ``found`` are columns,
    (rows,), that a rule has found and a later one needs as well.
    """

    model: Model
    numbers: np.ndarray
    levels: np.ndarray
    values: Mapping[str, np.ndarray]
    found: dict[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    def only(self, where: np.ndarray) -> Rows:
        """Some of the rows."""
        if where.dtype == bool and where.all():
            return self
        values, found = ({name: _along(array, where) for name, array in of.items()} for of in (self.values, self.found))
        return Rows(self.model, self.numbers[where], self.levels[:, where], values, found)

    def column(self, item: str) -> np.ndarray | None:
        """One scalar of every candidate, (rows,), by its id; None where it is not calculated in one go."""
        return self.model.column(self.values, item)

    @cached_property
    def calculations(self) -> tuple[tuple[np.ndarray, Calculation], ...]:
        """The own steps of the rows' items: for each pattern of targets which rows have it, and a calculation."""
        patterns = list(self.model.patterns.of(self))
        alone = len(patterns) == 1
        return tuple((at, Calculation(self if alone else self.only(at), pattern)) for pattern, at in patterns)


def _along(array: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Some of the rows, next to one another in memory again."""
    return np.moveaxis(np.moveaxis(array, 0, -1)[..., where], -1, 0)
