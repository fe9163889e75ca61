"""Every worked example says what it shows, is a problem that can be solved, and has the decks' numbers."""

from __future__ import annotations

import json
import math
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import stepcalc
from stepcalc.sheet import render
from tests.printed import EXAMPLES, FILES, solved

FOLDER = EXAMPLES[0].parent

WANTED = {
    "activations", "adam", "alien_mood", "chain_rule", "chain_rule_two_links", "cnn", "cookie", "house_prices",
    "losses", "matrix_deck", "matrix_deck_step", "momentum", "multi_output", "newton", "newton_bowl", "parabola",
    "perceptron_line", "sigmoid_derivative", "sklearn_mlp", "two_two_one", "two_two_one_symbolic",
}  # fmt: skip


def traced(name: str) -> dict[str, Any]:
    """The JSON trace of a worked example."""
    trace = stepcalc.solve(stepcalc.load(FOLDER / f"{name}.toml"))
    data: dict[str, Any] = json.loads(render(trace, "json"))
    return data


def test_all_of_them_are_here() -> None:
    assert {path.stem for path in FILES} >= WANTED


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_opens_with_a_comment_on_what_it_shows(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first = text.splitlines()[0]
    assert first.startswith("# ")
    assert len(first) > 30
    assert max(map(len, text.splitlines())) <= 120
    assert tomllib.loads(text)["title"]


def test_titles_tell_the_examples_apart() -> None:
    titles = [tomllib.loads(path.read_text(encoding="utf-8"))["title"] for path in FILES]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_it_is_solved(path: Path) -> None:
    trace = traced(path.stem)
    assert trace["format"] == "stepcalc-trace/1"
    assert trace["stopped"] is None
    assert trace["steps"]


def test_cookie() -> None:
    trace = traced("cookie")
    values, gradients = trace["values"], trace["gradients"]
    assert values["z1"] == pytest.approx([4.6, 4.5, 5.9], abs=1e-12)
    assert values["a1"] == pytest.approx([0.990048, 0.989013, 0.997268], abs=5e-7)
    assert values["z2"] == pytest.approx([2.285082], abs=5e-7)
    assert values["y_hat"] == pytest.approx([0.907634], abs=5e-7)
    assert values["L"] == pytest.approx(2.381996, abs=5e-7)
    assert gradients["y_hat"] == pytest.approx([10.826487], abs=5e-7)
    assert gradients["W2"][0] == pytest.approx([0.898601, 0.897662, 0.905154], abs=5e-7)
    assert gradients["z1"] == pytest.approx([0.00625989, 0.00493128, 0.00222556], abs=5e-9)
    assert gradients["W1"][0][0] == pytest.approx(0.01877968, abs=5e-9)
    assert trace["updated"]["W2"][0][0] == pytest.approx(0.610140, abs=5e-7)
    assert trace["history"]["L"] == pytest.approx([2.3820, 2.0620], abs=5e-5)


def test_chain_rule() -> None:
    trace = traced("chain_rule")
    assert (trace["values"]["y"], trace["values"]["z"]) == (4, 16)
    assert (trace["gradients"]["y"], trace["gradients"]["x"]) == (8, 24)


def test_chain_rule_two_links() -> None:
    trace = traced("chain_rule_two_links")
    assert trace["values"]["x"] == 2
    assert trace["gradients"] == {"y": 8, "x": 24, "v": 120}


def test_parabola() -> None:
    trace = traced("parabola")
    assert trace["values"]["J"] == 9
    assert trace["gradients"]["w"] == 6


def test_perceptron_line() -> None:
    values = traced("perceptron_line")["values"]
    assert values["z1"] == [-20]
    assert values["y_hat"] == pytest.approx([2.0611536e-9], rel=1e-7)


@pytest.mark.parametrize(
    "name", ["house_prices", "alien_mood", "two_two_one", "matrix_deck", "multi_output", "sklearn_mlp"]
)
def test_gradient_descent_lowers_the_cost_at_every_step(name: str) -> None:
    trace = traced(name)
    [history] = trace["history"].values()
    assert len(history) >= 2
    assert all(later < earlier for earlier, later in pairwise(history))


def test_house_prices_by_hand() -> None:
    trace = traced("house_prices")
    assert trace["values"]["y_hat"] == [[1.75], [3.25], [5.25]]
    assert trace["values"]["L"] == pytest.approx(1 / 32)
    assert trace["gradients"]["W1"][0] == pytest.approx([1 / 3, 3 / 4])
    assert trace["gradients"]["b1"] == pytest.approx([1 / 12])


def test_sklearn_mlp() -> None:
    """The outputs are what scikit-learn's ``predict_proba`` says with the weights in the file."""
    trace = traced("sklearn_mlp")
    assert [row[0] for row in trace["values"]["y_hat"]] == pytest.approx([0.781821, 0.354358], abs=5e-7)
    assert trace["values"]["L"] == pytest.approx(0.341820, abs=5e-7)


def test_a_step_network_cannot_learn() -> None:
    trace = traced("matrix_deck_step")
    assert trace["values"]["L"] == 1
    assert all(not any(row) for name in ("W1", "W2") for row in trace["gradients"][name])
    assert trace["history"]["L"] == [1, 1]


def test_multi_output_has_a_unit_that_learns_nothing() -> None:
    trace = traced("multi_output")
    assert trace["values"]["z1"] == [1.5, -0.5]
    assert sum(trace["values"]["y_hat"]) == pytest.approx(1)
    assert trace["gradients"]["W1"][1] == [0, 0]


def test_momentum_goes_further_along_the_valley_than_gradient_descent() -> None:
    trace = stepcalc.load(FOLDER / "momentum.toml")
    fields = {"given": trace.given, "define": trace.define}
    asked = {**trace.optimizer.model_dump(), "steps": trace.training.epochs}
    runs = {share: solved(**fields, optimizer={**asked, "momentum": share}) for share in (0.5, 0)}
    assert abs(runs[0.5].final["x"]) < abs(runs[0].final["x"]) / 2
    signs = [math.copysign(1, runs[0].value(f"y#{update}") or 0) for update in range(1, 9)]
    assert all(one == -other for one, other in pairwise(signs))


def test_adam_moves_every_weight_alike_at_first() -> None:
    trace = traced("adam")
    gradient = trace["gradients"]["W1"][0]
    assert abs(gradient[1] / gradient[0]) > 100
    before, after = (trace[key]["W1"][0] for key in ("values", "updated"))
    assert [new - old for new, old in zip(after, before, strict=True)] == pytest.approx([0.1, 0.1], abs=1e-5)


def test_newton_doubles_its_digits() -> None:
    trace = traced("newton")
    assert (trace["updated"]["x"], trace["updated"]["y"]) == pytest.approx((1.4, 1.6))
    off = [abs(update["gradients"]["x"]) + abs(update["gradients"]["y"]) for update in trace["updates"]]
    assert off[4] < off[3] ** 2 < off[2] ** 4


def test_newton_reaches_the_bottom_of_a_bowl() -> None:
    trace = traced("newton_bowl")
    assert trace["updated"] == {"x": 0, "y": 0}
    assert trace["history"]["J"] == [pytest.approx(5.6), 0]


def test_gradient_descent_by_hand() -> None:
    trace = traced("gradient_descent_1d")
    assert trace["history"]["J"] == pytest.approx([9 * 0.64**n for n in range(11)])
    assert trace["final"]["w"] == pytest.approx(3 * 0.8**10)


def test_three_learning_rates_by_hand() -> None:
    """J is a parabola over w with its lowest place at 23/14, and every step takes the same part of the way there."""
    trace = traced("learning_rates")
    (start,) = trace["values"]["W1"][0]
    best, bend = 23 / 14, 14 / 3
    for run in trace["training"]["learning_rates"]:
        left = (1 - run["learning_rate"] * bend) ** 12
        assert run["final"]["W1"][0][0] == pytest.approx(best + (start - best) * left)
        assert len(run["history"]["L"]) == 13
    too_small, good, too_large = (run["history"]["L"] for run in trace["training"]["learning_rates"])
    assert good[-1] < too_small[-1] < too_small[0] < too_large[-1]


def test_mini_batches_go_through_all_samples() -> None:
    training = traced("mini_batches")["training"]
    assert sorted(sample for batch in training["first_epoch"] for sample in batch) == [1, 2, 3, 4, 5]
    assert [len(batch) for batch in training["first_epoch"]] == [2, 2, 1]


@pytest.mark.parametrize("name", ["two_two_one_symbolic", "sigmoid_derivative"])
def test_symbolic_examples_have_no_numbers(name: str) -> None:
    trace = traced(name)
    assert trace.get("values", {}) == {}
    assert all(step.get("value") is None for step in trace["steps"])
