"""Candidates of one structure, row by row, with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stepcalc.drawing.model import Model


@dataclass(frozen=True, eq=False)
class Rows:
    """Some candidates of a structure: ``numbers`` in the stream, ``levels`` (columns, rows), ``values`` (rows, …).

    The rows of an array lie next to one another in memory, so that work along them is quick.
    """

    model: Model
    numbers: np.ndarray
    levels: np.ndarray
    values: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.numbers)

    def only(self, where: np.ndarray) -> Rows:
        """Some of the rows."""
        values = {name: _along(array, where) for name, array in self.values.items()}
        return Rows(self.model, self.numbers[where], self.levels[:, where], values)

    def column(self, item: str) -> np.ndarray | None:
        """One scalar of every candidate, (rows,), by its id; None where it is not calculated in one go."""
        return self.model.column(self.values, item)


def _along(array: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Some of the rows, next to one another in memory again."""
    return np.moveaxis(np.moveaxis(array, 0, -1)[..., where], -1, 0)
