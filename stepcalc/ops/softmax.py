"""The softmax, the one activation whose outputs depend on all of a layer's z."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from stepcalc.backend import Array, Namespace, contract
from stepcalc.board.nodes import Add, Call, Mul, Neg, Node, Transpose
from stepcalc.calculus.symbols import symbol
from stepcalc.items import Index
from stepcalc.ops.activation import LogStable
from stepcalc.ops.base import Operand, Operation, Place
from stepcalc.ops.registry import register
from stepcalc.quantity import Shape

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

    def written_gradient(self, slot: int, upstream: Node, output: Node, operands: tuple[Node, ...]) -> Node | None:
        """a ⊙ (∂L/∂a − aᵀ ∂L/∂a), for a column."""
        shared = Mul((Transpose(output), upstream))
        return Mul((output, Add((upstream, Neg(shared)))), "hadamard")

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

    def weighted_logs(self, xp: Namespace, z: Array, by_log: Array, by_log_complement: Array | None) -> Array:
        """ln a = z − ln Σ and ln(1 − a) = ln Σ_others − ln Σ, each sum with its own largest term taken out."""
        log_a, log_complement = self._logs(xp, z, by_log_complement is not None)
        terms = _weighted(xp, by_log, log_a)
        return terms if by_log_complement is None else terms + _weighted(xp, by_log_complement, log_complement)

    def _logs(self, xp: Namespace, z: Array, complement: bool = True) -> tuple[Array, Array]:
        log_total = _log_sum(xp, z)
        if not complement:
            return z - log_total, None
        itself = xp.eye(z.shape[-1], dtype=xp.float64) > 0
        others = xp.where(itself, xp.asarray(-xp.inf), z[..., None, :])
        return z - log_total, _log_sum(xp, others)[..., 0] - log_total

    def backward_logs(self, xp: Namespace, by_log: Array, by_log_complement: Array | None, z: Array) -> Array:
        """Σ_k by_log_k (δ_ki − a_i), with 1 − a_i taken as the sum of the others; ln(1 − a_i) likewise."""
        a = self.forward(xp, z)
        complement = _others(xp, a)
        weight = by_log
        if by_log_complement is not None:
            # d ln(1 − a_k)/dz_i = −a_k/(1 − a_k) · (δ_ki − a_i), so both logarithms have the form weight_k (δ_ki − a_i)
            log_a, log_complement = self._logs(xp, z)
            weight = by_log - _weighted(xp, by_log_complement, xp.exp(log_a - log_complement))
        return weight * complement - a * _others(xp, weight)

    def reciprocals(self, xp: Namespace, z: Array) -> tuple[Array, Array]:
        log_a, log_complement = self._logs(xp, z)
        return xp.exp(-log_a), xp.exp(-log_complement)


def _weighted(xp: Namespace, weight: Array, values: Array) -> Array:
    """weight · values, where a weight 0 takes out even what is infinite."""
    return xp.where(weight == 0, xp.zeros_like(weight), weight * values)


def _log_sum(xp: Namespace, z: Array) -> Array:
    """ln Σ eᶻ along the last axis, which is kept."""
    largest = xp.max(z, axis=-1, keepdims=True)
    return largest + xp.log(xp.sum(xp.exp(z - largest), axis=-1, keepdims=True))


def _others(xp: Namespace, values: Array) -> Array:
    """For each element the sum of all the others along the last axis, added up, not subtracted."""
    return contract(xp, values, 1.0 - xp.eye(values.shape[-1], dtype=xp.float64))
