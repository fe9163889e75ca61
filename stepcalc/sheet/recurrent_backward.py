"""A recurrent layer on the way back, through time: from the last time step to the first, then to its parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stepcalc import facts
from stepcalc.board.nodes import Equation, Mul, Num, Rel
from stepcalc.filling import MAX_TERMS
from stepcalc.graph import Quantity
from stepcalc.items import derivative_id
from stepcalc.sequences import ANY, first_step
from stepcalc.sheet.blocks import Block, Prose, Table
from stepcalc.sheet.context import Context, formula, going_on
from stepcalc.sheet.depth import WrittenLayer, listed
from stepcalc.sheet.gradient_lines import array_line, every_sample, gradients, kinks_hit, step_lines
from stepcalc.sheet.memory import memory
from stepcalc.sheet.samples import sample_table
from stepcalc.sheet.time_steps import numbers_table, steps_table
from stepcalc.sheet.unrolled import Unrolled, acts_outside, unrolled


def backward(sheet: Context, layer: WrittenLayer) -> Iterator[Block]:
    """From the gradient of its output to those of its parameters."""
    own = unrolled(sheet, layer)
    for time in reversed(own.times):
        yield from _step(sheet, own, time) if time else _between(sheet, own)
    yield from _gate_table(sheet, own)
    if own.cell is None:  # the gates have no corners
        yield from kinks_hit(sheet, every_sample(sheet, own.sums[0].name))
    yield from memory(sheet, own)
    for place, quantity in enumerate(own.sums):
        yield from _parameters_heading(sheet, own, quantity, alone=len(own.sums) == 1)
        names = [name for name in quantity.parents if sheet.graph[name].role == "parameter"]
        if place and (sheet.scalars or all(sheet.graph[name].size == 1 for name in names)):
            yield from _in_numbers(sheet, names, quantity.name)
        else:
            for name in names:
                yield from _one_parameter(sheet, own, name, quantity.name)
    yield from _to_inputs(sheet, own, own.sums[0].parents[0])


def _step(sheet: Context, own: Unrolled, time: int) -> Iterator[Block]:
    yield sheet.layer_heading("back_to_time_step", own.number, time=time)
    yield from _comes_from(sheet, own, time)
    yield from _no_path(sheet, own, time)
    lines: list[Equation | None] = []
    for quantity in reversed(own.sequences):
        lines += _lines(sheet, own, quantity, time)
        if own.units > 1:
            yield formula(*lines)
            lines = []
    if lines:
        yield formula(*lines)
    items = sheet.step_items(own.h.name, time)
    yield from sample_table(sheet, [derivative_id(sheet.graph.cost, item) for item in items])


def _comes_from(sheet: Context, own: Unrolled, time: int) -> Iterator[Prose]:
    """Where the gradient at a time step comes from."""
    h = sheet.notation.step(own.h.name, time)
    if time == own.steps:
        if own.steps > 1:
            yield sheet.prose("recurrent.back_last", h=h)
        return
    acts = "both" if acts_outside(sheet, own, time) else "next"
    if own.cell is None:
        yield from sheet.once(f"recurrent.back_{acts}", h=h)
    else:
        cell = sheet.notation.step(own.cell.name, time)
        yield from sheet.once(f"recurrent.back_{acts}_lstm", h=h, c=cell)


def _no_path(sheet: Context, own: Unrolled, time: int) -> Iterator[Prose]:
    """That the first step's forget gate has nothing to act on."""
    if own.cell is not None and time == 1:
        forget = sheet.graph[own.cell.name].parents[0]
        start = Rel(sheet.notation.step(own.cell.name, "0"), "=", Num("0"))
        told = sheet.once("recurrent.no_path", f=sheet.notation.step(forget, time), start=start)
        yield from (replace(said, reveals=True) for said in told)


def _lines(sheet: Context, own: Unrolled, quantity: Quantity, time: int) -> list[Equation | None]:
    """The gradient by one array at a time step: in matrices, and unit by unit."""
    name, items = quantity.name, sheet.step_items(quantity.name, time)
    in_symbols = time == own.steps or (time == own.steps - 1 and quantity in (own.h, own.cell))
    lines: list[Equation | None] = []
    if sheet.matrices and len(items) > 1:
        whole = sheet.arrays.sequences.gathered(name, time)
        lines += going_on(whole, None if sheet.scalars else _vector(sheet, name, time))
    if not sheet.scalars and len(items) > 1:
        items = [sheet.element(name, time)] if in_symbols else []
    filling = sheet.matrices and 1 < len(items) <= MAX_TERMS
    for place, item in enumerate(items, start=1):
        found = step_lines(sheet.scribe.backward(item), first=place == 1 and in_symbols)
        if filling:
            found[-1] = replace(found[-1], aside=sheet.arrays.step_gradient(name, time, place))
        lines += found
    return lines


def _vector(sheet: Context, name: str, time: int) -> Equation | None:
    return sheet.arrays.equation(sheet.notation.step_derivative(name, time), sheet.arrays.step_gradient(name, time))


