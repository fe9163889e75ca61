"""A recurrent layer: at every time step it looks at the input and at its own output one step before."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stepcalc.problem.arrays import Array
from stepcalc.problem.choice import Activation, Choice
from stepcalc.problem.faults import Found
from stepcalc.problem.layers.base import LayerArray, Shape
from stepcalc.problem.layers.recurrent import RecurrentLayer, Sum


class RNNLayer(RecurrentLayer):
    """h_t = activation(W_x x_t + W_h h_{t-1} + b) for a sequence x (T, D), with h_0 = 0."""

    type: Literal["rnn"]
    activation: Annotated[Activation, Field(json_schema_extra={"default": "tanh"})] = Choice(type="tanh")
    """The activation, or a table with its type and its parameters."""
    W_x: Array | None = None
    """The weights of the input, units × inputs, in either product convention."""
    W_h: Array | None = None
    """The weights of the step before, units × units."""
    b: Array | None = None
    """The biases, one per unit."""

    @property
    def sums(self) -> tuple[Sum, ...]:
        return (Sum(W_x=self.W_x, W_h=self.W_h, b=self.b),)

    def _incomplete(self) -> list[Found]:
        given = {name for name in ("W_x", "W_h") if getattr(self, name) is not None}
        if len(given) != 1:
            return []
        (missing,) = {"W_x", "W_h"} - given
        return [((missing,), f"missing; {given.pop()} is given")]

    def computed(self, states: Shape) -> tuple[LayerArray, ...]:
        return (LayerArray("z", states, "computed"), LayerArray("h", states, "computed"))
