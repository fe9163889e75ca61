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
    """One named array of a layer, for one sample: ``letter`` W of layer 2 is W2. The last one is the layer's output.

    It is written as ``base`` with the mark ``sub`` before its indices: w_x,12 for W_x.
    """

    letter: str
    shape: Shape
    role: Literal["parameter", "computed"]
    sub: str = ""

    @property
    def base(self) -> str:
        """The letter that its elements are written with."""
        return self.letter[0].lower()


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What a layer hands on of its output: the ``shape`` for one sample; of a sequence all steps, or that at ``time``.

    ``looks_back``: its own later steps look at its output, whose derivative is then more than the next layer's share.
    """

    shape: Shape
    time: int | None = None
    looks_back: bool = False


class Layer(Section):
    """A layer as it is written. ``inputs`` is the shape of what it is fed, for one sample."""

    input_axes: ClassVar[tuple[int, ...]]
    """How many axes one sample of its input may have, the likeliest number first."""
    input_words: ClassVar[str]
    """What it is fed, in words."""

    @abstractmethod
    def arrays(self, inputs: Shape, product: Product) -> tuple[LayerArray, ...]:
        """Its parameters and what it calculates, in order."""

    @abstractmethod
    def misfits(self, inputs: Shape, product: Product) -> list[Found]:
        """Every given array that does not fit, with its path inside the layer."""

    @abstractmethod
    def numbers(self, number: int, inputs: Shape, product: Product) -> dict[str, Float64]:
        """The parameters that have numbers, given or drawn, by letter; the layer's ``number`` goes into the draw."""

    def hands_on(self, inputs: Shape, product: Product) -> HandedOn:
        """What the next layer is fed; by default the whole output."""
        return HandedOn(self.arrays(inputs, product)[-1].shape)

    def inputs_told(self, product: Product) -> Shape | None:
        """The shape of the input as the given arrays tell it; None where they do not."""
        return None

    def settled(self, inputs: Shape, product: Product) -> Self:
        """The layer with everything filled in that its arrays tell."""
        return self
