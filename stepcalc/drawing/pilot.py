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
"""So many candidates are looked at together, or fewer that have so many numbers."""
ENOUGH, MOST, LEVELS = 100, 32, 4_000_000
"""Until so many are let through, so many times as many are looked at, or as have so many levels."""
FEWEST = 64
ANY = -1
"""A target that is in no pattern."""


def pilot(model: Model, before: str, pattern: Pattern | None = None) -> Rows:
    """Candidates with a pattern of targets, or with any, that all rules ``before`` this one let through."""
    count = max(FEWEST, min(DRAWS, NUMBERS // model.structure.size))
    times = max(1, min(MOST, LEVELS // (count * (len(model.structure.columns) + 1))))
    drawn = model.pilot(count * times)
    drawn = drawn if pattern is None else _with_targets(model, pattern, drawn)
    kept = drawn[:, :0]
    for start in range(0, count * times, count):
        rows = _let_through(before, _rows(model, drawn[:, start : start + count]))
        kept = np.concatenate([kept, rows.levels], axis=1)
        if kept.shape[1] >= ENOUGH:
            break
    return _rows(model, kept)


def _rows(model: Model, levels: np.ndarray) -> Rows:
    return Rows(model, np.arange(levels.shape[1]), levels, model.calculate(levels, np))


def _let_through(before: str, rows: Rows) -> Rows:
    quality = rows.model.recipe.quality
    for rule in applied(quality):
        if RULES.index(rule.name) < RULES.index(before) and len(rows):
            with quiet():
                rows = rows.only(~rule.refuses(rows, quality))
    return rows


def _with_targets(model: Model, pattern: Pattern, levels: np.ndarray) -> np.ndarray:
    """The levels drawn, those of the targets such that they have the pattern."""
    found, shapes = levels.copy(), model.structure.shapes
    wanted = {name: np.full(shapes[name], ANY) for name in model.patterns.targets if name in shapes}
    for name, whole in wanted.items():  # of a mini-batch only its samples have one
        whole.flat[model.origin(name)] = kinds(model.patterns.arrays(pattern)[name])
    for place, column in enumerate(model.structure.columns):
        if column.name in wanted:
            here = wanted[column.name][column.place or ...]
            fits = (here == ANY) | (kinds(column.levels) == here)
            fitting = np.flatnonzero(fits.reshape(len(column.levels), -1).all(axis=1))
            found[place] = fitting[levels[place] % len(fitting)]
    return found
