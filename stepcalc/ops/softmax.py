"""The softmax, the one activation whose outputs depend on all of a layer's z."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from stepcalc.backend import Array, Namespace, cleared, contract
from stepcalc.board.nodes import Add, Call, Mul, Neg, Node, Transpose
from stepcalc.calculus.symbols import symbol
from stepcalc.items import Index
from stepcalc.ops.activation import LogStable
from stepcalc.ops.base import Operand, Operation, Place, Shape
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
        return {output(*which, sample=sample): self.part(which, operands, sample, at) for which in {index, at.index}}

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

    def backward_as_printed(
        self, xp: Namespace, gradient: Array, output: Array, *inputs: Array
    ) -> tuple[Array | None, ...]:
        """Σ_k g_k ∂a_k/∂z_i with a_i(1 − a_i) and −a_k a_i: printed outputs need not add up to 1."""
        same = xp.eye(output.shape[-1], dtype=output.dtype)
        shares = (gradient * output)[..., None, :] * (same - output[..., :, None])
        return (cleared(xp, xp.sum(shares, axis=-1), xp.sum(xp.abs(shares), axis=-1)),)

    def cross_entropy(self, xp: Namespace, z: Array, y: Array) -> Array:
        """−ln a = ln(1 + rest) + max − z."""
        _, shifted, _, rest = _apart(xp, z)
        return _weighted(xp, y, xp.log1p(rest) - shifted)

    def cross_entropy_gradient(self, xp: Namespace, z: Array, y: Array) -> Array:
        """∂ln a_k/∂z_i = δ_ki − a_i, with 1 − a_i from the other exponentials."""
        largest, _, raised, rest = _apart(xp, z)
        return raised / (1.0 + rest) * _others(xp, y) - y * _complement(xp, largest, raised, rest)

    def binary_cross_entropy(self, xp: Namespace, z: Array, y: Array) -> Array:
        """ln(1 − a) from a, but for the largest from the sum of the others."""
        largest, _, raised, rest = _apart(xp, z)
        others = xp.where(largest, xp.full_like(z, -xp.inf), z)
        log_others = xp.max(others, axis=-1, keepdims=True) - xp.max(z, axis=-1, keepdims=True)
        log_others = log_others + xp.log(xp.sum(_raised(xp, others), axis=-1, keepdims=True))
        small = xp.where(largest, xp.zeros_like(z), raised / (1.0 + rest))
        log_complement = xp.where(largest, log_others - xp.log1p(rest), xp.log1p(-small))
        return self.cross_entropy(xp, z, y) - _weighted(xp, 1.0 - y, log_complement)

    def binary_cross_entropy_gradient(self, xp: Namespace, z: Array, y: Array) -> Array:
        """∂ln(1 − a_k)/∂z_i = a_k p_ki for k ≠ i, p_ki being a_i's share among all but k.

        For the largest k that share is taken from the others alone, as 1 − a_k may have no digits left.
        """
        largest, _, raised, rest = _apart(xp, z)
        a, complement = raised / (1.0 + rest), _complement(xp, largest, raised, rest)
        weights, zero = y - 1.0, xp.zeros_like(z)
        small = xp.where(largest, zero, weights * a / complement)
        among_others = _raised(xp, xp.where(largest, xp.full_like(z, -xp.inf), z))
        share = among_others / xp.sum(among_others, axis=-1, keepdims=True)
        weight_of_largest = xp.sum(xp.where(largest, weights * a, zero), axis=-1, keepdims=True)
        from_largest = xp.where(largest, zero, weight_of_largest * share)
        by_log = self.cross_entropy_gradient(xp, z, y)
        return by_log - weights * a + a * _others(xp, small) + from_largest

    def reciprocals(self, xp: Namespace, z: Array) -> tuple[Array, Array]:
        largest, _, raised, rest = _apart(xp, z)
        return (1.0 + rest) / raised, 1.0 / _complement(xp, largest, raised, rest)


def _weighted(xp: Namespace, weight: Array, values: Array) -> Array:
    """weight · values, where a weight 0 takes out even what is infinite."""
    return xp.where(weight == 0, xp.zeros_like(weight), weight * values)


def _raised(xp: Namespace, z: Array) -> Array:
    """e^(z − max)."""
    return xp.exp(z - xp.max(z, axis=-1, keepdims=True))


def _apart(xp: Namespace, z: Array) -> tuple[Array, Array, Array, Array]:
    """Where the largest z is (the first of several), z − max, e^(z − max), and the sum of these but for the largest."""
    largest = xp.arange(z.shape[-1]) == xp.argmax(z, axis=-1, keepdims=True)
    shifted = z - xp.max(z, axis=-1, keepdims=True)
    raised = xp.exp(shifted)
    rest = xp.sum(xp.where(largest, xp.zeros_like(z), raised), axis=-1, keepdims=True)
    return largest, shifted, raised, rest


def _complement(xp: Namespace, largest: Array, raised: Array, rest: Array) -> Array:
    """1 − a: nothing cancels for a ≤ ½, and for the largest it is the share of the rest."""
    return xp.where(largest, rest, 1.0 + rest - raised) / (1.0 + rest)


def _others(xp: Namespace, values: Array) -> Array:
    """For each element the sum of all the others along the last axis, added up, not subtracted."""
    return contract(xp, values, 1.0 - xp.eye(values.shape[-1], dtype=values.dtype))
