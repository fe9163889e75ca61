"""Where the parts of a network diagram stand, in pixels: one geometry for every format."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from stepcalc.board.drawing import columns as text_columns
from stepcalc.board.nodes import Node, Num, Rel
from stepcalc.board.plain import clean
from stepcalc.board.text import text
from stepcalc.sheet.blocks import Diagram, DiagramEdge, DiagramNode
from stepcalc.sheet.typeset import typeset

RADIUS = 15.0
VALUE_SIZE = 11.0
_WIDEST = 640.0
_COLUMN_GAP, _ROW_GAP = 190.0, 58.0
_CROWD, _ROW_GAP_IN_A_CROWD = 9, 74.0
"""So many labels between two layers need rows further apart."""
_HARDLY = 5.0
"""An overlap that cannot be seen, in square pixels."""
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
        if width <= 0:
            return 0.0
        return width * max(min(self.bottom, other.bottom) - max(self.top, other.top), 0.0)


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
    row_gap = _ROW_GAP if _most_labels(diagram) < _CROWD else _ROW_GAP_IN_A_CROWD
    height = top + 2 * _EDGE_OF_PICTURE + max(rows - 1, 0) * row_gap + 2 * RADIUS + VALUE_SIZE + 8
    gap = min(_COLUMN_GAP, (_WIDEST - left - right - 2 * RADIUS) / max(len(diagram.columns) - 1, 1))
    xs = tuple(left + RADIUS + index * gap for index in range(len(diagram.columns)))
    middle = top + _EDGE_OF_PICTURE + RADIUS + max(rows - 1, 0) * row_gap / 2
    nodes = tuple(
        (node, (x, middle + (row - (len(column) - 1) / 2) * row_gap))
        for column, x in zip(diagram.columns, xs, strict=True)
        for row, node in enumerate(column)
    )
    index = {node.item: number for number, (node, _) in enumerate(nodes) if node.item}
    edges = _labelled(diagram.edges, {item: nodes[number][1] for item, number in index.items()}, nodes)
    width = (xs[-1] if xs else 0) + RADIUS + right
    return Placed(width, height, xs, nodes, edges, index)


def _most_labels(diagram: Diagram) -> int:
    """How many edges with a label lead to one layer, at most."""
    layer = {node.item: place for place, column in enumerate(diagram.columns) for node in column}
    arriving = Counter(layer[edge.target] for edge in diagram.edges if edge.symbol is not None)
    return max(arriving.values(), default=0)


def _words_beside(column: tuple[DiagramNode, ...]) -> float:
    longest = max((text_columns(clean(node.label)) for node in column), default=0)
    return _EDGE_OF_PICTURE + (longest * _WORD_LETTER + 8 if longest else 0)


def _labelled(
    edges: tuple[DiagramEdge, ...], at: dict[str, Point], nodes: tuple[tuple[DiagramNode, Point], ...]
) -> tuple[PlacedEdge, ...]:
    """The edges with symbol and value, or with what of the two has room."""
    full, free = _place_edges(edges, [symbol_and_value(edge) for edge in edges], at, nodes)
    if free:
        return full
    return _place_edges(edges, [edge.symbol or edge.value for edge in edges], at, nodes)[0]


def symbol_and_value(edge: DiagramEdge) -> Node | None:
    """w₁₂ = 0.5, or what there is of it."""
    if edge.symbol is None or edge.value is None:
        return edge.symbol or edge.value
    return Rel(edge.symbol, "=", edge.value)


def _place_edges(
    edges: tuple[DiagramEdge, ...],
    labels: list[Node | None],
    at: dict[str, Point],
    nodes: tuple[tuple[DiagramNode, Point], ...],
) -> tuple[tuple[PlacedEdge, ...], bool]:
    """The edges with their labels, and whether none of these hides anything."""
    taken = [_around(x, y + RADIUS + 8, _size(node.value)) for node, (x, y) in nodes if node.value is not None]
    taken += [_around(x, y, (2 * RADIUS, 2 * RADIUS)) for _, (x, y) in nodes]
    all_ends = [_shortened(at[edge.source], at[edge.target]) for edge in edges]
    placed, hidden = [], 0.0
    for edge, ends, label in zip(edges, all_ends, labels, strict=True):
        others = [other for other in all_ends if other is not ends] if label is not None else []
        overlap, along, box = _best_place(ends, _size(label), taken, others)
        if label is not None:
            taken.append(box)
            hidden += overlap
        placed.append(PlacedEdge(edge, ends, label, along, box))
    return tuple(placed), hidden < _HARDLY


def _size(label: Node | None) -> tuple[float, float]:
    """What a label takes when written."""
    if label is None:
        return 0.0, 0.0
    if isinstance(label, Num):
        return text_columns(text(label)) * _LETTER, 1.2 * VALUE_SIZE
    ink = typeset(label, display=False, size=VALUE_SIZE)
    return ink.width, max(1.2 * VALUE_SIZE, ink.ascent + ink.descent)


def _shortened(start: Point, end: Point) -> tuple[Point, Point]:
    """The part of the way between two centres that is outside their circles."""
    (x1, y1), (x2, y2) = start, end
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1.0
    dx, dy = (x2 - x1) / length * RADIUS, (y2 - y1) / length * RADIUS
    return (x1 + dx, y1 + dy), (x2 - dx, y2 - dy)


def _around(x: float, y: float, size: tuple[float, float]) -> BoundingBox:
    across, up = size[0] / 2 + 2, size[1] / 2
    return BoundingBox(x - across, y - up, x + across, y + up)


def _best_place(
    ends: tuple[Point, Point], size: tuple[float, float], taken: list[BoundingBox], others: list[tuple[Point, Point]]
) -> tuple[float, float, BoundingBox]:
    """How much a label hides where it hides least and is crossed by the fewest other edges; that place, and its box."""
    (x1, y1), (x2, y2) = ends
    places = [(along, _around(x1 + along * (x2 - x1), y1 + along * (y2 - y1), size)) for along in _ALONG]
    found = [
        (sum(map(box.overlap, taken)), sum(crosses(box, other) for other in others), abs(along - 0.28), along, box)
        for along, box in places
    ]
    overlap, _, _, along, box = min(found, key=lambda place: place[:4])
    return overlap, along, box


def crosses(box: BoundingBox, ends: tuple[Point, Point]) -> bool:
    """Whether a line goes through a box."""
    (x1, y1), (x2, y2) = sorted(ends)
    left, right = max(box.left, x1), min(box.right, x2)
    if left > right:
        return False
    heights = [y1, y2] if x1 == x2 else [y1 + (x - x1) / (x2 - x1) * (y2 - y1) for x in (left, right)]
    return min(heights) < box.bottom and max(heights) > box.top
