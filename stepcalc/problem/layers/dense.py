"""A dense layer: every unit looks at every input."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from stepcalc.problem.arrays import Array, Float64, read_only, shape_text
from stepcalc.problem.choice import Activation, Choice
from stepcalc.problem.faults import Found, refuse
from stepcalc.problem.initial import AnyInitial
from stepcalc.problem.layers.base import MAX_UNITS, Layer, LayerArray, Product, Shape

_OTHER = {"Wx": "xW", "xW": "Wx"}


class DenseLayer(Layer):
    """Every unit looks at every input: z = W x + b, a = activation(z)."""

    input_axes: ClassVar[tuple[int, ...]] = (1, 2)
    input_words: ClassVar[str] = "a list of inputs"

    type: Literal["dense"]
    activation: Annotated[Activation, Field(json_schema_extra={"default": "linear"})] = Choice(type="linear")
    """The activation, or a table with its type and its parameters."""
    W: Array | None = None
    """The weights, units × inputs (inputs × units when notation.product is xW)."""
    b: Array | None = None
    """The biases, one per unit."""
    units: Annotated[int, Field(ge=1, le=MAX_UNITS)] | None = None
    """How many units there are, where W does not tell."""
    init: AnyInitial | None = None
    """Weights drawn at random in place of W."""
    bias: bool | None = None
    """Whether there is a bias. Left out: yes if b is given, or if W is not; no if W is given without b."""

    @property
    def has_bias(self) -> bool:
        """Whether a bias is added."""
        if self.bias is not None:
            return self.bias
        return self.b is not None or self.W is None

    @model_validator(mode="after")
    def _told_once(self) -> Self:
        found: list[Found] = []
        if self.W is not None and self.init is not None:
            found.append((("init",), "W and init exclude each other; give one of them"))
        if self.W is None and self.units is None:
            found.append((("W",), "missing; or give units, for weights that are drawn (init) or stay symbols"))
        if self.b is not None and self.bias is False:
            found.append((("bias",), "false, but b is given"))
        if found:
            refuse(found)
        return self

    def arrays(self, inputs: Shape, product: Product) -> tuple[LayerArray, ...]:
        units = (self._units(inputs, product),)
        bias = (LayerArray("b", units, "parameter"),) if self.has_bias else ()
        weights = LayerArray("W", _weights_shape(units, inputs[-1:], product), "parameter")
        computed = (*inputs[:-1], *units)  # at every step of a sequence
        return (weights, *bias, LayerArray("z", computed, "computed"), LayerArray("a", computed, "computed"))

    def misfits(self, inputs: Shape, product: Product) -> list[Found]:
        units = (self._units(inputs, product),)
        found: list[Found] = []
        expected = _weights_shape(units, inputs[-1:], product)
        if self.W is not None and self.W.shape != expected:
            found.append((("W",), _wrong_weights(self.W, expected, product)))
        if self.b is not None and self.b.shape != units:
            found.append((("b",), _wrong_bias(self.b, units)))
        return found

    def numbers(self, number: int, inputs: Shape, product: Product) -> dict[str, Float64]:
        units = (self._units(inputs, product),)
        weights, bias = self.W, self.b
        if self.init is not None:
            drawn = self.init.draw(np.random.default_rng([self.init.seed, number]), *units, inputs[-1])
            weights = read_only(np.ascontiguousarray(drawn if product == "Wx" else drawn.T))
            bias = read_only(np.zeros(units)) if bias is None and self.has_bias else bias
        return {letter: array for letter, array in (("W", weights), ("b", bias)) if array is not None}

    def inputs_told(self, product: Product) -> Shape | None:
        return None if self.W is None or self.W.ndim != 2 else (self.W.shape[1 if product == "Wx" else 0],)

    def settled(self, inputs: Shape, product: Product) -> Self:
        return self.model_copy(update={"units": self._units(inputs, product)})

    def _units(self, inputs: Shape, product: Product) -> int:
        """How many units are meant: by ``units``, else by W, or by b where W is wrong."""
        if self.units is not None:
            return self.units
        assert self.W is not None
        biases = self.b.size if self.b is not None and self.b.ndim == 1 else None
        if self.W.ndim != 2:
            return biases or max(1, self.W.size // inputs[-1])
        turned = self.W.T if product == "Wx" else self.W
        return biases if biases is not None and turned.shape == (biases, inputs[-1]) else turned.shape[1]


def _weights_shape(units: Shape, inputs: Shape, product: Product) -> Shape:
    return (*units, *inputs) if product == "Wx" else (*inputs, *units)


def _wrong_weights(weights: Float64, expected: Shape, product: Product) -> str:
    what = "a bare number" if weights.ndim == 0 else f"shape {shape_text(weights.shape)}"
    message = f"{what}, expected {shape_text(expected)}"
    if weights.ndim == 1 and expected[0] == 1:
        return message + "; a matrix of one row is written [[…]]"
    if weights.ndim == 2 and weights.shape[::-1] == expected:
        return message + f'; transposed it would fit, or with notation.product = "{_OTHER[product]}"'
    return message


def _wrong_bias(bias: Float64, units: Shape) -> str:
    if bias.ndim:
        return f"shape {shape_text(bias.shape)}, expected {shape_text(units)}"
    only = f": [{bias.item()!r}]" if units == (1,) else ""
    return f"a bare number, expected shape {shape_text(units)}{only}"
