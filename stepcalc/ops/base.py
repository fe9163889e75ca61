"""What an operation is: a definition in SymPy, kernels in array-API calls, and its words.

An operation is a frozen dataclass; its fields are its parameters (``alpha``, ``delta``, ``scale``).
Indices count from 1, as on paper. Arrays carry, from the right, the quantity's own axes, then a sample
axis where the quantity depends on the sample, then any number of leading axes (one problem each).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
import sympy as sp

from stepcalc.backend import Array, Namespace
from stepcalc.board.nodes import Node
from stepcalc.calculus.symbols import symbol
from stepcalc.calculus.to_board import to_board
from stepcalc.items import Index, item_id

Shape = tuple[int, ...]


def indices(shape: Shape) -> Iterator[Index]:
    """The index of every element of an array, counted from 1, the last axis fastest."""
    return product(*(range(1, length + 1) for length in shape))


@dataclass(frozen=True, slots=True)
class Operand:
    """A parent as an operation's definition sees it: call it with an index to get that element's symbol.

    ``at`` are the first indices of all its elements, where it is a part of a larger array: h₂ of h.
    """

    name: str
    shape: Shape
    per_sample: bool
    samples: int | None = None
    at: Index = ()

    def __call__(self, *index: int, sample: int | None = None) -> sp.Symbol:
        return symbol(item_id(self.name, (*self.at, *index), sample if self.per_sample and self.samples else None))

    def indices(self) -> Iterator[Index]:
        """Every element's index, counted from 1, the last axis fastest."""
        return indices(self.shape)

    def part(self, *at: int) -> Operand:
        """The part of the array under these first indices."""
        return replace(self, shape=self.shape[len(at) :], at=(*self.at, *at))


@dataclass(frozen=True, slots=True)
class Place:
    """One element of a parent: which parent (its position), which element, in which sample."""

    slot: int
    index: Index
    sample: int | None = None


Role = Literal["input", "target", "parameter", "computed", "cost"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One named array. ``shape`` leaves out the sample axis, which it has when ``per_sample``."""

    name: str
    role: Role
    shape: Shape = ()
    per_sample: bool = False
    parents: tuple[str, ...] = ()
    op: Operation | None = None
    layer: int | None = None

    @property
    def size(self) -> int:
        """The number of scalars in one sample."""
        size = 1
        for length in self.shape:
            size *= length
        return size

    def indices(self) -> Iterator[Index]:
        """Every element's index, counted from 1, the last axis fastest."""
        return indices(self.shape)


FED = ""
"""Among the letters of a layer's arrays, what the layer is fed."""


@dataclass(frozen=True, slots=True)
class Wire:
    """How one array of a layer is calculated: from which others, by their letters, and by which operation."""

    parents: tuple[str, ...]
    op: Operation


class LayerWires(Protocol):
    """How a type of layer calculates its arrays."""

    def __call__(self, layer: Any, inputs: Shape, product: Any) -> Mapping[str, Wire]:
        """The wire of each calculated array by its letter; ``inputs`` is the shape of what the layer is fed."""


class Operation(ABC):
    """One way in which a quantity is defined by its parents."""

    name: ClassVar[str]
    rule: ClassVar[str]
    many_cases: ClassVar[bool] = False
    """Whether a derivative of it has more cases than are written out, and stands for itself in a product."""

    @property
    def core(self) -> Operation:
        """What is done to each part, of an operation that works part by part; else the operation itself."""
        return self

    @abstractmethod
    def shape(self, *parents: Shape) -> Shape:
        """The result's shape from the parents' shapes, without sample axes."""

    @abstractmethod
    def define(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> sp.Expr:
        """The defining formula of element ``index`` in the symbols of the parents' elements."""

    def written(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> tuple[Node, ...]:
        """The definition as a teacher writes it, one form after the other: σ(z), 1/(1 + e⁻ᶻ)."""
        return (to_board(self.define(index, operands, sample)),)

    def written_for_arrays(self, operands: tuple[Node, ...]) -> Node | None:
        """The definition for whole arrays, W x + b, from the parents' symbols; None where it has no such form."""
        return None

    def written_gradient(self, slot: int, upstream: Node, output: Node, operands: tuple[Node, ...]) -> Node | None:
        """∂L/∂parent for whole arrays from ``upstream``, ∂L/∂output: Wᵀ ∂L/∂z; None where it has no such form."""
        return None

    def part(self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place) -> sp.Expr:
        """The part of the definition in which the parent's element ``at`` stands; by default all of it.

        What is left out must not contain that element; it may be replaced by an opaque symbol.
        """
        return self.define(index, operands, sample)

    def recall(
        self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place, output: Operand
    ) -> dict[sp.Symbol, sp.Expr]:
        """Outputs in whose terms a derivative may be written, with their definitions (a for σ(z): a(1 − a))."""
        return {}

    @abstractmethod
    def reaches(self, slot: int, index: Index, shapes: tuple[Shape, ...]) -> Iterable[Index]:
        """The elements of the result in whose definition element ``index`` of parent ``slot`` stands."""

    @abstractmethod
    def forward(self, xp: Namespace, *inputs: Array) -> Array:
        """The result from the parents' arrays."""

    def forward_by_hand(self, *inputs: np.ndarray) -> np.ndarray | None:
        """The result for a single problem from its decimals, as a person adds them up: 0.1 + 0.7 is 0.8.

        Whether a unit sits on a corner is decided on this. None where the kernel's result is as good.
        """
        return None

    @abstractmethod
    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        """The gradient of the cost by each parent, from that by the result; None where there is none.

        One that takes time may be given as a function of no arguments, which is called if it is needed.
        """

    def backward_as_printed(
        self, xp: Namespace, gradient: Array, output: Array, *inputs: Array
    ) -> tuple[Array | None, ...]:
        """``backward`` by the formula on the sheet, from the numbers on the sheet (``carry = true``)."""
        return self.backward(xp, gradient, output, *inputs)
