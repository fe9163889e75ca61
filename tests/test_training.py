"""Training: the whole run against PyTorch with the same batches, where it stops, and what is kept of it."""

from __future__ import annotations

from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import stepcalc
from stepcalc import passes
from stepcalc.training import FIRST_KEPT, LAST_KEPT
from tests import oracle
from tests.networks import Fields, networks
from tests.printed import solved

SEED = 5
PARABOLA: Fields = {"given": {"w": 3}, "define": {"J": "w^2"}}


def data(samples: int = 7, inputs: int = 2) -> Fields:
    rng = np.random.default_rng(2)
    return {"x": rng.normal(size=(samples, inputs)).tolist(), "y": rng.normal(size=(samples, 1)).tolist()}


def network(samples: int = 7, **fields: Any) -> Fields:
    rng = np.random.default_rng(3)
    layers = [
        {"type": "dense", "activation": "tanh", "W": rng.normal(size=(2, 2)).tolist(), "b": [0.1, -0.2]},
        {"type": "dense", "activation": "linear", "W": rng.normal(size=(1, 2)).tolist(), "b": [0.3]},
    ]
    optimizer = {"type": "gradient_descent", "learning_rate": 0.1}
    return {"loss": "mse", "data": data(samples), "layers": layers, "optimizer": optimizer, **fields}


def parabola(rate: float, epochs: int, **training: Any) -> stepcalc.Trace:
    return solved(**PARABOLA, optimizer={"learning_rate": rate}, training={"epochs": epochs, **training})


def in_torch(fields: Fields, epochs: int, size: int, seed: int) -> tuple[list[float], dict[str, np.ndarray]]:
    """The cost of all samples before the first and after each update, and the last parameters, by PyTorch."""
    network = oracle.Network(fields)
    settings = {key: value for key, value in fields["optimizer"].items() if key not in ("type", "steps")}
    leaves = network.parameters
    optimizer = oracle.OPTIMIZERS[fields["optimizer"]["type"]](list(leaves.values()), **settings)
    x, y = network.x, network.y
    rng = np.random.default_rng(seed)
    history = [network.forward()["L"].item()]
    for _ in range(epochs):
        order = rng.permutation(len(y)) if size < len(y) else np.arange(len(y))
        for start in range(0, len(y), size):
            batch = order[start : start + size]
            network.x, network.y = x[batch].detach(), y[batch]
            optimizer.zero_grad()
            network.forward()["L"].backward()
            optimizer.step()
            network.x, network.y = x.detach(), y
            history.append(network.forward()["L"].item())
    return history, {name: leaf.detach().numpy() for name, leaf in leaves.items()}


