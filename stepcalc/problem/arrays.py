"""Arrays as users write them: nested lists, or a file beside the problem, into read-only float64."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, InstanceOf, ValidationInfo, WithJsonSchema

from stepcalc.problem.array_files import MAX_AXES, Allowance, array_from_file, refuse_unusable
from stepcalc.problem.faults import Found, kind, number_text, refuse, refuse_one
from stepcalc.problem.section import folder_of

MAX_FAULTS = 50

Float64: TypeAlias = NDArray[np.float64]


def read_array(value: Any, info: ValidationInfo) -> Float64:
    """A number, a list of lists of numbers, or ``{file, key}``; read-only float64, finite, at most four axes."""
    if isinstance(value, Mapping):
        allowance = (info.context or {}).get("allowance") or Allowance()
        value = array_from_file(value, folder_of(info), info.field_name == "W", allowance)
    array = _from_numpy(value) if isinstance(value, np.ndarray) else _from_lists(value)
    return read_only(array)


_JSON_SCHEMA = {
    "anyOf": [
        {"type": "number"},
        {"type": "array", "minItems": 1},
        {
            "type": "object",
            "properties": {
                "file": {"type": "string", "description": "A .npy, .npz or .csv file in the problem's own folder."},
                "key": {"type": "string", "description": "Which array of an .npz file."},
            },
            "required": ["file"],
            "additionalProperties": False,
        },
    ]
}

Array: TypeAlias = Annotated[InstanceOf[np.ndarray], BeforeValidator(read_array), WithJsonSchema(_JSON_SCHEMA)]


def read_only(array: Float64) -> Float64:
    """The array, with writing to it switched off."""
    array.flags.writeable = False
    return array


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape in a message: (3, 4), and (3) for a list of three."""
    return f"({', '.join(map(str, shape))})"


def _from_lists(value: Any) -> Float64:
    shape = _shape(value)
    found: list[Found] = []
    _look_through(value, shape, (), found)
    if found:
        refuse(found)
    return np.array(value, dtype=np.float64)


def _from_numpy(array: np.ndarray[Any, Any]) -> Float64:
    refuse_unusable(array.dtype, array.shape)
    with np.errstate(over="ignore"):
        copy = np.array(array, dtype=np.float64, order="C", subok=False)
    finite = np.isfinite(copy)
    if not finite.all():
        places = np.flatnonzero(~finite)[:MAX_FAULTS]
        bad = [tuple(map(int, np.unravel_index(place, copy.shape))) for place in places]
        refuse((index, f"{copy[index]} is not a finite number") for index in bad)
    return copy


def _shape(value: Any) -> tuple[int, ...]:
    shape: tuple[int, ...] = ()
    while isinstance(value, (list, tuple)):
        if len(shape) == MAX_AXES:
            refuse_one(f"lists nested more than {MAX_AXES} deep")
        shape += (len(value),)
        if not value:
            break
        value = value[0]
    return shape


def _look_through(value: Any, shape: tuple[int, ...], path: tuple[int, ...], found: list[Found]) -> None:
    if len(found) >= MAX_FAULTS:
        return
    if not shape:
        message = _wrong_number(value)
        if message:
            found.append((path, message))
    elif not isinstance(value, (list, tuple)):
        found.append((path, f"{number_text(value)}, expected a list of {shape[0]}"))
    elif not value:
        found.append((path, "an empty list"))
    elif len(value) != shape[0]:
        found.append((path, f"{len(value)} long, but the first one is {shape[0]} long"))
    elif len(shape) > 1 or not _plain(value):
        for index, item in enumerate(value):
            _look_through(item, shape[1:], (*path, index), found)


def _plain(values: list[Any] | tuple[Any, ...]) -> bool:
    """Whether these are surely usable numbers: the quick way through large arrays."""
    if not set(map(type, values)) <= {int, float}:
        return False
    try:
        return all(map(math.isfinite, values))
    except OverflowError:
        return False


def _wrong_number(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        return f"{kind(value)}, expected a number"
    try:
        return "" if math.isfinite(value) else f"{float(value)} is not a finite number"
    except OverflowError:
        return "larger than a double can hold (about 1.8e308)"
