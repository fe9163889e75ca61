"""From a problem's numbers through as many updates as it asks for, and where that leaves what a double can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from stepcalc.backend import Namespace, quiet, to_host
from stepcalc.curvature import Curvature
from stepcalc.errors import Fault, NumberError
from stepcalc.evaluate import Arithmetic, Arrays, backward, forward
from stepcalc.graph import Graph
from stepcalc.items import NEW, SINGULAR, derivative_id, item_id
from stepcalc.ops import registry
from stepcalc.ops.losses import LogLoss
from stepcalc.ops.optimizer import Optimizer, State
from stepcalc.problem import ExpressionProblem, NetworkProblem, Problem
from stepcalc.rounding import Rounding

KEPT = 2_000_000
"""Of a long run, as many of the first and last updates' beginnings are kept as need no more numbers than this."""


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


def feeds_of(problem: Problem, graph: Graph, xp: Namespace) -> Arrays:
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


def to_device(arrays: Mapping[str, np.ndarray], arithmetic: Arithmetic) -> Arrays:
    """The arrays in the array library that calculates."""
    return {name: arithmetic.xp.asarray(array, dtype=arithmetic.xp.float64) for name, array in arrays.items()}


def natural(graph: Graph, arrays: Arrays) -> dict[str, np.ndarray]:
    """Arrays on the host, without the sample axis where there is one sample only."""
    natural = {}
    for name, array in arrays.items():
        host = np.asarray(to_host(array), dtype=float) + 0.0  # −0 is 0
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


def _bad_value(graph: Graph, values: Arrays) -> str | None:
    """The first value that is not a number."""
    return _first_bad(graph, natural(graph, values), list(values))


def _bad_gradient(graph: Graph, gradients: Arrays) -> str | None:
    """The first parameter or input whose gradient is not a number; in between, a gradient may exceed a double."""
    ends = [name for name in reversed(list(gradients)) if graph[name].op is None]
    bad = _first_bad(graph, natural(graph, gradients), ends)
    return derivative_id(graph.cost, bad) if bad else None


def values_of(graph: Graph, feeds: Arrays, arithmetic: Arithmetic) -> Arrays:
    """Values before any update.

    Raises :class:`~stepcalc.errors.NumberError` naming the step that leaves what a double can hold.
    """
    values = forward(graph, feeds, arithmetic)
    bad = _bad_value(graph, values)
    if bad:
        raise NumberError(Fault(bad, _why(graph, bad, values)))
    return values


def first_pass(graph: Graph, feeds: Arrays, arithmetic: Arithmetic) -> tuple[Arrays, Arrays]:
    """Values and gradients before any update.

    Raises :class:`~stepcalc.errors.NumberError` naming the step that leaves what a double can hold.
    """
    values = values_of(graph, feeds, arithmetic)
    gradients = backward(graph, values, arithmetic)
    bad = _bad_gradient(graph, gradients)
    if bad:
        raise NumberError(Fault(bad, "is not a finite number: a derivative on the way is undefined or too large here"))
    return values, gradients


def _why(graph: Graph, item: str, values: Arrays) -> str:
    quantity = graph[graph.read(item).name]
    if isinstance(quantity.op, LogLoss):
        outputs = natural(graph, values)[quantity.parents[0]]
        outside = outputs[~((outputs > 0) & (outputs < 1))]
        if outside.size:
            return f"the loss takes ln ŷ, which needs outputs between 0 and 1; one of them is {outside.flat[0]:.6g}"
    rule = quantity.op.rule if quantity.op else "value"
    return f"is not a finite number: the {rule} overflows or is undefined here (a logarithm of 0, a division by 0)"


class Left(Exception):
    """The numbers have left what a double can hold, at ``item``."""

    def __init__(self, item: str) -> None:
        super().__init__(item)
        self.item = item


@dataclass(frozen=True, eq=False)
class Pass:
    """The cost, the gradients, and the first derivative by a parameter or input that is not a number."""

    cost: float
    gradients: Arrays
    bad: str | None = None


