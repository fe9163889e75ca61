"""The modules and functions of PyTorch that stepcalc's layers can say, each with its reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stepcalc.models.draft import Draft, Translate, Untranslatable, only
from stepcalc.models.numbers import doubles


def _linear(module: Any, draft: Draft) -> None:
    bias = None if module.bias is None else doubles(module.bias, "b")
    draft.add("dense", W=doubles(module.weight, "W"), b=bias)


def _flatten(module: Any, draft: Draft) -> None:
    only(module, start_dim=1, end_dim=-1)
    draft.flatten()


def _softmax(module: Any, draft: Draft) -> None:
    if module.dim not in (None, 1, -1):
        raise Untranslatable(f"dim is {module.dim}, which is not the outputs of a layer; dim=-1 is")
    draft.activate("softmax")


def _log_softmax(module: Any, draft: Draft) -> None:
    _softmax(module, draft)
    draft.layers[-1]["activation"] = LOG_SOFTMAX


def _softplus(module: Any, draft: Draft) -> None:
    only(module, beta=1)
    draft.activate("softplus")


def _dropout(module: Any, draft: Draft) -> None:
    if module.training and module.p > 0:
        raise Untranslatable("it drops units at random while the model is in training mode; call model.eval() first")


LOG_SOFTMAX = "LogSoftmax"
"""What stands for an activation until NLLLoss takes it for what it is, a softmax of which the logarithm is used."""

LAYERS: dict[str, Translate] = {
    "Linear": _linear,
    "Flatten": _flatten,
    "ReLU": lambda module, draft: draft.activate("relu"),
    "Sigmoid": lambda module, draft: draft.activate("sigmoid"),
    "Tanh": lambda module, draft: draft.activate("tanh"),
    "Softmax": _softmax,
    "LogSoftmax": _log_softmax,
    "LeakyReLU": lambda module, draft: draft.activate("leaky_relu", alpha=module.negative_slope),
    "ELU": lambda module, draft: draft.activate("elu", alpha=module.alpha),
    "Softplus": _softplus,
    "Dropout": _dropout,
    "Identity": lambda module, draft: None,
    "Squeeze": lambda module, draft: draft.squeeze(),
}
"""Module → its reader. Only PyTorch's own get here: ``torch.fx`` looks into all others."""


class Squeeze:
    """What ``squeeze`` does, for which ``torch.nn`` has no module."""


class View:
    """A view that is more than flattening."""


def _view(nn: Any, *shape: Any) -> Any:
    return nn.Flatten() if len(shape) == 2 else View()


CALLS: dict[str, Callable[..., Any]] = {
    "relu": lambda nn, *_, **__: nn.ReLU(),
    "sigmoid": lambda nn: nn.Sigmoid(),
    "tanh": lambda nn: nn.Tanh(),
    "softmax": lambda nn, dim=None, **_: nn.Softmax(dim),
    "log_softmax": lambda nn, dim=None, **_: nn.LogSoftmax(dim),
    "leaky_relu": lambda nn, negative_slope=0.01, inplace=False: nn.LeakyReLU(negative_slope),
    "elu": lambda nn, alpha=1.0, inplace=False: nn.ELU(alpha),
    "softplus": lambda nn, beta=1.0, threshold=20.0: nn.Softplus(beta, threshold),
    "dropout": lambda nn, p=0.5, training=True, inplace=False: nn.Dropout(p).train(training),
    "flatten": lambda nn, start_dim=0, end_dim=-1: nn.Flatten(start_dim, end_dim),
    "squeeze": lambda nn, *_, **__: Squeeze(),
    "view": _view,
    "reshape": _view,
}
"""Function or method that a forward may call, with the settings it is called with → the module that does the same."""
