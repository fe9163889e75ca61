"""What a nudge tells: whether a quotient of small differences bears the exact derivative out, and if not, why."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from stepcalc.costs import Nudge
from stepcalc.trace import Trace

Agreement = Literal["ok", "near", "rounded", "long", "corner"]
Quotient = Literal["forward", "central"]

EPSILON = 2.220446049250313e-16
ALIKE = 1e-4
"""A quotient this close (relatively) to the exact derivative is no sign of a corner."""
FAR_ABOVE_NOISE = 1000
"""A corner is claimed from differences this many times as large as their noise."""
SHORTER = (1e-1, 1e-3, 1e-5, 1e-7)
"""Parts of a step, each tried to see whether a corner is one from close by."""
STEADY_DIGITS = 9
"""So many digits of a difference quotient are worth showing; those after them come from the rounding of doubles."""


def agreement(trace: Trace, nudge: Nudge, exact: float, quotient: Quotient = "forward") -> Agreement:
    """Whether a difference quotient bears the exact derivative out, and if not, why.

    Where the curve only bends (``near``), a step ten times smaller comes about ten times as close. A step over which
    the slope changes by half of itself, or more, is too ``long`` to tell it. Where rounded numbers are carried,
    ``exact`` is not exact; quotients of shorter steps then tell the slope, and a smooth curve from one with a corner.
    """
    noise = _noise(nudge)
    off = abs(getattr(nudge, quotient) - exact)
    if off <= noise:
        return "ok"
    finer = trace.nudge(nudge.item, nudge.epsilon / 10)
    nearer = abs(getattr(finer, quotient) - exact) <= off / 4 + 10 * noise
    smooth = nearer or _bend(finer) <= _bend(nudge) / 4 + 10 * noise or not _bend_stays(trace, nudge)
    alike = off <= ALIKE * abs(exact)
    if not smooth:
        return "ok" if alike else "corner"
    slope = trace.nudge(nudge.item, nudge.epsilon / 1000).central if trace.rounding.carry else exact
    if _too_long(nudge, quotient, slope, noise):
        return "long"
    if nearer:
        return "near"
    return "rounded" if trace.rounding.carry else "ok" if alike else "near"


def _noise(nudge: Nudge) -> float:
    """How far the rounding of doubles may move a quotient."""
    return 4 * EPSILON * abs(nudge.before) / nudge.epsilon


def _bend(nudge: Nudge) -> float:
    return abs(nudge.forward - nudge.central)


def _bend_stays(trace: Trace, nudge: Nudge) -> bool:
    """Whether the quotients to the right and to both sides stay apart however short the step: there is a corner."""
    at, stays, longer = abs(trace.value(nudge.item) or 0.0), False, nudge
    for part in SHORTER:
        shorter = trace.nudge(nudge.item, nudge.epsilon * part)
        noise = _noise(shorter) + EPSILON * at * abs(longer.forward) / shorter.epsilon
        if FAR_ABOVE_NOISE * noise > _bend(longer):
            break
        stays = _bend(shorter) > _bend(longer) / 4
        longer = shorter
    return stays


def _too_long(nudge: Nudge, quotient: Quotient, slope: float, noise: float) -> bool:
    """Whether a quotient is off by half the slope or more; on flat ground, whether the two sides do not balance.

    Where the cost does not move at all, a shorter step would not move it either.
    """
    if nudge.forward == nudge.central == 0:
        return False
    if abs(slope) <= 1000 * noise:
        return abs(nudge.central - slope) > abs(nudge.forward - slope) / 10
    off: float = abs(getattr(nudge, quotient) - slope)
    return off > 10 * noise and off > abs(slope) / 2


def steadied(nudge: Nudge) -> Nudge:
    """A nudge without the last digits of its quotients, which come from the rounding of doubles."""
    size = max(abs(nudge.forward), abs(nudge.central))
    if size == 0 or not np.isfinite(size):
        return nudge
    digits = STEADY_DIGITS - 1 - int(np.floor(np.log10(size)))
    in_costs = digits - int(np.floor(np.log10(nudge.epsilon)))
    return replace(
        nudge,
        before=_rounded(nudge.before, in_costs),
        after=_rounded(nudge.after, in_costs),
        forward=_rounded(nudge.forward, digits),
        central=_rounded(nudge.central, digits),
    )


def _rounded(value: float, digits: int) -> float:
    return round(value, digits) + 0.0
