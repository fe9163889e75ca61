"""The named quantities of a problem in the order in which they are calculated.

A network and a list of expressions become the same thing: quantities with a shape, parents and the
operation that defines them. Nothing after this room knows which of the two it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import cast

from stepcalc.items import Index, Item, item_id
from stepcalc.ops import registry
from stepcalc.ops.activation import LogStable
from stepcalc.ops.base import FED, LayerWires, Operand, Operation, Shape, Wire
from stepcalc.ops.base import Quantity as Quantity
from stepcalc.ops.each_step import EachStep
from stepcalc.ops.expression import Expression
from stepcalc.ops.losses import LogLoss, Loss
from stepcalc.ops.parts import OnParts
from stepcalc.problem import ExpressionProblem, NetworkProblem, Problem
from stepcalc.problem.items import OUTPUT


@dataclass(frozen=True, slots=True)
class LogitShortcut:
    """The cost taken straight from the logits, for a loss and an output activation that allow it."""

    logits: str
    output: str
    target: str
    activation: LogStable
    loss: LogLoss


@dataclass(frozen=True)
class Graph:
    """All quantities by name in topological order, and what is differentiated: ``cost``.

    ``samples`` is the size of the mini-batch, or None for one sample without an axis of its own. ``aliases`` are
    second names (a2 for y_hat).
    """

    quantities: Mapping[str, Quantity]
    cost: str
    samples: int | None = None
    parameters: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    shortcut: LogitShortcut | None = None

    def __getitem__(self, name: str) -> Quantity:
        return self.quantities[self.canonical(name)]

    def canonical(self, name: str) -> str:
        """The quantity's own name for a name or an alias."""
        return self.aliases.get(name, name)

    def operand(self, name: str) -> Operand:
        """The quantity as an operation's definition sees it."""
        quantity = self[name]
        return Operand(quantity.name, quantity.shape, quantity.per_sample, self.samples)

    def operands(self, name: str) -> tuple[Operand, ...]:
        """The parents of a quantity as its operation's definition sees them."""
        return tuple(self.operand(parent) for parent in self[name].parents)

    def parent_shapes(self, name: str) -> tuple[Shape, ...]:
        """The shapes of a quantity's parents."""
        return tuple(self[parent].shape for parent in self[name].parents)

    @cached_property
    def stages(self) -> tuple[tuple[str, ...], ...]:
        """The quantities in the order of the calculation; those of a recurrent layer, which need one another's
        earlier steps, together."""
        stages: list[tuple[str, ...]] = []
        for _, run in groupby(self.quantities.values(), lambda q: (q.layer, isinstance(q.op, EachStep))):
            names = [quantity.name for quantity in run]
            later = (parent in names[at:] for at, name in enumerate(names) for parent in self[name].parents)
            stages += [tuple(names)] if any(later) else [(name,) for name in names]
        return tuple(stages)

    def calculated(self) -> Iterator[tuple[str, str]]:
        """Every calculated scalar's quantity and id, each after those that it is calculated from."""
        for stage in self.stages:
            first = self.quantities[stage[0]]
            if len(stage) == 1 and first.op is not None:
                yield from ((stage[0], item) for item in self.items(stage[0]))
            elif first.op is not None:  # all of a recurrent layer at one time step before any at the next
                for time in range(1, first.shape[0] + 1):
                    yield from ((name, item) for name in stage for item in self.items_at(name, time))

    def items_at(self, name: str, time: int) -> Iterator[str]:
        """The ids of a sequence's scalars at one time step, sample by sample."""
        for sample in self.sample_numbers(name):
            for index in self[name].indices():
                if index[0] == time:
                    yield item_id(name, index, sample)

    @cached_property
    def children(self) -> Mapping[str, tuple[tuple[str, int], ...]]:
        """For every quantity those it stands in, each with its position among their parents."""
        found: dict[str, list[tuple[str, int]]] = {name: [] for name in self.quantities}
        for name, quantity in self.quantities.items():
            for slot, parent in enumerate(quantity.parents):
                found[parent].append((name, slot))
        return {name: tuple(places) for name, places in found.items()}

    @cached_property
    def differentiable(self) -> frozenset[str]:
        """The quantities that the cost depends on (targets apart)."""
        reached = {self.cost}
        for name in reversed(list(self.quantities)):
            if name in reached:
                reached.update(self.quantities[name].parents)
        return frozenset(name for name in reached if self.quantities[name].role != "target")

    def sample_numbers(self, name: str) -> tuple[int | None, ...]:
        """The samples that a quantity has one value for each of; ``(None,)`` when it has no sample axis."""
        if self.samples is None or not self[name].per_sample:
            return (None,)
        return tuple(range(1, self.samples + 1))

    def items(self, name: str) -> Iterator[str]:
        """The ids of all of a quantity's scalars, sample by sample."""
        for sample in self.sample_numbers(name):
            for index in self[name].indices():
                yield item_id(name, index, sample)

    def read(self, item: str) -> Item:
        """An id taken apart, a quantity's own name before anything else: ``w_new`` may be one.

        Raises :class:`ValueError` when it is not spelled as an id.
        """
        return Item.parse(item).own_name(self.quantities)

    def locate(self, item: str) -> tuple[Quantity, Index, int | None]:
        """The quantity, index and sample of a plain item id; an array of one element may go without its index.

        Raises :class:`LookupError` when there is no such scalar.
        """
        parsed = self.read(item)
        name = self.canonical(parsed.name)
        if name not in self.quantities:
            raise LookupError(f"unknown item {item!r}")
        quantity = self.quantities[name]
        index = parsed.index or (1,) * len(quantity.shape)
        fits = len(index) == len(quantity.shape) and all(
            1 <= i <= n for i, n in zip(index, quantity.shape, strict=True)
        )
        if not fits or (not parsed.index and quantity.size > 1) or parsed.sample not in self.sample_numbers(name):
            raise LookupError(f"no element {item!r}: {name} has shape {quantity.shape}")
        return quantity, index, parsed.sample


