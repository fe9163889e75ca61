"""Rules on rounding: how uncertain it leaves an answer, and whether the printed numbers lead to the right one."""

from __future__ import annotations

import numpy as np

from stepcalc.drawing.calculation import answers, together, within
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.rule import Rule, anywhere, no_more, register
from stepcalc.recipes import Quality


@register
class Imprecise(Rule):
    """Rounding every step leaves an answer too uncertain."""

    name = "imprecise"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        wide = (
            ~no_more(within(rows, item), quality.max_tolerance * np.abs(right)) for item, right in answers(rows).items()
        )
        return anywhere(rows, *wide)


@register
class Printed(Rule):
    """Who works from the printed numbers, rounding every step, does not reach the right answer."""

    name = "printed"

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        missed = (
            ~no_more(np.abs(printed(rows, item) - right), within(rows, item)) for item, right in answers(rows).items()
        )
        return anywhere(rows, *missed)


def printed(rows: Rows, item: str) -> np.ndarray:
    """What a student has who rounds every step to the precision asked, (rows,)."""
    found = together(rows, lambda calculation: calculation.rounded(item))
    assert found is not None
    return found