@settings(max_examples=20)
@given(networks(max_layers=3), st.integers(1, 4), st.integers(1, 3), st.integers(0, 1000))
def test_every_run_is_pytorchs(fields: Fields, epochs: int, size: int, seed: int) -> None:
    samples = (np.ndim(fields["data"]["x"]) == 2 and len(fields["data"]["x"])) or 1
    assume(size <= samples)
    optimizer = {"type": "gradient_descent", "learning_rate": 0.1}
    fields = {**fields, "optimizer": optimizer}
    trace = solved(**fields, training={"epochs": epochs, "batch_size": size, "seed": seed})
    history, last = in_torch(fields, epochs, size, seed)
    np.testing.assert_allclose(trace.history, history, rtol=1e-9, atol=1e-12)
    for name, array in last.items():
        np.testing.assert_allclose(trace.final[name], array, rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("size", [1, 3, 7])
@pytest.mark.parametrize("optimizer", sorted(oracle.OPTIMIZERS))
def test_a_long_run_is_pytorchs(optimizer: str, size: int) -> None:
    fields = network(optimizer={"type": optimizer, "learning_rate": 0.02})
    trace = solved(**fields, training={"epochs": 20, "batch_size": size, "seed": SEED})
    history, last = in_torch(fields, 20, size, SEED)
    np.testing.assert_allclose(trace.history, history, rtol=1e-8)
    for name, array in last.items():
        np.testing.assert_allclose(trace.final[name], array, rtol=1e-7)


def test_sequences_train_as_in_pytorch() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 4, 2)), rng.normal(size=(5, 1))
    layers = [
        {"type": "rnn", "units": 3, "init": {"type": "xavier_uniform", "seed": 1}},
        {"type": "dense", "units": 1, "init": {"type": "xavier_uniform", "seed": 2}},
    ]
    optimizer = {"type": "gradient_descent", "learning_rate": 0.05}
    fields = {"loss": "mse", "data": {"x": x.tolist(), "y": y.tolist()}, "layers": layers, "optimizer": optimizer}
    trace = solved(**fields, training={"epochs": 3, "batch_size": 2, "seed": SEED})
    leaves = {name: oracle.tensor(array) for name, array in trace.problem.parameters().items()}
    inputs, targets = torch.tensor(x), torch.tensor(y)

    def cost(some: Any) -> torch.Tensor:
        h = torch.zeros(len(inputs[some]), 3, dtype=torch.float64)
        for step in range(4):
            h = torch.tanh(inputs[some][:, step] @ leaves["W_x1"].T + h @ leaves["W_h1"].T + leaves["b1"])
        return ((h @ leaves["W2"].T + leaves["b2"] - targets[some]) ** 2).sum(1).mean()

    descent = torch.optim.SGD(list(leaves.values()), lr=0.05)
    history = [cost(slice(None)).item()]
    order = np.random.default_rng(SEED)
    for _ in range(3):
        shuffled = order.permutation(5)
        for start in (0, 2, 4):
            descent.zero_grad()
            cost(shuffled[start : start + 2]).backward()
            descent.step()
            history.append(cost(slice(None)).item())
    np.testing.assert_allclose(trace.history, history, rtol=1e-12)


def test_newtons_method_looks_at_the_second_derivatives_of_its_mini_batch() -> None:
    """One weight and half the squared error: every step leads to the lowest place of its own samples."""
    layers = [{"type": "dense", "W": [[0.5]]}]
    fields = network(4, layers=layers, loss={"type": "mse", "scale": 0.5}, data=data(4, 1))
    newton = {"type": "newton", "learning_rate": 1.0}
    trace = solved(**{**fields, "optimizer": newton}, training={"epochs": 2, "batch_size": 2, "seed": SEED})
    x, y = (np.array(fields["data"][key])[:, 0] for key in "xy")
    ways = [np.array(batch) - 1 for batch in trace.trained.batches.values()]
    expected = [0.5, *(float(x[way] @ y[way] / (x[way] @ x[way])) for way in ways)]
    assert [at for (at,) in trace.trained.run.path] == pytest.approx(expected)


def test_a_run_without_a_step_stops() -> None:
    flat = {"given": {"w": 2}, "define": {"J": "w^3 - 3*w"}}
    trace = solved(**flat, optimizer={"type": "newton", "learning_rate": 1.6}, training={"epochs": 6})
    alone = solved(**flat, optimizer={"type": "newton", "learning_rate": 1.6, "steps": 6})
    assert trace.stopped == alone.stopped
    assert trace.history == pytest.approx(alone.history)


def test_the_first_update_is_that_of_the_first_mini_batch() -> None:
    fields = network()
    trace = solved(**fields, training={"epochs": 2, "batch_size": 3, "seed": SEED})
    first = np.random.default_rng(SEED).permutation(7)[:3]
    taken = {key: np.array(fields["data"][key])[first].tolist() for key in "xy"}
    alone = solved(**{**fields, "data": taken})
    for name in ("values", "gradients", "updated"):
        ours, theirs = getattr(trace, name), getattr(alone, name)
        assert ours.keys() == theirs.keys()
        assert all(np.array_equal(ours[key], theirs[key]) for key in ours)
    assert trace.first_costs == pytest.approx(alone.history)
    whole = solved(**fields)
    assert trace.history[0] == pytest.approx(whole.history[0])


