"""Where the parts of a plot stand, in pixels: one geometry for every format. Labels go where they hide least."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from stepcalc.board.nodes import Node
from stepcalc.sheet.blocks import Axis, Curve, Mark, Plot, Point
from stepcalc.sheet.placing import BoundingBox, crosses
from stepcalc.sheet.typeset import typeset

LABEL_SIZE, SMALL_LABEL_SIZE = 12.0, 10.0
MARK_RADIUS = 3.4
_WIDTH, _HEIGHT = 310.0, 140.0
_SMALL_WIDTH, _SMALL_HEIGHT = 112.0, 66.0
_GAP, _TICK = 4.0, 4.0
_DISTANCES = (13.0, 18.0, 25.0, 34.0)
_DIRECTIONS = tuple((math.cos(turn * math.pi / 4), math.sin(turn * math.pi / 4)) for turn in range(8))
_NEAR_THE_ENDS = (0.0, 0.12, 0.24, 0.76, 0.88, 1.0)
_HIDING, _CROSSING = 20.0, 40.0
"""What a square pixel of something hidden, and a line through a label, count against a pixel of distance."""
_LEADER_FROM = 20.0
_SMOOTH = 0.12
"""A point of a curve this near to the straight line between its neighbours is left out."""


@dataclass(frozen=True, slots=True)
class Label:
    """Mathematics with its middle at ``at``, and where a line leads from it to what it names, if that is far.

    ``inside``: among the curves, which it must be told from.
    """

    node: Node
    at: Point
    box: BoundingBox
    leader: tuple[Point, Point] | None = None
    inside: bool = False


@dataclass(frozen=True, slots=True)
class PlacedPlot:
    """A plot with coordinates; y grows downwards. ``frame`` is where the curves are."""

    width: float
    height: float
    frame: BoundingBox
    lines: tuple[tuple[Curve, tuple[Point, ...]], ...]
    marks: tuple[tuple[Mark, Point], ...]
    zeros: tuple[tuple[Point, Point], ...]
    ticks: tuple[tuple[Point, Point], ...]
    labels: tuple[Label, ...]


def place_plot(plot: Plot, *, small: bool = False) -> PlacedPlot:
    """Coordinates for everything on a plot; a small one shows its curves only, on axes without numbers."""
    width, height = (_SMALL_WIDTH, _SMALL_HEIGHT) if small else (_WIDTH, _HEIGHT)
    left = _GAP if small else max((_size(tick, SMALL_LABEL_SIZE)[0] for tick in plot.y.ticks), default=0.0) + 3 * _GAP
    top = _GAP if small else LABEL_SIZE + 2 * _GAP
    frame = BoundingBox(left, top, left + width, top + height)
    scale = _Scale(plot.x, plot.y, frame)
    lines = tuple((curve, _simplified([scale(point) for point in curve.points])) for curve in plot.curves)
    marks = tuple((mark, scale(mark.at)) for mark in plot.marks)
    fixed = () if small else tuple(_axis_labels(plot, scale))
    zeros = tuple(_zero_lines(plot, scale))
    free = () if small else tuple(_named(lines, marks, fixed, zeros, frame))
    right = max((label.box.right for label in fixed), default=frame.right) + _GAP
    bottom = max((label.box.bottom for label in fixed), default=frame.bottom) + _GAP
    ticks = () if small else tuple(_tick_marks(plot, scale))
    return PlacedPlot(right, bottom, frame, lines, marks, zeros, ticks, (*fixed, *free))


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


def _size(node: Node, size: float) -> tuple[float, float]:
    ink = typeset(node, display=False, size=size)
    return ink.width, ink.ascent + ink.descent


def _box(at: Point, size: tuple[float, float], margin: float = 0.0) -> BoundingBox:
    (x, y), (width, height) = at, size
    across, up = width / 2 + margin, height / 2 + margin
    return BoundingBox(x - across, y - up, x + across, y + up)


def _ticks(plot: Plot, scale: _Scale) -> Iterator[tuple[Node, Point, bool]]:
    """Each tick's number, its place on the axis, and whether it is one of the upright axis."""
    frame = scale.frame
    for tick in plot.x.ticks:
        yield tick, (scale((float(tick.text), plot.y.low))[0], frame.bottom), False
    for tick in plot.y.ticks:
        yield tick, (frame.left, scale((plot.x.low, float(tick.text)))[1]), True


def _tick_marks(plot: Plot, scale: _Scale) -> Iterator[tuple[Point, Point]]:
    for _, (x, y), upright in _ticks(plot, scale):
        yield (x, y), ((x - _TICK, y) if upright else (x, y + _TICK))


