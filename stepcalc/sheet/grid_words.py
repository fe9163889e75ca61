"""Grids in words, for those who cannot see them, and as lines of plain text."""

from __future__ import annotations

from stepcalc.board.drawing import columns
from stepcalc.board.nodes import Blank, Matrix, Node
from stepcalc.board.plain import clean
from stepcalc.board.sentence import put_in
from stepcalc.board.spoken import Phrases, spoken
from stepcalc.board.text import text
from stepcalc.sheet.blocks import Grid, Grids, Inline

_GAP = "   "


def described(block: Grids, phrases: Phrases) -> str:
    """Every grid by its title, with its numbers, what is framed and what is marked."""
    return " ".join(_described(grid, phrases) for grid in block.grids)


def _described(grid: Grid, phrases: Phrases) -> str:
    def form(name: str, **parts: str) -> str:
        return "".join(put_in(phrases["grids"][name], parts))

    title = clean(grid.title) if isinstance(grid.title, str) else spoken(grid.title, phrases)
    empty = all(cell is None for row in grid.rows for cell in row)
    cells = Matrix(tuple(tuple(Blank() if cell is None else cell for cell in row) for row in grid.rows))
    shown = (
        form("empty")
        if empty
        else spoken(cells if len(cells.rows) * len(cells.rows[0]) > 1 else cells.rows[0][0], phrases)
    )
    said = form("grid", title=title, cells=shown) if title else form("untitled", cells=shown)
    if grid.framed is not None:
        (top, left), (bottom, right) = grid.framed
        ends = {"top": top + 1, "bottom": bottom + 1, "left": left + 1, "right": right + 1}
        said += " " + form("framed", **{name: str(end) for name, end in ends.items()})
    if grid.marked:
        spots = [form("spot", row=str(i + 1), column=str(j + 1)) for i, j in sorted(grid.marked)]
        said += " " + form("marked", spots=form("comma").join(spots))
    return said


def outline(block: Grids, width: int) -> list[str]:
    """The grids beside one another as far as a line holds them: [framed], marked*."""
    lines: list[str] = []
    row: list[list[str]] = []
    for grid in block.grids:
        drawn = _drawn(grid)
        if row and sum(columns(each[0]) + len(_GAP) for each in row) + columns(drawn[0]) > width:
            lines += [*_beside(row), ""]
            row = []
        row.append(drawn)
    return lines + _beside(row)


def _drawn(grid: Grid) -> list[str]:
    """The title, the rows, and in the middle row the sign behind them; all lines equally long."""
    cells = [[_cell(grid, i, j, cell) for j, cell in enumerate(row)] for i, row in enumerate(grid.rows)]
    widest = max(columns(cell) for row in cells for cell in row)
    rows = ["".join(" " * (widest - columns(cell)) + cell for cell in row) for row in cells]
    title = _written(grid.title)
    lines = [title, *rows]
    if grid.sign:
        middle = 1 + (len(rows) - 1) // 2
        lines = [
            f"{line:<{columns(rows[0])}}" + (f"   {grid.sign}" if at == middle else "") for at, line in enumerate(lines)
        ]
    longest = max(map(columns, lines))
    return [line + " " * (longest - columns(line)) for line in lines]


def _written(what: Inline) -> str:
    return clean(what) if isinstance(what, str) else text(what, inline=True)


def _cell(grid: Grid, row: int, column: int, cell: Node | None) -> str:
    """A number; in brackets where the window frames it, with a star where it is marked."""
    number = "·" if cell is None else text(cell, inline=True)
    star = "*" if (row, column) in grid.marked else " " if grid.marked else ""
    if grid.framed is None:
        return f" {number}{star}"
    (top, left), (bottom, right) = grid.framed
    inside = top <= row <= bottom and left <= column <= right
    return f" [{number}]{star}" if inside else f"  {number} {star}"


def _beside(row: list[list[str]]) -> list[str]:
    """Blocks of lines beside one another, the lower ones ending first."""
    high = max(map(len, row))
    filled = [each + [" " * columns(each[0])] * (high - len(each)) for each in row]
    return [_GAP.join(parts).rstrip() for parts in zip(*filled, strict=True)]
