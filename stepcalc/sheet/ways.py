"""The way of a run: its points on the curve of the cost over one parameter, or among the levels over two."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise, product
from typing import Literal, TypeAlias

import numpy as np

from stepcalc.board.nodes import Node, Num, Rel
from stepcalc.contours import contours
from stepcalc.outcomes import window
from stepcalc.sheet.blocks import Axis, Curve, Mark, Plot, Point
from stepcalc.sheet.context import Context
from stepcalc.sheet.scales import X_TICKS, Y_TICKS, around, axis, clipped
from stepcalc.training import Trained, TrainingRun

MARKED = 40
"""So many points on the way are marked."""
ARROWS, FAR = 12, 0.06
"""So many of the first steps are arrows, if they are longer than this share of the picture."""
MARGIN, MIRRORED = 0.08, 0.6
"""What is drawn beyond the way to either side, and how far beyond its lowest point, as a share of the way there."""
ALONG, ACROSS, FEWEST_ACROSS = 161, 61, 15
"""Points of the cost over one parameter, and along each side of the plane of two."""
MOST_NUMBERS = 4_000_000
"""The cost of all samples is calculated at so many points that samples times points stay below this."""
LEVELS, MOST_LEVELS = 8, 16
"""Levels from the lowest cost of the picture up to the start, and with those beyond."""

Shape: TypeAlias = Literal["wide", "tall", "panel"]
TICKS: dict[Shape, tuple[int, int]] = {"wide": (X_TICKS, Y_TICKS), "tall": (X_TICKS, X_TICKS), "panel": (3, 4)}
"""About how many numbers stand at the axes."""


def way(
    sheet: Context, trained: Trained, run: TrainingRun, runs: Sequence[TrainingRun], shape: Shape = "wide"
) -> Plot | None:
    """One run's way, on axes that show those of all ``runs``; None where there are too many parameters or samples."""
    if len(run.path) < 2:
        return None
    low, high = window(runs)
    points = [point for each in runs for point in zip(each.path, each.history, strict=True)]
    seen = sorted(((cost, at) for at, cost in points if low <= cost <= high))
    sides = [_reach([at[side] for _, at in seen]) for side in range(len(trained.followed))]
    if not all(math.isfinite(end - start) for start, end in sides):
        return None
    draw = _on_curve if len(sides) == 1 else _on_plane
    return draw(sheet, trained, run, sides, (low, high), shape)


def _reach(values: list[float]) -> tuple[float, float]:
    """From where to where a way is drawn, the place of its lowest cost first: that has something on both sides."""
    lowest, low, high = values[0], min(values), max(values)
    low, high = min(low, lowest - MIRRORED * (high - lowest)), max(high, lowest + MIRRORED * (lowest - low))
    room = MARGIN * (high - low) or max(abs(low), 1.0)
    return low - room, high + room


def _on_curve(
    sheet: Context,
    trained: Trained,
    run: TrainingRun,
    sides: Sequence[tuple[float, float]],
    costs: tuple[float, float],
    shape: Shape,
) -> Plot | None:
    """Over one parameter."""
    (item,), ((start, end),) = trained.followed, sides
    if ALONG * trained.samples > MOST_NUMBERS:
        return None
    places = sorted({*np.linspace(start, end, ALONG).tolist(), *(at for (at,) in run.path if start <= at <= end)})
    heights = trained.costs.along(item, places)
    points = list(zip(places, heights, strict=True))
    lowest = min((height for height in heights if math.isfinite(height)), default=costs[0])
    x_ticks, y_ticks = TICKS[shape]
    y = around(sheet.symbol(sheet.graph.cost), [min(costs[0], lowest), costs[1]], y_ticks)
    if not math.isfinite(y.high - y.low):
        return None
    x = axis(sheet.symbol(item), start, end, x_ticks)
    drawn = [Curve(part) for part in clipped(points, y.low, y.high)]
    stations = [(at, cost) for (at,), cost in zip(run.path, run.history, strict=True)]
    return Plot(x, y, (*drawn, *_steps(stations, x, y)), tuple(_marks(sheet, trained, stations, x, y, shape)),
                reveals=True, shape=shape)  # fmt: skip


