"""An independent judge: PyTorch in double precision, which knows nothing of stepcalc's formulas.

Each registered operation has its PyTorch counterpart in a table here. An operation without one makes
``test_every_operation_has_an_oracle`` fail, which says where to add it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch.nn import functional as nn

Tensor = torch.Tensor
Arrays = dict[str, np.ndarray]

ACTIVATIONS: dict[str, Callable[..., Tensor]] = {
    "linear": lambda z: z,
    "step": lambda z, threshold: (z >= threshold).to(z) + 0.0 * z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": nn.relu,
    "leaky_relu": lambda z, alpha: nn.leaky_relu(z, negative_slope=alpha),
    "elu": nn.elu,
    "softplus": nn.softplus,
    "softmax": lambda z: torch.softmax(z, dim=-1),
}
"""Activation → a = f(z), with its parameters by name."""

LOSSES: dict[str, Callable[..., Tensor]] = {
    "mse": lambda y_hat, y: nn.mse_loss(y_hat, y, reduction="sum"),
    "mae": lambda y_hat, y: nn.l1_loss(y_hat, y, reduction="sum"),
    "binary_cross_entropy": lambda y_hat, y: nn.binary_cross_entropy(y_hat, y, reduction="sum"),
    "categorical_cross_entropy": lambda y_hat, y: -(y * torch.log(y_hat)).sum(),
    "hinge": lambda y_hat, y: nn.relu(1 - y * y_hat).sum(),
    "huber": lambda y_hat, y, delta: nn.huber_loss(y_hat, y, reduction="sum", delta=delta),
}
"""Loss → the sum of element losses over samples and outputs, with its parameters (``scale`` apart) by name."""


def dense(inputs: Mapping[str, Tensor], product: str) -> Tensor:
    """z of a dense layer from x (N, D), W and perhaps b."""
    weights = inputs["W"] if product == "Wx" else inputs["W"].T
    return nn.linear(inputs["x"], weights, inputs.get("b"))


def recurrent(inputs: Mapping[str, Tensor], product: str) -> Tensor:
    """z of a recurrent layer from x (N, T, D), h (N, T, H), W_x, W_h and perhaps b; h₀ = 0."""
    h = inputs["h"]
    before = torch.cat([torch.zeros_like(h[:, :1]), h[:, :-1]], dim=1)
    return nn.linear(inputs["x"], inputs["W_x"], inputs.get("b")) + before @ inputs["W_h"].T


def convolution(inputs: Mapping[str, Tensor], product: str, size: int, stride: int = 1, padding: int = 0) -> Tensor:
    """z of a convolutional layer from x (N, C, H, W), K and perhaps b."""
    return nn.conv2d(inputs["x"], inputs["K"], inputs.get("b"), stride, padding)


def gate(letter: str) -> Callable[..., Tensor]:
    """The weighted sum of one of an LSTM's gates."""

    def weighted(inputs: Mapping[str, Tensor], product: str) -> Tensor:
        own = {key: inputs.get(f"{key}{letter}") for key in ("W_x", "W_h", "b")}
        return recurrent({**inputs, **{key: array for key, array in own.items() if array is not None}}, product)

    return weighted


def cell_state(inputs: Mapping[str, Tensor], product: str) -> Tensor:
    """c of an LSTM from f, i, g and its own c, one step before; c₀ = 0."""
    c = inputs["c"]
    before = torch.cat([torch.zeros_like(c[:, :1]), c[:, :-1]], dim=1)
    return inputs["f"] * before + inputs["i"] * inputs["g"]


LSTM: dict[str, Callable[..., Tensor]] = {
    **{f"z{letter}": gate(letter) for letter in "figo"},
    "c": cell_state,
    "h": lambda inputs, product: inputs["o"] * torch.tanh(inputs["c"]),
}

LAYERS: dict[str, dict[str, Callable[..., Tensor]]] = {
    "dense": {"z": dense},
    "conv2d": {"z": convolution},
    "maxpool2d": {"a": lambda inputs, product, size, stride=None: nn.max_pool2d(inputs["x"], size, stride)},
    "flatten": {"a": lambda inputs, product: inputs["x"].flatten(1)},
    "rnn": {"z": recurrent},
    "lstm": LSTM,
}
"""Layer → by the letter of each array that is no activation: how it is calculated from those it is made of."""

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "gradient_descent": lambda parameters, learning_rate: torch.optim.SGD(parameters, lr=learning_rate),
    "momentum": lambda parameters, learning_rate, momentum=0.9: torch.optim.SGD(
        parameters, lr=learning_rate, momentum=momentum
    ),
    "adam": lambda parameters, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8: torch.optim.Adam(
        parameters, lr=learning_rate, betas=(beta1, beta2), eps=epsilon
    ),
}
"""Optimizer → the one of PyTorch, with its parameters by name; PyTorch has no Newton's method."""

