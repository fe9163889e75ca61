"""Where exponentials overflow and digits cancel: every number against fifty digits of mpmath."""

from __future__ import annotations

import json
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import stepcalc
from stepcalc.ops import registry
from stepcalc.ops.dense import Dense
from stepcalc.ops.softmax import Softmax
from stepcalc.sheet import render

LOGITS = [-1000.0, -700.0, -40.0, -3.3, -1e-9, 0.0, 1e-9, 0.8, 20.0, 36.7, 40.0, 700.0, 1000.0]
ULPS = 1e-15
TINY = 1e-300


@pytest.fixture(autouse=True)
def _fifty_digits() -> Any:
    with mp.workdps(1000):
        yield


def solved(z: list[float], y: list[float], activation: Any, loss: Any) -> Any:
    """One layer whose logits are exactly ``z``."""
    layer = {"type": "dense", "activation": activation, "W": [[value] for value in z]}
    return stepcalc.solve(stepcalc.Problem(loss=loss, data={"x": [1], "y": y}, layers=[layer]))


def close(expected: Any, rel: float = ULPS, abs: float = TINY) -> Any:
    return pytest.approx(float(expected), rel=rel, abs=abs)


def sigma(z: Any) -> Any:
    return 1 / (1 + mp.exp(-mp.mpf(z)))


@pytest.mark.parametrize("y", [0.0, 1.0, 0.3])
@pytest.mark.parametrize("z", LOGITS)
def test_sigmoid_with_binary_cross_entropy(z: float, y: float) -> None:
    trace = solved([z], [y], "sigmoid", "binary_cross_entropy")
    a, target = sigma(z), mp.mpf(y)
    assert trace.value("y_hat") == close(a)
    assert trace.value("L") == close(-target * mp.log(a) - (1 - target) * mp.log(1 - a))
    assert trace.value("dL/dz1") == close(a - target, abs=1e-16 if y == 0.3 else TINY)
    assert trace.value("dL/dW1") == trace.value("dL/dz1")
    exact = -target / a + (1 - target) / (1 - a)
    found = trace.value("dL/dy_hat")
    if abs(exact) > mp.mpf(10) ** 308:
        assert found is None
    else:
        assert found == close(exact, rel=1e-14)


def softmax(z: list[float]) -> list[Any]:
    raised = [mp.exp(mp.mpf(value)) for value in z]
    return [one / sum(raised) for one in raised]


VECTORS = [[1000.0, 0.0, -1000.0], [40.0, 0.0, -40.0], [0.0, 0.0, 0.0], [1000.0, 1000.0, 999.0], [-1000.0, 5.0, 5.1]]


@pytest.mark.parametrize("hot", [0, 1, 2])
@pytest.mark.parametrize("z", VECTORS, ids=str)
def test_softmax_with_categorical_cross_entropy(z: list[float], hot: int) -> None:
    trace = solved(z, [float(k == hot) for k in range(3)], "softmax", "categorical_cross_entropy")
    a = softmax(z)
    assert trace.value("L") == close(-mp.log(a[hot]))
    for k in range(3):
        exact = -sum(a[j] for j in range(3) if j != k) if k == hot else a[k]
        assert trace.value(f"dL/dz1[{k + 1}]") == close(exact)
        assert trace.value(f"y_hat[{k + 1}]") == close(a[k])


@pytest.mark.parametrize("y", [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.3, 0.7, 0.0]], ids=str)
@pytest.mark.parametrize("z", VECTORS, ids=str)
def test_softmax_with_binary_cross_entropy(z: list[float], y: list[float]) -> None:
    trace = solved(z, y, "softmax", "binary_cross_entropy")
    a, target = softmax(z), [mp.mpf(value) for value in y]
    pairs = list(zip(a, target, strict=True))
    assert trace.value("L") == close(sum(-t * mp.log(s) - (1 - t) * mp.log(1 - s) for s, t in pairs), rel=4e-15)
    by_output = [-t / s + (1 - t) / (1 - s) for s, t in pairs]
    mean = sum(g * s for g, s in zip(by_output, a, strict=True))
    for k in range(3):
        size = float(sum(abs(g * s) for g, s in zip(by_output, a, strict=True)))
        assert trace.value(f"dL/dz1[{k + 1}]") == close(a[k] * (by_output[k] - mean), rel=1e-14, abs=1e-15 * size)


@pytest.mark.parametrize("y", [[1.0, 0.0], [0.0, 1.0]], ids=str)
@pytest.mark.parametrize("z", LOGITS)
def test_sigmoids_with_categorical_cross_entropy(z: float, y: list[float]) -> None:
    trace = solved([z, 0.5], y, "sigmoid", "categorical_cross_entropy")
    hot = (z, 0.5)[y.index(1)]
    assert trace.value("L") == close(-mp.log(sigma(hot)))
    assert trace.value("dL/dz1[1]") == close(y[0] * (sigma(z) - 1))


