"""Whatever numbers the operands have within their intervals, the result lies in its own."""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from stepcalc.backend import quiet
from stepcalc.calculus import functions
from stepcalc.calculus.evaluate import evaluate
from stepcalc.calculus.symbols import symbol
from stepcalc.marking.interval import Either, Interval, Intervals

U, V = symbol("u"), symbol("v")
FORMULAS = [
    U + V,
    U - V,
    U * V,
    U**2 - V,
    U / V,
    U**3 * V,
    U**-2 + V,
    sp.exp(U) - V,
    sp.log(U) * V,
    sp.sqrt(U) + V,
    sp.sin(U) + sp.cos(V),
    sp.tan(U) * V,
    sp.tanh(U) * V,
    sp.Abs(U) - sp.Abs(V),
    sp.sign(U) + V,
    sp.Max(U, V),
    sp.Min(U, V) * U,
    sp.exp(U) / (sp.exp(U) + sp.exp(V)),
    functions.sigmoid(U) * (1 - functions.sigmoid(U)) * V,
    functions.softplus(U) - V,
    functions.relu(U) * V,
    functions.step(U) + V,
    sp.Piecewise((U, V > 0), (-U, True)),
    sp.Piecewise((U, sp.And(V > 0, U < 1)), (U * V, sp.Or(V <= -1, U >= 2)), (0, True)),
    -U * sp.log(V) - (1 - U) * sp.log(1 - V),
]
numbers = st.floats(-4, 4).map(lambda x: round(x, 3))


@pytest.mark.parametrize("formula", FORMULAS, ids=str)
@settings(max_examples=30)
@given(ends=st.tuples(numbers, numbers, numbers, numbers), shares=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_the_result_is_inside(
    formula: sp.Expr, ends: tuple[float, float, float, float], shares: tuple[float, float]
) -> None:
    boxes = [Interval(np.array([min(pair)]), np.array([max(pair)])) for pair in (ends[:2], ends[2:])]
    inside = [box.lo + share * (box.hi - box.lo) for box, share in zip(boxes, shares, strict=True)]
    with quiet():
        number = np.asarray(evaluate(formula, dict(zip((U, V), inside, strict=True)), np), dtype=float)
        found = Intervals.asarray(evaluate(formula, dict(zip((U, V), boxes, strict=True)), Intervals))
    if np.isfinite(number).all() and np.isfinite(found.lo).all() and np.isfinite(found.hi).all():
        slack = 1e-12 * (1 + np.abs(number))
        assert (found.lo - slack <= number).all()
        assert (number <= found.hi + slack).all()


@pytest.mark.parametrize(
    ("formula", "ends"),
    [
        (U**2, (0, 4)),
        (U**4, (0, 16)),
        (U**3, (-1, 8)),
        (-2 * U, (-4, 2)),
        (sp.Abs(U), (0, 2)),
        (sp.sqrt(U), (0, 2**0.5)),
        (sp.log(U), (-np.inf, np.log(2))),
        (1 / U, (-np.inf, np.inf)),
        (U**-2, (-np.inf, np.inf)),
        (U ** sp.Rational(5, 2), (-np.inf, np.inf)),
        (sp.tan(U), (-np.inf, np.inf)),
    ],
)
def test_on_both_sides_of_0(formula: sp.Expr, ends: tuple[float, float]) -> None:
    with quiet():
        found = evaluate(formula, {U: interval(-1, 2)}, Intervals)
    assert (found.lo.item(), found.hi.item()) == pytest.approx(ends)


def interval(low: float, high: float) -> Interval:
    return Interval(np.array([low]), np.array([high]))


ENDS = list(combinations_with_replacement((0.0, 1.0, 2.0), 2))
COMPARED = (operator.gt, operator.ge, operator.lt, operator.le, operator.eq, operator.ne)


@pytest.mark.parametrize("compare", COMPARED)
def test_conditions_hold_and_fail_as_those_of_numbers(compare: Callable[[Any, Any], Any]) -> None:
    for one, other in product(ENDS, ENDS):
        found = compare(interval(*one), interval(*other))
        numbers = [compare(x, y) for x, y in product(np.linspace(*one, 5), np.linspace(*other, 5))]
        assert (found.may.item(), found.fail.item()) == (any(numbers), not all(numbers)), (one, other)


def test_conditions_together() -> None:
    known = {Either(np.array(may), np.array(fail)): (may, fail) for may, fail in ((1, 0), (0, 1), (1, 1))}
    for (one, (may, fail)), (other, (may_too, fail_too)) in product(known.items(), known.items()):
        both, either = one & other, one | other
        assert (both.may, both.fail) == (may and may_too, fail or fail_too)
        assert (either.may, either.fail) == (may or may_too, fail and fail_too)


def test_both_branches_count_where_the_condition_may_go_either_way() -> None:
    slope = functions.relu(U).diff(U)
    for ends, expected in (((-1.0, 2.0), (0.0, 1.0)), ((1.0, 2.0), (1.0, 1.0)), ((-2.0, -1.0), (0.0, 0.0))):
        found = Intervals.asarray(evaluate(slope, {U: Interval(*(np.array([end]) for end in ends))}, Intervals))
        assert (found.lo.item(), found.hi.item()) == expected
