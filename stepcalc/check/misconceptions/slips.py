"""Slips of the pen, which explain a number when nothing else does: a sign, the decimal point, two digits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from stepcalc.check.misconceptions.base import Change, Misconception, register
from stepcalc.check.steps import OwnStep, Steps

MOST_FIGURES = 9
"""A number with more digits than this is not one that somebody copies."""
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
    in_between = False

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if step.formula is not None:
            yield Change(step.formula, mistyped=lambda values: swapped(values, zeros=1))


@register
class OperandMisread(Misconception):
    """Two neighbouring digits swapped, in a number that the answer is calculated from."""

    name = "number_misread"
    in_between = False

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        for item in step.needs if step.formula is not None and len(step.needs) <= MOST_OPERANDS else ():
            yield Change(step.formula, {"number": item}, misread={item: swapped})


@register
class PointMoved(Misconception):
    """The decimal point one or two places off."""

    name = "point_moved"
    in_between = False

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        for places in (1, -1, 2, -2) if step.formula is not None else ():
            yield Change(step.formula * sp.Integer(10) ** places)


def swapped(values: np.ndarray, zeros: int = 0) -> np.ndarray:
    """Numbers (rows,) with two neighbouring digits of their shortest decimal swapped, (ways, rows).

    So many ``zeros`` more may stand before and after it. NaN where there are no two such digits, or they are the same.
    """
    digits, places = decimals(values)
    digits, places = digits * 10**zeros, places + zeros
    length = np.maximum(np.floor(np.log10(np.maximum(digits, 1))).astype(np.int64) + 1, places) + zeros
    ways = [np.empty((0, len(values)))]
    for at in range(int(np.max(np.where(digits > 0, length, 0), initial=0)) - 1):
        last, before = digits // 10**at % 10, digits // 10 ** (at + 1) % 10
        changed = digits + (last - before) * (10 ** (at + 1) - 10**at)
        apart = (last != before) & (at + 1 < length) & (digits > 0)
        found = np.copysign(changed / 10.0 ** np.maximum(places, 0), values)
        ways.append(np.where(apart, found, np.nan)[None])
    return np.concatenate(ways)


def decimals(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The digits of numbers as whole numbers, without sign, and how many of them stand after the point.

    0 where there are more than ``MOST_FIGURES``.
    """
    digits, places = np.zeros(len(values), np.int64), np.zeros(len(values), np.int64)
    waiting = np.isfinite(values) & (np.abs(values) < 10.0**MOST_FIGURES) & (values != 0)
    for place in range(2 * MOST_FIGURES):
        if not waiting.any():
            break
        size = np.where(waiting, np.abs(values), 0.0)
        whole = np.rint(size * 10.0**place)
        short = waiting & (whole / 10.0**place == size) & (whole < 10.0**MOST_FIGURES)
        digits[short], places[short] = whole[short].astype(np.int64), place
        waiting &= ~short & (whole < 10.0**MOST_FIGURES)
    return digits, places
