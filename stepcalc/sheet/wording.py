"""What stands inside formulas in words, and the rules beside them, in the language of the sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from stepcalc.board.nodes import Cases, Equation, Node
from stepcalc.board.transform import transform_equation
from stepcalc.sheet.blocks import Asked, Block, Cell, Formula, Table
from stepcalc.sheet.words import Words


def worded(blocks: Iterable[Block], words: Words) -> Iterator[Block]:
    """``blocks`` with the words of their display formulas as ``words`` has them."""
    wording = _Wording(words, (words.plain("cases.given"), words.plain("cases.otherwise")))
    return map(wording.block, blocks)


@dataclass(frozen=True)
class _Wording:
    """Puts words in; ``conditions`` are those between the rows of cases."""

    words: Words
    conditions: tuple[str, str]

    def block(self, block: Block) -> Block:
        match block:
            case Formula():
                return self.formula(block)
            case Table(rows=rows):
                return replace(block, rows=tuple(tuple(map(self.cell, row)) for row in rows))
            case Asked(blocks):
                return Asked(tuple(map(self.block, blocks)))
        return block

    def cell(self, cell: Cell) -> Cell:
        return self.formula(cell) if isinstance(cell, Formula) else cell

    def formula(self, formula: Formula) -> Formula:
        return replace(formula, lines=tuple(map(self.line, formula.lines)))

    def line(self, line: Equation) -> Equation:
        said = transform_equation(line, self.cases)
        return replace(said, reason=self.words.terms(said.reason)) if said.reason else said

    def cases(self, node: Node) -> Node | None:
        return replace(node, words=self.conditions) if isinstance(node, Cases) else None
