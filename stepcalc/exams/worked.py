"""How an item is found: its formula, the numbers put in, the result, as the worked solution has it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stepcalc.board.nodes import Equation
from stepcalc.items import Item
from stepcalc.sheet.blocks import Formula
from stepcalc.sheet.context import going_on
from stepcalc.steps import Scribe, Step

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper


def worked(paper: Paper, item: str) -> Step | None:
    """The step that finds an item; None for what is given."""
    parsed = paper.variant.trace.graph.read(item)
    scribe = _scribe(paper, parsed)
    step = None if scribe is None else _step(scribe, parsed)
    return step if step is None or (parsed.update or 1) == 1 else _of_update(paper, item, step)


def _of_update(paper: Paper, item: str, step: Step) -> Step:
    """A step of a later update, which says of which."""
    left = paper.symbol(item)

    def named(line: Equation) -> Equation:
        return replace(line, parts=(left, *line.parts[1:]))

    return replace(step, formula=named(step.formula), numbers=step.numbers and named(step.numbers))


def worked_lines(paper: Paper, item: str) -> Formula | None:
    """The lines of that step."""
    step = worked(paper, item)
    return None if step is None else Formula(tuple(going_on(step.formula, step.numbers)))


def _scribe(paper: Paper, parsed: Item) -> Scribe | None:
    """The writer of the update that an item belongs to; None where the run did not get so far."""
    if parsed.update in (None, paper.variant.trace.update):
        return paper.context.whole
    there = paper.variant.trace.at(parsed.update or 1)
    return None if there is None else paper.context.scribe_of(there, None)


def _step(scribe: Scribe, parsed: Item) -> Step | None:
    plain = str(parsed.plain)
    if parsed.by:
        return scribe.bend(parsed.by, plain)
    if parsed.part:
        return scribe.update(plain, parsed.part)
    if parsed.of:
        return scribe.in_update(scribe.backward(plain))
    if scribe.graph[parsed.name].op is None:
        return None
    return scribe.in_update(scribe.forward(plain))
