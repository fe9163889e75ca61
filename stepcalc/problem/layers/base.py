"""What every layer says of itself: which arrays it has, of which shape, and whether those given fit."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal, Self, TypeAlias

from stepcalc.problem.arrays import Float64
from stepcalc.problem.faults import Found
from stepcalc.problem.section import Section

MAX_UNITS = 1_000_000

Shape: TypeAlias = tuple[int, ...]
Product: TypeAlias = Literal["Wx", "xW"]


@dataclass(frozen=True, slots=True)
class LayerArray:
    """One named array of a layer, for one sample: ``letter`` W of layer 2 is W2. The last one is the layer's output."""

    letter: str
    shape: Shape
    role: Literal["parameter", "computed"]


class Layer(Section):
    """A layer as it is written. ``inputs`` is the shape of what it is fed, for one sample."""

    input_axes: ClassVar[int]
    """How many axes one sample of its input has."""

    @abstractmethod
    def arrays(self, inputs: Shape, product: Product) -> tuple[LayerArray, ...]:
        """Its parameters and what it calculates, in order."""

    @abstractmethod
    def misfits(self, inputs: Shape, product: Product) -> list[Found]:
        """Every given array that does not fit, with its path inside the layer."""

    @abstractmethod
    def numbers(self, number: int, inputs: Shape, product: Product) -> dict[str, Float64]:
        """The parameters that have numbers, given or drawn, by letter; the layer's ``number`` goes into the draw."""

    def inputs_told(self, product: Product) -> Shape | None:
        """The shape of the input as the given arrays tell it; None where they do not."""
        return None

    def settled(self, inputs: Shape, product: Product) -> Self:
        """The layer with everything filled in that its arrays tell."""
        return self
