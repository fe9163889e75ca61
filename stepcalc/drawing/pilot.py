"""A pilot: candidates that are looked at beforehand, to see what holds of every draw.

They are those that the rules before let through: where no unit may be dead, ReLU′ is 1 in every draw, and whoever
leaves it out makes no mistake that an answer could show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stepcalc.backend import quiet
from stepcalc.drawing.patterns import Pattern, kinds
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.rule import applied
from stepcalc.recipes import RULES

if TYPE_CHECKING:
    from stepcalc.drawing.model import Model

DRAWS, NUMBERS = 4096, 2_000_000
"""So many candidates are looked at, or fewer that have so many numbers together."""
FEWEST = 64


def pilot(model: Model, before: str, pattern: Pattern | None = None) -> Rows:
    """Candidates with a pattern of targets, or with any, that all rules ``before`` this one let through."""
    quality = model.recipe.quality
    count = max(FEWEST, min(DRAWS, NUMBERS // model.structure.size))
    levels = model.pilot(count)
    levels = levels if pattern is None else _with_targets(model, pattern, levels)
    rows = Rows(model, np.arange(count), levels, model.calculate(levels, np))
    for rule in applied(quality):
        if RULES.index(rule.name) < RULES.index(before) and len(rows):
            with quiet():
                rows = rows.only(~rule.refuses(rows, quality))
    return rows


def _with_targets(model: Model, pattern: Pattern, levels: np.ndarray) -> np.ndarray:
    """The levels drawn, those of the targets such that they have the pattern."""
    wanted, structure = {name: kinds(array) for name, array in model.patterns.arrays(pattern).items()}, model.structure
    found = levels.copy()
    for place, column in enumerate(structure.columns):
        if column.name in wanted:
            whole = wanted[column.name].reshape(structure.shapes[column.name])
            here = whole if column.place is None else whole[column.place]
            there = (kinds(column.levels) == here).reshape(len(column.levels), -1).all(axis=1)
            fitting = np.flatnonzero(there)
            found[place] = fitting[levels[place] % len(fitting)] if len(fitting) else levels[place]
    return found
