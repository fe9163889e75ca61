"""The losses of Keras that stepcalc's can say, each with its reader."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from stepcalc.errors import Fault, InputError
from stepcalc.models.draft import Cost, Sizes, Untranslatable, only
from stepcalc.models.numbers import Numbers, doubles, one_hot
from stepcalc.models.reading import Part, ReadLoss
from stepcalc.problem.faults import quoted

MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight")
"""What Keras calls the mean over the samples."""


def as_part(loss: Any, keras: Any) -> Part:
    """A loss, its function or its name, with the settings that it was given.

    Raises :class:`InputError` for a name that Keras does not know.
    """
    try:
        found = keras.losses.get(loss) if isinstance(loss, str) else loss
    except ValueError:
        raise InputError(Fault("loss", f"{quoted(loss)} is no loss of Keras")) from None
    function = getattr(found, "fn", found)
    settings = SimpleNamespace(reduction=getattr(found, "reduction", MEANS[0]), **getattr(found, "_fn_kwargs", {}))
    return Part("loss", getattr(function, "__name__", type(function).__name__), settings)


def _scale(loss: Any, sizes: Sizes, one: float) -> float:
    """``one`` is the weight of an output in the loss of a sample."""
    if loss.reduction in MEANS:
        return one / (sizes.steps or 1)
    if loss.reduction == "sum":
        return one * (sizes.samples or 1)
    raise Untranslatable(f"its reduction is {loss.reduction}, which gives no single number; mean and sum do")


def _each(loss: Any, sizes: Sizes) -> float:
    """Keras takes the mean over the outputs, stepcalc their sum."""
    return _scale(loss, sizes, 1 / sizes.outputs)


def _binary(loss: Any, sizes: Sizes) -> Cost:
    only(loss, label_smoothing=0.0, axis=-1)
    logits = ("linear", "sigmoid") if getattr(loss, "from_logits", False) else None
    return Cost("binary_cross_entropy", _each(loss, sizes), reads=logits)


def _categorical(loss: Any, sizes: Sizes) -> Cost:
    only(loss, label_smoothing=0.0, axis=-1)
    logits = ("linear", "softmax") if getattr(loss, "from_logits", False) else None
    return Cost("categorical_cross_entropy", _scale(loss, sizes, 1.0), reads=logits)


def _sparse(loss: Any, sizes: Sizes) -> Cost:
    only(loss, ignore_class=None)
    cost = _categorical(loss, sizes)
    return Cost(cost.type, cost.scale, reads=cost.reads, targets=_of_classes)


def _of_classes(y: Numbers, sizes: Sizes) -> Numbers:
    numbers = doubles(y, "y")
    return one_hot(numbers[..., 0] if numbers.ndim == len(sizes.shape) > 1 else numbers, sizes.outputs, "y")


def _signs(y: Numbers, sizes: Sizes) -> Numbers:
    """Keras takes 0 and 1 for −1 and 1."""
    numbers = doubles(y, "y")
    return 2 * numbers - 1 if np.isin(numbers, (0.0, 1.0)).all() else numbers


def _huber(loss: Any, sizes: Sizes) -> Cost:
    return Cost("huber", _each(loss, sizes), {"delta": float(getattr(loss, "delta", 1.0))})


LOSSES: dict[str, ReadLoss] = {
    "mean_squared_error": lambda loss, sizes: Cost("mse", _each(loss, sizes)),
    "mean_absolute_error": lambda loss, sizes: Cost("mae", _each(loss, sizes)),
    "huber": _huber,
    "hinge": lambda loss, sizes: Cost("hinge", _each(loss, sizes), targets=_signs),
    "binary_crossentropy": _binary,
    "categorical_crossentropy": _categorical,
    "sparse_categorical_crossentropy": _sparse,
}
"""Function of ``keras.losses`` → its reader."""
