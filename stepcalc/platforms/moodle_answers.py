"""What Moodle accepts: numbers with how far off they may be, for what share of the marks, and what it says to them.

Of several answers that a number fits, Moodle takes the first one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_UP, Context, Decimal
from fractions import Fraction

from stepcalc.exams.exact import steady
from stepcalc.exams.question import Gap, Sentence, Wrong
from stepcalc.rounding import Rounding

PERMITTED = (
    100, 90, 83.33333, 80, 75, 70, 66.66667, 60, 50, 40, 33.33333, 30, 25, 20, 16.66667, 14.28571, 12.5, 11.11111, 10,
    5,
)  # fmt: skip
"""The shares of the marks, in percent, that Moodle knows, besides none."""
LEAST_TOLERANCE, AT_ZERO = 1e-9, 1e-12
"""Of a number, and of 0: an answer with no tolerance would be compared bit by bit."""
ALIKE = 5e-10
"""Wrong numbers that differ by less are one."""
APART = 0.49
"""Of the way to the next wrong number: nearer than this, an answer is the one and not the other."""
_UP = Context(prec=3, rounding=ROUND_UP)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A number that Moodle knows: how far from it an answer may be, what it gives in percent, and what is said."""

    value: float
    tolerance: float
    percent: float
    said: tuple[Sentence, ...] = ()

    @property
    def answer(self) -> str:
        """The number in full precision, as Moodle reads it."""
        return number(self.value)

    @property
    def reach(self) -> str:
        """The tolerance, which is absolute, with three digits; never less than it is."""
        return number(float(_UP.create_decimal(Decimal(repr(steady(self.tolerance))))))

    def takes(self, value: float) -> bool:
        """Whether a number is taken for this one."""
        return abs(value - self.value) <= float(self.reach) * (1 + 1e-9)


def accepted(gap: Gap, share: float, rounding: Rounding) -> tuple[Accepted, ...]:
    """What is known of a gap: the right number, and what mistakes give, also as it is printed.

    A number that is right to the precision asked gives all marks, one within ``gap.tolerance`` the ``share``.
    """
    right = _right(gap, share)
    clear = [wrong for wrong in gap.wrongs if not any(one.takes(wrong.value) for one in right)]
    return (*right, *_wrong(gap, clear, rounding))


def _right(gap: Gap, share: float) -> tuple[Accepted, ...]:
    within = max(gap.tolerance, LEAST_TOLERANCE * abs(gap.value) or AT_ZERO)
    percent = next((one for one in PERMITTED if one <= 100 * share + 1e-9), 0)
    whole = Accepted(gap.value, within, 100)
    if percent == 100:
        return (whole,)
    precise = max(_half_a_unit(gap.printed), abs(float(gap.printed) - gap.value) * (1 + 1e-9))
    exact = replace(whole, tolerance=min(within, precise))
    return (exact, replace(whole, percent=percent)) if percent else (exact,)


def _half_a_unit(printed: str) -> float:
    exponent = Decimal(printed).as_tuple().exponent
    return 0.5 * 10.0 ** int(exponent)


def _wrong(gap: Gap, wrongs: Iterable[Wrong], rounding: Rounding) -> tuple[Accepted, ...]:
    """What mistakes give; those that give the same number are told together."""
    told: dict[float, list[Wrong]] = {}
    for wrong in wrongs:
        if math.isfinite(wrong.value):
            near = (value for value in told if math.isclose(value, wrong.value, rel_tol=ALIKE, abs_tol=0.0))
            told.setdefault(next(near, wrong.value), []).append(wrong)
    found = []
    for value, alike in told.items():
        said = tuple(dict.fromkeys(wrong.why for wrong in alike))
        found.append(Accepted(value, _tolerance(gap, value, told, rounding), 0, said))
    return tuple(found)


def _tolerance(gap: Gap, value: float, all_wrong: Iterable[float], rounding: Rounding) -> float:
    """As large as that of the right number, by its size, and so that no two wrong numbers are taken for one another."""
    grown = gap.tolerance * max(1.0, abs(value / gap.value) if gap.value else 1.0)
    printed = abs(float(rounding.printed(value)) - value)
    nearest = min((abs(value - other) for other in all_wrong if other != value), default=math.inf)
    return min(max(grown, printed + (LEAST_TOLERANCE * abs(value) or AT_ZERO)), APART * nearest)


def number(value: float) -> str:
    """A number as Moodle reads it: the shortest decimal of the double."""
    return repr(value + 0.0).removesuffix(".0")


def weights(worths: Sequence[float]) -> tuple[int, ...]:
    """Whole numbers in the ratio of the marks, which Cloze asks for; the marks themselves where they are whole."""
    exact = [Fraction(worth).limit_denominator(1000) for worth in worths]
    scale = math.lcm(*(worth.denominator for worth in exact))
    whole = [int(worth * scale) for worth in exact]
    shared = math.gcd(*whole) if scale > 1 else 1
    return tuple(one // max(shared, 1) for one in whole) if any(whole) else (1,) * len(whole)
