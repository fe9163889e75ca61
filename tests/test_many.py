"""Many problems at once: the same numbers as one after another, whatever is asked for, in whatever blocks."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stepcalc
from stepcalc import evaluate
from stepcalc.descend import feeds_of
from stepcalc.graph import Graph, build
from stepcalc.many import many as calculated
from tests.networks import Fields, networks
from tests.printed import example


def stacked(fields: Fields, problems: int, seed: int = 1) -> tuple[Graph, dict[str, np.ndarray]]:
    """A graph, and feeds with other weights and inputs for each of many problems."""
    problem = stepcalc.Problem(**fields)
    rng = np.random.default_rng(seed)
    found = {"x": problem.x, "y": problem.y, **problem.parameters()}
    feeds = {}
    for name, array in found.items():
        array = array[None] if problem.samples is None and name in "xy" else array
        moved = np.repeat(array[None], problems, axis=0)
        feeds[name] = moved if name == "y" else moved + 0.3 * rng.normal(size=moved.shape)
    return build(problem), feeds


@settings(max_examples=20)
@given(networks(), st.sampled_from([1, 2, 3, 100]))
def test_many_problems_are_the_same_as_one_after_another(fields: Fields, block: int) -> None:
    graph, feeds = stacked(fields, 5)
    gradients = [f"dL/d{name}" for name in graph.differentiable if name != "L"]
    wanted = ["L", "y_hat", "z1", *gradients]
    found = calculated(graph, feeds, np, wanted, block=block)
    for number in range(5):
        values = evaluate.forward(
            graph, {name: array[number] for name, array in feeds.items()}, evaluate.Arithmetic(np)
        )
        slopes = evaluate.backward(graph, values, evaluate.Arithmetic(np))
        alone = values | {f"dL/d{name}": array for name, array in slopes.items()}
        for name in wanted:
            np.testing.assert_allclose(found[name][number], alone[name], rtol=1e-12, atol=1e-14)


@settings(max_examples=20)
@given(networks(), st.data())
def test_asking_for_less_gives_the_same_numbers(fields: Fields, data: st.DataObject) -> None:
    graph, feeds = stacked(fields, 3)
    everything = [
        "L",
        "z1",
        "y_hat",
        *(f"dL/d{name}" for name in graph.quantities if name in graph.differentiable - {"L"}),
    ]
    less = data.draw(st.lists(st.sampled_from(everything), min_size=1, max_size=3, unique=True))
    whole, part = (calculated(graph, feeds, np, wanted) for wanted in (everything, less))
    assert list(part) == less
    for name in less:
        np.testing.assert_array_equal(part[name], whole[name])


def test_problems_may_share_arrays() -> None:
    fields = {
        "loss": "mse",
        "data": {"x": [1.0, 2.0], "y": [0.5]},
        "layers": [{"type": "dense", "activation": "tanh", "W": [[0.1, 0.2]], "b": [0.3]}],
    }
    graph, feeds = stacked(fields, 4)
    for varying in ("x", "W1", "b1"):
        shared = {name: array if name == varying else array[0] for name, array in feeds.items()}
        repeated = {
            name: array if name == varying else np.repeat(array[:1], 4, axis=0) for name, array in feeds.items()
        }
        wanted = ["L", "dL/dW1", "dL/db1", "dL/dx"]
        few, all_of_them = (calculated(graph, given, np, wanted) for given in (shared, repeated))
        for name in wanted:
            np.testing.assert_allclose(few[name], all_of_them[name], rtol=1e-14)


def test_what_does_not_vary_is_given_for_each_problem_all_the_same() -> None:
    fields = {"loss": "mse", "data": {"x": [1.0, 2.0], "y": [0.5]}, "layers": [{"type": "dense", "W": [[0.1, 0.2]]}]}
    graph, feeds = stacked(fields, 4)
    feeds = {name: array if name == "y" else array[0] for name, array in feeds.items()}
    found = calculated(graph, feeds, np, ["z1", "L", "dL/dW1"])
    assert {name: array.shape for name, array in found.items()} == {"z1": (4, 1, 1), "L": (4,), "dL/dW1": (4, 1, 2)}


def test_expressions_are_calculated_many_at_once_too() -> None:
    graph = build(stepcalc.Problem(given={"x": 2, "k": 3}, define={"y": "3*x - 2", "z": "y^2 + k"}))
    found = calculated(graph, {"x": np.arange(5.0), "k": np.array(1.0)}, np, ["z", "dz/dx", "dz/dk"], block=2)
    assert found["z"].tolist() == [(3 * x - 2) ** 2 + 1 for x in range(5)]
    assert found["dz/dx"].tolist() == [6 * (3 * x - 2) for x in range(5)]
    assert found["dz/dk"].tolist() == [1.0] * 5


@settings(max_examples=20)
@given(networks(max_layers=3, max_width=3))
def test_any_array_api_library_will_do(fields: Fields) -> None:
    """What CuPy would be given: nothing but calls of the standard, and arrays of one library."""
    graph, feeds = stacked(fields, 2)
    given = {name: strict.asarray(array) for name, array in feeds.items()}
    ours, theirs = evaluate.Arithmetic(np), evaluate.Arithmetic(strict)
    values, found = evaluate.forward(graph, feeds, ours), evaluate.forward(graph, given, theirs)
    slopes, found_slopes = evaluate.backward(graph, values, ours), evaluate.backward(graph, found, theirs)
    for plain, other in ((values, found), (slopes, found_slopes)):
        assert list(plain) == list(other)
        for name, array in plain.items():
            np.testing.assert_allclose(np.asarray(other[name]), array, rtol=1e-12, atol=1e-15)
    wanted = ["L", *(f"dL/d{name}" for name in graph.parameters)]
    many, few = calculated(graph, given, strict, wanted, block=1), calculated(graph, feeds, np, wanted)
    for name in wanted:
        np.testing.assert_allclose(np.asarray(many[name]), few[name], rtol=1e-12, atol=1e-15)


def test_second_names_may_be_asked_for() -> None:
    trace = example("cookie")
    feeds = feeds_of(trace.problem, trace.graph, np)
    stack = {**feeds, "W2": np.stack([feeds["W2"], 2 * feeds["W2"]])}
    found = calculated(trace.graph, stack, np, ["a2", "y_hat", "dL/da2"])
    assert list(found) == ["a2", "y_hat", "dL/da2"]
    assert np.array_equal(found["a2"], found["y_hat"])
    assert found["dL/da2"][0, 0, 0] == pytest.approx(10.826487, rel=1e-6)
