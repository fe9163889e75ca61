"""A 2-2-1 network with binary cross-entropy by hand, in NumPy: for many students at once, each rounding or not.

Nothing here comes from stepcalc. Weights are inputs × units, as the example has them: z = x W + b.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

Numbers = dict[str, np.ndarray]
Round = Callable[[np.ndarray], np.ndarray]


def exactly(numbers: np.ndarray) -> np.ndarray:
    return numbers


def to_figures(figures: int) -> Round:
    """Half up, to so many significant figures, decided on the decimal that a calculator shows."""

    def one(number: float) -> float:
        shown = Decimal(f"{number:.12g}")
        if not shown:
            return 0.0
        unit = Decimal(1).scaleb(shown.adjusted() - figures + 1)
        return float(shown.quantize(unit, ROUND_HALF_UP))

    return np.vectorize(one, otypes=[float])


ACTIVATIONS: Mapping[str, tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]] = {
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
    "tanh": (np.tanh, lambda a: 1 - a * a),
    "relu": (lambda z: np.maximum(z, 0), lambda a: (a > 0) * 1.0),
}
"""What each is, and its slope from its output."""


def worked_out(given: Mapping[str, np.ndarray], hidden: str, rate: float, rounded: Round = exactly) -> Numbers:
    """All numbers of the students, each array (students, …), from W1, b1, W2, b2, x and y."""
    x, y, w1, b1, w2, b2 = (given[name] for name in ("x", "y", "W1", "b1", "W2", "b2"))
    f, slope = ACTIVATIONS[hidden]
    sigmoid, sigmoid_slope = ACTIVATIONS["sigmoid"]
    n: Numbers = {}
    n["z1"] = rounded(np.einsum("si,sij->sj", x, w1) + b1)
    n["a1"] = rounded(f(n["z1"]))
    n["z2"] = rounded(np.einsum("si,sij->sj", n["a1"], w2) + b2)
    n["y_hat"] = rounded(sigmoid(n["z2"]))
    y = y.reshape(-1, 1)
    n["L"] = rounded(-np.log(np.where(y == 1, n["y_hat"], 1 - n["y_hat"])))
    n["dL/dy_hat"] = rounded(np.where(y == 1, -1 / n["y_hat"], 1 / (1 - n["y_hat"])))
    n["dL/dz2"] = rounded(n["dL/dy_hat"] * sigmoid_slope(n["y_hat"]))
    n["dL/dW2"] = rounded(n["a1"][:, :, None] * n["dL/dz2"][:, None, :])
    n["dL/da1"] = rounded(np.einsum("sj,sij->si", n["dL/dz2"], w2))
    n["dL/dz1"] = rounded(n["dL/da1"] * slope(n["a1"]))
    n["dL/dW1"] = rounded(x[:, :, None] * n["dL/dz1"][:, None, :])
    n["W1_new"] = rounded(w1 - rate * n["dL/dW1"])
    return n


def mistaken(given: Mapping[str, np.ndarray], n: Numbers, rate: float) -> dict[tuple[str, str], np.ndarray]:
    """What some mistakes give, by what is asked and the misconception's name, from otherwise right numbers."""
    x, y, w1, b1 = (given[name] for name in ("x", "y", "W1", "b1"))
    y = y.reshape(-1, 1)
    return {
        ("z1", "bias_forgotten"): n["z1"] - b1,
        ("z1", "weights_transposed"): np.einsum("si,sji->sj", x, w1) + b1,
        ("a1", "activation_forgotten"): n["z1"],
        ("y_hat", "activation_forgotten"): n["z2"],
        ("L", "target_exchanged"): -np.log(np.where(y == 1, 1 - n["y_hat"], n["y_hat"])),
        ("L", "log10_for_ln"): n["L"] / np.log(10),
        ("dL/dW2", "local_forgotten"): np.repeat(n["dL/dz2"][:, None, :], 2, axis=1),
        ("dL/dW2", "upstream_forgotten"): n["a1"][:, :, None],
        ("dL/dW2", "activation_forgotten"): n["z1"][:, :, None] * n["dL/dz2"][:, None, :],
        ("dL/dW2", "input_for_activation"): x[:, :, None] * n["dL/dz2"][:, None, :],
        ("dL/dW1", "local_forgotten"): np.repeat(n["dL/dz1"][:, None, :], 2, axis=1),
        ("dL/dW1", "upstream_forgotten"): np.repeat(x[:, :, None], 2, axis=2),
        ("W1_new", "update_sign"): w1 + rate * n["dL/dW1"],
        ("W1_new", "rate_forgotten"): w1 - n["dL/dW1"],
        ("W1_new", "never_updated"): w1,
        **{(of, "sign_lost"): -n[of] for of in ("z1", "a1", "y_hat", "L", "dL/dW2", "dL/dW1", "W1_new")},
    }


ASKED = ("z1", "a1", "y_hat", "L", "dL/dW2", "dL/dW1", "W1_new")


def columns(n: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What is asked, scalar by scalar, (students,), by its id."""
    found: dict[str, np.ndarray] = {}
    for name in ASKED:
        whole = n[name]
        if name == "L":
            found["L"] = whole.reshape(-1)
            continue
        for place in np.ndindex(*whole.shape[1:]):
            found[f"{name}[{','.join(str(i + 1) for i in place)}]"] = whole[(slice(None), *place)]
    return found