def _between(sheet: Context, own: Unrolled) -> Iterator[Block]:
    """The gradients at the time steps that are not written out."""
    times = own.left_out
    yield sheet.layer_heading("back_time_steps", own.number, first=times[0], last=times[-1])
    key = "recurrent.back_between" if sheet.trace.numeric else "recurrent.back_between_symbolic"
    yield sheet.prose(key, first=times[0], last=times[-1])
    yield listed([_vector(sheet, own.h.name, time) for time in reversed(times)])


def _gate_table(sheet: Context, own: Unrolled) -> Iterator[Block]:
    """The gradients by the gates and states of a single unit, a time step a row."""
    if own.cell is None or own.units > 1:
        return
    names, cost = [q.name for q in own.sequences if q not in own.sums], sheet.graph.cost
    yield from sheet.once("recurrent.gate_gradients")
    yield from steps_table(
        sheet,
        [sheet.notation.step_derivative(name, ANY) for name in names],
        lambda time: [derivative_id(cost, sheet.step_items(name, time)[0]) for name in names],
        range(own.steps, 0, -1),
    )


def _parameters_heading(sheet: Context, own: Unrolled, logits: Quantity, *, alone: bool) -> Iterator[Block]:
    if alone:
        yield sheet.layer_heading("recurrent_parameters" if own.steps > 1 else "parameters", own.number)
    else:
        gate = sheet.words.plain(f"gates.{own.letter(logits)}")
        yield sheet.layer_heading("gate_parameters" if own.steps > 1 else "gate_at_once", own.number, gate=gate)
    if own.steps > 1:
        yield from sheet.once("recurrent.sum_over_steps")
    if (sheet.graph.samples or 0) > 1:
        yield from sheet.once("backward.sum_over_samples")


def _in_numbers(sheet: Context, names: list[str], logits: str) -> Iterator[Block]:
    """The sums of a further gate, which goes as the first one that is there in symbols."""
    lines: list[Equation | None] = []
    for name in names:
        items = sheet.items(name)
        lines += [step_lines(sheet.whole.backward(item), first=False)[0] for item in items]
        lines += [array_line(sheet, name)] if sheet.matrices and len(items) > 1 else []
    yield formula(*lines)
    for name in names:
        if sheet.graph[name].size == 1:
            yield from _terms(sheet, sheet.items(name)[0], logits)


def _one_parameter(sheet: Context, own: Unrolled, parameter: str, logits: str) -> Iterator[Block]:
    """The sum over all time steps."""
    items = sheet.items(parameter)
    alone = len(items) == 1
    used = first_step(sheet.graph, parameter, logits) <= own.steps
    if not used:
        start = Rel(sheet.notation.step(own.h.name, "0"), "=", Num("0"))
        yield from sheet.once("recurrent.not_used", w=sheet.notation.array(parameter), start=start)
    through = sheet.arrays.through(parameter, logits) if used and (sheet.matrices or alone) else None
    array = array_line(sheet, parameter) if not sheet.scalars and not alone else None
    yield formula(*going_on(through, array))
    if sheet.scalars or alone:
        yield formula(*gradients(sheet, items, filling=parameter if sheet.matrices else ""))
    if alone:
        yield from _terms(sheet, items[0], logits)


def _terms(sheet: Context, item: str, logits: str) -> Iterator[Table]:
    """The terms of a sum over more time steps than fit a line: the derivative and the input of each, and their product.

    None in a mini-batch, where every sample has terms of its own, and for a bias, whose terms are the derivatives.
    """
    edges = sheet.trace.derivation.locals(item)
    terms = {sheet.graph.locate(edge.child)[1][0]: edge for edge in edges}
    several = (sheet.graph.samples or 1) > 1
    if len(terms) <= MAX_TERMS or several or not sheet.trace.numeric or not edges[0].short.is_Symbol:
        return
    delta = sheet.notation.step_derivative(logits, ANY)
    source = sheet.graph.locate(edges[0].short.name)
    looked_at = sheet.notation.step(source[0].name, ANY if source[1][0] == min(terms) else f"{ANY}−1")

    def numbers(time: int) -> list[float]:
        edge = terms[time]
        found = [sheet.scribe.number(name) for name in (derivative_id(sheet.graph.cost, edge.child), edge.short.name)]
        one, other = (0.0 if number is None else number for number in found)
        return [one, other, one * other]

    yield numbers_table(sheet, [delta, looked_at, Mul((delta, looked_at), "dot")], numbers, sorted(terms))


def _to_inputs(sheet: Context, own: Unrolled, below: str) -> Iterator[Block]:
    """Back to what the layer is fed, where that is calculated and its own layer does not tell its gradient."""
    if sheet.graph[below].role != "computed" or facts.looks_back(sheet.trace, below):
        return
    yield sheet.heading("inputs_of", layer=own.number)
    if sheet.scalars:
        yield formula(*gradients(sheet, sheet.items(below)))
    else:
        yield listed([_vector(sheet, below, time) for time in range(1, own.steps + 1)])
