"""The trace: the derivation with numbers. Renderers, marker and exporters read nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from importlib import import_module
from typing import Any

import numpy as np

from stepcalc.backend import namespace, quiet, to_host
from stepcalc.derive import Derivation
from stepcalc.errors import Fault, NumberError
from stepcalc.evaluate import Arithmetic, Arrays, backward, forward, many
from stepcalc.graph import Graph, build
from stepcalc.items import Item, derivative_id, item_id
from stepcalc.ops import registry
from stepcalc.ops.optimizers import Optimizer, State
from stepcalc.problem import ExpressionProblem, NetworkProblem, Problem
from stepcalc.rounding import Rounding

MAX_CHECKED = 2000
"""Up to this many parameters are checked one by one by a numerical derivative."""

DEFAULT_EPSILON = 1e-3


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Trace:
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
    def learning_rate(self) -> float | None:
        """The optimizer's learning rate, if it has a number."""
        rate: float | None = getattr(optimizer_of(self.problem), "learning_rate", None)
        return rate

    @cached_property
    def after(self) -> Mapping[str, np.ndarray]:
        """All quantities calculated again with the updated parameters; empty without an update."""
        if not self.updated or len(self.history) < 2:
            return {}
        feeds = {**_feeds(self.problem, self.graph, self.arithmetic.xp), **_to_device(self.updated, self.arithmetic)}
        return _natural(self.graph, forward(self.graph, feeds, self.arithmetic))

    def value(self, item: str) -> float | None:
        """The number of any item id (a value, a derivative, an updated parameter); None where there is none.

        None is also the answer for a derivative beyond double precision. Raises :class:`LookupError` for an
        unknown id.
        """
        parsed = Item.parse(item)
        arrays = self.gradients if parsed.of else self.updated if parsed.new else self.values
        quantity, index, sample = self.graph.locate(str(parsed.plain))
        if quantity.name not in arrays:
            return None
        where = (() if sample is None else (sample - 1,)) + tuple(i - 1 for i in index)
        number = float(arrays[quantity.name][where])
        return number if np.isfinite(number) else None

    def _repr_html_(self) -> str:
        """The worked solution, in a frame of its own, for notebooks.

        The sheet is looked up by name when a notebook asks: the trace knows nothing of it otherwise.
        """
        page = import_module("stepcalc.sheet").render(self, "html")
        return f'<iframe srcdoc="{escape(page)}" style="width: 100%; height: 40em; border: 0"></iframe>'

    @cached_property
    def gradient_check(self) -> GradientCheck | None:
        """The numerical derivatives that the problem asks for, of as many parameters as are checked one by one."""
        asked = self.problem.gradient_check
        size = sum(self.graph[name].size for name in self.graph.parameters)
        if asked is None or not self.numeric or size > MAX_CHECKED:
            return None
        exactly = forward(
            self.graph, _feeds(self.problem, self.graph, self.arithmetic.xp), Arithmetic(self.arithmetic.xp)
        )
        before = float(exactly[self.graph.cost])
        up, down = self._shifted(asked.epsilon), self._shifted(-asked.epsilon)
        return GradientCheck(
            asked.epsilon,
            {name: (up[name] - before) / asked.epsilon for name in up},
            {name: (up[name] - down[name]) / (2 * asked.epsilon) for name in up},
        )

    def _shifted(self, epsilon: float) -> Mapping[str, np.ndarray]:
        """The cost with each parameter in turn moved by ``epsilon``: one problem each, all at once."""
        xp = self.arithmetic.xp
        feeds = _feeds(self.problem, self.graph, xp)
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
        feeds = _feeds(self.problem, self.graph, np)
        base = np.asarray(feeds[quantity.name], dtype=float)
        where = tuple(i - 1 for i in index)
        moved = np.stack([base, base, base])
        moved[(1, *where)] += step
        moved[(2, *where)] -= step
        before, up, down = many(self.graph, {**feeds, quantity.name: moved}, np, [self.graph.cost])[self.graph.cost]
        return Nudge(item, step, float(before), float(up), float(up - before) / step, float(up - down) / (2 * step))


def solve(problem: Problem, backend: str = "numpy") -> Trace:
    """Derive and calculate a problem.

    Raises :class:`~stepcalc.errors.NumberError` naming the step when the first forward or backward pass leaves the
    numbers that a double can hold, :class:`~stepcalc.errors.BackendError` when the array library is not there.
    """
    graph = build(problem)
    rounding = rounding_of(problem)
    arithmetic = Arithmetic(namespace(backend), rounding if rounding.carry else None)
    feeds = _feeds(problem, graph, arithmetic.xp)
    values, gradients = _first_pass(graph, feeds, arithmetic)
    run = _descend(problem, graph, feeds, values, gradients, arithmetic)
    return Trace(
        problem,
        graph,
        Derivation(graph),
        rounding,
        arithmetic,
        _natural(graph, values),
        _natural(graph, gradients),
        _natural(graph, run.first),
        _natural(graph, run.last),
        run.history,
        run.stopped,
    )


def rounding_of(problem: Problem) -> Rounding:
    """The problem's rounding, as the room that rounds has it."""
    asked = problem.rounding
    return Rounding(asked.significant, asked.decimals, asked.mode, asked.carry)


