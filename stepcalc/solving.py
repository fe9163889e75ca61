"""From a problem to its trace."""

from __future__ import annotations

from typing import overload

from stepcalc.backend import namespace
from stepcalc.curvature import Curvature
from stepcalc.derive import Derivation
from stepcalc.descend import Descent, Pass, Run, descend, feeds_of, first_pass, natural, optimizer_of, rounding_of
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
    arithmetic = Arithmetic(namespace(backend), rounding if rounding.carry else None, by_hand=backend != "cupy")
    feeds = feeds_of(problem, graph, arithmetic.xp)
    values, gradients = first_pass(graph, feeds, arithmetic)
    derivation, asked, optimizer = Derivation(graph), problem.optimizer, optimizer_of(problem)
    history = (float(values[graph.cost]),) if graph.cost in values else ()
    run: Run | TrainingRun = Run({}, {}, history, {})
    trained = None
    if history and asked is not None and optimizer is not None and optimizer.learning_rate is not None:
        descent, made = Descent(optimizer, Curvature(derivation), arithmetic), Pass(history[0], gradients)
        if problem.training is None:
            run = descend(descent, asked.steps, feeds, made)
        else:
            trained = train(problem, descent, feeds, made, progress)
            run = trained.run
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
        kept=run.kept if isinstance(run, Run) else {},
        trained=trained,
    )
