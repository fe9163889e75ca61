"""Chains in full: from one parameter to the cost, factor by factor."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc.board.nodes import Equation
from stepcalc.derive import Local
from stepcalc.items import derivative_id
from stepcalc.sheet.blocks import Block, Formula, Prose
from stepcalc.sheet.context import Context, continued, formula

SHORT_FORMS = 24


def full_chains(sheet: Context) -> Iterator[Block]:
    """The chains that are written in full; without numbers, the short forms of the other gradients."""
    for item in sheet.chain_items:
        yield from _one_chain(sheet, item)
    yield from _short_forms(sheet)


def _one_chain(sheet: Context, item: str) -> Iterator[Block]:
    """The product of factors from one parameter to the loss: built up, evaluated, struck, shortened."""
    name = derivative_id(sheet.graph.cost, item)
    yield sheet.heading("one_chain" if len(sheet.chain_items) == 1 else "each_chain", item=sheet.symbol(name))
    chain, place = sheet.chain(item), sheet.place(item)
    several = (sheet.graph.samples or 0) > 1
    part = contribution(sheet, item)
    lines = sheet.chains.write(chain, part)
    yield from sheet.once("chain.intro")
    if sheet.sample and several:
        yield sheet.prose("chain.sample", sample=sheet.sample)
    if place is not None:
        yield sheet.prose("chain.place", z=sheet.symbol(place))
    if chain.time:
        yield sheet.prose("chain.time_step", time=chain.time)
    yield Formula(lines.building)
    if sheet.trace.numeric:
        yield sheet.prose("chain.values" if lines.multiplied is None else "chain.values_and_product")
        yield formula(*(row.numbers for row in lines.factors), lines.multiplied)
    if lines.struck is not None:
        yield sheet.prose("chain.struck")
    last = lines.struck if lines.struck is not None else lines.short
    rest = lines.short if lines.struck is not None else None
    numbers = None if lines.numbers is None else continued(lines.numbers)
    yield formula(Equation((lines.left, *last.parts), last.relations), rest, numbers)
    one, both = ("time_total", "total_of_both") if chain.time else ("total_of_places", "total_of_samples_and_places")
    summed = chain.time is not None or place is not None
    key = "total" if not summed else both if several else one
    if part is not None and (total := sheet.scribe.number(name)) is not None:
        yield sheet.prose(f"chain.{key}", value=sheet.number(total, name))
    else:
        yield from carried(sheet, item, lines.value)
    below = chain.factors[0]
    if len(sheet.chain_items) == 1 and isinstance(below, Local) and _is_one_of_several(sheet, below.child):
        upstream = sheet.symbol(derivative_id(sheet.graph.cost, below.child))
        yield sheet.prose("chain.reuse", upstream=upstream)


def contribution(sheet: Context, item: str) -> str | None:
    """Which part of a gradient its chain is: that of a sample, of a time step, of a place of the map; None: all."""
    chain, place = sheet.chain(item), sheet.place(item)
    samples = [str(sheet.sample)] if (sheet.graph.samples or 0) > 1 else []
    times = [f"t={chain.time}"] if chain.time else []
    at = sheet.graph.read(place).index[1:] if place is not None else ()
    places = [f"{letter}={number}" for letter, number in zip("ij", at, strict=False)]
    marks = samples + times + places
    return f"[{', '.join(marks)}]" if marks else None


def _is_one_of_several(sheet: Context, logit: str) -> bool:
    """Whether more than one parameter leads into a unit."""
    inputs, *parameters = sheet.graph.locate(logit)[0].parents
    return sheet.graph[inputs].size + len(parameters) > 2


def carried(sheet: Context, item: str, value: float | None) -> Iterator[Prose]:
    """Why a chain's product differs from the result step by step, where rounded numbers are carried and it does."""
    steps = sheet.scribe.number(derivative_id(sheet.graph.cost, item))
    if not sheet.trace.rounding.carry or steps is None or value is None:
        return
    if sheet.number(steps) != sheet.number(value):
        yield sheet.finding("backward.carried", "insight", steps=sheet.number(steps))


def _short_forms(sheet: Context) -> Iterator[Block]:
    """A symbolic sheet ends its derivation with the short form of every other gradient."""
    if sheet.trace.numeric:
        return
    others = [item for name in sheet.graph.parameters for item in sheet.items(name) if item not in sheet.chain_items]
    steps = [sheet.scribe.short(item) for item in others[:SHORT_FORMS]]
    if any(step is not None for step in steps):
        yield sheet.heading("short_forms")
        yield formula(*(step.formula for step in steps if step is not None))
