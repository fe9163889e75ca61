"""Rules on the answers themselves: none is 0, too small, another one's, or what it was before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stepcalc.drawing.calculation import answer, answers
from stepcalc.drawing.once import once
from stepcalc.drawing.patterns import Pattern
from stepcalc.drawing.pilot import pilot
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.rule import AGAIN, Rule, anywhere, below, no_more, register
from stepcalc.items import NEW
from stepcalc.marking.precision import NOTHING, Asked
from stepcalc.recipes import Quality

if TYPE_CHECKING:
    from stepcalc.drawing.model import Model


def same(one: np.ndarray, other: np.ndarray, asked: Asked) -> np.ndarray:
    """Where two numbers are no further apart than a unit of the last digit asked, or than the distance asked."""
    size = np.maximum(np.abs(one), np.abs(other))
    limit = asked.unit(size) if asked.by_digits else asked.distance(size)
    return no_more(np.abs(one - other), limit)


class OnAnswers(Rule):
    """A rule on each answer by itself: on those that the engine calculates, or on those that take longer."""

    def __init__(self, later: bool = False) -> None:
        self.later = later

    @property
    def is_cheap(self) -> bool:
        return not self.later

    def numbers(self, rows: Rows) -> list[np.ndarray]:
        """The answers, each (rows,)."""
        if self.later:
            return list(answers(rows).values())
        columns = (rows.column(item) for item in rows.model.asked)
        return [column for column in columns if column is not None]


class Undefined(OnAnswers):
    """An answer leaves what a double can hold, or is undefined."""

    name = "overflow"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        return anywhere(rows, *(~np.isfinite(numbers) for numbers in self.numbers(rows)))


@register
class Zero(OnAnswers):
    """An answer is 0."""

    name = "zero"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        return anywhere(rows, *(np.abs(numbers) <= NOTHING for numbers in self.numbers(rows)))


@register
class Small(OnAnswers):
    """An answer is nearer to 0 than platforms can tell, or too far from it to be written down."""

    name = "small"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        sizes = [np.abs(numbers) for numbers in self.numbers(rows)]
        near = [(size > NOTHING) & below(size, quality.min_abs_answer) for size in sizes]
        return anywhere(rows, *near, *(~no_more(size, quality.max_abs_answer) for size in sizes))


AGAIN += Undefined(later=True), Zero(later=True), Small(later=True)


@register
class Equal(Rule):
    """Two answers are the same number by accident. What is equal in every draw, as ∂L/∂b and ∂L/∂z, is no accident."""

    name = "equal"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        refused, asked = np.zeros(len(rows), bool), rows.model.precision
        for places, calculation in rows.calculations:
            found = answers(rows.only(places))
            first = twins(rows.model, calculation.pattern)
            apart = [found[item] for item in first if first[item] == item and item in found]
            if len(apart) > 1:
                sorted_ = np.sort(np.stack(apart), axis=0)
                refused[places] = same(sorted_[1:], sorted_[:-1], asked).any(axis=0)
        return refused


@once
def twins(model: Model, pattern: Pattern) -> dict[str, str]:
    """For each item asked the first one that has the same number in every draw, be it itself."""
    tried, asked = pilot(model, Equal.name, pattern), model.precision
    kept: dict[str, np.ndarray] = {}
    found: dict[str, str] = {}
    for item, numbers in answers(tried).items():
        alike = (other for other, known in kept.items() if len(tried) and same(numbers, known, asked).all())
        found[item] = next(alike, item)
        if found[item] == item:
            kept[item] = numbers
    return found


@register
class Unchanged(Rule):
    """A new value is the old one, as far as the digits asked show it."""

    name = "unchanged"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        return anywhere(rows, *self._unchanged(rows, rows.model.precision))

    def _unchanged(self, rows: Rows, asked: Asked) -> Iterator[np.ndarray]:
        for item, numbers in answers(rows).items():
            parsed = rows.model.graph.read(item)
            old = answer(rows, str(replace(parsed, part=""))) if parsed.part == NEW else None
            if old is not None:
                yield same(numbers, old, asked)
