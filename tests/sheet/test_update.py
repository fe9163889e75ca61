"""What is said of the cost after the update."""

from __future__ import annotations

from typing import Any

from stepcalc.sheet.story import compose
from tests.drawn import one_unit
from tests.printed import sentences, solved


def told_after(**fields: Any) -> str:
    (told,) = (said for said in sentences(compose(solved(**fields))) if said.startswith("Forward again after"))
    return told


def test_the_rounding_of_doubles_is_no_progress() -> None:
    """Exactly, the cost is 4/3 before and after; in doubles the second is a last digit less."""
    fields = one_unit({"type": "mae", "scale": 2}, "linear", 1, optimizer={"learning_rate": 0.1})
    fields["data"] = {"x": [[1], [2], [3]], "y": [1, 3, 2]}
    before, after = solved(**fields).history[:2]
    assert before != after
    assert told_after(**fields) == "Forward again after the update: L stays at 1.333. The step does not show in it."


def test_a_fall_that_digits_can_show_is_shown() -> None:
    fields = one_unit("mse", "linear", 1, x=1, y=3, optimizer={"learning_rate": 1e-9})
    assert "L goes from 4 to 3.99999997" in told_after(**fields)
    assert "It fell, as it should." in told_after(**fields)
