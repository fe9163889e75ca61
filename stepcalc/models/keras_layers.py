"""The layers and activations of Keras that stepcalc's layers can say, each with its reader."""

from __future__ import annotations

from typing import Any

from stepcalc.models.draft import Draft, Translate, Untranslatable, only
from stepcalc.models.numbers import doubles

ACTIVATIONS: dict[str, tuple[str, dict[str, float]]] = {
    "linear": ("linear", {}),
    "relu": ("relu", {}),
    "sigmoid": ("sigmoid", {}),
    "tanh": ("tanh", {}),
    "softmax": ("softmax", {}),
    "softplus": ("softplus", {}),
    "elu": ("elu", {"alpha": 1.0}),
    "leaky_relu": ("leaky_relu", {"alpha": 0.2}),
}
"""Function of ``keras.activations`` → stepcalc's activation with the parameters that the function has by default."""


def _activate(function: Any, draft: Draft) -> None:
    """The activation that a layer was given: a function of Keras, or a layer."""
    if type(function).__name__ in LAYERS:
        LAYERS[type(function).__name__](function, draft)
        return
    name = getattr(function, "__name__", type(function).__name__)
    if name not in ACTIVATIONS or not function.__module__.startswith("keras."):
        raise Untranslatable(f"its activation is {name}; those that can be read are {', '.join(ACTIVATIONS)}")
    activation, parameters = ACTIVATIONS[name]
    if activation != "linear":
        draft.activate(activation, **parameters)


def _dense(layer: Any, draft: Draft) -> None:
    kernel, *biases = [doubles(variable.value, variable.name) for variable in layer.weights]
    draft.add("dense", W=kernel.T, b=biases[0] if biases else None)
    _activate(layer.activation, draft)


def _relu(layer: Any, draft: Draft) -> None:
    only(layer, max_value=None, threshold=0.0)
    if layer.negative_slope:
        draft.activate("leaky_relu", alpha=float(layer.negative_slope))
    else:
        draft.activate("relu")


def _softmax(layer: Any, draft: Draft) -> None:
    only(layer, axis=-1)
    draft.activate("softmax")


def _nothing(layer: Any, draft: Draft) -> None:
    """What does nothing in ``predict``."""


LAYERS: dict[str, Translate] = {
    "Dense": _dense,
    "Activation": lambda layer, draft: _activate(layer.activation, draft),
    "ReLU": _relu,
    "LeakyReLU": lambda layer, draft: draft.activate("leaky_relu", alpha=float(layer.negative_slope)),
    "ELU": lambda layer, draft: draft.activate("elu", alpha=float(layer.alpha)),
    "Softmax": _softmax,
    "Flatten": lambda layer, draft: draft.flatten(),
    "InputLayer": _nothing,
    "Dropout": _nothing,
    "Identity": _nothing,
}
"""Layer → its reader."""
