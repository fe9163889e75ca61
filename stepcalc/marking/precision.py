"""How precise is an answer, how precise was it to be? Digits as typed, and what rounding a number can make of it.

A unit is one of the last digit kept: 0.001 for 0.907. Whoever types 0.907 had a number that rounds to it, up to half a
unit away, or one that was cut off after it, up to a whole unit further from 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stepcalc.backend import quiet
from stepcalc.marking.interval import Interval
from stepcalc.typed.numbers import EXACT, Numbers

SAME = 1e-13
"""Two doubles no further apart than this, of the larger one, are the same decimal."""
TIE = 1e-9
"""So much of a unit further than half of it is still a tie, which may be rounded either way."""
NOTHING = 1e-12
"""A number no further from 0 than this is what calculating with doubles leaves of a 0."""
LEFT_OF_NOTHING = 1e-4
"""So much of a unit asked may stand where 0 is right: single precision leaves 1.5e-8 of 0.3 − 3·0.1."""
FEWEST_FIGURES = 2
"""So many figures excuse all that rounding can reach; a single one excuses only the number that rounds to it."""


@dataclass(frozen=True)
class Asked:
    """The precision asked: so many ``decimals``, else so many significant figures, else a distance from what is right.

    ``absolute + relative·|right|`` is the distance where no digits are asked. ``truncates``: the problem's own numbers
    are cut off, not rounded.
    """

    significant: int | None = None
    decimals: int | None = None
    relative: float = 0.0
    absolute: float = 0.0
    truncates: bool = False

    @property
    def by_digits(self) -> bool:
        """Whether digits are asked for, and not a distance."""
        return self.significant is not None or self.decimals is not None

    def unit(self, values: np.ndarray) -> np.ndarray:
        """A unit of the last digit asked, at each value; 0 where a distance is asked."""
        if self.decimals is not None:
            return np.full(np.shape(values), 10.0**-self.decimals)
        if self.significant is None:
            return np.zeros(np.shape(values))
        found: np.ndarray = 10.0 ** (_leading(values) - self.significant + 1.0)
        return found

    def distance(self, right: np.ndarray) -> np.ndarray:
        """How far an answer may be from ``right`` where a distance is asked."""
        found: np.ndarray = self.absolute + self.relative * np.abs(right)
        return found


def _leading(values: np.ndarray) -> np.ndarray:
    """The power of ten of the first digit; 0 for 0."""
    size = np.abs(values)
    usable = np.isfinite(size) & (size > 0)
    exponent = np.floor(np.log10(np.where(usable, size, 1.0)))
    found: np.ndarray = np.where(usable, exponent, 0.0)
    return found


@dataclass(frozen=True, eq=False)
class Given:
    """The answers to one item, row by row: ``value``, NaN where none could be read, and one ``unit`` of the last digit.

    The unit is 0 for a fraction or arithmetic, which is exact. ``places`` and ``figures`` are the digits as typed.
    """

    value: np.ndarray
    unit: np.ndarray
    places: np.ndarray
    figures: np.ndarray

    @classmethod
    def of(cls, numbers: Numbers) -> Given:
        """Answers as they were typed."""
        exact = numbers.place == EXACT
        unit = np.where(exact, 0.0, 10.0 ** np.where(exact, 0, numbers.place).astype(float))
        return cls(numbers.value, unit, numbers.place, numbers.figures)

    def of_rows(self, rows: np.ndarray) -> Given:
        """The answers of some rows."""
        return Given(self.value[rows], self.unit[rows], self.places[rows], self.figures[rows])

    @property
    def exact(self) -> np.ndarray:
        """Where no digits were typed, but a fraction or arithmetic."""
        found: np.ndarray = self.places == EXACT
        return found

    def precise(self, asked: Asked) -> np.ndarray:
        """Where there are at least as many digits as asked."""
        if asked.decimals is not None:
            return self.exact | (self.places <= -asked.decimals)
        return np.asarray(self.figures >= (asked.significant or 0))

    def single(self, asked: Asked) -> np.ndarray:
        """Where there is a single digit, and more were asked."""
        found: np.ndarray = ~self.exact & ~self.precise(asked) & (self.figures < FEWEST_FIGURES)
        return found

    def judged_unit(self, asked: Asked) -> np.ndarray:
        """The unit by which an answer is held against what rounding reaches: its own; of a single digit the one asked.

        Else 0.1 would excuse whatever leads to a number between 0.05 and 0.2.
        """
        return np.where(self.single(asked) | self.exact, asked.unit(self.value), self.unit)

    def box(self, asked: Asked) -> Interval:
        """The right numbers for which an answer would do: those that round to it, or those at the distance asked."""
        if asked.by_digits:
            return self._rounded_from(self.judged_unit(asked))
        with quiet():
            low, high = self.value - asked.absolute, self.value + asked.absolute
            below, above = 1 + asked.relative, max(1 - asked.relative, 0.0)
            return Interval(low / np.where(low > 0, below, above), high / np.where(high > 0, above, below))

    def before_rounding(self, asked: Asked, right: np.ndarray) -> Interval:
        """What an answer may have been before it was rounded or cut off, to be calculated on with.

        Itself, where it is all of the ``right`` number, as 4.6 may be. A single digit to which that is rounded may have
        been anything from there to the right number.
        """
        unit = self.judged_unit(asked) if asked.by_digits else self.unit
        found = self._rounded_from(np.where(self.exact | is_same(self.value, right), 0.0, unit))
        there = np.where(is_single_digit_of(self, right, asked), right, self.value)
        return Interval(np.minimum(found.lo, there), np.maximum(found.hi, there))

    def _rounded_from(self, unit: np.ndarray) -> Interval:
        size = np.abs(self.value)
        noise = SAME * np.maximum(size, unit)
        cut = unit + np.where(unit > 10 * noise, -noise, noise)  # a whole unit further is cut off to the next digit
        outwards = size + cut
        towards_zero = size - unit * (0.5 + TIE) - noise
        towards_zero = np.where(self.value == 0, -cut, towards_zero)  # what is cut off to 0 may be on either side
        down = self.value < 0
        return Interval(np.where(down, -outwards, towards_zero), np.where(down, -towards_zero, outwards))


def is_right(given: Given, right: np.ndarray, asked: Asked) -> np.ndarray:
    """Where an answer is the right number: rounded to the digits typed, or at the distance asked, or all of it."""
    off = np.abs(given.value - right)
    left_of_nothing = np.maximum(NOTHING, LEFT_OF_NOTHING * asked.unit(right))
    equal = is_same(given.value, right) | ((right == 0) & (off <= left_of_nothing))
    if not asked.by_digits:
        return np.asarray(equal | (off <= asked.distance(right) * (1 + TIE)))
    unit = np.where(given.exact, asked.unit(right), given.unit)
    rounded = off <= unit * (0.5 + TIE)
    if asked.truncates:
        rounded |= is_cut(given, right)
    nothing = (given.value == 0) & (asked.decimals is None)
    return np.asarray(equal | (rounded & given.precise(asked) & ~nothing))


def is_rounded(given: Given, right: np.ndarray) -> np.ndarray:
    """Where an answer is the right number rounded to the digits typed, however few these are."""
    found: np.ndarray = np.abs(given.value - right) <= given.unit * (0.5 + TIE)
    return found


def is_single_digit_of(given: Given, number: np.ndarray, asked: Asked) -> np.ndarray:
    """Where an answer is a number rounded to a single digit, fewer than asked; 0 is no such digit."""
    single: np.ndarray = given.single(asked) & (given.value != 0)
    if not single.any():
        return single
    half_below = (np.abs(given.value) < np.abs(number)) & (np.abs(given.value - number) >= given.unit * (0.5 - TIE))
    rounded = is_rounded(given, number) & ~half_below  # 1.5 is 2, not 1
    if asked.truncates:
        rounded |= is_cut(given, number)
    return np.asarray(single & rounded)


def is_nothing(given: Given, right: np.ndarray, asked: Asked) -> np.ndarray:
    """Where an answer is 0, with however few digits, and so is the right number to all the decimals asked."""
    if asked.decimals is None:
        return np.zeros(given.value.shape, bool)
    found: np.ndarray = (given.value == 0) & (np.abs(right) <= asked.unit(right) * (0.5 + TIE))
    return found


def is_same(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where two numbers are the same decimal."""
    found: np.ndarray = np.abs(one - other) <= SAME * np.maximum(np.abs(one), np.abs(other))
    return found


