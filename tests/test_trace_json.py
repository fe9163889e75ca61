"""The JSON trace keeps the contract of the file formats: keys, names, shapes, ids, numbers, and nothing but JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np
import pytest

from stepcalc.options import Options
from stepcalc.rounding import Rounding
from stepcalc.sheet import render
from stepcalc.trace import Trace
from tests.drawn import every_problem, one_unit
from tests.made import json_of
from tests.printed import EXAMPLES, VIEWS, example, solved

KEYS = ["format", "title", "values", "gradients", "updated", "final", "history", "stopped", "steps"]
DESCENT = {"type": "gradient_descent", "learning_rate": 0.5}
NUMERIC = [path.stem for path in EXAMPLES if path.stem not in ("sigmoid_derivative", "two_two_one_symbolic")]

Record = dict[str, Any]


def refused(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is not JSON")


def traced(trace: Trace, view: str | None = None) -> Record:
    return read(str(render(trace, "json", Options(view=view))))


def read(text: str) -> Record:
    data: Record = json.loads(text, parse_constant=refused)
    return data


def worked(name: str) -> Record:
    return read(json_of(name))


def dense(units: int, inputs: int, activation: str = "sigmoid", seed: int = 1, **more: Any) -> Record:
    drawn = np.random.default_rng(seed).integers(-9, 10, (units, inputs)) / 10
    return {"type": "dense", "activation": activation, "W": drawn.tolist(), **more}


def network(samples: int | None = None, **more: Any) -> Record:
    """3 inputs, 4 hidden units without a bias, 2 outputs."""
    x = np.arange(3 * (samples or 1)).reshape(-1, 3) / 10
    y = np.zeros((samples or 1, 2))
    return {
        "loss": "mse",
        "data": {"x": (x if samples else x[0]).tolist(), "y": (y if samples else y[0]).tolist()},
        "layers": [dense(4, 3, "tanh"), dense(2, 4, "linear", seed=2, b=[0.1, -0.1])],
        "optimizer": DESCENT,
        **more,
    }


def shape(value: Any) -> tuple[int, ...]:
    return np.shape(value)


def test_a_training_tells_its_runs() -> None:
    data = worked("mini_batches")
    assert len(data["history"]["L"]) == 19
    assert data["history"]["L"][0] != data["values"]["L"]
    told = data["training"]
    assert (told["epochs"], told["batch_size"], told["seed"]) == (6, 2, 1)
    assert told["learning_rates"] == []
    compared = worked("learning_rates")["training"]
    assert (compared["batch_size"], compared["seed"], compared["first_epoch"]) == (3, None, [[1, 2, 3]])
    assert [run["learning_rate"] for run in compared["learning_rates"]] == [0.005, 0.1, 0.45]
    assert compared["learning_rates"][1]["final"] == worked("learning_rates")["final"]


# ---------------------------------------------------------------------------------------------- keys and shapes


@pytest.mark.parametrize("name", NUMERIC)
def test_the_keys_and_their_order(name: str) -> None:
    data = worked(name)
    assert [key for key in data if key not in ("gradient_check", "training", "updates")] == KEYS
    assert ("training" in data) == (example(name).trained is not None)
    assert data["format"] == "stepcalc-trace/1"
    assert data["title"] == example(name).problem.title


def test_names_and_shapes_of_one_sample() -> None:
    data = traced(solved(**network()))
    assert {name: shape(value) for name, value in data["values"].items()} == {
        "x": (3,), "y": (2,), "W1": (4, 3), "z1": (4,), "a1": (4,), "W2": (2, 4), "b2": (2,), "z2": (2,), "a2": (2,),
        "y_hat": (2,), "L": (),
    }  # fmt: skip
    assert {name: shape(value) for name, value in data["gradients"].items()} == {
        "y_hat": (2,), "a2": (2,), "z2": (2,), "W2": (2, 4), "b2": (2,), "a1": (4,), "z1": (4,), "W1": (4, 3),
        "x": (3,),
    }  # fmt: skip
    assert list(data["updated"]) == list(data["final"]) == ["W1", "W2", "b2"]


def test_the_order_of_the_names_is_that_of_the_calculation() -> None:
    data = worked("cookie")
    assert list(data["gradients"]) == ["y_hat", "a2", "z2", "W2", "b2", "a1", "z1", "W1", "b1", "x"]
    computed = [name for name in data["values"] if name[0] in "zaL" or name == "y_hat"]
    assert computed == ["z1", "a1", "z2", "a2", "y_hat", "L"]


def test_a_mini_batch_adds_a_leading_axis_to_what_depends_on_the_sample() -> None:
    data = traced(solved(**network(5)))
    assert shape(data["values"]["x"]) == (5, 3)
    assert shape(data["values"]["z1"]) == shape(data["gradients"]["a1"]) == (5, 4)
    assert shape(data["values"]["y_hat"]) == shape(data["gradients"]["y_hat"]) == (5, 2)
    assert shape(data["gradients"]["x"]) == (5, 3)
    assert shape(data["gradients"]["W1"]) == (4, 3)
    assert shape(data["values"]["L"]) == ()


def test_a_mini_batch_of_one_keeps_its_axis() -> None:
    assert shape(traced(solved(**network(1)))["values"]["z2"]) == (1, 2)


def test_the_output_stands_under_both_names() -> None:
    for name in ("cookie", "alien_mood", "perceptron_line"):
        data = worked(name)
        last = max(key for key in data["values"] if key.startswith("a"))
        for part in ("values", "gradients"):
            assert data[part]["y_hat"] == data[part][last]


def test_the_gradient_of_the_output_is_the_losses_own() -> None:
    values, gradients = (worked("alien_mood")[part] for part in ("values", "gradients"))
    for (y_hat,), y, (slope,) in zip(values["y_hat"], np.ravel(values["y"]), gradients["y_hat"], strict=True):
        assert slope == pytest.approx((y_hat - y) / (y_hat * (1 - y_hat)) / 4, rel=1e-12)


def test_one_axis_more_or_less_by_the_convention_only() -> None:
    data = traced(
        solved(
            loss="mse",
            data={"x": [1, 2], "y": [0, 0, 0]},
            layers=[{"type": "dense", "W": [[1, 2, 3], [4, 5, 6]]}],
            notation={"product": "xW"},
        )
    )
    assert data["values"]["z1"] == [9, 12, 15]
    assert shape(data["gradients"]["W1"]) == (2, 3)


# ---------------------------------------------------------------------------------------------- updates


def test_history_has_an_entry_before_and_one_after_each_update() -> None:
    data = traced(solved(**network(optimizer={**DESCENT, "steps": 7})))
    assert len(data["history"]["L"]) == 8
    assert data["history"]["L"][0] == data["values"]["L"]
    once = traced(solved(**network(optimizer=DESCENT)))
    assert data["updated"] == once["updated"] == once["final"]
    assert data["final"] != data["updated"]


def test_the_update_follows_the_gradient() -> None:
    data = traced(solved(**network(optimizer=DESCENT)))
    for name, after in data["updated"].items():
        expected = np.array(data["values"][name]) - 0.5 * np.array(data["gradients"][name])
        assert np.array(after) == pytest.approx(expected, rel=1e-15)


def test_no_optimizer_no_update() -> None:
    fields = network()
    del fields["optimizer"]
    data = traced(solved(**fields))
    assert data["updated"] == data["final"] == {}
    assert len(data["history"]["L"]) == 1
    assert not [step for step in data["steps"] if step["phase"] == "update"]


def test_a_run_that_leaves_the_doubles_stops_there() -> None:
    fields = one_unit("mse", "linear", 1, x=1e5, y=0, optimizer={**DESCENT, "learning_rate": 1e60, "steps": 9})
    data = traced(solved(**fields))
    assert data["stopped"]
    assert data["stopped"].startswith("update ")
    assert len(data["history"]["L"]) < 10
    assert all(np.isfinite(data["history"]["L"]))


# ---------------------------------------------------------------------------------------------- numbers


def test_what_a_double_cannot_hold_is_null_where_the_rest_is_finite() -> None:
    data = traced(solved(**one_unit("binary_cross_entropy", "sigmoid", 800, y=0)))
    assert data["values"]["L"] == 800
    assert data["gradients"]["y_hat"] == data["gradients"]["a1"] == [None]
    assert data["gradients"]["z1"] == [1]
    assert data["gradients"]["W1"] == [[1]]
    (step,) = (step for step in data["steps"] if step["id"] == "dL/dy_hat[1]")
    assert step.get("value") is None
    assert step["substituted"] is None


def test_numbers_are_full_doubles_whatever_is_printed() -> None:
    fields = network(rounding={"significant": 2})
    assert traced(solved(**fields))["values"] == traced(solved(**network()))["values"]


@pytest.mark.parametrize("rounding", [{"significant": 3}, {"decimals": 2, "mode": "truncate"}])
def test_carried_numbers_are_the_rounded_ones(rounding: Record) -> None:
    data = traced(solved(**network(rounding={**rounding, "carry": True})))
    rule = Rounding(rounding.get("significant"), rounding.get("decimals"), rounding.get("mode", "half_up"))
    calculated = [data["values"][name] for name in ("z1", "a1", "z2", "L")] + [
        *data["gradients"].values(), *data["updated"].values(), data["history"]["L"],
    ]  # fmt: skip
    for array in calculated:
        for number in np.ravel(array):
            assert number == rule.round(float(number))
    z1 = np.array(data["values"]["W1"]) @ np.array(data["values"]["x"])
    assert data["values"]["z1"] == [rule.round(float(z)) for z in z1]
    assert data["values"]["a1"] == [rule.round(float(np.tanh(z))) for z in data["values"]["z1"]]


@pytest.mark.parametrize("number", range(0, len(every_problem()), 6))
def test_it_is_json_and_nothing_else(number: int) -> None:
    data = traced(solved(**every_problem()[number]))
    assert data["steps"]


# ---------------------------------------------------------------------------------------------- steps


def element(data: Record, item: str, samples: bool) -> Any:
    """The number that an id means, found by the rules of the file format alone."""
    part, name = "values", item
    plain, _, index = item.partition("[")
    letter = re.fullmatch(r"(\w+?)_([a-z](?:_hat)?)", plain)
    if item.startswith("d2"):
        bends, places = data["updates"][0]["hessian"], item.split("/d")[1:]
        i, j = map(bends["items"].index, places)
        return bends["values"][i][j]
    if letter and letter[1] in data["updated"]:
        data, part = data["updates"][0], letter[2]
        name = letter[1] + (f"[{index}" if index else "")
    elif item.startswith("d") and "/d" in item:
        part, name = "gradients", item.split("/d", 1)[1]
    elif "_new" in item:
        part, name = "updated", item.replace("_new", "")
    name, _, sample = name.partition("@")
    name, _, index = name.partition("[")
    found = data[part][name]
    for place in [*([sample] if sample else []), *(index.rstrip("]").split(",") if index else [])]:
        found = found[int(place) - 1]
    return found


@pytest.mark.parametrize("name", NUMERIC)
def test_every_step_has_its_number(name: str) -> None:
    data = traced(example(name), "both")
    for step in data["steps"]:
        assert step["value"] == element(data, step["id"], samples=False), step["id"]
        assert set(step) == {"id", "phase", "rule", "formula", "substituted", "value", "text"}
        assert all(step[key] for key in ("rule", "formula", "substituted", "text"))
        assert step["phase"] in ("forward", "backward", "update")


@pytest.mark.parametrize("name", NUMERIC)
def test_every_calculated_scalar_is_a_step_once_in_the_order_of_the_calculation(name: str) -> None:
    data = traced(example(name), "both")
    ids = [step["id"] for step in data["steps"]]
    assert len(set(ids)) == len(ids)
    phases = [step["phase"] for step in data["steps"]]
    assert phases == sorted(phases, key=["forward", "backward", "update"].index)
    once = {name: array for name, array in data["gradients"].items() if name == "y_hat" or not is_output(data, name)}
    assert phases.count("backward") == sum(np.size(array) for array in once.values())
    told = [data["updated"]] if "updates" not in data else list(parts_of(data["updates"][0]))
    assert phases.count("update") == sum(np.size(array) for arrays in told for array in arrays.values())


def parts_of(update: Record) -> Iterator[Record]:
    """What an update calculates: its parts, and every second derivative once."""
    yield from (arrays for key, arrays in update.items() if key not in ("update", "cost", "gradients", "hessian"))
    if "hessian" in update:
        size = len(update["hessian"]["items"])
        yield {"H": [0.0] * (size * (size + 1) // 2)}


def is_output(data: Record, name: str) -> bool:
    """Whether a name is the last layer's own, for what y_hat is."""
    outputs = [key for key in data["gradients"] if re.fullmatch(r"a\d+", key)]
    return bool(outputs) and name == outputs[0]


