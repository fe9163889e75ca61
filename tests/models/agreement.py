"""Whether stepcalc gets of a problem what the library got of the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import stepcalc
from stepcalc.problem import NetworkProblem

DOUBLE, SINGLE = 1e-12, 1e-5
"""How far two calculations may be apart, relative to the largest number of an array: in double and single precision."""


def close(found: Any, expected: Any, tolerance: float) -> None:
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= tolerance * max(1.0, np.abs(expected).max())


def agrees(problem: NetworkProblem, loss: float, gradients: Sequence[Any], tolerance: float = DOUBLE) -> None:
    """The cost, and its gradient by each parameter in order, are the library's; weights in the problem's convention."""
    trace = stepcalc.solve(problem)
    close(trace.values["L"], loss, tolerance)
    found = [trace.gradients[name] for name in problem.items.parameters]
    assert len(found) == len(gradients)
    for array, expected in zip(found, gradients, strict=True):
        close(array, expected, tolerance)
