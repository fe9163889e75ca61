"""A deep network: its first layers and its last are written out, and of those between, what they hand on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from stepcalc import facts
from stepcalc.board.nodes import Dots, Equation
from stepcalc.graph import Quantity
from stepcalc.sheet.blocks import Block, Formula, Prose
from stepcalc.sheet.context import Context, formula
from stepcalc.sheet.shortened import BETWEEN


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The quantities of layers that are not written out, those of neighbouring layers together, as they were met."""

    quantities: tuple[Quantity, ...]

    @property
    def first(self) -> int:
        """The lowest of the layers."""
        return min(quantity.layer for quantity in self.quantities if quantity.layer is not None)

    @property
    def last(self) -> int:
        """The highest of the layers."""
        return max(quantity.layer for quantity in self.quantities if quantity.layer is not None)


@dataclass(frozen=True, slots=True)
class WrittenLayer:
    """A layer that is written out: its quantities as they were met."""

    number: int
    type: str
    quantities: tuple[Quantity, ...]


def layers(sheet: Context, quantities: Iterable[Quantity]) -> Iterator[WrittenLayer | LeftOut]:
    """The layers that are written out, and in their places those that are left out, together."""
    for number, run in groupby(parts(sheet, quantities), key=lambda part: getattr(part, "layer", None)):
        if number is None:
            yield from (part for part in run if isinstance(part, LeftOut))
        else:
            own = tuple(part for part in run if isinstance(part, Quantity))
            yield WrittenLayer(number, facts.layer_type(sheet.trace, number), own)


def parts(sheet: Context, quantities: Iterable[Quantity]) -> Iterator[Quantity | LeftOut]:
    """The quantities that are written out, one by one, and in their places those that are left out, together."""
    for written, run in groupby(quantities, key=lambda q: q.layer is None or q.layer in sheet.written_layers):
        if written:
            yield from run
        else:
            yield LeftOut(tuple(run))


def forward_between(sheet: Context, left: LeftOut) -> Iterator[Block]:
    """What the layers put out that are not written out."""
    yield sheet.heading("layers_between", first=left.first, last=left.last)
    yield left_out(sheet, "forward", left)
    names = outputs(sheet, left)
    yield listed([sheet.arrays.equation(sheet.notation.array(name), sheet.arrays.values(name)) for name in names])


def backward_between(sheet: Context, left: LeftOut) -> Iterator[Block]:
    """The gradients that the layers hand down that are not written out, and what became of them on the way."""
    yield sheet.heading("back_between", first=left.first, last=left.last)
    yield left_out(sheet, "backward", left)
    above = outputs(sheet, left)
    below = [*above[1:], facts.layer_input(sheet.trace, left.first)]
    arrays = sheet.arrays
    yield listed([arrays.equation(sheet.notation.array_derivative(name), arrays.gradients(name)) for name in below])
    yield from _signal(sheet, above[0], below[-1])


def left_out(sheet: Context, part: str, left: LeftOut) -> Prose:
    """The sentence that says what of ``part`` is left out, and where it is to be found."""
    known = "" if sheet.trace.numeric else "_symbolic"
    return sheet.prose(f"deep.{part}{known}", first=left.first, last=left.last)


def outputs(sheet: Context, left: LeftOut) -> list[str]:
    """The names of what the layers put out, in the order in which the layers were met."""
    last = {quantity.layer: quantity for quantity in sheet.graph.quantities.values()}
    return [last[layer].name for layer in dict.fromkeys(quantity.layer for quantity in left.quantities)]


def listed(equations: list[Equation | None]) -> Formula:
    """The lines there are, shortened where they are many."""
    dots = Equation((Dots("v"),), continued=True)
    return formula(*(dots if place is None else equations[place - 1] for place in BETWEEN.places(len(equations))))


def _signal(sheet: Context, above: str, below: str) -> Iterator[Prose]:
    """The largest derivative before and after the layers left out, in size and of all samples."""
    gradients = sheet.trace.gradients
    largest = [float(np.max(np.abs(gradients[name]))) for name in (above, below) if name in gradients]
    if largest and np.all(np.isfinite(largest)):
        before, after = map(sheet.number, largest)
        yield sheet.finding("deep.signal", before=before, after=after)
