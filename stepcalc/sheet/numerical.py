"""The gradient checked by small steps: one parameter nudged, every numerical derivative beside the exact one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stepcalc import agreement
from stepcalc.board.nodes import Dots, Frac, Glyph, Rel, Relation, Sym
from stepcalc.costs import Nudge
from stepcalc.items import derivative_id
from stepcalc.roads import difference_quotient
from stepcalc.sheet.blocks import Block, Cell, Inline, Prose, Table
from stepcalc.sheet.context import Context, formula
from stepcalc.trace import MAX_CHECKED

SHOWN_CHECKS = 30
"""Of more parameters, so many have their row."""
_COLUMNS = ("item", "exact", "forward_difference", "central_difference")


def nudged_item(sheet: Context) -> str:
    """The first weight of the last layer; without weights the parameter whose chain is written."""
    weights = [name for name in sheet.graph.parameters if len(sheet.graph[name].shape) == 2]
    return next(sheet.graph.items(weights[-1])) if weights else sheet.scribe.chain_item


def nudge(sheet: Context) -> Iterator[Prose]:
    """One parameter of the last layer moved a little: the loss moves by slope times nudge."""
    if not sheet.graph.parameters:
        return
    item = nudged_item(sheet)
    moved = sheet.trace.nudge(item)
    name = derivative_id(sheet.graph.cost, item)
    exact = sheet.scribe.number(name)
    if exact is None or not np.isfinite([moved.after, moved.central]).all():
        return
    epsilon = sheet.given(moved.epsilon)
    change = Sym(Glyph("Δ" + sheet.notation.glyph(sheet.graph.cost).base))
    slope = agreement.steadied(moved).forward
    found = sheet.scribe.printed(slope, None)

    def said(relation: Relation) -> tuple[Inline, ...]:
        return sheet.words.say(
            "checks.nudge",
            item=sheet.symbol(item),
            epsilon=epsilon,
            cost=sheet.symbol(sheet.graph.cost),
            quotient=Rel(Frac(change, epsilon), relation, found),
            exact=sheet.number(exact, name),
        )

    told = said("=" if sheet.trace.rounding.is_exact(slope, found.text) else "≈")
    printed = found == sheet.number(exact)
    agreed = "ok" if printed else agreement.agreement(sheet.trace, moved, exact)
    verdict = sheet.words.say(f"checks.nudge_{agreed}", epsilon=epsilon)
    kind = "warning" if agreed in ("corner", "long") else "check"
    yield Prose((*told, " ", *verdict), kind, reveals=True, asked=said("≈"))


def at_corner(sheet: Context) -> bool:
    """Whether a parameter that moves does so from a corner of the cost."""
    return any("corner" in row.told for row in _rows(sheet) if row.exact)


@dataclass(frozen=True)
class _Row:
    """One parameter's derivative, exact and by small steps, and what these tell of it."""

    item: str
    exact: float | None
    forward: float
    central: float
    told: frozenset[agreement.Agreement]


def _rows(sheet: Context) -> Iterator[_Row]:
    """The first parameters, each with its numerical derivatives."""
    items = (item for name in sheet.graph.parameters for item in sheet.graph.items(name))
    for item, _ in zip(items, range(SHOWN_CHECKS), strict=False):
        exact, moved = sheet.scribe.number(derivative_id(sheet.graph.cost, item)), sheet.trace.nudge(item)
        steady = agreement.steadied(moved)
        yield _Row(item, exact, steady.forward, steady.central, _told(sheet, moved, exact))


def _told(sheet: Context, moved: Nudge, exact: float | None) -> frozenset[agreement.Agreement]:
    if exact is None or not np.isfinite([moved.after, moved.central]).all():
        return frozenset()
    quotients: tuple[agreement.Quotient, ...] = ("forward", "central")
    return frozenset(agreement.agreement(sheet.trace, moved, exact, quotient) for quotient in quotients)


def gradient_check(sheet: Context) -> Iterator[Block]:
    """Numerical derivatives beside the exact ones, where the problem asks for them."""
    asked, count = sheet.trace.problem.gradient_check, sheet.trace.parameter_count
    if asked is None or not sheet.graph.parameters:
        return
    if count > MAX_CHECKED:
        yield sheet.prose("checks.too_many", "warning", count=count, limit=MAX_CHECKED)
        return
    yield sheet.heading("gradient_check")
    yield formula(*difference_quotient(sheet.scribe, agreement.steadied(sheet.trace.nudge(nudged_item(sheet)))))
    rows = list(_rows(sheet))
    cells = [tuple(_cells(sheet, row)) for row in rows]
    left_out: list[tuple[Cell, ...]] = [tuple((Dots("v"),) for _ in _COLUMNS)] if count > len(rows) else []
    yield Table(tuple((sheet.words.plain(f"table.{name}"),) for name in _COLUMNS), (*cells, *left_out))
    yield from _remarks(sheet, rows, sheet.given(asked.epsilon))


def _cells(sheet: Context, row: _Row) -> Iterator[Cell]:
    derivative = derivative_id(sheet.graph.cost, row.item)
    yield (sheet.symbol(derivative),)
    yield ("" if row.exact is None else sheet.number(row.exact, derivative),)
    for value in (row.forward, row.central):
        yield (sheet.number(value) if np.isfinite(value) else "",)


def _remarks(sheet: Context, rows: list[_Row], epsilon: Inline) -> Iterator[Prose]:
    """Why the numbers of a row differ: a corner, too long a step, rounded numbers, or the bend of the curve."""
    corners = [row for row in rows if "corner" in row.told]
    far = [row for row in rows if "long" in row.told and row not in corners]
    if corners:
        yield sheet.finding("checks.rows_corner", "warning", items=_derivatives(sheet, corners))
    if far:
        yield sheet.finding("checks.rows_long", "warning", items=_derivatives(sheet, far), epsilon=epsilon)
    smooth = [row for row in rows if row not in corners and row not in far and row.exact is not None]
    if any({sheet.number(value) for value in _finite(row)} != {sheet.number(row.exact or 0.0)} for row in smooth):
        key = "checks.rows_rounded" if sheet.trace.rounding.carry else "checks.rows_bend"
        yield sheet.finding(key, epsilon=epsilon)


def _derivatives(sheet: Context, rows: list[_Row]) -> tuple[Inline, ...]:
    return sheet.listed([derivative_id(sheet.graph.cost, row.item) for row in rows])


def _finite(row: _Row) -> list[float]:
    return [value for value in (row.forward, row.central) if np.isfinite(value)]
