"""A dense layer on the way back: through its activation, to its weights and biases, to its inputs."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc import facts
from stepcalc.board.nodes import Equation, Glyph, Num, Sym
from stepcalc.graph import Quantity
from stepcalc.items import derivative_id
from stepcalc.sheet.blocks import Block, Inline, Prose
from stepcalc.sheet.context import Context, continued, formula, going_on
from stepcalc.sheet.depth import WrittenLayer
from stepcalc.sheet.gradient_lines import array_line, every_sample, gradients, kinks_hit, past_digits, step_lines
from stepcalc.sheet.samples import sample_table

READABLE = 1e6
ROW_AND_COLUMN = {letter: Sym(Glyph(letter)) for letter in "ij"}


def backward(sheet: Context, layer: WrittenLayer) -> Iterator[Block]:
    """A dense layer from the gradient of its output to those of its parameters and inputs."""
    for quantity in layer.quantities:
        yield from _back_through(sheet, quantity)


def _back_through(sheet: Context, quantity: Quantity) -> Iterator[Block]:
    """From a quantity's gradient to those of its parents."""
    below = quantity.parents[0]
    if facts.rule(sheet.trace, quantity.name) == "activation":
        yield from _through_activation(sheet, quantity, below)
        return
    yield from _parameters(sheet, quantity.name)
    if sheet.graph[below].role == "computed" and not facts.looks_back(sheet.trace, below):
        yield from _to_inputs(sheet, below, quantity.name)


def _through_activation(sheet: Context, output: Quantity, logits: str) -> Iterator[Block]:
    assert output.layer is not None
    if not facts.function(sheet.trace, output.name):
        yield sheet.layer_heading("through_activation", output.layer)
        yield formula(*gradients(sheet, sheet.items(logits)))
        return
    yield sheet.layer_heading("through_activation", output.layer)
    items = sheet.items(logits)
    edges = sheet.trace.derivation.locals(items[0])
    if len(edges) == 1:
        yield from _local_slopes(sheet, items)
    if sheet.matrices and len(items) > 1:
        through = sheet.arrays.through(logits, output.name)
        array = None if sheet.scalars else array_line(sheet, logits)
        yield formula(*going_on(through, array))
    yield from _elements(sheet, items, logits)
    yield from sample_table(sheet, [derivative_id(sheet.graph.cost, item) for item in items])
    yield from kinks_hit(sheet, every_sample(sheet, logits))
    if output.name == sheet.output:
        yield from _both_roads(sheet, items)
    yield from _shrinkage(sheet, sheet.items(output.name), items)


def _local_slopes(sheet: Context, items: list[str]) -> Iterator[Block]:
    """∂a/∂z: in symbols once, its number for each unit."""
    lines: list[Equation | None] = []
    shown = items if sheet.scalars else items[:1]
    for place, item in enumerate(shown):
        step = sheet.scribe.local(sheet.trace.derivation.locals(item)[0])
        lines += step_lines(step, first=place == 0)
    yield from sheet.once("backward.local_value")
    yield formula(*lines)
    yield from past_digits(sheet, lines)


def _both_roads(sheet: Context, items: list[str]) -> Iterator[Block]:
    """The short form of ∂L/∂z at the output beside the product that the chain gave."""
    item = items[0]
    chain = sheet.trace.derivation.chain(item, sheet.sample)
    written = sheet.chains.write(chain)
    short = sheet.scribe.short(item)
    collapsed = sheet.chains.collapse(item)
    if short is None:
        return
    numbers = None if short.numbers is None else continued(short.numbers)
    if collapsed is not None:
        yield sheet.prose("backward.one_hot")
        yield formula(*(collapsed or (short.formula,)), numbers)
    elif written.struck is not None:
        yield sheet.prose("backward.short_form")
        struck = Equation((written.left, *written.struck.parts), ("=", *written.struck.relations[1:]))
        yield formula(struck, continued(short.formula), numbers)
    else:
        return
    value, roundabout = short.value, written.value
    if sheet.trace.rounding.carry:
        roundabout = sheet.scribe.number(derivative_id(sheet.graph.cost, item))
    if value is None or roundabout is None:
        return
    if sheet.number(roundabout) != sheet.number(value):
        parts = {"chain": sheet.number(roundabout), "short": sheet.number(value)}
        yield sheet.finding("backward.roads_differ", "insight", **parts)
    else:
        yield sheet.finding("backward.both_roads", "check", chain=sheet.number(roundabout), short=sheet.number(value))


