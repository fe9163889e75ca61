"""From a problem's numbers through as many updates as it asks for, and where that leaves what a double can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from stepcalc.backend import Array, Namespace, quiet, to_host
from stepcalc.curvature import Curvature
from stepcalc.errors import Fault, NumberError
from stepcalc.evaluate import Arithmetic, Arrays, backward, forward
from stepcalc.graph import Graph
from stepcalc.items import NEW, SINGULAR, derivative_id, item_id
from stepcalc.ops import registry
from stepcalc.ops.losses import LogLoss
from stepcalc.ops.optimizers import Optimizer, State
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


def with_curvature(optimizer: Optimizer, curvature: Curvature, feeds: Arrays, arithmetic: Arithmetic) -> Optimizer:
    """The optimizer with the second derivatives of the cost, should it have a use for them."""
    return optimizer.on(lambda parameters: arithmetic.carried(curvature.numbers({**feeds, **parameters})))


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


def bad_value(graph: Graph, values: Arrays) -> str | None:
    """The first value that is not a number."""
    return _first_bad(graph, natural(graph, values), list(values))


def bad_gradient(graph: Graph, gradients: Arrays) -> str | None:
    """The first parameter or input whose gradient is not a number; in between, a gradient may exceed a double."""
    ends = [name for name in reversed(list(gradients)) if graph[name].op is None]
    bad = _first_bad(graph, natural(graph, gradients), ends)
    return derivative_id(graph.cost, bad) if bad else None


def values_of(graph: Graph, feeds: Arrays, arithmetic: Arithmetic) -> Arrays:
    """Values before any update.

    Raises :class:`~stepcalc.errors.NumberError` naming the step that leaves what a double can hold.
    """
    values = forward(graph, feeds, arithmetic)
    bad = bad_value(graph, values)
    if bad:
        raise NumberError(Fault(bad, _why(graph, bad, values)))
    return values


def first_pass(graph: Graph, feeds: Arrays, arithmetic: Arithmetic) -> tuple[Arrays, Arrays]:
    """Values and gradients before any update.

    Raises :class:`~stepcalc.errors.NumberError` naming the step that leaves what a double can hold.
    """
    values = values_of(graph, feeds, arithmetic)
    gradients = backward(graph, values, arithmetic)
    bad = bad_gradient(graph, gradients)
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


@dataclass(frozen=True, eq=False)
class Start:
    """Where an update begins: the parameters, and what the optimizer remembers of the updates before."""

    parameters: Arrays
    state: State


@dataclass(frozen=True, eq=False)
class Run:
    """A run of updates: the parameters after the first and after the last whose cost is finite, the costs, where the
    updates began that are ``kept``, by their numbers, and the step at which the run stopped."""

    first: Arrays
    last: Arrays
    history: tuple[float, ...]
    kept: Mapping[int, Start]
    stopped: str | None = None


def descend(
    optimizer: Optimizer | None,
    steps: int,
    graph: Graph,
    feeds: Arrays,
    values: Arrays,
    gradients: Arrays,
    arithmetic: Arithmetic,
) -> Run:
    """All updates asked for; ends at one that leaves the range of a double, or that the optimizer cannot make."""
    if graph.cost not in values:
        return Run({}, {}, (), {})
    history = [float(values[graph.cost])]
    if optimizer is None or optimizer.learning_rate is None:
        return Run({}, {}, tuple(history), {})
    arithmetic = replace(arithmetic, by_hand=False)
    parameters = {name: feeds[name] for name in graph.parameters}
    state, first, kept = State(), dict[str, Array](), dict[int, Start]()
    room = KEPT // (max(1, sum(graph[name].size for name in parameters)) * (1 + len(optimizer.remembered)))

    def ended(at: str | None = None) -> Run:
        return Run(first, parameters, tuple(history), kept, at)

    for number in range(1, steps + 1):
        if number in (1, steps) or min(number, steps - number) < room // 2:
            kept[number] = Start(parameters, state)
        with quiet():
            slopes = {name: gradients[name] for name in parameters}
            found = optimizer.parts(arithmetic.xp, parameters, slopes, state, arithmetic.carried)
        bad = bad_part(graph, found)
        if bad or NEW not in found:
            return ended(f"update {number}: {bad or SINGULAR}")
        moved, state = found[NEW], optimizer.after(found, state)
        first = first or moved
        values = forward(graph, {**feeds, **moved}, arithmetic)
        bad = bad_value(graph, values)
        if bad:
            return ended(f"update {number}: {bad}")
        parameters = moved
        history.append(float(values[graph.cost]))
        if number < steps:
            gradients = backward(graph, values, arithmetic)
            bad = bad_gradient(graph, gradients)
            if bad:
                return ended(f"update {number + 1}: {bad}")
    return ended()


def bad_part(graph: Graph, found: Mapping[str, Arrays]) -> str | None:
    """The first scalar of an update that is not a finite number."""
    for part, arrays in found.items():
        bad = _first_bad(graph, natural(graph, arrays), list(arrays))
        if bad:
            return str(graph.read(bad).updated(part))
    return None
