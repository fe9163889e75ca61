"""The convolutional layer: z = K ⋆ x + b, a = f(z)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from stepcalc.backend import Array, Namespace, total
from stepcalc.board.nodes import Add, Mul, Node, Num
from stepcalc.calculus.to_board import to_board
from stepcalc.items import Index
from stepcalc.ops.base import FED, Operand, Operation, Place, Shape, Wire, indices
from stepcalc.ops.dense import BY_HAND_UP_TO, Dense
from stepcalc.ops.registry import make, register
from stepcalc.ops.windows import Windows, as_first

INPUT, KERNEL, BIAS = 0, 1, 2


@dataclass(frozen=True)
class Conv2D(Operation):
    """z_oij = Σ_cuv k_ocuv x_c,i′+u,j′+v + b_o over the parents x (C, H, W), K (O, C, h, w) and, if there is one, b.

    i′ = (i − 1)·stride − padding, likewise j′; outside the image x is 0. The kernel is not turned round: what is called
    a convolution is a cross-correlation.
    """

    name: ClassVar[str] = "conv2d"
    rule: ClassVar[str] = "convolution"

    stride: int = 1
    padding: int = 0

    def windows(self, kernels: Shape) -> Windows:
        """The windows that kernels of that shape look through."""
        return Windows((kernels[2], kernels[3]), self.stride, self.padding)

    def shape(self, *parents: Shape) -> Shape:
        kernels = parents[KERNEL]
        return (kernels[0], *self.windows(kernels).places(parents[INPUT][1:]))

    def pairs(self, index: Index, x: Shape, kernels: Shape) -> Iterator[tuple[Index, Index]]:
        """The weights in the sum of an element, each with the element of x that it is multiplied by."""
        seen = list(self.windows(kernels).seen(index[1:], x[1:]))
        for channel in range(1, x[0] + 1):
            for element, at in seen:
                yield (index[0], channel, *element), (channel, *at)

    def _factors(
        self, index: Index, operands: tuple[Operand, ...], sample: int | None
    ) -> list[tuple[sp.Symbol, sp.Symbol]]:
        x, kernels = operands[INPUT], operands[KERNEL]
        pairs = self.pairs(index, x.shape, kernels.shape)
        return [(kernels(*weight), x(*at, sample=sample)) for weight, at in pairs]

    def define(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> sp.Expr:
        products = [weight * value for weight, value in self._factors(index, operands, sample)]
        bias = [operands[BIAS](index[0])] if len(operands) > BIAS else []
        return sp.Add(*products, *bias)

    def written(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> tuple[Node, ...]:
        terms: list[Node] = [
            Mul((to_board(weight), to_board(value))) for weight, value in self._factors(index, operands, sample)
        ]
        if len(operands) > BIAS:
            terms.append(to_board(operands[BIAS](index[0])))
        return (Add(tuple(terms)) if len(terms) > 1 else terms[0] if terms else Num("0"),)

    def part(self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place) -> sp.Expr:
        x, kernels = operands[INPUT], operands[KERNEL]
        if at.slot == BIAS:
            return operands[BIAS](index[0])
        for weight, value in self.pairs(index, x.shape, kernels.shape):
            if at.index == (value if at.slot == INPUT else weight):
                return kernels(*weight) * x(*value, sample=sample)
        raise LookupError(f"{at} does not stand in {index}")

    def reaches(self, slot: int, index: Index, shapes: tuple[Shape, ...]) -> Iterable[Index]:
        windows, sides = self.windows(shapes[KERNEL]), shapes[INPUT][1:]
        if slot == INPUT:
            filters = range(1, shapes[KERNEL][0] + 1)
            return ((o, *place) for o in filters for place in windows.seeing(index[1:], sides))
        places = windows.using(index[2:], sides) if slot == KERNEL else indices(windows.places(sides))
        return ((index[0], *place) for place in places)

    def forward(self, xp: Namespace, *inputs: Array) -> Array:
        x, kernels = inputs[INPUT], inputs[KERNEL]
        places = self.windows(kernels.shape[-4:]).places(x.shape[-2:])
        z = xp.matmul(_rows(xp, kernels), self._seen(xp, x, kernels))
        z = xp.reshape(z, as_first(z.shape[:-1], places))
        return z + inputs[BIAS][..., None, :, None, None] if len(inputs) > BIAS else z

    def forward_by_hand(self, *inputs: np.ndarray) -> np.ndarray | None:
        """Every window as a sample of a dense layer."""
        x, kernels, *bias = inputs
        places = self.windows(kernels.shape).places(x.shape[-2:])
        if x.ndim > 4 or kernels.size * len(x) * places[0] * places[1] > BY_HAND_UP_TO:
            return None
        seen = np.moveaxis(self._seen(np, x, kernels), -1, -2)
        z = Dense().forward_by_hand(np.reshape(seen, (-1, seen.shape[-1])), kernels.reshape(len(kernels), -1), *bias)
        return None if z is None else np.moveaxis(z.reshape(len(x), *places, len(kernels)), -1, 1)

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        x, kernels = inputs[INPUT], inputs[KERNEL]
        rows, columns = gradient.shape[-2:]
        flat = xp.reshape(gradient, as_first(gradient.shape[:-2], (rows * columns,)))
        by_bias = (total(xp, total(xp, flat, -1), -2),) if len(inputs) > BIAS else ()
        return (lambda: self._by_input(xp, flat, x, kernels), lambda: self._by_kernel(xp, flat, x, kernels), *by_bias)

    def _by_kernel(self, xp: Namespace, gradient: Array, x: Array, kernels: Array) -> Array:
        """The gradient (..., N, O, places) times what every weight saw there, added up over places and samples."""
        summed = xp.sum(xp.matmul(gradient, xp.matrix_transpose(self._seen(xp, x, kernels))), axis=-3)
        return xp.reshape(summed, as_first(summed.shape[:-1], kernels.shape[-3:]))

    def _by_input(self, xp: Namespace, gradient: Array, x: Array, kernels: Array) -> Array:
        """For every element of the window its weights times the gradient, put where it looked."""
        windows, sides = self.windows(kernels.shape[-4:]), x.shape[-2:]
        channels, height, width = kernels.shape[-3:]
        weights = _rows(xp, xp.moveaxis(kernels, -3, -1))  # the channels next to one another
        spread = xp.matmul(xp.matrix_transpose(weights), gradient)
        own = (height * width, channels, *windows.places(sides))
        parts = xp.reshape(spread, as_first(spread.shape[:-2], own))
        return windows.gather(xp, [parts[..., k, :, :, :] for k in range(height * width)], sides)

    def _seen(self, xp: Namespace, x: Array, kernels: Array) -> Array:
        """What all weights see at all places: (..., N, C·h·w, places), the weights in the order of a kernel."""
        windows = self.windows(kernels.shape[-4:])
        rows, columns = windows.places(x.shape[-2:])
        stacked = xp.stack(windows.slide(xp, x), axis=-3)
        channels, elements = stacked.shape[-4:-2]
        return xp.reshape(stacked, as_first(stacked.shape[:-4], (channels * elements, rows * columns)))


def _rows(xp: Namespace, kernels: Array) -> Array:
    """Every filter as a row: (..., 1, O, C·h·w)."""
    rows = xp.reshape(kernels, as_first(kernels.shape[:-3], (prod(kernels.shape[-3:]),)))
    return rows[..., None, :, :]


@register("layer")
class Conv2DLayer:
    """z = K ⋆ x + b, or without b; a = f(z)."""

    name: ClassVar[str] = "conv2d"

    @staticmethod
    def wires(layer: Any, inputs: Shape, product: Any) -> dict[str, Wire]:
        bias = ("b",) if layer.has_bias else ()
        activation: Operation = make("activation", layer.activation.type, layer.activation.parameters)
        return {
            "z": Wire((FED, "K", *bias), Conv2D(layer.stride, layer.padding)),
            "a": Wire(("z",), activation),
        }
