"""A sheet to be filled in: what was found is left out as far as asked, and room to write takes its place.

Every number of a sheet says whether it was found (``Num.found``), every sentence and figure whether it gives a result
away (``reveals``), and every line whether its numbers chose its form (``chosen``), so that nothing has to be looked
for in the text that is written in the end. What is asked is the same on both sheets: which chain is written in full and
which weight is nudged is chosen by the problem's own numbers only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from stepcalc.board.nodes import Blank, Box, Equation, Matrix, Node, Num, Paren, Strike, Transpose, Words
from stepcalc.board.transform import contains, transform
from stepcalc.sheet.blocks import (
    Asked,
    Block,
    Bullets,
    Cell,
    Diagram,
    Formula,
    Found,
    Grid,
    Grids,
    Heading,
    Inline,
    Part,
    Prose,
    Room,
    Table,
)

IsData = Callable[[str | None], bool]

STATEMENT = ("given", "conventions")
"""The sections that state the problem; their keys."""
NUMBER, LINE = Blank(10), Blank(48)
CELL = 7
"""So many digits fit into a cell that is to be filled in."""
FEWEST_LINES, MOST_LINES = 3, 14


def settled(parts: Iterable[Part], level: str) -> Iterator[Block]:
    """The blocks of ``parts`` that stand on a sheet with so much left out."""
    elsewhere = Asked if level == "none" else Found
    for part in parts:
        if not isinstance(part, elsewhere):
            yield part.block if isinstance(part, (Asked, Found)) else part


def blanked(blocks: Iterable[Block], level: str, is_data: IsData) -> tuple[Block, ...]:
    """``blocks`` with the results, the steps or all of the solution left out; ``none`` leaves them as they are.

    Their steps are numbered from 1 on.

    ``is_data`` says of an item's id whether its number belongs to the problem.
    """
    if level == "none":
        return tuple(_numbered(blocks))
    everything = tuple(blocks)
    end = next((at for at, block in enumerate(everything) if _opens_solution(block)), len(everything))
    blank = _Blank(is_data, steps=level == "steps")
    statement, solution = everything[:end], everything[end:]
    left = tuple(_only_room(solution) if level == "all" else blank.blocks(solution))
    return tuple(_numbered((*blank.blocks(statement), *_without_empty_sections(left))))


def _opens_solution(block: Block) -> bool:
    return isinstance(block, Heading) and block.level == 1 and block.key not in STATEMENT


def _without_empty_sections(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """``blocks`` without the headings under which nothing is left."""
    kept: list[Block] = []
    level_below = 1
    for block in reversed(blocks):
        if isinstance(block, Heading):
            if block.level >= level_below:
                continue
            level_below = block.level
        else:
            level_below = 3
        kept.append(block)
    yield from reversed(kept)


def _numbered(blocks: Iterable[Block]) -> Iterator[Block]:
    """``blocks`` with their steps numbered from 1 on: a gap would tell that something was found there."""
    numbers = count(1)
    for block in blocks:
        if isinstance(block, Heading) and block.number is not None:
            block = replace(block, number=next(numbers))
        yield block


def _only_room(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """The headings, and under each as much room as what stood there took."""
    lines = 0
    for block in blocks:
        if not isinstance(block, Heading):
            lines += _lines(block)
            continue
        if block.key == "appendix":
            break
        if lines:
            yield Room(min(max(lines, FEWEST_LINES), MOST_LINES))
            lines = 0
        yield block
    if lines:
        yield Room(min(max(lines, FEWEST_LINES), MOST_LINES))


def _lines(block: Block) -> int:
    """About how many lines of handwriting a block takes."""
    match block:
        case Formula(lines):
            return len(lines)
        case Table(rows=rows):
            return len(rows) + 1
        case Prose(asked=asked) if asked:
            return 1
    return 0


@dataclass(frozen=True)
class _Blank:
    """Leaves out what was found; with ``steps`` the lines that lead to it as well."""

    is_data: IsData
    steps: bool

    def blocks(self, blocks: Iterable[Block]) -> Iterator[Block]:
        for block in blocks:
            if isinstance(block, Prose) and block.asked:
                yield Prose(self._run(block.asked))
            elif not getattr(block, "reveals", False):
                yield self._block(block)

    def _block(self, block: Block) -> Block:
        match block:
            case Heading(text) | Prose(text):
                return replace(block, text=self._run(text))
            case Formula(lines):
                return replace(block, lines=tuple(self._line(line) for line in lines))
            case Table(header, rows):
                cells = tuple(tuple(map(self._cell, row)) for row in rows)
                return replace(block, header=tuple(map(self._run, header)), rows=cells)
            case Bullets(items):
                return replace(block, items=tuple(map(self._run, items)))
            case Diagram():
                return self._diagram(block)
            case Grids(grids, caption):
                return Grids(tuple(map(self._grid, grids)), self._run(caption))
        return block

    def _cell(self, cell: Cell) -> Cell:
        """A cell with blanks; formulas and plots in cells are those of reference tables, where nothing was found."""
        return self._run(cell) if isinstance(cell, tuple) else cell

    def _run(self, run: tuple[Inline, ...]) -> tuple[Inline, ...]:
        return tuple(piece if isinstance(piece, str) else self._numbers(piece) for piece in run)

    def _diagram(self, diagram: Diagram) -> Diagram:
        columns = tuple(
            tuple(replace(node, value=self._if_known(node.value)) for node in column) for column in diagram.columns
        )
        edges = tuple(replace(edge, value=self._if_known(edge.value)) for edge in diagram.edges)
        return replace(diagram, columns=columns, edges=edges)

    def _grid(self, grid: Grid) -> Grid:
        """The grid with room in the cells of results; a mark tells which number is the largest."""
        rows = tuple(tuple(cell and self._in_cell(cell) for cell in row) for row in grid.rows)
        return replace(grid, rows=rows, marked=frozenset())

    def _in_cell(self, cell: Node) -> Node:
        return Blank(CELL) if contains(cell, self._is_result) else cell

    def _if_known(self, value: Node | None) -> Node | None:
        return None if value is None or contains(value, self._is_result) else value

    def _is_result(self, node: Node) -> bool:
        if isinstance(node, Words):
            return node.found
        return isinstance(node, Num) and node.found and not self.is_data(node.item)

    def _is_number_put_in(self, node: Node) -> bool:
        return isinstance(node, (Num, Words)) and node.found

    def _numbers(self, node: Node) -> Node:
        """``node`` with a blank for each result."""
        return transform(node, lambda part: NUMBER if self._is_result(part) else None)

    def _line(self, line: Equation) -> Equation:
        """What leads to the result stays, with blanks, up to where numbers begin to be worked out.

        Of a line whose form was chosen by its numbers nothing stays that has any: 0.1(____) would tell their sign.
        """
        if not any(contains(part, self._is_result) for part in _all_parts(line)):
            return line
        if line.withheld is not None:
            parts, relations = (*line.parts[:-1], line.withheld, line.parts[-1]), (*line.relations[:-1], "=", "≈")
            return self._line(replace(line, parts=parts, relations=relations, withheld=None))
        left = len(line.parts) - len(line.relations)  # none where the line goes on from the one above
        first = next(at for at, part in enumerate(line.parts) if at >= left and self._has_numbers(part))
        bare = self.steps or line.chosen
        end = first if bare or first == len(line.parts) - 1 else first + 1
        kept = [self._numbers(part) for part in line.parts[:end]]
        relations = (*line.relations[: len(kept) - left], "=")
        result = self._numbers(line.parts[-1]) if _is_array(line.parts[-1]) else LINE if bare else NUMBER
        return Equation((*kept, result), relations, line.reason, line.continued)

    def _has_numbers(self, part: Node) -> bool:
        return contains(part, self._is_number_put_in)


def _is_array(node: Node) -> bool:
    while isinstance(node, (Transpose, Paren, Box, Strike)):
        node = node.arg
    return isinstance(node, Matrix)


def _all_parts(line: Equation) -> tuple[Node, ...]:
    return line.parts if line.aside is None else (*line.parts, line.aside)
