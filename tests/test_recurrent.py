"""Recurrent networks, forward and back through time, against PyTorch's own layers and finite differences."""

from __future__ import annotations

from typing import Any

import array_api_strict as strict
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import stepcalc
from stepcalc.descend import feeds_of
from stepcalc.errors import InputError
from stepcalc.evaluate import Arithmetic, backward, forward
from stepcalc.graph import build
from stepcalc.many import many
from stepcalc.problem import Problem

Fields = dict[str, Any]
GATES = {"rnn": ("",), "lstm": ("i", "f", "g", "o")}
"""The weighted sums of a layer in the order in which PyTorch stacks them."""


def weights(rng: np.random.Generator, units: int, features: int, bias: bool) -> Fields:
    found = {"W_x": rng.normal(size=(units, features)), "W_h": rng.normal(size=(units, units))}
    found |= {"b": rng.normal(size=units)} if bias else {}
    return {key: array.tolist() for key, array in found.items()}


def layer(kind: str, rng: np.random.Generator, units: int, features: int, bias: bool = True, **more: Any) -> Fields:
    sums = [weights(rng, units, features, bias) for _ in GATES[kind]]
    return {"type": kind, **more} | (sums[0] if kind == "rnn" else dict(zip(GATES[kind], sums, strict=True)))


@st.composite
def sequences(draw: Any) -> Fields:
    """One or two recurrent layers and a dense one, to one output or to one per step; one sample or a mini-batch."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps, features, outputs = (draw(st.integers(1, most)) for most in (5, 3, 3))
    samples = draw(st.sampled_from([None, 1, 3]))
    kinds = draw(st.sampled_from([["rnn"], ["lstm"], ["rnn", "lstm"], ["lstm", "rnn"]]))
    every_step, bias = draw(st.booleans()), draw(st.booleans())
    layers, fed = [], features
    for place, kind in enumerate(kinds, start=1):
        units = draw(st.integers(1, 3))
        handed_on = every_step or place < len(kinds)
        layers.append(layer(kind, rng, units, fed, bias, return_sequences=handed_on))
        fed = units
    dense = rng.normal(size=(outputs, fed))
    product = draw(st.sampled_from(["Wx", "xW"]))
    layers.append({"type": "dense", "W": (dense if product == "Wx" else dense.T).tolist()})
    axis = () if samples is None else (samples,)
    y_shape = (*axis, steps, outputs) if every_step else (*axis, outputs)
    x, y = rng.normal(size=(*axis, steps, features)), rng.normal(size=y_shape)
    return {
        "loss": {"type": "mse", "scale": 0.5},
        "data": {"x": x.tolist(), "y": y.tolist()},
        "layers": layers,
        "notation": {"product": product},
    }


def torch_layer(fields: Fields) -> torch.nn.Module:
    """PyTorch's layer with these weights; its second bias is 0."""
    kind, gates = fields["type"], GATES[fields["type"]]
    sums = [fields] if kind == "rnn" else [fields[gate] for gate in gates]
    units, features = np.shape(sums[0]["W_x"])
    module: Any = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM}[kind](features, units, batch_first=True).double()
    nothing = [0.0] * units
    with torch.no_grad():
        module.weight_ih_l0.copy_(torch.tensor(np.concatenate([one["W_x"] for one in sums])))
        module.weight_hh_l0.copy_(torch.tensor(np.concatenate([one["W_h"] for one in sums])))
        module.bias_ih_l0.copy_(torch.tensor(np.concatenate([one.get("b", nothing) for one in sums])))
        module.bias_hh_l0.zero_()
    return module


