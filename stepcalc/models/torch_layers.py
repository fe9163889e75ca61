"""The modules and functions of PyTorch that stepcalc's layers can say, each with its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from stepcalc.models.draft import ARRAY, Draft, Gives, Untranslatable, gates, only
from stepcalc.models.numbers import Numbers, doubles
from stepcalc.models.reading import Translate


class Squeeze:
    """What ``squeeze`` does, for which ``torch.nn`` has no module."""


class View:
    """A view that is more than flattening."""


@dataclass(frozen=True)
class Item:
    """What ``[…]`` takes out."""

    index: Any


def _linear(module: Any, draft: Draft) -> None:
    bias = None if module.bias is None else doubles(module.bias, "b")
    draft.add("dense", W=doubles(module.weight, "W"), b=bias)


def _conv2d(module: Any, draft: Draft) -> None:
    only(module, dilation=(1, 1), groups=1, padding_mode="zeros")
    bias = None if module.bias is None else doubles(module.bias, "b")
    stride, padding = _same(module, "stride"), _padding(module)
    draft.add("conv2d", K=doubles(module.weight, "K"), b=bias, stride=stride, padding=padding)


def _same(module: Any, setting: str) -> int:
    """A setting that may differ between rows and columns, which stepcalc's may not."""
    found = getattr(module, setting)
    pair = (found, found) if isinstance(found, int) else tuple(found)
    if pair[0] != pair[1]:
        raise Untranslatable(f"{setting} is {found}, stepcalc has the same for rows and columns")
    return int(pair[0])


def _padding(module: Any) -> int:
    if module.padding == "valid":
        return 0
    if module.padding == "same":
        size = _same(module, "kernel_size")
        if size % 2 == 0:
            raise Untranslatable('padding is "same" for a kernel of even size, stepcalc has the same on all sides')
        return size // 2
    return _same(module, "padding")


def _maxpool2d(module: Any, draft: Draft) -> None:
    only(module, ceil_mode=False, return_indices=False)
    if _same(module, "padding") != 0 or _same(module, "dilation") != 1:
        raise Untranslatable("stepcalc has neither padding nor dilation of a pool")
    draft.add("maxpool2d", size=_same(module, "kernel_size"), stride=_same(module, "stride"))


def _recurrent(module: Any, draft: Draft) -> Iterator[tuple[Numbers, Numbers, Numbers | None]]:
    """W_x, W_h and b of the layers of a recurrent module, one on the other; PyTorch's two biases are one, their sum."""
    only(module, batch_first=True, bidirectional=False, proj_size=0)
    if module.training and module.dropout > 0:
        raise Untranslatable(DROPS)
    for number in range(module.num_layers):
        by_input, by_state = (doubles(getattr(module, f"weight_{kind}_l{number}"), "W") for kind in ("ih", "hh"))
        biases = [getattr(module, f"bias_{kind}_l{number}").detach() for kind in ("ih", "hh")] if module.bias else None
        yield by_input, by_state, doubles(biases[0] + biases[1], "b") if biases else None


def _rnn(module: Any, draft: Draft) -> None:
    for W_x, W_h, b in _recurrent(module, draft):
        draft.add("rnn", activation=module.nonlinearity, W_x=W_x, W_h=W_h, b=b, return_sequences=True)
    draft.gives = (ARRAY, _states(module))


def _lstm(module: Any, draft: Draft) -> None:
    for weights in _recurrent(module, draft):
        draft.add("lstm", **gates("ifgo", *weights), return_sequences=True)
    draft.gives = (ARRAY, (_states(module), OTHER_STATE))


def _states(module: Any) -> tuple[str, ...]:
    return (*[OTHER_STATE] * (module.num_layers - 1), LAST_STATE)


def _item(item: Item, draft: Draft) -> None:
    """One of what comes before: ``output``, ``(h, c)``, and of these ``h[-1]``, which is ``output[:, -1]``."""
    gives, index = draft.gives, item.index
    if gives == ARRAY and index in LAST_STEP:
        found: Gives = LAST_STATE
    elif isinstance(gives, tuple) and isinstance(index, int) and -len(gives) <= index < len(gives):
        found = gives[index]
    else:
        raise Untranslatable("of what comes before it, stepcalc can take the last time step only")
    if found == LAST_STATE:
        draft.last_step()
        found = ARRAY
    draft.gives = found


def _squeeze(squeeze: Squeeze, draft: Draft) -> None:
    if draft.gives == (LAST_STATE,):
        _item(Item(0), draft)
    else:
        draft.squeeze()


def _flatten(module: Any, draft: Draft) -> None:
    only(module, start_dim=1, end_dim=-1)
    draft.flatten()


def _softmax(module: Any, draft: Draft) -> None:
    outputs = (-1,) if draft.gives_sequence else (None, 1, -1)
    if module.dim not in outputs:
        raise Untranslatable(f"dim is {module.dim}, which is not the outputs of a layer; dim=-1 is")
    draft.activate("softmax")


def _log_softmax(module: Any, draft: Draft) -> None:
    _softmax(module, draft)
    draft.layers[-1]["activation"] = LOG_SOFTMAX


def _softplus(module: Any, draft: Draft) -> None:
    only(module, beta=1, threshold=20)
    draft.activate("softplus")


def _dropout(module: Any, draft: Draft) -> None:
    if module.training and module.p > 0:
        raise Untranslatable(DROPS)


DROPS = "it drops units at random while the model is in training mode; call model.eval() first"

LAST_STATE = "the state after the last time step"
OTHER_STATE = "a cell state or the state of an earlier layer"
LAST_STEP = ((slice(None), -1), (slice(None), -1, slice(None)))
"""The index that takes the last time step of each sample."""

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
    "Conv2d": _conv2d,
    "MaxPool2d": _maxpool2d,
    "RNN": _rnn,
    "LSTM": _lstm,
    "Squeeze": _squeeze,
    "Item": _item,
}
"""Module → its reader. Only PyTorch's own get here: ``torch.fx`` looks into all others."""


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
    "getitem": lambda nn, index: Item(index),
    "max_pool2d": lambda nn, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, **_: nn.MaxPool2d(
        kernel_size, stride, padding, dilation, ceil_mode=ceil_mode
    ),
    "view": _view,
    "reshape": _view,
}
"""Function or method that a forward may call, with the settings it is called with → the module that does the same."""