def is_cut(given: Given, right: np.ndarray) -> np.ndarray:
    """Where an answer is the right number cut off after its last digit, which is not where rounding leads."""
    short = np.abs(right) - np.abs(given.value)
    same_side = np.sign(right) == np.sign(given.value)
    found: np.ndarray = same_side & (short > given.unit * (0.5 + TIE)) & (short < given.unit * (1 - TIE))
    return found


def meets(given: Interval, value: np.ndarray, reach: Interval, asked: Asked) -> np.ndarray:
    """Where an answer, as the interval that it may have been, is one of the numbers in ``reach``.

    To significant figures, 0 is no rounding of what is not 0; with decimals asked, 0.000 is what is left of 0.0004.
    """
    known = np.isfinite(reach.lo) & np.isfinite(reach.hi)
    nothing = (value == 0) & ((reach.lo > NOTHING) | (reach.hi < -NOTHING)) & (asked.decimals is None)
    found: np.ndarray = known & ~nothing & (given.lo <= reach.hi) & (given.hi >= reach.lo)
    return found


def rounded_off(reach: Interval, asked: Asked) -> Interval:
    """``reach`` with what rounding or cutting off to the precision asked can make of its numbers."""
    if not asked.by_digits:
        return reach
    return Interval(_outermost(reach.lo, asked, np.minimum), _outermost(reach.hi, asked, np.maximum))


def _outermost(ends: np.ndarray, asked: Asked, side: np.ufunc) -> np.ndarray:
    usable = np.isfinite(ends)
    at = np.where(usable, ends, 0.0)
    unit = asked.unit(at)
    scaled = at / unit
    rounded = np.floor(np.abs(scaled) + 0.5 + TIE), np.trunc(np.abs(scaled) + TIE)
    candidates = [np.where(whole == 0, at, np.copysign(whole, at) * unit) for whole in rounded]  # never to 0
    found: np.ndarray = np.where(usable, side(at, side(*candidates)), ends)
    return found
