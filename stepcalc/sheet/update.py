"""The update of all parameters, and the checks that end a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from stepcalc import facts
from stepcalc.board.nodes import Blank, Dots, Equation, Frac, Glyph, Num, Rel, Sym
from stepcalc.items import derivative_id
from stepcalc.roads import difference_quotient
from stepcalc.rounding import FULL_DIGITS
from stepcalc.sheet.blocks import Block, Inline, Prose, Table
from stepcalc.sheet.context import Context, continued, formula
from stepcalc.sheet.figures import cost_figure, history_figure
from stepcalc.trace import MAX_CHECKED

SHOWN_UPDATES = 10
SHOWN_CHECKS = 30
READABLE = 1e6
WORTH_ASKING = 3
"""A late layer that moves this many times as much as an early one is worth a question."""


def update(sheet: Context) -> Iterator[Block]:
    """One step of every parameter against its gradient."""
    if sheet.trace.problem.optimizer is None:
        return
    yield sheet.heading("update", level=1)
    yield sheet.heading("all_parameters")
    yield sheet.prose("update.intro" if sheet.trace.updated else "update.symbolic")
    for name in sheet.graph.parameters:
        yield from _parameter(sheet, name)
    yield sheet.prose("conventions.old_parameters", "insight")


def _parameter(sheet: Context, name: str) -> Iterator[Block]:
    items = sheet.items(name)
    lines: list[Equation | None] = []
    shown = items if sheet.scalars or len(items) == 1 else items[:1]
    for place, item in enumerate(shown):
        step = sheet.scribe.update(item)
        if step.numbers is None:
            lines.append(step.formula)
        else:
            lines += [step.formula, continued(step.numbers)] if place == 0 else [step.numbers]
    if sheet.matrices and len(items) > 1:
        array = sheet.arrays.updated(name)
        lines.append(sheet.arrays.equation(sheet.notation.array_updated(name), array))
    yield formula(*lines)


def checks(sheet: Context) -> Iterator[Block]:
    """The loss after the update, the nudge, the numerical derivatives, the whole run, a question."""
    if not sheet.trace.numeric:
        return
    yield sheet.heading("checks", level=1)
    yield from _after(sheet)
    yield from _nudge(sheet)
    if sheet.graph.parameters:
        yield from cost_figure(sheet, _nudged_item(sheet))
    yield from _gradient_check(sheet)
    yield from _history(sheet)
    yield from _question(sheet)


def _after(sheet: Context) -> Iterator[Block]:
    trace = sheet.trace
    if trace.stopped is not None:
        update_number, _, item = trace.stopped.removeprefix("update ").partition(": ")
        parts = {"update": update_number, "item": sheet.whole.notation.symbol(item)}
        yield sheet.finding("checks.stopped", "warning", **parts)
    if len(trace.history) < 2:
        return
    before, after = trace.history[:2]
    key = "fell" if after < before else "rose" if after > before else "unchanged"
    if key == "unchanged" and any(np.any(trace.gradients[name]) for name in trace.updated):
        key = "unchanged_small"
    cost = sheet.symbol(sheet.graph.cost)
    first, second = _told_apart(sheet, before, after)
    parts = {"cost": cost, "before": first}
    if before != after:
        parts["after"] = second
    asked = sheet.words.say("checks.after_asked", cost=cost, room=Blank())
    yield replace(sheet.finding(f"checks.{key}", "check" if key == "fell" else "warning", **parts), asked=asked)
    if facts.never_learns(trace):
        yield sheet.finding("checks.no_learning_steps")


def _told_apart(sheet: Context, before: float, after: float) -> tuple[Num, Num]:
    """Two costs with the digits it takes to see that they differ."""
    printed = sheet.trace.rounding.printed
    pairs = ((printed(before, extra), printed(after, extra)) for extra in range(FULL_DIGITS + 1))
    first, second = next((pair for pair in pairs if pair[0] != pair[1] or before == after), ("", ""))
    return Num(first or repr(before), found=True), Num(second or repr(after), found=True)


def _nudge(sheet: Context) -> Iterator[Prose]:
    """One parameter of the last layer moved a little: the loss moves by slope times nudge."""
    if not sheet.graph.parameters:
        return
    item = _nudged_item(sheet)
    nudge = sheet.trace.nudge(item)
    name = derivative_id(sheet.graph.cost, item)
    exact = sheet.scribe.number(name)
    if exact is None or not np.isfinite([nudge.after, nudge.central]).all():
        return
    epsilon = sheet.given(nudge.epsilon)
    change = Sym(Glyph("Δ" + sheet.notation.glyph(sheet.graph.cost).base))
    said = sheet.words.say(
        "checks.nudge",
        item=sheet.symbol(item),
        epsilon=epsilon,
        cost=sheet.symbol(sheet.graph.cost),
        quotient=Rel(Frac(change, epsilon), "≈", sheet.number(nudge.forward)),
        exact=sheet.number(exact, name),
    )
    agreed = facts.agreement(sheet.trace, nudge, exact)
    verdict = sheet.words.say(f"checks.nudge_{agreed}", epsilon=epsilon)
    yield Prose((*said, " ", *verdict), "warning" if agreed == "corner" else "check", reveals=True, asked=said)


def _nudged_item(sheet: Context) -> str:
    """The first weight of the last layer that moves the loss; else the parameter whose chain is written."""
    weights = [name for name in sheet.graph.parameters if len(sheet.graph[name].shape) == 2]
    last = sheet.graph.items(weights[-1]) if weights else iter(())
    return next((item for item in last if _moves(sheet, item)), sheet.scribe.chain_item)


def _moves(sheet: Context, item: str) -> bool:
    return bool(sheet.scribe.number(derivative_id(sheet.graph.cost, item)))


def _gradient_check(sheet: Context) -> Iterator[Block]:
    """Numerical derivatives beside the exact ones, where the problem asks for them."""
    found = sheet.trace.gradient_check
    if found is None:
        if sheet.trace.problem.gradient_check is not None and sheet.graph.parameters:
            yield sheet.prose("checks.too_many", "warning", count=sheet.trace.parameter_count, limit=MAX_CHECKED)
        return
    if not sheet.graph.parameters:
        return
    yield sheet.heading("gradient_check")
    yield formula(*difference_quotient(sheet.scribe, sheet.trace.nudge(_nudged_item(sheet))))
    names = ("item", "exact", "forward_difference", "central_difference")
    rows: list[tuple[tuple[Inline, ...], ...]] = []
    for name in sheet.graph.parameters:
        for item, up, middle in zip(
            sheet.graph.items(name), found.forward[name].flat, found.central[name].flat, strict=True
        ):
            derivative = derivative_id(sheet.graph.cost, item)
            exact = sheet.scribe.number(derivative)
            shown: Inline = "" if exact is None else sheet.number(exact, derivative)
            numbers = tuple(sheet.number(float(value)) if np.isfinite(value) else "" for value in (up, middle))
            rows.append(((sheet.symbol(derivative),), (shown,), *((number,) for number in numbers)))
    kept = rows if len(rows) <= SHOWN_CHECKS else [*rows[:SHOWN_CHECKS], tuple((Dots("v"),) for _ in names)]
    yield Table(tuple((sheet.words.plain(f"table.{name}"),) for name in names), tuple(kept))


def _history(sheet: Context) -> Iterator[Block]:
    """The cost before the first update and after each."""
    history = sheet.trace.history
    if len(history) < 3:
        return
    yield sheet.heading("history")
    places: list[int | None] = list(range(len(history)))
    if len(history) > SHOWN_UPDATES:
        places = [*range(SHOWN_UPDATES // 2), None, *range(len(history) - SHOWN_UPDATES // 2, len(history))]
    rows = [
        ((Dots("v"),), (Dots("v"),)) if place is None else ((str(place),), (sheet.number(history[place]),))
        for place in places
    ]
    header = ((sheet.words.plain("table.update"),), (sheet.symbol(sheet.graph.cost),))
    yield Table(header, tuple(rows))
    yield from history_figure(sheet)


def _question(sheet: Context) -> Iterator[Block]:
    """Something to think about, where the numbers raise it: a late weight that moves more than an early one."""
    if not sheet.layers or not sheet.trace.updated:
        return
    cost, early, late = sheet.graph.cost, sheet.chain_items[0], _nudged_item(sheet)
    if sheet.graph.locate(early)[0].layer == sheet.graph.locate(late)[0].layer:
        return
    first, last = (sheet.scribe.number(derivative_id(cost, item)) for item in (early, late))
    if first is None or not last:
        return
    parts = {"late": sheet.symbol(late), "early": sheet.symbol(early)}
    if not first:
        yield sheet.heading("question")
        yield sheet.finding("questions.layers_zero", "question", early=parts["early"])
    elif (factor := abs(last / first)) >= WORTH_ASKING:
        yield sheet.heading("question")
        whole = f"{factor:.0f}" if factor < 10 else f"{round(factor, -1):.0f}"
        about: Inline = Num(whole, found=True) if factor < READABLE else sheet.number(factor)
        yield sheet.finding("questions.layers", "question", **parts, factor=about)
