"""A named quantity of a graph: what it is called, its shape, and how it is calculated from its parents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal

from stepcalc.items import Index

if TYPE_CHECKING:
    from stepcalc.ops.base import Operation

Shape = tuple[int, ...]

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
        return product(*(range(1, length + 1) for length in self.shape))
