"""A recurrent layer: at every time step it looks at the input and at its own output one step before."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from stepcalc.problem.arrays import Array, Float64, read_only, shape_text
from stepcalc.problem.choice import Activation, Choice
from stepcalc.problem.faults import Found, refuse
from stepcalc.problem.initial import AnyInitial
from stepcalc.problem.layers.base import MAX_UNITS, HandedOn, Layer, LayerArray, Product, Shape


class RNNLayer(Layer):
    """h_t = activation(W_x x_t + W_h h_{t-1} + b) for a sequence x (T, D), with h_0 = 0."""

    input_axes: ClassVar[tuple[int, ...]] = (2,)
    input_words: ClassVar[str] = "a sequence, one list of inputs a time step"

    type: Literal["rnn"]
    activation: Annotated[Activation, Field(json_schema_extra={"default": "tanh"})] = Choice(type="tanh")
    """The activation, or a table with its type and its parameters."""
    W_x: Array | None = None
    """The weights of the input, units × inputs, in either product convention."""
    W_h: Array | None = None
    """The weights of the step before, units × units."""
    b: Array | None = None
    """The biases, one per unit."""
    units: Annotated[int, Field(ge=1, le=MAX_UNITS)] | None = None
    """How many units there are, where W_x does not tell."""
    init: AnyInitial | None = None
    """Weights drawn at random in place of W_x and W_h."""
    return_sequences: bool = False
    """Whether the output at every time step is handed on, or only the last."""

    @property
    def has_bias(self) -> bool:
        """Whether a bias is added."""
        return self.b is not None or self.W_x is None

    @model_validator(mode="after")
    def _told_once(self) -> Self:
        found: list[Found] = []
        given = [name for name in ("W_x", "W_h") if getattr(self, name) is not None]
        if given and self.init is not None:
            found.append((("init",), f"{given[0]} and init exclude each other; give one of them"))
        if len(given) == 1:
            (missing,) = {"W_x", "W_h"} - set(given)
            found.append(((missing,), f"missing; {given[0]} is given"))
        if not given and self.units is None:
            found.append((("W_x",), "missing; or give units, for weights that are drawn (init) or stay symbols"))
        if found:
            refuse(found)
        return self

    def arrays(self, inputs: Shape, product: Product) -> tuple[LayerArray, ...]:
        steps, features = inputs
        units = self._units()
        bias = (LayerArray("b", (units,), "parameter"),) if self.has_bias else ()
        return (
            LayerArray("W_x", (units, features), "parameter", "x"),
            LayerArray("W_h", (units, units), "parameter", "h"),
            *bias,
            LayerArray("z", (steps, units), "computed"),
            LayerArray("h", (steps, units), "computed"),
        )

    def misfits(self, inputs: Shape, product: Product) -> list[Found]:
        expected = {array.letter: array.shape for array in self.arrays(inputs, product)}
        given = {"W_x": self.W_x, "W_h": self.W_h, "b": self.b}
        return [
            ((name,), f"shape {shape_text(array.shape)}, expected {shape_text(expected[name])}")
            for name, array in given.items()
            if array is not None and array.shape != expected[name]
        ]

    def numbers(self, number: int, inputs: Shape, product: Product) -> dict[str, Float64]:
        units = self._units()
        found = {"W_x": self.W_x, "W_h": self.W_h, "b": self.b}
        if self.init is not None:
            generator = np.random.default_rng([self.init.seed, number])
            found["W_x"] = read_only(self.init.draw(generator, units, inputs[-1]))
            found["W_h"] = read_only(self.init.draw(generator, units, units))
            if self.b is None:
                found["b"] = read_only(np.zeros(units))
        return {name: array for name, array in found.items() if array is not None}

    def hands_on(self, inputs: Shape, product: Product) -> HandedOn:
        steps, units = inputs[0], self._units()
        everything, last = HandedOn((steps, units), None, True), HandedOn((units,), steps, True)
        return everything if self.return_sequences else last

    def settled(self, inputs: Shape, product: Product) -> Self:
        return self.model_copy(update={"units": self._units()})

    def _units(self) -> int:
        """How many units are meant: by ``units``, else by W_x."""
        if self.units is not None:
            return self.units
        assert self.W_x is not None
        return self.W_x.shape[0] if self.W_x.ndim else 1
