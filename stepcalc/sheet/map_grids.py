"""The maps of an image as grids: whole where they are small, else the window that is looked at and the far corner."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod

from stepcalc import facts
from stepcalc.board.nodes import Dots, Node
from stepcalc.graph import Quantity
from stepcalc.items import Index, derivative_id, item_id
from stepcalc.maps import Frame
from stepcalc.sheet.blocks import Block, Grid, Grids, Inline
from stepcalc.sheet.context import Context
from stepcalc.sheet.shortened import MAP, MOST_MAPS

CORNER = Frame(1, 1, 2, 2)
"""What is shown of a large map of which nothing is looked at."""
VALUES, GRADIENTS = "values", "gradients"
"""What is shown of maps, if it is no part of an update: new, m, v."""


def has_maps(quantity: Quantity) -> bool:
    """Whether a quantity is made of maps: (channels, height, width), or kernels of such."""
    return len(quantity.shape) > 2


def map_grid(
    sheet: Context,
    name: str,
    which: Index,
    kind: str = VALUES,
    *,
    focus: Frame | None = None,
    framed: Frame | None = None,
    marked: frozenset[Index] = frozenset(),
    only: frozenset[Index] | None = None,
    sign: str = "",
) -> Grid:
    """One map: that of the channel ``which``, or of the filter and the channel.

    ``focus`` is shown of a large map at any rate; ``framed``, ``marked`` and the only cells that have their numbers
    are rows and columns counted from 1.
    """
    quantity = sheet.graph[name]
    focus = framed or focus or CORNER
    rows = _shown(quantity.shape[-2], focus.top, focus.bottom)
    columns = _shown(quantity.shape[-1], focus.left, focus.right)
    cells = tuple(
        tuple(
            _dots(i, j) if i is None or j is None
            else _cell(sheet, quantity, (*which, i, j), kind) if only is None or (i, j) in only else None
            for j in columns
        )
        for i in rows
    )  # fmt: skip
    frame = None
    if framed is not None:
        first, last = ((rows.index(i), columns.index(j)) for i, j in _ends(framed))
        frame = (first, last)
    spots = frozenset((rows.index(i), columns.index(j)) for i, j in marked if i in rows and j in columns)
    return Grid(_title(sheet, quantity, which, kind), cells, frame, spots, sign)


def _ends(frame: Frame) -> tuple[Index, Index]:
    return (frame.top, frame.left), (frame.bottom, frame.right)


def _shown(count: int, first: int, last: int) -> tuple[int | None, ...]:
    """The rows that are shown: all of a few, else those looked at and the outermost; None for what is left out."""
    if count <= MAP.whole:
        return tuple(range(1, count + 1))
    shown: list[int | None] = []
    for at in sorted({1, *range(first, min(last, count) + 1), count}):
        if shown and shown[-1] is not None and at > shown[-1] + 1:
            shown.append(None)
        shown.append(at)
    return tuple(shown)


def _dots(row: int | None, column: int | None) -> Node:
    return Dots("d" if row is None and column is None else "v" if row is None else "h")


def _cell(sheet: Context, quantity: Quantity, index: Index, kind: str) -> Node:
    """The number of an element, or its symbol where it has none."""
    item = item_id(quantity.name, index, _sample(sheet, quantity))
    if kind == GRADIENTS:
        item = derivative_id(sheet.graph.cost, item)
    elif kind != VALUES:
        item = str(sheet.graph.read(item).updated(kind))
    value = sheet.scribe.number(item)
    if value is not None:
        return sheet.scribe.printed(value, item)
    return sheet.scribe.too_large if sheet.trace.numeric else sheet.symbol(item)


def _sample(sheet: Context, quantity: Quantity) -> int | None:
    return sheet.sample if quantity.per_sample else None


def _title(sheet: Context, quantity: Quantity, which: Index, kind: str) -> Inline:
    if kind == GRADIENTS:
        return sheet.notation.array_derivative(quantity.name, sheet.notation.map(quantity.name, which))
    return sheet.notation.map(quantity.name, which, "" if kind == VALUES else kind)


def channels(quantity: Quantity) -> Iterator[Index]:
    """The maps of a quantity that are shown: their channels, or their filters and channels; of many two."""
    counts = quantity.shape[:-2]
    if is_large(quantity):
        yield from dict.fromkeys(((1,) * len(counts), counts))
    else:
        yield from product(*(range(1, count + 1) for count in counts))


def gradients_to_hand_on(sheet: Context, quantity: Quantity) -> Iterator[Block]:
    """The gradients of a layer's input; large ones not where the next step, back through a pooling, shows them too."""
    if not (is_large(quantity) and facts.kind(sheet.trace, quantity.name) == "maxpool2d"):
        yield from all_maps(sheet, quantity.name, GRADIENTS)


def is_large(quantity: Quantity) -> bool:
    """Whether the maps are too many or too large to be shown whole."""
    return prod(quantity.shape[:-2]) > MOST_MAPS or max(quantity.shape[-2:]) > MAP.whole


def all_maps(sheet: Context, name: str, kind: str = VALUES) -> Iterator[Block]:
    """The maps of a quantity; of many the first and the last, which is said where it is so first."""
    quantity = sheet.graph[name]
    if is_large(quantity):
        yield from sheet.once("maps.shown")
    yield Grids(tuple(map_grid(sheet, name, which, kind) for which in channels(quantity)))
