"""Where the parts of a network diagram stand, in pixels: one geometry for every format."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from stepcalc.board.drawing import columns as text_columns
from stepcalc.board.nodes import Node, Num, Rel, Words
from stepcalc.board.plain import clean
from stepcalc.board.text import text
from stepcalc.sheet.blocks import Diagram, DiagramEdge, DiagramNode
from stepcalc.sheet.glyphs import has_glyph
from stepcalc.sheet.typeset import typeset

RADIUS = 15.0
VALUE_SIZE, VALUE_BELOW = 11.0, 8.0
WORD_SIZE, WORD_LINE, WORD_GAP = 11.5, 13.0, 7.0
_LONGEST_LINE, _MOST_LINES, _LEFT_OUT = 22, 3, "…"
"""A name beside a node has at most so many lines of so many letters; what is longer is cut short."""
_WIDEST = 640.0
_COLUMN_GAP, _ROW_GAP = 190.0, 58.0
_CROWD, _ROW_GAP_IN_A_CROWD, _ROW_GAP_WITH_EDGES = 9, 74.0, 84.0
"""So many labels between two layers need rows further apart, and so do edges that lead up from row to row."""
_HARDLY = 5.0
"""An overlap that cannot be seen, in square pixels."""
_EDGE_OF_PICTURE, _TITLE_HEIGHT = 4.0, 24.0
_LETTER, _OTHER_FONT = 0.53 * VALUE_SIZE, 1.22
"""A digit's width; and by how much the serif font of a machine may be wider than ours, which is not in an HTML file."""
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
    left, right = (_beside(diagram, diagram.columns[side]) for side in (0, -1)) if diagram.columns else (0.0, 0.0)
    rows = max((_rows(column) for column in diagram.columns), default=0)
    row_gap = _ROW_GAP if _most_labels(diagram) < _CROWD else _ROW_GAP_IN_A_CROWD
    if _in_rows(diagram):
        row_gap = _ROW_GAP_WITH_EDGES
    height = top + 2 * _EDGE_OF_PICTURE + max(rows - 1, 0) * row_gap + 2 * RADIUS + VALUE_SIZE + VALUE_BELOW
    gap = min(_COLUMN_GAP, (_WIDEST - left - right - 2 * RADIUS) / max(len(diagram.columns) - 1, 1))
    xs = tuple(left + RADIUS + index * gap for index in range(len(diagram.columns)))
    middle = top + _EDGE_OF_PICTURE + RADIUS + max(rows - 1, 0) * row_gap / 2
    nodes = tuple(
        (node, (x, middle + _from_middle(node, number, len(column), rows) * row_gap))
        for column, x in zip(diagram.columns, xs, strict=True)
        for number, node in enumerate(column)
    )
    if any(one.overlap(other) > _HARDLY for one, other in combinations(values_of(nodes), 2)):
        nodes = tuple((replace(node, value=None), at) for node, at in nodes)
    index = {node.item: number for number, (node, _) in enumerate(nodes) if node.item}
    edges = _labelled(diagram.edges, {item: nodes[number][1] for item, number in index.items()}, nodes)
    width = (xs[-1] if xs else 0) + RADIUS + right
    return Placed(width, height, xs, nodes, edges, index)


def _rows(column: tuple[DiagramNode, ...]) -> int:
    """How many rows a column needs."""
    return max((len(column), *(node.row + 1 for node in column if node.row is not None)))


def _in_rows(diagram: Diagram) -> bool:
    """Whether nodes of different columns stand in one row, and edges lead up and down."""
    return any(node.row is not None for column in diagram.columns for node in column)


def _from_middle(node: DiagramNode, number: int, nodes: int, rows: int) -> float:
    """How many rows a node is below the middle: in the row that it asks for, else centred in its column."""
    return number - (nodes - 1) / 2 if node.row is None else node.row - (rows - 1) / 2


def _most_labels(diagram: Diagram) -> int:
    """How many edges with a label lead to one layer, at most."""
    layer = {node.item: place for place, column in enumerate(diagram.columns) for node in column}
    arriving = Counter(layer[edge.target] for edge in diagram.edges if edge.symbol is not None)
    return max(arriving.values(), default=0)


def label_lines(node: DiagramNode) -> tuple[str, ...]:
    """The lines of the name beside a node."""
    words = clean(node.label)
    letters = max(1, _LONGEST_LINE * len(words) // max(text_columns(words), 1))
    lines = textwrap.wrap(words, letters)
    if len(lines) <= _MOST_LINES:
        return tuple(lines)
    *whole, last = lines[:_MOST_LINES]
    return (*whole, last[: max(letters - 1, 1)].rstrip() + _LEFT_OUT)


def _beside(diagram: Diagram, column: tuple[DiagramNode, ...]) -> float:
    """The room that names, numbers and the labels of edges up and down need beside the circles of a column."""
    names = (_width(line) + WORD_GAP for node in column for line in label_lines(node))
    values = (_size(node.value)[0] / 2 - RADIUS for node in column)
    own = {node.item for node in column}
    upright = (edge for edge in diagram.edges if {edge.source, edge.target} <= own)
    labels = (_size(symbol_and_value(edge))[0] / 2 - RADIUS for edge in upright)
    return _EDGE_OF_PICTURE + max((0.0, *names, *values, *labels))


def _width(words: str) -> float:
    """About how wide words may be; letters that our font lacks count as wide ones."""
    known = "".join(letter if has_glyph(letter) else "—" for letter in words)
    return _OTHER_FONT * typeset(Words(known), display=False, size=WORD_SIZE).width


def values_of(nodes: tuple[tuple[DiagramNode, Point], ...]) -> Iterator[BoundingBox]:
    """What the numbers under the circles take."""
    for node, (x, y) in nodes:
        if node.value is not None:
            yield _around(x, y + RADIUS + VALUE_BELOW, _size(node.value))


def circles_of(nodes: tuple[tuple[DiagramNode, Point], ...]) -> Iterator[BoundingBox]:
    """What the circles take, and the dots for those left out."""
    for _, (x, y) in nodes:
        yield BoundingBox(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS)


def _labelled(
    edges: tuple[DiagramEdge, ...], at: dict[str, Point], nodes: tuple[tuple[DiagramNode, Point], ...]
) -> tuple[PlacedEdge, ...]:
    """The edges with symbol and value, or with what of the two has room; what still hides something is left out."""
    full, free = _place_edges(edges, [symbol_and_value(edge) for edge in edges], at, nodes)
    if free:
        return full
    return _place_edges(edges, [edge.symbol or edge.value for edge in edges], at, nodes, only_free=True)[0]


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
    *,
    only_free: bool = False,
) -> tuple[tuple[PlacedEdge, ...], bool]:
    """The edges with their labels, and whether none of these hides anything; ``only_free``: only those that do not."""
    taken = [*values_of(nodes), *circles_of(nodes)]
    all_ends = [_shortened(at[edge.source], at[edge.target]) for edge in edges]
    placed, hidden = [], 0.0
    for edge, ends, label in zip(edges, all_ends, labels, strict=True):
        others = [other for other in all_ends if other is not ends] if label is not None else []
        overlap, along, box = _best_place(ends, _size(label), taken, others)
        if only_free and overlap:
            label = None
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
