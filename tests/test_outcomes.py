"""What became of a run: each kind by its numbers, and what of it is worth drawing."""

from __future__ import annotations

import math
from typing import Any

import pytest

from stepcalc.outcomes import best_of, outcomes, window
from stepcalc.training import TrainingRun
from tests.printed import solved


def runs(*rates: float, epochs: int = 20, define: str = "w^2", start: float = 3) -> tuple[TrainingRun, ...]:
    fields: dict[str, Any] = {"given": {"w": start}, "define": {"J": define}, "optimizer": {"learning_rate": rates[0]}}
    trace = solved(**fields, training={"epochs": epochs, "learning_rates": list(rates)})
    return trace.trained.compared


@pytest.mark.parametrize(
    ("rate", "kind"),
    [
        (0.005, "slow"),
        (0.3, "settled"),
        (0.95, "zigzag"),
        (1.0, "to_and_fro"),
        (1.05, "rose"),
        (1e160, "stopped"),
    ],
)
def test_each_kind_beside_a_good_one(rate: float, kind: str) -> None:
    found = outcomes(runs(rate, 0.4))
    assert [outcome.kind for outcome in found] == [kind, "settled"]
    assert best_of(found).run.learning_rate == 0.4


def test_a_run_that_rises_on_its_way_goes_astray() -> None:
    """Adam's first steps are as long as the rate, whatever the slope."""
    fields: dict[str, Any] = {"given": {"v": 1, "w": 3}, "define": {"J": "w^2 + 3*v^2 + v*w"}}
    optimizer = {"type": "adam", "learning_rate": 5.0}
    trace = solved(**fields, optimizer=optimizer, training={"epochs": 60, "learning_rates": [5.0, 0.2]})
    astray, good = outcomes(trace.trained.compared)
    assert max(astray.run.history) > 15 > astray.run.history[-1]
    assert (astray.kind, good.kind) == ("astray", "settled")


def test_a_run_that_still_falls_says_so() -> None:
    (alone,) = outcomes(runs(0.02))
    assert alone.kind == "falling"
    assert alone.share == 1


def test_the_share_is_that_of_the_way_of_the_best() -> None:
    slow, best = outcomes(runs(0.005, 0.4))
    assert slow.share == pytest.approx((9 - 9 * 0.99**40) / 9, rel=1e-3)
    assert best.share == 1


def test_at_the_lowest_place_nothing_moves() -> None:
    assert [outcome.kind for outcome in outcomes(runs(0.1, 0.5, start=0))] == ["flat", "flat"]


def test_a_diverging_run_does_not_hide_a_good_one() -> None:
    low, high = window(runs(0.3, 1e150))
    assert low == pytest.approx(0, abs=1e-6)
    assert 9 <= high <= 30


def test_all_that_stays_near_is_drawn() -> None:
    good = runs(0.05, 0.3)
    assert window(good) == (min(min(run.history) for run in good), 9)


@pytest.mark.parametrize("define", ["w^2", "-w^2", "w^4", "-exp(w)"])
@pytest.mark.parametrize("rate", [1.2, 1e3, 1e120])
def test_a_run_alone_that_diverges_has_a_window_of_numbers(define: str, rate: float) -> None:
    (run,) = runs(rate, define=define, epochs=60)
    low, high = window((run,))
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert low <= run.history[0] <= high
    if len(run.history) > 1 and abs(run.history[1]) < 1e200:
        assert low < high
        assert low <= run.history[1] <= high
