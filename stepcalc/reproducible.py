"""NumPy with the same bits on every machine.

Sums, products and roots are those of IEEE 754 everywhere. The other functions of an array library, and its matrix
products, are written for each processor anew and may differ in the last bit: here functions are calculated with more
digits and rounded to the nearest double, and products are added up in their order. Slow, for one problem at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np

DIGITS = 40


class Reproducible:
    """The namespace: what is not here is NumPy's own."""

    def __getattr__(self, name: str) -> Any:
        return _FUNCTIONS[name] if name in _FUNCTIONS else getattr(np, name)

    @staticmethod
    def matmul(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """The product of matrices, or of stacks of them: (..., N, K) and (..., K, M) give (..., N, M)."""
        found = np.zeros((*np.broadcast_shapes(left.shape[:-2], right.shape[:-2]), left.shape[-2], right.shape[-1]))
        for k in range(left.shape[-1]):
            found += left[..., :, k, None] * right[..., None, k, :]
        return found


def _rounded(precise: Callable[..., Any], plain: np.ufunc) -> Callable[..., np.ndarray]:
    """A function of numbers, elementwise, rounded to doubles.

    Where it has no value, or an infinite one, that is what NumPy's ``plain`` function says: no bits of it can differ.
    """

    def one(*at: float) -> float:
        decided = float(plain(*at))
        return float(precise(*map(mpmath.mpf, at))) if np.isfinite(decided) else decided

    each = np.frompyfunc(one, plain.nin, nout=1)

    def function(*at: Any) -> np.ndarray:
        with mpmath.workdps(DIGITS), np.errstate(all="ignore"):
            return np.asarray(each(*map(np.asarray, at)), dtype=np.float64)

    return function


_FUNCTIONS = {
    **{name: _rounded(getattr(mpmath, name), getattr(np, name)) for name in ("exp", "expm1", "log", "log1p")},
    **{name: _rounded(getattr(mpmath, name), getattr(np, name)) for name in ("sin", "cos", "tan", "tanh")},
    "pow": _rounded(mpmath.power, np.power),
}

REPRODUCIBLE = Reproducible()
