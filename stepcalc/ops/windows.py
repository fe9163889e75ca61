"""Windows that slide over the maps of an image: which elements one sees, and all of them at once as arrays.

An image is (..., channels, height, width). Element ``u`` of the window at place ``i`` lies at ``(i − 1)·stride + u −
padding``, all counted from 1; where that is outside, there is the padding's 0. Where the window no longer fits, the
rest is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import add

from stepcalc.backend import Array, Namespace
from stepcalc.items import Index
from stepcalc.ops.base import Shape

ROW, COLUMN = -2, -1


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of ``size``, ``stride`` apart, on maps with ``padding`` zeros on every side."""

    size: tuple[int, int]
    stride: int
    padding: int = 0

    def places(self, sides: Shape) -> tuple[int, int]:
        """How many places the window has along the height and the width."""
        rows, columns = (
            (side + 2 * self.padding - length) // self.stride + 1 for side, length in zip(sides, self.size, strict=True)
        )
        return rows, columns

    def seen(self, place: Index, sides: Shape) -> Iterator[tuple[Index, Index]]:
        """For each element of the window at ``place`` that lies inside: where in the window, where on the map."""
        inside = [
            [(u, at) for u in range(1, length + 1) if 1 <= (at := self._on_map(i, u)) <= side]
            for i, side, length in zip(place, sides, self.size, strict=True)
        ]
        for (u, row), (v, column) in product(*inside):
            yield (u, v), (row, column)

    def seeing(self, at: Index, sides: Shape) -> Iterator[Index]:
        """The places from which the window sees an element of the map."""
        yield from product(
            *(
                [i for i in range(1, count + 1) if 1 <= r - self._on_map(i, 1) + 1 <= length]
                for r, count, length in zip(at, self.places(sides), self.size, strict=True)
            )
        )

    def using(self, element: Index, sides: Shape) -> Iterator[Index]:
        """The places at which an element of the window lies inside the map."""
        yield from product(
            *(
                [i for i in range(1, count + 1) if 1 <= self._on_map(i, u) <= side]
                for u, count, side in zip(element, self.places(sides), sides, strict=True)
            )
        )

    def _on_map(self, place: int, element: int) -> int:
        return (place - 1) * self.stride + element - self.padding

    def slide(self, xp: Namespace, maps: Array) -> list[Array]:
        """For each element of the window, row by row, what it sees at all places: arrays (..., rows, columns)."""
        rows, columns = self.places(maps.shape[-2:])
        padded = maps if not self.padding else _framed(xp, maps, self.padding)
        return [
            padded[..., _every(u, rows, self.stride), _every(v, columns, self.stride)]
            for u, v in product(*map(range, self.size))
        ]

    def gather(self, xp: Namespace, parts: Sequence[Array], sides: Shape) -> Array:
        """The reverse of :meth:`slide`: every part added up where its numbers came from."""
        height, width = self.size
        rows = [self._along(xp, parts[u * width : (u + 1) * width], COLUMN, sides[COLUMN]) for u in range(height)]
        return self._along(xp, rows, ROW, sides[ROW])

    def _along(self, xp: Namespace, parts: Sequence[Array], axis: int, side: int) -> Array:
        """``gather`` along one axis. Parts a stride apart are added up, shifted; those between are put between."""
        shifts = (len(parts) - 1) // self.stride
        nothing = xp.zeros_like(_cut(parts[0], axis, 0, 1))
        between: list[Array] = []
        for first in range(self.stride):
            shifted = [
                _joined(xp, [nothing] * by + [part] + [nothing] * (shifts - by), axis)
                for by, part in enumerate(parts[first :: self.stride])
            ]
            between.append(reduce(add, shifted) if shifted else xp.zeros_like(between[0]))
        merged = _interleaved(xp, between, axis)
        missing = max(0, side + self.padding - merged.shape[axis])
        return _cut(_joined(xp, [merged] + [nothing] * missing, axis), axis, self.padding, self.padding + side)


def _every(first: int, count: int, step: int) -> slice:
    return slice(first, first + (count - 1) * step + 1, step)


def _cut(array: Array, axis: int, start: int, stop: int) -> Array:
    """The elements from ``start`` up to ``stop`` along the last axis or the one before."""
    if (start, stop) == (0, array.shape[axis]):
        return array
    return array[..., start:stop] if axis == COLUMN else array[..., start:stop, :]


def _joined(xp: Namespace, arrays: list[Array], axis: int) -> Array:
    return arrays[0] if len(arrays) == 1 else xp.concat(arrays, axis=axis)


def _interleaved(xp: Namespace, arrays: list[Array], axis: int) -> Array:
    """The first elements of all arrays along an axis, then the second ones, and so on."""
    if len(arrays) == 1:
        return arrays[0]
    stacked = xp.stack(arrays, axis=axis)
    *leading, rows, columns = arrays[0].shape
    merged = (rows * len(arrays), columns) if axis == ROW else (rows, columns * len(arrays))
    return xp.reshape(stacked, as_first(tuple(leading), merged))


def _framed(xp: Namespace, maps: Array, padding: int) -> Array:
    """The maps with zeros around them."""
    for axis in (ROW, COLUMN):
        zeros = [xp.zeros_like(_cut(maps, axis, 0, 1))] * padding
        maps = xp.concat([*zeros, maps, *zeros], axis=axis)
    return maps


def as_first(leading: Shape, own: Shape) -> Shape:
    """A shape to give an array whose ``leading`` axes stay as they are, however long the first of them is."""
    return (-1, *leading[1:], *own) if leading else own
