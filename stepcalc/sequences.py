"""Sequences as vectors, one a time step: z₂ = W_x x₂ + W_h h₁ + b, and what comes back to them.

A time may be a number, counted from 1, or a letter that stands for any.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from stepcalc.board.nodes import Add, Deriv, Equation, Glyph, Node, Num, SumOver, Sym, Transpose
from stepcalc.board.transform import transform
from stepcalc.graph import Graph, Quantity
from stepcalc.notation import Notation
from stepcalc.ops.base import Operation
from stepcalc.ops.each_step import EachStep
from stepcalc.ops.parts import OnParts

Time: TypeAlias = int | str

ANY = "t"
"""The letter of a time step."""


def steps(graph: Graph, name: str) -> int | None:
    """How many time steps a quantity has; None where it is no sequence."""
    quantity = graph[name]
    if quantity.op is None:
        seen = any(isinstance(graph[child].op, EachStep) for child, _ in graph.children[quantity.name])
        return quantity.shape[0] if seen and quantity.per_sample else None
    return quantity.op.steps if isinstance(quantity.op, EachStep) else None


def recurrent(graph: Graph, name: str) -> bool:
    """Whether a quantity is one of those that a layer calculates from its own earlier steps."""
    return any(name in stage and len(stage) > 1 for stage in graph.stages)


def first_step(graph: Graph, name: str, child: str) -> int:
    """The first time step at which a quantity stands in ``child``: h₀ = 0 is left out."""
    op = graph[child].op
    assert isinstance(op, EachStep)
    slot = graph[child].parents.index(name)
    return 1 if slot in op.at(1).slots else 2


class Sequences:
    """Writes the steps of one problem's sequences."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self.graph = notation.graph

    def formula(self, name: str, time: Time = ANY) -> Equation | None:
        """z₂ = W_x x₂ + W_h h₁ + b; of what is no sequence, z = W h₃ + b. None where the operation has no such form."""
        quantity = self.graph[name]
        assert quantity.op is not None
        op, slots = _at(quantity.op, time)
        operands = self._operands(quantity, time)
        whole = op.written_for_arrays(tuple(operands[slot] for slot in slots or range(len(operands))))
        left = self.notation.step(name, time) if isinstance(quantity.op, EachStep) else self.notation.array(name)
        return None if whole is None else Equation((left, whole), ("=",))

    def through(self, name: str, child: str, time: Time = ANY) -> Equation | None:
        """∂L/∂W = Σ_t ∂L/∂z_t h_tᵀ for a parameter, ∂L/∂h_t = Wᵀ ∂L/∂z_t for a sequence, through ``child``.

        Of a mini-batch, a parameter's is the sum over all samples.
        """
        quantity, below = self.graph[name], self.graph[child]
        each, slot = below.op, below.parents.index(quantity.name)
        parameter = quantity.role == "parameter"
        several = parameter and (self.graph.samples or 0) > 1
        first = first_step(self.graph, quantity.name, child) if parameter and isinstance(each, EachStep) else None
        last = each.steps if isinstance(each, EachStep) else None
        written = self._written(below, slot, last if first == last and last else time, any_sample=several)
        if written is None:
            return None
        if first is not None and first != last:
            written = SumOver(Sym(Glyph(ANY)), Num(str(first)), Num(str(last)), written)
        if several:
            written = SumOver(Sym(Glyph("n")), Num("1"), Num(str(self.graph.samples)), written)
        return Equation((self._derivative(quantity.name, time), written), ("=",))

    def gathered(self, name: str, time: int) -> Equation | None:
        """∂L/∂h₂ as the sum of what comes back to it: from the output of its step, from the next step."""
        children = self.graph.children[self.graph.canonical(name)]
        shares = [share for child, slot in children for share in self._shares_at(name, child, slot, time)]
        known = [share for share in shares if share is not None]
        if len(known) < len(shares) or not known:
            return None
        left = self.notation.step_derivative(name, time)
        return Equation((left, known[0] if len(known) == 1 else Add(tuple(known))), ("=",))

    def _shares_at(self, name: str, child: str, slot: int, time: int) -> Iterator[Node | None]:
        """What comes back to a step from ``child``, at those of its own steps that look at it."""
        op = self.graph[child].op
        if isinstance(op, EachStep):
            look = op.looks[slot]
            assert look is not None
            later = time - look
            if later <= op.steps and slot in op.at(later).slots:
                yield self._written(self.graph[child], slot, later)
        elif not isinstance(op, OnParts) or op.times[op.slots.index(slot)] in (None, time):
            yield self._written(self.graph[child], slot, time)

    def _written(self, quantity: Quantity, slot: int, time: Time, *, any_sample: bool = False) -> Node | None:
        """The gradient by the parent at ``slot`` through one step of a quantity."""
        assert quantity.op is not None
        op, slots = _at(quantity.op, time)
        operands = self._operands(quantity, time, any_sample=any_sample)
        seen = slots or tuple(range(len(operands)))
        own = tuple(operands[place] for place in seen)
        if len(quantity.shape) == 2:
            upstream: Node = self.notation.step_derivative(quantity.name, time, any_sample=any_sample)
            output = self.notation.step(quantity.name, time, any_sample=any_sample)
        else:
            output = self.notation.any_sample(quantity.name) if any_sample else self.notation.array(quantity.name)
            upstream = self.notation.array_derivative(quantity.name, output)
        written = op.written_gradient(seen.index(slot), upstream, output, own)
        return None if written is None else transform(written, _plainly)

    def _operands(self, quantity: Quantity, time: Time, *, any_sample: bool = False) -> list[Node]:
        """The parents of a quantity at a time step, as its operation looks at them."""
        op, notation = quantity.op, self.notation
        if isinstance(op, EachStep):
            looks = [None if look is None else _moved(time, look) for look in op.looks]
        elif isinstance(op, OnParts):
            times = dict(zip(op.slots, op.times, strict=True))
            looks = [times.get(slot) for slot in range(len(quantity.parents))]
        else:
            looks = [None for _ in quantity.parents]
        return [
            notation.array(parent) if look is None else notation.step(parent, look, any_sample=any_sample)
            for parent, look in zip(quantity.parents, looks, strict=True)
        ]

    def _derivative(self, name: str, time: Time) -> Deriv:
        sequence = steps(self.graph, name) is not None
        return self.notation.step_derivative(name, time) if sequence else self.notation.array_derivative(name)


def _at(op: Operation, time: Time) -> tuple[Operation, tuple[int, ...]]:
    """What is done at a time step, and to which of the parents; () for all of them."""
    if isinstance(op, EachStep) and isinstance(time, int):
        part = op.at(time)
        return part.inner, part.slots
    if isinstance(op, OnParts):
        return op.inner, op.slots
    return (op.inner, ()) if isinstance(op, EachStep) else (op, ())


def _moved(time: Time, look: int) -> Time:
    """The time that is looked at: t, or t − 1."""
    if isinstance(time, int):
        return time + look
    return time if look == 0 else f"{time}−{-look}"


def _plainly(part: Node) -> Node | None:
    """Single numbers are not transposed."""
    if not isinstance(part, Transpose):
        return None
    inner = part.arg
    return inner if isinstance(inner, Sym) and not inner.glyph.bold else None
