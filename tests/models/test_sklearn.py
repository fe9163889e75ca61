"""scikit-learn's perceptrons: the same loss and the same step of gradient descent, and a name for what is not read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import stepcalc
from stepcalc.errors import InputError, ModelWarning
from stepcalc.models.sklearn import ACTIVATIONS
from stepcalc.problem import NetworkProblem
from tests.models.agreement import DOUBLE, close

RATE = 0.1
ONE_STEP = {"solver": "sgd", "learning_rate_init": RATE, "momentum": 0.0, "alpha": 0.0, "shuffle": False}
"""Settings with which ``partial_fit`` makes one plain step of gradient descent with all samples."""

X = np.random.default_rng(2).normal(size=(12, 4))


def fitted(kind: Any, y: Any, **settings: Any) -> Any:
    """A model after its first step."""
    settings = {"hidden_layer_sizes": (3,), "random_state": 1, **ONE_STEP, "batch_size": len(X), **settings}
    classes = {"classes": np.unique(y)} if kind is MLPClassifier and np.ndim(y) == 1 else {}
    return kind(**settings).partial_fit(X, y, **classes)


def steps_alike(model: Any, y: Any, loss_per_output: int = 1) -> NetworkProblem:
    """The problem, after its cost and its updated weights were found to be scikit-learn's."""
    optimizer = {"type": "gradient_descent", "learning_rate": RATE}
    problem = stepcalc.from_sklearn(model, X, y, optimizer=optimizer)
    trace = stepcalc.solve(problem)
    model.partial_fit(X, y)
    close(trace.values["L"] / loss_per_output, model.loss_, DOUBLE)
    for number, (weights, biases) in enumerate(zip(model.coefs_, model.intercepts_, strict=True), 1):
        close(trace.updated[f"W{number}"], weights, DOUBLE)
        close(trace.updated[f"b{number}"], biases, DOUBLE)
    return problem


@pytest.mark.parametrize("activation", sorted(set(ACTIVATIONS) - {"softmax"}))
@pytest.mark.parametrize("sizes", [(), (3,), (4, 2)])
def test_regression(activation: str, sizes: tuple[int, ...]) -> None:
    y = X @ [1, -2, 0.5, 0] + 0.3
    problem = steps_alike(fitted(MLPRegressor, y, activation=activation, hidden_layer_sizes=sizes), y)
    assert (problem.loss.type, problem.loss.parameters) == ("mse", {"scale": 0.5})
    assert problem.notation.product == "xW"
    assert problem.data.classes is None


def test_regression_of_several_numbers_descends_the_sum() -> None:
    y = X[:, :3] ** 2
    steps_alike(fitted(MLPRegressor, y), y, loss_per_output=3)


def test_two_classes() -> None:
    y = np.where(X[:, 0] > 0, "sad", "happy")
    problem = steps_alike(fitted(MLPClassifier, y), y)
    assert problem.loss.type == "binary_cross_entropy"
    assert problem.data.classes == ("happy", "sad")
    assert problem.y is not None
    assert problem.y[:, 0].tolist() == (y == "sad").tolist()


def test_several_classes() -> None:
    y = np.arange(12) % 3 * 10
    problem = steps_alike(fitted(MLPClassifier, y), y)
    assert problem.loss.type == "categorical_cross_entropy"
    assert problem.data.classes == ("0", "10", "20")
    assert problem.layers[-1].activation.type == "softmax"


def test_labels_that_do_not_exclude_one_another() -> None:
    y = (X[:, :3] > 0).astype(int)
    model = MLPClassifier((3,), random_state=1, **{**ONE_STEP, "batch_size": 12}).partial_fit(X, y, classes=[0, 1, 2])
    problem = steps_alike(model, y)
    assert problem.loss.type == "binary_cross_entropy"
    assert problem.data.classes is None


