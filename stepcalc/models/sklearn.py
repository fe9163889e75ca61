"""scikit-learn: its fitted multi-layer perceptrons, as a problem."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from stepcalc.errors import Fault, InputError, ModelWarning
from stepcalc.models.draft import Cost, Draft, Sizes
from stepcalc.models.numbers import Numbers, array, doubles, library, one_hot
from stepcalc.models.reading import assemble
from stepcalc.problem import NetworkProblem
from stepcalc.problem.faults import listed, quoted


def from_sklearn(model: Any, x: Any, y: Any, **fields: Any) -> NetworkProblem:
    """The problem of explaining ``model``, a fitted ``MLPClassifier`` or ``MLPRegressor``, on a sample or mini-batch.

    ``y`` is what ``fit`` takes: numbers, or labels, which become the names of the classes. ``fields`` are other parts
    of a problem file: ``title``, ``optimizer``, ``data`` for names. The weights are inputs × units, as in ``coefs_``.

    Warns with :class:`ModelWarning` of the penalty on large weights (``alpha``), which is not part of the cost. Raises
    :class:`InputError` for what has no counterpart; :class:`StepcalcError` if scikit-learn is not installed.
    """
    neural = library("sklearn.neural_network", "sklearn")
    if not isinstance(model, (neural.MLPClassifier, neural.MLPRegressor)):
        raise InputError(
            Fault("", f"a {type(model).__name__}, expected {_EXPECTED.get(type(model).__name__, _PERCEPTRON)}")
        )
    if not hasattr(model, "coefs_"):
        raise InputError(Fault("", "the model has no weights yet; call fit first"))
    inputs = doubles(x, "x")
    sizes = Sizes(len(inputs) if inputs.ndim > 1 else None, model.n_outputs_)
    cost = _cost(model)
    labelled = isinstance(model, neural.MLPClassifier) and not _is_multilabel(model)
    targets = _of_labels(model, y) if labelled else doubles(y, "y")
    names = {"classes": [str(label) for label in model.classes_]} if labelled else {}
    if hasattr(model, "feature_names_in_"):
        names["x_names"] = [str(name) for name in model.feature_names_in_]
    _warn_of_penalty(model, sizes.samples or 1)
    told = {**fields, "data": {**names, **fields.get("data", {})}}
    return assemble(_layers(model), inputs, targets, cost.told, "xW", told)


_PERCEPTRON = "a fitted MLPClassifier or MLPRegressor"
_EXPECTED = {
    "Pipeline": f"its last step, {_PERCEPTRON}, and x as the steps before it hand it on: pipeline[:-1].transform(x)",
    "GridSearchCV": f"its best_estimator_, {_PERCEPTRON}",
    "RandomizedSearchCV": f"its best_estimator_, {_PERCEPTRON}",
}
"""What holds a perceptron → how to get at it."""

ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu", "softmax": "softmax"}

LOSSES = {
    ("squared_error", "identity"): Cost("mse", 0.5),
    ("log_loss", "logistic"): Cost("binary_cross_entropy"),
    ("log_loss", "softmax"): Cost("categorical_cross_entropy"),
}
"""Loss and last activation → the cost of which scikit-learn descends the gradient; with several numbers to predict, its
``loss_`` is the mean over these, and its gradient that of their sum."""


def _layers(model: Any) -> Draft:
    draft = Draft()
    for number, (weights, biases) in enumerate(zip(model.coefs_, model.intercepts_, strict=True), 1):
        draft.add("dense", W=doubles(weights, "coefs_").T, b=doubles(biases, "intercepts_"))
        name = model.out_activation_ if number == len(model.coefs_) else model.activation
        draft.activate(ACTIVATIONS[name])
    return draft


def _cost(model: Any) -> Cost:
    which = (model.loss, model.out_activation_)
    if which not in LOSSES:
        known = listed(sorted({loss for loss, _ in LOSSES}))
        raise InputError(Fault("loss", f"stepcalc cannot translate {model.loss}: it can read {known}"))
    return LOSSES[which]


def _is_multilabel(model: Any) -> bool:
    """Whether each output is a question of its own, answered with yes or no."""
    return bool(model.n_outputs_ > 1 and model.out_activation_ == "logistic")


def _of_labels(model: Any, y: Any) -> Numbers:
    """1 for the right class, in a row of 0s if there are more than two; raises :class:`InputError` for others."""
    numbers = {label: number for number, label in enumerate(model.classes_.tolist())}
    labels = array(y, "y")
    unknown = [label for label in labels.ravel().tolist() if label not in numbers]
    if unknown:
        known = listed(quoted(label) for label in numbers)
        raise InputError(Fault("y", f"{quoted(unknown[0])} is none of the classes, which are {known}"))
    found = np.array([numbers[label] for label in labels.ravel().tolist()]).reshape(labels.shape)
    return found.astype(np.float64) if model.n_outputs_ == 1 else one_hot(found, model.n_outputs_, "y")


def _warn_of_penalty(model: Any, samples: int) -> None:
    penalty = model.alpha / 2 * sum(float(np.sum(np.square(weights))) for weights in model.coefs_) / samples
    if penalty:
        warnings.warn(
            f"alpha is {model.alpha:g}: scikit-learn's loss has a penalty, alpha/2 times the sum of the squared "
            f"weights over the number of samples ({penalty:.2g} here); stepcalc's cost is without it",
            ModelWarning,
            stacklevel=3,
        )
