"""Random networks as the fields of a problem file."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from stepcalc.ops import registry
from stepcalc.problem.vocabulary import TARGETS

Fields = dict[str, Any]

SHARES = ("sigmoid", "softmax")
"""Activations whose outputs are between 0 and 1, as the cross-entropies need them."""

KINKED = ("relu", "leaky_relu", "elu", "step")
"""Activations that get a bias: fed by a dead layer, z would be exactly 0, where PyTorch may take another slope."""

MOVES = st.sampled_from(("gradient_descent", "gradient_descent", "momentum", "adam"))
"""The optimizers that PyTorch has as well."""


def _choice(family: str, name: str, rng: np.random.Generator) -> Any:
    parameters = {key: float(rng.uniform(0.2, 1.5)) for key in registry.parameters(family, name)}
    return {"type": name, **parameters} if parameters and rng.integers(2) else name


def _targets(loss: str, rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    kind = TARGETS.get(loss, "any")
    if kind == "one_hot":
        return np.eye(shape[1])[rng.integers(0, shape[1], shape[0])]
    if kind == "unit":
        return rng.choice([0.0, 1.0, 0.3], shape)
    return rng.choice([-1.0, 1.0], shape) if kind == "sign" else rng.normal(size=shape)


@st.composite
def networks(draw: Any, max_layers: int = 4, max_width: int = 5) -> Fields:
    """1 to 4 layers of 1 to 5 units, every activation and every loss that fit, one sample or a mini-batch."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    depth = draw(st.integers(1, max_layers))
    widths = [draw(st.integers(1, max_width)) for _ in range(depth + 1)]
    samples = draw(st.sampled_from([None, None, 1, 2, 3]))
    product = draw(st.sampled_from(["Wx", "xW"]))
    loss = draw(st.sampled_from(registry.names("loss")))
    kinds = [draw(st.sampled_from(registry.names("activation"))) for _ in range(depth)]
    if loss.endswith("cross_entropy"):
        kinds[-1] = draw(st.sampled_from(SHARES if widths[-1] > 1 else SHARES[:1]))
    layers = []
    for inputs, units, kind in zip(widths, widths[1:], kinds, strict=False):
        weights = rng.normal(size=(units, inputs)) if product == "Wx" else rng.normal(size=(inputs, units))
        layer = {"type": "dense", "activation": _choice("activation", kind, rng), "W": weights.tolist()}
        if draw(st.booleans()) or kind in KINKED:
            layer["b"] = rng.normal(size=units).tolist()
        layers.append(layer)
    x, y = rng.normal(size=(samples or 1, widths[0])), _targets(loss, rng, (samples or 1, widths[-1]))
    return {
        "loss": _choice("loss", loss, rng),
        "data": {"x": (x if samples else x[0]).tolist(), "y": (y if samples else y[0]).tolist()},
        "layers": layers,
        "notation": {"product": product},
        "optimizer": {"type": draw(MOVES), "learning_rate": 0.1, "steps": draw(st.integers(1, 3))},
    }
