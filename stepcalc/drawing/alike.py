"""Which numbers of a candidate matter to what is asked? Two with the same ones are alike, whatever else differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stepcalc.drawing.calculation import LEARNING_RATE
from stepcalc.drawing.once import once
from stepcalc.notation import is_setting
from stepcalc.recipes.targets import RATE

if TYPE_CHECKING:
    from stepcalc.drawing.model import Model


@once
def columns_that_matter(model: Model) -> tuple[int, ...]:
    """The columns, counted from 0, that anything asked is found from, and those of the targets."""
    patterns = model.patterns
    steps, asked = patterns.steps(patterns.plain), patterns.asked(patterns.plain)
    order = frozenset(steps.order(asked))
    columns = model.structure.columns
    needed = {need for item in asked if (step := steps.step(item)) is not None for need in step.needs}
    if not needed <= order:  # of a network too large to be followed, all matter
        return tuple(range(len(columns)))
    matters = {name: np.zeros(shape, bool) for name, shape in model.structure.shapes.items()}
    for name in matters.keys() & set(patterns.targets):
        matters[name].flat[model.origin(name)] = True
    for item in order:
        address = None if is_setting(item) else model.address(item)
        if address is not None and address[0] in matters:
            name, place = address
            matters[name].flat[model.origin(name)[None][place]] = True
    if RATE in matters:
        matters[RATE] = np.array(LEARNING_RATE in order)
    return tuple(at for at, column in enumerate(columns) if matters[column.name][column.place or ...].any())