def test_the_ids_of_the_cookie() -> None:
    ids = [step["id"] for step in worked("cookie")["steps"]]
    assert ids[:3] == ["z1[1]", "z1[2]", "z1[3]"]
    assert ids.index("y_hat[1]") < ids.index("L") < ids.index("dL/dy_hat[1]") < ids.index("dL/dz2[1]")
    assert ids.index("dL/dW1[3,4]") < ids.index("W1_new[1,1]")
    assert ids[-1] == "b2_new[1]"


def test_the_ids_of_a_mini_batch_end_in_the_sample() -> None:
    ids = {step["id"] for step in worked("alien_mood")["steps"]}
    assert {"z1[1]@1", "y_hat[1]@4", "dL/dz1[1]@2", "dL/dW1[1,2]", "L"} <= ids


def test_ids_and_keys_are_the_same_under_every_notation() -> None:
    plain = traced(solved(**network()))
    notation = {
        "hidden": "h", "loss": "J", "learning_rate": "\\eta", "log": "log",
        "names": {"W1[1,1]": "q", "z1[2]": "s_2", "a1[1]": "u"},
    }  # fmt: skip
    dressed = traced(solved(**network(notation=notation)))
    assert [step["id"] for step in dressed["steps"]] == [step["id"] for step in plain["steps"]]
    for key in ("values", "gradients", "updated", "final", "history"):
        assert dressed[key] == plain[key]
    formulas = {step["id"]: step["formula"] for step in dressed["steps"]}
    assert "q" in formulas["z1[1]"]
    assert "J" in formulas["L"]
    assert r"\eta" in formulas["W1_new[1,1]"]


