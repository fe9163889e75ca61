"""The passes of a training: cost and gradients for other parameters and samples, thousands of times.

With NumPy a pass is recorded for each shape and from then on replayed, which takes a tenth of the time. Where a replay
raises a floating-point flag, the pass is made once more step by step, which tells where the numbers left the range of
a double, if they did.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stepcalc.backend import Array
from stepcalc.descend import Pass, pass_at
from stepcalc.evaluate import Arithmetic
from stepcalc.graph import Graph
from stepcalc.items import derivative_id
from stepcalc.many import calculation_of
from stepcalc.repetition import Replay


class Passes:
    """Cost and gradients of a graph, for the arrays that are the same every time and those that are not."""

    def __init__(self, graph: Graph, shared: Mapping[str, Array], arithmetic: Arithmetic) -> None:
        self._graph, self._shared, self._arithmetic = graph, shared, arithmetic
        self._replays: dict[object, Replay] = {}
        self._recorded = arithmetic.xp is np and arithmetic.rounding is None

    def __call__(self, varying: Mapping[str, Array], *, gradients: bool = True) -> Pass:
        """The pass for ``varying``, with the gradients or without.

        Raises :class:`~stepcalc.descend.Left` where a value is not a number; a gradient that is none is for the next
        update to tell.
        """
        if self._recorded:
            try:
                with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
                    return self._replayed(varying, gradients)
            except FloatingPointError:
                pass
        return pass_at(self._graph, {**self._shared, **varying}, self._arithmetic, gradients=gradients)

    def _replayed(self, varying: Mapping[str, Array], gradients: bool) -> Pass:
        graph = self._graph
        wanted = {name: derivative_id(graph.cost, name) for name in graph.parameters} if gradients else {}
        form = gradients, *(array.shape for array in varying.values())
        if form not in self._replays:
            shared = {name: array for name, array in self._shared.items() if name not in varying}
            calculation = calculation_of(graph, shared, (graph.cost, *wanted.values()))
            self._replays[form] = Replay(calculation, varying)
        found = self._replays[form](varying)
        made = Pass(float(found[graph.cost]), {name: found[derivative] for name, derivative in wanted.items()})
        if not all(np.isfinite(array).all() for array in (made.cost, *made.gradients.values())):
            raise FloatingPointError
        return made
