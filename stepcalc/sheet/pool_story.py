"""A pooling layer: of every window the largest number, and on the way back the gradient to that one alone."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc import maps
from stepcalc.graph import Quantity
from stepcalc.sheet.blocks import Block, Grid, Grids
from stepcalc.sheet.context import Context, formula
from stepcalc.sheet.conv_forward import LISTED, elements, how_it_slides
from stepcalc.sheet.depth import WrittenLayer
from stepcalc.sheet.gradient_lines import step_lines
from stepcalc.sheet.map_grids import GRADIENTS, VALUES, all_maps, channels, is_large, map_grid


def forward(sheet: Context, layer: WrittenLayer) -> Iterator[Block]:
    """The largest number of every window; which one it was is marked."""
    (pooled,) = layer.quantities
    yield sheet.layer_heading("pooling", layer.number)
    yield from sheet.once("maps.pooling")
    yield from how_it_slides(sheet, pooled.name)
    if not sheet.in_full("pooling"):
        yield from all_maps(sheet, pooled.name)
        return
    yield elements(sheet, pooled.name)
    yield Grids(tuple(_both(sheet, pooled, VALUES)), sheet.words.say("maps.winners"))
    if pooled.size <= LISTED:
        tied = [item for item in sheet.items(pooled.name) if maps.tied(sheet.trace, item)]
        if tied:
            yield sheet.finding("maps.tied", items=sheet.listed(tied))


def _both(sheet: Context, pooled: Quantity, kind: str) -> Iterator[Grid]:
    """Every map with the winners marked beside what it becomes; on the way back the other way round."""
    source = pooled.parents[0]
    index = sheet.graph.read(sheet.element(pooled.name)).index
    shown = [index[:1]] if is_large(sheet.graph[source]) else channels(pooled)
    for (channel,) in shown:
        won = maps.winners(sheet.trace, pooled.name, channel, _sample(sheet, pooled))
        here = channel == index[0]
        window = maps.frame(sheet.trace, pooled.name, index[1:]) if here else None
        i, j = index[1:]
        place = maps.Frame(i, j, i, j) if here else None
        if kind == VALUES:
            yield map_grid(sheet, source, (channel,), framed=window, marked=won, sign="→")
            yield map_grid(sheet, pooled.name, (channel,), framed=place)
        else:
            yield map_grid(sheet, pooled.name, (channel,), kind, framed=place, sign="→")
            yield map_grid(sheet, source, (channel,), kind, framed=window, marked=won)


def _sample(sheet: Context, quantity: Quantity) -> int | None:
    return sheet.sample if quantity.per_sample else None


def backward(sheet: Context, layer: WrittenLayer) -> Iterator[Block]:
    """The gradient of every window's output goes back to the number that won."""
    (pooled,) = layer.quantities
    source = pooled.parents[0]
    if sheet.graph[source].role != "computed":
        return
    yield sheet.layer_heading("back_through_pooling", layer.number)
    yield from sheet.once("maps.routing")
    yield formula(*step_lines(sheet.scribe.backward(sheet.element(source)), first=True))
    if sheet.in_full("routing"):
        yield Grids(tuple(_both(sheet, pooled, GRADIENTS)), sheet.words.say("maps.routed"))
