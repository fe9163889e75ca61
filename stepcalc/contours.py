"""Lines along which a surface over a grid has one height: marching squares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

Point = tuple[float, float]
Line = tuple[Point, ...]

_Edge = tuple[int, int, int]
"""An edge of the grid: along x (0) or along y (1), from its node (column, row)."""

# Corners of a cell, counted round: lower left 1, lower right 2, upper right 4, upper left 8; those that are above the
# level. Edges: bottom, right, top, left. Where opposite corners are above, the middle of the cell tells which two
# lines cross it.
_BOTTOM, _RIGHT, _TOP, _LEFT = range(4)
_CROSSED: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((_LEFT, _BOTTOM),),
    2: ((_BOTTOM, _RIGHT),),
    3: ((_LEFT, _RIGHT),),
    4: ((_RIGHT, _TOP),),
    6: ((_BOTTOM, _TOP),),
    7: ((_LEFT, _TOP),),
}
_CROSSED |= {15 - corners: pairs for corners, pairs in _CROSSED.items()}
_APART, _JOINED = ((_LEFT, _BOTTOM), (_RIGHT, _TOP)), ((_LEFT, _TOP), (_BOTTOM, _RIGHT))
_SADDLES = {5: (_APART, _JOINED), 10: (_JOINED, _APART)}
"""For opposite corners above: the lines where the middle is below the level, and where it is above."""


def contours(xs: np.ndarray, ys: np.ndarray, heights: np.ndarray, level: float) -> list[Line]:
    """The lines at ``level`` of ``heights`` (row y, column x), closed ones ending where they begin.

    A cell with a corner that is not a finite number has no line.
    """
    next_to: dict[_Edge, list[_Edge]] = defaultdict(list)
    for one, other in _pieces(heights, level):
        next_to[one].append(other)
        next_to[other].append(one)
    return [tuple(_crossing(xs, ys, heights, level, edge) for edge in line) for line in _joined(next_to)]


def _pieces(heights: np.ndarray, level: float) -> Iterator[tuple[_Edge, _Edge]]:
    """The two edges that a line crosses, for each piece of one in a cell."""
    above = heights > level
    corners = above[:-1, :-1] + 2 * above[:-1, 1:] + 4 * above[1:, 1:] + 8 * above[1:, :-1]
    finite = np.isfinite(heights)
    whole = finite[:-1, :-1] & finite[:-1, 1:] & finite[1:, 1:] & finite[1:, :-1]
    for row, column in np.argwhere(whole & (corners > 0) & (corners < 15)).tolist():
        found = int(corners[row, column])
        middle = heights[row : row + 2, column : column + 2].mean() > level
        pairs = _SADDLES[found][bool(middle)] if found in _SADDLES else _CROSSED[found]
        edges = (0, column, row), (1, column + 1, row), (0, column, row + 1), (1, column, row)
        for one, other in pairs:
            yield edges[one], edges[other]


def _joined(next_to: dict[_Edge, list[_Edge]]) -> Iterator[list[_Edge]]:
    """The edges in the order in which lines cross them: lines that end at the border first, then the closed ones."""
    ends = [edge for edge, others in next_to.items() if len(others) == 1]
    left = set(next_to)
    for start in (*ends, *next_to):
        if start not in left:
            continue
        line = [start]
        left.remove(start)
        while following := next((edge for edge in next_to[line[-1]] if edge in left), None):
            left.remove(following)
            line.append(following)
        if len(line) > 2 and start in next_to[line[-1]]:
            line.append(start)
        yield line


def _crossing(xs: np.ndarray, ys: np.ndarray, heights: np.ndarray, level: float, edge: _Edge) -> Point:
    """Where the level is crossed on an edge, the surface being straight along it."""
    upright, column, row = edge
    to_column, to_row = (column, row + 1) if upright else (column + 1, row)
    low, high = float(heights[row, column]), float(heights[to_row, to_column])
    share = (level - low) / (high - low)
    x = float(xs[column] + share * (xs[to_column] - xs[column]))
    y = float(ys[row] + share * (ys[to_row] - ys[row]))
    return x, y