def test_large_networks_list_arrays() -> None:
    layers = [{"type": "dense", "activation": "relu", "units": 50, "init": {"type": "he_normal", "seed": 1}},
              {"type": "dense", "units": 2, "init": {"type": "he_normal", "seed": 2}}]  # fmt: skip
    data = traced(solved(loss="mse", data={"x": [0.5] * 30, "y": [0, 1]}, layers=layers, optimizer=DESCENT))
    ids = [step["id"] for step in data["steps"]]
    assert ids[:3] == ["z1", "a1", "z2"]
    assert {"L", "dL/dW1", "W1_new"} <= set(ids)
    assert all(len(step["formula"] or "") < 2000 for step in data["steps"])
    assert shape(data["values"]["W1"]) == (50, 30)


# ---------------------------------------------------------------------------------------------- other problems


def test_expressions_under_their_own_names() -> None:
    data = traced(
        solved(
            given={"x": 2, "w": 0.5},
            define={"u": "w*x", "f": "u^2 - x", "g": "f + 1"},
            differentiate={"of": "f"},
            optimizer={"type": "gradient_descent", "learning_rate": 0.1},
        )
    )
    assert data["values"] == {"x": 2, "w": 0.5, "u": 1, "f": -1, "g": 0}
    assert data["gradients"] == {"u": 2, "w": 4, "x": 0}
    assert data["history"]["f"][0] == -1
    assert len(data["history"]["f"]) == 2
    assert data["updated"] == pytest.approx({"x": 2, "w": 0.1})
    assert [step["id"] for step in data["steps"]][-2:] == ["x_new", "w_new"]
    assert "df/dx" in {step["id"] for step in data["steps"]}