@pytest.mark.parametrize("rate", [0.1, 5.0, 1e4])
def test_with_all_samples_it_is_the_run_of_the_optimizers_steps(rate: float) -> None:
    fields = network(optimizer={"learning_rate": rate, "steps": 30})
    trained = {**fields, "optimizer": {"learning_rate": rate}}
    steps, epochs = solved(**fields), solved(**trained, training={"epochs": 30})
    assert epochs.stopped == steps.stopped
    np.testing.assert_allclose(epochs.history, steps.history, rtol=1e-12)
    for name, array in steps.final.items():
        np.testing.assert_allclose(epochs.final[name], array, rtol=1e-12)


@pytest.mark.parametrize(
    ("define", "rate", "stopped"),
    [
        ("w^2", 1e200, "update 1: J"),
        ("w^4", 1.0, None),
        ("exp(w)", 1e308, "update 1: w_new"),
        ("-w^2", 1e150, None),
    ],
)
def test_a_run_stops_where_it_overflows(define: str, rate: float, stopped: str | None) -> None:
    fields = {"given": {"w": 3}, "define": {"J": define}}
    steps = solved(**fields, optimizer={"learning_rate": rate, "steps": 40})
    trace = solved(**fields, optimizer={"learning_rate": rate}, training={"epochs": 40})
    assert trace.stopped == steps.stopped
    assert trace.stopped is not None
    assert stopped is None or trace.stopped == stopped
    assert trace.history == pytest.approx(steps.history)
    assert all(np.isfinite(trace.history))


def test_a_diverging_run_of_mini_batches_stops() -> None:
    fields = network(optimizer={"learning_rate": 1e3})
    trace = solved(**fields, training={"epochs": 200, "batch_size": 2, "seed": 1, "learning_rates": [0.01, 1e3]})
    assert trace.stopped is not None
    assert trace.stopped.startswith(f"update {len(trace.history)}: ")
    assert all(np.isfinite(trace.history))
    good, bad = trace.trained.compared
    assert good.stopped is None
    assert bad.stopped == trace.stopped


def test_data_whose_cost_overflows_is_refused_whichever_samples_come_first() -> None:
    fields = network(3)
    for place in range(3):
        x = np.array(fields["data"]["x"])
        x[place] = 1e300
        layers = [{"type": "dense", "W": [[1e10, 1.0]]}]
        broken = {**fields, "data": {"x": x.tolist(), "y": fields["data"]["y"]}, "layers": layers}
        with pytest.raises(stepcalc.NumberError):
            solved(**broken, training={"epochs": 1, "batch_size": 1, "seed": 3})


