"""What all activations share: a formula in SymPy from which everything else follows unless a kernel is given."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import sympy as sp

from stepcalc.backend import Array, Namespace
from stepcalc.board.nodes import Call, Mul, Node, Sym
from stepcalc.board.transform import transform
from stepcalc.calculus.evaluate import evaluate
from stepcalc.calculus.shorthand import shorten
from stepcalc.calculus.symbols import symbol
from stepcalc.calculus.to_board import to_board
from stepcalc.items import Index
from stepcalc.ops.base import Operand, Operation, Place, Shape

Z = symbol("z")
A = symbol("a")


@dataclass(frozen=True)
class Kink:
    """A point where the slope jumps: anything between the two slopes is a subgradient; ``used`` is the one taken."""

    at: float
    left: float
    right: float
    used: float


@dataclass(frozen=True)
class Activation(Operation):
    """An elementwise activation a = f(z) with one parent, z.

    A subclass gives ``formula``, f in the symbol ``Z``; ``function``, the name it is printed under; and its ``range``.
    """

    rule: ClassVar[str] = "activation"
    function: ClassVar[str]
    range: ClassVar[str]
    spelled_out: ClassVar[bool] = True
    """Whether the formula says more than the function's name does."""

    @property
    @abstractmethod
    def formula(self) -> sp.Expr:
        """f(z) in the symbol ``Z``."""

    @property
    def kinks(self) -> tuple[Kink, ...]:
        """The points where the slope jumps."""
        return ()

    @cached_property
    def derivative(self) -> sp.Expr:
        """f′(z) as SymPy finds it from the formula."""
        return sp.diff(self.formula, Z)

    @cached_property
    def short_derivative(self) -> sp.Expr:
        """f′ in terms of ``Z`` and the output ``A``, proved equal to ``derivative``: a(1 − a) for the sigmoid."""
        return shorten(self.derivative, {A: self.formula})

    def shape(self, *parents: Shape) -> Shape:
        return parents[0]

    def define(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> sp.Expr:
        return self.formula.xreplace({Z: operands[0](*index, sample=sample)})

    def written(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> tuple[Node, ...]:
        z = to_board(operands[0](*index, sample=sample))
        if not self.function:
            return (z,)
        called = Call(self.function, (z,))
        return (called, to_board(self.define(index, operands, sample))) if self.spelled_out else (called,)

    def written_for_arrays(self, operands: tuple[Node, ...]) -> Node | None:
        return Call(self.function, operands) if self.function else operands[0]

    def written_gradient(self, slot: int, upstream: Node, output: Node, operands: tuple[Node, ...]) -> Node | None:
        if not self.function:
            return upstream
        if self.short_derivative.has(sp.Piecewise):
            return Mul((upstream, Call(self.function, operands, primes=1)), "hadamard")
        whole = {Z.name: operands[0], A.name: output}
        short = transform(
            to_board(self.short_derivative), lambda part: whole.get(part.item or "") if isinstance(part, Sym) else None
        )
        return Mul((upstream, _elementwise(short)), "hadamard")

    def recall(
        self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place, output: Operand
    ) -> dict[sp.Symbol, sp.Expr]:
        return {output(*index, sample=sample): self.define(index, operands, sample)}

    def reaches(self, slot: int, index: Index, shapes: tuple[Shape, ...]) -> Iterable[Index]:
        return [index]

    def forward(self, xp: Namespace, *inputs: Array) -> Array:
        return evaluate(self.formula, {Z: inputs[0]}, xp) + 0.0 * inputs[0]

    def slope(self, xp: Namespace, output: Array, z: Array) -> Array:
        """f′ at every element, from the definition; overridden where digits would cancel."""
        return evaluate(self.derivative, {Z: z}, xp)

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        return (gradient * self.slope(xp, output, inputs[0]),)

    def backward_as_printed(
        self, xp: Namespace, gradient: Array, output: Array, *inputs: Array
    ) -> tuple[Array | None, ...]:
        return (gradient * evaluate(self.short_derivative, {Z: inputs[0], A: output}, xp),)


def _elementwise(node: Node) -> Node:
    """Products between arrays, element by element: a ⊙ (1 − a)."""
    return Mul(node.factors, "hadamard") if isinstance(node, Mul) else node


class LogStable(Operation):
    """Mixed into an activation whose cross-entropies are known directly from z, however saturated a is."""

    def cross_entropy(self, xp: Namespace, z: Array, y: Array) -> Array:
        """−y ln a, unit by unit; a y of 0 takes an infinite logarithm out of the sum."""
        raise NotImplementedError

    def cross_entropy_gradient(self, xp: Namespace, z: Array, y: Array) -> Array:
        """The gradient by z of the sum of these over the units."""
        raise NotImplementedError

    def binary_cross_entropy(self, xp: Namespace, z: Array, y: Array) -> Array:
        """−y ln a − (1 − y) ln(1 − a), unit by unit; a weight 0 takes an infinite logarithm out of the sum."""
        raise NotImplementedError

    def binary_cross_entropy_gradient(self, xp: Namespace, z: Array, y: Array) -> Array:
        """The gradient by z of the sum of these over the units."""
        raise NotImplementedError

    def reciprocals(self, xp: Namespace, z: Array) -> tuple[Array, Array]:
        """1/a and 1/(1 − a); infinite where a double cannot hold them."""
        raise NotImplementedError
