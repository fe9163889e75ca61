"""Windows of every size, stride and padding, against PyTorch in double precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional as nn

from stepcalc.graph import build
from stepcalc.many import many
from stepcalc.ops.conv2d import Conv2D
from stepcalc.ops.flatten import Flatten
from stepcalc.ops.maxpool2d import MaxPool2D
from stepcalc.problem import Problem
from tests.oracle import tensor

SIDES, SMALL = st.integers(1, 9), st.integers(1, 4)


def agree(found: Any, expected: torch.Tensor) -> None:
    np.testing.assert_allclose(found, expected.detach().numpy(), rtol=1e-11, atol=1e-12)


@settings(max_examples=150, deadline=None)
@given(
    SMALL, SMALL, SIDES, SIDES, SMALL, SMALL, SMALL, st.integers(0, 3), st.booleans(), st.integers(0, 2**32 - 1)
)  # fmt: skip
def test_convolutions(
    channels: int, filters: int, rows: int, columns: int, high: int, wide: int, stride: int, padding: int,
    biased: bool, seed: int,
) -> None:  # fmt: skip
    assume(rows + 2 * padding >= high and columns + 2 * padding >= wide)
    rng = np.random.default_rng(seed)
    shapes = [(2, channels, rows, columns), (filters, channels, high, wide), *([(filters,)] if biased else [])]
    arrays = [rng.normal(size=shape) for shape in shapes]
    leaves = [tensor(array) for array in arrays]
    op = Conv2D(stride, padding)
    result = nn.conv2d(leaves[0], leaves[1], leaves[2] if biased else None, stride, padding)
    output = op.forward(np, *arrays)
    agree(output, result)
    assert output.shape[1:] == op.shape(*(shape[1:] if slot == 0 else shape for slot, shape in enumerate(shapes)))
    upstream = rng.normal(size=output.shape)
    result.backward(torch.tensor(upstream))
    for found, leaf in zip(op.backward(np, upstream, output, *arrays), leaves, strict=True):
        agree(found() if callable(found) else found, leaf.grad)


@settings(max_examples=150, deadline=None)
@given(SMALL, SIDES, SIDES, SMALL, st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_poolings_with_ties(channels: int, rows: int, columns: int, size: int, stride: int, seed: int) -> None:
    assume(size <= min(rows, columns))
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 3, (2, channels, rows, columns)).astype(float)  # few numbers, so that many are equal
    leaf, op = tensor(x), MaxPool2D(size, stride)
    result = nn.max_pool2d(leaf, size, stride)
    output = op.forward(np, x)
    agree(output, result)
    upstream = rng.normal(size=output.shape)
    result.backward(torch.tensor(upstream))
    (found,) = op.backward(np, upstream, output, x)
    agree(found(), leaf.grad)


def test_of_equal_numbers_the_first_wins() -> None:
    x = np.array([[[[1.0, 3.0], [3.0, 3.0]]]])
    (found,) = MaxPool2D(2, 2).backward(np, np.array([[[[5.0]]]]), np.array([[[[3.0]]]]), x)
    np.testing.assert_array_equal(found(), [[[[0.0, 5.0], [0.0, 0.0]]]])


def test_a_list_of_maps_is_in_row_major_order() -> None:
    x = np.arange(24.0).reshape(2, 2, 3, 2)
    np.testing.assert_array_equal(Flatten().forward(np, x), x.reshape(2, 12))
    assert Flatten().source((12,), (2, 3, 2)) == (2, 3, 2)


def test_sums_are_those_of_the_decimals() -> None:
    """0.1 + 0.7 is 0.8, so that which number wins is decided on what a person sees."""
    x, kernel = np.array([[[[0.1, 0.7, 0.8]]]]), np.array([[[[1.0, 1.0]]]])
    found = Conv2D().forward_by_hand(x, kernel)
    assert found is not None
    assert found.ravel()[0] == 0.8 != 0.1 + 0.7
    assert Conv2D().forward_by_hand(np.zeros((1, 1, 99, 99)), kernel) is None


def network(**data: Any) -> Problem:
    kernels = {"type": "conv2d", "filters": 2, "size": 2, "activation": "relu", "padding": 1, "stride": 2}
    return Problem(
        loss="categorical_cross_entropy",
        data=data,
        layers=[
            {**kernels, "init": {"type": "he_normal", "seed": 1}},
            {"type": "maxpool2d", "size": 2, "stride": 1},
            {"type": "flatten"},
            {"type": "dense", "units": 3, "activation": "softmax", "init": {"type": "xavier_uniform", "seed": 2}},
        ],
    )


@pytest.mark.parametrize("varying", [("x",), ("K1", "b1", "W4"), ("x", "K1", "b1", "W4", "b4", "y")])
def test_many_networks_block_by_block(varying: tuple[str, ...]) -> None:
    """In blocks that are recorded and repeated, the numbers are those of each problem alone."""
    rng = np.random.default_rng(5)
    graph = build(network(x=rng.normal(size=(2, 1, 5, 4)), y=np.eye(3)[[0, 2]]))
    shapes = {"x": (2, 1, 5, 4), "y": (2, 3), "K1": (2, 1, 2, 2), "b1": (2,), "W4": (3, 8), "b4": (3,)}
    drawn = {name: rng.normal(size=(20, *shape)) for name, shape in shapes.items()}
    drawn["y"] = np.eye(3)[rng.integers(0, 3, (20, 2))]
    feeds = {name: array if name in varying else array[0] for name, array in drawn.items()}
    wanted = ["L", "a2", "dL/dK1", "dL/db1", "dL/dW4", "dL/dx"]
    found = many(graph, feeds, np, wanted, block=8)
    for problem in range(20):
        own = {name: (array[problem] if name in varying else array)[None] for name, array in feeds.items()}
        alone = many(graph, own, np, wanted)
        for name in wanted:
            np.testing.assert_allclose(found[name][problem], alone[name][0], rtol=1e-12, atol=1e-13, err_msg=name)