@pytest.mark.parametrize("size", [2, 7])
def test_a_replayed_pass_is_the_pass_itself(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    training = {"epochs": 5, "batch_size": size, "seed": SEED}
    replayed = solved(**network(), training=training)
    monkeypatch.setattr(passes.Passes, "_replayed", _refuse)
    step_by_step = solved(**network(), training=training)
    assert replayed.history == step_by_step.history
    assert all(np.array_equal(array, step_by_step.final[name]) for name, array in replayed.final.items())


def _refuse(*_: Any) -> Any:
    raise FloatingPointError


def test_what_is_carried_is_printed() -> None:
    trace = solved(
        **network(), rounding={"decimals": 3, "carry": True}, training={"epochs": 4, "batch_size": 3, "seed": 1}
    )
    numbers = [*trace.history, *(number for array in trace.final.values() for number in array.ravel())]
    assert all(trace.rounding.round(float(number)) == number for number in numbers)


# ------------------------------------------------------------------------------------------- what is kept


def test_rates_are_compared_from_one_start_with_one_order() -> None:
    training = {"epochs": 3, "batch_size": 3, "seed": SEED}
    rates = [0.01, 0.1, 0.3]
    trace = solved(**network(), training={**training, "learning_rates": rates})
    assert [run.learning_rate for run in trace.trained.compared] == rates
    assert trace.trained.compared[1] is trace.trained.run
    for rate, run in zip(rates, trace.trained.compared, strict=True):
        alone = solved(**network(optimizer={"learning_rate": rate}), training=training)
        assert run.history == alone.history


def test_long_runs_keep_the_history_and_few_updates() -> None:
    trace = parabola(0.001, 1000)
    run = trace.trained.run
    assert len(run.history) == 1001
    assert sorted(run.updates) == [*range(1, FIRST_KEPT + 1), *range(1001 - LAST_KEPT, 1001)]
    assert set(trace.trained.batches) == set(run.updates)
    large = solved(**network(), training={"epochs": 100}).trained
    assert large.run.path == ()
    assert large.followed == ("W1[1,1]", "W2[1,1]")


def test_an_update_tells_what_it_did() -> None:
    fields = network(sheet={"chain": "b1[2]"})
    trace = solved(**fields, training={"epochs": 2, "batch_size": 4, "seed": SEED})
    trained = trace.trained
    assert trained.followed == ("b1[2]", "W2[1,1]")
    rng = np.random.default_rng(SEED)
    orders = [rng.permutation(7) + 1 for _ in range(2)]
    expected = [tuple(part.tolist()) for order in orders for part in (order[:4], order[4:])]
    assert list(trained.batches.values()) == expected
    before = (trace.value("b1[2]"), trace.value("W2[1,1]"))
    for number, update in sorted(trained.run.updates.items()):
        assert update.moved == pytest.approx([w - 0.1 * g for w, g in zip(before, update.gradients, strict=True)])
        before = update.moved
        assert number <= 4
    assert trained.run.updates[1].cost == trace.values["L"]
    assert trained.run.updates[1].gradients == (trace.value("dL/db1[2]"), trace.value("dL/dW2[1,1]"))


def test_of_one_or_two_parameters_the_whole_way_is_kept() -> None:
    run = parabola(0.25, 4).trained.run
    assert run.path == ((3.0,), (1.5,), (0.75,), (0.375,), (0.1875,))
    assert run.history == (9.0, 2.25, 0.5625, 0.140625, 0.03515625)
    two = solved(
        given={"v": 1, "w": 2}, define={"J": "v^2 + w^2"}, optimizer={"learning_rate": 0.25}, training={"epochs": 1}
    )
    assert two.trained.run.path == ((1.0, 2.0), (0.5, 1.0))


@pytest.mark.parametrize(("rate", "turns"), [(0.1, 0), (0.9, 9), (1.0, 9), (1.1, 9)])
def test_turns_are_counted(rate: float, turns: int) -> None:
    run = parabola(rate, 10).trained.run
    signs = sum(one[0] * other[0] < 0 for one, other in pairwise(islice(run.path, 10)))
    assert run.turns == turns == signs


def test_mini_batches_do_not_tell_of_turns() -> None:
    trace = solved(**network(), training={"epochs": 2, "batch_size": 2, "seed": 1})
    assert trace.trained.run.turns is None


def test_progress_is_told_after_every_update_of_every_run() -> None:
    told: list[tuple[int, int]] = []
    training = {"epochs": 3, "learning_rates": [0.1, 0.2]}
    problem = stepcalc.Problem(**PARABOLA, optimizer={"learning_rate": 0.1}, training=training)
    stepcalc.solve(problem, progress=lambda done, most: told.append((done, most)))
    assert told == [(n, 6) for n in range(1, 7)]


def test_the_cost_at_other_places_is_that_of_all_samples() -> None:
    fields = network(layers=[{"type": "dense", "W": [[0.5, -0.5]]}])
    trace = solved(**fields, training={"epochs": 1, "batch_size": 2, "seed": 1})
    points = [(0.5, -0.5), (1.0, 2.0), (-3.0, 0.25)]
    x, y = (np.array(fields["data"][key]) for key in "xy")
    expected = [np.mean((x @ np.array(point) - y[:, 0]) ** 2) for point in points]
    np.testing.assert_allclose(trace.trained.costs.at(("W1[1,1]", "W1[1,2]"), points), expected, rtol=1e-12)
    assert trace.trained.costs.along("W1[1,2]", [-0.5])[0] == pytest.approx(trace.history[0])
