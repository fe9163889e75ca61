"""The story's second half: from the loss back to every parameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stepcalc import facts
from stepcalc.board.nodes import Equation, Frac, Glyph, Node, Num, Sym
from stepcalc.derive import Local
from stepcalc.graph import Quantity
from stepcalc.items import derivative_id
from stepcalc.sheet.appendix import appendix_heading
from stepcalc.sheet.blocks import Block, Inline, Prose
from stepcalc.sheet.context import Context, continued, formula
from stepcalc.sheet.depth import LeftOut, backward_between, outputs, parts
from stepcalc.sheet.full_chain import full_chains
from stepcalc.sheet.samples import sample_table
from stepcalc.steps import Step

LOOKED_AT = 64
READABLE = 1e6
AS_MUCH = 0.05
"""A slope this close to 1 is told as "about as much"."""
ROW_AND_COLUMN = {letter: Sym(Glyph(letter)) for letter in "ij"}
FILLED_AT_MOST = 24
"""A matrix with more entries than this is shown once, full, and not filling up."""


def backward(sheet: Context) -> Iterator[Block]:
    """From the cost to the gradients of all parameters."""
    yield sheet.heading("backward", level=1)
    yield sheet.prose("backward.intro")
    yield from _loss_slope(sheet, sheet.output)
    computed = [quantity for quantity in sheet.graph.quantities.values() if quantity.role == "computed"]
    for part in parts(sheet, reversed(computed)):
        yield from _back_between(sheet, part) if isinstance(part, LeftOut) else _back_through(sheet, part)
    yield from full_chains(sheet)


def _back_through(sheet: Context, quantity: Quantity) -> Iterator[Block]:
    """From a quantity's gradient to those of its parents."""
    below = quantity.parents[0]
    if facts.rule(sheet.trace, quantity.name) == "activation":
        yield from _through_activation(sheet, quantity, below)
        return
    yield from _parameters(sheet, quantity.name)
    if sheet.graph[below].role == "computed":
        yield from _to_inputs(sheet, below, quantity.name)


def _back_between(sheet: Context, left: LeftOut) -> Iterator[Block]:
    """Back through layers that are not written out; a derivative that was a matter of choice is told all the same."""
    yield from backward_between(sheet, left)
    for output in outputs(sheet, left):
        yield from kinks_hit(sheet, _every_sample(sheet, sheet.graph[output].parents[0]))


def _gradients(sheet: Context, items: list[str], filling: str = "") -> list[Equation | None]:
    """One gradient a line, the first in symbols too; ``filling`` names the array that fills up beside them."""
    lines: list[Equation | None] = []
    quantity = sheet.graph.locate(items[0])[0]
    scribe = sheet.scribe if quantity.per_sample else sheet.whole
    whole_batch = quantity.per_sample and sheet.sample is not None and sheet.notation.batch_rows
    for place, item in enumerate(items, start=1):
        found = _lines(scribe.backward(item), first=place == 1)
        if filling and not whole_batch and 1 < len(items) <= FILLED_AT_MOST and _ends_row(quantity, place, len(items)):
            found[-1] = replace(found[-1], aside=sheet.arrays.gradients(filling, place))
        lines += found
    if filling and (whole_batch or len(items) > FILLED_AT_MOST):
        lines.append(sheet.arrays.equation(sheet.notation.array_derivative(filling), sheet.arrays.gradients(filling)))
    return lines


def _ends_row(quantity: Quantity, place: int, count: int) -> bool:
    """Whether the array is worth showing after this element: every element of a vector, every row of a matrix."""
    return len(quantity.shape) < 2 or place % quantity.shape[1] == 0 or place == count


def _lines(step: Step, first: bool) -> list[Equation]:
    if step.numbers is None:
        return [step.formula]
    return [step.formula, continued(step.numbers)] if first else [step.numbers]


def _loss_slope(sheet: Context, output: str) -> Iterator[Block]:
    yield sheet.heading("loss_slope")
    items = sheet.items(output)
    lines: list[Equation | None]
    if sheet.scalars or len(items) == 1:
        lines = _gradients(sheet, items, filling=output if sheet.notation.batch_rows else "")
    else:
        telling = items[facts.true_class(sheet.trace, sheet.sample) or 0]
        lines = [*_lines(sheet.scribe.backward(telling), first=True), _array(sheet, output)]
    yield formula(*lines)
    if sheet.scribe.uses_logarithm(sheet.graph.cost):
        yield from _past_digits(sheet, lines)
    yield from _slope_from(sheet)
    yield from sample_table(sheet, [derivative_id(sheet.graph.cost, item) for item in items])
    for item in items:
        name = derivative_id(sheet.graph.cost, item)
        if sheet.trace.numeric and sheet.scribe.number(name) is None:
            yield sheet.finding("backward.slope_null", "warning", derivative=sheet.symbol(name))
    corners = list(kinks_hit(sheet, _every_sample(sheet, output)))
    if len(items) == 1 and not corners:
        yield from _slope_in_words(sheet, items[0])
    yield from corners


def _slope_from(sheet: Context) -> Iterator[Prose]:
    """Where the slope of the loss comes from: the derivation at the end, and a ½ that is gone."""
    loss = facts.loss_facts(sheet.trace)
    if derived := appendix_heading(sheet, "loss"):
        yield Prose(sheet.words.say("backward.derived", heading=derived))
    if loss is not None and loss.half_of_squares:
        yield sheet.prose("backward.half_cancels", half=Frac(Num("1"), Num("2")))


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