def by_torch(fields: Fields) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Values and gradients by PyTorch, under the names and in the shapes of the trace."""
    *recurrent, dense = fields["layers"]
    x = torch.tensor(fields["data"]["x"], dtype=torch.float64)
    single = x.ndim == 2
    x = (x[None] if single else x).requires_grad_()
    y = torch.tensor(fields["data"]["y"], dtype=torch.float64)
    h, modules, named = x, [], {"x": x}
    for number, one in enumerate(recurrent, start=1):
        modules.append(torch_layer(one))
        out, _ = modules[-1](h)  # its gradient is what comes from behind only; the whole one is tested below
        named[f"h{number}"] = out
        h = out if one["return_sequences"] else out[:, -1]
    matrix = torch.tensor(dense["W"], dtype=torch.float64, requires_grad=True)
    y_hat = h @ (matrix.T if fields["notation"]["product"] == "Wx" else matrix)
    y_hat.retain_grad()
    number = len(recurrent) + 1
    named |= {"y_hat": y_hat, f"W{number}": matrix}
    loss = 0.5 * ((y_hat - y.reshape(y_hat.shape)) ** 2).sum() / len(x)
    loss.backward()
    values = {name: array.detach().numpy() for name, array in named.items()}
    gradients = {name: array.grad.numpy() for name, array in named.items() if name[0] != "h"}
    values["L"] = loss.detach().numpy()
    per_sample = {"x", "y_hat", *(name for name in named if name.startswith("h"))}
    if single:
        values |= {name: values[name][0] for name in per_sample}
        gradients |= {name: gradients[name][0] for name in per_sample & gradients.keys()}
    for number, (one, module) in enumerate(zip(recurrent, modules, strict=True), start=1):
        gates = GATES[one["type"]]
        for key, grad in (("W_x", module.weight_ih_l0), ("W_h", module.weight_hh_l0), ("b", module.bias_ih_l0)):
            for gate, part in zip(gates, np.split(grad.grad.numpy(), len(gates)), strict=True):
                if key in (one if one["type"] == "rnn" else one[gate]):
                    gradients[f"{key}{gate}{number}"] = part
    return values, gradients


@settings(max_examples=30)
@given(sequences())
def test_pytorch_agrees(fields: Fields) -> None:
    trace = stepcalc.solve(Problem(**fields))
    values, gradients = by_torch(fields)
    for name, array in values.items():
        np.testing.assert_allclose(trace.values[name], array, rtol=1e-11, atol=1e-13)
    for name, array in gradients.items():
        np.testing.assert_allclose(trace.gradients[name], array, rtol=1e-9, atol=1e-12)
    assert {name for name in trace.gradients if name[0] in "Wb"} == {name for name in gradients if name[0] in "Wb"}


def problem(kind: str = "lstm", steps: int = 3, samples: int | None = None, seed: int = 1, **more: Any) -> Problem:
    rng = np.random.default_rng(seed)
    axis = () if samples is None else (samples,)
    return Problem(
        loss="mse",
        data={"x": rng.normal(size=(*axis, steps, 2)).tolist(), "y": rng.normal(size=(*axis, 1)).tolist()},
        layers=[layer(kind, rng, 2, 2), {"type": "dense", "W": rng.normal(size=(1, 2)).tolist()}],
        **more,
    )


def written_out(asked: Problem, steps: int) -> dict[str, list[torch.Tensor]]:
    """Every sequence of a single layer in PyTorch, step by step, after the way back from 0.5 (w h_T − y)²."""
    leaves = {name: torch.tensor(np.array(array)) for name, array in asked.parameters().items()}
    x, y = torch.tensor(np.array(asked.x)), torch.tensor(np.array(asked.y))
    found: dict[str, list[torch.Tensor]] = {}
    h = c = torch.zeros(2, dtype=torch.float64)

    def kept(name: str, value: torch.Tensor) -> torch.Tensor:
        value.requires_grad_()
        value.retain_grad()
        found.setdefault(name, []).append(value)
        return value

    def weighted(gate: str, at: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
        own = (leaves[f"{key}{gate}1"] for key in ("W_x", "W_h", "b"))
        w_x, w_h, b = own
        return kept(f"z{gate}1", w_x @ at + w_h @ before + b)

    for time in range(steps):
        if "W_xf1" not in leaves:
            h = kept("h1", torch.tanh(weighted("", x[time], h)))
            continue
        f, i, o = (kept(f"{gate}1", torch.sigmoid(weighted(gate, x[time], h))) for gate in "fio")
        g = kept("g1", torch.tanh(weighted("g", x[time], h)))
        c = kept("c1", f * c + i * g)
        h = kept("h1", o * torch.tanh(c))
    ((leaves["W2"] @ h - y) ** 2).sum().backward()
    return found


@pytest.mark.parametrize("steps", [1, 2, 4])
@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_every_gate_and_state_has_its_whole_gradient(kind: str, steps: int) -> None:
    trace = stepcalc.solve(problem(kind, steps))
    expected = written_out(problem(kind, steps), steps)
    assert expected.keys() == {name for name in trace.values if name[-1] == "1" and name[0] not in "Wb"}
    for name, values in expected.items():
        np.testing.assert_allclose(trace.values[name], [value.detach().numpy() for value in values], rtol=1e-12)
        gradient = [np.zeros(2) if value.grad is None else value.grad.numpy() for value in values]
        np.testing.assert_allclose(trace.gradients[name], gradient, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("samples", [None, 2])
@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_finite_differences_agree(kind: str, steps: int, samples: int | None) -> None:
    asked = problem(kind, steps, samples)
    graph, arithmetic = build(asked), Arithmetic(np)
    feeds = feeds_of(asked, graph, np)
    gradients = backward(graph, forward(graph, feeds, arithmetic), arithmetic)
    for name in feeds.keys() - {"y"}:
        for place in np.ndindex(feeds[name].shape):
            costs = []
            for step in (1e-6, -1e-6):
                moved = np.array(feeds[name])
                moved[place] += step
                costs.append(float(forward(graph, feeds | {name: moved}, arithmetic)["L"]))
            quotient = (costs[0] - costs[1]) / 2e-6
            assert gradients[name][place] == pytest.approx(quotient, rel=1e-6, abs=1e-8), (name, place)


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_own_numbers_of_a_sequence_are_taken_as_they_are(kind: str) -> None:
    """What a student has for h: the output follows from it, and so does its gradient."""
    asked = problem(kind)
    graph, arithmetic = build(asked), Arithmetic(np)
    feeds = feeds_of(asked, graph, np)
    own = np.full((1, 3, 2), 0.5)
    values = forward(graph, feeds | {"h1": own}, arithmetic)
    np.testing.assert_array_equal(values["h1"], own)
    sums = "z1" if kind == "rnn" else "zf1"
    gate = "" if kind == "rnn" else "f"
    expected = feeds["x"] @ feeds[f"W_x{gate}1"].T + feeds[f"b{gate}1"]
    expected[:, 1:] += own[:, :-1] @ feeds[f"W_h{gate}1"].T
    np.testing.assert_allclose(values[sums], expected)
    given = {"h1": np.ones((1, 3, 2))}
    gradients = backward(graph, values, arithmetic, given=given)
    np.testing.assert_array_equal(gradients["h1"], given["h1"])


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
@pytest.mark.parametrize("varied", ["x", "W_h1", "b1"])
def test_many_problems_at_once_are_the_problems_one_by_one(kind: str, varied: str) -> None:
    asked = problem(kind, samples=2)
    varied = varied if kind == "rnn" or varied == "x" else varied.replace("1", "f1")
    graph = build(asked)
    feeds = {name: np.asarray(array) for name, array in feeds_of(asked, graph, np).items()}
    rng = np.random.default_rng(3)
    arrays = rng.normal(size=(11, *feeds[varied].shape))
    wanted = ["L", "y_hat", "h1", f"dL/d{varied}", "dL/dh1"]
    found = many(graph, feeds | {varied: arrays}, np, wanted, block=4)
    for number, array in enumerate(arrays):
        values = forward(graph, feeds | {varied: array}, Arithmetic(np))
        gradients = backward(graph, values, Arithmetic(np))
        for name in wanted:
            alone = gradients[name.removeprefix("dL/d")] if name.startswith("dL/d") else values[name]
            np.testing.assert_allclose(found[name][number], alone, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_the_array_api_is_all_that_is_needed(kind: str) -> None:
    asked = problem(kind, samples=2)
    graph = build(asked)
    arithmetic = Arithmetic(strict)
    values = forward(graph, feeds_of(asked, graph, strict), arithmetic)
    trace = stepcalc.solve(asked)
    for name, array in backward(graph, values, arithmetic).items():
        np.testing.assert_allclose(np.asarray(array), trace.gradients[name], rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_carried_numbers_are_rounded_at_every_step(kind: str) -> None:
    trace = stepcalc.solve(problem(kind, rounding={"decimals": 2, "carry": True}))
    for name in ("h1", "y_hat"):
        for array in (trace.values[name], trace.gradients[name]):
            np.testing.assert_array_equal(array, trace.rounding.round_array(array, np))


def test_weights_are_drawn_alike_in_both_conventions() -> None:
    drawn = {"type": "lstm", "units": 2, "init": {"type": "normal", "seed": 3}}
    data = {"x": [[1.0, 2.0], [3.0, 4.0]], "y": [0.0, 1.0]}
    found = [
        Problem(loss="mse", data=data, layers=[drawn], notation={"product": product}).parameters()
        for product in ("Wx", "xW")
    ]
    assert found[0].keys() == found[1].keys() == {f"{key}{gate}1" for key in ("W_x", "W_h", "b") for gate in "figo"}
    for name, array in found[0].items():
        np.testing.assert_array_equal(array, found[1][name])


def gates(**changed: Any) -> Fields:
    one = {"W_x": [[1.0]], "W_h": [[1.0]], "b": [0.0]}
    return {"type": "lstm", **dict.fromkeys("figo", one), **changed}


RNN: Fields = {"type": "rnn", "W_x": [[1.0, 2.0]], "W_h": [[1.0]]}
BAD: list[tuple[Any, Fields, str]] = [
    ([[1.0, 2.0], [3.0]], RNN, "data.x[2]: 1 long, but the first one is 2 long"),
    ([], RNN, "data.x: an empty list"),
    ([1.0, 2.0], RNN, "data.x: shape (2), expected a sequence, one list of inputs a time step, or a list of samples"),
    ([[1.0], [2.0]], RNN, "layers[1].W_x: shape (1, 2), expected (1, 1)"),
    ([[1.0, 2.0]], {**RNN, "W_h": [[1.0, 2.0]]}, "W_h: shape (1, 2), expected (1, 1): as many inputs as units"),
    ([[1.0, 2.0]], {**RNN, "b": [1.0, 2.0]}, "layers[1].b: shape (2), expected (1)"),
    ([[1.0, 2.0]], {"type": "rnn", "W_x": [[1.0, 2.0]]}, "layers[1].W_h: missing; W_x is given"),
    ([[1.0, 2.0]], {"type": "rnn"}, "layers[1].units: missing, and no weights are given; give either"),
    ([[1.0]], gates(g=None), "layers[1].g: missing: the candidate; an lstm has f, i, g and o"),
    ([[1.0]], gates(f={"W_x": [[1.0]]}), "layers[1].f.W_h: missing"),
    ([[1.0]], gates(o={"W_x": [[1.0, 2.0]], "W_h": [[1.0]]}), "layers[1].o.W_x: shape (1, 2), expected (1, 1)"),
    ([[1.0]], gates(units=1, init={"type": "normal", "seed": 1}), "layers[1].init: f.W_x and init exclude each other"),
    ([[1.0]], gates(activation="tanh"), "layers[1].activation: unknown key"),
]


@pytest.mark.parametrize(("x", "fields", "message"), BAD, ids=[message for *_, message in BAD])
def test_bad_input_is_told_with_its_place(x: Any, fields: Fields, message: str) -> None:
    fields = {key: value for key, value in fields.items() if value is not None}
    with pytest.raises(InputError) as raised:
        Problem(loss="mse", data={"x": x, "y": 1.0}, layers=[fields])
    assert message in str(raised.value)


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_second_derivatives_go_through_time(kind: str) -> None:
    rng = np.random.default_rng(2)
    layers = [layer(kind, rng, 1, 1), {"type": "dense", "W": [[0.5]]}]
    data = {"x": [[0.5], [-1.0], [0.25]], "y": 1.0}
    asked = Problem(loss="mse", data=data, layers=layers, optimizer={"type": "newton"})
    trace = stepcalc.solve(asked)
    assert trace.hessian is not None
    graph, arithmetic = build(asked), Arithmetic(np)
    feeds = feeds_of(asked, graph, np)
    for row, item in enumerate(trace.curvature.items):
        name = item.partition("[")[0]
        moved = [
            backward(graph, forward(graph, feeds | {name: feeds[name] + step}, arithmetic), arithmetic)
            for step in (1e-5, -1e-5)
        ]
        others = [other.partition("[")[0] for other in trace.curvature.items]
        quotients = [((moved[0][other] - moved[1][other]) / 2e-5).item() for other in others]
        np.testing.assert_allclose(trace.hessian[row], quotients, rtol=1e-6, atol=1e-8)
