"""The story's second half: from the loss back to every parameter."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc import decisions, facts
from stepcalc.board.nodes import Equation, Frac, Num
from stepcalc.items import derivative_id
from stepcalc.sheet.appendix import appendix_heading
from stepcalc.sheet.blocks import Block, Prose
from stepcalc.sheet.context import Context, formula
from stepcalc.sheet.depth import LeftOut, backward_between, layers, outputs
from stepcalc.sheet.full_chain import full_chains
from stepcalc.sheet.gradient_lines import array_line, every_sample, gradients, kinks_hit, past_digits, step_lines
from stepcalc.sheet.samples import sample_table
from stepcalc.sheet.stories import STORIES

AS_MUCH = 0.05
"""A slope this close to 1 is told as "about as much"."""


def backward(sheet: Context) -> Iterator[Block]:
    """From the cost to the gradients of all parameters."""
    yield sheet.heading("backward", level=1)
    yield sheet.prose("backward.intro")
    yield from _loss_slope(sheet, sheet.output)
    computed = [quantity for quantity in sheet.graph.quantities.values() if quantity.role == "computed"]
    for part in layers(sheet, reversed(computed)):
        yield from _back_between(sheet, part) if isinstance(part, LeftOut) else STORIES[part.type].backward(sheet, part)
    yield from full_chains(sheet)


def _back_between(sheet: Context, left: LeftOut) -> Iterator[Block]:
    """Back through layers that are not written out; a derivative that was a matter of choice is told all the same."""
    yield from backward_between(sheet, left)
    for output in outputs(sheet, left):
        yield from kinks_hit(sheet, every_sample(sheet, sheet.graph[output].parents[0]))


def _loss_slope(sheet: Context, output: str) -> Iterator[Block]:
    yield sheet.heading("loss_slope")
    items = sheet.items(output)
    lines: list[Equation | None]
    if sheet.scalars or len(items) == 1:
        lines = gradients(sheet, items, filling=output if sheet.notation.batch_rows else "")
    else:
        telling = items[decisions.true_class(sheet.trace, sheet.sample) or 0]
        lines = [*step_lines(sheet.scribe.backward(telling), first=True), array_line(sheet, output)]
    yield formula(*lines)
    if sheet.scribe.uses_logarithm(sheet.graph.cost):
        yield from past_digits(sheet, lines)
    yield from _slope_from(sheet)
    yield from sample_table(sheet, [derivative_id(sheet.graph.cost, item) for item in items])
    for item in items:
        name = derivative_id(sheet.graph.cost, item)
        if sheet.trace.numeric and sheet.scribe.number(name) is None:
            yield sheet.finding("backward.slope_null", "warning", derivative=sheet.symbol(name))
    corners = list(kinks_hit(sheet, every_sample(sheet, output)))
    if len(items) == 1 and not corners:
        yield from _slope_in_words(sheet, items[0])
    yield from corners


def _slope_from(sheet: Context) -> Iterator[Prose]:
    """Where the slope of the loss comes from: the derivation at the end, and a ½ that is gone."""
    loss = facts.loss_facts(sheet.trace)
    if derived := appendix_heading(sheet, "loss"):
        yield Prose(sheet.words.say("backward.derived", heading=derived))
    if loss is not None and loss.half_of_squares:
        half = Frac(Num("1"), Num("2")) if loss.scale == 1 else sheet.given(0.5)
        yield sheet.prose("backward.half_cancels", half=half)


def _slope_in_words(sheet: Context, item: str) -> Iterator[Prose]:
    cost = sheet.graph.cost
    slope = sheet.scribe.number(derivative_id(cost, item))
    if slope is None:
        return
    parts = {"output": sheet.symbol(item), "cost": sheet.symbol(cost)}
    if slope == 0:
        yield sheet.finding("backward.slope_zero", "insight", **parts)
        return
    direction = "up" if slope > 0 else "down"
    if abs(abs(slope) - 1) < AS_MUCH:
        yield sheet.finding(f"backward.as_much_{direction}", "insight", **parts)
    else:
        yield sheet.finding(f"backward.slope_{direction}", "insight", factor=sheet.number(abs(slope)), **parts)
