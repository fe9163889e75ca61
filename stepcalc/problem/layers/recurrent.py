"""What recurrent layers share: weighted sums of the input and of their own output one time step before."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar, NamedTuple, Self

import numpy as np
from pydantic import Field, model_validator

from stepcalc.problem.arrays import Float64, read_only, shape_text
from stepcalc.problem.faults import Found, Path, refuse
from stepcalc.problem.initial import AnyInitial
from stepcalc.problem.layers.base import MAX_UNITS, HandedOn, Layer, LayerArray, Product, Shape


class Sum(NamedTuple):
    """The arrays of one weighted sum W_x x + W_h h + b, as far as they are given.

    ``gate`` is the letter of what it is the sum of, "" for a layer with only one; ``path`` leads to them in the file.
    """

    gate: str = ""
    path: Path = ()
    W_x: Float64 | None = None
    W_h: Float64 | None = None
    b: Float64 | None = None

    @property
    def given(self) -> dict[str, Float64]:
        """The arrays that there are, by their keys in the file."""
        found = {"W_x": self.W_x, "W_h": self.W_h, "b": self.b}
        return {key: array for key, array in found.items() if array is not None}

    @property
    def has_bias(self) -> bool:
        """Whether a bias is added."""
        return self.b is not None or self.W_x is None

    def parameters(self, units: int, features: int) -> tuple[LayerArray, ...]:
        """W_x (H, D), W_h (H, H) and perhaps b (H,), named W_xf, W_hf and bf for the gate f."""
        return tuple(
            LayerArray(key + self.gate, shape, "parameter", mark + self.gate)
            for key, shape, mark in (("W_x", (units, features), "x"), ("W_h", (units, units), "h"), ("b", (units,), ""))
            if key != "b" or self.has_bias
        )


class RecurrentLayer(Layer):
    """A layer over a sequence x (T, D) that looks back at its own output h, with h_0 = 0."""

    input_axes: ClassVar[tuple[int, ...]] = (2,)
    input_words: ClassVar[str] = "a sequence, one list of inputs a time step"

    units: Annotated[int, Field(ge=1, le=MAX_UNITS)] | None = None
    """How many units there are, where the weights do not tell."""
    init: AnyInitial | None = None
    """Weights drawn at random in place of those left out."""
    return_sequences: bool = False
    """Whether the output at every time step is handed on, or only the last."""

    @property
    @abstractmethod
    def sums(self) -> tuple[Sum, ...]:
        """The weighted sums, in the order in which they are calculated."""

    @abstractmethod
    def _incomplete(self) -> list[Found]:
        """What is missing of the weights where some are given."""

    @abstractmethod
    def computed(self, states: Shape) -> tuple[LayerArray, ...]:
        """What is calculated at every time step, in order; ``states`` is (T, H)."""

    @model_validator(mode="after")
    def _told_once(self) -> Self:
        found: list[Found] = []
        given = [(*weights.path, key) for weights in self.sums for key in weights.given if key != "b"]
        if given and self.init is not None:
            name = ".".join(map(str, given[0]))
            found.append((("init",), f"{name} and init exclude each other; give one of them"))
        found += self._incomplete()
        if not given and self.units is None and not found:
            found.append((("units",), "missing, and no weights are given; give either"))
        if found:
            refuse(found)
        return self

    def arrays(self, inputs: Shape, product: Product) -> tuple[LayerArray, ...]:
        steps, features = inputs
        units = self._units()
        parameters = (array for weights in self.sums for array in weights.parameters(units, features))
        return (*parameters, *self.computed((steps, units)))

    def misfits(self, inputs: Shape, product: Product) -> list[Found]:
        expected = {array.letter: array.shape for array in self.arrays(inputs, product)}
        return [
            ((*weights.path, key), _wrong_shape(key, array.shape, expected[key + weights.gate]))
            for weights in self.sums
            for key, array in weights.given.items()
            if array.shape != expected[key + weights.gate]
        ]

    def numbers(self, number: int, inputs: Shape, product: Product) -> dict[str, Float64]:
        drawn = {} if self.init is None else self._drawn(np.random.default_rng([self.init.seed, number]), inputs[-1])
        given = {key + weights.gate: array for weights in self.sums for key, array in weights.given.items()}
        return drawn | given

    def _drawn(self, generator: np.random.Generator, features: int) -> dict[str, Float64]:
        assert self.init is not None
        units = self._units()
        found: dict[str, Float64] = {}
        for weights in self.sums:
            found[f"W_x{weights.gate}"] = read_only(self.init.draw(generator, units, features))
            found[f"W_h{weights.gate}"] = read_only(self.init.draw(generator, units, units))
            found[f"b{weights.gate}"] = read_only(np.zeros(units))
        return found

    def hands_on(self, inputs: Shape, product: Product) -> HandedOn:
        steps, units = inputs[0], self._units()
        everything, last = HandedOn((steps, units), None, True), HandedOn((units,), steps, True)
        return everything if self.return_sequences else last

    def settled(self, inputs: Shape, product: Product) -> Self:
        return self.model_copy(update={"units": self._units()})

    def _units(self) -> int:
        """How many units are meant: by ``units``, else by the first W_x."""
        if self.units is not None:
            return self.units
        first = next(weights.W_x for weights in self.sums if weights.W_x is not None)
        return first.shape[0] if first.ndim else 1


def _wrong_shape(key: str, found: Shape, expected: Shape) -> str:
    what = "a bare number" if found == () else f"shape {shape_text(found)}"
    message = f"{what}, expected {shape_text(expected)}"
    if key == "W_h" and len(found) == 2 and found[0] != found[1]:
        return f"{message}: as many inputs as units"
    return f"{message}: units × inputs" if key == "W_x" and found == expected[::-1] else message
