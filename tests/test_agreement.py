"""What a nudge tells of a derivative: agreement, a bend, rounded numbers, a corner."""

from __future__ import annotations

from typing import Any

import pytest

from stepcalc.agreement import Agreement, agreement
from tests.drawn import one_unit
from tests.printed import solved

TOLD: dict[str, tuple[dict[str, Any], Agreement]] = {
    "a straight line": (one_unit("mae", "linear", 3, x=2, y=1), "ok"),
    "a bend of half a percent": (one_unit("mse", "linear", 1.2, x=1, y=1), "near"),
    "a bend of a hundredth of a percent": (one_unit("mse", "linear", 13, x=1, y=1), "near"),
    "carried numbers": (
        one_unit("mse", "sigmoid", 1.2, x=2.5, y=0, rounding={"decimals": 2, "carry": True}),
        "rounded",
    ),
    "a bend of 13 times the slope": (
        one_unit("mse", "sigmoid", 0.7, x=1, y=0.66, gradient_check={"epsilon": 2}),
        "long",
    ),
    "a step from one flat end of a sigmoid to the other": (
        one_unit("mse", "sigmoid", 1, x=5, y=1, gradient_check={"epsilon": 10}),
        "long",
    ),
    "a large input": (one_unit("mse", "softplus", 1e-12, x=1e12, y=1e-7), "long"),
    "carried numbers, too long a step": (
        one_unit(
            "mse", "sigmoid", 1.2, x=2.5, y=0, rounding={"decimals": 2, "carry": True}, gradient_check={"epsilon": 1000}
        ),
        "long",
    ),
    "a corner a little further on": (one_unit("mae", "linear", 0.49999, x=2, y=1), "long"),
    "a corner under a long bend": (
        one_unit("mse", "relu", 0, x=1, y=-1, gradient_check={"epsilon": 1000}),
        "long",
    ),
    "a jump": (one_unit("mse", "step", 0, x=-1, y=0.3), "corner"),
    "the least of a parabola": (one_unit("mse", "linear", 2, x=1, y=2), "near"),
    "a corner": (one_unit("mae", "linear", 0.5, x=2, y=1), "corner"),
}


@pytest.mark.parametrize("name", TOLD)
def test_how_a_nudge_bears_a_derivative_out(name: str) -> None:
    fields, expected = TOLD[name]
    trace = solved(**fields)
    exact = trace.value("dL/dW1[1,1]")
    assert exact is not None
    assert agreement(trace, trace.nudge("W1[1,1]"), exact) == expected
