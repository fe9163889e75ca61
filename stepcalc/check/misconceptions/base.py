"""What a misconception is: a name, and how it changes a step.

Its sentence stands under its name in the section ``misconceptions`` of the words; what is in braces there is what the
change is ``about``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

import numpy as np
import sympy as sp

from stepcalc.check.steps import OwnStep, Steps

Misreading = Callable[[np.ndarray], np.ndarray]
"""What becomes of the numbers of an item that is read wrongly."""


@dataclass(frozen=True)
class Change:
    """A step as somebody takes it who makes this mistake.

    ``formula`` is in the symbols of items, as the right one is. ``about`` are the items that the sentence speaks of;
    ``misread`` those whose numbers are read wrongly.
    """

    formula: sp.Expr
    about: Mapping[str, str] = field(default_factory=dict)
    misread: Mapping[str, Misreading] = field(default_factory=dict)


class Misconception(ABC):
    """One mistake that students make."""

    name: ClassVar[str]

    @abstractmethod
    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        """The step with this mistake, in every way in which it can be made there; none where it cannot."""


CATALOGUE: dict[str, Misconception] = {}
"""Every misconception by its name, the likeliest first."""

M = TypeVar("M", bound=type[Misconception])


def register(kind: M) -> M:
    """Puts a misconception into the catalogue. Raises :class:`ValueError` for a name that is taken."""
    if kind.name in CATALOGUE:
        raise ValueError(f"misconception {kind.name!r} is there already")
    CATALOGUE[kind.name] = kind()
    return kind
