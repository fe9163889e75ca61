"""The problems that the tests of this room vary."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from stepcalc.errors import InputError
from stepcalc.problem import Problem

NETWORK: dict[str, Any] = {
    "loss": "mse",
    "data": {"x": [1, 2], "y": 1},
    "layers": [
        {"type": "dense", "activation": "tanh", "W": [[1, 2], [3, 4], [5, 6]], "b": [1, 2, 3]},
        {"type": "dense", "W": [[1, 2, 3]], "b": [1]},
    ],
}
EXPRESSIONS: dict[str, Any] = {"given": {"x": 2}, "define": {"y": "3*x - 2", "z": "y^2"}}
LEFT_OUT = object()


def changed(fields: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """``fields`` with the values at the paths ``layers.1.W`` (counted from 0) replaced, or taken out."""
    fields = copy.deepcopy(fields)
    for path, value in changes.items():
        *way, last = path.split(".")
        table: Any = fields
        for part in way:
            table = table[int(part)] if isinstance(table, list) else table.setdefault(part, {})
        key: Any = int(last) if isinstance(table, list) else last
        if value is LEFT_OUT:
            del table[key]
        else:
            table[key] = value
    return fields


def complaints(fields: dict[str, Any]) -> list[str]:
    """What is said about a problem; nothing if it can be used."""
    try:
        Problem(**fields)
    except InputError as error:
        return error.lines()
    return []


@pytest.fixture
def left_out() -> object:
    return LEFT_OUT


@pytest.fixture
def network() -> Callable[..., Any]:
    """Builds the network with changes."""
    return lambda changes=None: Problem(**changed(NETWORK, changes or {}))


@pytest.fixture
def network_complaints() -> Callable[[dict[str, Any]], list[str]]:
    return lambda changes: complaints(changed(NETWORK, changes))


@pytest.fixture
def expression_complaints() -> Callable[[dict[str, Any]], list[str]]:
    return lambda changes: complaints({**EXPRESSIONS, **changes})
