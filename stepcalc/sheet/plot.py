"""Where the parts of a plot stand, in pixels: one geometry for every format."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise, zip_longest
from typing import TypeAlias

from stepcalc.board.nodes import Node
from stepcalc.sheet.blocks import Axis, Curve, Mark, Panels, Plot, Point
from stepcalc.sheet.labels import LABEL_SIZE, Label, Line, Named, Obstacles, box_around, ink_size, place_labels
from stepcalc.sheet.placing import BoundingBox

SMALL_LABEL_SIZE = 10.0
MARK_RADIUS, STROKE_HEIGHT = 3.4, 7.0
_SIZES = {"wide": (310.0, 150.0), "tall": (310.0, 220.0), "panel": (145.0, 108.0)}
_SMALL = (112.0, 66.0)
_BETWEEN = 12.0
"""The room between two panels."""
_GAP, _TICK = 4.0, 4.0
_TAKEN, _NEXT_TO = MARK_RADIUS + 2, 2.5
"""What a dot takes with the paper around it, and how near to a tangent the line from its label ends."""
_NEAR_THE_ENDS = (0.0, 0.12, 0.88, 1.0)
_SMOOTH = 0.12
"""A point of a curve this near to the straight line between its neighbours is left out."""

_Lines: TypeAlias = tuple[tuple[Curve, tuple[Point, ...]], ...]
_Marks: TypeAlias = tuple[tuple[Mark, Point], ...]


@dataclass(frozen=True, slots=True)
class PlacedPlot:
    """A plot with coordinates; y grows downwards. ``frame`` is where the curves are.

    ``homeless``: the labels for which there is no place.
    """

    width: float
    height: float
    frame: BoundingBox
    lines: _Lines
    marks: _Marks
    zeros: tuple[Line, ...]
    ticks: tuple[Line, ...]
    labels: tuple[Label, ...]
    homeless: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class PlacedFigure:
    """One plot, or several: each with the place of its upper left corner."""

    width: float
    height: float
    plots: tuple[tuple[Point, PlacedPlot], ...]


def place_figure(figure: Plot | Panels, *, small: bool = False) -> PlacedFigure:
    """Coordinates for everything in a figure; panels stand in rows and columns."""
    if isinstance(figure, Plot):
        placed = place_plot(figure, small=small)
        return PlacedFigure(placed.width, placed.height, (((0.0, 0.0), placed),))
    rows = [[place_plot(plot) for plot in row] for row in figure.rows]
    widths = [max(placed.width for placed in column if placed) for column in zip_longest(*rows)]
    heights = [max(placed.height for placed in row) for row in rows]
    lefts, tops = ([0.0, *accumulate(size + _BETWEEN for size in sizes)] for sizes in (widths, heights))
    plots = tuple(
        ((lefts[column], tops[row]), placed) for row, line in enumerate(rows) for column, placed in enumerate(line)
    )
    return PlacedFigure(lefts[-1] - _BETWEEN, tops[-1] - _BETWEEN, plots)


@lru_cache(maxsize=32)
def place_plot(plot: Plot, *, small: bool = False) -> PlacedPlot:
    """Coordinates for everything on a plot; a small one shows its curves only, on axes without numbers."""
    width, height = _SMALL if small else _SIZES[plot.shape]
    left = _GAP if small else _beside_the_axis(plot.y)
    top = _GAP if small else LABEL_SIZE + 2 * _GAP
    frame = BoundingBox(left, top, left + width, top + height)
    scale = _Scale(plot.x, plot.y, frame)
    lines = tuple((curve, _simplified([scale(point) for point in curve.points])) for curve in plot.curves)
    marks = tuple((mark, scale(mark.at)) for mark in plot.marks)
    fixed = () if small else tuple(_axis_labels(plot, scale))
    zeros = tuple(_zero_lines(plot, scale))
    wanted = () if small else tuple(_named(lines, marks))
    free = tuple(place_labels(wanted, _obstacles(lines, marks, fixed, zeros, frame)))
    homeless = tuple(named.node for named in wanted if all(named.node is not label.node for label in free))
    right = max((label.box.right for label in fixed), default=frame.right) + _GAP
    bottom = max((label.box.bottom for label in fixed), default=frame.bottom) + _GAP
    ticks = () if small else tuple(_tick_marks(plot, scale))
    return PlacedPlot(right, bottom, frame, lines, marks, zeros, ticks, (*fixed, *free), homeless)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From the units of a plot to pixels."""

    x: Axis
    y: Axis
    frame: BoundingBox

    def __call__(self, point: Point) -> Point:
        across = (point[0] - self.x.low) / (self.x.high - self.x.low)
        up = (point[1] - self.y.low) / (self.y.high - self.y.low)
        frame = self.frame
        return frame.left + across * (frame.right - frame.left), frame.bottom - up * (frame.bottom - frame.top)


