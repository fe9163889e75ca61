"""The bytes do not depend on the last bit of a machine's functions and matrix products."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stepcalc
from tests.publishing.exams import WEIGHTS, files, recipe

SOME = {"low": -1.5, "high": 1.5, "step": 0.25, "exclude": [0]}
EXAMS: Mapping[str, Mapping[str, Any]] = {
    "two_two_one": {},
    "multi_output": {
        "vary": {"W2": WEIGHTS, "b1": {"choices": [[0, 2.5], [0.5, 3.2]]}},
        "ask": {"items": ["L", "dL/dW2", "W2_new"]},
    },
    "adam": {"vary": {"W1": WEIGHTS, "b1": WEIGHTS}, "ask": {"items": ["dL/dW1", "W1_new", "W1_new#2"]}},
    "newton": {"vary": {"x": SOME, "y": SOME}, "ask": {"items": ["J", "dJ/dx", "x_new"]}},
    "rnn": {"vary": {"data.x": SOME, "W_x1": SOME}, "ask": {"items": ["h1", "L", "dL/dW_h1", "W_h1_new"]}},
}


def nudged(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose last bit is another one."""

    def other(*arguments: Any, **options: Any) -> Any:
        return np.nextafter(function(*arguments, **options), np.inf)

    return other


@pytest.mark.parametrize("problem", EXAMS)
def test_bytes_are_the_same(problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = recipe(**{"problem": f"{problem}.toml", **EXAMS[problem]})
    formats = ("json", "csv", "moodle")
    stepcalc.publish(stepcalc.generate(asked, 1, 5), tmp_path / "here", formats)
    for name in ("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "tanh", "matmul"):
        monkeypatch.setattr(np, name, nudged(getattr(np, name)))
    assert np.exp(0.0) > 1
    stepcalc.publish(stepcalc.generate(asked, 1, 5), tmp_path / "there", formats)
    assert files(tmp_path / "there") == files(tmp_path / "here")
