"""How hard is a candidate by hand? What is to be calculated, and with how many digits, signs and zeros.

For every step on the way to what is asked: one for each operation, and for each number in it one for each of its digits
and one for a minus sign; a 0 costs nothing. Numbers count as they are printed, to the precision asked.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from stepcalc.drawing.calculation import Calculation, together
from stepcalc.drawing.once import once
from stepcalc.drawing.patterns import Pattern
from stepcalc.drawing.pilot import pilot
from stepcalc.drawing.rows import Rows
from stepcalc.marking.precision import TIE, Asked
from stepcalc.notation import is_setting

if TYPE_CHECKING:
    from stepcalc.drawing.model import Model

MOST_DIGITS = 15


def difficulty(rows: Rows) -> np.ndarray:
    """The difficulty of each candidate, (rows,)."""
    found = together(rows, _score)
    assert found is not None
    return found


@once
def middle(model: Model) -> float:
    """The middle difficulty of a structure's pilot; NaN where no candidate of it is let through."""
    tried = pilot(model, "difficulty")
    return float(np.median(difficulty(tried))) if len(tried) else float("nan")


def _score(calculation: Calculation) -> np.ndarray:
    operations, uses = work(calculation.rows.model, calculation.pattern)
    found = np.full(len(calculation.rows), float(operations))
    for item, times in uses.items():
        numbers = calculation.number(item)
        if numbers is not None:
            found += times * effort(numbers, calculation.asked)
    return found


@once
def work(model: Model, pattern: Pattern) -> tuple[int, dict[str, int]]:
    """What is to be done on the way to what is asked: how many operations, and how often each number is put in."""
    steps, operations, uses = model.patterns.steps(pattern), 0, Counter[str]()
    for item in steps.order(model.patterns.asked(pattern)):
        step = steps.step(item)
        if step is None or step.formula is None:
            continue
        operations += int(sp.count_ops(step.formula))
        uses.update(part.name for part in sp.preorder_traversal(step.formula) if isinstance(part, sp.Symbol))
    return operations, {item: times for item, times in uses.items() if not is_setting(item)}


def effort(numbers: np.ndarray, asked: Asked) -> np.ndarray:
    """What a number costs whoever calculates with it: its digits, and a sign; 0 for 0."""
    found: np.ndarray = digits(numbers, asked) + (numbers < 0) * (numbers != 0)
    return found


def digits(numbers: np.ndarray, asked: Asked) -> np.ndarray:
    """How many digits numbers have, rounded to the precision asked, without zeros at their ends."""
    asked = asked if asked.by_digits else Asked(significant=4)
    whole = np.floor(np.abs(numbers) / asked.unit(numbers) + 0.5 + TIE)
    whole = np.where(np.isfinite(whole), whole, 0.0)
    for _ in range(MOST_DIGITS):
        shorter = (whole > 0) & (np.fmod(whole, 10.0) == 0)
        if not shorter.any():
            break
        whole = np.where(shorter, whole / 10.0, whole)
    found: np.ndarray = np.floor(np.log10(np.maximum(whole, 1.0)) + 1e-12) + (whole > 0)
    return found
