"""A recurrent layer on the way forward, unrolled over time: time step after time step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stepcalc import facts
from stepcalc.board.nodes import Equation, Num, Rel
from stepcalc.filling import MAX_TERMS
from stepcalc.graph import Quantity
from stepcalc.sequences import ANY
from stepcalc.sheet import dense_forward
from stepcalc.sheet.blocks import Block, Prose
from stepcalc.sheet.context import Context, continued, formula, going_on
from stepcalc.sheet.depth import WrittenLayer, listed
from stepcalc.sheet.figures import activation_figure
from stepcalc.sheet.samples import sample_table
from stepcalc.sheet.time_steps import steps_table
from stepcalc.sheet.unrolled import Unrolled, unrolled
from stepcalc.sheet.unrolled_diagram import cell_diagram


def forward(sheet: Context, layer: WrittenLayer) -> Iterator[Block]:
    """From the first time step to the last."""
    own = unrolled(sheet, layer)
    for time in own.times:
        yield from _step(sheet, own, time) if time else _between(sheet, own)
    yield from _gate_table(sheet, own)
    if own.cell is not None and own.number in sheet.drawn_layers:
        yield cell_diagram(sheet, own)
    for quantity in own.sequences:
        if facts.rule(sheet.trace, quantity.name) == "activation":
            yield from _activation(sheet, own, quantity)
    for output in own.rest:
        yield sheet.heading("output")
        yield from dense_forward.calculated(sheet, output)


def _step(sheet: Context, own: Unrolled, time: int) -> Iterator[Block]:
    yield sheet.layer_heading("time_step", own.number, time=time)
    if time == 1:
        yield from _start(sheet, own)
    lines: list[Equation | None] = []
    for quantity in own.sequences:
        lines += _lines(sheet, own, quantity, time)
        if own.units > 1:
            yield formula(*lines)
            lines = []
    if lines:
        yield formula(*lines)
    yield from sample_table(sheet, sheet.step_items(own.h.name, time))


def _start(sheet: Context, own: Unrolled) -> Iterator[Prose]:
    """What there is before the first step."""
    start = _zero(sheet, own.h.name)
    if own.cell is None:
        yield from sheet.once("recurrent.forward", start=start)
    else:
        yield from sheet.once("recurrent.forward_lstm", start=start, cell=_zero(sheet, own.cell.name))


def _zero(sheet: Context, name: str) -> Rel:
    """h₀ = 0."""
    return Rel(sheet.notation.step(name, "0"), "=", Num("0"))


def _reason(sheet: Context, own: Unrolled, quantity: Quantity) -> str:
    """Which of the gates and states of an LSTM it is."""
    told = own.cell is not None and quantity not in own.sums
    return sheet.words.plain(f"gates.{own.letter(quantity)}") if told else ""


def _lines(sheet: Context, own: Unrolled, quantity: Quantity, time: int) -> list[Equation | None]:
    """One array of a time step: in matrices, and unit by unit."""
    name, items = quantity.name, sheet.step_items(quantity.name, time)
    lines: list[Equation | None] = []
    if sheet.matrices and len(items) > 1:
        vector = sheet.arrays.equation(sheet.notation.step(name, time), sheet.arrays.step(name, time))
        lines += going_on(sheet.arrays.sequences.formula(name, time), None if sheet.scalars else vector)
    looks_back = quantity in own.sums or quantity == own.cell
    in_symbols = time == 1 or (time == 2 and looks_back)  # at the first step, there is no step before
    if not sheet.scalars and len(items) > 1:
        items = [sheet.element(name, time)] if in_symbols else []
    filling = sheet.matrices and 1 < len(items) <= MAX_TERMS
    for place, item in enumerate(items, start=1):
        step = sheet.scribe.forward(item)
        opens = step.numbers is None or (place == 1 and in_symbols)
        if opens:
            lines.append(replace(step.formula, reason=_reason(sheet, own, quantity) if time == 1 else ""))
        if step.numbers is not None:
            line = continued(step.numbers) if opens else step.numbers
            lines.append(replace(line, aside=sheet.arrays.step(name, time, place)) if filling else line)
    return lines


def _between(sheet: Context, own: Unrolled) -> Iterator[Block]:
    """What the layer puts out at the steps that are not written out."""
    times, name = own.left_out, own.h.name
    yield sheet.layer_heading("time_steps", own.number, first=times[0], last=times[-1])
    key = "recurrent.between" if sheet.trace.numeric else "recurrent.between_symbolic"
    yield sheet.prose(key, first=times[0], last=times[-1])
    arrays, notation = sheet.arrays, sheet.notation
    yield listed([arrays.equation(notation.step(name, time), arrays.step(name, time)) for time in times])


def _gate_table(sheet: Context, own: Unrolled) -> Iterator[Block]:
    """The gates and states of a single unit, a time step a row."""
    if own.cell is None or own.units > 1:
        return
    names = [q.name for q in own.sequences if q not in own.sums]
    yield from sheet.once("recurrent.gates")
    yield from steps_table(
        sheet,
        [sheet.notation.step(name, ANY) for name in names],
        lambda time: [sheet.step_items(name, time)[0] for name in names],
        range(1, own.steps + 1),
    )


def _activation(sheet: Context, own: Unrolled, quantity: Quantity) -> Iterator[Block]:
    """An activation's figure where it is the only one, and which of its units are saturated."""
    if quantity == own.h and own.number in sheet.drawn_layers:
        yield from activation_figure(sheet, quantity)
    yield from dense_forward.insights(sheet, sheet.items(quantity.name))
