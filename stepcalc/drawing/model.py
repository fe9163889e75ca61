"""A structure as it is calculated with: many candidates at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from math import prod
from typing import Any, TypeAlias

import numpy as np

from stepcalc.answers.names import elements
from stepcalc.backend import Array, Namespace, quiet, to_host
from stepcalc.descend import feeds_of, optimizer_of, rounding_of
from stepcalc.drawing.patterns import Patterns
from stepcalc.errors import Fault, InputError
from stepcalc.evaluate import Arithmetic, backward, forward
from stepcalc.graph import Graph, build
from stepcalc.items import NEW, Item
from stepcalc.many import calculation_of
from stepcalc.marking.asking import asked_of
from stepcalc.marking.precision import Asked as Precision
from stepcalc.ops.optimizer import Optimizer, State
from stepcalc.problem import NetworkProblem, Problem
from stepcalc.problem.faults import place, shown
from stepcalc.problem.items import Items, with_marking
from stepcalc.recipes import Recipe, Structure
from stepcalc.recipes.asking import MAX_ITEMS, Asked, Compute
from stepcalc.recipes.targets import RATE
from stepcalc.repetition import Calculation

Address: TypeAlias = tuple[str, tuple[Any, ...]]
"""The name of an array with an axis of candidates, and the index of one scalar of each."""


class Model:
    """One structure of a recipe: its graph, what is asked of it, and its numbers for many candidates.

    ``pilot`` draws the levels, (columns, count), of candidates that are looked at beforehand.
    """

    def __init__(self, structure: Structure, recipe: Recipe, pilot: Callable[[int], np.ndarray]) -> None:
        self.structure, self.recipe, self.pilot = structure, recipe, pilot
        self.problem: Problem = structure.problem
        self.graph: Graph = build(self.problem)
        self.asked = asked_items(recipe, structure)
        self.patterns = Patterns(self)
        self.found: dict[Any, Any] = {}  # by stepcalc.drawing.once
        self._addresses: dict[str, Address | None] = {}

    @cached_property
    def precision(self) -> Precision:
        """The precision that the recipe asks for, else its problem."""
        return asked_of(with_marking(self.problem, self.recipe.said_of_marking))

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        """All that is calculated of a candidate: quantities, gradients, and the parts of the first update."""
        graph, cost = self.graph, self.graph.cost
        values = [name for name, quantity in graph.quantities.items() if quantity.op is not None]
        gradients = [f"d{cost}/d{name}" for name in graph.quantities if name in graph.differentiable - {cost}]
        return (*values, *gradients, *self._moved)

    @cached_property
    def looked_at(self) -> tuple[str, ...]:
        """What of that is asked, or has to be a number: quantities, gradients of what is given, and those asked."""
        graph, prefix = self.graph, f"d{self.graph.cost}/d"
        asked = {address[0] for item in self.asked if (address := self.address(item)) is not None}
        return tuple(
            name
            for name in self.wanted
            if name in asked or not name.startswith(prefix) or graph[name.removeprefix(prefix)].op is None
        )

    @cached_property
    def shared(self) -> dict[str, np.ndarray]:
        """The arrays of inputs, targets and parameters that are the same in all candidates."""
        feeds = feeds_of(self.problem, self.graph, np)
        return {name: array for name, array in feeds.items() if name not in self.structure.shapes}

    @cached_property
    def _optimizer(self) -> Optimizer | None:
        """What updates the parameters; None where that takes more than their gradients."""
        asked = self.problem.optimizer
        return None if asked is None or asked.second_derivatives else optimizer_of(self.problem)

    @cached_property
    def _moved(self) -> dict[str, str]:
        """The arrays of the first update, W1_new and what the optimizer calculates on the way, with their parameter."""
        if self._optimizer is None:
            return {}
        moved = (name for name in self.graph.parameters if name in self.graph.differentiable)
        parts = [part.name for part in self._optimizer.calculable]
        return {f"{name}_{part}": name for name in moved for part in parts}

    def calculation(self, wanted: Sequence[str]) -> Calculation:
        """``wanted``, names of :attr:`wanted`, from what :meth:`feeds` gives."""
        prefix = f"d{self.graph.cost}/d"
        parameters = list(dict.fromkeys(self._moved[name] for name in wanted if name in self._moved))
        others = (name for name in wanted if name not in self._moved)
        passed = dict.fromkeys((*others, *(prefix + name for name in parameters)))
        inner = self._carried if self.carries else calculation_of(self.graph, self.shared, tuple(passed))

        def calculate(xp: Namespace, varying: Mapping[str, Array]) -> dict[str, Array]:
            found = dict(inner(xp, {name: array for name, array in varying.items() if name != RATE}))
            for name in parameters:
                w = varying[name] if name in varying else xp.asarray(self.shared[name])
                found |= self._update(xp, name, w, found[prefix + name], varying.get(RATE))
            return {name: found[name] for name in wanted}

        return calculate

    @property
    def carries(self) -> bool:
        """Whether each number is rounded before the next is calculated from it."""
        return rounding_of(self.problem).carry

    def _carried(self, xp: Namespace, varying: Mapping[str, Array]) -> dict[str, Array]:
        """All quantities and gradients where each is rounded."""
        arithmetic = Arithmetic(xp, rounding_of(self.problem))
        fixed = {name: xp.asarray(array) for name, array in self.shared.items()}
        values = forward(self.graph, {**fixed, **varying}, arithmetic)
        gradients = backward(self.graph, values, arithmetic)
        return {**values, **{f"d{self.graph.cost}/d{name}": array for name, array in gradients.items()}}

    def _update(self, xp: Namespace, name: str, w: Array, gradient: Array, rate: Array | None) -> dict[str, Array]:
        """The parts of one parameter's first update."""
        optimizer = self._optimizer
        assert optimizer is not None
        if rate is not None:
            optimizer = replace(optimizer, learning_rate=rate[(slice(None), *(None,) * len(self.graph[name].shape))])  # type: ignore[type-var]
        rounded = partial(rounding_of(self.problem).round_array, xp=xp) if self.carries else None
        parts = optimizer.parts(xp, {name: w}, {name: gradient}, State(), rounded)
        return {f"{name}_{part}": arrays[name] for part, arrays in parts.items()}

    def feeds(self, room: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """What is drawn as the graph has it: with the axis of samples, and of a mini-batch only its samples."""
        return {name: self._fed(name, array) for name, array in room.items()}

    def _fed(self, name: str, array: np.ndarray) -> np.ndarray:
        if name == RATE:
            return array
        quantity = self.graph[name]
        batch = self.problem.batch if isinstance(self.problem, NetworkProblem) and quantity.per_sample else None
        chosen = array if batch is None else np.moveaxis(np.moveaxis(array, 0, -1)[batch], -1, 0)
        axes = (self.graph.samples or 1,) if quantity.per_sample else ()
        return chosen.reshape(len(array), *axes, *quantity.shape)

    def origin(self, name: str) -> np.ndarray:
        """Where each number of a drawn array of the graph stands in that of the problem file, counted flat from 0."""
        shape = self.structure.shapes[name]
        found: np.ndarray = self._fed(name, np.arange(prod(shape)).reshape(1, *shape))[0]
        return found

    def calculate(self, levels: np.ndarray, xp: Namespace) -> dict[str, np.ndarray]:
        """All numbers of some candidates, on the host: quantities and ``dL/d…`` by name, (candidates, [samples], …)."""
        feeds = self.feeds(self.structure.arrays(levels))
        return self.spread(feeds, self.run(feeds, self.wanted, xp), levels.shape[1])

    def run(self, feeds: Mapping[str, np.ndarray], wanted: Sequence[str], xp: Namespace) -> dict[str, np.ndarray]:
        """``wanted`` by name, on the host; without the axis of candidates where it is the same in all."""
        with quiet():
            found = self.calculation(wanted)(xp, {name: xp.asarray(array) for name, array in feeds.items()})
        return {name: np.asarray(to_host(array)) for name, array in found.items()}

    def spread(
        self, feeds: Mapping[str, np.ndarray], calculated: Mapping[str, np.ndarray], count: int
    ) -> dict[str, np.ndarray]:
        """What is shared, fed and calculated of ``count`` candidates, each (candidates, [samples], …)."""
        every = {**self.shared, **feeds, **calculated}
        return {name: _of_all(array, count, self._axes(name)) for name, array in every.items()}

    def _axes(self, name: str) -> int:
        """How many axes the array of one candidate has."""
        if name == RATE:
            return 0
        plain = self._moved.get(name, name.removeprefix(f"d{self.graph.cost}/d"))
        quantity = self.graph[name if name in self.graph.quantities else plain]
        return len(quantity.shape) + quantity.per_sample

    def column(self, values: Mapping[str, np.ndarray], item: str) -> np.ndarray | None:
        """One scalar of every candidate, (candidates,), by its id; None where it is not calculated in one go."""
        address = self.address(item)
        return None if address is None or address[0] not in values else values[address[0]][address[1]]

    def address(self, item: str) -> Address | None:
        """The array in which a scalar stands, and where; None where none has it."""
        if item not in self._addresses:
            self._addresses[item] = self._address(item)
        return self._addresses[item]

    def _address(self, item: str) -> Address | None:
        parsed = Item.parse(item).own_name(self.graph.quantities)
        if parsed.by or (parsed.update or 1) > 1:
            return None
        name = self.graph.canonical(parsed.name)
        if name not in self.graph.quantities:
            return None
        quantity = self.graph[name]
        sample = ((parsed.sample or 1) - 1,) if quantity.per_sample else ()
        index = parsed.index or (1,) * len(quantity.shape)
        array = f"{name}_{parsed.part}" if parsed.part else f"d{parsed.of}/d{name}" if parsed.of else name
        return array, (slice(None), *sample, *(place - 1 for place in index))


def _of_all(array: np.ndarray, count: int, axes: int) -> np.ndarray:
    return array[:count] if array.ndim > axes else np.broadcast_to(array, (count, *array.shape))


def asked_items(recipe: Recipe, structure: Structure) -> tuple[str, ...]:
    """The ids of all scalars that a recipe's questions ask, each once, under the names they are written with.

    Raises :class:`InputError` for what is no item of the problem.
    """
    found: dict[str, None] = {}
    faults: list[Fault] = []
    items, calculated = structure.base.items, dict[str, str]()
    for number, asked in enumerate(recipe.asked):
        for typed in items_of(asked):
            of_these = list(islice(elements(items, typed), MAX_ITEMS + 1))
            own = recipe.ask is not None
            where = "ask.items" if own and number == 0 else f"questions[{number + 1 - own}]"
            if not of_these:
                faults.append(Fault(where, items.complaint(typed)))
            elif len(of_these) > MAX_ITEMS:
                faults.append(
                    Fault(where, f"{shown(typed)} is more than {MAX_ITEMS} numbers; ask single elements of it")
                )
            elif not _is_updated(of_these[0], structure):
                faults.append(Fault(where, f"{shown(typed)} needs the learning rate: in the problem, or under [vary]"))
            written = [items.written_scalar(item) or item for item in of_these]
            found |= dict.fromkeys(written)
            if isinstance(asked, Compute):
                twice = next((item for item in written if calculated.setdefault(item, where) != where), None)
                if twice is not None:
                    faults.append(Fault(where, f"{twice} is asked already, in {calculated[twice]}"))
    faults += [] if faults else _marks_for_nothing(recipe, items, calculated)
    if len(found) > MAX_ITEMS and not faults:
        faults.append(Fault("ask", f"{len(found):,} numbers are asked; at most {MAX_ITEMS} are possible"))
    if faults:
        raise InputError(faults)
    return tuple(found)


def _marks_for_nothing(recipe: Recipe, items: Items, calculated: Collection[str]) -> Iterator[Fault]:
    """What the recipe gives marks for and nobody is to calculate."""
    for typed in recipe.marking.marks if "marks" in recipe.marking.model_fields_set else ():
        named = {items.written_scalar(item) or item for item in elements(items, typed)}
        if typed != "default" and named.isdisjoint(calculated):
            told = "is not among what is to be calculated, and would get no marks"
            yield Fault(place(("marking", "marks", typed)), told)


def _is_updated(item: str, structure: Structure) -> bool:
    """Whether there is the learning rate that an item needs, if it needs one."""
    parsed, optimizer = Item.parse(item).own_name(structure.base.items.shapes), structure.base.optimizer
    if parsed.part != NEW and (parsed.update or 1) == 1:
        return True
    return RATE in structure.shapes or (optimizer is not None and optimizer.learning_rate is not None)


def items_of(asked: Asked) -> Iterator[str]:
    """The items that a question names, as typed."""
    yield from getattr(asked, "items", None) or ()
    if hasattr(asked, "item"):
        yield asked.item
