"""What a misconception is: a name, and how it changes a step.

Its sentence stands under its name in the section ``misconceptions`` of the words; what is in braces there is what the
change is ``about``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

import numpy as np
import sympy as sp

from stepcalc.calculus.symbols import symbol
from stepcalc.items import Item
from stepcalc.marking.steps import Edge, OwnStep, Steps
from stepcalc.notation import is_setting
from stepcalc.ops.base import Operation

Misreading = Callable[[np.ndarray], np.ndarray]
"""What numbers (rows,) may become when they are copied wrongly, (ways, rows); NaN where there is no such way."""


@dataclass(frozen=True)
class Change:
    """A step as somebody takes it who makes this mistake.

    ``formula`` is in the symbols of items, as the right one is. ``about`` are the items that the sentence speaks of;
    ``misread`` those whose numbers are read wrongly; ``mistyped`` gives what the answer itself may have been meant as.
    """

    formula: sp.Expr
    about: Mapping[str, str] = field(default_factory=dict)
    misread: Mapping[str, Misreading] = field(default_factory=dict)
    mistyped: Misreading | None = None


class Misconception(ABC):
    """One mistake that students make."""

    name: ClassVar[str]
    far_fetched: ClassVar[bool] = False
    """Whether it is looked for in the item's own step only, where nothing else explains an answer there, and believed
    only if it gives just the number typed."""

    @abstractmethod
    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        """The step with this mistake, in every way in which it can be made there; none where it cannot."""


REGISTERED: list[Misconception] = []

M = TypeVar("M", bound=type[Misconception])


def register(kind: M) -> M:
    """Puts a misconception into the catalogue. Raises :class:`ValueError` for a name that is taken."""
    if any(kind.name == known.name for known in REGISTERED):
        raise ValueError(f"misconception {kind.name!r} is there already")
    REGISTERED.append(kind())
    return kind


def core_of(item: str, steps: Steps) -> Operation | None:
    """What gives a scalar, whatever time step it is at; None for what is given."""
    op = steps.graph[steps.graph.read(item).name].op
    return None if op is None else op.core


def update_of(step: OwnStep) -> int:
    """The number of the update that a step belongs to."""
    return step.parsed.update or 1


def added(shares: Iterable[sp.Expr]) -> sp.Expr:
    """The sum of what comes back along some edges."""
    return sp.Add(*shares)


def returned(edge: Edge) -> sp.Expr:
    """∂cost/∂child of an edge, which is 1 where the child is the cost."""
    return sp.S.One if edge.upstream is None else symbol(edge.upstream)


def replaced(formula: sp.Expr, steps: Steps, by: Callable[[Item], str | None]) -> sp.Expr:
    """A formula with other items in place of some of its own; ``by`` gives None where one stays."""
    found = {s: by(steps.graph.read(s.name)) for s in formula.free_symbols if not is_setting(s.name)}
    return formula.xreplace({old: symbol(new) for old, new in found.items() if new is not None})
