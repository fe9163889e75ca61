"""Keras: a model that is a chain of layers, its loss and what they are given, as a problem."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from stepcalc.errors import Fault, InputError, ModelWarning
from stepcalc.models.keras_layers import LAYERS
from stepcalc.models.keras_losses import LOSSES, as_part
from stepcalc.models.numbers import array, doubles, library
from stepcalc.models.reading import Part, assemble, read_layers, read_loss
from stepcalc.problem import NetworkProblem


def from_keras(model: Any, x: Any, y: Any, loss: Any = None, **fields: Any) -> NetworkProblem:
    """The problem of explaining ``model``, a Keras 3 model, on the sample or mini-batch ``x`` with target ``y``.

    ``loss`` is a loss of Keras or its name, by default the one that the model was compiled with; or a table as in
    problem files. ``y`` is what that loss takes. ``fields`` are other parts of a problem file: ``title``,
    ``optimizer``, ``data`` for names. The weights are inputs × units, as in ``layer.kernel``; those in single
    precision become the shortest decimals that they stand for. Dropout does nothing, as in ``predict``.

    Raises :class:`InputError` naming each layer and setting that has no counterpart, and all that is wrong with the
    numbers; :class:`StepcalcError` if Keras is not installed. Warns with :class:`ModelWarning` of the penalty that
    regularizers add to Keras's loss, which is not part of the cost.
    """
    keras = library("keras", "keras")
    if not isinstance(model, keras.Model):
        raise InputError(Fault("", f"a {type(model).__name__}, expected a Keras model"))
    draft = read_layers(_chain(model, keras), LAYERS)
    inputs = draft.laid_out(doubles(x, "x"))
    sizes = draft.sizes(inputs)
    _warn_of_penalty(model)
    loss = getattr(model, "loss", None) if loss is None else loss
    if loss is None:
        raise InputError(Fault("loss", "missing; the model was not compiled with one either"))
    if isinstance(loss, Mapping):
        return assemble(draft, inputs, doubles(y, "y"), loss, "xW", fields)
    cost = read_loss(as_part(loss, keras), LOSSES, draft, sizes)
    return assemble(draft, inputs, cost.targets(array(y, "y"), sizes), cost.told, "xW", fields)


def _chain(model: Any, keras: Any) -> Iterator[Part]:
    """The layers that the model sends its input through, one after the other; those of a model within it, too.

    Raises :class:`InputError` where they are no chain.
    """
    sequential = isinstance(model, keras.Sequential)
    if not sequential and not hasattr(model, "inputs"):
        told = "its call() cannot be followed; stepcalc reads Sequential models, and functional ones that are a chain"
        raise InputError(Fault(model.name, told))
    if not model.built:
        raise InputError(Fault(model.name, "it has no weights yet; give it an Input, or call it once"))
    if not sequential:
        _refuse_branches(model)
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _chain(layer, keras)
        else:
            yield Part(layer.name, type(layer).__name__, layer)


def _refuse_branches(model: Any) -> None:
    """Each layer is to take what the one before it gives, and the last one is to give the model's only output."""
    if len(model.outputs) != 1:
        raise InputError(Fault(model.name, f"{len(model.outputs)} outputs, expected one"))
    first, *others = model.layers
    last = first.output
    for layer in others:
        if layer.input is not last:
            raise InputError(Fault(layer.name, "expected a chain, each layer taking what the one before it gives"))
        last = layer.output
    if model.outputs[0] is not last:
        raise InputError(Fault(model.layers[-1].name, "is used twice; each layer of stepcalc has weights of its own"))


def _warn_of_penalty(model: Any) -> None:
    penalty = sum(float(array(each, "losses")) for each in model.losses)
    if penalty:
        warnings.warn(
            f"regularizers add a penalty to Keras's loss ({penalty:.2g} here); stepcalc's cost is without it",
            ModelWarning,
            stacklevel=3,
        )
