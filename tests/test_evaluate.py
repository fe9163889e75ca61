"""Whole networks: every value, gradient and update against PyTorch in double precision and finite differences."""

from __future__ import annotations

import copy
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stepcalc
from stepcalc import evaluate
from stepcalc.backend import contract
from stepcalc.graph import Graph, build
from stepcalc.ops import registry
from tests.networks import Fields, networks
from tests.oracle import Network


def solved(fields: Fields) -> Any:
    return stepcalc.solve(stepcalc.Problem(**fields))


def same(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-13)


@settings(max_examples=70)
@given(networks())
def test_networks_agree_with_pytorch(fields: Fields) -> None:
    trace, network = solved(fields), Network(fields)
    values, gradients = network.first_pass()
    for name, array in values.items():
        same(trace.values[name], array)
    assert set(trace.gradients) == set(gradients)
    for name, array in gradients.items():
        same(trace.gradients[name], array)


@settings(max_examples=30)
@given(networks())
def test_updates_agree_with_pytorch(fields: Fields) -> None:
    trace = solved(fields)
    history, first, last = Network(fields).descend()
    same(trace.history, history)
    assert trace.stopped is None
    for name in first:
        same(trace.updated[name], first[name])
        same(trace.final[name], last[name])


@settings(max_examples=30)
@given(networks(), st.integers(0, 10**6))
def test_gradients_agree_with_finite_differences(fields: Fields, choice: int) -> None:
    fields["layers"] = [{**layer, "activation": _smooth(layer["activation"])} for layer in fields["layers"]]
    trace = solved(fields)
    items = [item for name in trace.graph.parameters for item in trace.graph.items(name)]
    item = items[choice % len(items)]
    nudge = trace.nudge(item, 1e-6)
    assert trace.history[0] == trace.value("L")
    assert nudge.before == pytest.approx(trace.history[0], rel=1e-14)
    assert trace.value(f"dL/d{item}") == pytest.approx(nudge.central, rel=1e-4, abs=1e-7)


def _smooth(activation: Any) -> Any:
    """Away from kinks and jumps, where a difference quotient would not be the derivative."""
    name = activation if isinstance(activation, str) else activation["type"]
    return "tanh" if registry.make("activation", name, registry.parameters("activation", name)).kinks else activation


@settings(max_examples=15)
@given(networks())
def test_the_other_product_convention_is_the_same_with_transposed_weights(fields: Fields) -> None:
    other = copy.deepcopy(fields)
    other["notation"]["product"] = {"Wx": "xW", "xW": "Wx"}[fields["notation"]["product"]]
    for layer in other["layers"]:
        layer["W"] = np.transpose(layer["W"]).tolist()
    one, two = solved(fields), solved(other)
    assert one.history == pytest.approx(two.history, rel=1e-14)
    for kind in ("values", "gradients", "updated", "final"):
        for name, array in getattr(one, kind).items():
            turned = array.T if name.startswith("W") else array
            np.testing.assert_allclose(getattr(two, kind)[name], turned, rtol=1e-13, atol=1e-15)


@settings(max_examples=15)
@given(networks())
def test_a_mini_batch_is_the_mean_of_its_samples(fields: Fields) -> None:
    x, y = (np.atleast_2d(np.array(fields["data"][key])) for key in "xy")
    batch = solved({**fields, "data": {"x": x.tolist(), "y": y.tolist()}})
    alone = [solved({**fields, "data": {"x": a.tolist(), "y": b.tolist()}}) for a, b in zip(x, y, strict=True)]
    assert batch.value("L") == pytest.approx(np.mean([trace.value("L") for trace in alone]), rel=1e-13)
    for name in batch.graph.parameters:
        mean = np.mean([trace.gradients[name] for trace in alone], axis=0)
        np.testing.assert_allclose(batch.gradients[name], mean, rtol=1e-12, atol=1e-15)
    for sample, trace in enumerate(alone):
        np.testing.assert_allclose(batch.gradients["x"][sample] * len(x), trace.gradients["x"], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("xp", [np, strict], ids=["numpy", "strict"])
@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((5, 20, 30), (5, 30, 20)), ((6, 5, 1, 1), (5, 1, 1))],
)
def test_contraction_is_the_matrix_product(xp: Any, left: tuple[int, ...], right: tuple[int, ...]) -> None:
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=left), rng.normal(size=right)
    np.testing.assert_allclose(np.asarray(contract(xp, xp.asarray(a), xp.asarray(b))), a @ b, rtol=1e-12, atol=1e-14)


def cookie() -> tuple[Graph, dict[str, np.ndarray]]:
    problem = stepcalc.Problem(
        loss="binary_cross_entropy",
        data={"x": [3, 5, 2, 4], "y": 0},
        layers=[
            {
                "type": "dense",
                "activation": "sigmoid",
                "W": [[0.6, 0.1, 0, 0.5], [0.2, 0.4, 0.7, 0.1], [0.1, 0.8, 0.3, 0.2]],
                "b": [0.3, 0.1, 0.2],
            },
            {"type": "dense", "activation": "sigmoid", "W": [[0.7, 0.5, 0.9]], "b": [0.2]},
        ],
    )
    feeds = {"x": problem.x[None], "y": problem.y[None], **problem.parameters()}
    return build(problem), feeds


def test_a_number_of_ones_own_is_what_follows_is_calculated_from() -> None:
    """A deck's truncated ŷ = 0.907 gives the loss 2.375 that the deck has, and leaves what is before it alone."""
    graph, feeds = cookie()
    arithmetic = evaluate.Arithmetic(np, from_logits=False)
    values = evaluate.forward(graph, {**feeds, "y_hat": np.array([[0.907]])}, arithmetic)
    assert values["L"] == pytest.approx(-np.log(1 - 0.907), rel=1e-12)
    assert values["z2"][0, 0] == pytest.approx(2.285082, abs=5e-7)
    gradients = evaluate.backward(graph, values, arithmetic)
    assert gradients["y_hat"][0, 0] == pytest.approx(1 / 0.093, rel=1e-12)


def test_a_gradient_of_ones_own_is_what_lies_before_is_calculated_from() -> None:
    graph, feeds = cookie()
    arithmetic = evaluate.Arithmetic(np, from_logits=False)
    values = evaluate.forward(graph, feeds, arithmetic)
    own = evaluate.backward(graph, values, arithmetic, given={"z2": np.array([[0.9]])})
    assert own["W2"] == pytest.approx(0.9 * values["a1"], rel=1e-12)
    assert own["y_hat"][0, 0] == pytest.approx(10.826487, rel=1e-6)
