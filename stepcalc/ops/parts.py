"""Operations on parts of sequences: on the last h of one, or on those of one time step.

A sequence is an array (T, K) whose first axis is time.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import sympy as sp

from stepcalc.backend import Array, Namespace
from stepcalc.board.nodes import Node
from stepcalc.items import Index
from stepcalc.ops.base import Operand, Operation, Place, Shape

T = TypeVar("T")


class Wrapped(Operation):
    """An operation that does what another one does, on parts."""

    @property
    @abstractmethod
    def core(self) -> Operation:
        """What is done to each part."""

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.core.name

    @property
    def rule(self) -> str:  # type: ignore[override]
        return self.core.rule


@dataclass(frozen=True)
class OnParts(Wrapped):
    """``inner`` on the parents at the positions ``slots``, of which it sees one of ``times`` each; None: all of it."""

    inner: Operation
    slots: tuple[int, ...]
    times: tuple[int | None, ...]

    @property
    def core(self) -> Operation:
        return self.inner.core

    def _own(self, parents: Sequence[T]) -> tuple[T, ...]:
        return tuple(parents[slot] for slot in self.slots)

    def _operands(self, operands: Sequence[Operand]) -> tuple[Operand, ...]:
        pairs = zip(self._own(operands), self.times, strict=True)
        return tuple(operand if time is None else operand.part(time) for operand, time in pairs)

    def _shapes(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        pairs = zip(self._own(shapes), self.times, strict=True)
        return tuple(shape if time is None else shape[1:] for shape, time in pairs)

    def _place(self, at: Place) -> Place:
        slot = self.slots.index(at.slot)
        return replace(at, slot=slot, index=at.index if self.times[slot] is None else at.index[1:])

    def shape(self, *parents: Shape) -> Shape:
        return self.inner.shape(*self._shapes(parents))

    def define(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> sp.Expr:
        return self.inner.define(index, self._operands(operands), sample)

    def written(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> tuple[Node, ...]:
        return self.inner.written(index, self._operands(operands), sample)

    def written_for_arrays(self, operands: tuple[Node, ...]) -> Node | None:
        return self.inner.written_for_arrays(self._own(operands))

    def written_gradient(self, slot: int, upstream: Node, output: Node, operands: tuple[Node, ...]) -> Node | None:
        return self.inner.written_gradient(self.slots.index(slot), upstream, output, self._own(operands))

    def part(self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place) -> sp.Expr:
        return self.inner.part(index, self._operands(operands), sample, self._place(at))

    def recall(
        self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place, output: Operand
    ) -> dict[sp.Symbol, sp.Expr]:
        return self.inner.recall(index, self._operands(operands), sample, self._place(at), output)

    def reaches(self, slot: int, index: Index, shapes: tuple[Shape, ...]) -> Iterable[Index]:
        if slot not in self.slots:
            return []
        place = self._place(Place(slot, index))
        time = self.times[place.slot]
        seen = time is None or index[0] == time
        return self.inner.reaches(place.slot, place.index, self._shapes(shapes)) if seen else []

    def arrays(self, sources: Sequence[Array | list[Array]]) -> tuple[Array, ...]:
        """What ``inner`` sees of its parents; a sequence is an array (..., N, T, K) or a list of its steps."""
        return tuple(
            source if time is None else step_of(source, time)
            for source, time in zip(self._own(sources), self.times, strict=True)
        )

    def forward(self, xp: Namespace, *inputs: Array) -> Array:
        return self.inner.forward(xp, *self.arrays(inputs))

    def forward_by_hand(self, *inputs: np.ndarray) -> np.ndarray | None:
        return self.inner.forward_by_hand(*self.arrays(inputs))

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        return self._spread(xp, self.inner.backward(xp, gradient, output, *self.arrays(inputs)), inputs)

    def backward_as_printed(
        self, xp: Namespace, gradient: Array, output: Array, *inputs: Array
    ) -> tuple[Array | None, ...]:
        return self._spread(xp, self.inner.backward_as_printed(xp, gradient, output, *self.arrays(inputs)), inputs)

    def _spread(
        self, xp: Namespace, found: tuple[Array | None, ...], inputs: tuple[Array, ...]
    ) -> tuple[Array | None, ...]:
        """The gradients by the parents from those by their parts: 0 at every other time step."""
        spread: list[Array | None] = [None] * len(inputs)
        for slot, time, gradient in zip(self.slots, self.times, found, strict=True):
            known = gradient() if callable(gradient) else gradient
            if time is None or known is None:
                spread[slot] = known
                continue
            nothing = xp.zeros_like(known)
            steps = range(1, inputs[slot].shape[-2] + 1)
            spread[slot] = xp.stack([known if step == time else nothing for step in steps], axis=-2)
        return tuple(spread)


def step_of(sequence: Array | list[Array], time: int) -> Array:
    """One time step, counted from 1, of a sequence (..., N, T, K), or of a list of its steps."""
    return sequence[time - 1] if isinstance(sequence, list) else sequence[..., time - 1, :]
