"""From a problem to its trace."""

from __future__ import annotations

from typing import overload

from stepcalc.backend import namespace
from stepcalc.curvature import Curvature
from stepcalc.derive import Derivation
from stepcalc.descend import descend, feeds_of, first_pass, natural, optimizer_of, rounding_of, with_curvature
from stepcalc.evaluate import Arithmetic
from stepcalc.graph import build
from stepcalc.problem import Problem, TableProblem
from stepcalc.reference import Reference, look_up
from stepcalc.trace import Trace
from stepcalc.training import Progress, TrainingRun, train


@overload
def solve(problem: TableProblem, backend: str = "numpy") -> Reference: ...  # type: ignore[overload-overlap]


@overload
def solve(problem: Problem, backend: str = "numpy", progress: Progress | None = None) -> Trace: ...


def solve(problem: Problem, backend: str = "numpy", progress: Progress | None = None) -> Trace | Reference:
    """Derive and calculate a problem; a reference table is looked up.

    ``progress`` is told how many updates of a training there have been, and how many there will be.

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
    derivation, optimizer = Derivation(graph), optimizer_of(problem)
    curvature = Curvature(derivation)
    trained = None
    if problem.training is not None:
        trained = train(problem, graph, curvature, feeds, values, gradients, arithmetic, progress)
    steps = problem.optimizer.steps if problem.optimizer else 0
    moving = optimizer and with_curvature(optimizer, curvature, feeds, arithmetic)
    run = trained.run if trained else descend(moving, steps, graph, feeds, values, gradients, arithmetic)
    return Trace(
        problem,
        graph,
        derivation,
        rounding,
        arithmetic,
        natural(graph, values),
        natural(graph, gradients),
        natural(graph, run.first),
        natural(graph, run.last),
        run.history,
        run.stopped,
        kept={} if isinstance(run, TrainingRun) else run.kept,
        trained=trained,
    )
