"""Recipes on the worked examples, for the tests of the rooms of exams."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stepcalc.recipes import Recipe

EXAMPLES = Path(__file__).resolve().parents[2] / "worked_examples"
TENTHS = {"low": -1, "high": 1, "step": 0.1, "exclude": [0]}


def recipe(
    vary: dict[str, Any], *items: str, problem: str = "two_two_one", folder: Path = EXAMPLES, **more: Any
) -> Recipe:
    """A recipe that asks ``items`` of a worked example, or of another problem in ``folder``."""
    fields = {"problem": f"{problem}.toml", "vary": vary, "ask": {"items": list(items or ("z1", "dL/dW1"))}}
    return Recipe.from_fields(fields | more, "quiz", folder)
