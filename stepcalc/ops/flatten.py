"""Flattening: maps as one list, row after row, map after map. No number changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from stepcalc.backend import Array, Namespace
from stepcalc.items import Index
from stepcalc.ops.base import FED, Operand, Operation, Shape, Wire
from stepcalc.ops.registry import register
from stepcalc.ops.windows import as_first


@dataclass(frozen=True)
class Flatten(Operation):
    """a_k = x_cij for the k-th element of the parent x in row-major order."""

    name: ClassVar[str] = "flatten"
    rule: ClassVar[str] = "flattening"

    axes: int = 3

    def shape(self, *parents: Shape) -> Shape:
        return (int(np.prod(parents[0])),)

    def define(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> sp.Expr:
        return operands[0](*self.source(index, operands[0].shape), sample=sample)

    def source(self, index: Index, shape: Shape) -> Index:
        """The element of x that becomes element ``index`` of the list."""
        return tuple(int(i) + 1 for i in np.unravel_index(index[0] - 1, shape))

    def reaches(self, slot: int, index: Index, shapes: tuple[Shape, ...]) -> Iterable[Index]:
        return [(int(np.ravel_multi_index(tuple(i - 1 for i in index), shapes[0])) + 1,)]

    def forward(self, xp: Namespace, *inputs: Array) -> Array:
        (x,) = inputs
        return xp.reshape(x, as_first(x.shape[: -self.axes], self.shape(x.shape[-self.axes :])))

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        return (xp.reshape(gradient, as_first(gradient.shape[:-1], inputs[0].shape[-self.axes :])),)


@register("layer")
class FlattenLayer:
    """a = the numbers of x in one list."""

    name: ClassVar[str] = "flatten"

    @staticmethod
    def wires(layer: Any, inputs: Shape, product: Any) -> dict[str, Wire]:
        return {"a": Wire((FED,), Flatten(len(inputs)))}