def _beside_the_axis(y: Axis) -> float:
    """The room that the numbers at the upright axis need."""
    return max((ink_size(tick, SMALL_LABEL_SIZE)[0] for tick in y.ticks), default=0.0) + 3 * _GAP


def _ticks(plot: Plot, scale: _Scale) -> Iterator[tuple[Node, Point, bool]]:
    """Each tick's number, its place on the axis, and whether it is one of the upright axis."""
    frame = scale.frame
    for tick in plot.x.ticks:
        yield tick, (scale((float(tick.text), plot.y.low))[0], frame.bottom), False
    for tick in plot.y.ticks:
        yield tick, (frame.left, scale((plot.x.low, float(tick.text)))[1]), True


def _tick_marks(plot: Plot, scale: _Scale) -> Iterator[Line]:
    for _, (x, y), upright in _ticks(plot, scale):
        yield (x, y), ((x - _TICK, y) if upright else (x, y + _TICK))


def _axis_labels(plot: Plot, scale: _Scale) -> Iterator[Label]:
    frame = scale.frame
    for tick, (x, y), upright in _ticks(plot, scale):
        width, height = ink_size(tick, SMALL_LABEL_SIZE)
        at = (x - _TICK - 3 - width / 2, y) if upright else (x, y + _TICK + 4 + height / 2)
        yield Label(tick, at, box_around(at, (width, height)))
    width, height = ink_size(plot.x.label, LABEL_SIZE)
    at = (frame.right + 2 * _GAP + width / 2, frame.bottom)
    yield Label(plot.x.label, at, box_around(at, (width, height)))
    width, height = ink_size(plot.y.label, LABEL_SIZE)
    at = (max(frame.left, width / 2), frame.top - _GAP - height / 2)
    yield Label(plot.y.label, at, box_around(at, (width, height)))
    if plot.title is not None:
        width, height = ink_size(plot.title, LABEL_SIZE)
        at = ((frame.left + frame.right) / 2, frame.top - _GAP - height / 2)
        yield Label(plot.title, at, box_around(at, (width, height)))


def _zero_lines(plot: Plot, scale: _Scale) -> Iterator[Line]:
    """The lines x = 0 and y = 0, where they cross the plot."""
    frame = scale.frame
    x, y = scale((0.0, 0.0))
    if plot.x.low < 0 < plot.x.high:
        yield (x, frame.top), (x, frame.bottom)
    if plot.y.low < 0 < plot.y.high:
        yield (frame.left, y), (frame.right, y)


# --------------------------------------------------------------------------------- labels of curves and points


def _named(lines: _Lines, marks: _Marks) -> Iterator[Named]:
    """What is to be named, the most important first: the chosen point, where its step leads, the tangent."""
    order = {"chosen": 0, "hollow": 1, "plain": 3, "stroke": 3}
    points = [(order[mark.kind], Named(mark.label, (at,), _TAKEN)) for mark, at in marks if mark.label is not None]
    curves = [(2, Named(curve.label, _ends(line), _NEXT_TO)) for curve, line in lines if curve.label is not None]
    return (named for _, named in sorted([*points, *curves], key=lambda one: one[0]))


def _obstacles(
    lines: _Lines, marks: _Marks, fixed: tuple[Label, ...], zeros: tuple[Line, ...], frame: BoundingBox
) -> Obstacles:
    """Everything that is drawn, and the labels at the axes."""
    dots = [box_around(at, (0.0, 0.0), _TAKEN) for mark, at in marks if mark.kind != "stroke"]
    strokes = [
        ((x, frame.bottom), (x, frame.bottom - STROKE_HEIGHT)) for mark, (x, _) in marks if mark.kind == "stroke"
    ]
    drawn = [ends for _, points in lines for ends in pairwise(points)]
    above = BoundingBox(frame.left, 0.0, frame.right, frame.bottom)
    at_axes = [label.box for label in fixed if label.box.overlap(above)]
    return Obstacles(above, [*at_axes, *dots], [*drawn, *strokes], list(zeros))


def _ends(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """The points of a straight line that are nearer to its ends than to the middle, where it touches a curve."""
    (x1, y1), (x2, y2) = points[0], points[-1]
    return tuple((x1 + share * (x2 - x1), y1 + share * (y2 - y1)) for share in _NEAR_THE_ENDS)


def _simplified(points: list[Point]) -> tuple[Point, ...]:
    """The line without the points that it can do without."""
    if len(points) < 3:
        return tuple(points)
    first, last = points[0], points[-1]
    length = math.dist(first, last) or 1.0

    def away(point: Point) -> float:
        return abs((last[0] - first[0]) * (first[1] - point[1]) - (first[0] - point[0]) * (last[1] - first[1])) / length

    farthest = max(range(1, len(points) - 1), key=lambda place: away(points[place]))
    if away(points[farthest]) <= _SMOOTH:
        return first, last
    return (*_simplified(points[: farthest + 1])[:-1], *_simplified(points[farthest:]))
