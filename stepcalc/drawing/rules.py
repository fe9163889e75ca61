"""When is a candidate refused? Each rule by itself, over many candidates at once, the cheapest first."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache, reduce
from typing import ClassVar

import numpy as np

from stepcalc.backend import quiet
from stepcalc.drawing.rows import Rows
from stepcalc.ops.activation import Activation
from stepcalc.recipes import RULES, Quality


class Rule(ABC):
    """A reason for which candidates are refused; its sentence stands under its name in the section ``refused``."""

    name: ClassVar[str]

    @abstractmethod
    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        """Which rows are refused, (rows,)."""


CATALOGUE: dict[str, Rule] = {}
"""Every rule by its name, in the order in which they are applied."""


def register(kind: type[Rule]) -> type[Rule]:
    """Puts a rule into the catalogue."""
    assert kind.name in RULES, kind.name
    CATALOGUE[kind.name] = kind()
    return kind


def applied(quality: Quality) -> list[Rule]:
    """The rules that are applied, in their order."""
    return [CATALOGUE[name] for name in RULES if name in CATALOGUE and name not in quality.allow]


def _anywhere(rows: Rows, *where: np.ndarray) -> np.ndarray:
    """The rows in which something holds of any element."""
    found = (there.reshape(len(rows), -1).any(axis=1) for there in where)
    return reduce(np.logical_or, found, np.zeros(len(rows), bool))


@register
class Overflow(Rule):
    """A number leaves what a double can hold."""

    name = "overflow"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        return _anywhere(rows, *(~np.isfinite(rows.values[name]) for name in rows.model.looked_at))


@register
class Kink(Rule):
    """A number stands on, or next to, the corner of an activation."""

    name = "kink"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        near = (
            np.abs(rows.values[quantity.parents[0]] - kink.at) < quality.kink_margin
            for quantity in rows.model.graph.quantities.values()
            if quantity.op is not None and isinstance(quantity.op.core, Activation)
            for kink in quantity.op.core.kinks
        )
        return _anywhere(rows, *near)


def _slopes(rows: Rows) -> list[tuple[np.ndarray, float]]:
    """The slopes of all units, and the steepest that each may have; not of activations that are flat everywhere."""
    found = []
    for name, quantity in rows.model.graph.quantities.items():
        core = getattr(quantity.op, "core", None)
        if isinstance(core, Activation) and (steepest := _steepest(core)) > 0:
            with quiet():
                slope = core.slope(np, rows.values[name], rows.values[quantity.parents[0]])
            found.append((np.broadcast_to(np.abs(slope), rows.values[name].shape), steepest))
    return found


@lru_cache(maxsize=256)
def _steepest(activation: Activation) -> float:
    z = np.linspace(-10, 10, 2001)
    with quiet():
        return float(np.max(np.abs(activation.slope(np, activation.forward(np, z), z) + 0 * z)))


@register
class Dead(Rule):
    """A unit lets nothing back: its slope is 0."""

    name = "dead"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        return _anywhere(rows, *(slope == 0 for slope, _ in _slopes(rows)))


@register
class Saturated(Rule):
    """A unit is so flat that hardly anything comes back."""

    name = "saturated"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        found = _slopes(rows)
        return _anywhere(rows, *((slope > 0) & (slope < quality.min_slope * most) for slope, most in found))


@register
class Zero(Rule):
    """An answer is 0."""

    name = "zero"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        return _anywhere(rows, *(answer == 0 for answer in answers(rows)))


@register
class Small(Rule):
    """An answer is nearer to 0 than platforms can tell, or too far from it to be written down."""

    name = "small"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        sizes = [np.abs(answer) for answer in answers(rows)]
        near = [(size > 0) & (size < quality.min_abs_answer) for size in sizes]
        return _anywhere(rows, *near, *(size > quality.max_abs_answer for size in sizes))


def answers(rows: Rows) -> list[np.ndarray]:
    """The answers that are calculated in one go, each (rows,)."""
    found = (rows.column(item) for item in rows.model.asked)
    return [answer for answer in found if answer is not None]