def build(problem: Problem) -> Graph:
    """The graph of a problem."""
    return _expressions(problem) if isinstance(problem, ExpressionProblem) else _network(cast(NetworkProblem, problem))


def _network(problem: NetworkProblem) -> Graph:
    quantities: dict[str, Quantity] = {"x": Quantity("x", "input", problem.input_shape, True)}
    fed, aliases = Fed("x", problem.input_shape), problem.items.aliases
    for number, (layer, arrays) in enumerate(zip(problem.layers, problem.arrays, strict=True), start=1):
        wires: LayerWires = registry.find("layer", layer.type).wires
        wired = wires(layer, fed.shape, problem.notation.product)
        own = {array.letter: f"{array.letter}{number}" for array in arrays}
        names = {FED: fed.name} | {letter: aliases.get(name, name) for letter, name in own.items()}
        for array in arrays:
            name = names[array.letter]
            if array.role == "parameter":
                quantities[name] = Quantity(name, "parameter", array.shape, layer=number)
                continue
            wire = wired[array.letter]
            parents = tuple(names[parent] for parent in wire.parents)
            op = fed.seen_by(wire)
            quantities[name] = Quantity(name, "computed", array.shape, True, parents, op, number)
        handed = problem.handed_on[number - 1]
        fed = Fed(names[arrays[-1].letter], handed.shape, handed.time)
    if OUTPUT not in quantities:
        op = fed.seen_by(Wire((FED,), registry.make("activation", "linear", {})))
        quantities[OUTPUT] = Quantity(OUTPUT, "computed", fed.shape, True, (fed.name,), op, len(problem.layers))
        fed = Fed(OUTPUT, fed.shape)
    quantities["y"] = Quantity("y", "target", fed.shape, True)
    made: Operation = registry.make("loss", problem.loss.type, problem.loss.parameters)
    assert isinstance(made, Loss)
    loss = replace(made, axes=len(fed.shape))
    quantities["L"] = Quantity("L", "cost", (), False, (fed.name, "y"), loss)
    parameters = tuple(name for name, quantity in quantities.items() if quantity.role == "parameter")
    shortcut = _shortcut(loss, quantities[fed.name])
    return Graph(quantities, "L", problem.samples, parameters, aliases, shortcut)


@dataclass(frozen=True)
class Fed:
    """What a layer is fed: an array, or of a sequence its step ``time``."""

    name: str
    shape: Shape
    time: int | None = None

    def seen_by(self, wire: Wire) -> Operation:
        """The operation of ``wire``, looking at the one step that it is fed."""
        if self.time is None or FED not in wire.parents:
            return wire.op
        times = tuple(self.time if parent == FED else None for parent in wire.parents)
        return OnParts(wire.op, tuple(range(len(times))), times)


def _shortcut(loss: Loss, output: Quantity) -> LogitShortcut | None:
    if output.op is not None and isinstance(loss, LogLoss) and isinstance(output.op.core, LogStable):
        return LogitShortcut(output.parents[0], output.name, "y", output.op.core, loss)
    return None


def _expressions(problem: ExpressionProblem) -> Graph:
    of, wrt = problem.of, problem.wrt
    quantities: dict[str, Quantity] = {}
    for name in (*problem.given, *problem.symbols.names):
        quantities[name] = Quantity(name, "parameter" if name in wrt else "input")
    for name, parsed in problem.definitions.items():
        op = Expression(parsed.expression, parsed.names, parsed.written)
        quantities[name] = Quantity(name, "cost" if name == of else "computed", (), False, parsed.names, op)
    updatable = tuple(name for name in wrt if quantities[name].op is None)
    return Graph(quantities, of, None, updatable)
