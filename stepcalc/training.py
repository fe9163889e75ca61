"""A training: update after update over mini-batches, from one start with each of several learning rates.

The order of the samples is the problem's (:class:`stepcalc.problem.Training`). The cost that a run brings down is that
of all samples, whichever of them an update takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from stepcalc.backend import quiet, to_host
from stepcalc.costs import Costs
from stepcalc.descend import Descent, Left, Pass, Start, values_of
from stepcalc.evaluate import Arithmetic, Arrays
from stepcalc.graph import Graph
from stepcalc.ops.optimizer import State
from stepcalc.passes import Passes
from stepcalc.problem import NetworkProblem, Problem, Training
from stepcalc.problem.training import Batch

FIRST_KEPT, LAST_KEPT = 10, 5
"""The updates of which more than the cost is kept."""
ALL_KEPT = 2
"""Of so many parameters in all, every value on the way is kept."""

DATA = ("x", "y")
"""What is fed for each sample."""

Progress = Callable[[int, int], None]
"""Told after each update how many there have been, and how many there will be at most."""


@dataclass(frozen=True, slots=True)
class Update:
    """One update: the cost of its samples before it, and for each parameter that is followed its gradient and its new
    value; ``remembered`` holds, by name, what the optimizer remembers of it, as v of momentum."""

    cost: float
    gradients: tuple[float, ...]
    moved: tuple[float, ...]
    remembered: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """A run of updates with one learning rate.

    ``first`` and ``last`` are the parameters after the first update and after the last whose cost is finite,
    ``history`` is the cost of all samples before the first update and after each, ``stopped`` the step at which the
    numbers left what a double can hold. ``updates`` are the first ones made and the last, by their number. ``path``
    holds the values of the parameters that are followed, from the start on, where there are no others. ``turns``
    counts the updates whose gradient points against the one before; None where the samples differ from update to
    update.
    """

    learning_rate: float
    first: Arrays
    last: Arrays
    history: tuple[float, ...]
    stopped: str | None
    updates: Mapping[int, Update]
    path: tuple[tuple[float, ...], ...]
    turns: int | None

    @property
    def made(self) -> int:
        """How many updates were made."""
        return len(self.history) - 1


@dataclass(frozen=True, eq=False)
class Trained:
    """The run that the problem's optimizer makes, and those with the learning rates to compare, in their order.

    ``followed`` are the items of the parameters that the updates tell of, ``batches`` the samples of these updates,
    counted from 1, ``costs`` the cost of all samples for other parameters.
    """

    asked: Training
    samples: int
    followed: tuple[str, ...]
    batches: Mapping[int, tuple[int, ...]]
    costs: Costs
    run: TrainingRun
    compared: tuple[TrainingRun, ...]

    @property
    def mini_batches(self) -> bool:
        """Whether an update takes only some of the samples."""
        return self.asked.shuffles(self.samples)

    @property
    def updates_per_epoch(self) -> int:
        """How many updates go once through all samples."""
        return self.asked.updates_per_epoch(self.samples)

    @property
    def updates(self) -> int:
        """How many updates are asked for."""
        return self.asked.updates(self.samples)


def train(problem: Problem, descent: Descent, feeds: Arrays, made: Pass, progress: Progress | None = None) -> Trained:
    """All runs that a problem's training asks for, from the feeds of its first update and the pass made with them.

    Raises :class:`~stepcalc.errors.NumberError` where the cost of all samples is not a number before any update.
    """
    asked, own, graph = problem.training, descent.optimizer.learning_rate, descent.graph
    assert asked is not None
    assert own is not None
    rates = tuple(dict.fromkeys((own, *(asked.learning_rates or ()))))
    whole, samples = _all_samples(problem, feeds, descent.arithmetic)
    cost = float(values_of(graph, whole, descent.arithmetic)[graph.cost]) if asked.shuffles(samples) else made.cost
    done = _Done(progress, len(rates) * asked.updates(samples))
    start = _Start({name: feeds[name] for name in graph.parameters}, made, whole, cost)
    followed = _followed(problem, graph)
    loop = _Loop(asked, samples, graph, start, followed, replace(descent.arithmetic, by_hand=False), done)
    runs = {rate: loop.run(descent.at_rate(rate), rate) for rate in rates}
    compared = tuple(runs[rate] for rate in asked.learning_rates or ())
    batches = _batches_shown(asked, samples, runs[own])
    costs = Costs(graph, {name: to_host(array) for name, array in whole.items()})
    return Trained(asked, samples, followed, batches, costs, runs[own], compared)


def _batches_shown(asked: Training, samples: int, run: TrainingRun) -> dict[int, tuple[int, ...]]:
    """The samples, counted from 1, of the first updates and the last: of those made and of those asked for."""
    made = {*run.updates, run.made + 1}
    return {
        number: tuple((batch + 1).tolist())
        for number, batch in enumerate(asked.batches(samples), start=1)
        if number in made or is_kept(number, asked.updates(samples))
    }


def _all_samples(problem: Problem, feeds: Arrays, arithmetic: Arithmetic) -> tuple[Arrays, int]:
    """The feeds with all samples of the data, and how many these are."""
    if not isinstance(problem, NetworkProblem) or problem.samples is None:
        return feeds, 1
    if problem.batch is None:
        return feeds, problem.samples
    xp, data = arithmetic.xp, {"x": problem.data.x, "y": problem.targets}
    whole = {name: xp.asarray(array, dtype=xp.float64) for name, array in data.items()}
    return {**feeds, **whole}, len(whole["x"])


def is_kept(number: int, updates: int) -> bool:
    """Whether more than the cost is kept of an update: of the first ones and the last."""
    return number <= FIRST_KEPT or number > updates - LAST_KEPT


def _followed(problem: Problem, graph: Graph) -> tuple[str, ...]:
    """The parameters that the updates tell of: both where there are two, else the one whose chain the problem asks for,
    or the first, and the first weight of the last layer. No result plays a part.
    """
    if sum(graph[name].size for name in graph.parameters) <= ALL_KEPT:
        return tuple(item for name in graph.parameters for item in graph.items(name))
    weights = [name for name in graph.parameters if len(graph[name].shape) > 1] or list(graph.parameters)
    first = problem.sheet.chain or next(graph.items(graph.parameters[0]))
    return tuple(dict.fromkeys((first, next(graph.items(weights[-1])))))


@dataclass
class _Done:
    """How many updates there have been, in all runs together."""

    told: Progress | None
    most: int
    count: int = 0

    def one_more(self) -> None:
        self.count += 1
        if self.told is not None:
            self.told(self.count, self.most)


@dataclass(frozen=True, eq=False)
class _Start:
    """Where every run begins: the parameters, the pass of the first update, feeds and cost of all samples."""

    parameters: Arrays
    made: Pass
    feeds_of_all: Arrays
    cost_of_all: float


@dataclass
class _Kept:
    """What is kept of a run while it is made."""

    history: list[float]
    path: list[tuple[float, ...]]
    updates: dict[int, Update] = field(default_factory=dict)
    turns: int = 0


@dataclass(frozen=True, eq=False)
class _Loop:
    """What all runs of a training have in common."""

    asked: Training
    samples: int
    graph: Graph
    start: _Start
    followed: tuple[str, ...]
    arithmetic: Arithmetic
    done: _Done

    @cached_property
    def passes(self) -> Passes:
        """Cost and gradients for any parameters, of all samples or of those that an update takes."""
        varying = self.graph.parameters
        shared = {name: array for name, array in self.start.feeds_of_all.items() if name not in varying}
        return Passes(self.graph, shared, self.arithmetic)

    @cached_property
    def places(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Array and index, from 0, of each parameter that is followed."""
        located = (self.graph.locate(item) for item in self.followed)
        return tuple((quantity.name, tuple(i - 1 for i in index)) for quantity, index, _ in located)

    def run(self, descent: Descent, rate: float) -> TrainingRun:
        """One run; ends at the step that leaves the range of a double."""
        here, made = Start(self.start.parameters, State()), self.start.made
        of_all, before, first = made, made.gradients, Arrays()
        kept = _Kept([self.start.cost_of_all], [self._read(here.parameters)])
        try:
            for number, batch in enumerate(self.asked.batches(self.samples), start=1):
                taken = self._taken(batch)
                if number > 1:
                    made = self.passes({**taken, **here.parameters}) if taken else of_all
                there = descent.move(here, made, {**self.start.feeds_of_all, **taken})
                first = first or there.parameters
                of_all = self.passes(there.parameters, gradients=not taken)
                self._keep(kept, number, made, there, of_all.cost)
                kept.turns += number > 1 and self._opposed(before, made.gradients)
                here, before = there, made.gradients
                self.done.one_more()
        except Left as left:
            stopped: str | None = f"update {len(kept.history)}: {left.item}"
        else:
            stopped = None
        return TrainingRun(
            rate,
            first,
            here.parameters,
            tuple(kept.history),
            stopped,
            kept.updates,
            tuple(kept.path) if self._drawn else (),
            None if self._mini_batches else kept.turns,
        )

    @property
    def _mini_batches(self) -> bool:
        return self.asked.shuffles(self.samples)

    @property
    def _drawn(self) -> bool:
        return sum(self.graph[name].size for name in self.graph.parameters) <= ALL_KEPT

    def _taken(self, batch: Batch) -> Arrays:
        """The samples of an update; nothing where it takes them all."""
        return {name: self.start.feeds_of_all[name][batch, ...] for name in DATA} if self._mini_batches else {}

    def _keep(self, kept: _Kept, number: int, made: Pass, there: Start, cost_of_all: float) -> None:
        moved = self._read(there.parameters)
        kept.history.append(cost_of_all)
        if self._drawn:
            kept.path.append(moved)
        remembered = {name: self._read(arrays) for name, arrays in there.state.buffers.items()}
        kept.updates[number] = Update(made.cost, self._read(made.gradients), moved, remembered)
        if (passed := number - LAST_KEPT) > FIRST_KEPT:
            del kept.updates[passed]

    def _read(self, arrays: Arrays) -> tuple[float, ...]:
        """The numbers of the parameters that are followed."""
        return tuple(float(arrays[name][where]) for name, where in self.places)

    def _opposed(self, before: Arrays, gradients: Arrays) -> bool:
        """Whether the gradient by all parameters points against the one before."""
        xp = self.arithmetic.xp
        with quiet():
            return float(sum(xp.sum(before[name] * gradients[name]) for name in self.graph.parameters)) < 0
