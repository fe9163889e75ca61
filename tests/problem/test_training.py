"""Training: every fault in exact words, and the order of the samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from stepcalc.problem import Problem, Training
from stepcalc.problem.training import MAX_RATES, MAX_TRAINING

Complaints = Callable[[dict[str, Any]], list[str]]

FIVE: dict[str, Any] = {
    "loss": "mse",
    "data": {"x": [[1], [2], [3], [4], [5]], "y": [2, 4, 6, 8, 10]},
    "layers": [{"type": "dense", "activation": "linear", "W": [[1]], "b": [0]}],
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
}

FAULTS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["training.epochs: missing"]),
    ({"epochs": 0}, ["training.epochs: 0, expected at least 1"]),
    ({"epochs": 2.5}, ["training.epochs: 2.5, expected a whole number"]),
    ({"epochs": True}, ["training.epochs: true or false, expected a whole number"]),
    ({"epochs": 10**30}, ["training.epochs: a very large number, expected at most 100000"]),
    ({"epochs": 1, "batch_size": 0}, ["training.batch_size: 0, expected at least 1"]),
    ({"epochs": 1, "batch_size": 6, "seed": 1}, ["training.batch_size: 6, but there are 5 samples"]),
    ({"epochs": 1, "batch_size": 2}, ["training.seed: missing; the mini-batches are drawn with it"]),
    ({"epochs": 1, "seed": -1}, ["training.seed: -1, expected at least 0"]),
    (
        {"epochs": 1, "learning_rates": []},
        ["training.learning_rates: an empty list; leave it out, or give learning rates to compare"],
    ),
    ({"epochs": 1, "learning_rates": 0.1}, ["training.learning_rates: 0.1, expected a list"]),
    ({"epochs": 1, "learning_rates": [-1]}, ["training.learning_rates[1]: -1, expected more than 0"]),
    ({"epochs": 1, "learning_rates": [0.1, 0]}, ["training.learning_rates[2]: 0, expected more than 0"]),
    ({"epochs": 1, "learning_rates": [0.1, "a"]}, ["training.learning_rates[2]: a string, expected a number"]),
    ({"epochs": 1, "learning_rates": [float("nan")]}, ["training.learning_rates[1]: nan is not a finite number"]),
    ({"epochs": 1, "learning_rates": [0.1, 1, 0.1]}, ["training.learning_rates[3]: 0.1 stands here twice"]),
    (
        {"epochs": 1, "learning_rates": [0.1 * n for n in range(1, 8)]},
        [f"training.learning_rates: 7 entries, at most {MAX_RATES} are possible"],
    ),
    (
        {"epochs": 50_000, "batch_size": 2, "seed": 1},
        ["training.epochs: 50,000 epochs of 3 updates are 150,000 updates; at most 100,000 are possible"],
    ),
    (
        {"epochs": 60_000, "learning_rates": [0.1, 0.2]},
        ["training.epochs: 60,000 epochs with 2 learning rates are 120,000 updates; at most 100,000 are possible"],
    ),
    ({"epochs": 1, "batchsize": 2}, ['training.batchsize: unknown key; did you mean "batch_size"?']),
]


def complaints_of(fields: dict[str, Any]) -> list[str]:
    from tests.problem.conftest import complaints

    return complaints(fields)


@pytest.mark.parametrize(("training", "expected"), FAULTS)
def test_each_fault_has_its_line(training: dict[str, Any], expected: list[str]) -> None:
    assert complaints_of({**FIVE, "training": training}) == expected


def test_it_goes_with_an_optimizer() -> None:
    without = {key: value for key, value in FIVE.items() if key != "optimizer"}
    training = {"epochs": 1}
    assert complaints_of({**without, "training": training}) == ["training: needs [optimizer], which makes the steps"]
    no_rate = {**FIVE, "optimizer": {}, "training": training}
    assert complaints_of(no_rate) == ["optimizer.learning_rate: missing; [training] needs a number"]
    both = {**FIVE, "optimizer": {"learning_rate": 0.1, "steps": 3}, "training": training}
    assert complaints_of(both) == [
        "optimizer.steps: 3, but the epochs of [training] say how many updates are made; leave it out"
    ]


def test_it_needs_numbers() -> None:
    training = {"epochs": 2}
    unknown = {"loss": "mse", "data": {"inputs": 1}, "layers": [{"type": "dense", "units": 1}]}
    assert complaints_of({**unknown, "optimizer": {"learning_rate": 1}, "training": training}) == [
        "data.x: missing; [training] needs its numbers",
        "data.y: missing; [training] needs its numbers",
        "layers[1].W: missing; [training] needs its numbers",
        "layers[1].b: missing; [training] needs its numbers",
    ]
    one = {**FIVE, "data": {"x": [1], "y": 2}, "training": {"epochs": 1, "batch_size": 2, "seed": 1}}
    assert complaints_of(one) == ["training.batch_size: 2, but there is 1 sample"]


def test_not_too_many_samples_are_looked_at() -> None:
    many = {"x": [[0.0]] * 20_000, "y": [0.0] * 20_000}
    training = {"epochs": 1, "batch_size": 2, "seed": 1, "learning_rates": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}
    told = "60,000 updates, each with the cost of all 20,000 samples after it"
    expected = [f"training.epochs: {told}; at most 1,000,000,000 samples can be looked at"]
    assert complaints_of({**FIVE, "data": many, "training": training}) == expected
    assert complaints_of({**FIVE, "data": many, "training": {**training, "batch_size": 200}}) == []


def test_newtons_method_makes_fewer_updates() -> None:
    square = {"define": {"J": "w^2"}, "given": {"w": 3}, "optimizer": {"type": "newton", "learning_rate": 0.5}}
    assert complaints_of({**square, "training": {"epochs": 25}}) == []
    told = complaints_of({**square, "training": {"epochs": 13, "learning_rates": [1.0]}})
    assert told == ["training.epochs: 13 epochs with 2 learning rates are 26 updates; at most 25 are possible"]


def test_expressions_have_no_samples() -> None:
    square = {"define": {"J": "w^2"}, "given": {"w": 3}, "optimizer": {"learning_rate": 0.1}}
    assert complaints_of({**square, "training": {"epochs": 3}}) == []
    assert complaints_of({**square, "training": {"epochs": 3, "batch_size": 1, "seed": 2}}) == [
        "training.batch_size: expressions have no samples to take a mini-batch from; every epoch is one step",
        "training.seed: nothing is drawn: expressions have no samples to shuffle",
    ]
    symbols = {**square, "define": {"J": "w^2 + c"}, "symbols": {"names": ["c"]}, "training": {"epochs": 3}}
    assert complaints_of(symbols) == ["symbols.names: c has no number; [training] needs one"]


def test_a_table_has_no_training() -> None:
    told = complaints_of({"table": {"of": "losses"}, "training": {"epochs": 1}})
    assert told == ["training: a reference table has no such key; its keys are title, table"]


def test_the_order_is_the_one_that_the_documentation_tells() -> None:
    epochs, size, samples, seed = 3, 2, 5, 11
    rng = np.random.default_rng(seed)
    expected = []
    for _ in range(epochs):
        order = rng.permutation(samples)
        expected += [order[i : i + size].tolist() for i in range(0, samples, size)]
    training = Training(epochs=epochs, batch_size=size, seed=seed)
    assert [batch.tolist() for batch in training.batches(samples)] == expected
    assert [len(batch) for batch in expected] == [2, 2, 1] * epochs
    assert training.updates(samples) == len(expected)
    assert expected[:3] != expected[3:6], "every epoch has an order of its own"


@pytest.mark.parametrize("size", [None, 5])
def test_with_all_samples_nothing_is_shuffled(size: int | None) -> None:
    batches = list(Training(epochs=2, batch_size=size, seed=1).batches(5))
    assert [batch.tolist() for batch in batches] == [[0, 1, 2, 3, 4]] * 2


def test_the_problem_is_that_of_the_first_mini_batch() -> None:
    problem: Any = Problem(**{**FIVE, "training": {"epochs": 1, "batch_size": 2, "seed": 4}})
    first = np.random.default_rng(4).permutation(5)[:2]
    assert problem.samples == 2
    assert problem.batch.tolist() == first.tolist()
    assert problem.x.tolist() == problem.data.x[first].tolist()
    assert problem.y.tolist() == problem.targets[first].tolist()
    assert problem.targets.ravel().tolist() == [2, 4, 6, 8, 10]


def test_ids_count_in_the_first_mini_batch() -> None:
    training = {"epochs": 1, "batch_size": 2, "seed": 4}
    named = {**FIVE, "training": training, "notation": {"names": {"z1[1]@3": "q"}}}
    assert len(complaints_of(named)) == 1
    assert complaints_of({**named, "notation": {"names": {"z1[1]@2": "q"}}}) == []


def test_the_most_updates_are_possible() -> None:
    assert complaints_of({**FIVE, "training": {"epochs": MAX_TRAINING}}) == []
