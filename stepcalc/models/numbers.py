"""Numbers as libraries hold them, into doubles."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np

from stepcalc.errors import Fault, InputError, StepcalcError

Numbers: TypeAlias = np.ndarray[Any, Any]


def library(name: str, extra: str) -> ModuleType:
    """The module of an optional library, imported now. Raises :class:`StepcalcError` if it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        raise StepcalcError(f"{extra} is not installed; pip install 'stepcalc[{extra}]' brings it") from None


def array(value: Any, place: str) -> Numbers:
    """A tensor, an array, a data frame or lists, as an array of whatever type.

    Raises :class:`InputError` if the rows are of different lengths.
    """
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    try:
        found = np.asarray(value)
    except (TypeError, ValueError):
        raise InputError(Fault(place, "its rows are of different lengths")) from None
    return found


def doubles(value: Any, place: str) -> Numbers:
    """The numbers in double precision.

    A number in single precision becomes the shortest decimal that single precision has as this number: 0.1, which
    is closest to what was meant and fits a line, not 0.10000000149011612. Doubles stay what they are.
    Raises :class:`InputError` for what is not numbers.
    """
    found = array(value, place)
    if found.dtype.kind not in "biuf":
        raise InputError(Fault(place, f"an array of {found.dtype}, expected numbers"))
    if found.dtype in (np.float32, np.float16):
        found = found.astype(str)
    return found.astype(np.float64)


def one_hot(numbers: Numbers, classes: int, place: str) -> Numbers:
    """A row with a single 1 for each number of a class, counted from 0.

    Raises :class:`InputError` if there is no class of that number.
    """
    wrong = (numbers < 0) | (numbers >= classes) | (numbers != np.floor(numbers))
    if wrong.any():
        found = numbers[wrong].flat[0]
        raise InputError(Fault(place, f"{found}, expected the number of a class, from 0 to {classes - 1}"))
    return np.eye(classes)[numbers.astype(np.int64)]
