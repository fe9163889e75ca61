"""What a key under [vary] means: numbers that the problem gives, or any other place of the problem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from stepcalc.errors import Fault, InputError, did_you_mean
from stepcalc.items import Item
from stepcalc.problem import ExpressionProblem, NetworkProblem, Problem, TableProblem
from stepcalc.problem.faults import Path, listed, place
from stepcalc.problem.items import Items

RATE = "optimizer.learning_rate"
"""The column of the learning rate; no quantity has a name with a dot."""
RATE_PATH: Path = ("optimizer", "learning_rate")

_SECTIONS = frozenset((*NetworkProblem.model_fields, *ExpressionProblem.model_fields, *TableProblem.model_fields))


def is_number(key: str, fields: Mapping[str, Any]) -> bool:
    """Whether a key names numbers of the problem with these fields, and not one of its words."""
    name, given = plain(key), fields.get("given", {})
    if name == RATE or (isinstance(given, Mapping) and name in given):
        return True
    return key != name or name.partition(".")[0].partition("[")[0] not in _SECTIONS or _is_array(key)


def _is_array(key: str) -> bool:
    """Whether this is the place of a layer's array: layers[2].W."""
    return key.startswith("layers[") and key.rpartition(".")[2].rstrip("]0123456789,[").startswith(("W", "K", "b"))


def plain(key: str) -> str:
    """``x`` for data.x, ``b`` for given.b, :data:`RATE` for learning_rate."""
    if key == "learning_rate":
        return RATE
    for prefix in ("data.", "given."):
        rest = key.removeprefix(prefix)
        if rest != key and (prefix != "data." or rest.partition("[")[0] in ("x", "y")):
            return rest
    return key


def target(key: str, base: Problem) -> tuple[str, tuple[int, ...] | None]:
    """The quantity, and the element of it counted from 0, that a key names; None for all of it.

    Raises :class:`InputError` where it names none.
    """
    name, items, arrays = plain(key), base.items, given_names(base)
    if name == RATE and "learning_rate" not in arrays:
        if base.optimizer is None:
            raise InputError(Fault("", "the problem has no [optimizer]"))
        return RATE, None
    name = "learning_rate" if name == RATE else _places(base).get(name, name) if "." in name else name
    array, scalar = items.array(name), items.scalar(name)
    if array in arrays and "[" not in name:
        return array, None
    if scalar is None:
        raise InputError(Fault("", _unknown(name, items, arrays)))
    parsed = Item.parse(scalar).own_name(items.shapes)
    if parsed.name not in arrays or parsed.of or parsed.part:
        raise InputError(Fault("", f"is calculated, and not given; given are {listed(arrays)}"))
    if parsed.sample is not None and isinstance(base, NetworkProblem) and base.batch is not None:
        raise InputError(Fault("", f"in a training with mini-batches {parsed.name} varies as a whole"))
    sample = () if parsed.sample is None else (parsed.sample - 1,)
    at = (*sample, *(index - 1 for index in parsed.index))
    return parsed.name, at if len(at) == len(shape_of(base, parsed.name)) else ()


def _unknown(name: str, items: Items, arrays: tuple[str, ...]) -> str:
    """Why a name is that of no number, with what may have been meant."""
    array = items.array(name)
    if array is not None:
        return f"is calculated, and not given; given are {listed(arrays)}"
    if items.array(name.partition("[")[0]) in arrays:
        return items.complaint(name)
    return "is nothing that the problem gives" + (did_you_mean(name, arrays) or f"; it gives {listed(arrays)}")


def given_names(base: Problem) -> tuple[str, ...]:
    """The names of what a problem gives, or might give."""
    return tuple(base.given) if isinstance(base, ExpressionProblem) else ("x", "y", *base.items.parameters)


def given_arrays(base: Problem) -> dict[str, np.ndarray]:
    """The arrays that a problem gives."""
    if isinstance(base, ExpressionProblem):
        return {name: np.asarray(number) for name, number in base.given.items()}
    assert isinstance(base, NetworkProblem)
    found = {"x": base.data.x, "y": base.data.y, **base.parameters()}
    return {name: array for name, array in found.items() if array is not None}


def symbols_of(base: Problem) -> tuple[str, ...]:
    """What has no number in the problem."""
    if isinstance(base, ExpressionProblem):
        return base.symbols.names
    given = given_arrays(base)
    return tuple(name for name in given_names(base) if name not in given)


def shape_of(base: Problem, name: str) -> tuple[int, ...]:
    """The shape of an array as the problem file has it."""
    if name == RATE or isinstance(base, ExpressionProblem):
        return ()
    given = given_arrays(base).get(name)
    if given is not None:
        return given.shape
    own = base.items.shapes[name]
    return () if name == "y" and own == (1,) else own


def path_of(base: Problem, name: str) -> Path:
    """Where an array stands in the problem file."""
    if name == RATE:
        return RATE_PATH
    if isinstance(base, ExpressionProblem):
        return ("given", name)
    if name in ("x", "y"):
        return ("data", name)
    assert isinstance(base, NetworkProblem)
    for number, (layer, arrays) in enumerate(zip(base.layers, base.arrays, strict=True)):
        for array in arrays:
            if f"{array.letter}{number + 1}" == name:
                gated = (array.letter[-1], array.letter[:-1])  # W_xf is f.W_x
                return ("layers", number, *(gated if hasattr(layer, "f") else (array.letter,)))
    raise LookupError(name)


def in_place_of(path: Path) -> Path:
    """What a network says in place of an array's numbers, and may not say beside them; ``()`` where there is none."""
    if path == ("data", "x"):
        return ("data", "inputs")
    return (*path[:2], "init") if path[0] == "layers" and str(path[-1]).startswith(("W", "K")) else ()


def _places(base: Problem) -> dict[str, str]:
    """The arrays of the layers by their places: W1 by layers[1].W."""
    return {} if isinstance(base, ExpressionProblem) else {place(path_of(base, n)): n for n in base.items.parameters}
