"""The cost where parameters are moved: at points all over the place, a nudge of one, of each in turn. No rounding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stepcalc.backend import quiet
from stepcalc.evaluate import Arithmetic, forward
from stepcalc.graph import Graph
from stepcalc.many import many


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
class GradientCheck:
    """Numerical derivatives by parameter array: (J(w + ε) − J(w))/ε and (J(w + ε) − J(w − ε))/2ε."""

    epsilon: float
    forward: Mapping[str, np.ndarray]
    central: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Costs:
    """The exact cost of a graph, with parameters other than in ``feeds``; maybe not finite."""

    graph: Graph
    feeds: Mapping[str, np.ndarray]

    def at(self, items: Sequence[str], points: Sequence[Sequence[float]]) -> np.ndarray:
        """The cost with the parameters ``items`` at each of ``points``, and all others as they are: (points,)."""
        feeds, numbers = dict(self.feeds), np.asarray(points, dtype=float)
        for place, item in enumerate(items):
            quantity, index, _ = self.graph.locate(item)
            array = feeds[quantity.name]
            if array is self.feeds[quantity.name]:
                array = feeds[quantity.name] = np.repeat(array[None], len(numbers), axis=0)
            np.moveaxis(array, 0, -1)[tuple(i - 1 for i in index)] = numbers[:, place]
        return self._of(feeds)

    def along(self, item: str, values: Sequence[float]) -> list[float]:
        """The cost with one parameter at each of ``values``."""
        costs: list[float] = self.at([item], [(value,) for value in values]).tolist()
        return costs

    def nudge(self, item: str, epsilon: float) -> Nudge:
        """The cost with one parameter moved by ``epsilon``."""
        quantity, index, _ = self.graph.locate(item)
        at = float(self.feeds[quantity.name][tuple(i - 1 for i in index)])
        before, up, down = self.along(item, (at, at + epsilon, at - epsilon))
        return Nudge(item, epsilon, before, up, (up - before) / epsilon, (up - down) / (2 * epsilon))

    def check(self, epsilon: float) -> GradientCheck:
        """Every parameter moved by ``epsilon`` in turn, forwards and backwards."""
        before = float(forward(self.graph, self.feeds, Arithmetic(np))[self.graph.cost])
        up, down = self._shifted(epsilon), self._shifted(-epsilon)
        with quiet():
            one_sided = {name: (up[name] - before) / epsilon for name in up}
            two_sided = {name: (up[name] - down[name]) / (2 * epsilon) for name in up}
        return GradientCheck(epsilon, one_sided, two_sided)

    def _shifted(self, by: float) -> Mapping[str, np.ndarray]:
        """The cost with each parameter in turn moved: one problem each, those of an array all at once."""
        costs = {}
        for name in self.graph.parameters:
            array = self.feeds[name]
            moved = array + by * np.reshape(np.eye(array.size), (array.size, *array.shape))
            costs[name] = self._of({**self.feeds, name: moved}).reshape(array.shape)
        return costs

    def _of(self, feeds: Mapping[str, np.ndarray]) -> np.ndarray:
        found: np.ndarray = many(self.graph, feeds, np, [self.graph.cost])[self.graph.cost]
        return found
