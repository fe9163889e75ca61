"""A sheet as slides: a step a page, chains and arrays building up, and no page fuller than it can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from stepcalc.board.nodes import Box, Equation, Matrix, Node, Strike
from stepcalc.board.transform import contains
from stepcalc.sheet.blocks import Block, Bullets, Cell, Diagram, Formula, Heading, Inline, Prose, Room, Sheet, Table
from stepcalc.sheet.heights import column_widths, height
from stepcalc.sheet.page import SLIDE
from stepcalc.sheet.words import Words

ROOM = 230.0
"""Pixels that a slide has under its title."""
WRITING_LINES = 7
WAY_BACK = "backward"
"""The section that opens with the path that gradients take."""
LOOKED_UP = "appendix"
"""The section that is there to be looked up: nothing builds up in it."""


@dataclass(frozen=True, slots=True)
class Slide:
    """One page: its ``title``, under the ``number`` of its step, its blocks, and the ``section`` that it belongs to.

    ``goes_on``: the slide before shows the same as far as it goes, or is the first part of it.
    """

    title: tuple[Inline, ...]
    blocks: tuple[Block, ...]
    number: int | None = None
    section: str = ""
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """What stands under the heading ``key``; ``taught`` where formulas build up."""

    key: str
    title: tuple[Inline, ...]
    number: int | None
    section: str
    blocks: tuple[Block, ...]
    taught: bool


@dataclass(frozen=True, slots=True)
class _Beat:
    """The least that a slide can have more than the one before.

    ``joins``: it goes on with the block at the end of the page, or, if it ``follows``, stands in its place.
    ``waits``: it gets a slide of its own.
    """

    block: Block
    joins: bool = False
    follows: bool = False
    waits: bool = False


def slides(sheet: Sheet) -> tuple[Slide, ...]:
    """The pages of ``sheet`` after that with its title: every step on one or more."""
    steps = _with_path(list(_steps((Heading((sheet.title,), 1), *sheet.blocks))))
    return tuple(slide for step in steps for slide in _Pages(step, sheet.words).filled())


# ---------------------------------------------------------------------------------------------- steps


def _steps(blocks: Sequence[Block]) -> Iterator[_Step]:
    """The blocks under each heading that has any."""
    section = heading = Heading((), 1)
    under: list[Block] = []
    for block in (*blocks, section):
        if not isinstance(block, Heading):
            under.append(block)
            continue
        if under:
            section_name = "".join(word for word in section.text if isinstance(word, str))
            yield _Step(heading.key, heading.text, heading.number, section_name, tuple(under), section.key != LOOKED_UP)
        heading, under = block, []
        section = block if block.level == 1 else section


def _with_path(steps: list[_Step]) -> list[_Step]:
    """The steps, the way back and the first chain with the diagram on which the path is drawn."""
    diagram = next((block for step in steps for block in step.blocks if isinstance(block, Diagram)), None)
    if diagram is None:
        return steps
    chain = next((step for step in steps if any(map(_is_chain, step.blocks))), None)
    return [
        replace(step, blocks=(*step.blocks, diagram)) if step.key == WAY_BACK
        else replace(step, blocks=(diagram, *step.blocks)) if step is chain
        else step
        for step in steps
    ]  # fmt: skip


def _is_chain(block: Block) -> bool:
    return isinstance(block, Formula) and any(_has(line, Box) for line in block.lines)


def _has(line: Equation, kind: type[Node]) -> bool:
    return any(contains(part, lambda node: isinstance(node, kind)) for part in line.parts)


# ---------------------------------------------------------------------------------------------- pages


@dataclass
class _Pages:
    """The slides of one step in the making: what stands on the page, and whether a slide shows it already."""

    step: _Step
    words: Words
    done: list[Slide] = field(default_factory=list)
    shown: list[Block] = field(default_factory=list)
    fresh: bool = False
    split: bool = False

    def filled(self) -> list[Slide]:
        """The slides of the step."""
        for group in _groups(self.step.blocks):
            fullest = [self._fullest(block) for block in group]
            if not self._fits([*self.shown, *fullest]):
                if self._fits(fullest):
                    self._turn()
                elif self._fits(fullest[-1:]):
                    self._add(group[:-1])
                    self._turn()
                    group = group[-1:]
            self._add(group)
        self._keep()
        return self.done

    def _add(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            for beat in _beats(block, self.step.taught):
                self._show(beat)

    def _show(self, beat: _Beat) -> None:
        if beat.waits:
            self._keep()
        shown = [*self.shown, beat.block]
        if beat.joins and self.shown:
            shown = [*self.shown[:-1], _joined(self.shown[-1], beat)]
        if self.shown and not self._fits(shown):
            self._turn(split=beat.joins and not beat.follows)
            shown = [beat.block]
        self.shown, self.fresh = shown, True

    def _fullest(self, block: Block) -> Block:
        """The block when it is highest."""
        states: list[Block] = []
        for beat in _beats(block, self.step.taught):
            states.append(_joined(states[-1], beat) if beat.joins else beat.block)
        return max(states, key=lambda state: height(_now([state]), SLIDE))

    def _fits(self, blocks: Sequence[Block]) -> bool:
        return height(_now(blocks), SLIDE) <= ROOM

    def _turn(self, *, split: bool = False) -> None:
        self._keep()
        self.shown, self.split = [], split

    def _keep(self) -> None:
        if not self.fresh:
            return
        step = self.step
        title = self.words.say("slides.continued", title=step.title) if self.split else step.title
        self.done.append(Slide(title, tuple(_now(self.shown)), step.number, step.section, bool(self.done)))
        self.fresh = False


def _groups(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """The blocks, what introduces another together with that: a paragraph, the formula of a whole array."""
    group: list[Block] = []
    for block, after in zip_longest(blocks, blocks[1:]):
        group.append(block)
        introduces = isinstance(block, Prose) and block.kind == "plain"
        introduces |= isinstance(block, Formula) and len(block.lines) == 1 and isinstance(after, Formula)
        if not introduces or after is None:
            yield group
            group = []


def _beats(block: Block, taught: bool) -> list[_Beat]:
    """What a block can be split into, and what of it builds up."""
    match block:
        case Formula(lines, item):
            builds = taught and _builds(lines)
            pieces: list[Block] = [Formula(chunk, item) for chunk in _chunks(lines, builds)]
        case Table(header, rows) if sum(column_widths(block)) > SLIDE.line_width:
            turned = [_turned(header, row) for row in rows]
            return [_Beat(turned[0]), *(_Beat(table, joins=True, follows=True, waits=True) for table in turned[1:])]
        case Table(header, rows, caption):
            builds, pieces = False, [Table(header, (row,), caption) for row in rows]
        case Bullets(items):
            builds, pieces = False, [Bullets((entry,)) for entry in items]
        case Room(lines=count):
            builds, pieces = False, [Room(min(count, WRITING_LINES))]
        case _:
            builds, pieces = False, [block]
    return [
        _Beat(piece, joins=place > 0, follows=_fills_a_row(piece), waits=builds and place > 0)
        for place, piece in enumerate(pieces)
    ]


def _builds(lines: Sequence[Equation]) -> bool:
    """Whether a formula is better seen to grow: an array that fills up, a chain, cancelling, named rules."""
    return len(lines) > 1 and any(
        line.aside is not None or line.reason or _has(line, Box) or _has(line, Strike) for line in lines
    )


def _turned(header: tuple[tuple[Inline, ...], ...], row: tuple[Cell, ...]) -> Table:
    """One row of a table that is too wide, downwards: beside each cell what its column says it is."""
    name, *cells = row
    told = ((what, cell) for what, cell in zip(header[1:], cells, strict=True) if cell)
    return Table((header[0], name if isinstance(name, tuple) else ()), tuple(told))


def _fills_a_row(block: Block) -> bool:
    """Whether it ends with a matrix that is filled row by row: then only the row at hand is written beside it."""
    aside = block.lines[-1].aside if isinstance(block, Formula) else None
    return isinstance(aside, Matrix) and len(aside.rows) > 1 and len(aside.rows[0]) > 1


def _chunks(lines: Sequence[Equation], builds: bool) -> Iterator[tuple[Equation, ...]]:
    """The lines that come together: up to the next state of an array that fills up, else one by one."""
    fills = builds and any(line.aside is not None for line in lines)
    chunk: list[Equation] = []
    for line in lines:
        chunk.append(line)
        if not fills or line.aside is not None:
            yield tuple(chunk)
            chunk = []
    if chunk:
        yield tuple(chunk)


def _joined(last: Block, beat: _Beat) -> Block:
    """The block at the end of the page together with what goes on with it."""
    if beat.follows:
        return beat.block
    match last, beat.block:
        case Formula(lines=lines), Formula(lines=more):
            return replace(last, lines=lines + more)
        case Table(rows=rows), Table(rows=more_rows):
            return replace(last, rows=rows + more_rows)
        case Bullets(items=items), Bullets(items=more_items):
            return replace(last, items=items + more_items)
    raise TypeError(f"a {type(beat.block).__name__} does not go on with a {type(last).__name__}")


def _now(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks as they stand at this moment: an array as far as it is filled, above the lines that fill it.

    What is above stays where it is while lines are added.
    """
    for block in blocks:
        if isinstance(block, Formula) and (arrays := [line.aside for line in block.lines if line.aside is not None]):
            yield Formula((Equation((arrays[-1],)),))
            block = replace(block, lines=tuple(replace(line, aside=None) for line in block.lines))
        yield block
