"""The recurrent layer: z_t = W_x x_t + W_h h_{t−1} + b, h_t = f(z_t), with h₀ = 0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import sympy as sp

from stepcalc.backend import Array, Namespace
from stepcalc.board.nodes import Add, Mul, Node, Transpose
from stepcalc.items import Index
from stepcalc.ops.base import FED, Operand, Operation, Place, Shape, Wire
from stepcalc.ops.dense import Dense
from stepcalc.ops.each_step import BEFORE, NOW, EachStep, First
from stepcalc.ops.registry import make, register

X, W_X, H, W_H, BIAS = range(5)


@dataclass(frozen=True)
class Recurrent(Operation):
    """z_i = Σ_j w_x,ij x_j + Σ_k w_h,ik h_k + b_i over the parents x (D,), W_x (H, D), h (H,), W_h (H, H), b (H,).

    h is the layer's own output one step earlier. Both matrices are units × inputs in either product convention.
    """

    name: ClassVar[str] = "recurrent"
    rule: ClassVar[str] = "recurrent combination"

    def shape(self, *parents: Shape) -> Shape:
        return (parents[W_X][0],)

    def define(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> sp.Expr:
        return sp.Add(*(op.define(index, own, sample) for op, own in _halves(operands)))

    def written(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> tuple[Node, ...]:
        terms: list[Node] = []
        for op, own in _halves(operands):
            (half,) = op.written(index, own, sample)
            terms += half.terms if isinstance(half, Add) else (half,)
        return (Add(tuple(terms)),)

    def written_for_arrays(self, operands: tuple[Node, ...]) -> Node | None:
        x, w_x, h, w_h, *bias = operands
        return Add((Mul((w_x, x)), Mul((w_h, h)), *bias))

    def written_gradient(self, slot: int, upstream: Node, output: Node, operands: tuple[Node, ...]) -> Node | None:
        if slot == BIAS:
            return upstream
        if slot in (W_X, W_H):
            return Mul((upstream, Transpose(operands[slot - 1])))
        return Mul((Transpose(operands[slot + 1]), upstream))

    def part(self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place) -> sp.Expr:
        half, slot = (0, at.slot) if at.slot in (X, W_X) else (1, at.slot - H)
        op, own = _halves(operands)[half]
        return op.part(index, own, sample, Place(slot, at.index, at.sample))

    def reaches(self, slot: int, index: Index, shapes: tuple[Shape, ...]) -> Iterable[Index]:
        half = shapes[:H] if slot in (X, W_X) else shapes[H:]
        return Dense().reaches(slot if slot in (X, W_X) else slot - H, index, half)

    def forward(self, xp: Namespace, *inputs: Array) -> Array:
        first, second = _halves(inputs)
        return first[0].forward(xp, *first[1]) + second[0].forward(xp, *second[1])

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        found: list[Array | None] = []
        for op, own in _halves(inputs):
            found += op.backward(xp, gradient, output, *own)
        return tuple(found)


def _halves(parents: tuple[Any, ...]) -> tuple[tuple[Dense, tuple[Any, ...]], tuple[Dense, tuple[Any, ...]]]:
    """W_x x, and W_h h + b: two dense layers whose sum it is."""
    return (Dense(), parents[:H]), (Dense(), parents[H:])


def recurrent_sum(gate: str, has_bias: bool, steps: int) -> Wire:
    """z_t = W_x x_t + W_h h_{t−1} + b at every time step, of the ``gate`` whose letter its arrays end in; h₀ = 0."""
    bias = (f"b{gate}",) if has_bias else ()
    first = First(Dense(), (X, W_X, *(BIAS for _ in bias)))
    looks = (NOW, None, BEFORE, None, *(None for _ in bias))
    return Wire((FED, f"W_x{gate}", "h", f"W_h{gate}", *bias), EachStep(Recurrent(), looks, steps, first))


@register("layer")
class RNN:
    """z_t = W_x x_t + W_h h_{t−1} + b; h_t = f(z_t)."""

    name: ClassVar[str] = "rnn"

    @staticmethod
    def wires(layer: Any, inputs: Shape, product: Any) -> dict[str, Wire]:
        (weights,), steps = layer.sums, inputs[0]
        activation: Operation = make("activation", layer.activation.type, layer.activation.parameters)
        return {
            "z": recurrent_sum("", weights.has_bias, steps),
            "h": Wire(("z",), EachStep(activation, (NOW,), steps)),
        }
