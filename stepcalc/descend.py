"""From a problem's numbers through as many updates as it asks for, and where that leaves what a double can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from stepcalc.backend import Namespace, quiet, to_host
from stepcalc.errors import Fault, NumberError
from stepcalc.evaluate import Arithmetic, Arrays, backward, forward
from stepcalc.graph import Graph
from stepcalc.items import derivative_id, item_id
from stepcalc.ops import registry
from stepcalc.ops.losses import LogLoss
from stepcalc.ops.optimizers import Optimizer, State
from stepcalc.problem import ExpressionProblem, NetworkProblem, Problem
from stepcalc.rounding import Rounding


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


def _check_values(graph: Graph, values: Arrays) -> str | None:
    return _first_bad(graph, natural(graph, values), list(values))


def _check_gradients(graph: Graph, gradients: Arrays) -> str | None:
    """The first parameter or input whose gradient is not a number; in between, a gradient may exceed a double."""
    ends = [name for name in reversed(list(gradients)) if graph[name].op is None]
    bad = _first_bad(graph, natural(graph, gradients), ends)
    return derivative_id(graph.cost, bad) if bad else None


def first_pass(graph: Graph, feeds: Arrays, arithmetic: Arithmetic) -> tuple[Arrays, Arrays]:
    """Values and gradients before any update.

    Raises :class:`~stepcalc.errors.NumberError` naming the step that leaves what a double can hold.
    """
    values = forward(graph, feeds, arithmetic)
    bad = _check_values(graph, values)
    if bad:
        raise NumberError(Fault(bad, _why(graph, bad, values)))
    gradients = backward(graph, values, arithmetic)
    bad = _check_gradients(graph, gradients)
    if bad:
        raise NumberError(Fault(bad, "is not a finite number: a derivative on the way is undefined or too large here"))
    return values, gradients


def _why(graph: Graph, item: str, values: Arrays) -> str:
    quantity = graph.locate(item)[0]
    if isinstance(quantity.op, LogLoss):
        outputs = natural(graph, values)[quantity.parents[0]]
        outside = outputs[~((outputs > 0) & (outputs < 1))]
        if outside.size:
            return f"the loss takes ln ŷ, which needs outputs between 0 and 1; one of them is {outside.flat[0]:.6g}"
    rule = quantity.op.rule if quantity.op else "value"
    return f"is not a finite number: the {rule} overflows or is undefined here (a logarithm of 0, a division by 0)"


@dataclass(frozen=True, eq=False)
class Run:
    """A run of updates: the parameters after the first and after the last whose cost is finite, the costs, and the
    step at which the numbers left what a double can hold."""

    first: Arrays
    last: Arrays
    history: tuple[float, ...]
    stopped: str | None = None


def descend(
    problem: Problem, graph: Graph, feeds: Arrays, values: Arrays, gradients: Arrays, arithmetic: Arithmetic
) -> Run:
    """All updates asked for; ends at the step that leaves the range of a double."""
    if graph.cost not in values:
        return Run({}, {}, ())
    history = [float(values[graph.cost])]
    optimizer = optimizer_of(problem)
    if optimizer is None or getattr(optimizer, "learning_rate", 0) is None:
        return Run({}, {}, tuple(history))
    arithmetic = replace(arithmetic, by_hand=False)
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
        bad = _first_bad(graph, natural(graph, moved), list(moved))
        if bad:
            return Run(first, parameters, tuple(history), f"update {number}: {graph.read(bad).updated()}")
        first = first or moved
        values = forward(graph, {**feeds, **moved}, arithmetic)
        bad = _check_values(graph, values)
        if bad:
            return Run(first, parameters, tuple(history), f"update {number}: {bad}")
        parameters = moved
        history.append(float(values[graph.cost]))
        if number < steps:
            gradients = backward(graph, values, arithmetic)
            bad = _check_gradients(graph, gradients)
            if bad:
                return Run(first, parameters, tuple(history), f"update {number + 1}: {bad}")
    return Run(first, parameters, tuple(history))
