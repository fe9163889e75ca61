"""What a function looks like: points of an activation, and of the cost along one of its parameters."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from stepcalc.backend import quiet
from stepcalc.ops.activation import Activation
from stepcalc.ops.base import Operation
from stepcalc.trace import Trace

POINTS = 121
"""So many points make a smooth curve."""
MOST_NUMBERS = 4_000_000
"""A parameter array with more numbers than this for all points together is not drawn along."""

Run = list[tuple[float, float]]
"""Points that are joined."""


def is_function(op: Operation | None) -> bool:
    """Whether an operation is a function of one number."""
    return op is not None and isinstance(op.core, Activation)


def bends(op: Operation | None) -> bool:
    """Whether an operation is such a function and more than a straight line."""
    function = None if op is None else op.core
    return isinstance(function, Activation) and bool(function.kinks or not function.derivative.is_Number)


def activation(op: Operation | None, low: float, high: float) -> list[Run]:
    """Points of an activation from ``low`` to ``high``, in runs that end where it jumps."""
    assert op is not None
    op = op.core
    assert isinstance(op, Activation)
    corners = sorted(kink.at for kink in op.kinks if low < kink.at < high)
    runs: list[Run] = []
    for left, right in pairwise([low, *corners, high]):
        z = np.linspace(left, right, POINTS)
        inside = np.clip(z, math.nextafter(left, math.inf), math.nextafter(right, -math.inf))
        with quiet():
            run = list(zip(z.tolist(), op.forward(np, inside).tolist(), strict=True))
        if runs and math.isclose(runs[-1][-1][1], run[0][1], abs_tol=1e-9 * (high - low)):
            runs[-1] += run[1:]
        else:
            runs.append(run)
    return runs


def cost_along(trace: Trace, item: str, low: float, high: float, *values: float) -> Run:
    """The cost over one parameter from ``low`` to ``high``, and at ``values``; empty where that is too much work."""
    computed = sum(quantity.size for quantity in trace.graph.quantities.values() if quantity.op is not None)
    if POINTS * (trace.graph.locate(item)[0].size + computed * (trace.graph.samples or 1)) > MOST_NUMBERS:
        return []
    places = sorted({*np.linspace(low, high, POINTS).tolist(), *values})
    return list(zip(places, trace.costs.along(item, places), strict=True))
