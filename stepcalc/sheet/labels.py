"""Where the labels of a plot stand: near what they name, and on nothing that is drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product

from stepcalc.board.nodes import Node
from stepcalc.sheet.blocks import Point
from stepcalc.sheet.placing import BoundingBox, crosses
from stepcalc.sheet.typeset import typeset

LABEL_SIZE = 12.0
Line = tuple[Point, Point]

_CLEAR = 3.0
"""The paper around a label, which no line may touch."""
_GAPS = (1.0, 3.0, 5.5, 8.0, 12.0, 17.0, 23.0, 31.0, 41.0, 54.0, 71.0, 92.0)
"""How far a label may be from what it names."""
_SHIFTS = (0.0, -0.25, 0.25, -0.5, 0.5, -0.75, 0.75, -1.0, 1.0)
_LEADER_FROM = 10.0
_FAINT, _CROWD, _CROSSING = 12.0, 15.0, 60.0
"""What a faint line through a label, a label next to it, and a line before what it names count against a pixel."""
_NEXT = 4.0


@dataclass(frozen=True, slots=True)
class Label:
    """Mathematics with its middle at ``at``, and where a line leads from it to what it names, if that is far.

    ``inside``: among the curves, where it stands on paper of its own.
    """

    node: Node
    at: Point
    box: BoundingBox
    leader: Line | None = None
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """What is to have a label: it may stand beside any of ``anchors``, around which ``radius`` is taken."""

    node: Node
    anchors: tuple[Point, ...]
    radius: float


@dataclass(slots=True)
class Obstacles:
    """What labels keep clear of: they stay in ``frame``, beside ``boxes`` and ``lines``, best off ``faint`` ones."""

    frame: BoundingBox
    boxes: list[BoundingBox]
    lines: list[Line]
    faint: list[Line]
    labels: list[BoundingBox] = field(default_factory=list)

    def leave_free(self, box: BoundingBox) -> bool:
        """Whether a label can stand there."""
        frame = self.frame
        return (
            frame.left <= box.left
            and box.right <= frame.right
            and frame.top <= box.top
            and box.bottom <= frame.bottom
            and not any(box.overlap(other) for other in self.boxes)
            and not any(crosses(box, line) for line in self.lines)
        )

    def cost(self, box: BoundingBox, way: Line, anchor: Point) -> float:
        """How much in pixels speaks against a label there, from which ``way`` leads to its anchor."""
        if any(crosses(label, way) for label in self.labels):
            return math.inf
        near = BoundingBox(box.left - _NEXT, box.top - _NEXT, box.right + _NEXT, box.bottom + _NEXT)
        others = (other for other in self.boxes if _nearest(other, anchor) != anchor)
        between = sum(_meet(way, line) for line in self.lines) + sum(crosses(other, way) for other in others)
        return (
            _FAINT * sum(crosses(box, line) for line in self.faint)
            + _CROWD * any(near.overlap(other) for other in self.labels)
            + _CROSSING * between
        )

    def add(self, label: Label) -> None:
        """A label that stands is in the way of those that follow."""
        self.boxes.append(label.box)
        self.labels.append(label.box)
        if label.leader is not None:
            self.lines.append(label.leader)


def ink_size(node: Node, size: float = LABEL_SIZE) -> tuple[float, float]:
    """The width and height of mathematics in pixels."""
    ink = typeset(node, display=False, size=size)
    return ink.width, ink.ascent + ink.descent


def box_around(at: Point, size: tuple[float, float], margin: float = 0.0) -> BoundingBox:
    """What is so large and has its middle there."""
    (x, y), (width, height) = at, size
    across, up = width / 2 + margin, height / 2 + margin
    return BoundingBox(x - across, y - up, x + across, y + up)


def place_labels(wanted: Iterable[Named], obstacles: Obstacles) -> Iterator[Label]:
    """The labels that find a place, the first ones before the others."""
    for named in wanted:
        label = _best(named, obstacles)
        if label is not None:
            obstacles.add(label)
            yield label


def _best(named: Named, obstacles: Obstacles) -> Label | None:
    """The label in the nearest free place, if there is one."""
    size = ink_size(named.node)
    least, best = math.inf, None
    for gap, anchor in product(_GAPS, named.anchors):
        for at in _beside(anchor, size, gap + _CLEAR) if gap < least else ():
            box = box_around(at, size, _CLEAR)
            away = math.dist(_nearest(box, anchor), anchor)
            if away >= least or not obstacles.leave_free(box):
                continue
            way = _way(box, anchor, named.radius)
            cost = away + obstacles.cost(box, way, anchor)
            if cost < least:
                leader = way if math.dist(*way) > _LEADER_FROM else None
                least, best = cost, Label(named.node, at, box, leader, inside=True)
    return best


def _beside(anchor: Point, size: tuple[float, float], gap: float) -> Iterator[Point]:
    """Where a label's middle may be, so that it is ``gap`` away: above, below, and on either side."""
    (x, y), across, up = anchor, size[0] / 2 + gap, size[1] / 2 + gap
    for shift in _SHIFTS:
        yield x + shift * across, y - up
        yield x + shift * across, y + up
    for shift in _SHIFTS[:-2]:
        yield x - across, y + shift * up
        yield x + across, y + shift * up


def _nearest(box: BoundingBox, point: Point) -> Point:
    return min(max(point[0], box.left), box.right), min(max(point[1], box.top), box.bottom)


def _way(box: BoundingBox, anchor: Point, radius: float) -> Line:
    """The straight way from a label to the border of what it names."""
    near = _nearest(box, anchor)
    share = min(1.0, radius / (math.dist(near, anchor) or 1.0))
    return near, (anchor[0] + share * (near[0] - anchor[0]), anchor[1] + share * (near[1] - anchor[1]))


def _meet(one: Line, other: Line) -> bool:
    """Whether two lines cross."""
    return all(_side(line, ends[0]) * _side(line, ends[1]) < 0 for line, ends in ((one, other), (other, one)))


def _side(line: Line, point: Point) -> float:
    (x1, y1), (x2, y2) = line
    return (x2 - x1) * (point[1] - y1) - (y2 - y1) * (point[0] - x1)