def _axis_labels(plot: Plot, scale: _Scale) -> Iterator[Label]:
    frame = scale.frame
    for tick, (x, y), upright in _ticks(plot, scale):
        width, height = _size(tick, SMALL_LABEL_SIZE)
        at = (x - _TICK - 3 - width / 2, y) if upright else (x, y + _TICK + 4 + height / 2)
        yield Label(tick, at, _box(at, (width, height)))
    width, height = _size(plot.x.label, LABEL_SIZE)
    at = (frame.right + 2 * _GAP + width / 2, frame.bottom)
    yield Label(plot.x.label, at, _box(at, (width, height)))
    width, height = _size(plot.y.label, LABEL_SIZE)
    at = (max(frame.left, width / 2), frame.top - _GAP - height / 2)
    yield Label(plot.y.label, at, _box(at, (width, height)))


def _zero_lines(plot: Plot, scale: _Scale) -> Iterator[tuple[Point, Point]]:
    """The lines x = 0 and y = 0, where they cross the plot."""
    frame = scale.frame
    x, y = scale((0.0, 0.0))
    if plot.x.low < 0 < plot.x.high:
        yield (x, frame.top), (x, frame.bottom)
    if plot.y.low < 0 < plot.y.high:
        yield (frame.left, y), (frame.right, y)


# --------------------------------------------------------------------------------- labels of curves and points


def _named(
    lines: tuple[tuple[Curve, tuple[Point, ...]], ...],
    marks: tuple[tuple[Mark, Point], ...],
    fixed: tuple[Label, ...],
    zeros: tuple[tuple[Point, Point], ...],
    frame: BoundingBox,
) -> Iterator[Label]:
    """The labels of marks and curves; one that would hide another is left out, the chosen mark's never."""
    dots = [at for mark, at in marks if mark.kind != "stroke"]
    taken = [*(label.box for label in fixed), *(_box(at, (0.0, 0.0), MARK_RADIUS + 2) for at in dots)]
    ink = [ends for curve, points in lines if curve.kind != "guide" for ends in pairwise(points)] + [*zeros]
    order = {"chosen": 0, "hollow": 1, "plain": 3}
    wanted: list[tuple[int, Node, tuple[Point, ...]]]
    wanted = [(order[mark.kind], mark.label, (at,)) for mark, at in marks if mark.label is not None]
    wanted += [(2, curve.label, _ends(points)) for curve, points in lines if curve.label is not None]
    for rank, node, anchors in sorted(wanted, key=lambda one: one[0]):
        size = _size(node, LABEL_SIZE)
        hidden, at, anchor = _best_place(size, anchors, taken, ink, frame)
        if hidden and rank:
            continue
        taken.append(_box(at, size, 1.5))
        yield Label(node, at, taken[-1], _leader(taken[-1], anchor), inside=True)


def _ends(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """The points of a straight line that are nearer to its ends than to the middle, where it touches a curve."""
    (x1, y1), (x2, y2) = points[0], points[-1]
    return tuple((x1 + share * (x2 - x1), y1 + share * (y2 - y1)) for share in _NEAR_THE_ENDS)


def _best_place(
    size: tuple[float, float],
    anchors: tuple[Point, ...],
    taken: list[BoundingBox],
    ink: list[tuple[Point, Point]],
    frame: BoundingBox,
) -> tuple[float, Point, Point]:
    """How much a label hides in its best place, which is near and crossed by few lines; that place, and its anchor."""
    best: tuple[float, Point, float, Point] | None = None
    for distance in _DISTANCES:
        if best is not None and best[0] < distance:
            break  # nothing further off can be better
        for anchor in anchors:
            for at in _beside(anchor, size, distance):
                box = _box(at, size, 1.5)
                hidden = sum(map(box.overlap, taken)) + _area(box) - box.overlap(frame)
                cost = _HIDING * hidden + distance
                if best is None or cost < best[0]:
                    cost += _CROSSING * sum(crosses(box, ends) for ends in ink)
                if best is None or (cost, at) < best[:2]:
                    best = (cost, at, hidden, anchor)
    assert best is not None
    return best[2], best[1], best[3]


def _beside(anchor: Point, size: tuple[float, float], distance: float) -> Iterator[Point]:
    """Where a label's middle may be, around what it names."""
    for across, up in _DIRECTIONS:
        yield anchor[0] + across * (distance + size[0] / 2 - 4), anchor[1] - up * (distance + size[1] / 2 - 4)


def _leader(box: BoundingBox, anchor: Point) -> tuple[Point, Point] | None:
    """The line from a label to what it names, if that is far."""
    (x, y) = anchor
    near = (min(max(x, box.left), box.right), min(max(y, box.top), box.bottom))
    return (near, anchor) if math.dist(near, anchor) > _LEADER_FROM else None


def _area(box: BoundingBox) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


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
