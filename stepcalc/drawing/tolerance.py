"""How far from the right number may an answer be? As far as rounding, or cutting off, every step can lead."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from stepcalc.marking.interval import Interval
from stepcalc.marking.precision import TIE, Asked
from stepcalc.marking.state import Key, State
from stepcalc.marking.steps import Steps


def reachable(steps: Steps, key: Key, asked: Asked, items: Iterable[str]) -> State:
    """What somebody may have who rounds, or cuts off, every step on the way to ``items`` (canonical ids)."""
    return State(steps, key, asked, frozenset(steps.order(items)))


def tolerance(reach: Interval, right: np.ndarray, asked: Asked) -> np.ndarray:
    """How far an answer may be from the ``right`` numbers, (rows,): to the further end of what can be reached.

    At least half a unit of the last digit asked, as for 4.6, which no rounding changes. Where a distance is asked, it
    is that.
    """
    if not asked.by_digits:
        return asked.distance(right)
    reached, unit = np.maximum(reach.hi - right, right - reach.lo), asked.unit(right)
    found: np.ndarray = np.maximum(reached, unit / 2) + unit * TIE  # what is reached is in it, to the last bit
    return found
