"""The numbers of the lecture decks, to six figures, and closed forms where a deck has formulas only."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import stepcalc


def solved(**fields: Any) -> Any:
    return stepcalc.solve(stepcalc.Problem(**fields))


def six(expected: Any) -> Any:
    """To six significant figures."""
    return pytest.approx(expected, rel=5e-7)


def dense(weights: Any, bias: Any = None, activation: str = "sigmoid") -> dict[str, Any]:
    return {"type": "dense", "activation": activation, "W": weights, **({} if bias is None else {"b": bias})}


COOKIE = {
    "loss": "binary_cross_entropy",
    "data": {"x": [3, 5, 2, 4], "y": 0},
    "layers": [
        dense([[0.6, 0.1, 0.0, 0.5], [0.2, 0.4, 0.7, 0.1], [0.1, 0.8, 0.3, 0.2]], [0.3, 0.1, 0.2]),
        dense([[0.7, 0.5, 0.9]], [0.2]),
    ],
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
}


def test_cookie() -> None:
    trace = solved(**COOKIE)
    values, gradients = trace.values, trace.gradients
    assert values["z1"].tolist() == pytest.approx([4.6, 4.5, 5.9], rel=1e-15)
    assert values["a1"].tolist() == pytest.approx([0.990048, 0.989013, 0.997268], abs=5e-7)
    assert trace.value("z2") == pytest.approx(2.285082, abs=5e-7)
    assert trace.value("y_hat") == pytest.approx(0.907634, abs=5e-7)
    assert trace.value("L") == pytest.approx(2.381996, abs=5e-7)
    assert trace.value("dL/dy_hat") == pytest.approx(10.826487, abs=5e-7)
    assert trace.value("dL/dz2") == pytest.approx(0.907634, abs=5e-7)
    assert gradients["W2"][0].tolist() == pytest.approx([0.898601, 0.897662, 0.905154], abs=5e-7)
    assert gradients["a1"].tolist() == pytest.approx([0.635344, 0.453817, 0.816871], abs=5e-7)
    assert gradients["z1"].tolist() == pytest.approx([0.00625989, 0.00493128, 0.00222556], abs=5e-9)
    assert trace.value("dL/dW1[1,1]") == pytest.approx(0.01877968, abs=5e-9)
    np.testing.assert_allclose(gradients["W1"], np.outer(gradients["z1"], [3, 5, 2, 4]), rtol=1e-15)
    assert gradients["b1"].tolist() == gradients["z1"].tolist()


def test_cookie_after_the_update() -> None:
    trace = solved(**COOKIE)
    assert trace.value("W2_new[1,1]") == pytest.approx(0.6101399, abs=5e-8)
    assert trace.value("W1_new[1,1]") == pytest.approx(0.598122, abs=5e-7)
    assert trace.history == pytest.approx((2.381996, 2.0620), abs=5e-5)
    assert trace.after["y_hat"][0] == pytest.approx(0.8728, abs=5e-5)
    assert trace.after["L"] == pytest.approx(trace.history[1], rel=1e-14)
    assert trace.nudge("W2[1,1]").forward == pytest.approx(0.8986, abs=5e-5)


def test_the_parabola() -> None:
    trace = solved(
        given={"w": 3},
        define={"J": "w^2"},
        gradient_check={"epsilon": 0.001},
        optimizer={"type": "gradient_descent", "learning_rate": 0.1, "steps": 3},
    )
    nudge = trace.nudge("w")
    assert nudge.after == pytest.approx(9.006001, rel=1e-14)
    assert nudge.after - nudge.before == pytest.approx(0.006001, rel=1e-10)
    assert (nudge.epsilon, nudge.before, trace.value("dJ/dw")) == (0.001, 9.0, 6.0)
    assert float(trace.gradient_check.forward["w"]) == pytest.approx(6.001, rel=1e-9)
    assert float(trace.gradient_check.central["w"]) == pytest.approx(6, rel=1e-9)
    assert trace.history == pytest.approx([9 * 0.64**step for step in range(4)], rel=1e-14)


@pytest.mark.parametrize(("rate", "costs"), [(0.01, 0.98**2), (0.5, 0.0), (1.0, 1.0), (1.1, 1.2**2)])
def test_learning_rates_too_small_good_and_too_large(rate: float, costs: float) -> None:
    optimizer = {"type": "gradient_descent", "learning_rate": rate, "steps": 2}
    trace = solved(given={"w": 3}, define={"J": "w^2"}, optimizer=optimizer)
    assert trace.history == pytest.approx((9, 9 * costs, 9 * costs**2), abs=1e-13)


def test_the_chain_rule_both_ways() -> None:
    chained = solved(given={"x": 2}, define={"y": "3*x - 2", "z": "y^2"})
    expanded = solved(given={"x": 2}, define={"z": "9*x^2 - 12*x + 4"})
    assert (chained.value("y"), chained.value("z"), chained.value("dz/dy"), chained.value("dz/dx")) == (4, 16, 8, 24)
    assert (expanded.value("z"), expanded.value("dz/dx")) == (16, 24)


def test_the_chain_rule_with_another_link() -> None:
    trace = solved(given={"v": 0.8}, define={"x": "5*v - 2", "y": "3*x - 2", "z": "y^2"})
    assert [trace.value(item) for item in ("x", "y", "z", "dz/dy", "dz/dx", "dz/dv")] == pytest.approx(
        [2, 4, 16, 8, 24, 120]
    )


def test_the_perceptron_line() -> None:
    layer = dense([[5, -3]], [1])
    trace = solved(loss="binary_cross_entropy", data={"x": [-3, 2], "y": 0}, layers=[layer])
    assert trace.value("z1") == -20
    assert trace.value("y_hat") == six(2.061154e-9)
    assert trace.value("L") == six(2.061154e-9)


HOUSES = np.array([[1000.0, 2.0], [2000.0, 4.0], [3000.0, 7.0]])
PRICES = np.array([20000.0, 30000.0, 50000.0])


def test_house_prices() -> None:
    w, b = np.array([10.0, 500.0]), 2000.0
    trace = solved(
        loss={"type": "mse", "scale": 0.5},
        data={"x": HOUSES.tolist(), "y": PRICES.tolist()},
        layers=[dense([w.tolist()], [b], "linear")],
        optimizer={"type": "gradient_descent", "learning_rate": 1e-7},
    )
    error = PRICES - (HOUSES @ w + b)
    assert trace.value("L") == pytest.approx(np.mean(error**2) / 2, rel=1e-14)
    assert trace.gradients["y_hat"][:, 0].tolist() == pytest.approx((-error / 3).tolist(), rel=1e-14)
    assert trace.gradients["W1"][0].tolist() == pytest.approx((-error @ HOUSES / 3).tolist(), rel=1e-14)
    assert trace.value("dL/db1") == pytest.approx(-error.mean(), rel=1e-14)
    assert trace.updated["W1"][0].tolist() == pytest.approx((w + 1e-7 * error @ HOUSES / 3).tolist(), rel=1e-14)


@pytest.mark.parametrize("house", [0, 1, 2])
def test_one_house_has_the_derivatives_of_the_deck(house: int) -> None:
    """∂L/∂ŷ = −(y − ŷ), ∂L/∂w₁ = −(y − ŷ)x₁, ∂L/∂b = −(y − ŷ)."""
    x, y = HOUSES[house], PRICES[house]
    layer = dense([[10.0, 500.0]], [2000.0], "linear")
    trace = solved(loss={"type": "mse", "scale": 0.5}, data={"x": x.tolist(), "y": y}, layers=[layer])
    down = -(y - (10 * x[0] + 500 * x[1] + 2000))
    assert [trace.value(f"dL/d{item}") for item in ("y_hat", "b1", "W1[1,1]", "W1[1,2]")] == pytest.approx(
        [down, down, down * x[0], down * x[1]], rel=1e-14
    )


def test_alien_mood() -> None:
    x, y = np.array([[3.0, 0.0], [0.0, 2.0], [1.0, 3.0], [2.0, 1.0]]), np.array([1.0, 0.0, 0.0, 1.0])
    w, b = np.array([0.5, -0.25]), 0.1
    trace = solved(
        loss="binary_cross_entropy", data={"x": x.tolist(), "y": y.tolist()}, layers=[dense([w.tolist()], [b])]
    )
    y_hat = np.array([1 / (1 + math.exp(-(row @ w + b))) for row in x])
    losses = [-math.log(p) if t else -math.log(1 - p) for p, t in zip(y_hat, y, strict=True)]
    assert trace.value("L") == pytest.approx(np.mean(losses), rel=1e-14)
    assert trace.gradients["y_hat"][:, 0].tolist() == pytest.approx(
        (-(y - y_hat) / (y_hat * (1 - y_hat)) / 4).tolist(), rel=1e-13
    )
    assert trace.gradients["W1"][0].tolist() == pytest.approx((-(y - y_hat) @ x / 4).tolist(), rel=1e-14)
    assert trace.value("dL/db1") == pytest.approx(np.mean(y_hat - y), rel=1e-13)


def test_two_two_one_by_the_five_factors_of_the_deck() -> None:
    x1, w11, w1, w = 0.5, 0.3, 0.4, [[0.3, -0.2], [0.7, 0.1]]
    trace = solved(
        loss="binary_cross_entropy",
        data={"x": [x1, -1.0], "y": 1},
        layers=[dense(w, [0.1, -0.3]), dense([[w1, -0.6]], [0.2])],
        optimizer={"type": "gradient_descent", "learning_rate": 0.5},
    )
    a1, y_hat = trace.value("a1[1]"), trace.value("y_hat")
    five = -(1 / y_hat) * y_hat * (1 - y_hat) * w1 * a1 * (1 - a1) * x1
    short = -x1 * w1 * a1 * (1 - a1) * (1 - y_hat)
    assert trace.value("dL/dW1[1,1]") == pytest.approx(five, rel=1e-14) == pytest.approx(short, rel=1e-14)
    assert trace.value("W1_new[1,1]") == pytest.approx(w11 - 0.5 * short, rel=1e-14)
    assert trace.value("W1_new[1,1]") > w11, "the deck lost a minus sign here"


def test_the_matrix_deck() -> None:
    """H_in = XW₁, O_in = H_out W₂, MSE = 1/N Σₑ Σₙ (O_out − Y)², three factors for W₂ and five for W₁."""
    rng = np.random.default_rng(4)
    x, y, w1, w2 = (rng.normal(size=shape) for shape in [(3, 2), (3, 2), (2, 4), (4, 2)])
    trace = solved(
        loss="mse",
        data={"x": x.tolist(), "y": y.tolist()},
        layers=[dense(w1.tolist()), dense(w2.tolist())],
        notation={"product": "xW"},
    )
    hidden = 1 / (1 + np.exp(-x @ w1))
    out = 1 / (1 + np.exp(-hidden @ w2))
    down = 2 / 3 * (out - y) * out * (1 - out)
    assert trace.value("L") == pytest.approx(np.sum((out - y) ** 2) / 3, rel=1e-14)
    np.testing.assert_allclose(trace.gradients["W2"], hidden.T @ down, rtol=1e-13)
    np.testing.assert_allclose(trace.gradients["W1"], x.T @ (down @ w2.T * hidden * (1 - hidden)), rtol=1e-13)


def test_a_network_of_steps_cannot_learn() -> None:
    layers = [dense([[1, -1], [0.5, 2]], [0.1, 0.2], "step"), dense([[1, 1]], [-1], "step")]
    trace = solved(loss="mse", data={"x": [1, 2], "y": 0}, layers=layers)
    assert trace.value("L") == 1
    for name in trace.graph.parameters:
        assert not trace.gradients[name].any()


def test_the_decks_own_cookie_is_the_truncated_one() -> None:
    """ŷ = 0.907 and J = 2.375 come out when each number is cut to three decimals and carried."""
    trace = solved(**COOKIE, rounding={"decimals": 3, "mode": "truncate", "carry": True})
    assert trace.value("z2") == 2.284
    assert trace.value("y_hat") == 0.907
    assert trace.value("L") == 2.375
