"""The updates after the first: written out where a single parameter moves, else a table of one parameter's way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations_with_replacement, pairwise

from stepcalc.board.nodes import Dots, Equation, Words
from stepcalc.items import derivative_id
from stepcalc.sheet.blocks import Block, Cell, Inline, Part, Table, as_far_as_made
from stepcalc.sheet.context import Context, formula
from stepcalc.sheet.newton import BY_A_RULE, is_number
from stepcalc.sheet.shortened import UPDATES
from stepcalc.steps import Step

UNKNOWN = Words("–", found=True)
"""What stands in the place of a number of an update that the run did not get to."""


def later_updates(sheet: Context) -> Iterator[Part]:
    """The updates after the first, of an optimizer that calculates more than the new values."""
    trace, asked = sheet.trace, sheet.trace.problem.optimizer
    known = trace.numeric and trace.learning_rate is not None and not sheet.large
    if asked is None or asked.steps < 2 or len(sheet.scribe.plan) < 2 or not known:
        return
    if trace.parameter_count == 1 or (asked.second_derivatives and trace.parameter_count <= BY_A_RULE):
        yield from as_far_as_made(partial(_in_full, sheet), trace.made, asked.steps)
        return
    for item in sheet.chain_items:
        yield from as_far_as_made(partial(_in_a_table, sheet, item), trace.made, asked.steps)


def _in_full(sheet: Context, updates: int) -> Iterator[Block]:
    """Each update with its steps, of many the first and the last."""
    places = UPDATES.places(updates)
    for before, place in pairwise(places):
        if place is None:
            continue
        if before is None:
            yield sheet.prose("update.skipped", first=places.index(None) + 1, last=place - 1)
        yield sheet.heading("later_update", update=place)
        yield formula(*_steps(sheet, place))


def _in_a_table(sheet: Context, item: str, updates: int) -> Iterator[Block]:
    """The updates of one parameter."""
    yield sheet.heading("updates_of", item=sheet.symbol(item))
    if item == sheet.chain_items[0]:
        yield sheet.prose("update.later")
    yield _table(sheet, item, updates)


def _steps(sheet: Context, update: int) -> Iterator[Equation]:
    """What an update calculates, in numbers; with nothing known where the run did not get so far."""
    there, asked = sheet.trace.at(update), sheet.trace.problem.optimizer
    scribe = sheet.scribe_of(there or replace(sheet.trace, update=update))
    items = [item for name in sheet.graph.parameters for item in sheet.graph.items(name)]
    found = [scribe.gradient(item) for item in items]
    if asked is not None and asked.second_derivatives and not sheet.trace.curvature.quadratic:
        found += [scribe.bend(*pair) for pair in combinations_with_replacement(items, 2)]
    found += [scribe.update(item, part) for part in scribe.plan for item in items]
    for step in found if there else map(_unknown, found):
        yield step.formula if step.numbers is None or is_number(step) else step.numbers


def _unknown(step: Step) -> Step:
    """A step that was not made: a sheet to be filled in asks for it all the same."""
    if step.numbers is None:
        return step
    left, filled = step.numbers.parts[0], step.numbers.withheld or step.numbers.parts[1]
    line = Equation((left, UNKNOWN), ("=",), chosen=step.numbers.chosen, withheld=filled)
    return replace(step, numbers=line, value=None)


def _table(sheet: Context, item: str, steps: int) -> Table:
    derivative = derivative_id(sheet.graph.cost, item)
    ids = [derivative, *(str(sheet.graph.read(item).updated(part)) for part in sheet.scribe.plan)]
    header = ((sheet.words.plain("table.update"),), *((sheet.symbol(name),) for name in ids))
    rows: list[tuple[Cell, ...]] = []
    for place in UPDATES.places(steps):
        if place is None:
            rows.append(tuple((Dots("v"),) for _ in header))
        else:
            rows.append(((str(place),), *((_number(sheet, name, place),) for name in ids)))
    return Table(header, tuple(rows))


def _number(sheet: Context, item: str, update: int) -> Inline:
    """A number of one update; a dash where the run stopped before."""
    name = item if update == 1 else str(replace(sheet.graph.read(item), update=update))
    value = sheet.scribe.number(name)
    return UNKNOWN if value is None else sheet.number(value, name)
