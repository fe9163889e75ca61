"""A pooling layer: of every window of every map, the largest number."""

from __future__ import annotations

from typing import Literal, Self

from stepcalc.problem.arrays import Float64
from stepcalc.problem.faults import Found
from stepcalc.problem.layers.base import LayerArray, Product, Shape
from stepcalc.problem.layers.maps import MapLayer, Side, misfit, places


class MaxPool2DLayer(MapLayer):
    """a = the largest number of each window of an image (channels, height, width); of equal ones the first."""

    type: Literal["maxpool2d"]
    size: Side
    """The side of a window."""
    stride: Side | None = None
    """How far the window moves at each step. Left out: as far as it is wide."""

    @property
    def step(self) -> int:
        """How far the window moves."""
        return self.stride or self.size

    def arrays(self, inputs: Shape, product: Product) -> tuple[LayerArray, ...]:
        rows, columns = (places(side, self.size, self.step) for side in inputs[1:])
        return (LayerArray("a", (inputs[0], rows, columns), "computed"),)

    def misfits(self, inputs: Shape, product: Product) -> list[Found]:
        fault = misfit("a window", (self.size, self.size), inputs, self.step, 0, inputs[0] * self.size**2)
        return [(("size",), fault)] if fault else []

    def numbers(self, number: int, inputs: Shape, product: Product) -> dict[str, Float64]:
        return {}

    def settled(self, inputs: Shape, product: Product) -> Self:
        return self.model_copy(update={"stride": self.step})
