"""Newton's step on a sheet: the second derivatives, what they say, the system solved; gradient descent beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement

import numpy as np

from stepcalc.board.nodes import Add, Dots, Equation, Matrix, Mul, Node, Num, Rel, Transpose, Words
from stepcalc.calculus.linear import scaled_eigenvalues
from stepcalc.calculus.to_board import to_board
from stepcalc.filling import MAX_TERMS
from stepcalc.items import NEW, derivative_id, second_derivative_id
from stepcalc.moves import HESSIAN, NEWTON_STEP, SLOPES
from stepcalc.sheet.blocks import Block, Cell, Formula, Inline, Part, Prose, Table, only_asked
from stepcalc.sheet.context import Context, continued, formula
from stepcalc.sheet.shortened import MATRIX, UNITS
from stepcalc.sheet.words import joined
from stepcalc.steps import Scribe, Step

BY_A_RULE = 2
"""Up to so many unknowns have a formula each."""
NEARLY_SINGULAR = 1e-6
"""A smallest eigenvalue that is a smaller part of the largest, all equations scaled alike, costs digits."""
_SYSTEM = Rel(Mul((HESSIAN, NEWTON_STEP)), "=", SLOPES)


def plan_of(sheet: Context) -> tuple[str, ...]:
    """The parts of an update that are found for one parameter at a time."""
    plan = sheet.scribe.plan
    return plan if "p" not in plan or sheet.trace.parameter_count <= BY_A_RULE else (NEW,)


def newton_system(sheet: Context) -> Iterator[Part]:
    """The second derivatives, the matrix of them, what its eigenvalues say; of a large system its solution."""
    items = sheet.trace.curvature.items
    if sheet.trace.curvature.cost is not None:
        yield sheet.prose("update.second_derivatives")
        yield formula(*(_slope(sheet, item) for item in items))
    if sheet.trace.curvature.cost is not None or len(items) == 1:
        yield formula(*bends(sheet.scribe))
    if len(items) > 1:
        named = sheet.listed(list(items))
        yield sheet.prose("update.two_and_more", H=HESSIAN, g=SLOPES, p=NEWTON_STEP, items=named, system=_SYSTEM)
        if sheet.trace.numeric:
            lines = ((HESSIAN, _matrix(sheet)), (SLOPES, _column(sheet, _slopes(sheet))))
            yield formula(*(sheet.arrays.equation(*line) for line in lines))
    yield from _shape(sheet)
    if len(items) > BY_A_RULE and sheet.trace.numeric:
        solution = formula(sheet.arrays.equation(NEWTON_STEP, _column(sheet, _steps(sheet))))
        yield from only_asked([solution, *_put_in(sheet)], sheet.trace.singular)


def bends(scribe: Scribe) -> Iterator[Equation]:
    """Every second derivative once, in symbols where there are some and with its numbers."""
    for item, other in combinations_with_replacement(scribe.trace.curvature.items, 2):
        step = scribe.bend(item, other)
        symbols = step.formula if len(step.formula.parts) > 1 else None
        if symbols is not None:
            yield symbols
        if step.numbers is not None and not is_number(step):
            yield continued(step.numbers) if symbols else step.numbers


def is_number(step: Step) -> bool:
    """Whether a step's formula says its number already."""
    return isinstance(step.formula.parts[-1], Num)


def newton_remarks(sheet: Context) -> Iterator[Block]:
    """Gradient descent beside Newton's step, and where that step leads."""
    trace = sheet.trace
    if trace.plain_step is not None:
        yield sheet.prose("update.beside")
        yield _beside(sheet, *trace.plain_step)
    bowl = trace.hessian is not None and not trace.singular and not turns_down(sheet)
    if bowl and trace.curvature.quadratic:
        key = "lands_here" if trace.learning_rate == 1 else "lands"
        yield sheet.finding(f"update.{key}", cost=sheet.symbol(sheet.graph.cost))


def turns_down(sheet: Context) -> bool:
    """Whether the cost, under an optimizer that looks at it, bends downwards in some direction."""
    matrix = sheet.trace.hessian
    return matrix is not None and not sheet.trace.singular and bool(scaled_eigenvalues(matrix)[0] < 0)


def _slope(sheet: Context, item: str) -> Equation | None:
    slope = sheet.trace.curvature.slope(item)
    if slope is None:
        return None
    left = sheet.symbol(derivative_id(sheet.graph.cost, item))
    return Equation((left, sheet.notation.dress(to_board(slope))), ("=",))


