"""The named quantities of a problem in the order in which they are calculated.

A network and a list of expressions become the same thing: quantities with a shape, parents and the
operation that defines them. Nothing after this room knows which of the two it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast

from stepcalc.items import Index, Item, item_id
from stepcalc.ops import registry
from stepcalc.ops.activation import LogStable
from stepcalc.ops.base import FED, LayerWires, Operand, Operation, Shape
from stepcalc.ops.base import Quantity as Quantity
from stepcalc.ops.expression import Expression
from stepcalc.ops.losses import LogLoss
from stepcalc.problem import ExpressionProblem, NetworkProblem, Problem


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
        parsed = Item.parse(item)
        own = f"{parsed.name}_new"
        return replace(parsed, name=own, new=False) if parsed.new and own in self.quantities else parsed

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
    above, aliases = "x", problem.items.aliases
    for number, (layer, arrays) in enumerate(zip(problem.layers, problem.arrays, strict=True), start=1):
        wires: LayerWires = registry.find("layer", layer.type).wires
        wired = wires(layer, problem.notation.product)
        own = {array.letter: f"{array.letter}{number}" for array in arrays}
        names = {FED: above} | {letter: aliases.get(name, name) for letter, name in own.items()}
        for array in arrays:
            name = names[array.letter]
            if array.role == "parameter":
                quantities[name] = Quantity(name, "parameter", array.shape, layer=number)
                continue
            wire = wired[array.letter]
            parents = tuple(names[parent] for parent in wire.parents)
            quantities[name] = Quantity(name, "computed", array.shape, True, parents, wire.op, number)
        above = names[arrays[-1].letter]
    quantities["y"] = Quantity("y", "target", quantities[above].shape, True)
    loss: Operation = registry.make("loss", problem.loss.type, problem.loss.parameters)
    quantities["L"] = Quantity("L", "cost", (), False, (above, "y"), loss)
    parameters = tuple(name for name, quantity in quantities.items() if quantity.role == "parameter")
    shortcut = _shortcut(loss, quantities[above])
    return Graph(quantities, "L", problem.samples, parameters, aliases, shortcut)


def _shortcut(loss: Operation, output: Quantity) -> LogitShortcut | None:
    if isinstance(loss, LogLoss) and isinstance(output.op, LogStable):
        return LogitShortcut(output.parents[0], output.name, "y", output.op, loss)
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
