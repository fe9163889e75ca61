"""Slips of the pen, which explain a number when nothing else does: a sign, the decimal point, two digits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from stepcalc.marking.misconceptions.base import Change, Misconception, register
from stepcalc.marking.steps import OwnStep, Steps

MOST_FIGURES = 9
"""A number with more digits than this is not one that somebody copies."""
OFF = tuple(sp.Integer(10) ** places for places in (1, -1, 2, -2))
"""How many times the right number somebody has who puts the decimal point elsewhere."""
MOST_OPERANDS = 40
"""In a step from more numbers than this no single one is looked for."""


@register
class SignLost(Misconception):
    """The other sign."""

    name = "sign_lost"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if step.formula is not None:
            yield Change(-step.formula)


@register
class DigitsSwapped(Misconception):
    """Two neighbouring digits swapped, in the answer."""

    name = "digits_swapped"
    far_fetched = True

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if step.formula is not None:
            yield Change(step.formula, mistyped=lambda values: swapped(values, zeros=1))


@register
class OperandMisread(Misconception):
    """Two neighbouring digits swapped, in a number that the answer is calculated from."""

    name = "number_misread"
    far_fetched = True

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        for item in step.needs if step.formula is not None and len(step.needs) <= MOST_OPERANDS else ():
            yield Change(step.formula, {"number": item}, misread={item: swapped})


@register
class PointMoved(Misconception):
    """The decimal point one or two places off."""

    name = "point_moved"
    far_fetched = True

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        for off in OFF if step.formula is not None else ():
            yield Change(sp.Mul(off, step.formula, evaluate=False))


def swapped(values: np.ndarray, zeros: int = 0) -> np.ndarray:
    """Numbers (rows,) with two neighbouring digits of their shortest decimal swapped, (ways, rows).

    So many ``zeros`` more may stand before and after it. NaN where there are no two such digits, or they are the same.
    """
    whole, places = decimals(values)
    whole, places = whole * 10.0**zeros, places + zeros
    length = np.maximum(np.floor(np.log10(np.maximum(whole, 1.0))) + 1, places) + zeros
    longest = int(np.max(length, where=whole > 0, initial=1))
    units = 10.0 ** np.arange(longest + 1)[:, None]
    rest = np.floor(whole / units)
    digits = rest[:-1] - 10.0 * rest[1:]
    last, before = digits[:-1], digits[1:]
    changed = (whole + (last - before) * (9.0 * units[:-2])) / 10.0**places
    apart = (last != before) & (np.arange(1, longest)[:, None] < length)
    return np.where(apart, np.copysign(changed, values), np.nan)


def decimals(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The digits of numbers as whole numbers, without sign, and how many of them stand after the point.

    0 where there are more than ``MOST_FIGURES``.
    """
    size = np.abs(values)
    waiting = size < 10.0**MOST_FIGURES
    size = np.where(waiting, size, 0.0)
    whole, places = np.zeros(len(values)), np.zeros(len(values))
    for place in range(2 * MOST_FIGURES):
        if not waiting.any():
            break
        scaled = size * 10.0**place
        tried = np.rint(scaled)
        waiting &= tried < 10.0**MOST_FIGURES
        short = waiting & (tried / 10.0**place == size)
        whole[short], places[short] = tried[short], place
        waiting &= ~short
    return whole, places
