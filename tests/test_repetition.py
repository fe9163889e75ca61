"""A repeated calculation gives the numbers of the calculation itself, and makes few arrays."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import stepcalc
from stepcalc import many
from stepcalc.graph import build
from stepcalc.repetition import Repetition
from tests import drawn

PROBLEMS, LENGTH = 32, 8

Arrays = Mapping[str, np.ndarray]


def twice(calculation: Any, feeds: Arrays) -> list[tuple[Arrays, Arrays]]:
    """For each stretch what the calculation itself gives, and what its repetition leaves behind."""
    first = calculation(np, {name: array[:LENGTH] for name, array in feeds.items()})
    places = {name: np.full((PROBLEMS, *np.shape(array)[1:]), np.nan) for name, array in first.items()}
    repetition = Repetition(calculation, feeds, LENGTH)
    both = []
    for start in range(0, PROBLEMS, LENGTH):
        here = slice(start, start + LENGTH)
        with np.errstate(all="ignore"):
            expected = calculation(np, {name: array[here] for name, array in feeds.items()})
        repetition(here, {name: place[here] for name, place in places.items()})
        both.append((expected, {name: place[here] for name, place in places.items()}))
    return both


def recurrent(loss: str) -> dict[str, Any]:
    """A network that puts something out at each of two time steps."""
    layers = [
        {"type": "rnn", "W_x": [[0.5]], "W_h": [[-0.3]], "b": [0.1], "return_sequences": True},
        {"type": "dense", "activation": "sigmoid", "W": [[1.2]], "b": [0.4]},
    ]
    return {"loss": loss, "data": {"x": [[1.0], [2.0]], "y": [1, 0]}, "layers": layers}


NETWORKS = [
    *(drawn.network_problem(random.Random(number), number) for number in range(54)),
    *map(recurrent, ("mse", "binary_cross_entropy")),
]


@pytest.mark.parametrize("number", range(len(NETWORKS)))
def test_every_activation_and_loss(number: int) -> None:
    problem = stepcalc.Problem(**NETWORKS[number])
    graph, rng = build(problem), np.random.default_rng(number)
    known = {"x": problem.x, "y": problem.y, **problem.parameters()}
    feeds = {}
    for name, array in known.items():
        array = array[None] if problem.samples is None and name in "xy" else array
        spread = 0.0 if name == "y" else 3.0
        feeds[name] = array + spread * rng.normal(size=(PROBLEMS, *array.shape))
        feeds[name][5] *= 1 if name == "y" else 500  # one problem far out, where exponentials overflow
    gradients = [f"dL/d{name}" for name in graph.quantities if name in graph.differentiable and name != graph.cost]
    wanted = tuple(name for name in graph.quantities if name != "y_hat") + tuple(gradients)
    calculation = many.calculation_of(graph, {}, wanted)
    for expected, found in twice(calculation, feeds):
        for name in wanted:
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-13, atol=0, err_msg=name)


@pytest.mark.parametrize(
    "calculation",
    [
        lambda xp, feeds: {"a": feeds["x"]},
        lambda xp, feeds: {"a": feeds["x"][:, None, :]},
        lambda xp, feeds: {"a": feeds["x"][:, 0]},
        lambda xp, feeds: {"a": xp.exp(feeds["x"])[:, :, None], "b": xp.exp(feeds["x"])},
        lambda xp, feeds: {"a": xp.exp(feeds["x"])[:, None, :], "b": xp.exp(feeds["x"])[:, :, None]},
        lambda xp, feeds: {"a": xp.matrix_transpose(xp.exp(feeds["x"])[:, None, :])},
        lambda xp, feeds: {"a": xp.exp(feeds["x"])[:, 1] + feeds["x"][:, 0], "b": feeds["x"][:, 1] * 1.0},
        lambda xp, feeds: {"a": xp.zeros_like(feeds["x"]), "b": xp.zeros_like(-feeds["x"]) + feeds["x"]},
        lambda xp, feeds: {"a": xp.where(feeds["x"] > 0, feeds["x"], -feeds["x"]), "b": xp.sum(feeds["x"], axis=-1)},
        lambda xp, feeds: {"a": (feeds["x"] + 1.0)[:, ::-1] * (feeds["x"] + 1.0), "b": (feeds["x"] > 0) == (1.0 > 0)},
        lambda xp, feeds: {"a": feeds["x"][:, :, None] @ feeds["x"][:, None, :] @ (feeds["x"][:, :, None] + 1.0)},
    ],
)
@pytest.mark.parametrize("layout", ["problems first", "problems last"])
def test_views_and_whole_arrays(calculation: Any, layout: str) -> None:
    x = np.random.default_rng(1).normal(size=(PROBLEMS, 2))
    feeds = {"x": x if layout == "problems first" else np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0)}
    for expected, found in twice(calculation, feeds):
        for name, array in expected.items():
            np.testing.assert_allclose(found[name], array, rtol=1e-13, atol=0, err_msg=name)


def test_memory_is_used_again() -> None:
    def calculation(xp: Any, feeds: Any) -> Any:
        z = feeds["x"]
        for _ in range(50):
            z = xp.tanh(z) + 1.0
        return {"z": z}

    repetition = Repetition(calculation, {"x": np.ones((PROBLEMS, 3))}, LENGTH)
    written = [array for array in repetition._arrays.values() if isinstance(array, np.ndarray) and len(array) == LENGTH]
    assert len({array.__array_interface__["data"][0] for array in written}) <= 4


def test_results_are_written_where_they_belong() -> None:
    repetition = Repetition(
        lambda xp, feeds: {"a": xp.exp(feeds["x"])[:, None], "b": feeds["x"] - 1.0}, {"x": np.ones(PROBLEMS)}, LENGTH
    )
    places = {"a": np.zeros((LENGTH, 1)), "b": np.zeros(LENGTH)}
    repetition(slice(LENGTH), places)
    assert all(repetition._arrays[slot] is places[name] for name, slot in repetition._found.items())