def test_one_sample() -> None:
    y = np.arange(12) % 3
    problem = stepcalc.from_sklearn(fitted(MLPClassifier, y), X[1], 1)
    assert problem.samples is None
    assert problem.y is not None
    assert problem.y.tolist() == [0, 1, 0]
    model = fitted(MLPClassifier, y % 2)
    assert stepcalc.from_sklearn(model, X[1].tolist(), 1).data.classes == ("0", "1")


def test_the_weights_are_those_of_the_model() -> None:
    y = X[:, 0]
    model = fitted(MLPRegressor, y)
    problem = stepcalc.from_sklearn(model, X, y)
    assert problem.parameters()["W1"].tolist() == model.coefs_[0].tolist()
    turned = stepcalc.from_sklearn(model, X, y, notation={"product": "Wx"})
    assert turned.parameters()["W1"].tolist() == model.coefs_[0].T.tolist()
    prediction = stepcalc.solve(turned).values["y_hat"][:, 0]
    close(prediction, model.predict(X), DOUBLE)


def test_names_may_be_given() -> None:
    y = np.arange(12) % 2
    names = {"classes": ["bad", "good"], "x_names": ["a", "b", "c", "d"]}
    problem = stepcalc.from_sklearn(fitted(MLPClassifier, y), X, y, title="Cookies", data=names)
    assert (problem.title, problem.data.classes) == ("Cookies", ("bad", "good"))


def test_names_of_columns_are_taken() -> None:
    model = fitted(MLPRegressor, X[:, 0])
    model.feature_names_in_ = np.array(["Sugar", "Flour", "Butter", "Milk"], dtype=object)
    assert stepcalc.from_sklearn(model, X, X[:, 0]).data.x_names == ("Sugar", "Flour", "Butter", "Milk")


def test_the_penalty_that_the_cost_is_without_is_told() -> None:
    model = fitted(MLPRegressor, X[:, 0], alpha=0.5)
    penalty = 0.25 * sum(float((weights**2).sum()) for weights in model.coefs_) / 12
    with pytest.warns(ModelWarning, match=rf"^alpha is 0\.5: .*\({penalty:.2g} here\)") as caught:
        problem = stepcalc.from_sklearn(model, X, X[:, 0])
    assert [warning.filename for warning in caught] == [__file__]
    cost = float(stepcalc.solve(problem).values["L"])
    model.partial_fit(X, X[:, 0])
    assert cost + penalty == pytest.approx(model.loss_, rel=1e-12)


def complaint(model: Any, x: Any = X, y: Any = X[:, 0]) -> str:
    with pytest.raises(InputError) as caught:
        stepcalc.from_sklearn(model, x, y)
    [line] = caught.value.lines()
    return line


def test_what_is_no_perceptron_is_named() -> None:
    perceptron = "a fitted MLPClassifier or MLPRegressor"
    assert complaint(StandardScaler()) == f"a StandardScaler, expected {perceptron}"
    assert complaint(make_pipeline(StandardScaler(), MLPRegressor())) == (
        f"a Pipeline, expected its last step, {perceptron}, and x as the steps before it hand it on: "
        "pipeline[:-1].transform(x)"
    )


def test_what_is_not_fitted_is_named() -> None:
    assert complaint(MLPRegressor()) == "the model has no weights yet; call fit first"


def test_a_loss_that_stepcalc_lacks_is_named() -> None:
    model = fitted(MLPRegressor, np.abs(X[:, 0]), loss="poisson")
    assert complaint(model) == "loss: stepcalc cannot translate poisson: it can read log_loss, squared_error"


def test_unknown_labels_are_named() -> None:
    y = np.where(X[:, 0] > 0, "sad", "happy")
    told = complaint(fitted(MLPClassifier, y), X[:1], ["angry"])
    assert told == 'y: "angry" is none of the classes, which are "happy", "sad"'


def test_numbers_that_do_not_fit_are_named() -> None:
    model = fitted(MLPRegressor, X[:, 0])
    assert complaint(model, X[:, :3], X[:, 0]).startswith("layers[1].W: shape (4, 3), expected (3, 3)")
    assert complaint(model, X, X[:5, 0]) == "data.y: shape (5), expected (12) or (12, 1)"
