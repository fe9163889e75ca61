"""What repeated factors do to a gradient on its way back through time: it vanishes, explodes, or is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from stepcalc.board.nodes import Abs, Deriv, Dots, Equation, Mul, Node
from stepcalc.derive import Local
from stepcalc.lines import LineError, Show, true_line
from stepcalc.memory import left_over
from stepcalc.sequences import ANY
from stepcalc.sheet.blocks import Block, Prose
from stepcalc.sheet.context import Context, formula
from stepcalc.sheet.figures import Parts, memory_figure
from stepcalc.sheet.gradient_lines import step_lines
from stepcalc.sheet.shortened import BETWEEN
from stepcalc.sheet.time_steps import numbers_table
from stepcalc.sheet.unrolled import Unrolled, acts_outside
from stepcalc.steps import Step

SHRINKS, GROWS = 0.9, 1.1
"""From one step to the one before by less than the first: vanishing; by more than the second: exploding."""
FIGURE_FROM = 3


def memory(sheet: Context, own: Unrolled) -> Iterator[Block]:
    """The factors from step to step, and what is left of the gradient that starts at the last one."""
    if own.steps < 2:
        return
    yield sheet.layer_heading("memory", own.number)
    state = own.h if own.cell is None else own.cell
    if own.cell is not None:
        h, c = (sheet.notation.step(q.name, ANY) for q in (own.h, own.cell))
        yield sheet.prose("memory.additive", c=c, h=h)
    if own.units == 1:
        yield from _factors(sheet, own, state.name)
    elif own.cell is None:
        yield sheet.prose("memory.matrices", w=sheet.notation.array(own.sequences[0].parents[3]))
    yield from _sizes(sheet, own)


def _factors(sheet: Context, own: Unrolled, state: str) -> Iterator[Block]:
    """∂h_t/∂h_{t−1} at every step, and their product from the last step back to the first."""
    if own.cell is None:
        yield sheet.prose("memory.factors")
    items = [sheet.step_items(state, time)[0] for time in range(1, own.steps + 1)]
    ends = list(pairwise(items))[::-1]
    places = BETWEEN.places(len(ends))
    shown = [place and sheet.scribe.along(_way(sheet, *ends[place - 1])) for place in places]
    lines: list[Equation] = []
    for number, step in enumerate(shown):
        lines += step_lines(step, first=number == 0) if step else [Equation((Dots("v"),), continued=True)]
    whole = _product(sheet, items, [step for step in shown if step]) if None not in places else None
    yield formula(*lines, whole)


def _way(sheet: Context, before: str, after: str) -> list[Local]:
    """The links from a state to the same state one step later, without a way round through another one."""
    direct = next((edge for edge in sheet.trace.derivation.locals(before) if edge.child == after), None)
    if direct is not None:
        return [direct]
    return next(
        [first, second]
        for first in sheet.trace.derivation.locals(before)
        for second in sheet.trace.derivation.locals(first.child)
        if second.child == after
    )


def _product(sheet: Context, items: Sequence[str], found: Sequence[Step]) -> Equation | None:
    values = [step.value for step in found if step.value is not None]
    if len(values) < max(2, len(found)):
        return None
    total = 1.0
    for value in values:
        total *= value
    left = sheet.notation.local_derivative(items[-1], items[0])

    def product(show: Show) -> Node:
        return Mul(tuple(show(value, None) for value in values), "dot")

    try:
        return true_line([product], total, sheet.trace.rounding).equation(left)
    except LineError:
        return replace(sheet.scribe.bare(left, total, None), withheld=product(sheet.scribe.printed))


def _sizes(sheet: Context, own: Unrolled) -> Iterator[Block]:
    """How long the gradient is at every step, in a table and a figure, and what that comes to."""
    names = (own.h.name,) if own.cell is None else (own.cell.name, own.h.name)
    found = left_over(sheet.trace, own.h.name, names, sheet.sample)
    if found is None:
        return
    header = [Abs(_left(sheet, own, name)) for name in names]
    times = range(own.steps, 0, -1)
    one = "one" if own.units == 1 else "many"
    yield sheet.prose(f"memory.sizes_{one}", last=own.steps)
    yield numbers_table(sheet, header, lambda time: [found[name][time - 1] for name in names], times)
    if own.steps >= FIGURE_FROM:
        yield from memory_figure(sheet, header[0], found[names[0]])
    yield from _what_became(sheet, own, found[names[0]], header[0].arg)


def _left(sheet: Context, own: Unrolled, name: str) -> Node:
    """What is left of the derivative by h at the last step: all of that by h_t, unless other steps have a share."""
    if not acts_outside(sheet, own, 1):
        return sheet.notation.step_derivative(name, ANY)
    last = own.h.shape[0]
    upstream, h = sheet.notation.step_derivative(own.h.name, last), sheet.notation.step(own.h.name, last)
    return Mul((upstream, Deriv(h, sheet.notation.step(name, ANY), sheet.notation.partial)), "dot")


def _what_became(sheet: Context, own: Unrolled, sizes: Sequence[float], derivative: Node) -> Iterator[Prose]:
    first, last = sizes[0], sizes[-1]
    if not last:
        return
    before, after = sheet.number(last), sheet.number(first)
    parts: Parts = {"before": before, "after": after, "last": own.steps, "derivative": derivative}
    if not first:
        yield sheet.finding("memory.gone", "insight", **parts)
        return
    rate = (first / last) ** (1 / (own.steps - 1))
    key = "vanishes" if rate < SHRINKS else "explodes" if rate > GROWS else "kept"
    if own.cell is not None:
        key = "lstm"
    yield sheet.finding(f"memory.{key}", "insight", rate=sheet.number(rate), **parts)
