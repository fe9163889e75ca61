"""Small exams to publish."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stepcalc.recipes import Recipe

EXAMPLES = Path(__file__).resolve().parents[2] / "worked_examples"
WEIGHTS = {"low": -1.0, "high": 1.0, "step": 0.1, "exclude": [0]}


def recipe(**changes: Any) -> Recipe:
    """An exam on the 2-2-1 network."""
    fields = {
        "problem": "two_two_one.toml",
        "vary": {"W1": WEIGHTS, "W2": WEIGHTS, "data.x": {"integers": [1, 4]}},
        "ask": {"items": ["z1", "y_hat", "dL/dW2", "W2_new"]},
        **changes,
    }
    return Recipe.from_fields(fields, "quiz", EXAMPLES)


def files(folder: Path) -> dict[str, bytes]:
    """Everything under a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
