"""What mistakes give in the steps of the items asked, and which of these mistakes can be told apart at all.

The mistakes are those in an item's own step, without the far-fetched ones. What is the right answer in every draw of a
pilot is no mistake that an answer could show; those that coincide in every draw count as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from stepcalc.answers.names import elements
from stepcalc.backend import quiet
from stepcalc.drawing.calculation import Calculation
from stepcalc.drawing.model import items_of
from stepcalc.drawing.once import once
from stepcalc.drawing.patterns import Pattern
from stepcalc.drawing.pilot import pilot
from stepcalc.drawing.rule import no_more
from stepcalc.marking.mistakes import Mistakes
from stepcalc.marking.state import Look, point
from stepcalc.marking.steps import Steps

if TYPE_CHECKING:
    from stepcalc.drawing.model import Model

NUMERIC = ("compute", "multiple_choice", "find_the_error")
"""The kinds of questions in which a wrong number may be met; others ask for symbols, or for an order."""


@dataclass(frozen=True)
class Way:
    """A step as it is taken with a mistake: the ``names`` of all misconceptions that lead to this, and its formula."""

    names: tuple[str, ...]
    formula: sp.Expr


@dataclass(frozen=True)
class Told:
    """What can be told of an item: the ``ways`` in which it may go wrong, those that coincide in every draw as one.

    ``nothing`` are the misconceptions that give the right answer in every draw, ``hidden`` those that give in each draw
    either that or what another mistake gives.
    """

    item: str
    ways: tuple[Way, ...]
    nothing: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def coinciding(self) -> tuple[tuple[str, ...], ...]:
        """The misconceptions that give the same answer in every draw."""
        return tuple(way.names for way in self.ways if len(way.names) > 1)


@once
def told(model: Model, pattern: Pattern) -> tuple[Told, ...]:
    """Item by item of those asked for their numbers, what its mistakes are."""
    tried = pilot(model, "mistakes", pattern)
    steps, mistakes = model.patterns.steps(pattern), Mistakes(model.patterns.steps(pattern))
    calculation = Calculation(tried, pattern)
    found = ((item, tuple(_ways(item, steps, mistakes))) for item in numeric_items(model, steps))
    return tuple(_told(item, ways, calculation) for item, ways in found if ways)


def numeric_items(model: Model, steps: Steps) -> tuple[str, ...]:
    """The canonical ids of the items of which wrong numbers may be met."""
    found: dict[str, None] = {}
    for asked in model.recipe.asked:
        if asked.kind in NUMERIC:
            named = [item for typed in items_of(asked) for item in elements(model.problem.items, typed)]
            found |= dict.fromkeys(map(steps.canonical, named or model.asked))
    return tuple(found)


def _ways(item: str, steps: Steps, mistakes: Mistakes) -> Iterator[Way]:
    step = steps.step(item)
    for mistake in mistakes.own(step) if step is not None else ():
        if not mistake.far_fetched:
            yield Way((mistake.finding.name,), mistake.changes[item].formula)


def value(way: Way, look: Look, count: int) -> np.ndarray:
    """What a mistake gives, (count,); NaN where it leads to no number."""
    try:
        with quiet():
            found: np.ndarray = np.broadcast_to(point(way.formula, look), (count,))
    except LookupError:  # it takes what this problem does not have a number of
        return np.full(count, np.nan)
    return found


def _told(item: str, ways: tuple[Way, ...], tried: Calculation) -> Told:
    right = tried.number(item)
    if right is None:
        return Told(item, ())
    if not len(right):
        return Told(item, ways)
    tolerance, look = tried.tolerance(item), tried.right.__getitem__

    def same(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Where two answers cannot be told apart, or one of them is no number."""
        with quiet():
            apart = np.abs(one - other)
        alike: np.ndarray = no_more(apart, tolerance) | ~np.isfinite(apart)
        return alike

    kept: list[tuple[Way, np.ndarray]] = []
    nothing: list[str] = []
    for way in ways:
        numbers = value(way, look, len(right))
        other = next((place for place, (_, known) in enumerate(kept) if same(numbers, known).all()), None)
        if same(numbers, right).all():
            nothing += way.names
        elif other is None:
            kept.append((way, numbers))
        else:
            first, there = kept[other]
            kept[other] = (Way(tuple(dict.fromkeys(first.names + way.names)), first.formula), there)
    hidden: list[str] = []
    for way, numbers in reversed(kept):
        others = [known for another, known in kept if another is not way]
        if np.logical_or.reduce([same(numbers, known) for known in (right, *others)]).all():
            kept = [(another, known) for another, known in kept if another is not way]
            hidden += way.names
    return Told(item, tuple(way for way, _ in kept), tuple(dict.fromkeys(nothing)), tuple(dict.fromkeys(hidden)))