def _on_plane(
    sheet: Context,
    trained: Trained,
    run: TrainingRun,
    sides: Sequence[tuple[float, float]],
    costs: tuple[float, float],
    shape: Shape,
) -> Plot | None:
    """Over two parameters, the cost as levels."""
    across = min(ACROSS, math.isqrt(MOST_NUMBERS // trained.samples))
    if across < FEWEST_ACROSS:
        return None
    xs, ys = (np.linspace(start, end, across) for start, end in sides)
    points = [(float(x), float(y)) for y, x in product(ys, xs)]
    heights = trained.costs.at(trained.followed, points).reshape(across, across)
    one, other = map(sheet.symbol, trained.followed)
    x_ticks, y_ticks = TICKS["tall" if shape == "wide" else shape]
    x, y = axis(one, *sides[0], x_ticks), axis(other, *sides[1], y_ticks)
    drawn = [
        Curve(part, "level")
        for level in _levels(heights, costs[1])
        for line in contours(xs, ys, heights, level)
        for part in _halves(line)
    ]
    stations = [(at[0], at[1]) for at in run.path]
    return Plot(x, y, (*drawn, *_steps(stations, x, y)), tuple(_marks(sheet, trained, stations, x, y, shape)),
                reveals=True, shape="tall" if shape == "wide" else shape)  # fmt: skip


def _levels(heights: np.ndarray, high: float) -> Iterator[float]:
    """Heights of levels that lie evenly apart on a bowl: they grow with the square of their number."""
    finite = heights[np.isfinite(heights)]
    if not finite.size:
        return
    low, top = float(finite.min()), float(finite.max())
    step = (high - low) / LEVELS**2
    for number in range(1, MOST_LEVELS + 1):
        if low < (level := low + step * number**2) < top and math.isfinite(level):
            yield level


def _halves(line: tuple[Point, ...]) -> Iterator[tuple[Point, ...]]:
    """A closed line as two, each with ends of its own."""
    if line[0] != line[-1]:
        yield line
        return
    middle = len(line) // 2
    yield line[: middle + 1]
    yield line[middle:]


# ------------------------------------------------------------------------------------------- points and steps


def _steps(stations: Sequence[Point], x: Axis, y: Axis) -> Iterator[Curve]:
    """The steps from point to point: the first long ones as arrows, the others as one line."""
    for number, step in enumerate(islice(pairwise(stations), MARKED)):
        inside = _cut(step, x, y)
        if inside is not None:
            long = number < ARROWS and _share(inside, x, y) >= FAR and inside == step
            yield Curve(inside, "step" if long else "run")


def _share(step: tuple[Point, Point], x: Axis, y: Axis) -> float:
    """How long a step is, as a share of the picture."""
    (x1, y1), (x2, y2) = step
    return math.hypot((x2 - x1) / (x.high - x.low), (y2 - y1) / (y.high - y.low))


def _cut(step: tuple[Point, Point], x: Axis, y: Axis) -> tuple[Point, Point] | None:
    """The part of a step that is in the picture, from its beginning; None where that is outside."""
    start, end = step
    if not _inside(start, x, y):
        return None
    share = 1.0
    for at, to, one in zip(start, end, (x, y), strict=True):
        if not one.low <= to <= one.high:
            share = min(share, ((one.high if to > at else one.low) - at) / (to - at))
    if share >= 1.0:
        return step
    return start, (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))


def told(sheet: Context, symbol: str, value: float, item: str | None = None) -> Rel:
    """w ≈ 0.3221; ``item`` if it is its own number."""
    number = sheet.number(value, item)
    exact = isinstance(number, Num) and sheet.trace.rounding.is_exact(value, number.text)
    return Rel(sheet.symbol(symbol), "=" if exact else "≈", number)


def _inside(point: Point, x: Axis, y: Axis) -> bool:
    return x.low <= point[0] <= x.high and y.low <= point[1] <= y.high


def _marks(
    sheet: Context, trained: Trained, stations: Sequence[Point], x: Axis, y: Axis, shape: Shape
) -> Iterator[Mark]:
    """The points on the way, the first of them named where there is room."""
    first, *further = stations[:MARKED]
    yield from (Mark(point) for point in further if _inside(point, x, y))
    label: Node | None = None
    if shape != "panel" and len(trained.followed) == 1:
        item = trained.followed[0]
        label = told(sheet, item, first[0], item)
    yield Mark(first, label, "chosen")
