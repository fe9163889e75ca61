"""The layers and activations of Keras that stepcalc's layers can say, each with its reader."""

from __future__ import annotations

from typing import Any

from stepcalc.models.draft import Draft, Untranslatable, gates, only
from stepcalc.models.numbers import Numbers, doubles
from stepcalc.models.reading import Translate

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
    if activation != "linear" or draft.layers[-1]["type"] == "rnn":  # whose default is another
        draft.activate(activation, **parameters)


def _dense(layer: Any, draft: Draft) -> None:
    kernel, bias = _numbers(layer, 1)
    draft.add("dense", W=_channels_first(kernel.T, draft), b=bias)
    _activate(layer.activation, draft)


def _numbers(layer: Any, weights: int) -> tuple[Any, ...]:
    """The weights, and the biases or None."""
    found = [doubles(variable.value, variable.name) for variable in layer.weights]
    return (*found[:weights], found[weights] if len(found) > weights else None)


def _channels_first(weights: Numbers, draft: Draft) -> Numbers:
    """The weights of what was laid flat with its channels last, in the order of channels that come first."""
    if draft.maps is None:
        return weights
    height, width, channels = draft.maps
    draft.maps = None
    return weights.reshape(-1, height, width, channels).transpose(0, 3, 1, 2).reshape(len(weights), -1)


def _conv2d(layer: Any, draft: Draft) -> None:
    only(layer, dilation_rate=(1, 1), groups=1, data_format="channels_last")
    kernel, bias = _numbers(layer, 1)
    stride, size = _same(layer, "strides"), kernel.shape[:2]
    if layer.padding == "same" and (stride > 1 or size[0] != size[1] or size[0] % 2 == 0):
        raise Untranslatable('padding is "same", which stepcalc has for square kernels of odd size and strides of 1')
    draft.channels_last = draft.channels_last or not draft.layers
    padding = size[0] // 2 if layer.padding == "same" else 0
    draft.add("conv2d", K=kernel.transpose(3, 2, 0, 1), b=bias, stride=stride, padding=padding)
    _activate(layer.activation, draft)


def _same(layer: Any, setting: str) -> int:
    """A setting that may differ between rows and columns, which stepcalc's may not."""
    rows, columns = getattr(layer, setting)
    if rows != columns:
        raise Untranslatable(f"{setting} is {(rows, columns)}, stepcalc has the same for rows and columns")
    return int(rows)


def _maxpool2d(layer: Any, draft: Draft) -> None:
    only(layer, padding="valid", data_format="channels_last")
    draft.channels_last = draft.channels_last or not draft.layers
    draft.add("maxpool2d", size=_same(layer, "pool_size"), stride=_same(layer, "strides"))


def _flatten(layer: Any, draft: Draft) -> None:
    only(layer, data_format="channels_last")
    draft.flatten()
    if draft.layers and draft.layers[-1]["type"] == "flatten":
        draft.maps = tuple(layer.input.shape[1:])


def _rnn(layer: Any, draft: Draft) -> None:
    only(layer, go_backwards=False, stateful=False, return_state=False)
    by_input, by_state, bias = _numbers(layer, 2)
    draft.add("rnn", W_x=by_input.T, W_h=by_state.T, b=bias, **_sequences(layer))
    _activate(layer.activation, draft)


def _lstm(layer: Any, draft: Draft) -> None:
    only(layer, go_backwards=False, stateful=False, return_state=False)
    for setting, expected in (("activation", "tanh"), ("recurrent_activation", "sigmoid")):
        if (name := getattr(layer, setting).__name__) != expected:
            raise Untranslatable(f"{setting} is {name}, stepcalc has only {expected}")
    by_input, by_state, bias = _numbers(layer, 2)
    draft.add("lstm", **gates("ifgo", by_input.T, by_state.T, bias), **_sequences(layer))


def _sequences(layer: Any) -> dict[str, bool]:
    return {"return_sequences": True} if layer.return_sequences else {}


def _relu(layer: Any, draft: Draft) -> None:
    only(layer, max_value=None, threshold=0.0)
    if layer.negative_slope:
        draft.activate("leaky_relu", alpha=float(layer.negative_slope))
    else:
        draft.activate("relu")


def _softmax(layer: Any, draft: Draft) -> None:
    only(layer, axis=-1)
    draft.activate("softmax")


def _at_every_step(layer: Any, draft: Draft) -> None:
    if type(layer.layer).__name__ != "Dense":
        raise Untranslatable(f"at every time step stepcalc can do a Dense layer, not {type(layer.layer).__name__}")
    _dense(layer.layer, draft)


def _nothing(layer: Any, draft: Draft) -> None:
    """What does nothing in ``predict``."""


LAYERS: dict[str, Translate] = {
    "Dense": _dense,
    "Activation": lambda layer, draft: _activate(layer.activation, draft),
    "ReLU": _relu,
    "LeakyReLU": lambda layer, draft: draft.activate("leaky_relu", alpha=float(layer.negative_slope)),
    "ELU": lambda layer, draft: draft.activate("elu", alpha=float(layer.alpha)),
    "Softmax": _softmax,
    "Flatten": _flatten,
    "Conv2D": _conv2d,
    "MaxPooling2D": _maxpool2d,
    "SimpleRNN": _rnn,
    "LSTM": _lstm,
    "TimeDistributed": _at_every_step,
    "InputLayer": _nothing,
    "Dropout": _nothing,
    "Identity": _nothing,
}
"""Layer → its reader."""
