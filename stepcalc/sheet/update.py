"""The update of all parameters, and the checks that end a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import groupby

import numpy as np

from stepcalc import facts
from stepcalc.board.nodes import Blank, Dots, Equation, Num, Words
from stepcalc.graph import Quantity
from stepcalc.items import NEW, SINGULAR, derivative_id
from stepcalc.notation import setting
from stepcalc.outcomes import NOISE
from stepcalc.rounding import FULL_DIGITS
from stepcalc.sheet.blocks import Block, Found, Inline, Part, Prose, Table, as_far_as_made, only_asked
from stepcalc.sheet.context import Context, continued, formula
from stepcalc.sheet.depth import LeftOut, left_out, parts
from stepcalc.sheet.figures import cost_figure, history_figure
from stepcalc.sheet.later import later_updates
from stepcalc.sheet.map_grids import all_maps, has_maps, is_large
from stepcalc.sheet.newton import newton_remarks, newton_system, plan_of, turns_down
from stepcalc.sheet.numerical import at_corner, gradient_check, nudge, nudged_item
from stepcalc.sheet.shortened import UPDATES
from stepcalc.trace import Trace

_HEADINGS = {
    "gradient_descent": "all_parameters",
    "momentum": "with_momentum",
    "adam": "with_adam",
    "newton": "with_newton",
}
READABLE = 1e6
SOLVED = "p"
"""The part of Newton's step that is solved for: another formula for each parameter."""
WORTH_ASKING = 3
"""A late layer that moves this many times as much as an early one is worth a question."""


def update(sheet: Context) -> Iterator[Part]:
    """One step of every parameter against its gradient."""
    if sheet.trace.problem.optimizer is None:
        return
    kind = sheet.trace.problem.optimizer.type
    numeric = sheet.trace.numeric and sheet.trace.learning_rate is not None
    yield sheet.heading("update", level=1)
    yield sheet.heading(_HEADINGS[kind])
    yield sheet.prose(f"update.intro_{kind}" if numeric or len(sheet.scribe.plan) > 1 else "update.symbolic")
    if kind == "newton":
        yield from newton_system(sheet)
    written = parts(sheet, map(sheet.graph.__getitem__, sheet.graph.parameters))
    for alone, some in groupby(written, lambda part: isinstance(part, Quantity) and part.size == 1):
        if alone:
            yield from _single_numbers(sheet, [part.name for part in some if isinstance(part, Quantity)])
            continue
        for part in some:
            if isinstance(part, LeftOut):
                yield left_out(sheet, "update", part)
            elif not sheet.staged or sheet.in_full("update"):
                yield from _parameter(sheet, part.name)
    if sheet.staged and sheet.large:
        yield sheet.prose("update.others")
    if sheet.trace.parameter_count > 1:
        yield from only_asked([sheet.prose("conventions.old_parameters", "insight")], sheet.trace.singular)
    if kind == "adam":
        yield sheet.prose("update.first_adam", "insight", epsilon=sheet.symbol(setting("epsilon")))
    if not numeric and len(sheet.scribe.plan) > 1:
        yield sheet.prose("update.symbolic")
    if kind == "newton":
        yield from newton_remarks(sheet)
    yield from later_updates(sheet)


def _single_numbers(sheet: Context, names: list[str]) -> Iterator[Part]:
    """The updates of parameters that are single numbers, under one another."""
    if sheet.staged and not sheet.in_full("update"):
        return
    items = [next(sheet.graph.items(name)) for name in names]
    lines = [(part, line) for item in items for part in plan_of(sheet) for line in _lines(sheet, item, part)]
    whole = formula(*(line for _, line in lines))
    if sheet.trace.singular:
        yield Found(formula(*(line for part, line in lines if part != NEW)))
    yield from only_asked([whole], sheet.trace.singular)


def _parameter(sheet: Context, name: str) -> Iterator[Part]:
    """The update of one array, part by part: its scalars, then all of it."""
    shown = sheet.items(name) if sheet.scalars else [sheet.element(name)]
    for part in plan_of(sheet):
        lines: list[Equation | None] = [line for item in shown for line in _lines(sheet, item, part)]
        if sheet.matrices:
            lines.append(sheet.arrays.equation(sheet.notation.array_part(name, part), sheet.arrays.part(name, part)))
        yield from only_asked([formula(*lines)], sheet.trace.singular and part == NEW)
        if has_maps(sheet.graph[name]) and sheet.trace.updated and not is_large(sheet.graph[name]):
            yield from all_maps(sheet, name, part)


def _lines(sheet: Context, item: str, part: str) -> Iterator[Equation]:
    """One part of a parameter's update: in symbols where it comes first or is not the same for all, in numbers."""
    step = sheet.scribe.update(item, part)
    if step.numbers is None:
        yield step.formula
    elif sheet.first(f"update {part}") or part == SOLVED:
        yield from (step.formula, continued(step.numbers))
    else:
        yield step.numbers


def checks(sheet: Context) -> Iterator[Part]:
    """The loss after the update, the nudge, the numerical derivatives, the whole run, a question."""
    if not sheet.trace.numeric:
        return
    yield sheet.heading("checks", level=1)
    yield from _after(sheet)
    yield from nudge(sheet)
    if sheet.graph.parameters:
        yield from cost_figure(sheet, nudged_item(sheet))
    yield from gradient_check(sheet)
    yield from _history(sheet)
    yield from _question(sheet)


