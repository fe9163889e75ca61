"""The losses of PyTorch that stepcalc's can say, each with its reader."""

from __future__ import annotations

from typing import Any

from stepcalc.models.draft import Cost, Sizes, Untranslatable, only
from stepcalc.models.numbers import Numbers, doubles, one_hot
from stepcalc.models.reading import Part, ReadLoss
from stepcalc.models.torch_layers import LOG_SOFTMAX


def as_module(loss: Any, torch: Any) -> Part:
    """The loss, a function of ``torch.nn.functional`` being the module with the same settings."""
    name = getattr(loss, "__name__", type(loss).__name__)
    if name in FUNCTIONAL_LOSSES:
        loss = getattr(torch.nn, FUNCTIONAL_LOSSES[name])()
        name = FUNCTIONAL_LOSSES[name]
    return Part("loss", name, loss)


def _scale(loss: Any, sizes: Sizes, mean: float) -> float:
    """``mean`` for a loss that averages; one that sums does so over the samples, of which a cost is the mean."""
    reductions = {"mean": mean, "sum": float(sizes.samples or 1)}
    if loss.reduction not in reductions:
        raise Untranslatable(f'reduction is "{loss.reduction}", which gives no single number; "mean" and "sum" do')
    return reductions[loss.reduction]


def _over_outputs(loss: Any, sizes: Sizes) -> float:
    """PyTorch's mean is over samples and outputs, a cost's over samples only."""
    only(loss, weight=None, pos_weight=None)
    return _scale(loss, sizes, 1 / sizes.each)


def _smooth_l1(loss: Any, sizes: Sizes) -> Cost:
    """The Huber loss over β; the absolute error at β = 0."""
    scale = _over_outputs(loss, sizes)
    return Cost("huber", scale / loss.beta, {"delta": loss.beta}) if loss.beta else Cost("mae", scale)


def _cross_entropy(loss: Any, sizes: Sizes) -> Cost:
    only(loss, weight=None, label_smoothing=0.0)
    return _classes(loss, sizes, "linear")


def _nll(loss: Any, sizes: Sizes) -> Cost:
    only(loss, weight=None)
    return _classes(loss, sizes, LOG_SOFTMAX)


def _classes(loss: Any, sizes: Sizes, needed: str) -> Cost:
    if sizes.steps is not None:
        raise Untranslatable("of a sequence it takes the classes before the time steps, which no layer gives")
    if loss.ignore_index >= 0:
        raise Untranslatable(f"ignore_index is {loss.ignore_index}, stepcalc leaves no class out")
    scale = _scale(loss, sizes, 1.0)
    return Cost("categorical_cross_entropy", scale, reads=(needed, "softmax"), targets=_of_classes)


def _of_classes(y: Numbers, sizes: Sizes) -> Numbers:
    """A row for each class that is told by its number; shares of the classes are as they are."""
    is_numbers = y.ndim == (0 if sizes.samples is None else 1) and y.dtype.kind in "iu"
    return one_hot(y, sizes.outputs, "y") if is_numbers else doubles(y, "y")


def _logits(loss: Any, sizes: Sizes) -> Cost:
    return Cost("binary_cross_entropy", _over_outputs(loss, sizes), reads=("linear", "sigmoid"))


LOSSES: dict[str, ReadLoss] = {
    "MSELoss": lambda loss, sizes: Cost("mse", _over_outputs(loss, sizes)),
    "L1Loss": lambda loss, sizes: Cost("mae", _over_outputs(loss, sizes)),
    "HuberLoss": lambda loss, sizes: Cost("huber", _over_outputs(loss, sizes), {"delta": loss.delta}),
    "SmoothL1Loss": _smooth_l1,
    "BCELoss": lambda loss, sizes: Cost("binary_cross_entropy", _over_outputs(loss, sizes)),
    "BCEWithLogitsLoss": _logits,
    "CrossEntropyLoss": _cross_entropy,
    "NLLLoss": _nll,
}
"""Loss → its reader."""

FUNCTIONAL_LOSSES = {
    "mse_loss": "MSELoss",
    "l1_loss": "L1Loss",
    "huber_loss": "HuberLoss",
    "smooth_l1_loss": "SmoothL1Loss",
    "binary_cross_entropy": "BCELoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
    "cross_entropy": "CrossEntropyLoss",
    "nll_loss": "NLLLoss",
}
"""Function of ``torch.nn.functional`` → the loss that it is without further settings."""
