"""Max pooling: of every window of every map the largest number, of equal ones the first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar

import sympy as sp

from stepcalc.backend import Array, Namespace
from stepcalc.board.nodes import Call, Node
from stepcalc.calculus.symbols import symbol
from stepcalc.calculus.to_board import to_board
from stepcalc.items import Index
from stepcalc.ops.base import FED, Operand, Operation, Place, Shape, Wire
from stepcalc.ops.registry import register
from stepcalc.ops.windows import Windows


@dataclass(frozen=True)
class MaxPool2D(Operation):
    """a_cij = the largest x_c in the window at (i, j), over the parent x (C, H, W).

    The derivative is 1 by the one that is passed on, the first of the largest in reading order, and 0 by the others.
    """

    name: ClassVar[str] = "maxpool2d"
    rule: ClassVar[str] = "max pooling"
    many_cases: ClassVar[bool] = True

    size: int
    stride: int

    @property
    def windows(self) -> Windows:
        """The windows, which may overlap, or leave gaps."""
        return Windows((self.size, self.size), self.stride)

    def shape(self, *parents: Shape) -> Shape:
        channels, *sides = parents[0]
        return (channels, *self.windows.places(tuple(sides)))

    def rivals(self, index: Index, shape: Shape) -> list[Index]:
        """The elements of x of which the largest is passed on, in the order in which ties are decided."""
        return [(index[0], *at) for _, at in self.windows.seen(index[1:], shape[1:])]

    def define(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> sp.Expr:
        """Case by case: the first that no other is larger than."""
        rivals = [operands[0](*at, sample=sample) for at in self.rivals(index, operands[0].shape)]
        cases = [(x, sp.And(*(x >= other for other in rivals if other != x))) for x in rivals[:-1]]
        return sp.Piecewise(*cases, (rivals[-1], True))

    def written(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> tuple[Node, ...]:
        rivals = [to_board(operands[0](*at, sample=sample)) for at in self.rivals(index, operands[0].shape)]
        return (Call("max", tuple(rivals)) if len(rivals) > 1 else rivals[0],)

    def part(self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place) -> sp.Expr:
        """x itself where it wins: where it is larger than those before it, and no smaller than those after it."""
        rivals = [operands[0](*place, sample=sample) for place in self.rivals(index, operands[0].shape)]
        x = operands[0](*at.index, sample=sample)
        turn = rivals.index(x)
        wins = sp.And(*(x > other for other in rivals[:turn]), *(x >= other for other in rivals[turn + 1 :]))
        return sp.Piecewise((x, wins), (ANOTHER, True))

    def reaches(self, slot: int, index: Index, shapes: tuple[Shape, ...]) -> Iterable[Index]:
        return ((index[0], *place) for place in self.windows.seeing(index[1:], shapes[0][1:]))

    def forward(self, xp: Namespace, *inputs: Array) -> Array:
        return reduce(xp.maximum, self.windows.slide(xp, inputs[0]))

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        return (lambda: self._to_winners(xp, gradient, output, inputs[0]),)

    def _to_winners(self, xp: Namespace, gradient: Array, output: Array, x: Array) -> Array:
        """Each window's gradient handed to the first element that is as large as its output."""
        zero, parts = xp.asarray(0.0, dtype=gradient.dtype), []
        unwon = output == output
        for seen in self.windows.slide(xp, x):
            wins = xp.logical_and(unwon, seen == output)
            unwon = xp.logical_and(unwon, xp.logical_not(wins))
            parts.append(xp.where(wins, gradient, zero))
        return self.windows.gather(xp, parts, x.shape[-2:])


ANOTHER = symbol("another")
"""What is passed on where an element does not win; opaque."""


@register("layer")
class MaxPool2DLayer:
    """a = the largest of each window."""

    name: ClassVar[str] = "maxpool2d"

    @staticmethod
    def wires(layer: Any, inputs: Shape, product: Any) -> dict[str, Wire]:
        return {"a": Wire((FED,), MaxPool2D(layer.size, layer.stride))}
