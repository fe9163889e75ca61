"""The second derivatives of the cost of many candidates, as Newton's method has them, by central differences."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stepcalc.backend import quiet
from stepcalc.graph import Graph
from stepcalc.many import calculation_of

NUDGE = 1e-4
"""With four points about a parameter, this far apart, slopes give second derivatives to ten digits."""
WEIGHTS = {-2: 1 / 12, -1: -2 / 3, 1: 2 / 3, 2: -1 / 12}
"""Abramowitz and Stegun, *Handbook of Mathematical Functions*, 25.3.6: the slope of a function from four points."""

FLAT = 1e-9
"""Where the smallest singular value is no more than this share of the largest, there is no inverse."""


def second_derivatives(graph: Graph, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """∂²cost by all scalars of the parameters, (candidates, n, n), where ``values`` holds all that is given.

    NaN where Newton's method has no step from them.
    """
    given = {name: values[name] for name, quantity in graph.quantities.items() if quantity.op is None}
    slopes = calculation_of(graph, {}, [f"d{graph.cost}/d{name}" for name in graph.parameters])

    def at(moved: Mapping[str, np.ndarray]) -> np.ndarray:
        with quiet():
            found = slopes(np, moved)
        return np.concatenate([np.reshape(array, (len(array), -1)) for array in found.values()], axis=1)

    rows = []
    for name in graph.parameters:
        for place in np.ndindex(*graph[name].shape):
            change = np.zeros(graph[name].shape)
            change[place] = NUDGE
            moved = {steps: {**given, name: given[name] + steps * change} for steps in WEIGHTS}
            rows.append(sum(weight * at(moved[steps]) for steps, weight in WEIGHTS.items()) / NUDGE)
    found = np.stack(rows, axis=1)
    return np.where(_singular(found)[:, None, None], np.nan, found)


def _singular(matrices: np.ndarray) -> np.ndarray:
    """Where matrices have no inverse, as far as these digits show."""
    with quiet():
        sizes = np.linalg.svd(np.nan_to_num(matrices), compute_uv=False)
    found: np.ndarray = sizes[:, -1] <= FLAT * sizes[:, 0]
    return found