def _array(sheet: Context, name: str) -> Equation | None:
    return sheet.arrays.equation(sheet.notation.array_derivative(name), sheet.arrays.gradients(name))


def _through_activation(sheet: Context, output: Quantity, logits: str) -> Iterator[Block]:
    assert output.layer is not None
    if not facts.function(sheet.trace, output.name):
        yield sheet.layer_heading("through_activation", output.layer)
        yield formula(*_gradients(sheet, sheet.items(logits)))
        return
    yield sheet.layer_heading("through_activation", output.layer)
    items = sheet.items(logits)
    edges = sheet.trace.derivation.locals(items[0])
    if len(edges) == 1:
        yield from _local_slopes(sheet, items)
    if sheet.matrices and len(items) > 1:
        through = sheet.arrays.through(logits, output.name)
        array = None if sheet.scalars else _array(sheet, logits)
        yield formula(through, None if array is None else continued(array) if through else array)
    if sheet.scalars or len(items) == 1:
        yield formula(*_gradients(sheet, items, filling=logits if sheet.matrices else ""))
    yield from sample_table(sheet, [derivative_id(sheet.graph.cost, item) for item in items])
    yield from kinks_hit(sheet, _every_sample(sheet, logits))
    if output.name == sheet.output:
        yield from _both_roads(sheet, items)
    yield from _shrinkage(sheet, sheet.items(output.name), items)


def _local_slopes(sheet: Context, items: list[str]) -> Iterator[Block]:
    """∂a/∂z: in symbols once, its number for each unit."""
    lines: list[Equation | None] = []
    shown = items if sheet.scalars else items[:1]
    for place, item in enumerate(shown):
        step = sheet.scribe.local(sheet.trace.derivation.locals(item)[0])
        lines += _lines(step, first=place == 0)
    yield from sheet.once("backward.local_value")
    yield formula(*lines)
    yield from _past_digits(sheet, lines)


def _past_digits(sheet: Context, lines: list[Equation | None]) -> Iterator[Prose]:
    """Why a line stands without its numbers, said where that is so first."""
    left: Node | None = None
    for line in lines:
        if line is None or sheet.trace.rounding.carry:
            continue
        left = left if line.continued else line.parts[0]
        if left is not None and line.withheld is not None and isinstance(line.parts[-1], Num):
            for said in sheet.once("backward.from_sums", derivative=left):
                yield replace(said, kind="insight", reveals=True)


def kinks_hit(sheet: Context, items: list[str]) -> Iterator[Prose]:
    """Where a local derivative out of ``items`` is taken exactly at a corner."""
    for item in items:
        for edge in sheet.trace.derivation.locals(item):
            yield from corner(sheet, edge)


def corner(sheet: Context, edge: Local) -> Iterator[Prose]:
    """That a local derivative is taken exactly at a corner, where it is."""
    value = sheet.scribe.evaluated(edge.cases)
    if value is not None and facts.on_kink(sheet.trace, edge):
        derivative = sheet.whole.notation.local_derivative(edge.child, edge.parent)
        yield sheet.finding("backward.kink_here", "warning", derivative=derivative, used=sheet.number(value))


def _every_sample(sheet: Context, name: str) -> list[str]:
    """The scalars whose corners are worth a look; of a large layer or batch, those written out."""
    everything = list(sheet.graph.items(name))
    return everything if len(everything) <= LOOKED_AT else sheet.items(name)[:LOOKED_AT]


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
    blocked = [
        item
        for output, item in zip(outputs, logits, strict=True)
        if sheet.scribe.number(derivative_id(sheet.graph.cost, item)) == 0
        and sheet.scribe.number(derivative_id(sheet.graph.cost, output))
    ]
    if blocked:
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
    items = sheet.items(parameter)
    alone = len(items) == 1
    if sheet.matrices and not alone:
        array = None if sheet.scalars else _array(sheet, parameter)
        through = sheet.arrays.through(parameter, logits)
        yield formula(through, None if array is None else continued(array) if through else array)
    if sheet.scalars or alone:
        yield formula(*_gradients(sheet, items, filling=parameter if sheet.matrices else ""))


def _to_inputs(sheet: Context, below: str, logits: str) -> Iterator[Block]:
    layer = sheet.graph[logits].layer
    assert layer is not None
    yield sheet.heading("inputs_of", layer=layer)
    items = sheet.items(below)
    if sheet.matrices and len(items) > 1:
        array = None if sheet.scalars else _array(sheet, below)
        through = sheet.arrays.through(below, logits)
        yield formula(through, None if array is None else continued(array) if through else array)
        yield from sheet.once(f"backward.transposed_{sheet.scribe.product}", **ROW_AND_COLUMN)
    if sheet.scalars or len(items) == 1:
        if len(sheet.trace.derivation.locals(items[0])) > 1:
            yield from sheet.once("backward.paths_meet")
        yield formula(*_gradients(sheet, items, filling=below if sheet.matrices else ""))
    yield from sample_table(sheet, [derivative_id(sheet.graph.cost, item) for item in items])
