"""A symmetric system of linear equations, small enough to be solved with more digits than a double has."""

from __future__ import annotations

import mpmath  # type: ignore[import-untyped]
import numpy as np

from stepcalc.rounding import DECISION_DIGITS

DIGITS = 60
_SHORT = f"%.{DECISION_DIGITS - 1}e"
SINGULAR = 1e-12
"""A matrix whose eigenvalues, all equations scaled alike, reach down to this part of the largest counts as singular."""


def scaled_eigenvalues(matrix: np.ndarray) -> np.ndarray:
    """The eigenvalues of a symmetric matrix, ascending, with every equation and unknown scaled to the same size.

    The scaling changes their sizes, but neither their signs (Sylvester's law of inertia) nor whether one is 0.
    """
    size = np.sqrt(np.max(np.abs(matrix), axis=1))
    size = np.where(size > 0, size, 1.0)
    found: np.ndarray = np.linalg.eigvalsh(matrix / size[:, None] / size[None, :])
    return found


def is_singular(matrix: np.ndarray) -> bool:
    """Whether a symmetric matrix has no inverse, as far as doubles can tell."""
    sizes = np.abs(scaled_eigenvalues(matrix))
    return bool(np.min(sizes) <= SINGULAR * np.max(sizes))


def solution(matrix: np.ndarray, right: np.ndarray) -> np.ndarray | None:
    """x with matrix · x = right; None where the symmetric matrix is singular.

    It is solved as a person would, from decimals and to decimals, so that 1.5999999999999996 is 1.6 and what should be
    2 is 2.
    """
    if is_singular(matrix):
        return None
    with mpmath.workdps(DIGITS):
        rows, side = ([[mpmath.mpf(_SHORT % x) for x in row] for row in part] for part in (matrix, right[:, None]))
        found = mpmath.lu_solve(mpmath.matrix(rows), mpmath.matrix(side))
        return np.asarray([float(_SHORT % float(x)) for x in found])