@pytest.mark.parametrize("view", VIEWS)
def test_expressions_in_every_view(view: str) -> None:
    data = traced(example("chain_rule_two_links"), view)
    assert [step["id"] for step in data["steps"]] == ["x", "y", "z", "dz/dy", "dz/dx", "dz/dv"]


@pytest.mark.parametrize("name", ["two_two_one_symbolic", "sigmoid_derivative"])
def test_symbolic_problems_have_no_values(name: str) -> None:
    data = worked(name)
    assert data["values"] == data["gradients"] == data["updated"] == data["final"] == data["history"] == {}
    assert data["stopped"] is None
    assert all("value" not in step and step["substituted"] is None and step["formula"] for step in data["steps"])


def test_what_has_no_number_is_left_out() -> None:
    fields = network()
    fields["layers"][1] = {"type": "dense", "activation": "linear", "units": 2}
    data = traced(solved(**fields))
    assert set(data["values"]) == {"x", "y", "W1", "z1", "a1"}
    assert data["gradients"] == data["history"] == {}


def test_numerical_derivatives_are_added_where_they_are_asked_for() -> None:
    data = worked("parabola")
    assert data["gradient_check"]["epsilon"] == 0.001
    assert data["gradient_check"]["forward"]["w"] == pytest.approx(6.001, abs=1e-9)
    assert data["gradient_check"]["central"]["w"] == pytest.approx(6, abs=1e-9)


def test_the_bytes_do_not_depend_on_hash_seed_or_run(repository: Any) -> None:
    command = [sys.executable, "-m", "stepcalc", "solve", "worked_examples/multi_output.toml", "-f", "json"]
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, check=True)
    assert done.stdout.decode() == json_of("multi_output")
