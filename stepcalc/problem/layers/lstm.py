"""The long short-term memory: four gates decide what its cell state keeps, takes in and shows."""

from __future__ import annotations

from typing import Literal

from stepcalc.problem.arrays import Array
from stepcalc.problem.faults import Found
from stepcalc.problem.layers.base import LayerArray, Shape
from stepcalc.problem.layers.recurrent import RecurrentLayer, Sum
from stepcalc.problem.section import Section

GATES = {"f": "forget gate", "i": "input gate", "g": "candidate", "o": "output gate"}


class Gate(Section):
    """The weights of one gate: W_x x_t + W_h h_{t-1} + b."""

    W_x: Array
    """The weights of the input, units × inputs, in either product convention."""
    W_h: Array
    """The weights of the step before, units × units."""
    b: Array | None = None
    """The biases, one per unit."""


class LSTMLayer(RecurrentLayer):
    """c_t = f_t c_{t-1} + i_t g_t and h_t = o_t tanh(c_t) for a sequence x (T, D), with h_0 = c_0 = 0.

    The gates f, i and o are sigmoids of their weighted sums, the candidate g is the tanh of its own.
    """

    type: Literal["lstm"]
    f: Gate | None = None
    """The forget gate: how much of the cell state is kept."""
    i: Gate | None = None
    """The input gate: how much of the candidate is taken in."""
    g: Gate | None = None
    """The candidate for the cell state."""
    o: Gate | None = None
    """The output gate: how much of the cell state is shown."""

    @property
    def sums(self) -> tuple[Sum, ...]:
        gates = ((letter, getattr(self, letter)) for letter in GATES)
        return tuple(
            Sum(letter, (letter,)) if gate is None else Sum(letter, (letter,), gate.W_x, gate.W_h, gate.b)
            for letter, gate in gates
        )

    def _incomplete(self) -> list[Found]:
        missing = [letter for letter in GATES if getattr(self, letter) is None]
        if len(missing) == len(GATES):
            return []
        return [((letter,), f"missing: the {GATES[letter]}; an lstm has f, i, g and o") for letter in missing]

    def computed(self, states: Shape) -> tuple[LayerArray, ...]:
        gates = (
            array
            for letter in GATES
            for array in (
                LayerArray(f"z{letter}", states, "computed", letter),
                LayerArray(letter, states, "computed"),
            )
        )
        return (*gates, LayerArray("c", states, "computed"), LayerArray("h", states, "computed"))
