"""How the blocks of a step come onto slides: in pieces, one after the other, what is taught growing line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from stepcalc.board.breaking import broken
from stepcalc.board.nodes import Box, Equation, Matrix, Node, Strike
from stepcalc.board.transform import contains
from stepcalc.sheet.blocks import Block, Bullets, Cell, Formula, Inline, Prose, Room, Table
from stepcalc.sheet.heights import column_widths, height
from stepcalc.sheet.page import SLIDE
from stepcalc.sheet.typeset import typeset

WRITING_LINES = 6
"""What there is to write on at most, on one slide."""
_MUST_PART, _MAY_STAY, _CHAIN, _INTRODUCED, _COMMENTED = 25.0, 170.0, 200.0, 185.0, 180.0
"""What it costs to begin a page inside a block that is higher than a page, one that is not, or a chain; with what the
block above introduces; with what comments on it. A page more costs 100."""


@dataclass(frozen=True, slots=True)
class Beat:
    """The least that a slide can have more than the one before.

    ``block`` is the whole of, or the next piece of, the step's block number ``of``. It ``follows`` if it stands in the
    place of the piece before, and it ``waits`` if it gets a slide of its own. ``apart`` is what it costs to begin a
    page with it.
    """

    block: Block
    of: int
    follows: bool = False
    waits: bool = False
    apart: float = 0.0


Shown = tuple[Beat, ...]
"""What stands on a slide, each block joined from its pieces."""


def beats(blocks: Sequence[Block], room: float, taught: bool) -> Iterator[Beat]:
    """The pieces of a step's ``blocks``, none of which is higher than ``room`` if it can be cut."""
    for place, block in enumerate(blocks):
        first, inside = True, _parting_inside(block, room)
        for piece, follows, waits in _pieces(block, room, taught):
            apart = _parting(blocks, place) if first else inside
            yield Beat(piece, place, follows and not first, waits and not first, apart)
            first = False


def on(shown: Shown, beat: Beat) -> Shown:
    """What is shown when ``beat`` has come as well."""
    if not shown or shown[-1].of != beat.of:
        return (*shown, beat)
    last = beat.block if beat.follows else _joined(shown[-1].block, beat.block)
    return (*shown[:-1], replace(beat, block=last))


def now(shown: Shown) -> Iterator[Block]:
    """The blocks as they stand at this moment: an array as far as it is filled, above the lines that fill it.

    What is above stays where it is while lines are added.
    """
    for beat in shown:
        block = beat.block
        if isinstance(block, Formula) and (arrays := [line.aside for line in block.lines if line.aside is not None]):
            yield Formula((Equation((arrays[-1],)),))
            block = replace(block, lines=tuple(replace(line, aside=None) for line in block.lines))
        yield block


def has(line: Equation, kind: type[Node]) -> bool:
    """Whether a node of such a ``kind`` stands in ``line``."""
    return any(contains(part, lambda node: isinstance(node, kind)) for part in line.parts)


# ---------------------------------------------------------------------------------------- where pages end


def _parting(blocks: Sequence[Block], place: int) -> float:
    """What it costs to begin a page with a block."""
    if place == 0:
        return 0.0
    before, block = blocks[place - 1], blocks[place]
    last = place + 1 == len(blocks)
    introduces = isinstance(before, Prose) and before.kind == "plain"
    introduces |= isinstance(before, Formula) and len(before.lines) == 1 and isinstance(block, Formula)
    comments = isinstance(block, Prose) and (block.kind != "plain" or last)
    return _INTRODUCED if introduces and not comments else _COMMENTED if comments else 0.0


def _parting_inside(block: Block, room: float) -> float:
    """What it costs to begin a page with a further piece of a block."""
    if height(now((Beat(block, 0),)), 0.0) > room:
        return _MUST_PART
    return _CHAIN if isinstance(block, Formula) and any(has(line, Box) for line in block.lines) else _MAY_STAY


# ------------------------------------------------------------------------------------------------ pieces


