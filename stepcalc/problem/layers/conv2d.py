"""A convolutional layer: every filter slides its kernel over the image and looks at one window after the other."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from stepcalc.problem.arrays import Array, Float64, read_only, shape_text
from stepcalc.problem.choice import Activation, Choice
from stepcalc.problem.faults import Found, refuse
from stepcalc.problem.initial import AnyInitial
from stepcalc.problem.layers.base import MAX_UNITS, LayerArray, Product, Shape
from stepcalc.problem.layers.maps import MAX_SIDE, MapLayer, Side, misfit, places

KERNEL_AXES = "(filters, channels, height, width)"


class Conv2DLayer(MapLayer):
    """z = K ⋆ x + b for an image x (channels, height, width), a = activation(z); cross-correlation, K is not turned."""

    type: Literal["conv2d"]
    activation: Annotated[Activation, Field(json_schema_extra={"default": "linear"})] = Choice(type="linear")
    """The activation, or a table with its type and its parameters."""
    K: Array | None = None
    """The kernels, filters × channels of the input × height × width."""
    b: Array | None = None
    """The biases, one per filter."""
    filters: Annotated[int, Field(ge=1, le=MAX_UNITS)] | None = None
    """How many filters there are, where K does not tell."""
    size: Side | None = None
    """The side of a square kernel, where K does not tell."""
    stride: Side = 1
    """How far the window moves at each step."""
    padding: Annotated[int, Field(ge=0, le=MAX_SIDE)] = 0
    """How many zeros stand around the image on every side."""
    init: AnyInitial | None = None
    """Kernels drawn at random in place of K."""
    bias: bool | None = None
    """Whether there is a bias. Left out: yes if b is given, or if K is not; no if K is given without b."""

    @property
    def has_bias(self) -> bool:
        """Whether a bias is added."""
        if self.bias is not None:
            return self.bias
        return self.b is not None or self.K is None

    @model_validator(mode="after")
    def _told_once(self) -> Self:
        found: list[Found] = []
        if self.K is not None and self.init is not None:
            found.append((("init",), "K and init exclude each other; give one of them"))
        if self.K is None and (self.filters is None or self.size is None):
            found.append(
                (("K",), "missing; or give filters and size, for kernels that are drawn (init) or stay symbols")
            )
        if self.K is not None and self.K.ndim != 4:
            what = "a bare number" if self.K.ndim == 0 else f"shape {shape_text(self.K.shape)}"
            found.append((("K",), f"{what}, expected {KERNEL_AXES}; a single kernel is written [[[[…], …]]]"))
        if self.b is not None and self.bias is False:
            found.append((("bias",), "false, but b is given"))
        if self.activation.type == "softmax":
            found.append((("activation",), "softmax looks at all units of a layer; put it on a dense layer"))
        if found:
            refuse(found)
        return self

    @property
    def window(self) -> tuple[int, int]:
        """The height and the width of the kernels."""
        if self.K is not None:
            return self.K.shape[2], self.K.shape[3]
        assert self.size is not None
        return self.size, self.size

    def arrays(self, inputs: Shape, product: Product) -> tuple[LayerArray, ...]:
        (height, width), filters = self.window, self._filters()
        rows, columns = (
            places(side, length, self.stride, self.padding)
            for side, length in zip(inputs[1:], self.window, strict=True)
        )
        bias = (LayerArray("b", (filters,), "parameter"),) if self.has_bias else ()
        kernels = LayerArray("K", (filters, inputs[0], height, width), "parameter")
        maps = (filters, rows, columns)
        return (kernels, *bias, LayerArray("z", maps, "computed"), LayerArray("a", maps, "computed"))

    def misfits(self, inputs: Shape, product: Product) -> list[Found]:
        (height, width), filters = self.window, self._filters()
        found: list[Found] = []
        if self.K is not None:
            expected = (filters, inputs[0], self.size or height, self.size or width)
            if self.K.shape != expected:
                found.append((("K",), f"shape {shape_text(self.K.shape)}, expected {shape_text(expected)}"))
        if self.b is not None and self.b.shape != (filters,):
            what = "a bare number" if self.b.ndim == 0 else f"shape {shape_text(self.b.shape)}"
            found.append((("b",), f"{what}, expected {shape_text((filters,))}, one number a filter"))
        field = "size" if self.K is None else "K"
        read = inputs[0] * height * width
        if fault := misfit("a kernel", self.window, inputs, self.stride, self.padding, read):
            found.append(((field,), fault))
        return found

    def numbers(self, number: int, inputs: Shape, product: Product) -> dict[str, Float64]:
        (height, width), filters = self.window, self._filters()
        kernels, bias = self.K, self.b
        if self.init is not None:
            read, reached = inputs[0] * height * width, filters * height * width
            drawn = self.init.draw(np.random.default_rng([self.init.seed, number]), filters, read, reached)
            kernels = read_only(np.reshape(drawn, (filters, inputs[0], height, width)))
            bias = read_only(np.zeros(filters)) if bias is None and self.has_bias else bias
        return {letter: array for letter, array in (("K", kernels), ("b", bias)) if array is not None}

    def settled(self, inputs: Shape, product: Product) -> Self:
        return self.model_copy(update={"filters": self._filters()})

    def _filters(self) -> int:
        if self.filters is not None:
            return self.filters
        assert self.K is not None
        filters: int = self.K.shape[0]
        return filters
