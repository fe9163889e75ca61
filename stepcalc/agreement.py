"""What a nudge tells: whether a quotient of small differences bears the exact derivative out, and if not, why."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from stepcalc.trace import Nudge, Trace

Agreement = Literal["ok", "near", "rounded", "corner"]
Quotient = Literal["forward", "central"]

EPSILON = 2.220446049250313e-16
ALIKE = 1e-4
"""A quotient this close (relatively) to the exact derivative is no sign of a corner."""
STEADY_DIGITS = 9
"""So many digits of a difference quotient are worth showing; those after them come from the rounding of doubles."""


def agreement(trace: Trace, nudge: Nudge, exact: float, quotient: Quotient = "forward") -> Agreement:
    """Whether a difference quotient bears the exact derivative out, and if not, why.

    Where the curve only bends (``near``), a step ten times smaller comes about ten times as close. Where rounded
    numbers are carried, ``exact`` is not exact; the two quotients then tell a smooth curve from one with a corner.
    """
    noise = 4 * EPSILON * abs(nudge.before) / nudge.epsilon
    off = abs(getattr(nudge, quotient) - exact)
    if off <= noise:
        return "ok"
    finer = trace.nudge(nudge.item, nudge.epsilon / 10)
    if abs(getattr(finer, quotient) - exact) <= off / 4 + 10 * noise:
        return "near"
    bend, finer_bend = (abs(found.forward - found.central) for found in (nudge, finer))
    smooth = finer_bend <= bend / 4 + 10 * noise
    if smooth:
        return "rounded" if trace.rounding.carry else "ok"
    return "ok" if off <= ALIKE * abs(exact) else "corner"


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