def _pieces(block: Block, room: float, taught: bool) -> Iterator[tuple[Block, bool, bool]]:
    """The pieces of a block, each with whether it follows the one before and whether it waits."""
    match block:
        case Formula(lines):
            builds = taught and _builds(lines)
            for chunk in _chunks(lines, builds):
                for piece in _cut(Formula(chunk), room):
                    yield piece, _fills_a_row(chunk), builds
        case Table(header, rows) if sum(column_widths(block)) > SLIDE.line_width:
            yield from ((_turned(header, row), True, True) for row in rows)
        case Table(header, rows, caption):
            yield from ((Table(header, (row,), caption), False, False) for row in rows)
        case Bullets(items):
            yield from ((Bullets((item,)), False, False) for item in items)
        case Room(lines=count):
            yield Room(min(count, WRITING_LINES)), False, False
        case _:
            yield block, False, False


def _builds(lines: Sequence[Equation]) -> bool:
    """Whether a formula is better seen to grow: an array that fills up, a chain, cancelling, named rules."""
    return len(lines) > 1 and any(
        line.aside is not None or (line.reason and line.continued) or has(line, Box) or has(line, Strike)
        for line in lines
    )


def _turned(header: tuple[tuple[Inline, ...], ...], row: tuple[Cell, ...]) -> Table:
    """One row of a table that is too wide, downwards: beside each cell what its column says it is."""
    name, *cells = row
    told = ((what, cell) for what, cell in zip(header[1:], cells, strict=True) if cell not in ((), ("",)))
    return Table((header[0], name if isinstance(name, tuple) else ()), tuple(told))


def _fills_a_row(lines: Sequence[Equation]) -> bool:
    """Whether they end with a matrix that is filled row by row: then only the row at hand is written below it."""
    aside = lines[-1].aside
    return isinstance(aside, Matrix) and len(aside.rows) > 1 and len(aside.rows[0]) > 1


def _chunks(lines: Sequence[Equation], builds: bool) -> Iterator[tuple[Equation, ...]]:
    """The lines that come together: up to the next state of an array that fills up, else one by one; where nothing
    builds up, a formula with the numbers below it."""
    fills = builds and any(line.aside is not None for line in lines)
    chunk: list[Equation] = []
    for line, after in zip_longest(lines, lines[1:]):
        chunk.append(line)
        goes_on = not builds and not line.continued and after is not None and after.continued
        if not goes_on and (not fills or line.aside is not None):
            yield tuple(chunk)
            chunk = []
    if chunk:
        yield tuple(chunk)


def _cut(formula: Formula, room: float) -> Iterable[Formula]:
    """A formula in as few parts as fit a page each, about as many lines in each; if need be, an equation is cut."""
    if _fits(formula, room):
        return (formula,)
    lines = formula.lines
    if len(lines) == 1:
        lines = broken(lines[0], lambda line: typeset(line).width, SLIDE.line_width)
    for count in range(2, len(lines)):
        size = -(-len(lines) // count)
        parts = [replace(formula, lines=lines[start : start + size]) for start in range(0, len(lines), size)]
        if all(_fits(part, room) for part in parts):
            return parts
    if len(lines) == 1:
        return (formula,)
    return [part for line in lines for part in _cut(replace(formula, lines=(line,)), room)]


def _fits(formula: Formula, room: float) -> bool:
    return height(now((Beat(formula, 0),)), 0.0) <= room


def _joined(last: Block, more: Block) -> Block:
    """A block together with what goes on with it."""
    match last, more:
        case Formula(lines=lines), Formula(lines=more_lines):
            return replace(last, lines=lines + more_lines)
        case Table(rows=rows), Table(rows=more_rows):
            return replace(last, rows=rows + more_rows)
        case Bullets(items=items), Bullets(items=more_items):
            return replace(last, items=items + more_items)
    raise TypeError(f"a {type(more).__name__} does not go on with a {type(last).__name__}")
