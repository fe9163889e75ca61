"""The functions' names on the board and their SymPy classes, in one table for both directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from stepcalc.calculus import functions

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ln": sp.log,
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": sp.tan,
    "tanh": sp.tanh,
    "σ": functions.sigmoid,
    "ReLU": functions.relu,
    "softplus": functions.softplus,
    "step": functions.step,
    "max": sp.Max,
    "min": sp.Min,
    "sgn": sp.sign,
}
"""Name as printed -> SymPy function."""

NAMES: dict[Any, str] = {function: name for name, function in FUNCTIONS.items()}

ALIASES = {"sigmoid": "σ", "log": "ln", "relu": "ReLU", "sign": "sgn"}
"""Other spellings that are read as the same function."""


def function(name: str) -> Callable[..., Any] | None:
    """The SymPy function printed as ``name``, ``None`` if there is none."""
    return FUNCTIONS.get(ALIASES.get(name, name))