def _shrinkage(sheet: Context, outputs: list[str], logits: list[str]) -> Iterator[Prose]:
    """By how much the activation's derivative shrank the signal, where that is worth a remark."""
    above, below = (
        [sheet.scribe.number(derivative_id(sheet.graph.cost, item)) for item in items] for items in (outputs, logits)
    )
    if any(before and after == 0 for before, after in zip(above, below, strict=True)):
        blocked = [item for item, after in zip(logits, below, strict=True) if after == 0]
        yield sheet.finding("backward.blocked", items=sheet.listed(blocked))
    if sheet.graph.locate(outputs[0])[0].name == sheet.output:
        return
    factors = facts.shrinkage(sheet.trace, outputs, logits)
    if factors and min(factors) >= 2:
        low, high = (_roughly(sheet, factor) for factor in (min(factors), max(factors)))
        key = "backward.shrank" if low == high else "backward.shrank_range"
        yield sheet.finding(key, "insight", **({"factor": low} if low == high else {"low": low, "high": high}))


def _roughly(sheet: Context, factor: float) -> Inline:
    """A factor in whole numbers, as far as that is readable."""
    return Num(f"{factor:.0f}", found=True) if factor < READABLE else sheet.number(factor)


def _parameters(sheet: Context, logits: str) -> Iterator[Block]:
    quantity = sheet.graph[logits]
    assert quantity.layer is not None
    biased = len(quantity.parents) > 2
    yield sheet.layer_heading("parameters" if biased else "weights", quantity.layer)
    delta = sheet.symbol(derivative_id(sheet.graph.cost, sheet.items(logits)[0]))
    yield from sheet.once("backward.weights", delta=delta)
    if biased:
        yield from sheet.once("backward.bias", delta=delta)
    if (sheet.graph.samples or 0) > 1:
        yield from sheet.once("backward.sum_over_samples")
    for parameter in quantity.parents[1:]:
        yield from _one_parameter(sheet, parameter, logits)


def _one_parameter(sheet: Context, parameter: str, logits: str) -> Iterator[Block]:
    alone = sheet.graph[parameter].size == 1
    if sheet.matrices and not alone:
        array = None if sheet.scalars else array_line(sheet, parameter)
        through = sheet.arrays.through(parameter, logits)
        yield formula(*going_on(through, array))
    yield from _elements(sheet, sheet.items(parameter), parameter)


def _elements(sheet: Context, items: list[str], name: str) -> Iterator[Block]:
    """The gradients of an array's elements; where it is written as a whole, that of the element on the path."""
    if sheet.scalars or len(items) == 1:
        yield formula(*gradients(sheet, items, filling=name if sheet.matrices else ""))
    elif not sheet.large:
        yield formula(*gradients(sheet, [sheet.element(name)]))


def _to_inputs(sheet: Context, below: str, logits: str) -> Iterator[Block]:
    layer = sheet.graph[logits].layer
    assert layer is not None
    yield sheet.heading("inputs_of", layer=layer)
    items = sheet.items(below)
    if sheet.matrices and len(items) > 1:
        array = None if sheet.scalars else array_line(sheet, below)
        through = sheet.arrays.through(below, logits)
        yield formula(*going_on(through, array))
        yield from sheet.once(f"backward.transposed_{sheet.scribe.product}", **ROW_AND_COLUMN)
    if (sheet.scalars or not sheet.large) and len(sheet.trace.derivation.locals(items[0])) > 1:
        yield from sheet.once("backward.paths_meet")
    yield from _elements(sheet, items, below)
    yield from sample_table(sheet, [derivative_id(sheet.graph.cost, item) for item in items])
