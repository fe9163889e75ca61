"""Where the parts of a network diagram stand, in pixels: one geometry for every format."""

from __future__ import annotations

from dataclasses import dataclass

from stepcalc.board.drawing import columns as text_columns
from stepcalc.board.nodes import Node
from stepcalc.board.plain import clean
from stepcalc.board.text import text
from stepcalc.sheet.blocks import Diagram, DiagramEdge, DiagramNode

RADIUS = 15.0
VALUE_SIZE = 11.0
_WIDEST = 640.0
_COLUMN_GAP, _ROW_GAP = 165.0, 55.0
_EDGE_OF_PICTURE, _TITLE_HEIGHT = 4.0, 24.0
_LETTER, _WORD_LETTER = 0.53 * VALUE_SIZE, 6.4
_ALONG = tuple(step / 100 for step in range(20, 81, 4))

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """The paper that a label takes."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> Point:
        """Its centre."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def overlap(self, other: BoundingBox) -> float:
        """The area that both take."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0) * max(height, 0)


@dataclass(frozen=True, slots=True)
class PlacedEdge:
    """An edge, its two ends on the circles, and its label's place ``along`` the way from one to the other."""

    edge: DiagramEdge
    ends: tuple[Point, Point]
    label: Node | None
    along: float
    box: BoundingBox


@dataclass(frozen=True, slots=True)
class Placed:
    """A diagram with coordinates; y grows downwards. ``index`` finds a node by its item."""

    width: float
    height: float
    columns: tuple[float, ...]
    nodes: tuple[tuple[DiagramNode, Point], ...]
    edges: tuple[PlacedEdge, ...]
    index: dict[str, int]


def place(diagram: Diagram) -> Placed:
    """Columns from left to right, each centred; labels of edges where they hide one another least."""
    top = _TITLE_HEIGHT if diagram.titles else 0.0
    left, right = (_words_beside(diagram.columns[side]) for side in (0, -1)) if diagram.columns else (0.0, 0.0)
    rows = max((len(column) for column in diagram.columns), default=0)
    height = top + 2 * _EDGE_OF_PICTURE + max(rows - 1, 0) * _ROW_GAP + 2 * RADIUS + VALUE_SIZE + 8
    gap = min(_COLUMN_GAP, (_WIDEST - left - right - 2 * RADIUS) / max(len(diagram.columns) - 1, 1))
    xs = tuple(left + RADIUS + index * gap for index in range(len(diagram.columns)))
    middle = top + _EDGE_OF_PICTURE + RADIUS + max(rows - 1, 0) * _ROW_GAP / 2
    nodes = tuple(
        (node, (x, middle + (row - (len(column) - 1) / 2) * _ROW_GAP))
        for column, x in zip(diagram.columns, xs, strict=True)
        for row, node in enumerate(column)
    )
    index = {node.item: number for number, (node, _) in enumerate(nodes) if node.item}
    edges = _place_edges(diagram.edges, {item: nodes[number][1] for item, number in index.items()}, nodes)
    width = (xs[-1] if xs else 0) + RADIUS + right
    return Placed(width, height, xs, nodes, edges, index)


def _words_beside(column: tuple[DiagramNode, ...]) -> float:
    longest = max((text_columns(clean(node.label)) for node in column), default=0)
    return _EDGE_OF_PICTURE + (longest * _WORD_LETTER + 8 if longest else 0)


def _place_edges(
    edges: tuple[DiagramEdge, ...], at: dict[str, Point], nodes: tuple[tuple[DiagramNode, Point], ...]
) -> tuple[PlacedEdge, ...]:
    taken = [_around(x, y + RADIUS + 8, columns_of(node.value)) for node, (x, y) in nodes if node.value is not None]
    placed = []
    for edge in edges:
        ends = _shortened(at[edge.source], at[edge.target])
        label = edge.value
        along, box = _best_place(ends, columns_of(label), taken)
        if label is not None:
            taken.append(box)
        placed.append(PlacedEdge(edge, ends, label, along, box))
    return tuple(placed)


def columns_of(value: Node | None) -> int:
    """How many characters a number takes when written."""
    return text_columns(text(value)) if value is not None else 0


def _shortened(start: Point, end: Point) -> tuple[Point, Point]:
    """The part of the way between two centres that is outside their circles."""
    (x1, y1), (x2, y2) = start, end
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1.0
    dx, dy = (x2 - x1) / length * RADIUS, (y2 - y1) / length * RADIUS
    return (x1 + dx, y1 + dy), (x2 - dx, y2 - dy)


def _around(x: float, y: float, letters: int) -> BoundingBox:
    half = letters * _LETTER / 2 + 2
    return BoundingBox(x - half, y - VALUE_SIZE * 0.6, x + half, y + VALUE_SIZE * 0.6)


def _best_place(ends: tuple[Point, Point], letters: int, taken: list[BoundingBox]) -> tuple[float, BoundingBox]:
    (x1, y1), (x2, y2) = ends
    places = [(along, _around(x1 + along * (x2 - x1), y1 + along * (y2 - y1), letters)) for along in _ALONG]
    return min(places, key=lambda place: (sum(map(place[1].overlap, taken)), abs(place[0] - 0.28)))
