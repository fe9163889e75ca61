"""What a rule is: a reason for which candidates are refused, over many of them at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import reduce
from typing import ClassVar

import numpy as np

from stepcalc.drawing.rows import Rows
from stepcalc.recipes import CHEAP, DEAR, RULES, Quality

ROUND = 1e-9
"""A number no further than this share of a limit from it is on it: what doubles leave of decimals decides nothing."""


class Rule(ABC):
    """A reason for which candidates are refused; its sentence stands under its name in the section ``refused``.

    What a rule says of a candidate depends on this candidate alone, and on a pilot that is the same for all.
    """

    name: ClassVar[str]

    @property
    def is_cheap(self) -> bool:
        """Whether it needs no more than what the engine calculates of every candidate."""
        return self.name in CHEAP

    @abstractmethod
    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        """Which rows are refused, (rows,)."""


CATALOGUE: dict[str, Rule] = {}
"""Every rule by its name."""
AGAIN: list[Rule] = []
"""Cheap rules on what takes longer to calculate: answers that are not among the engine's numbers."""


def register(kind: type[Rule]) -> type[Rule]:
    """Puts a rule into the catalogue."""
    assert kind.name in RULES, kind.name
    CATALOGUE[kind.name] = kind()
    return kind


def applied(quality: Quality) -> list[Rule]:
    """The rules that are applied, in their order."""
    rules = [CATALOGUE[name] for name in CHEAP], AGAIN, [CATALOGUE[name] for name in DEAR if name in CATALOGUE]
    return [rule for group in rules for rule in group if rule.name not in quality.allow]


def anywhere(rows: Rows, *where: np.ndarray) -> np.ndarray:
    """The rows in which something holds of any element."""
    found = (there.reshape(len(rows), -1).any(axis=1) for there in where)
    return reduce(np.logical_or, found, np.zeros(len(rows), bool))


def below(sizes: np.ndarray, limit: float | np.ndarray) -> np.ndarray:
    """Where sizes are less than a limit; on it they are not."""
    found: np.ndarray = sizes < limit * (1 - ROUND)
    return found


def no_more(sizes: np.ndarray, limit: float | np.ndarray) -> np.ndarray:
    """Where sizes are less than a limit, or on it."""
    found: np.ndarray = sizes <= limit * (1 + ROUND)
    return found
