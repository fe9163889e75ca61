"""The words of a problem file that name an operation, with their parameters.

The registry of operations is held to these tables by test.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

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

LATER: dict[str, frozenset[str]] = {
    "layer": frozenset({"conv2d", "maxpool2d", "flatten", "rnn", "lstm"}),
    "optimizer": frozenset({"momentum", "adam", "newton"}),
}
"""Words of the file format that this version does not know yet."""
