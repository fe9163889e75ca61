"""What happens on the maps of an image: what a window sees, which input wins, where a weight is used. No words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stepcalc.graph import Quantity
from stepcalc.items import Index, item_id
from stepcalc.ops.base import indices
from stepcalc.ops.conv2d import INPUT, KERNEL, Conv2D
from stepcalc.ops.maxpool2d import MaxPool2D
from stepcalc.ops.windows import Windows
from stepcalc.trace import Trace


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows ``top`` to ``bottom`` and columns ``left`` to ``right`` of a map, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sliding:
    """How the windows of a layer slide: their size, stride and padding, and the rows and columns that none reaches."""

    size: tuple[int, int]
    stride: int
    padding: int
    missed_rows: int
    missed_columns: int


@dataclass(frozen=True, slots=True)
class Use:
    """A place at which a kernel's weight is used: the element that it adds to, the element that it looks at."""

    output: str
    source: str


def sliding(trace: Trace, name: str) -> Sliding:
    """How the windows slide by which a quantity is calculated: weighted sums, or the output of a pooling layer."""
    quantity = trace.graph[name]
    windows, sides = _windows(trace, quantity), _sides(trace, quantity)
    rows, columns = (
        min(side, max(0, side + windows.padding - (count - 1) * windows.stride - length))
        for side, count, length in zip(sides, quantity.shape[1:], windows.size, strict=True)
    )
    return Sliding(windows.size, windows.stride, windows.padding, rows, columns)


def _windows(trace: Trace, quantity: Quantity) -> Windows:
    op = quantity.op
    if isinstance(op, Conv2D):
        return op.windows(trace.graph[quantity.parents[KERNEL]].shape)
    assert isinstance(op, MaxPool2D)
    return op.windows


def _sides(trace: Trace, quantity: Quantity) -> tuple[int, ...]:
    """The height and the width of the maps that a quantity is calculated from."""
    return trace.graph[quantity.parents[INPUT]].shape[1:]


def frame(trace: Trace, name: str, place: Index) -> Frame | None:
    """What the window at a place sees of its map; None where it lies in the padding altogether."""
    quantity = trace.graph[name]
    seen = [at for _, at in _windows(trace, quantity).seen(place, _sides(trace, quantity))]
    return Frame(*seen[0], *seen[-1]) if seen else None


def tied(trace: Trace, item: str) -> list[str]:
    """The largest elements of a pooling window where they are several."""
    values = {rival: trace.value(rival) for rival in _rivals(trace, item)}
    largest = [rival for rival, value in values.items() if value is not None and value == trace.value(item)]
    return largest if len(largest) > 1 else []


def _rivals(trace: Trace, item: str) -> list[str]:
    quantity, index, sample = trace.graph.locate(item)
    assert isinstance(quantity.op, MaxPool2D)
    source = trace.graph[quantity.parents[INPUT]]
    return [item_id(source.name, at, sample) for at in quantity.op.rivals(index, source.shape)]


def winners(trace: Trace, name: str, channel: int, sample: int | None) -> frozenset[Index]:
    """The rows and columns of the elements of a map that a pooling layer passes on; none without numbers."""
    quantity = trace.graph[name]
    source = quantity.parents[INPUT]
    if source not in trace.values:
        return frozenset()
    maps_of_sample = trace.values[source] if sample is None else trace.values[source][sample - 1]
    windows = _windows(trace, quantity)
    first = np.argmax(np.stack(windows.slide(np, maps_of_sample[channel - 1])), axis=0)
    return frozenset(
        (i * windows.stride + int(k) // windows.size[1] + 1, j * windows.stride + int(k) % windows.size[1] + 1)
        for (i, j), k in np.ndenumerate(first)
    )


def uses(trace: Trace, weight: str, sample: int | None) -> Iterator[Use]:
    """The places at which a weight of a kernel is used, in reading order."""
    graph = trace.graph
    quantity, index, _ = graph.locate(weight)
    output = graph[graph.children[quantity.name][0][0]]
    source = graph[output.parents[INPUT]]
    windows = _windows(trace, output)
    for place in windows.using(index[2:], source.shape[1:]):
        at = tuple((i - 1) * windows.stride + u - windows.padding for i, u in zip(place, index[2:], strict=True))
        yield Use(item_id(output.name, (index[0], *place), sample), item_id(source.name, (index[1], *at), sample))


def places(sides: Index) -> Iterator[Index]:
    """The rows and columns of a map, in reading order."""
    return indices(sides)


def followed(element: int, stride: int, padding: int, place: str) -> str:
    """Where an element of the window lies that stands at ``place``: i+1, 2i−1; at place 1, a number."""
    if place == "1":
        return str(element - padding)
    shift = element - stride - padding
    times = "" if stride == 1 else str(stride)
    return f"{times}{place}" + (f"+{shift}" if shift > 0 else f"−{-shift}" if shift < 0 else "")
