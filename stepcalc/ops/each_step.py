"""Operations repeated at every time step of a sequence, and how a layer of them is calculated step by step.

What is looked at one step back makes a layer recurrent: h₂ from z₂, z₂ from h₁. At the first step there is no step
before (h₀ = 0); an operation that looks back says what it is without it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter

import sympy as sp

from stepcalc.backend import Array, Namespace
from stepcalc.board.nodes import Node
from stepcalc.items import Index
from stepcalc.ops.base import Operand, Operation, Place, Shape
from stepcalc.ops.parts import OnParts, Wrapped, step_of

Arrays = dict[str, Array]
Parents = Mapping[str, tuple[str, ...]]
Kernel = Callable[[Operation], Callable[..., tuple[Array | None, ...]]]

EXACT: Kernel = attrgetter("backward")
AS_PRINTED: Kernel = attrgetter("backward_as_printed")

NOW, BEFORE = 0, -1
"""Which step of a parent is looked at; None where the parent is no sequence."""


@dataclass(frozen=True)
class First:
    """What an operation is at the first step: another one, of those parents that are there already."""

    inner: Operation
    slots: tuple[int, ...]


@dataclass(frozen=True)
class EachStep(Wrapped):
    """``inner`` at each of ``steps`` time steps, of which it ``looks`` at one of each parent; the result is (T, K)."""

    inner: Operation
    looks: tuple[int | None, ...]
    steps: int
    first: First | None = None

    @property
    def core(self) -> Operation:
        return self.inner.core

    def at(self, time: int) -> OnParts:
        """The operation at one time step, counted from 1."""
        all_parents = First(self.inner, tuple(range(len(self.looks))))
        done = self.first if time == 1 and self.first else all_parents
        looks = (self.looks[slot] for slot in done.slots)
        return OnParts(done.inner, done.slots, tuple(None if look is None else time + look for look in looks))

    def shape(self, *parents: Shape) -> Shape:
        return (self.steps, *self.at(self.steps).shape(*parents))

    def define(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> sp.Expr:
        return self.at(index[0]).define(index[1:], operands, sample)

    def written(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> tuple[Node, ...]:
        return self.at(index[0]).written(index[1:], operands, sample)

    def written_for_arrays(self, operands: tuple[Node, ...]) -> Node | None:
        return self.inner.written_for_arrays(operands)

    def written_gradient(self, slot: int, upstream: Node, output: Node, operands: tuple[Node, ...]) -> Node | None:
        return self.inner.written_gradient(slot, upstream, output, operands)

    def part(self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place) -> sp.Expr:
        return self.at(index[0]).part(index[1:], operands, sample, at)

    def recall(
        self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place, output: Operand
    ) -> dict[sp.Symbol, sp.Expr]:
        return self.at(index[0]).recall(index[1:], operands, sample, at, output.part(index[0]))

    def reaches(self, slot: int, index: Index, shapes: tuple[Shape, ...]) -> Iterable[Index]:
        look = self.looks[slot]
        times = range(1, self.steps + 1) if look is None else (index[0] - look,)
        for time in times:
            if 1 <= time <= self.steps:
                yield from ((time, *reached) for reached in self.at(time).reaches(slot, index, shapes))

    def forward(self, xp: Namespace, *inputs: Array) -> Array:
        ops, parents, values = self._alone(inputs)
        return forward_through_time(xp, ops, parents, values)[_OWN]

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        return self._back(xp, EXACT, gradient, output, inputs)

    def backward_as_printed(
        self, xp: Namespace, gradient: Array, output: Array, *inputs: Array
    ) -> tuple[Array | None, ...]:
        return self._back(xp, AS_PRINTED, gradient, output, inputs)

    def _back(
        self, xp: Namespace, kernel: Kernel, gradient: Array, output: Array, inputs: tuple[Array, ...]
    ) -> tuple[Array | None, ...]:
        ops, parents, values = self._alone(inputs)
        found = backward_through_time(xp, ops, parents, values | {_OWN: output}, {_OWN: gradient}, kernel)
        return tuple(found.get(parent) for parent in parents[_OWN])

    def _alone(self, inputs: tuple[Array, ...]) -> tuple[dict[str, EachStep], Parents, Arrays]:
        """The operation as a layer of its own, all that it looks at being known."""
        names = tuple(map(str, range(len(inputs))))
        return {_OWN: self}, {_OWN: names}, dict(zip(names, inputs, strict=True))


_OWN = "result"


def as_it_is(array: Array) -> Array:
    """The array."""
    return array


def forward_through_time(
    xp: Namespace,
    ops: Mapping[str, EachStep],
    parents: Parents,
    values: Mapping[str, Array],
    done: Callable[[Array], Array] = as_it_is,
    by_hand: bool = False,
) -> Arrays:
    """The sequences of a layer, all of them at one step before any at the next.

    ``values`` hold what the layer is fed; a sequence of its own found there is taken as it is. ``done`` is what
    becomes of every step before others are calculated from it.
    """
    found: dict[str, list[Array]] = {name: [] for name in ops}
    for time in range(1, _steps(ops) + 1):
        for name, op in ops.items():
            if name in values:
                found[name].append(step_of(values[name], time))
                continue
            part = op.at(time)
            inputs = part.arrays([found.get(parent, values.get(parent)) for parent in parents[name]])
            exact = part.inner.forward_by_hand(*inputs) if by_hand else None
            found[name].append(done(part.inner.forward(xp, *inputs) if exact is None else exact))
    return {name: _in_one(xp, steps) for name, steps in found.items()}


def backward_through_time(
    xp: Namespace,
    ops: Mapping[str, EachStep],
    parents: Parents,
    values: Mapping[str, Array],
    gradients: Mapping[str, Array],
    kernel: Kernel = EXACT,
    needed: Collection[str] | None = None,
    done: Callable[[Array], Array] = as_it_is,
    given: Mapping[str, Array] | None = None,
) -> Arrays:
    """The gradients by a layer's own sequences, in full, and its share of those by all that it is calculated from.

    ``gradients`` are those that come from behind the layer. The last step is the first: what a step hands on to the
    one before is there when that one's turn comes. ``given`` gradients take the place of those found.
    """
    looks = {parent: look for name, op in ops.items() for parent, look in zip(parents[name], op.looks, strict=True)}
    asked = looks.keys() if needed is None else looks.keys() & needed
    shares: Arrays = {}
    steps = {name: _split(ops[name].steps, gradients.get(name)) for name in ops}
    for time in range(_steps(ops), 0, -1):
        for name, op in reversed(list(ops.items())):
            gradient = step_of(given[name], time) if given and name in given else steps[name][time - 1]
            if gradient is None:
                continue
            gradient = steps[name][time - 1] = done(gradient)
            part = op.at(time)
            inputs = part.arrays([values[parent] for parent in parents[name]])
            back = kernel(part.inner)(xp, gradient, step_of(values[name], time), *inputs)
            for slot, seen, share in zip(part.slots, part.times, back, strict=True):
                parent = parents[name][slot]
                if share is None or parent not in asked:
                    continue
                share = share() if callable(share) else share
                if seen is None:
                    shares[parent] = shares[parent] + share if parent in shares else share
                else:
                    own = steps.setdefault(parent, _split(op.steps))
                    own[seen - 1] = share if own[seen - 1] is None else own[seen - 1] + share
    unused = {parent: xp.zeros_like(values[parent]) for parent in asked - shares.keys() - steps.keys()}
    return unused | shares | {name: _filled(xp, found, values[name]) for name, found in steps.items()}


def _steps(ops: Mapping[str, EachStep]) -> int:
    return next(iter(ops.values())).steps


def _split(steps: int, sequence: Array | None = None) -> list[Array | None]:
    """The steps of a sequence, none of which is known yet where that is not."""
    return [None if sequence is None else step_of(sequence, time) for time in range(1, steps + 1)]


def _filled(xp: Namespace, steps: list[Array | None], sequence: Array) -> Array:
    """A gradient from its steps, which is 0 where nothing comes back to it."""
    like = next((step for step in steps if step is not None), step_of(sequence, 1))
    return _in_one(xp, [xp.zeros_like(like) if step is None else step for step in steps])


def _in_one(xp: Namespace, steps: list[Array]) -> Array:
    """The steps as one array; one that is the same for all problems is repeated for each."""
    return xp.stack(xp.broadcast_arrays(*steps), axis=-2)
