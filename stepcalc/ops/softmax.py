"""The softmax, the one activation whose outputs depend on all of a layer's z."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from stepcalc.backend import Array, Namespace
from stepcalc.board.nodes import Call, Node
from stepcalc.calculus.symbols import symbol
from stepcalc.ops.activation import LogStable
from stepcalc.ops.base import Index, Operand, Operation, Place, Shape
from stepcalc.ops.registry import register

REST = symbol("rest")
"""The sum of the other exponentials, opaque: the derivative by one z does not look inside it."""


@register("activation")
@dataclass(frozen=True)
class Softmax(LogStable, Operation):
    """a_i = e^(z_i) / Σ_k e^(z_k) over one layer's units."""

    name: ClassVar[str] = "softmax"
    rule: ClassVar[str] = "activation"
    function: ClassVar[str] = "softmax"
    range: ClassVar[str] = "(0, 1), summing to 1"

    kinks: ClassVar[tuple[()]] = ()

    def shape(self, *parents: Shape) -> Shape:
        return parents[0]

    def define(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> sp.Expr:
        (z,) = operands
        total = sp.Add(*(sp.exp(z(k, sample=sample)) for k in range(1, z.shape[0] + 1)))
        return sp.exp(z(*index, sample=sample)) / total

    def written_for_arrays(self, operands: tuple[Node, ...]) -> Node | None:
        return Call(self.function, operands)

    def part(self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place) -> sp.Expr:
        (z,) = operands
        return sp.exp(z(*index, sample=sample)) / (sp.exp(z(*at.index, sample=sample)) + REST)

    def recall(
        self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place, output: Operand
    ) -> dict[sp.Symbol, sp.Expr]:
        return {
            output(*which, sample=sample): self.part(which, operands, sample, at) for which in {index, at.index}
        }

    def reaches(self, slot: int, index: Index, shapes: tuple[Shape, ...]) -> Iterable[Index]:
        return [(unit,) for unit in range(1, shapes[0][0] + 1)]

    def forward(self, xp: Namespace, *inputs: Array) -> Array:
        (z,) = inputs
        raised = xp.exp(z - xp.max(z, axis=-1, keepdims=True))
        return raised / xp.sum(raised, axis=-1, keepdims=True)

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        """∂L/∂z_i = a_i Σ_k a_k (g_i − g_k), a form in which equal gradients give an exact 0."""
        differences = gradient[..., :, None] - gradient[..., None, :]
        return (output * xp.sum(output[..., None, :] * differences, axis=-1),)

    def logs(self, xp: Namespace, z: Array) -> tuple[Array, Array]:
        shifted = z - xp.max(z, axis=-1, keepdims=True)
        raised = xp.exp(shifted)
        total = xp.sum(raised, axis=-1, keepdims=True)
        return shifted - xp.log(total), xp.log(self._others(xp, raised)) - xp.log(total)

    def backward_logs(self, xp: Namespace, by_log: Array, by_log_complement: Array, z: Array) -> Array:
        """Σ_k by_log_k (δ_ki − a_i), with 1 − a_i taken as the sum of the others; ln(1 − a_i) likewise."""
        shifted = z - xp.max(z, axis=-1, keepdims=True)
        raised = xp.exp(shifted)
        total = xp.sum(raised, axis=-1, keepdims=True)
        a, complement = raised / total, self._others(xp, raised) / total
        # d ln(1 − a_k)/dz_i = −a_k/(1 − a_k) · (δ_ki − a_i), so both logarithms have the form weight_k (δ_ki − a_i)
        weight = by_log - xp.where(by_log_complement == 0, 0.0 * a, by_log_complement * a / complement)
        return weight * complement - a * self._others(xp, weight)

    def reciprocals(self, xp: Namespace, z: Array) -> tuple[Array, Array]:
        log_a, log_complement = self.logs(xp, z)
        return xp.exp(-log_a), xp.exp(-log_complement)

    def _others(self, xp: Namespace, values: Array) -> Array:
        """For each element the sum of all the others along the last axis, added up, not subtracted."""
        width = values.shape[-1]
        others = 1.0 - xp.eye(width, dtype=values.dtype)
        return xp.sum(values[..., None, :] * others, axis=-1)
