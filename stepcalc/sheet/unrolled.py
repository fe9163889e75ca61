"""A recurrent layer's own sequences, and what it hands on where it is the last layer."""

from __future__ import annotations

from dataclasses import dataclass

from stepcalc import facts
from stepcalc.graph import Quantity
from stepcalc.sequences import recurrent
from stepcalc.sheet.context import Context
from stepcalc.sheet.depth import WrittenLayer
from stepcalc.sheet.shortened import TIMES, TIMES_OF_LARGE


@dataclass(frozen=True, slots=True)
class Unrolled:
    """A recurrent layer in the order of the calculation: its ``sequences``, the last of them its output ``h``.

    ``sums`` are those that are weighted sums; ``cell`` is the cell state, where there is one. ``rest`` is the output of
    the network, where it is the last layer. ``times`` are written out, None standing for those that are not.
    """

    number: int
    sequences: tuple[Quantity, ...]
    rest: tuple[Quantity, ...]
    sums: tuple[Quantity, ...]
    cell: Quantity | None
    times: tuple[int | None, ...]

    @property
    def h(self) -> Quantity:
        """The output."""
        return self.sequences[-1]

    @property
    def steps(self) -> int:
        """How many time steps there are."""
        return self.h.shape[0]

    @property
    def units(self) -> int:
        """How many units there are."""
        return self.h.shape[1]

    def letter(self, quantity: Quantity) -> str:
        """The letter of the gate whose weighted sum a sequence is: f for zf1."""
        return quantity.name.removeprefix("z").removesuffix(str(self.number))

    @property
    def left_out(self) -> range:
        """The time steps that are not written out, where there are any."""
        gap = self.times.index(None)
        before, after = self.times[gap - 1], self.times[gap + 1]
        assert before is not None
        assert after is not None
        return range(before + 1, after)


def unrolled(sheet: Context, layer: WrittenLayer) -> Unrolled:
    """The layer told apart into its sequences and the output of the network, if it is the last layer."""
    own = [q for q in layer.quantities if recurrent(sheet.graph, q.name)]
    names = list(sheet.graph.quantities)
    own.sort(key=lambda q: names.index(q.name))
    rest = tuple(q for q in layer.quantities if q not in own)
    sums = tuple(q for q in own if facts.recurrent_sum(sheet.trace, q.name))
    cell = next((q for q in own if facts.cell_state(sheet.trace, q.name)), None)
    times = (TIMES_OF_LARGE if sheet.large else TIMES).places(own[-1].shape[0])
    return Unrolled(layer.number, tuple(own), rest, sums, cell, times)


def acts_outside(sheet: Context, own: Unrolled, time: int) -> bool:
    """Whether the output at a time step acts on more than the layer's own next step."""
    edges = sheet.trace.derivation.edges(sheet.step_items(own.h.name, time)[0])
    return any(sheet.graph[child] not in own.sequences for _, _, child in edges)
