"""The right numbers in full precision: the doubles nearest to them, found with more digits than a double has.

The functions of the array library may differ in the last bit from one processor to the next; these do not.
"""

from __future__ import annotations

from collections.abc import Iterable

import mpmath  # type: ignore[import-untyped]

from stepcalc.calculus.precise import Precise, evaluate_precisely, precise
from stepcalc.errors import Fault, InputError
from stepcalc.marking.precision import NOTHING
from stepcalc.marking.steps import Steps
from stepcalc.trace import Trace

DIGITS = 400
"""Of 1 − ŷ hundreds are lost where ŷ is next to 1: 1 − σ(700) is 10⁻³⁰⁴, the least that a double holds."""
STEADY_DIGITS = 12


def exact_answers(trace: Trace, items: Iterable[str]) -> dict[str, float]:
    """The right numbers by item. Raises :class:`InputError` for an item that has none."""
    steps = Steps(trace)
    canonical = {item: steps.canonical(item) for item in items}
    for item in canonical:
        number(trace, item)  # of what is asked it is told that there is none, not of what it is found from
    with mpmath.workdps(DIGITS):
        found = _calculated(trace, steps, steps.order(canonical.values()))
        return {item: float(found[own]) for item, own in canonical.items()}


def _calculated(trace: Trace, steps: Steps, order: Iterable[str]) -> dict[str, Precise]:
    """The numbers of items, each after those that it is found from."""
    found: dict[str, Precise] = {}
    for item in order:
        step = steps.step(item)
        formula = None if step is None else step.formula
        if formula is None or not all(s.name in found for s in formula.free_symbols):
            found[item] = precise(number(trace, item))
            continue
        try:
            value = evaluate_precisely(formula, {s: found[s.name] for s in formula.free_symbols})
        except (ArithmeticError, TypeError, ValueError):  # as 1/(1 − ŷ) where ŷ is 1 to so many digits
            value = mpmath.nan
        if not mpmath.isfinite(value):
            value = precise(number(trace, item))
        found[item] = precise(trace.rounding.round(float(value))) if trace.rounding.carry else +value
    return found


def number(trace: Trace, item: str) -> float:
    """The number of an item. Raises :class:`InputError` where it has none."""
    value = trace.value(item)
    if value is None:
        raise InputError(Fault("ask", f"{item} has no number"))
    return value


def steady(value: float) -> float:
    """A number without its last digits, in which the doubles of one machine may differ from those of another.

    What doubles leave of a 0, as −1.1e-16 of 0.2 · (−3) + 0.6, is 0.
    """
    return 0.0 if abs(value) <= NOTHING else float(f"{value:.{STEADY_DIGITS}g}")
