"""Convolutional networks from problem file to numbers: PyTorch in double precision is the judge."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as nn

import stepcalc
from stepcalc import maps
from stepcalc.sheet import render
from stepcalc.trace import Trace
from tests.conftest import REPOSITORY
from tests.oracle import tensor


def layers() -> list[dict[str, Any]]:
    """Two convolutions, with everything that can be said of one."""
    drawn = [{"type": "he_normal", "seed": 3}, {"type": "xavier_uniform", "seed": 4}]
    return [
        {"type": "conv2d", "filters": 3, "size": 3, "padding": 1, "activation": "relu", "init": drawn[0]},
        {"type": "maxpool2d", "size": 2},
        {"type": "conv2d", "filters": 2, "size": 2, "stride": 2, "activation": "tanh", "init": drawn[1], "bias": False},
        {"type": "maxpool2d", "size": 2, "stride": 1},
        {"type": "flatten"},
        {"type": "dense", "units": 3, "activation": "softmax", "init": drawn[1]},
    ]


def by_torch(x: np.ndarray, y: np.ndarray, parameters: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    p = {name: tensor(array) for name, array in parameters.items()}
    found = {"x": tensor(x), **p}
    found["z1"] = nn.conv2d(found["x"], p["K1"], p["b1"], padding=1)
    found["a1"] = torch.relu(found["z1"])
    found["a2"] = nn.max_pool2d(found["a1"], 2)
    found["z3"] = nn.conv2d(found["a2"], p["K3"], stride=2)
    found["a3"] = torch.tanh(found["z3"])
    found["a4"] = nn.max_pool2d(found["a3"], 2, 1)
    found["a5"] = found["a4"].flatten(1)
    found["z6"] = nn.linear(found["a5"], p["W6"], p["b6"])
    found["y_hat"] = torch.softmax(found["z6"], dim=-1)
    found["L"] = -(torch.tensor(y) * torch.log(found["y_hat"])).sum() / len(x)
    for value in found.values():
        value.retain_grad()
    found["L"].backward()
    return found


@pytest.mark.parametrize("samples", [None, 3])
def test_every_number_is_pytorchs(samples: int | None) -> None:
    rng = np.random.default_rng(8)
    x, y = rng.normal(size=(samples or 1, 2, 9, 8)), np.eye(3)[rng.integers(0, 3, samples or 1)]
    data = {"x": x, "y": y} if samples else {"x": x[0], "y": y[0]}
    problem = stepcalc.Problem(
        loss="categorical_cross_entropy", data=data, layers=layers(), optimizer={"learning_rate": 0.1}
    )
    trace = stepcalc.solve(problem)
    written = json.loads(render(trace, "json"))
    assert {"z1", "a1", "a2", "z3", "a3", "a4", "a5", "z6", "a6", "y_hat"} <= written["values"].keys()
    assert {"z1", "a1", "a2", "z3", "a3", "a4", "a5", "z6", "K1", "b1", "K3", "W6", "x"} <= written["gradients"].keys()
    for name, value in by_torch(x, y, problem.parameters()).items():
        single = samples is None and name not in problem.parameters() and name != "L"
        for kind, array in (("values", value.detach()), ("gradients", value.grad)):
            if name != "L" or kind == "values":
                expected = array.numpy()[0] if single else array.numpy()
                np.testing.assert_allclose(written[kind][name], expected, rtol=1e-11, atol=1e-13, err_msg=name)
    for name in ("K1", "K3", "W6"):
        np.testing.assert_allclose(
            written["updated"][name], trace.values[name] - 0.1 * trace.gradients[name], rtol=1e-14
        )


def test_gradients_are_those_of_finite_differences() -> None:
    rng = np.random.default_rng(2)
    data = {"x": rng.normal(size=(2, 9, 8)), "y": [0.0, 1.0, 0.0]}
    trace = stepcalc.solve(stepcalc.Problem(
        loss="categorical_cross_entropy", data=data, layers=layers(), gradient_check={"epsilon": 1e-5}
    ))  # fmt: skip
    check = trace.gradient_check
    assert check is not None
    for name, numerical in check.central.items():
        np.testing.assert_allclose(numerical, trace.gradients[name], rtol=1e-5, atol=1e-8)


# ------------------------------------------------------------------------------------ what happens on the maps


@pytest.fixture(scope="module")
def example() -> Trace:
    return stepcalc.solve(stepcalc.load(REPOSITORY / "worked_examples" / "cnn.toml"))


def test_the_stages_of_the_lecture(example: Trace) -> None:
    assert [layer.type for layer in example.problem.layers] == ["conv2d", "maxpool2d", "flatten", "dense"]
    np.testing.assert_array_equal(example.values["z1"][0], [[0, 6, -6, 1], [0, 4, -4, 2], [0, 4, -3, 1], [0, 4, -3, 0]])
    np.testing.assert_array_equal(example.values["a2"], [[[6, 2], [4, 1]], [[0, 1], [2, 1]]])
    np.testing.assert_array_equal(example.values["a3"], [6, 2, 4, 1, 0, 1, 2, 1])
    np.testing.assert_allclose(example.gradients["z4"], example.values["y_hat"] - example.values["y"], rtol=1e-14)
    np.testing.assert_allclose(example.gradients["b1"], example.gradients["z1"].sum(axis=(1, 2)), rtol=1e-14)


def test_winners_and_ties(example: Trace) -> None:
    assert maps.winners(example, "a2", 1, None) == {(1, 2), (2, 4), (3, 2), (3, 4)}
    assert maps.tied(example, "a2[1,1,1]") == []
    assert maps.tied(example, "a2[1,2,1]") == ["a1[1,3,2]", "a1[1,4,2]"]
    won = {index for index in np.ndindex(4, 4) if example.gradients["a1"][0][index]}
    assert won <= {(i - 1, j - 1) for i, j in maps.winners(example, "a2", 1, None)}


def test_a_weight_is_used_at_every_place(example: Trace) -> None:
    used = list(maps.uses(example, "K1[2,1,3,2]", None))
    assert len(used) == 16
    assert used[0] == maps.Use("z1[2,1,1]", "x[1,3,2]")
    assert used[-1] == maps.Use("z1[2,4,4]", "x[1,6,5]")
    gradient = sum((example.value(f"dL/d{use.output}") or 0.0) * (example.value(use.source) or 0.0) for use in used)
    assert gradient == pytest.approx(example.value("dL/dK1[2,1,3,2]"), rel=1e-13)


@pytest.mark.parametrize(
    ("side", "size", "stride", "padding", "missed"),
    [
        (6, 3, 1, 0, 0),
        (6, 3, 2, 0, 1),
        (8, 2, 3, 0, 0),
        (7, 2, 3, 0, 2),
        (6, 3, 2, 1, 0),
        (5, 1, 4, 0, 0),
        (6, 1, 4, 0, 1),
    ],
)
def test_what_no_window_covers(side: int, size: int, stride: int, padding: int, missed: int) -> None:
    kernel = {"type": "conv2d", "K": [[[[1.0] * size] * size]], "stride": stride, "padding": padding}
    end = [{"type": "flatten"}, {"type": "dense", "units": 1}]
    trace = stepcalc.solve(stepcalc.Problem(loss="mse", data={"x": np.ones((1, side, side))}, layers=[kernel, *end]))
    slides = maps.sliding(trace, "z1")
    assert (slides.missed_rows, slides.missed_columns) == (missed, missed)


@pytest.mark.parametrize(
    ("element", "stride", "padding", "place", "expected"),
    [(1, 1, 0, "i", "i"), (3, 1, 0, "i", "i+2"), (1, 1, 1, "j", "j−1"), (1, 2, 0, "i", "2i−1"), (3, 2, 0, "1", "3")],
)
def test_where_an_element_of_the_window_lies(
    element: int, stride: int, padding: int, place: str, expected: str
) -> None:
    assert maps.followed(element, stride, padding, place) == expected