def optimizer_of(problem: Problem) -> Optimizer | None:
    """The problem's optimizer, or None when it asks for no update."""
    asked = problem.optimizer
    if asked is None:
        return None
    made: Optimizer = registry.make("optimizer", asked.type, asked.model_dump(exclude={"type", "steps"}))
    return made


def _feeds(problem: Problem, graph: Graph, xp: Any) -> Arrays:
    """The arrays of inputs, targets and parameters that have numbers; what depends on the sample with its axis."""
    if isinstance(problem, ExpressionProblem):
        return {name: xp.asarray(float(number), dtype=xp.float64) for name, number in problem.given.items()}
    assert isinstance(problem, NetworkProblem)
    found = {"x": problem.x, "y": problem.y, **problem.parameters()}
    feeds: Arrays = {}
    for name, array in found.items():
        if array is None:
            continue
        axis = graph[name].per_sample and graph.samples is None
        feeds[name] = xp.asarray(array[None] if axis else array, dtype=xp.float64)
    return feeds


def _to_device(arrays: Mapping[str, np.ndarray], arithmetic: Arithmetic) -> Arrays:
    return {name: arithmetic.xp.asarray(array, dtype=arithmetic.xp.float64) for name, array in arrays.items()}


def _natural(graph: Graph, arrays: Arrays) -> dict[str, np.ndarray]:
    """Arrays on the host, without the sample axis where there is one sample only."""
    natural = {}
    for name, array in arrays.items():
        host = np.asarray(to_host(array), dtype=float)
        natural[name] = host[0] if graph[name].per_sample and graph.samples is None else host
    return natural


def _first_bad(graph: Graph, arrays: Mapping[str, np.ndarray], names: list[str]) -> str | None:
    """The first scalar of ``names`` that is not a finite number."""
    for name in names:
        finite = np.isfinite(arrays[name])
        if not np.all(finite):
            where = tuple(int(i) + 1 for i in np.argwhere(~np.atleast_1d(finite))[0])
            sampled = graph.samples is not None and graph[name].per_sample
            index = where[1:] if sampled else where
            return item_id(name, index if graph[name].shape else (), where[0] if sampled else None)
    return None


def _check_values(graph: Graph, values: Arrays) -> str | None:
    return _first_bad(graph, _natural(graph, values), list(values))


def _check_gradients(graph: Graph, gradients: Arrays) -> str | None:
    """The first parameter or input whose gradient is not a number; in between, a gradient may exceed a double."""
    ends = [name for name in reversed(list(gradients)) if graph[name].op is None]
    bad = _first_bad(graph, _natural(graph, gradients), ends)
    return derivative_id(graph.cost, bad) if bad else None


def _first_pass(graph: Graph, feeds: Arrays, arithmetic: Arithmetic) -> tuple[Arrays, Arrays]:
    values = forward(graph, feeds, arithmetic)
    bad = _check_values(graph, values)
    if bad:
        raise NumberError(Fault(bad, _why(graph, bad)))
    gradients = backward(graph, values, arithmetic)
    bad = _check_gradients(graph, gradients)
    if bad:
        raise NumberError(Fault(bad, "is not a finite number: the backward pass leaves the range of double precision"))
    return values, gradients


def _why(graph: Graph, item: str) -> str:
    op = graph.locate(item)[0].op
    rule = op.rule if op else "value"
    return f"is not a finite number: the {rule} overflows or is undefined here (a logarithm of 0, a division by 0)"


@dataclass(frozen=True)
class _Run:
    first: Arrays
    last: Arrays
    history: tuple[float, ...]
    stopped: str | None = None


def _descend(
    problem: Problem, graph: Graph, feeds: Arrays, values: Arrays, gradients: Arrays, arithmetic: Arithmetic
) -> _Run:
    """All updates asked for; ends at the step that leaves the range of a double."""
    if graph.cost not in values:
        return _Run({}, {}, ())
    history = [float(values[graph.cost])]
    optimizer = optimizer_of(problem)
    if optimizer is None or getattr(optimizer, "learning_rate", 0) is None:
        return _Run({}, {}, tuple(history))
    parameters = {name: feeds[name] for name in graph.parameters}
    state = State()
    first: Arrays = {}
    steps = problem.optimizer.steps if problem.optimizer else 0
    for number in range(1, steps + 1):
        with quiet():
            moved, state = optimizer.step(
                arithmetic.xp, parameters, {name: gradients[name] for name in parameters}, state
            )
        moved = {name: arithmetic.carried(array) for name, array in moved.items()}
        bad = _first_bad(graph, _natural(graph, moved), list(moved))
        if bad:
            return _Run(first, parameters, tuple(history), f"update {number}: {Item.parse(bad).updated()}")
        parameters = moved
        first = first or parameters
        values = forward(graph, {**feeds, **parameters}, arithmetic)
        bad = _check_values(graph, values)
        if bad:
            return _Run(first, parameters, tuple(history), f"update {number}: {bad}")
        history.append(float(values[graph.cost]))
        if number < steps:
            gradients = backward(graph, values, arithmetic)
            bad = _check_gradients(graph, gradients)
            if bad:
                return _Run(first, parameters, tuple(history), f"update {number + 1}: {bad}")
    return _Run(first, parameters, tuple(history))