def _after(sheet: Context) -> Iterator[Block]:
    trace = sheet.trace
    if trace.stopped is not None and (trace.trained is None or not trace.made):
        yield replace(stopped(sheet, trace.stopped), asked=_asked(sheet, not trace.made))
    if trace.made < 1:
        return
    before, after = trace.first_costs
    stays = abs(after - before) <= NOISE * max(abs(before), abs(after))
    key = _unchanged(trace) if stays else "fell" if after < before else _rose(sheet)
    cost = sheet.symbol(sheet.graph.cost)
    parts = {"cost": cost, "before": sheet.number(before)}
    if not stays:
        parts["before"], parts["after"] = _told_apart(sheet, before, after)
    said = sheet.finding(f"checks.{key}", "check" if key == "fell" else "warning", **parts)
    yield replace(said, asked=_asked(sheet))
    if facts.never_learns(trace):
        yield sheet.finding("checks.no_learning_steps")


def _asked(sheet: Context, once: bool = True) -> tuple[Inline, ...]:
    """What is asked about the first update, if it has not been asked already."""
    return sheet.words.say("checks.after_asked", cost=sheet.symbol(sheet.graph.cost), room=Blank(10)) if once else ()


def stopped(sheet: Context, where: str) -> Prose:
    """Where a run stopped, and why."""
    number, _, item = where.removeprefix("update ").partition(": ")
    if item == SINGULAR:
        return sheet.finding("checks.stopped_singular", "warning", update=number)
    asked = sheet.trace.problem.optimizer
    key = "checks.stopped_newton" if asked and asked.second_derivatives else "checks.stopped"
    return sheet.finding(key, "warning", update=number, item=sheet.whole.notation.symbol(item))


def _rose(sheet: Context) -> str:
    if turns_down(sheet):
        return "rose_saddle"
    return "rose_corner" if at_corner(sheet) else "rose"


def _unchanged(trace: Trace) -> str:
    """Why the cost stays: nothing pulls, nothing moves, or the move does not show."""
    if not any(np.any(trace.gradients[name]) for name in trace.updated):
        return "unchanged"
    moved = any(np.any(trace.updated[name] != trace.values[name]) for name in trace.updated)
    return "unchanged_rounded" if trace.rounding.carry and not moved else "unchanged_small"


def _told_apart(sheet: Context, before: float, after: float) -> tuple[Num, Num]:
    """Two costs with the digits it takes to see that they differ."""
    printed = sheet.trace.rounding.printed
    pairs = ((printed(before, extra), printed(after, extra)) for extra in range(FULL_DIGITS + 1))
    first, second = next((one, other) for one, other in pairs if float(one) != float(other))
    return Num(first, found=True), Num(second, found=True)


def _history(sheet: Context) -> Iterator[Part]:
    """The cost before the first update and after each."""
    trace, optimizer = sheet.trace, sheet.trace.problem.optimizer
    if optimizer is None or optimizer.steps < 2:
        return
    yield from as_far_as_made(partial(_costs, sheet), trace.made, optimizer.steps)
    if trace.made > 1:
        yield from history_figure(sheet)


def _costs(sheet: Context, updates: int) -> Iterator[Block]:
    yield sheet.heading("history", cost=sheet.symbol(sheet.graph.cost))
    rows = [
        ((Dots("v"),), (Dots("v"),)) if place is None else ((str(place - 1),), (_cost_after(sheet, place - 1),))
        for place in UPDATES.places(updates + 1)
    ]
    yield Table(((sheet.words.plain("table.update"),), (sheet.symbol(sheet.graph.cost),)), tuple(rows))


def _cost_after(sheet: Context, updates: int) -> Inline:
    """The cost after so many updates; a dash where the run stopped before."""
    history = sheet.trace.history
    return sheet.number(history[updates]) if updates < len(history) else Words("–", found=True)


def _move(sheet: Context, item: str) -> float | None:
    """How far a parameter moves, or, where nothing is rounded on the way, its gradient: they are in proportion."""
    if not sheet.trace.rounding.carry:
        return sheet.scribe.number(derivative_id(sheet.graph.cost, item))
    before, after = (sheet.scribe.number(name) for name in (item, str(sheet.graph.read(item).updated())))
    return None if before is None or after is None else after - before


def _question(sheet: Context) -> Iterator[Block]:
    """Something to think about, where the numbers raise it: a late weight that moves more than an early one."""
    if not sheet.layers or sheet.large or not sheet.trace.updated:
        return
    early, late = sheet.chain_items[0], nudged_item(sheet)
    if sheet.graph.locate(early)[0].layer == sheet.graph.locate(late)[0].layer:
        return
    first, last = (_move(sheet, item) for item in (early, late))
    if first is None or not last:
        return
    parts = {"late": sheet.symbol(late), "early": sheet.symbol(early)}
    if not first:
        held = sheet.scribe.number(derivative_id(sheet.graph.cost, early))
        yield sheet.heading("question")
        key = "questions.layers_rounded" if held else "questions.layers_zero"
        yield sheet.finding(key, "question", early=parts["early"])
    elif WORTH_ASKING <= (factor := abs(last / first)) < np.inf:
        yield sheet.heading("question")
        whole = f"{factor:.0f}" if factor < 10 else f"{round(factor, -1):.0f}"
        about: Inline = Num(whole, found=True) if factor < READABLE else sheet.number(factor)
        yield sheet.finding("questions.layers", "question", **parts, factor=about)
