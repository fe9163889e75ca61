"""Convolution, pooling and flattening as they are written: what is understood, what is answered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stepcalc.problem import Problem
from tests.problem.conftest import complaints

X = [[[0, 1, 2, 0], [1, 0, 1, 2], [2, 1, 0, 0]]]
KERNEL = {"type": "conv2d", "K": [[[[1, 0], [0, 1]]]]}
END = [{"type": "flatten"}, {"type": "dense", "units": 1}]


def fields(*layers: dict[str, Any], x: Any = X) -> dict[str, Any]:
    return {"loss": "mse", "data": {"x": x}, "layers": [*layers, *END]}


TOO_LARGE = "is larger than the image of 3×4"
AXES = "(filters, channels, height, width); a single kernel is written [[[[…], …]]]"


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        ({"type": "conv2d", "filters": 1, "size": 4}, f"layers[1].size: a kernel of 4×4 {TOO_LARGE}"),
        (
            {"type": "conv2d", "filters": 1, "size": 6, "padding": 1},
            f"layers[1].size: a kernel of 6×6 {TOO_LARGE}, padded to 5×6",
        ),
        ({"type": "maxpool2d", "size": 4}, f"layers[1].size: a window of 4×4 {TOO_LARGE}"),
        ({**KERNEL, "K": [[[[1] * 5]]]}, f"layers[1].K: a kernel of 1×5 {TOO_LARGE}"),
        ({**KERNEL, "K": [[[[1]], [[1]]]]}, "layers[1].K: shape (1, 2, 1, 1), expected (1, 1, 1, 1)"),
        (
            {**KERNEL, "K": [[1, 2], [3, 4]]},
            f"layers[1].K: shape (2, 2), expected {AXES}",
        ),
        ({**KERNEL, "b": [1, 2]}, "layers[1].b: shape (2), expected (1), one number a filter"),
        ({**KERNEL, "b": 1}, "layers[1].b: a bare number, expected (1), one number a filter"),
        ({**KERNEL, "b": [1], "bias": False}, "layers[1].bias: false, but b is given"),
        ({**KERNEL, "size": 3}, "layers[1].K: shape (1, 1, 2, 2), expected (1, 1, 3, 3)"),
        (
            {**KERNEL, "init": {"type": "he_normal", "seed": 1}},
            "layers[1].init: K and init exclude each other; give one of them",
        ),
        (
            {"type": "conv2d", "filters": 2},
            "layers[1].K: missing; or give filters and size, for kernels that are drawn (init) or stay symbols",
        ),
        (
            {**KERNEL, "activation": "softmax"},
            "layers[1].activation: softmax looks at all units of a layer; put it on a dense layer",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_in_a_line(layer: dict[str, Any], told: str) -> None:
    assert complaints(fields(layer)) == [told]


@pytest.mark.parametrize(
    "change", [{"stride": 0}, {"padding": -1}, {"stride": 10**9}, {"padding": 10**9}, {"size": True}]
)
def test_sizes_have_bounds(change: dict[str, Any]) -> None:
    (line,) = complaints(fields({**KERNEL, **change}))
    assert line.startswith(f"layers[1].{next(iter(change))}: ")


def test_a_layer_that_would_look_at_too_much_is_refused() -> None:
    (line,) = complaints(fields({"type": "conv2d", "filters": 1, "size": 1, "padding": 9000}))
    assert line.startswith("layers[1].size: its windows would look at more than 50,000,000 numbers together")


def test_images_and_lists_are_not_mistaken_for_one_another() -> None:
    (line,) = complaints({**fields(KERNEL), "layers": [KERNEL, {"type": "dense", "units": 1}]})
    assert line == "layers[2]: is fed (1, 2, 3), expected a list of inputs; put a flatten layer before it"
    (line,) = complaints({**fields(KERNEL), "layers": [KERNEL]})
    assert line == "layers[1]: hands on maps, (1, 2, 3), to the loss, which takes a list; end with a flatten layer"
    assert complaints({**fields(KERNEL), "data": {"y": 1}}) == ["data: x is missing"]
    (line,) = complaints(fields(KERNEL, x=[1, 2, 3]))
    assert line == "data.x: shape (3), expected an image (channels, height, width), or a list of samples"


def test_shapes_through_the_layers() -> None:
    problem = Problem(**fields(
        {"type": "conv2d", "filters": 3, "size": 2, "padding": 1, "stride": 2}, {"type": "maxpool2d", "size": 2},
        x=np.ones((5, 2, 7, 6)),
    ))  # fmt: skip
    assert problem.samples == 5
    assert {array.letter: array.shape for array in problem.arrays[0]} == {
        "K": (3, 2, 2, 2), "b": (3,), "z": (3, 4, 4), "a": (3, 4, 4),
    }  # fmt: skip
    assert [layer[-1].shape for layer in problem.arrays[1:]] == [(3, 2, 2), (12,), (1,)]
    assert problem.layers[1].stride == 2


def test_drawn_kernels_count_what_a_number_is_multiplied_by() -> None:
    """Glorot and Bengio: ±√(6/(in + out)), with a kernel's own size on both sides."""
    initial = {"type": "xavier_uniform", "seed": 3}
    layer = {"type": "conv2d", "filters": 8, "size": 3, "init": initial}
    kernels = Problem(**fields(layer, x=np.ones((4, 5, 5)))).parameters()["K1"]
    bound = (6 / (4 * 9 + 8 * 9)) ** 0.5
    assert kernels.shape == (8, 4, 3, 3)
    assert 0.9 * bound < np.abs(kernels).max() <= bound
