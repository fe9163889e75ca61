"""The long short-term memory: c_t = f_t c_{t−1} + i_t g_t, h_t = o_t tanh(c_t), with h₀ = c₀ = 0.

After Hochreiter and Schmidhuber (1997), with the forget gate of Gers, Schmidhuber and Cummins (2000).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import sympy as sp

from stepcalc.backend import Array, Namespace
from stepcalc.board.nodes import Add, Call, Mul, Neg, Node, Num, Pow
from stepcalc.calculus import evaluate as kernels
from stepcalc.calculus.to_board import to_board
from stepcalc.items import Index
from stepcalc.ops.base import Operand, Operation, Shape, Wire
from stepcalc.ops.each_step import BEFORE, NOW, EachStep, First
from stepcalc.ops.recurrent import recurrent_sum
from stepcalc.ops.registry import make, register

GATES = {"f": "sigmoid", "i": "sigmoid", "g": "tanh", "o": "sigmoid"}
"""Gate → its activation."""

GATE, CELL = range(2)


class UnitByUnit(Operation):
    """An operation that looks, for each unit, at that unit's elements of its parents (H,)."""

    def shape(self, *parents: Shape) -> Shape:
        return parents[0]

    def reaches(self, slot: int, index: Index, shapes: tuple[Shape, ...]) -> Iterable[Index]:
        return [index]


@dataclass(frozen=True)
class CellState(UnitByUnit):
    """Σ of the products of the parents two by two: f c + i g over (f, c, i, g), or i g over (i, g)."""

    name: ClassVar[str] = "cell_state"
    rule: ClassVar[str] = "cell state"

    def define(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> sp.Expr:
        return sp.Add(*(a(*index, sample=sample) * b(*index, sample=sample) for a, b in _pairs(operands)))

    def written(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> tuple[Node, ...]:
        factors = tuple(to_board(operand(*index, sample=sample)) for operand in operands)
        return (_sum(tuple(Mul(pair) for pair in _pairs(factors))),)

    def written_for_arrays(self, operands: tuple[Node, ...]) -> Node | None:
        return _sum(tuple(Mul(pair, "hadamard") for pair in _pairs(operands)))

    def written_gradient(self, slot: int, upstream: Node, output: Node, operands: tuple[Node, ...]) -> Node | None:
        return Mul((upstream, operands[_other(slot)]), "hadamard")

    def forward(self, xp: Namespace, *inputs: Array) -> Array:
        first, *rest = (a * b for a, b in _pairs(inputs))
        return first + rest[0] if rest else first

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        return tuple(gradient * inputs[_other(slot)] for slot in range(len(inputs)))


def _pairs(parents: tuple[Any, ...]) -> list[tuple[Any, Any]]:
    return list(zip(parents[::2], parents[1::2], strict=True))


def _other(slot: int) -> int:
    """The parent that one is multiplied by."""
    return slot + 1 if slot % 2 == 0 else slot - 1


def _sum(terms: tuple[Node, ...]) -> Node:
    return Add(terms) if len(terms) > 1 else terms[0]


@dataclass(frozen=True)
class ShownState(UnitByUnit):
    """o tanh(c) over the parents o and c."""

    name: ClassVar[str] = "shown_state"
    rule: ClassVar[str] = "hidden state"

    def define(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> sp.Expr:
        gate, cell = (operand(*index, sample=sample) for operand in operands)
        return gate * sp.tanh(cell)

    def written(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> tuple[Node, ...]:
        gate, cell = (to_board(operand(*index, sample=sample)) for operand in operands)
        return (Mul((gate, Call("tanh", (cell,)))),)

    def written_for_arrays(self, operands: tuple[Node, ...]) -> Node | None:
        return Mul((operands[GATE], Call("tanh", (operands[CELL],))), "hadamard")

    def written_gradient(self, slot: int, upstream: Node, output: Node, operands: tuple[Node, ...]) -> Node | None:
        flattened = Call("tanh", (operands[CELL],))
        if slot == GATE:
            return Mul((upstream, flattened), "hadamard")
        slope = Add((Num("1"), Neg(Pow(flattened, Num("2")))))
        return Mul((upstream, operands[GATE], slope), "hadamard")

    def forward(self, xp: Namespace, *inputs: Array) -> Array:
        return inputs[GATE] * xp.tanh(inputs[CELL])

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        gate, cell = inputs
        return gradient * xp.tanh(cell), gradient * (gate * kernels.tanh_slope(xp, cell))


@register("layer")
class LSTM:
    """Four gates, the cell state c, and what is shown of it, h."""

    name: ClassVar[str] = "lstm"

    @staticmethod
    def wires(layer: Any, inputs: Shape, product: Any) -> dict[str, Wire]:
        steps = inputs[0]
        found: dict[str, Wire] = {}
        for weights in layer.sums:
            gate = weights.gate
            found[f"z{gate}"] = recurrent_sum(gate, weights.has_bias, steps)
            activation: Operation = make("activation", GATES[gate], {})
            found[gate] = Wire((f"z{gate}",), EachStep(activation, (NOW,), steps))
        kept = EachStep(CellState(), (NOW, BEFORE, NOW, NOW), steps, First(CellState(), (2, 3)))
        shown = EachStep(ShownState(), (NOW, NOW), steps)
        return found | {"c": Wire(("f", "c", "i", "g"), kept), "h": Wire(("o", "c"), shown)}