EXACT = {
    "sigmoid": (sigma, lambda z: sigma(z) * (1 - sigma(z))),
    "tanh": (mp.tanh, lambda z: mp.sech(z) ** 2),
    "softplus": (lambda z: mp.log1p(mp.exp(z)), sigma),
    "elu": (lambda z: z if z >= 0 else mp.expm1(z), lambda z: 1 if z >= 0 else mp.exp(z)),
    "relu": (lambda z: max(z, 0), lambda z: 1 if z > 0 else 0),
    "linear": (lambda z: z, lambda z: 1),
}


@pytest.mark.parametrize("z", LOGITS)
@pytest.mark.parametrize("name", EXACT)
def test_activations_and_their_slopes_keep_their_digits(name: str, z: float) -> None:
    op, (value, slope) = registry.make("activation", name, registry.parameters("activation", name)), EXACT[name]
    array = np.array([[z]])
    with np.errstate(all="ignore"):
        output = op.forward(np, array)
        found = op.backward(np, np.ones((1, 1)), output, array)[0]
    assert output[0, 0] == close(value(mp.mpf(z)))
    assert found[0, 0] == close(slope(mp.mpf(z)), rel=2e-15)


@pytest.mark.parametrize("z", LOGITS)
@pytest.mark.parametrize("y", [0.0, 0.3])
def test_sigmoid_with_squared_error(z: float, y: float) -> None:
    trace = solved([z], [y], "sigmoid", "mse")
    a, target = sigma(z), mp.mpf(y)
    assert trace.value("L") == close((a - target) ** 2, rel=4e-15)
    assert trace.value("dL/dz1") == close(2 * (a - target) * a * (1 - a), rel=4e-15)


@pytest.mark.parametrize("activation", registry.names("activation"))
@pytest.mark.parametrize("loss", registry.names("loss"))
@pytest.mark.parametrize("size", [1e3, 1e300])
def test_json_never_holds_what_is_not_a_number(activation: str, loss: str, size: float) -> None:
    try:
        trace = solved([size, -size], [1.0, -1.0 if loss == "hinge" else 0.0], activation, loss)
    except stepcalc.NumberError as error:
        if error.faults[0].place:
            return
        raise
    text = render(trace, "json")

    def refuse(word: str) -> None:
        raise AssertionError(word)

    json.loads(text, parse_constant=refuse)


def test_a_derivative_beyond_double_precision_is_null() -> None:
    found = json.loads(render(solved([1000.0], [0.0], "sigmoid", "binary_cross_entropy"), "json"))
    assert found["gradients"]["y_hat"] == [None]
    assert found["gradients"]["z1"] == [1.0]
    assert found["values"]["L"] == 1000.0


def test_no_number_is_minus_zero_at_the_right_answer() -> None:
    trace = solved([1000.0], [1.0], "sigmoid", "binary_cross_entropy")
    assert str(trace.value("L")) == "0.0"


def test_sums_of_printed_numbers_that_cancel_are_0() -> None:
    """0.006 · (−0.1) + 0.003 · 0.2, and 0.1 + 0.2 − 0.3: where rounded numbers are carried on, a person gets 0."""
    dense, bias = Dense(), np.zeros(3)
    weights, gradient = np.array([[-0.1, 0.7], [0.2, 0.1], [0.0, 0.3]]), np.array([[0.006, 0.003, -0.1]])
    by_x, *_ = dense.backward_as_printed(np, gradient, gradient, np.array([[1.0, 2.0]]), weights, bias)
    assert by_x is not None
    assert by_x[0, 0] == 0
    assert by_x[0, 1] == pytest.approx(-0.0255)
    samples = np.array([[0.1], [0.2], [-0.3]])
    _, by_w, by_b = dense.backward_as_printed(np, samples, samples, np.ones((3, 1)), np.ones((1, 1)), bias[:1])
    assert (by_w, by_b) == (0, 0)


def test_printed_outputs_of_a_softmax_that_do_not_add_up_to_1() -> None:
    """The line on the sheet: ∂L/∂a₁ · a₁(1 − a₁) + ∂L/∂a₂ · (−a₂ a₁) + …"""
    a, g = np.array([[0.33, 0.33, 0.33]]), np.array([[0.0, -3.03, 0.5]])
    (by_z,) = Softmax().backward_as_printed(np, g, a, a)
    lines = [sum(g[0, k] * a[0, k] * ((k == i) - a[0, i]) for k in range(3)) for i in range(3)]
    assert by_z is not None
    assert by_z[0] == pytest.approx(lines, rel=1e-14)
    assert Softmax().backward(np, g, a, a)[0] != pytest.approx(lines, rel=1e-3)


def test_equal_gradients_give_0_where_printed_outputs_add_up_to_1() -> None:
    a, g = np.array([[0.1, 0.2, 0.7]]), np.full((1, 3), 0.3)
    (by_z,) = Softmax().backward_as_printed(np, g, a, a)
    assert by_z is not None
    assert (by_z == 0).all()
