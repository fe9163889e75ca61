"""A layer that writes maps as one list, row after row, map after map."""

from __future__ import annotations

from math import prod
from typing import ClassVar, Literal

from stepcalc.problem.arrays import Float64
from stepcalc.problem.faults import Found
from stepcalc.problem.layers.base import Layer, LayerArray, Product, Shape


class FlattenLayer(Layer):
    """The same numbers in one list: the last index runs fastest."""

    input_axes: ClassVar[tuple[int, ...]] = (3, 2, 1)
    input_words: ClassVar[str] = "an image (channels, height, width)"

    type: Literal["flatten"]

    def arrays(self, inputs: Shape, product: Product) -> tuple[LayerArray, ...]:
        return (LayerArray("a", (prod(inputs),), "computed"),)

    def misfits(self, inputs: Shape, product: Product) -> list[Found]:
        return []

    def numbers(self, number: int, inputs: Shape, product: Product) -> dict[str, Float64]:
        return {}
