"""How far from a number an answer may be on a platform: from the right one, and from what a mistake gives.

Tolerances are written with three digits, rounded up.
"""

from __future__ import annotations

import math
from decimal import ROUND_UP, Context, Decimal

from stepcalc.exams.question import Gap, Wrong
from stepcalc.rounding import Rounding

_ULPS = 8
_UP = Context(prec=3, rounding=ROUND_UP)


def around_right(gap: Gap) -> float:
    """The gap's tolerance, never less than it is, and what is lost where a platform calculates its ends in doubles."""
    return float(_UP.create_decimal(repr(gap.tolerance + _ULPS * math.ulp(gap.value))))


def mistakes(gap: Gap) -> tuple[Wrong, ...]:
    """What mistakes give, but for what is taken for right, or that nobody explains."""
    reach = around_right(gap)
    return tuple(wrong for wrong in gap.wrongs if wrong.why and abs(wrong.value - gap.value) > reach)


def around_wrong(wrong: Wrong, gap: Gap, rounding: Rounding) -> float:
    """As far as for the right number, and at least a unit of the last digit that would be printed."""
    exponent = Decimal(rounding.printed(wrong.value)).as_tuple().exponent
    assert isinstance(exponent, int)
    return max(around_right(gap), float(Decimal(1).scaleb(exponent)))
