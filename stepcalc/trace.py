"""The trace: the derivation with numbers. Renderers, marker and exporters read nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np

from stepcalc.backend import namespace, quiet, to_host
from stepcalc.derive import Derivation
from stepcalc.descend import descend, feeds_of, first_pass, natural, optimizer_of, rounding_of, to_device
from stepcalc.evaluate import Arithmetic, forward
from stepcalc.graph import Graph, build
from stepcalc.many import many
from stepcalc.notebook import Shown
from stepcalc.ops.optimizers import Optimizer
from stepcalc.problem import Problem, TableProblem
from stepcalc.reference import Reference, look_up
from stepcalc.rounding import Rounding

MAX_CHECKED = 2000
"""Up to this many parameters are checked one by one by a numerical derivative."""

DEFAULT_EPSILON = 1e-3


@dataclass(frozen=True, eq=False)
class GradientCheck:
    """Numerical derivatives by parameter array: (J(w + ε) − J(w))/ε and (J(w + ε) − J(w − ε))/2ε."""

    epsilon: float
    forward: Mapping[str, np.ndarray]
    central: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Nudge:
    """One parameter moved by ε: the cost before and after, and the two difference quotients."""

    item: str
    epsilon: float
    before: float
    after: float
    forward: float
    central: float


@dataclass(frozen=True, eq=False)
class Trace(Shown):
    """Every number of a solved problem, with the derivation that it follows.

    Arrays have their natural shapes; what depends on the sample has a leading axis in a mini-batch. ``gradients``
    are those of the cost in the first update, ``updated`` the parameters after it, ``final`` after the last;
    ``history`` is the cost before the first update and after each. ``stopped`` names the step at which a run
    left the numbers that a double can hold. What has no number is not there.
    """

    problem: Problem
    graph: Graph
    derivation: Derivation
    rounding: Rounding
    arithmetic: Arithmetic
    values: Mapping[str, np.ndarray]
    gradients: Mapping[str, np.ndarray]
    updated: Mapping[str, np.ndarray]
    final: Mapping[str, np.ndarray]
    history: tuple[float, ...]
    stopped: str | None = None

    @property
    def numeric(self) -> bool:
        """Whether the cost has a number."""
        return self.graph.cost in self.values

    @property
    def calculated(self) -> bool:
        """Whether anything at all was calculated."""
        return any(self.graph[name].op is not None for name in self.values)

    @property
    def learning_rate(self) -> float | None:
        """The optimizer's learning rate, if it has a number."""
        rate: float | None = getattr(self.optimizer, "learning_rate", None)
        return rate

    @cached_property
    def optimizer(self) -> Optimizer | None:
        """The problem's optimizer, if it asks for an update."""
        return optimizer_of(self.problem)

    @property
    def parameter_count(self) -> int:
        """The number of scalars that an update changes."""
        return sum(self.graph[name].size for name in self.graph.parameters)

    @cached_property
    def after(self) -> Mapping[str, np.ndarray]:
        """All quantities calculated again with the updated parameters; empty without an update."""
        if not self.updated or len(self.history) < 2:
            return {}
        feeds = {**feeds_of(self.problem, self.graph, self.arithmetic.xp), **to_device(self.updated, self.arithmetic)}
        return natural(self.graph, forward(self.graph, feeds, self.arithmetic))

    def value(self, item: str) -> float | None:
        """The number of any item id (a value, a derivative, an updated parameter); None where there is none.

        None is also the answer for a derivative beyond double precision. Raises :class:`LookupError` for an
        unknown id.
        """
        parsed = self.graph.read(item)
        arrays = self.gradients if parsed.of else self.updated if parsed.new else self.values
        quantity, index, sample = self.graph.locate(str(parsed.plain))
        if quantity.name not in arrays:
            return None
        where = (() if sample is None else (sample - 1,)) + tuple(i - 1 for i in index)
        number = float(arrays[quantity.name][where])
        return number if np.isfinite(number) else None

    @cached_property
    def gradient_check(self) -> GradientCheck | None:
        """The numerical derivatives that the problem asks for, of as many parameters as are checked one by one."""
        asked = self.problem.gradient_check
        if asked is None or not self.numeric or self.parameter_count > MAX_CHECKED:
            return None
        exactly = forward(
            self.graph, feeds_of(self.problem, self.graph, self.arithmetic.xp), Arithmetic(self.arithmetic.xp)
        )
        before = float(exactly[self.graph.cost])
        up, down = self._shifted(asked.epsilon), self._shifted(-asked.epsilon)
        with quiet():
            one_sided = {name: (up[name] - before) / asked.epsilon for name in up}
            two_sided = {name: (up[name] - down[name]) / (2 * asked.epsilon) for name in up}
        return GradientCheck(asked.epsilon, one_sided, two_sided)

    def _shifted(self, epsilon: float) -> Mapping[str, np.ndarray]:
        """The cost with each parameter in turn moved by ``epsilon``: one problem each, all at once."""
        xp = self.arithmetic.xp
        feeds = feeds_of(self.problem, self.graph, xp)
        costs = {}
        for name in self.graph.parameters:
            shape = self.graph[name].shape
            size = self.graph[name].size
            moved = feeds[name] + epsilon * xp.reshape(xp.eye(size), (size, *shape))
            found = many(self.graph, {**feeds, name: moved}, xp, [self.graph.cost])[self.graph.cost]
            costs[name] = to_host(found).reshape(shape)
        return costs

    def nudge(self, item: str, epsilon: float | None = None) -> Nudge:
        """The cost with one parameter moved by ``epsilon``, by default the problem's own or 0.001."""
        asked = self.problem.gradient_check
        step = epsilon or (asked.epsilon if asked else DEFAULT_EPSILON)
        quantity, index, _ = self.graph.locate(item)
        at = float(feeds_of(self.problem, self.graph, np)[quantity.name][tuple(i - 1 for i in index)])
        before, up, down = self.costs(item, (at, at + step, at - step))
        return Nudge(item, step, before, up, (up - before) / step, (up - down) / (2 * step))

    def costs(self, item: str, values: Sequence[float]) -> list[float]:
        """The exact cost with one parameter at each of ``values`` and all others as they are; maybe not finite."""
        quantity, index, _ = self.graph.locate(item)
        feeds = feeds_of(self.problem, self.graph, np)
        moved = np.repeat(np.asarray(feeds[quantity.name], dtype=float)[None], len(values), axis=0)
        np.moveaxis(moved, 0, -1)[tuple(i - 1 for i in index)] = values
        found = many(self.graph, {**feeds, quantity.name: moved}, np, [self.graph.cost])[self.graph.cost]
        costs: list[float] = found.tolist()
        return costs


@overload
def solve(problem: TableProblem, backend: str = "numpy") -> Reference: ...  # type: ignore[overload-overlap]


@overload
def solve(problem: Problem, backend: str = "numpy") -> Trace: ...


def solve(problem: Problem, backend: str = "numpy") -> Trace | Reference:
    """Derive and calculate a problem; a reference table is looked up.

    Raises :class:`~stepcalc.errors.NumberError` naming the step when the first forward or backward pass leaves the
    numbers that a double can hold, :class:`~stepcalc.errors.BackendError` when the array library is not there.
    """
    if isinstance(problem, TableProblem):
        return look_up(problem)
    graph = build(problem)
    rounding = rounding_of(problem)
    arithmetic = Arithmetic(namespace(backend), rounding if rounding.carry else None, by_hand=backend == "numpy")
    feeds = feeds_of(problem, graph, arithmetic.xp)
    values, gradients = first_pass(graph, feeds, arithmetic)
    run = descend(problem, graph, feeds, values, gradients, arithmetic)
    return Trace(
        problem,
        graph,
        Derivation(graph),
        rounding,
        arithmetic,
        natural(graph, values),
        natural(graph, gradients),
        natural(graph, run.first),
        natural(graph, run.last),
        run.history,
        run.stopped,
    )
