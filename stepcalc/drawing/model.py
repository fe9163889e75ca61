"""A structure as it is calculated with: many candidates at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from stepcalc.answers.names import elements
from stepcalc.backend import Namespace, to_host
from stepcalc.descend import feeds_of
from stepcalc.errors import Fault, InputError
from stepcalc.graph import Graph, build
from stepcalc.items import Item
from stepcalc.many import many
from stepcalc.marking.steps import Steps
from stepcalc.problem import Problem
from stepcalc.recipes import Recipe, Structure
from stepcalc.recipes.asking import Asked
from stepcalc.recipes.space import RATE
from stepcalc.solving import solve


class Model:
    """One structure of a recipe: its graph, what is asked of it, and its numbers for many candidates."""

    def __init__(self, structure: Structure, recipe: Recipe) -> None:
        self.structure, self.recipe = structure, recipe
        self.problem: Problem = structure.problem
        self.graph: Graph = build(self.problem)
        self.asked = asked_items(recipe, self.problem)

    @cached_property
    def steps(self) -> Steps:
        """The own steps of the first candidate's items; where targets are 0 or 1, those of :meth:`steps_of`."""
        return Steps(solve(self.problem))

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        """What is calculated of every candidate: all quantities, and all gradients."""
        graph = self.graph
        values = [name for name, quantity in graph.quantities.items() if quantity.op is not None]
        gradients = [f"d{graph.cost}/d{name}" for name in graph.quantities if name in graph.differentiable]
        return (*values, *(name for name in gradients if name != f"d{graph.cost}/d{graph.cost}"))

    def feeds(self, levels: np.ndarray) -> dict[str, np.ndarray]:
        """Inputs, targets and parameters: those drawn (candidates, …), the others shared."""
        drawn = self.structure.arrays(levels)
        feeds = feeds_of(self.problem, self.graph, np)
        for name, array in drawn.items():
            if name != RATE:
                quantity = self.graph[name]
                axes = (self.graph.samples or 1,) if quantity.per_sample else ()
                feeds[name] = array.reshape(levels.shape[1], *axes, *quantity.shape)
        if all(name == RATE for name in drawn):
            first = next(iter(feeds))
            feeds[first] = np.broadcast_to(feeds[first], (levels.shape[1], *feeds[first].shape))
        return feeds

    def calculate(self, levels: np.ndarray, xp: Namespace) -> dict[str, np.ndarray]:
        """All numbers of many candidates, on the host: quantities and ``dL/d…`` by name, (candidates, [samples], …)."""
        feeds = self.feeds(levels)
        found = many(self.graph, {name: xp.asarray(array) for name, array in feeds.items()}, xp, self.wanted)
        count = levels.shape[1]
        calculated = {name: np.asarray(to_host(array)) for name, array in found.items()}
        spread = {name: _of_all(array, count, self._axes(name)) for name, array in feeds.items()}
        rate = self.structure.arrays(levels).get(RATE)
        return {**spread, **calculated, **({} if rate is None else {RATE: rate})}

    def _axes(self, name: str) -> int:
        quantity = self.graph[name]
        return len(quantity.shape) + quantity.per_sample

    def column(self, values: Mapping[str, np.ndarray], item: str) -> np.ndarray | None:
        """One scalar of every candidate, (candidates,), by its id; None where it is not calculated in one go."""
        parsed = Item.parse(item).own_name(self.graph.quantities)
        if parsed.part or parsed.by or (parsed.update or 1) > 1:
            return None
        name = self.graph.canonical(parsed.name)
        array = values.get(f"d{parsed.of}/d{name}" if parsed.of else name)
        if array is None:
            return None
        quantity = self.graph[name]
        sample = ((parsed.sample or 1) - 1,) if quantity.per_sample else ()
        index = parsed.index or (1,) * len(quantity.shape)
        found: np.ndarray = array[(slice(None), *sample, *(place - 1 for place in index))]
        return found


def _of_all(array: np.ndarray, count: int, axes: int) -> np.ndarray:
    return array if array.ndim > axes else np.broadcast_to(array, (count, *array.shape))


def asked_items(recipe: Recipe, problem: Problem) -> tuple[str, ...]:
    """The ids of all scalars that a recipe's questions ask, each once, under the names they are written with.

    Raises :class:`InputError` for what is no item of the problem.
    """
    found: dict[str, None] = {}
    faults: list[Fault] = []
    for number, asked in enumerate(recipe.asked):
        for typed in items_of(asked):
            of_these = list(elements(problem.items, typed))
            own = recipe.ask is not None
            where = "ask.items" if own and number == 0 else f"questions[{number + 1 - own}]"
            if not of_these:
                faults.append(Fault(where, problem.items.complaint(typed)))
            found |= {problem.items.written_scalar(item) or item: None for item in of_these}
    if faults:
        raise InputError(faults)
    return tuple(found)


def items_of(asked: Asked) -> Iterator[str]:
    """The items that a question names, as typed."""
    yield from getattr(asked, "items", None) or ()
    if hasattr(asked, "item"):
        yield asked.item