def pass_at(graph: Graph, feeds: Arrays, arithmetic: Arithmetic, *, gradients: bool = True) -> Pass:
    """The pass for ``feeds``, with the gradients or without.

    Raises :class:`Left` where a value is not a number; a gradient that is none is for the next update to tell.
    """
    values = forward(graph, feeds, arithmetic)
    if bad := _bad_value(graph, values):
        raise Left(bad)
    cost = float(values[graph.cost])
    if not gradients:
        return Pass(cost, {})
    found = backward(graph, values, arithmetic)
    return Pass(cost, found, _bad_gradient(graph, found))


@dataclass(frozen=True, eq=False)
class Start:
    """Where an update begins: the parameters, and what the optimizer remembers of the updates before."""

    parameters: Arrays
    state: State


@dataclass(frozen=True, eq=False)
class Descent:
    """An optimizer on a graph, with the second derivatives of the cost should it have a use for them."""

    optimizer: Optimizer
    curvature: Curvature
    arithmetic: Arithmetic

    @property
    def graph(self) -> Graph:
        """The graph whose cost is to come down."""
        return self.curvature.graph

    def at_rate(self, rate: float) -> Descent:
        """The same with another learning rate."""
        return replace(self, optimizer=replace(self.optimizer, learning_rate=rate))  # type: ignore[type-var]

    def move(self, start: Start, made: Pass, feeds: Arrays) -> Start:
        """Where the next update begins. Raises :class:`Left` where there is no such step, or a part is not a number."""
        if made.bad:
            raise Left(made.bad)
        rounded = self.arithmetic.carried
        known = self.optimizer.on(lambda parameters: rounded(self.curvature.numbers({**feeds, **parameters})))
        slopes = {name: made.gradients[name] for name in start.parameters}
        with quiet():
            found = known.parts(self.arithmetic.xp, start.parameters, slopes, start.state, rounded)
        bad = _bad_part(self.graph, found)
        if bad or NEW not in found:
            raise Left(bad or SINGULAR)
        return Start(found[NEW], self.optimizer.after(found, start.state))


@dataclass(frozen=True, eq=False)
class Run:
    """A run of updates: the parameters after the first and after the last whose cost is finite, the costs, where the
    updates began that are ``kept``, by their numbers, and the step at which the run stopped."""

    first: Arrays
    last: Arrays
    history: tuple[float, ...]
    kept: Mapping[int, Start]
    stopped: str | None = None


def descend(descent: Descent, steps: int, feeds: Arrays, made: Pass) -> Run:
    """All updates asked for, from the pass that the first is made with.

    Ends at one that leaves the range of a double, or that the optimizer cannot make.
    """
    graph, arithmetic = descent.graph, replace(descent.arithmetic, by_hand=False)
    here = Start({name: feeds[name] for name in graph.parameters}, State())
    size = sum(graph[name].size for name in here.parameters)
    room = KEPT // (max(1, size) * (1 + len(descent.optimizer.remembered)))
    first, kept, history, stopped = Arrays(), dict[int, Start](), [made.cost], None
    try:
        for number in range(1, steps + 1):
            if number in (1, steps) or min(number, steps - number) < room // 2:
                kept[number] = here
            there = descent.move(here, made, feeds)
            first = first or there.parameters
            made = pass_at(graph, {**feeds, **there.parameters}, arithmetic, gradients=number < steps)
            here = there
            history.append(made.cost)
    except Left as left:
        stopped = f"update {len(history)}: {left.item}"
    return Run(first, here.parameters, tuple(history), kept, stopped)


def _bad_part(graph: Graph, found: Mapping[str, Arrays]) -> str | None:
    """The first scalar of an update that is not a finite number."""
    for part, arrays in found.items():
        bad = _first_bad(graph, natural(graph, arrays), list(arrays))
        if bad:
            return str(graph.read(bad).updated(part))
    return None
