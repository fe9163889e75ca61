"""The words of a problem file that name an operation, with their parameters.

The tables answer for the operations that ship, without loading SymPy, so that complaints come at once; the registry
is held to them by test. A word that is not here is looked up in the registry: an operation of one's own is one file.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Literal, TypeAlias

ACTIVATIONS: dict[str, dict[str, float]] = {
    "linear": {},
    "step": {"threshold": 0.0},
    "sigmoid": {},
    "tanh": {},
    "relu": {},
    "leaky_relu": {"alpha": 0.01},
    "elu": {"alpha": 1.0},
    "softplus": {},
    "softmax": {},
}
"""Activation → its parameters with their defaults."""

LOSSES: dict[str, dict[str, float]] = {
    "mse": {"scale": 1.0},
    "mae": {"scale": 1.0},
    "binary_cross_entropy": {"scale": 1.0},
    "categorical_cross_entropy": {"scale": 1.0},
    "hinge": {"scale": 1.0},
    "huber": {"scale": 1.0, "delta": 1.0},
}
"""Loss → its parameters with their defaults."""

POSITIVE = frozenset({("elu", "alpha"), ("huber", "delta"), *((loss, "scale") for loss in LOSSES)})
"""Operation and parameter, where it must be above 0."""

Targets: TypeAlias = Literal["any", "unit", "one_hot", "sign"]

TARGETS: dict[str, Targets] = {
    "binary_cross_entropy": "unit",
    "categorical_cross_entropy": "one_hot",
    "hinge": "sign",
}
"""Loss → the y it is made for; any number for those not here."""

SHIPPED_MODULES = frozenset(
    {"activation", "activations", "base", "conv2d", "dense", "each_step", "expression", "flatten", "losses"}
    | {"lstm", "maxpool2d", "optimizer", "optimizers", "parts", "recurrent", "registry", "softmax", "windows"}
)
"""The files of ``ops``; what they register is in the tables."""

_TABLES: dict[str, dict[str, dict[str, float]]] = {"activation": ACTIVATIONS, "loss": LOSSES}


def parameters(family: str, name: str) -> Mapping[str, float] | None:
    """The parameters of an activation or a loss with their defaults; None where there is no such word."""
    if name in _TABLES[family] or not _may_know_more():
        return _TABLES[family].get(name)
    from stepcalc.ops import registry

    return registry.parameters(family, name) if name in registry.names(family) else None


def words(family: str) -> list[str]:
    """The words there are, in the order of the tables, then what the registry adds."""
    shipped = list(_TABLES[family])
    if not _may_know_more():
        return shipped
    from stepcalc.ops import registry

    return [*shipped, *(name for name in registry.names(family) if name not in shipped)]


def _may_know_more() -> bool:
    """Whether the registry may have operations that do not ship: it is loaded, or a file has been added to its room."""
    modules = {module.name for module in iter_modules([str(Path(__file__).parents[1] / "ops")])}
    return "stepcalc.ops.registry" in sys.modules or not modules <= SHIPPED_MODULES


def operation_fault(family: str, name: str, values: Mapping[str, float]) -> str:
    """What an operation of one's own says against its parameters; "" for nothing, and for those that ship."""
    if name in _TABLES[family]:
        return ""
    from stepcalc.ops import registry

    try:
        registry.make(family, name, values)
    except ValueError as error:
        return str(error)
    return ""


def target_fault(loss: str, y: Any) -> str:
    """What a loss of one's own says against the targets; "" for nothing, and for those that ship."""
    if loss in LOSSES:
        return ""
    from stepcalc.ops import registry

    return registry.make("loss", loss, {}).target_fault(y) or ""
