"""Which of a candidate's targets are 0 or 1? Where they are the same ones, the same own steps hold.

What a target of 0 or 1 takes out of a loss is not calculated, so that the formulas depend on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from stepcalc.derive import Derivation
from stepcalc.descend import natural, rounding_of
from stepcalc.evaluate import Arithmetic
from stepcalc.marking.steps import Steps
from stepcalc.problem import Problem
from stepcalc.recipes.targets import RATE
from stepcalc.trace import Trace

if TYPE_CHECKING:
    from stepcalc.drawing.model import Model
    from stepcalc.drawing.rows import Rows

Pattern: TypeAlias = tuple[int, ...]
"""Target by target 0, 1, or ``OTHER``."""
OTHER = 2
_SHOWN = np.array([0.0, 1.0, 0.5])
"""A number for each, which decides nothing but what is decided by the pattern."""


def kinds(targets: np.ndarray) -> np.ndarray:
    """0, 1 or ``OTHER`` for each target."""
    found: np.ndarray = np.where(targets == 0, 0, np.where(targets == 1, 1, OTHER)).astype(np.int8)
    return found


class Patterns:
    """The patterns of one structure's candidates, with the own steps of each."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._steps: dict[Pattern, Steps] = {}

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """The names of the targets."""
        return tuple(name for name, quantity in self.model.graph.quantities.items() if quantity.role == "target")

    def of(self, rows: Rows) -> Iterator[tuple[Pattern, np.ndarray]]:
        """The patterns among some rows, each with its rows, in order."""
        flat = [kinds(rows.values[name]).reshape(len(rows), -1) for name in self.targets]
        patterns = np.concatenate([np.zeros((len(rows), 0), np.int8), *flat], axis=1)
        if not patterns.shape[1]:
            yield (), np.arange(len(rows))
            return
        known, which = np.unique(patterns, axis=0, return_inverse=True)
        for place, pattern in enumerate(known.tolist()):
            yield tuple(pattern), np.flatnonzero(which.reshape(-1) == place)

    def steps(self, pattern: Pattern) -> Steps:
        """The own steps of all candidates with a pattern. A learning rate that is drawn stays a setting."""
        if pattern not in self._steps:
            self._steps[pattern] = Steps(self._trace(pattern))
        return self._steps[pattern]

    def asked(self, pattern: Pattern) -> tuple[str, ...]:
        """The canonical ids of what is asked."""
        return tuple(dict.fromkeys(map(self.steps(pattern).canonical, self.model.asked)))

    @cached_property
    def plain(self) -> Pattern:
        """The pattern in which no target is 0 or 1."""
        return (OTHER,) * sum(map(prod, self._shapes.values()))

    def _trace(self, pattern: Pattern) -> Trace:
        """The trace of no candidate in particular: of its numbers only the targets are known."""
        problem, graph = self._problem, self.model.graph
        values = natural(graph, self.arrays(pattern))
        rounding = rounding_of(problem)
        return Trace(problem, graph, self._derivation, rounding, Arithmetic(np), values, {}, {}, {}, ())

    def arrays(self, pattern: Pattern) -> dict[str, np.ndarray]:
        """The targets of a pattern as arrays with their sample axis."""
        shown, found = _SHOWN[list(pattern)] if pattern else np.zeros(0), {}
        for name, shape in self._shapes.items():
            count = prod(shape)
            found[name], shown = shown[:count].reshape(shape), shown[count:]
        return found

    @cached_property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of the targets with their sample axis."""
        graph = self.model.graph
        targets = (graph[name] for name in self.targets)
        return {q.name: (*((graph.samples or 1,) if q.per_sample else ()), *q.shape) for q in targets}

    @cached_property
    def _derivation(self) -> Derivation:
        return Derivation(self.model.graph)

    @cached_property
    def _problem(self) -> Problem:
        """The problem of the first candidate; without its learning rate where that is drawn."""
        problem = self.model.problem
        if RATE not in self.model.structure.shapes:
            return problem
        assert problem.optimizer is not None
        return problem.model_copy(update={"optimizer": problem.optimizer.model_copy(update={"learning_rate": None})})
