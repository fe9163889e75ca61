"""The rule on difficulty: no candidate is much harder, or easier, than the middle one of its structure."""

from __future__ import annotations

import numpy as np

from stepcalc.drawing.difficulty import difficulty, middle
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.rule import Rule, no_more, register
from stepcalc.recipes import Quality


@register
class Difficulty(Rule):
    """The candidate is much harder, or easier, than others of its structure."""

    name = "difficulty"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        usual = middle(rows.model)
        near = no_more(np.abs(difficulty(rows) - usual), quality.spread * usual)
        return np.zeros(len(rows), bool) if np.isnan(usual) else ~near
