"""A convolutional layer on the way forward: the window slides; one place in full, the rest as maps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from stepcalc import facts, maps
from stepcalc.graph import Quantity
from stepcalc.items import Index
from stepcalc.sheet.blocks import Block, Formula, Grid, Grids, Inline, Prose
from stepcalc.sheet.context import Context, continued, formula
from stepcalc.sheet.depth import WrittenLayer
from stepcalc.sheet.map_grids import all_maps, is_large, map_grid

LISTED = 64
"""Up to this many elements of maps are written out where scalars are asked for."""


def forward(sheet: Context, layer: WrittenLayer) -> Iterator[Block]:
    """A convolutional layer from its input to its output."""
    z, a = layer.quantities
    yield from _convolution(sheet, z)
    yield from _activation(sheet, a)


def _convolution(sheet: Context, z: Quantity) -> Iterator[Block]:
    assert z.layer is not None
    yield sheet.layer_heading("convolution", z.layer)
    yield from sheet.once("maps.convolution")
    yield from how_it_slides(sheet, z.name)
    if sheet.in_full("convolution"):
        item = sheet.element(z.name)
        index = sheet.graph.read(item).index
        if (window := maps.frame(sheet.trace, z.name, index[1:])) is not None:
            key = "maps.window" if z.size > 1 else "maps.only_window"
            said = sheet.words.say(key, z=sheet.symbol(item))
            yield Grids(tuple(_one_place(sheet, z, index, window)), said)
        yield elements(sheet, z.name)
    if not is_large(z):  # of large maps, only what is handed on is shown
        yield from all_maps(sheet, z.name)


def how_it_slides(sheet: Context, name: str) -> Iterator[Block]:
    """Stride, padding and the sizes of the maps; which rows and columns no window reaches."""
    slides = maps.sliding(sheet.trace, name)
    quantity = sheet.graph[name]
    before, after = (_by(shape[1:]) for shape in (sheet.graph[quantity.parents[0]].shape, quantity.shape))
    parts: Parts = {"stride": slides.stride, "padding": slides.padding, "before": before, "after": after}
    yield _said(sheet, "maps.slides_padded" if slides.padding else "maps.slides", window=_by(slides.size), **parts)
    if slides.missed_rows or slides.missed_columns:
        missed = {"rows": slides.missed_rows, "columns": slides.missed_columns}
        told = "_and_".join(what for what, count in missed.items() if count)
        yield _said(sheet, f"maps.missed_{told}", **missed)


Parts: TypeAlias = dict[str, Inline | int | tuple[Inline, ...]]


def _said(sheet: Context, key: str, **parts: Inline | int | tuple[Inline, ...]) -> Prose:
    return Prose(sheet.words.say(key, **parts))


def _by(sides: Index) -> str:
    return "×".join(map(str, sides))


def _one_place(sheet: Context, z: Quantity, index: Index, window: maps.Frame) -> Iterator[Grid]:
    """The window on every channel of the input beside the kernel laid on it, and the one number that comes of it."""
    source, kernels = z.parents[:2]
    channels = sheet.graph[source].shape[0]
    shown = 1 if is_large(sheet.graph[source]) else channels
    for channel in range(1, shown + 1):
        last = "→" if shown == channels else "+ ⋯ →"
        yield map_grid(sheet, source, (channel,), framed=window, sign="⋆")
        yield map_grid(sheet, kernels, (index[0], channel), sign=last if channel == shown else "+")
    i, j = index[1:]
    place = maps.Frame(i, j, i, j)
    yield map_grid(sheet, z.name, index[:1], framed=place, only=frozenset({(i, j)}))


def elements(sheet: Context, name: str) -> Formula:
    """The element on the path of the chain; where only scalars are asked for, all of a small map."""
    items = [sheet.element(name)]
    if sheet.view == "scalar" and sheet.graph[name].size <= LISTED:
        items = sheet.items(name)
    lines = []
    for place, item in enumerate(items):
        step = sheet.scribe.forward(item)
        if place == 0 or step.numbers is None:
            lines.append(step.formula)
        if step.numbers is not None:
            lines.append(step.numbers if place else continued(step.numbers))
    return formula(*lines)


def _activation(sheet: Context, a: Quantity) -> Iterator[Block]:
    assert a.layer is not None
    if not (function := facts.function(sheet.trace, a.name)):
        yield formula(sheet.arrays.formula(a.name))
        return
    if in_full := sheet.in_full(function):
        yield sheet.layer_heading("activation", a.layer)
        yield from sheet.once("forward.activation")
    yield formula(sheet.arrays.formula(a.name))
    if in_full:
        yield elements(sheet, a.name)
    pooled_next = facts.kind(sheet.trace, sheet.graph.children[a.name][0][0]) == "maxpool2d"
    if not (is_large(a) and in_full and pooled_next):  # the next step shows them
        yield from all_maps(sheet, a.name)
