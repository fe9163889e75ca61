"""The dense layer's linear combination: z = W x + b, or z = x W + b.

The two product conventions differ in one thing, the orientation of W, and only here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from operator import mul
from typing import Any, ClassVar, Literal

import numpy as np
import sympy as sp

from stepcalc.backend import Array, Namespace, cleared, contract, total
from stepcalc.board.nodes import Add, Mul, Node, Transpose
from stepcalc.calculus.to_board import to_board
from stepcalc.items import Index
from stepcalc.ops.base import FED, Operand, Operation, Place, Shape, Wire
from stepcalc.ops.each_step import NOW, EachStep
from stepcalc.ops.registry import make, register

INPUT, WEIGHT, BIAS = 0, 1, 2
BY_HAND_UP_TO = 5000
"""Up to this many products of one problem are added up in decimals."""


@dataclass(frozen=True)
class Dense(Operation):
    """z_i = Σ_j w_ij x_j + b_i over the parents x (D,), W and, if there is one, b (H,).

    W is (H, D) under ``product = "Wx"`` and (D, H) under ``"xW"``.
    """

    name: ClassVar[str] = "dense"
    rule: ClassVar[str] = "linear combination"

    product: Literal["Wx", "xW"] = "Wx"

    def weight_index(self, unit: int, source: int) -> Index:
        """Where the weight from input ``source`` to ``unit`` stands in W."""
        return (unit, source) if self.product == "Wx" else (source, unit)

    def unit_and_source(self, index: Index) -> tuple[int, int]:
        """The unit that element ``index`` of W leads to, and the input that it comes from."""
        return (index[0], index[1]) if self.product == "Wx" else (index[1], index[0])

    def shape(self, *parents: Shape) -> Shape:
        return (parents[WEIGHT][0 if self.product == "Wx" else 1],)

    def define(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> sp.Expr:
        x, weights = operands[INPUT], operands[WEIGHT]
        (unit,) = index
        products = [weights(*self.weight_index(unit, j)) * x(j, sample=sample) for j in range(1, x.shape[0] + 1)]
        bias = [operands[BIAS](unit)] if len(operands) > BIAS else []
        return sp.Add(*products, *bias)

    def written(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> tuple[Node, ...]:
        x, weights = operands[INPUT], operands[WEIGHT]
        (unit,) = index
        pairs = [(weights(*self.weight_index(unit, j)), x(j, sample=sample)) for j in range(1, x.shape[0] + 1)]
        ordered = pairs if self.product == "Wx" else [(right, left) for left, right in pairs]
        terms: list[Node] = [Mul(tuple(to_board(factor) for factor in pair)) for pair in ordered]
        if len(operands) > BIAS:
            terms.append(to_board(operands[BIAS](unit)))
        return (Add(tuple(terms)) if len(terms) > 1 else terms[0],)

    def written_for_arrays(self, operands: tuple[Node, ...]) -> Node | None:
        x, weights = operands[INPUT], operands[WEIGHT]
        linear = Mul((weights, x) if self.product == "Wx" else (x, weights))
        return Add((linear, operands[BIAS])) if len(operands) > BIAS else linear

    def written_gradient(self, slot: int, upstream: Node, output: Node, operands: tuple[Node, ...]) -> Node | None:
        x, weights = operands[INPUT], operands[WEIGHT]
        units_first = self.product == "Wx"
        if slot == BIAS:
            return upstream
        if slot == WEIGHT:
            return Mul((upstream, Transpose(x)) if units_first else (Transpose(x), upstream))
        return Mul((Transpose(weights), upstream) if units_first else (upstream, Transpose(weights)))

    def part(self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place) -> sp.Expr:
        (unit,) = index
        if at.slot == BIAS:
            return operands[BIAS](unit)
        source = at.index[0] if at.slot == INPUT else self.unit_and_source(at.index)[1]
        return operands[WEIGHT](*self.weight_index(unit, source)) * operands[INPUT](source, sample=sample)

    def reaches(self, slot: int, index: Index, shapes: tuple[Shape, ...]) -> Iterable[Index]:
        if slot == INPUT:
            return [(unit,) for unit in range(1, self.shape(*shapes)[0] + 1)]
        return [(self.unit_and_source(index)[0],)] if slot == WEIGHT else [index]

    def _units_first(self, xp: Namespace, weights: Array) -> Array:
        return weights if self.product == "Wx" else xp.matrix_transpose(weights)

    def forward(self, xp: Namespace, *inputs: Array) -> Array:
        x, weights = inputs[INPUT], self._units_first(xp, inputs[WEIGHT])
        z = contract(xp, x, xp.matrix_transpose(weights))
        return z + inputs[BIAS][..., None, :] if len(inputs) > BIAS else z

    def forward_by_hand(self, *inputs: np.ndarray) -> np.ndarray | None:
        x, weights = inputs[INPUT], self._units_first(np, inputs[WEIGHT])
        if x.ndim > 2 or weights.size * len(x) > BY_HAND_UP_TO or not all(np.isfinite(array).all() for array in inputs):
            return None
        rows, columns = _decimals(x), _decimals(weights)
        bias = [Decimal(repr(float(b))) for b in inputs[BIAS]] if len(inputs) > BIAS else [Decimal(0)] * len(columns)
        with localcontext(prec=60):
            return np.array(
                [
                    [float(sum(map(mul, row, column), start)) for column, start in zip(columns, bias, strict=True)]
                    for row in rows
                ]
            )

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        x, weights = inputs[INPUT], self._units_first(xp, inputs[WEIGHT])
        by_weight = self._units_first(xp, contract(xp, xp.matrix_transpose(gradient), x))
        by_bias = (total(xp, gradient, -2),) if len(inputs) > BIAS else ()
        return (lambda: contract(xp, gradient, weights), by_weight, *by_bias)

    def backward_as_printed(
        self, xp: Namespace, gradient: Array, output: Array, *inputs: Array
    ) -> tuple[Array | None, ...]:
        """Sums of printed numbers that cancel are 0, and not what the last bit of a double makes of them."""
        exact, sizes = (
            [share() if callable(share) else share for share in self.backward(xp, upstream, output, *arrays)]
            for upstream, arrays in ((gradient, inputs), (xp.abs(gradient), [xp.abs(array) for array in inputs]))
        )
        pairs: Iterable[tuple[Array, Array]] = zip(exact, sizes, strict=True)
        return tuple(cleared(xp, share, size) for share, size in pairs)


def _decimals(matrix: np.ndarray) -> list[list[Decimal]]:
    """The shortest decimals of the doubles: what the user typed."""
    return [[Decimal(repr(float(value))) for value in row] for row in matrix]


@register("layer")
class DenseLayer:
    """z = W x + b, or without b; a = f(z)."""

    name: ClassVar[str] = "dense"

    @staticmethod
    def wires(layer: Any, inputs: Shape, product: Literal["Wx", "xW"]) -> dict[str, Wire]:
        bias = ("b",) if layer.has_bias else ()
        linear: Operation = Dense(product)
        activation: Operation = make("activation", layer.activation.type, layer.activation.parameters)
        if len(inputs) > 1:  # a sequence: the same layer at every time step
            linear = EachStep(linear, (NOW, None, *(None for _ in bias)), inputs[0])
            activation = EachStep(activation, (NOW,), inputs[0])
        return {"z": Wire((FED, "W", *bias), linear), "a": Wire(("z",), activation)}
