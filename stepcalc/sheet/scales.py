"""The axes of a plot: from where to where, and at which round numbers they are marked."""

from __future__ import annotations

import math
from decimal import Decimal

from stepcalc.board.nodes import Node, Num
from stepcalc.rounding import decimal_text
from stepcalc.sheet.blocks import Axis, Point

ROOM = 0.06
"""The share of an axis that is left free beyond the values on it."""
X_TICKS, Y_TICKS = 6, 5
_ROUND_STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))


def axis(label: Node, low: float, high: float, most: int = X_TICKS, *, whole: bool = False) -> Axis:
    """The axis from ``low`` to ``high`` with about ``most`` ticks or fewer; at ``whole`` numbers if asked."""
    return Axis(label, low, high, ticks(low, high, most, Decimal(1) if whole else None))


def around(label: Node, values: list[float], most: int = Y_TICKS) -> Axis:
    """An axis with a little room beyond ``values``, which may all be the same."""
    low, high = min(values), max(values)
    room = (high - low) * ROOM or abs(low) * ROOM or 1.0
    return axis(label, low - room, high + room, most)


def ticks(low: float, high: float, most: int, least: Decimal | None = None) -> tuple[Num, ...]:
    """Round numbers from ``low`` to ``high``, their distance 1, 2 or 5 times a power of ten and not below ``least``."""
    start, end = Decimal(repr(low)), Decimal(repr(high))
    span = end - start
    power = Decimal(10) ** math.floor((span / most).log10())
    step = next(step for factor in _ROUND_STEPS if span / (step := factor * power) <= most)
    step = max(step, least or step)
    first, last = math.ceil(start / step), math.floor(end / step)
    return tuple(Num(decimal_text(number * step)) for number in range(first, last + 1))


def clipped(points: list[Point], low: float, high: float) -> list[tuple[Point, ...]]:
    """The runs of ``points`` that are numbers between ``low`` and ``high``, each led up to where it leaves them."""
    runs: list[list[Point]] = [[]]
    for before, point in zip([None, *points], points, strict=False):
        inside = low <= point[1] <= high
        was_inside = before is not None and low <= before[1] <= high
        if before is not None and inside != was_inside and math.isfinite(before[1] + point[1]):
            runs[-1].append(_crossing(before, point, low, high))
        if inside:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [tuple(run) for run in runs if len(run) > 1]


def _crossing(one: Point, other: Point, low: float, high: float) -> Point:
    """Where the way between a point inside and one outside crosses the border."""
    border = high if max(one[1], other[1]) > high else low
    share = (border - one[1]) / (other[1] - one[1])
    return one[0] + share * (other[0] - one[0]), border


def line_through(at: Point, slope: float, reach: float, x: Axis, y: Axis) -> tuple[Point, ...]:
    """The straight line through ``at``, as far as ``reach`` to either side and no farther than the axes."""
    ends = []
    for side, room in ((-1.0, at[0] - x.low), (1.0, x.high - at[0])):
        rise = side * slope
        height = y.high - at[1] if rise > 0 else at[1] - y.low
        far = min(reach, room, height / abs(rise) if rise else math.inf)
        ends.append((at[0] + side * far, min(max(at[1] + rise * far, y.low), y.high)))
    return tuple(ends)
