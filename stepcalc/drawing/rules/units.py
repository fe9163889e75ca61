"""Rules on what happens inside a network: numbers out of range, units that let nothing back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from stepcalc.backend import quiet
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.rule import Rule, anywhere, below, register
from stepcalc.ops.activation import Activation
from stepcalc.recipes import Quality

MAP = 3
"""The axes of a map: channels, height, width."""


@register
class Overflow(Rule):
    """A number leaves what a double can hold."""

    name = "overflow"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        return anywhere(rows, *(~np.isfinite(rows.values[name]) for name in rows.model.looked_at))


@dataclass(frozen=True, eq=False)
class Slopes:
    """The slopes of an activation, (rows, …), the ``steepest`` there may be, and whether it may ``rest`` at 0."""

    name: str
    sizes: np.ndarray
    steepest: float
    rests: bool


def _slopes(rows: Rows) -> list[Slopes]:
    """The slopes of every activation that is not flat everywhere; where it has a corner, one side of it may be flat."""
    found = []
    for name, quantity in rows.model.graph.quantities.items():
        core = getattr(quantity.op, "core", None)
        if isinstance(core, Activation) and (steepest := _steepest(core)) > 0:
            with quiet():
                slope = core.slope(np, rows.values[name], rows.values[quantity.parents[0]])
            sizes = np.broadcast_to(np.abs(slope), rows.values[name].shape)
            found.append(Slopes(name, sizes, steepest, bool(core.kinks)))
    return found


@lru_cache(maxsize=256)
def _steepest(activation: Activation) -> float:
    z = np.linspace(-10, 10, 2001)
    with quiet():
        return float(np.max(np.abs(activation.slope(np, activation.forward(np, z), z) + 0 * z)))


@register
class Dead(Rule):
    """A unit lets nothing back: its slope is 0 in all samples, at all time steps, and everywhere on its map."""

    name = "dead"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        return anywhere(rows, *(_of_units(one.sizes, one.name, rows) == 0 for one in _slopes(rows)))


def _of_units(slopes: np.ndarray, name: str, rows: Rows) -> np.ndarray:
    """The steepest slope of every unit, (rows, units): a map has a unit a channel, a sequence one an element."""
    quantity = rows.model.graph[name]
    axes = len(quantity.shape)
    unit = slopes.ndim - axes if axes == MAP else slopes.ndim - 1
    everywhere = tuple(axis for axis in range(1, slopes.ndim) if axis != unit)
    found: np.ndarray = slopes.max(axis=everywhere)
    return found


@register
class Saturated(Rule):
    """A unit is so flat that hardly anything comes back: in a sample, too, where a double has no slope left at all."""

    name = "saturated"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        return anywhere(rows, *(self._flat(one, quality.min_slope) for one in _slopes(rows)))

    def _flat(self, slopes: Slopes, least: float) -> np.ndarray:
        flat = below(slopes.sizes, least * slopes.steepest)
        return flat & (slopes.sizes > 0) if slopes.rests else flat