def _shape(sheet: Context) -> Iterator[Block]:
    """What the eigenvalues say of the cost and of the step; a sheet without them says nothing."""
    trace, matrix = sheet.trace, sheet.trace.hessian
    if not trace.numeric:
        return
    if matrix is None:
        yield sheet.finding("update.no_second", "warning")
        return
    scaled = scaled_eigenvalues(matrix)
    key = "singular" if trace.singular else "bowl" if scaled[0] > 0 else "top" if scaled[-1] < 0 else "saddle"
    if len(matrix) == 1:
        parts: dict[str, Inline | tuple[Inline, ...]] = {"cost": sheet.symbol(sheet.graph.cost)}
        key = f"{key}_one"
    else:
        values = [sheet.number(value) for value in _cleared(np.linalg.eigvalsh(matrix), trace.singular)]
        shown = [Words("…") if place is None else values[place - 1] for place in UNITS.places(len(values))]
        parts = {"H": HESSIAN, "values": joined([*shown]), "cost": sheet.symbol(sheet.graph.cost), "system": _SYSTEM}
    yield sheet.finding(f"update.{key}", "insight" if key.startswith("bowl") else "warning", **parts)
    if not trace.singular and np.min(np.abs(scaled)) < NEARLY_SINGULAR * np.max(np.abs(scaled)):
        yield sheet.finding("update.nearly_singular", "warning", H=HESSIAN)


def _cleared(values: np.ndarray, singular: bool) -> np.ndarray:
    """Eigenvalues without those that are 0 but for the rounding of doubles."""
    return np.where(np.abs(values) <= 1e-12 * np.max(np.abs(values)), 0.0, values) if singular else values


def _matrix(sheet: Context) -> Node:
    items, places = sheet.trace.curvature.items, MATRIX.places(len(sheet.trace.curvature.items))
    return Matrix(tuple(tuple(_entry(sheet, items, i, j) for j in places) for i in places))


def _entry(sheet: Context, items: tuple[str, ...], i: int | None, j: int | None) -> Node:
    if i is None or j is None:
        return Dots("d" if i is j else "v" if i is None else "h")
    first, second = sorted((i, j))
    return _number(sheet, second_derivative_id(sheet.graph.cost, items[first - 1], items[second - 1]))


def _number(sheet: Context, item: str) -> Node:
    value = sheet.scribe.number(item)
    return sheet.scribe.too_large if value is None else sheet.number(value, item)


def _slopes(sheet: Context) -> list[str]:
    return [derivative_id(sheet.graph.cost, item) for item in sheet.trace.curvature.items]


def _steps(sheet: Context) -> list[str]:
    return [str(sheet.graph.read(item).updated("p")) for item in sheet.trace.curvature.items]


def _column(sheet: Context, items: list[str]) -> Node:
    places = MATRIX.places(len(items))
    return Transpose(Matrix((tuple(Dots("h") if i is None else _number(sheet, items[i - 1]) for i in places),)))


def _put_in(sheet: Context) -> Iterator[Prose | Formula]:
    """The first equation of the system with its solution put in."""
    items, cost, scribe = sheet.trace.curvature.items, sheet.graph.cost, sheet.scribe
    if len(items) > MAX_TERMS:
        return
    terms = [
        Mul((sheet.symbol(second_derivative_id(cost, items[0], item)), sheet.symbol(step)), "dot")
        for item, step in zip(items, _steps(sheet), strict=True)
    ]
    name = derivative_id(cost, items[0])
    total, value = Add(tuple(terms)), scribe.number(name)
    yield sheet.prose("update.solved", p=NEWTON_STEP)
    if value is None or sheet.trace.singular:
        yield formula(scribe.without_number(sheet.symbol(name), total))
    else:
        yield formula(scribe.line(sheet.symbol(name), total, value, name))


def _beside(sheet: Context, moved: Mapping[str, np.ndarray], cost: float) -> Table:
    """Every parameter before the update, after gradient descent's and after Newton's; at the end the cost."""
    header = ("item", "before", "gradient_descent", "newton")
    rows: list[tuple[Cell, ...]] = []
    descended = np.concatenate([np.ravel(moved[name]) for name in sheet.graph.parameters])
    for place in UNITS.places(len(descended)):
        if place is None:
            rows.append(tuple((Dots("v"),) for _ in header))
            continue
        item = sheet.trace.curvature.items[place - 1]
        new = str(sheet.graph.read(item).updated())
        rows.append(
            (
                (sheet.symbol(item),),
                (_number(sheet, item),),
                (_plain(sheet, float(descended[place - 1])),),
                (_number(sheet, new),),
            )
        )
    history = sheet.trace.history
    after = sheet.number(history[1]) if len(history) > 1 else sheet.scribe.too_large
    name = sheet.graph.cost
    rows.append(((sheet.symbol(name),), (_number(sheet, name),), (_plain(sheet, cost),), (after,)))
    return Table(tuple((sheet.words.plain(f"table.{key}"),) for key in header), tuple(rows))


def _plain(sheet: Context, value: float) -> Node:
    return sheet.number(value) if np.isfinite(value) else Words(sheet.words.plain("numbers.too_large"), found=True)
