"""A sheet as slides: a step a page, chains and arrays building up, and no page fuller than it can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stepcalc.board.nodes import Box
from stepcalc.sheet.blocks import Block, Diagram, Formula, Heading, Inline, Prose, Sheet
from stepcalc.sheet.growing import beats, has, now
from stepcalc.sheet.heights import TITLE_LINE, title_lines
from stepcalc.sheet.paging import ROOM, pages
from stepcalc.sheet.words import Words

WAY_FORWARD = "forward"
"""The section that may open with a sentence alone."""
WAY_BACK = "backward"
"""The section that opens with the path that gradients take."""
LOOKED_UP = "appendix"
"""The section that is there to be looked up: nothing builds up in it."""


@dataclass(frozen=True, slots=True)
class Slide:
    """One page: its ``title``, under the ``number`` of its step, its blocks, and the ``section`` that it belongs to.

    ``goes_on``: the slide before belongs to the same step. A figure is at most ``figure`` pixels of 1/96 inch high.
    """

    title: tuple[Inline, ...]
    blocks: tuple[Block, ...]
    number: int | None = None
    section: str = ""
    goes_on: bool = False
    figure: float = 0.0


@dataclass(frozen=True, slots=True)
class _Step:
    """What stands under the heading ``key``; ``taught`` where formulas build up."""

    key: str
    title: tuple[Inline, ...]
    number: int | None
    section: str
    blocks: tuple[Block, ...]
    taught: bool


def slides(sheet: Sheet) -> tuple[Slide, ...]:
    """The pages of ``sheet`` after that with its title: every step on one or more."""
    steps = _with_path(_with_opening_words(list(_steps((Heading((sheet.title,), 1), *sheet.blocks)))))
    return tuple(slide for step in steps for slide in _slides(step, sheet.words))


def _slides(step: _Step, said: Words) -> Iterator[Slide]:
    """The slides of a step; after the first page, the title says that it goes on."""
    continued = said.say("slides.continued", title=step.title)
    room = ROOM - (title_lines(continued, step.number is not None) - 1) * TITLE_LINE
    title = step.title
    goes_on = False
    for page in pages(list(beats(step.blocks, room, step.taught)), room):
        for state in page.states:
            yield Slide(title, tuple(now(state)), step.number, step.section, goes_on, page.figure)
            goes_on = True
        title = continued


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


def _with_opening_words(steps: list[_Step]) -> Iterator[_Step]:
    """The steps; a sentence that stands alone where the way forward begins is said on its first step's slide."""
    waiting: tuple[Block, ...] = ()
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        blocks = (*waiting, *step.blocks)
        if step.key == WAY_FORWARD and all(isinstance(block, Prose) for block in step.blocks) and after is not None:
            waiting = blocks
            continue
        yield replace(step, blocks=blocks)
        waiting = ()


def _with_path(given: Iterator[_Step]) -> list[_Step]:
    """The steps, the way back and the first chain with the diagram on which the path is drawn."""
    steps = list(given)
    diagram = next((block for step in steps for block in step.blocks if _has_path(block)), None)
    if diagram is None:
        return steps
    chain = next((step for step in steps if any(map(_is_chain, step.blocks))), None)
    return [
        replace(step, blocks=(*step.blocks, diagram)) if step.key == WAY_BACK
        else replace(step, blocks=(diagram, *step.blocks)) if step is chain
        else step
        for step in steps
    ]  # fmt: skip


def _has_path(block: Block) -> bool:
    return isinstance(block, Diagram) and any(edge.on_path for edge in block.edges)


def _is_chain(block: Block) -> bool:
    return isinstance(block, Formula) and any(has(line, Box) for line in block.lines)
