"""Where the cells of grids stand, in pixels: one geometry for every format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from stepcalc.board.drawing import columns
from stepcalc.board.nodes import Blank, Dots, Node, Num, Words
from stepcalc.board.plain import clean
from stepcalc.board.text import text
from stepcalc.sheet.blocks import Grid, Grids, Inline, Point
from stepcalc.sheet.placing import BoundingBox
from stepcalc.sheet.typeset import typeset

WIDEST = 640.0
NUMBER_SIZE, TITLE_SIZE, SIGN_SIZE = 11.0, 12.0, 15.0
_LETTER = 6.4
"""A digit's width, with room for a serif font that is wider than ours."""
_LEAST_WIDTH, _HEIGHT, _TO_WRITE_IN, _PADDING = 22.0, 18.0, 26.0, 8.0
_TITLE_HEIGHT, _GAP, _ROW_GAP, _MARGIN = 20.0, 20.0, 10.0, 2.0


@dataclass(frozen=True, slots=True)
class PlacedGrid:
    """A grid with its upper left corner ``at``, and cells of one size; y grows downwards."""

    grid: Grid
    at: Point
    cell: tuple[float, float]

    @property
    def size(self) -> tuple[float, float]:
        """The width and height of all cells together."""
        return len(self.grid.rows[0]) * self.cell[0], len(self.grid.rows) * self.cell[1]

    def middle(self, row: int, column: int) -> Point:
        """The middle of a cell."""
        (x, y), (width, height) = self.at, self.cell
        return x + (column + 0.5) * width, y + (row + 0.5) * height

    def box(self, first: tuple[int, int], last: tuple[int, int]) -> BoundingBox:
        """The paper of the cells from the first to the last."""
        (x, y), (width, height) = self.at, self.cell
        (top, left), (bottom, right) = first, last
        return BoundingBox(x + left * width, y + top * height, x + (right + 1) * width, y + (bottom + 1) * height)

    @property
    def title_at(self) -> Point:
        """The middle of the title, above the cells."""
        return self.at[0] + self.size[0] / 2, self.at[1] - _TITLE_HEIGHT / 2 - 1

    @property
    def sign_at(self) -> Point:
        """The middle of the sign that stands behind the cells."""
        return self.at[0] + self.size[0] + self._title_beyond() + _behind(self.grid) / 2, self.at[1] + self.size[1] / 2

    def _title_beyond(self) -> float:
        return max(0.0, (_title_width(self.grid.title) - self.size[0]) / 2)


@dataclass(frozen=True, slots=True)
class PlacedGrids:
    """Grids with coordinates."""

    width: float
    height: float
    grids: tuple[PlacedGrid, ...]


def fits_one_row(block: Grids) -> bool:
    """Whether all of it has room side by side."""
    return len(list(_rows(block))) == 1


@lru_cache(maxsize=64)
def place_grids(block: Grids) -> PlacedGrids:
    """Row after row as wide as the page, the grids of a row with their middles on a line."""
    placed: list[PlacedGrid] = []
    y, widest = _MARGIN, 0.0
    for row in _rows(block):
        high = max(_size(grid)[1] for grid in row)
        titled = _TITLE_HEIGHT if any(grid.title != "" for grid in row) else 0.0
        x = _MARGIN
        for grid in row:
            (width, height), beyond = _size(grid), _beyond(grid)
            placed.append(PlacedGrid(grid, (x + beyond, y + titled + (high - height) / 2), _cell(grid)))
            x += width + 2 * beyond + _behind(grid)
        widest = max(widest, _width(row))
        y += titled + high + _ROW_GAP
    return PlacedGrids(widest, y - _ROW_GAP + _MARGIN, tuple(placed))


def _rows(block: Grids) -> Iterator[list[Grid]]:
    """The grids that stand beside one another; what signs join is parted only where it is wider than the page."""
    row: list[Grid] = []
    for group in _groups(block):
        if row and _width([*row, *group]) > WIDEST:
            yield row
            row = []
        for grid in group:
            if row and _width([*row, grid]) > WIDEST:
                yield row
                row = []
            row.append(grid)
    yield row


def _groups(block: Grids) -> Iterator[list[Grid]]:
    """The grids, together up to one that no sign stands behind."""
    group: list[Grid] = []
    for grid in block.grids:
        group.append(grid)
        if not grid.sign:
            yield group
            group = []
    if group:
        yield group


def _width(row: list[Grid]) -> float:
    """What grids beside one another take, with the sign behind the last one."""
    gaps = sum(_behind(grid) for grid in row[:-1]) + (_behind(row[-1]) if row[-1].sign else 0.0)
    return sum(_size(grid)[0] + 2 * _beyond(grid) for grid in row) + gaps + 2 * _MARGIN


def _behind(grid: Grid) -> float:
    """The way to the next grid, with the sign that stands there."""
    return _GAP + _LETTER * columns(grid.sign)


def _size(grid: Grid) -> tuple[float, float]:
    width, height = _cell(grid)
    return width * len(grid.rows[0]), height * len(grid.rows)


def _beyond(grid: Grid) -> float:
    """How far a title that is wider than the cells reaches beyond them on either side."""
    return max(0.0, (_title_width(grid.title) - _size(grid)[0]) / 2)


def _cell(grid: Grid) -> tuple[float, float]:
    cells = [cell for row in grid.rows for cell in row]
    height = _TO_WRITE_IN if any(isinstance(cell, Blank) for cell in cells) else _HEIGHT
    return max(_LEAST_WIDTH, max(map(cell_width, cells)) + _PADDING), height


def cell_width(cell: Node | None) -> float:
    """About how wide a cell's number is."""
    if cell is None or isinstance(cell, Dots):
        return 0.0
    if isinstance(cell, Blank):
        return _LETTER * cell.digits
    if is_plain(cell):
        return _LETTER * columns(text(cell, inline=True))
    return typeset(cell, display=False, size=NUMBER_SIZE).width


def is_plain(cell: Node) -> bool:
    """Whether a number or word can be drawn as text, which costs less than outlines."""
    return isinstance(cell, Words) or (isinstance(cell, Num) and "e" not in cell.text)


def _title_width(title: Inline) -> float:
    if isinstance(title, str):
        return _LETTER * TITLE_SIZE / NUMBER_SIZE * columns(clean(title)) if title else 0.0
    return typeset(title, display=False, size=TITLE_SIZE).width
