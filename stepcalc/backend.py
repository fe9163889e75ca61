"""Which array library calculates: NumPy always, CuPy when it is asked for.

Kernels take the namespace ``xp`` as their first argument and use array-API calls only. CuPy is imported
here and nowhere else, and only when its name is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np

from stepcalc.errors import BackendError

Array: TypeAlias = Any
Namespace: TypeAlias = Any

BACKENDS = ("numpy", "cupy")
REPRODUCIBLE = "reproducible"
"""NumPy with the same bits on every machine: for what is compared byte by byte, and is small."""

NOISE = 1e-14
"""What is left of a sum whose terms cancel is no larger than this part of them."""

SMALL_CONTRACTION = 256
"""Up to this many products for one problem, a sum of products beats a loop of tiny matrix products."""


def namespace(name: str = "numpy") -> Namespace:
    """The array-API namespace called ``name``: one of ``BACKENDS``, or ``REPRODUCIBLE``.

    Raises :class:`BackendError` when it is unknown, not installed, or finds no device.
    """
    if name == "numpy":
        return np
    if name == "cupy":
        return _cupy()
    if name == REPRODUCIBLE:
        from stepcalc.reproducible import REPRODUCIBLE as xp

        return xp
    raise BackendError(f"backend {name!r}: expected one of {', '.join(BACKENDS)}")


def _cupy() -> Namespace:
    try:
        import array_api_compat.cupy as xp
        import cupy
    except ImportError as error:
        raise BackendError(
            f"backend 'cupy': CuPy cannot be imported ({error}); install stepcalc[cupy] on a machine with a CUDA GPU"
        ) from error
    try:
        found = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # CuPy raises its own CUDARuntimeError, whose class moves between versions
        raise BackendError(f"backend 'cupy': no CUDA GPU can be used ({error})") from error
    if not found:
        raise BackendError("backend 'cupy': no CUDA GPU was found")
    return xp


def to_host(array: Array) -> np.ndarray:
    """The array as a NumPy array, copied from the device if it is on one."""
    return array.get() if hasattr(array, "get") else np.asarray(array)


@contextmanager
def quiet() -> Iterator[None]:
    """Let overflow pass silently: results are inspected afterwards and the step at fault is named."""
    with np.errstate(all="ignore"):
        yield


def total(xp: Namespace, array: Array, axis: int) -> Array:
    """The sum over one axis, the last (-1) or the last but one (-2); a single element is its own sum, not a copy."""
    if array.shape[axis] > 1:
        return xp.sum(array, axis=axis)
    return array[..., 0] if axis == -1 else array[..., 0, :]


def cleared(xp: Namespace, sums: Array, sizes: Array) -> Array:
    """``sums`` with a 0 where printed numbers cancel, and not what the last bit of a double makes of them.

    ``sizes`` are the same sums without signs.
    """
    return xp.where(xp.abs(sums) <= NOISE * sizes, xp.zeros_like(sums), sums)


def contract(xp: Namespace, left: Array, right: Array) -> Array:
    """``left @ right`` for stacks of matrices: (..., N, K) and (..., K, M) give (..., N, M).

    For many small problems at once the sum is taken over elementwise products, which works on whole columns
    of problems; a matrix product of a stack would loop over tiny matrices.
    """
    rows, inner = left.shape[-2:]
    columns = right.shape[-1]
    stacked = left.ndim > 2 or right.ndim > 2
    if stacked and rows * inner * columns <= SMALL_CONTRACTION:
        total = left[..., :, 0, None] * right[..., None, 0, :]
        for k in range(1, inner):
            total += left[..., :, k, None] * right[..., None, k, :]
        return total
    return xp.matmul(left, right)
