"""A dense layer on the way forward: its weighted sums, its activation, and what is worth saying about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stepcalc import facts
from stepcalc.board.nodes import Equation
from stepcalc.filling import MAX_TERMS
from stepcalc.graph import Quantity
from stepcalc.sheet.blocks import Block, Formula, Prose
from stepcalc.sheet.context import Context, continued, formula, going_on
from stepcalc.sheet.depth import WrittenLayer
from stepcalc.sheet.figures import activation_figure
from stepcalc.sheet.samples import sample_table


def forward(sheet: Context, layer: WrittenLayer) -> Iterator[Block]:
    """A dense layer from its inputs to its output."""
    for quantity in layer.quantities:
        yield from _array(sheet, quantity)


def _array(sheet: Context, quantity: Quantity) -> Iterator[Block]:
    """The weighted sums, or the activation."""
    assert quantity.layer is not None
    activation = facts.rule(sheet.trace, quantity.name) == "activation"
    yield sheet.layer_heading("activation" if activation else "weighted_sums", quantity.layer)
    yield from sheet.once(_opening(sheet, quantity, activation))
    yield from calculated(sheet, quantity)
    if activation:
        if quantity.layer not in sheet.drawn_layers:
            yield from sheet.once("deep.figures")
        elif not (sheet.staged and sheet.large):  # there the maps are the figures
            yield from activation_figure(sheet, quantity)
        yield from insights(sheet, sheet.items(quantity.name))


def calculated(sheet: Context, quantity: Quantity) -> Iterator[Block]:
    """An array from its parents, in matrices and number by number, and what it is in the other samples."""
    if sheet.matrices and quantity.size > 1:
        result = None if sheet.scalars else _result(sheet, quantity.name)
        yield formula(*going_on(sheet.arrays.formula(quantity.name), result))
    if sheet.scalars or quantity.size == 1:
        yield _scalars(sheet, quantity.name)
    else:
        yield _one_in_full(sheet, quantity.name)
    yield from sample_table(sheet, sheet.items(quantity.name))


def _opening(sheet: Context, quantity: Quantity, activation: bool) -> str:
    if activation:
        return "forward.softmax" if facts.kind(sheet.trace, quantity.name) == "softmax" else "forward.activation"
    return "forward.first" if len(quantity.parents) > 2 else "forward.first_no_bias"


def _result(sheet: Context, name: str) -> Equation | None:
    return sheet.arrays.equation(sheet.notation.array(name), sheet.arrays.values(name))


def _one_in_full(sheet: Context, name: str) -> Formula:
    """The element on the path of the chain, or the first: the only one that a sheet of matrices writes out."""
    step = sheet.scribe.forward(sheet.element(name))
    return formula(step.formula, None if step.numbers is None else continued(step.numbers))


def _scalars(sheet: Context, name: str) -> Formula:
    """A unit a line; the first in symbols too, the vector filling up as the numbers come."""
    lines: list[Equation | None] = []
    items = sheet.items(name)
    rows = sheet.sample is not None and sheet.notation.batch_rows
    filling = sheet.matrices and 1 < len(items) <= MAX_TERMS and not rows
    for place, item in enumerate(items, start=1):
        step = sheet.scribe.forward(item)
        if place == 1 or step.numbers is None:
            lines.append(step.formula)
        if step.numbers is not None:
            line = continued(step.numbers) if place == 1 else step.numbers
            lines.append(replace(line, aside=sheet.arrays.values(name, place)) if filling else line)
    if rows and sheet.matrices:
        lines.append(sheet.arrays.equation(sheet.notation.array(name), sheet.arrays.values(name)))
    return formula(*lines)


def insights(sheet: Context, items: list[str]) -> Iterator[Prose]:
    """Which units are saturated, which are dead."""
    saturated = facts.saturated(sheet.trace, items)
    for level, near in saturated.items():
        yield sheet.finding(f"forward.saturated_{level}", items=sheet.listed(near))
    if saturated:
        yield from (replace(said, kind="insight", reveals=True) for said in sheet.once("forward.saturated"))
    if dead := facts.dead(sheet.trace, items):
        yield sheet.finding("forward.dead", items=sheet.listed(dead))