TABLES: dict[str, Mapping[str, Any]] = {
    "activation": ACTIVATIONS,
    "loss": LOSSES,
    "layer": LAYERS,
    "optimizer": {**OPTIMIZERS, "newton": torch.autograd.functional.hessian},
}


def tensor(array: Any) -> Tensor:
    """A leaf in double precision that collects its gradient."""
    return torch.tensor(np.array(array, dtype=float), requires_grad=True)


def cost(name: str, parameters: Mapping[str, float], y_hat: Tensor, y: Tensor) -> Tensor:
    """scale × mean over samples of the sum over outputs, from ŷ and y (N, K)."""
    others = {key: value for key, value in parameters.items() if key != "scale"}
    return parameters["scale"] / len(y_hat) * LOSSES[name](y_hat, y, **others)


class Network:
    """A problem's network in PyTorch, from the fields of its problem file; y (N, K), x (N, D)."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.product = fields.get("notation", {}).get("product", "Wx")
        self.layers = fields["layers"]
        self.loss = fields["loss"]
        self.optimizer = fields.get("optimizer")
        single = np.ndim(fields["data"]["x"]) == 1
        self.single = single
        x, y = (np.array(fields["data"][key], dtype=float) for key in "xy")
        self.x = tensor(x[None] if single else x)
        self.y = torch.tensor(y.reshape(len(self.x), -1))
        self.parameters = {
            f"{letter}{number}": tensor(layer[letter])
            for number, layer in enumerate(self.layers, 1)
            for letter in "Wb"
            if layer.get(letter) is not None
        }

    def forward(self) -> dict[str, Tensor]:
        """Every quantity, each keeping its gradient."""
        values: dict[str, Tensor] = {"x": self.x}
        a = self.x
        for number, layer in enumerate(self.layers, 1):
            own = {
                letter: self.parameters[f"{letter}{number}"]
                for letter in "Wb"
                if f"{letter}{number}" in self.parameters
            }
            z = dense({"x": a, **own}, self.product)
            kind, parameters = _named(layer["activation"])
            a = ACTIVATIONS[kind](z, **parameters)
            values[f"z{number}"] = z
            values["y_hat" if number == len(self.layers) else f"a{number}"] = a
        kind, parameters = _named(self.loss)
        values["L"] = cost(kind, {"scale": 1.0, **parameters}, a, self.y)
        for value in values.values():
            if value.requires_grad and not value.is_leaf:
                value.retain_grad()
        return values

    def first_pass(self) -> tuple[Arrays, Arrays]:
        """Values and gradients in the shapes of the trace."""
        values = self.forward()
        values["L"].backward()
        named = {**values, **self.parameters}
        return (
            {name: self._natural(name, value.detach().numpy()) for name, value in named.items()},
            {
                name: self._natural(name, np.zeros(value.shape) if value.grad is None else value.grad.numpy().copy())
                for name, value in named.items()
                if name != "L"
            },
        )

    def descend(self) -> tuple[list[float], Arrays, Arrays]:
        """The cost before the first and after each update, the parameters after the first and after the last."""
        settings = dict(self.optimizer or {})
        steps = settings.pop("steps", 1)
        optimizer = OPTIMIZERS[settings.pop("type")](list(self.parameters.values()), **settings)
        history, first = [], {}
        for _ in range(steps):
            optimizer.zero_grad()
            loss = self.forward()["L"]
            loss.backward()
            history.append(loss.item())
            optimizer.step()
            first = first or self._numbers()
        history.append(self.forward()["L"].item())
        return history, first, self._numbers()

    def _numbers(self) -> Arrays:
        return {name: value.detach().numpy().copy() for name, value in self.parameters.items()}

    def _natural(self, name: str, array: np.ndarray) -> np.ndarray:
        per_sample = name not in self.parameters and name != "L"
        return array[0] if self.single and per_sample else array


def _named(choice: Any) -> tuple[str, dict[str, float]]:
    """The name and the parameters, defaults filled in, of ``"elu"`` or ``{"type": "elu", "alpha": 0.5}``."""
    from stepcalc.problem.vocabulary import ACTIVATIONS as KNOWN_ACTIVATIONS
    from stepcalc.problem.vocabulary import LOSSES as KNOWN_LOSSES

    given = {"type": choice} if isinstance(choice, str) else dict(choice)
    name = given.pop("type")
    return name, {**{**KNOWN_ACTIVATIONS, **KNOWN_LOSSES}[name], **given}
