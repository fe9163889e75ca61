"""Which numbers of a candidate matter to what is asked? Two with the same ones are alike, whatever else differs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from stepcalc.drawing.calculation import LEARNING_RATE
from stepcalc.notation import is_setting
from stepcalc.recipes import Column
from stepcalc.recipes.targets import RATE

if TYPE_CHECKING:
    from stepcalc.drawing.model import Model

Place = tuple[int, ...]


@lru_cache(maxsize=1024)
def columns_that_matter(model: Model) -> tuple[int, ...]:
    """The columns, counted from 0, that anything asked is found from, and those of the targets."""
    steps, asked = model.patterns.plain
    order = frozenset(steps.order(asked))
    columns = model.structure.columns
    needed = {need for item in asked if (step := steps.step(item)) is not None for need in step.needs}
    if not needed <= order:  # of a network too large to be followed, all matter
        return tuple(range(len(columns)))
    used = {_place(item, model) for item in order if not is_setting(item)}
    names = {name for name, _ in used} | set(model.patterns.targets)

    def matters(column: Column) -> bool:
        if column.name == RATE:
            return LEARNING_RATE in order
        whole = column.place in (None, ()) or column.name in model.patterns.targets
        return column.name in names if whole else (column.name, column.place) in used

    return tuple(place for place, column in enumerate(columns) if matters(column))


def _place(item: str, model: Model) -> tuple[str, Place]:
    """Where a number stands in the problem file's array of its name, counted from 0."""
    parsed = model.graph.read(item)
    sample = () if parsed.sample is None else (parsed.sample - 1,)
    return parsed.name, (*sample, *(index - 1 for index in parsed.index))
