"""A problem that is saved is the same problem when it is read: the same numbers, the same solution."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stepcalc
from stepcalc.errors import InputError
from stepcalc.problem import NetworkProblem, Problem, writer
from stepcalc.problem.reader import load
from stepcalc.problem.writer import MAX_INLINE, MAX_INLINE_TOGETHER, save
from tests.made import NAMES, json_of, trace_of
from tests.networks import Fields, networks

UNIT = {"type": "dense", "W": [[1.0]]}


def saved(problem: Problem, folder: Path, name: str = "saved.toml") -> Problem:
    save(problem, folder / name)
    return load(folder / name)


def solution(problem: Problem) -> str:
    return str(stepcalc.render(stepcalc.solve(problem), "json"))


@pytest.mark.parametrize("name", NAMES)
def test_every_worked_example_comes_back(name: str, tmp_path: Path) -> None:
    problem = trace_of(name).problem
    again = saved(problem, tmp_path, f"{name}.toml")
    assert type(again) is type(problem)
    assert solution(again) == json_of(name)
    assert again.model_dump(exclude={"data", "layers"}) == problem.model_dump(exclude={"data", "layers"})


def test_a_worked_example_is_written_as_it_stands_there(worked_examples: list[Path], tmp_path: Path) -> None:
    [cookie] = (path for path in worked_examples if path.stem == "cookie")
    save(load(cookie), tmp_path / "cookie.toml")
    original = cookie.read_text(encoding="utf-8")
    below_its_comment = original[original.index("title = ") :].replace("0.0", "0")
    assert (tmp_path / "cookie.toml").read_text(encoding="utf-8") == below_its_comment


@settings(max_examples=15)
@given(networks())
def test_every_network_comes_back(tmp_path_factory: pytest.TempPathFactory, fields: Fields) -> None:
    problem = Problem(**fields)
    before, after = (stepcalc.solve(each) for each in (problem, saved(problem, tmp_path_factory.mktemp("saved"))))
    assert after.history == before.history
    for name in ("values", "gradients"):
        arrays = [{key: array.tobytes() for key, array in getattr(trace, name).items()} for trace in (before, after)]
        assert arrays[0] == arrays[1]


@given(st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=400))
def test_every_number_comes_back(tmp_path_factory: pytest.TempPathFactory, weights: list[float]) -> None:
    problem = Problem(loss="mse", data={"inputs": len(weights)}, layers=[{"type": "dense", "W": [weights]}])
    again = saved(problem, tmp_path_factory.mktemp("saved"))
    assert isinstance(again, NetworkProblem)
    assert again.parameters()["W1"].tobytes() == np.array([weights]).tobytes()


def test_every_setting_comes_back(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "title": 'Kekse — "gut"?\n[a] = \\u0000 # no comment',
        "loss": {"type": "huber", "scale": 0.5, "delta": 2.0},
        "data": {"x": [[1, 2], [3, 4]], "x_names": ["a", "b"], "classes": ["no", "yes"]},
        "layers": [
            {"type": "dense", "units": 3, "init": {"type": "normal", "std": 0.5, "seed": 7}, "bias": False},
            {"type": "dense", "units": 1, "activation": {"type": "leaky_relu", "alpha": 0.2}},
        ],
        "optimizer": {"learning_rate": 0.1, "steps": 3},
        "notation": {"hidden": "h", "names": {"W1[1,1]": "w_1"}},
        "rounding": {"decimals": 3, "carry": True, "mode": "truncate"},
        "gradient_check": {},
        "marking": {
            "items": ["z1", "dL/dW1"],
            "marks": {"default": 1, "dL/dW1": 3},
            "tolerance": {"relative": 0.01, "absolute": 1e-8},
        },
        "sheet": {"chain": "W1[1,2]"},
    }
    problem = Problem(**settings)
    again = saved(problem, tmp_path)
    assert again.model_dump(exclude={"data"}) == problem.model_dump(exclude={"data"})
    assert again.model_fields_set == problem.model_fields_set
    assert isinstance(again, NetworkProblem)
    assert again.data.y is None
    assert again.data.x is not None
    assert again.data.x.tolist() == [[1, 2], [3, 4]]


def test_what_the_arrays_tell_is_not_written(tmp_path: Path) -> None:
    save(Problem(loss="mse", data={"x": [1], "y": 1}, layers=[UNIT]), tmp_path / "one.toml")
    assert tomllib.loads((tmp_path / "one.toml").read_text(encoding="utf-8")) == {
        "loss": "mse", "data": {"x": [1], "y": 1}, "layers": [{"type": "dense", "W": [[1]]}],
    }  # fmt: skip


def test_so_it_is_with_every_type_of_layer() -> None:
    rnn = {"type": "rnn", "W_x": [[1]], "W_h": [[1]], "return_sequences": True}
    problem = Problem(loss="mse", data={"x": [[1], [2]]}, layers=[rnn, UNIT])
    assert isinstance(problem, NetworkProblem)
    assert problem.layers[0].units == 1
    assert [layer.model_fields_set for layer in problem.layers] == [rnn.keys(), UNIT.keys()]


def test_a_recurrent_network_comes_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rnn = {"type": "rnn", "W_x": rng.normal(size=(20, 16)), "W_h": rng.normal(size=(20, 20)), "b": rng.normal(size=20)}
    head = {"type": "dense", "W": rng.normal(size=(1, 20))}
    problem = Problem(loss="mse", data={"x": rng.normal(size=(3, 16)), "y": 1}, layers=[rnn, head])
    again = saved(problem, tmp_path)
    assert stepcalc.solve(again).values["y_hat"].tobytes() == stepcalc.solve(problem).values["y_hat"].tobytes()
    assert set(np.load(tmp_path / "saved.npz")) == {"W_x1", "W_h1"}


def large(units: int = 20, inputs: int = 16) -> NetworkProblem:
    rng = np.random.default_rng(3)
    problem = Problem(
        loss="mse",
        data={"x": rng.normal(size=(2, inputs)), "y": [[0.5], [1]]},
        layers=[
            {"type": "dense", "activation": "tanh", "W": rng.normal(size=(units, inputs)), "b": rng.normal(size=units)},
            {"type": "dense", "W": rng.normal(size=(1, units))},
        ],
    )
    assert isinstance(problem, NetworkProblem)
    return problem


def test_large_arrays_go_into_a_file_beside_it(tmp_path: Path) -> None:
    problem = large()
    assert solution(saved(problem, tmp_path, "model.toml")) == solution(problem)
    fields = tomllib.loads((tmp_path / "model.toml").read_text(encoding="utf-8"))
    assert MAX_INLINE < 20 * 16
    assert fields["layers"][0]["W"] == {"file": "model.npz", "key": "W1"}
    assert len(fields["layers"][0]["b"]) == 20
    with np.load(tmp_path / "model.npz", allow_pickle=False) as archive:
        assert list(archive) == ["W1"]
    assert {path.name for path in tmp_path.iterdir()} == {"model.toml", "model.npz"}


def test_so_does_what_would_make_the_file_too_long(tmp_path: Path) -> None:
    weights = np.full((17, 17), 1 / 3)
    depth = MAX_INLINE_TOGETHER // weights.size + 2
    problem = Problem(loss="mse", data={"inputs": 17}, layers=[{"type": "dense", "W": weights}] * depth)
    again = saved(problem, tmp_path)
    assert isinstance(again, NetworkProblem)
    assert again.parameters()[f"W{depth}"].tolist() == weights.tolist()
    layers = tomllib.loads((tmp_path / "saved.toml").read_text(encoding="utf-8"))["layers"]
    assert isinstance(layers[0]["W"], list)
    assert layers[-1]["W"] == {"file": "saved.npz", "key": f"W{depth}"}


def test_the_same_problem_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        save(large(), tmp_path / folder / "model.toml")
    for name in ("model.toml", "model.npz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_arrays_that_came_from_files_go_with_it(tmp_path: Path) -> None:
    (tmp_path / "W.csv").write_text("0.5,0.25\n")
    (tmp_path / "p.toml").write_text('loss = "mse"\nlayers = [{ type = "dense", W = { file = "W.csv" } }]\n')
    again = saved(load(tmp_path / "p.toml"), tmp_path / "elsewhere")
    assert isinstance(again, NetworkProblem)
    assert again.parameters()["W1"].tolist() == [[0.5, 0.25]]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("model.json", "a problem is saved in a file that ends with .toml"),
        ("a:b.toml", '"a:b.npz" cannot be named in a problem file'),
    ],
)
def test_names_that_cannot_be_read_are_refused(name: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        save(large(), tmp_path / name)
    assert caught.value.lines() == [f"{tmp_path / name}: {complaint}"]
    assert list(tmp_path.iterdir()) == []


def test_what_is_too_large_to_be_read_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MAX_NUMBERS", 319)
    with pytest.raises(InputError, match="320 numbers; the files of one problem may hold 319 together"):
        save(large(), tmp_path / "model.toml")
    monkeypatch.setattr(writer, "MAX_TOML_BYTES", 100)
    with pytest.raises(InputError, match="larger than the 0 MB"):
        save(large(), tmp_path / "model.toml")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "model.toml").mkdir()
    with pytest.raises(OSError, match="is a directory"):
        save(large(), tmp_path / "model.toml")
    assert [path.name for path in tmp_path.iterdir()] == ["model.toml"]
