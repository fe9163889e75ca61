"""Lines about gradients: one after the other, an array filling up beside them, and what has to be said about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from stepcalc import facts
from stepcalc.board.nodes import Equation, Node, Num
from stepcalc.derive import Local
from stepcalc.graph import Quantity
from stepcalc.sheet.blocks import Prose
from stepcalc.sheet.context import Context, continued
from stepcalc.sheet.shortened import MATRIX
from stepcalc.steps import Step

LOOKED_AT = 64
FILLED_AT_MOST = 24
"""A matrix with more entries than this is shown once, full, and not filling up."""


def gradients(sheet: Context, items: list[str], filling: str = "") -> list[Equation | None]:
    """One gradient a line, the first in symbols too; ``filling`` names the array that fills up beside them."""
    lines: list[Equation | None] = []
    quantity = sheet.graph.locate(items[0])[0]
    scribe = sheet.scribe if quantity.per_sample else sheet.whole
    whole_batch = quantity.per_sample and sheet.sample is not None and sheet.notation.batch_rows
    fills = len(items) <= FILLED_AT_MOST and max(quantity.shape, default=1) <= MATRIX.whole
    for place, item in enumerate(items, start=1):
        found = step_lines(scribe.backward(item), first=place == 1)
        if filling and fills and not whole_batch and len(items) > 1 and _ends_row(quantity, place, len(items)):
            found[-1] = replace(found[-1], aside=sheet.arrays.gradients(filling, place))
        lines += found
    if filling and (whole_batch or not fills):
        lines.append(sheet.arrays.equation(sheet.notation.array_derivative(filling), sheet.arrays.gradients(filling)))
    return lines


def _ends_row(quantity: Quantity, place: int, count: int) -> bool:
    """Whether the array is worth showing after this element: every element of a vector, every row of a matrix."""
    return len(quantity.shape) < 2 or place % quantity.shape[1] == 0 or place == count


def step_lines(step: Step, first: bool) -> list[Equation]:
    """A step's lines: the formula too where it is the ``first`` of its kind."""
    if step.numbers is None or (first and isinstance(step.formula.parts[-1], Num)):
        return [step.formula]
    return [step.formula, continued(step.numbers)] if first else [step.numbers]


def array_line(sheet: Context, name: str) -> Equation | None:
    """∂L/∂W = its numbers; None where it has none."""
    return sheet.arrays.equation(sheet.notation.array_derivative(name), sheet.arrays.gradients(name))


def past_digits(sheet: Context, lines: list[Equation | None]) -> Iterator[Prose]:
    """Why a line stands without its numbers, said where that is so first."""
    left: Node | None = None
    for line in lines:
        if line is None or sheet.trace.rounding.carry:
            continue
        left = left if line.continued else line.parts[0]
        if left is not None and line.withheld is not None and isinstance(line.parts[-1], Num):
            for said in sheet.once("backward.from_sums", derivative=left):
                yield replace(said, kind="insight", reveals=True)


def kinks_hit(sheet: Context, items: list[str]) -> Iterator[Prose]:
    """Where a local derivative out of ``items`` is taken exactly at a corner."""
    for item in items:
        for edge in sheet.trace.derivation.locals(item):
            yield from corner(sheet, edge)


def corner(sheet: Context, edge: Local) -> Iterator[Prose]:
    """That a local derivative is taken exactly at a corner, where it is."""
    value = sheet.scribe.evaluated(edge.cases)
    if value is not None and facts.on_kink(sheet.trace, edge):
        derivative = sheet.whole.notation.local_derivative(edge.child, edge.parent)
        yield sheet.finding("backward.kink_here", "warning", derivative=derivative, used=sheet.number(value))


def every_sample(sheet: Context, name: str) -> list[str]:
    """The scalars whose corners are worth a look; of a large layer or batch, those written out."""
    first = list(islice(sheet.graph.items(name), LOOKED_AT + 1))
    return first if len(first) <= LOOKED_AT else sheet.items(name)[:LOOKED_AT]
