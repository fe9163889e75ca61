"""The trace: the derivation with numbers. Renderers, marker and exporters read nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from stepcalc.backend import quiet
from stepcalc.calculus.linear import is_singular
from stepcalc.costs import Costs, GradientCheck, Nudge
from stepcalc.curvature import Curvature
from stepcalc.derive import Derivation
from stepcalc.descend import Start, feeds_of, natural, optimizer_of, to_device
from stepcalc.evaluate import Arithmetic, Arrays, backward, forward
from stepcalc.graph import Graph
from stepcalc.items import NEW, Item
from stepcalc.notebook import Shown
from stepcalc.ops.optimizer import Optimizer, State
from stepcalc.problem import Problem
from stepcalc.rounding import Rounding
from stepcalc.training import Trained

MAX_CHECKED = 2000
"""Up to this many parameters are checked one by one by a numerical derivative."""

DEFAULT_EPSILON = 1e-3


@dataclass(frozen=True, eq=False)
class Trace(Shown):
    """Every number of a solved problem, with the derivation that it follows.

    Arrays have their natural shapes; what depends on the sample has a leading axis in a mini-batch. ``gradients``
    are those of the cost in the first update, ``updated`` the parameters after it, ``final`` after the last;
    ``history`` is the cost before the first update and after each. ``stopped`` names the step at which a run
    left the numbers that a double can hold, or had no step to make. What has no number is not there.

    ``update`` is the number of the update that values and gradients belong to: :meth:`at` gives the trace of a later
    one. ``state`` is what the optimizer remembers before it, ``kept`` where each update begins that is kept.

    In a training, values and gradients are those of the first mini-batch, and ``history`` is the cost of all samples;
    ``trained`` tells of its updates, and of the runs with other learning rates.
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
    update: int = 1
    state: State = field(default_factory=State)
    kept: Mapping[int, Start] = field(default_factory=dict)
    trained: Trained | None = None

    @property
    def numeric(self) -> bool:
        """Whether the cost has a number."""
        return self.graph.cost in self.values

    @property
    def calculated(self) -> bool:
        """Whether anything at all was calculated."""
        return any(self.graph[name].op is not None for name in self.values)

    @property
    def made(self) -> int:
        """How many updates were made; a run that stopped did so in the next one."""
        return len(self.history) - 1

    @property
    def learning_rate(self) -> float | None:
        """The optimizer's learning rate, if it has a number."""
        rate: float | None = getattr(self.optimizer, "learning_rate", None)
        return rate

    @cached_property
    def optimizer(self) -> Optimizer | None:
        """The problem's optimizer, if it asks for an update."""
        return optimizer_of(self.problem)

    @cached_property
    def curvature(self) -> Curvature:
        """The second derivatives of the cost, which only some optimizers ask for."""
        return Curvature(self.derivation)

    @cached_property
    def hessian(self) -> np.ndarray | None:
        """The second derivatives of the cost by the parameters, (n, n), where the optimizer looks at them.

        None without numbers, or where one of them has none.
        """
        asked = self.problem.optimizer
        if asked is None or not asked.second_derivatives or not self.numeric:
            return None
        feeds = {**feeds_of(self.problem, self.graph, np), **self._parameters}
        found: np.ndarray = self.arithmetic.carried(self.curvature.numbers(feeds))
        return found if np.all(np.isfinite(found)) else None

    @property
    def singular(self) -> bool:
        """Whether the optimizer looks at second derivatives from which it has no step."""
        asked = self.problem.optimizer
        if asked is None or not asked.second_derivatives or not self.numeric:
            return False
        return self.hessian is None or is_singular(self.hessian)

    @cached_property
    def plain_step(self) -> tuple[Mapping[str, np.ndarray], float] | None:
        """Where gradient descent with the same learning rate would lead, and the cost there; maybe not finite."""
        rate = self.learning_rate
        if rate is None or not self.numeric:
            return None
        with quiet():
            moved = {name: self.values[name] - rate * self.gradients[name] for name in self.graph.parameters}
            feeds = {**feeds_of(self.problem, self.graph, self.arithmetic.xp), **to_device(moved, self.arithmetic)}
            there = forward(self.graph, feeds, self.arithmetic)
        return natural(self.graph, moved), float(there[self.graph.cost])

    @property
    def _parameters(self) -> dict[str, np.ndarray]:
        return {name: self.values[name] for name in self.graph.parameters if name in self.values}

    @cached_property
    def parts(self) -> Mapping[str, Mapping[str, np.ndarray]]:
        """What this update calculates for each parameter: the optimizer's quantities by name, those with numbers."""
        if self.optimizer is None or not self.numeric:
            return {}
        if self.singular:
            return {}
        matrix = self.hessian
        known = self.optimizer if matrix is None else self.optimizer.on(lambda _: matrix)
        parameters, gradients = (
            to_device({name: arrays[name] for name in self.graph.parameters}, self.arithmetic)
            for arrays in (self.values, self.gradients)
        )
        with quiet():
            found = known.parts(self.arithmetic.xp, parameters, gradients, self.state, self.arithmetic.carried)
        return {part: natural(self.graph, arrays) for part, arrays in found.items()}

    @cached_property
    def _others(self) -> dict[int, Trace]:
        """The traces of other updates that have been asked for."""
        return {}

    def at(self, update: int) -> Trace | None:
        """The trace as of a later update: its values, gradients and parts; None where that is not kept."""
        if update == self.update:
            return self
        if update in self.kept and update not in self._others:
            self._others[update] = self._as_of(update)
        return self._others.get(update)

    def _as_of(self, update: int) -> Trace:
        start, arithmetic = self.kept[update], replace(self.arithmetic, by_hand=False)
        feeds = {**feeds_of(self.problem, self.graph, arithmetic.xp), **start.parameters}
        values = forward(self.graph, feeds, arithmetic)
        gradients = backward(self.graph, values, arithmetic)
        here = replace(
            self,
            arithmetic=arithmetic,
            values=natural(self.graph, values),
            gradients=natural(self.graph, gradients),
            history=self.history[update - 1 :],
            update=update,
            state=start.state,
        )
        return replace(here, updated=here.parts.get(NEW, {}))

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

    def natural(self, arrays: Arrays) -> dict[str, np.ndarray]:
        """Arrays of the library that calculates, in their natural shapes."""
        return natural(self.graph, arrays)

    def value(self, item: str) -> float | None:
        """The number of any item id (a value, a derivative, an updated parameter); None where there is none.

        None is also the answer for a derivative beyond double precision. Raises :class:`LookupError` for an
        unknown id.
        """
        parsed = self.graph.read(item)
        if parsed.update not in (None, self.update):
            return self._in_update(parsed)
        if parsed.by:
            return self._bend(str(parsed.plain), parsed.by)
        arrays = self.gradients if parsed.of else self._part(parsed.part) if parsed.part else self.values
        quantity, index, sample = self.graph.locate(str(parsed.plain))
        if quantity.name not in arrays:
            return None
        where = (() if sample is None else (sample - 1,)) + tuple(i - 1 for i in index)
        number = float(arrays[quantity.name][where])
        return number if np.isfinite(number) else None

    def _part(self, part: str) -> Mapping[str, np.ndarray]:
        return self.updated if part == NEW else self.parts.get(part, {})

    def _in_update(self, item: Item) -> float | None:
        """The number of an item in another update; what the optimizer remembers is 0 before the first."""
        plain = replace(item, update=None)
        if item.update == self.update - 1 and self.optimizer is not None and item.part in self.optimizer.remembered:
            quantity, index, _ = self.graph.locate(str(item.plain))
            buffers = natural(self.graph, dict(self.state.buffers.get(item.part, {})))
            return float(buffers[quantity.name][tuple(i - 1 for i in index)]) if buffers else 0.0
        there = self.at(item.update or 1)
        return None if there is None else there.value(str(plain))

    def _bend(self, item: str, other: str) -> float | None:
        """A second derivative of the cost."""
        places = [self.curvature.items.index(str(self.graph.read(known))) for known in (other, item)]
        return None if self.hessian is None else float(self.hessian[tuple(places)])

    @property
    def costs(self) -> Costs:
        """The cost for other parameters; in a training, of the first update's samples."""
        return Costs(self.graph, feeds_of(self.problem, self.graph, np))

    @cached_property
    def gradient_check(self) -> GradientCheck | None:
        """The numerical derivatives that the problem asks for, of as many parameters as are checked one by one."""
        asked = self.problem.gradient_check
        if asked is None or not self.numeric or self.parameter_count > MAX_CHECKED:
            return None
        return self.costs.check(asked.epsilon)

    def nudge(self, item: str, epsilon: float | None = None) -> Nudge:
        """The cost with one parameter moved by ``epsilon``, by default the problem's own or 0.001."""
        asked = self.problem.gradient_check
        return self.costs.nudge(item, epsilon or (asked.epsilon if asked else DEFAULT_EPSILON))

    @property
    def first_costs(self) -> tuple[float, ...]:
        """The cost before the first update and after it, of the samples that it takes."""
        if self.trained is None or not self.trained.mini_batches:
            return self.history[:2]
        return tuple(float(values[self.graph.cost]) for values in (self.values, self.after) if values)
