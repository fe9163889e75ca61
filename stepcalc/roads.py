"""The other road to a derivative: everything put into one formula, multiplied out, then differentiated."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from stepcalc.board.nodes import Equation, Node, Relation
from stepcalc.calculus.symbols import symbol
from stepcalc.calculus.to_board import to_board
from stepcalc.items import derivative_id
from stepcalc.ops.expression import Expression
from stepcalc.steps import Scribe

MAX_DEGREE = 6


@dataclass(frozen=True, slots=True)
class OneFormula:
    """The cost in one name, its derivative, and the derivative's number (None without numbers)."""

    formula: Equation
    slope: Equation
    numbers: Equation | None


def one_formula(scribe: Scribe, name: str) -> OneFormula | None:
    """The cost as a polynomial of ``name`` alone; None where it is none, or is written so already."""
    trace, at = scribe.trace, symbol(name)
    defined = trace.derivation.define(trace.graph.cost)
    formula = defined
    for quantity in reversed(list(trace.graph.quantities.values())):
        if isinstance(quantity.op, Expression) and quantity.name not in (trace.graph.cost, name):
            formula = formula.xreplace({symbol(quantity.name): quantity.op.formula})
    if formula.free_symbols != {at} or not formula.is_polynomial(at) or sp.degree(formula, at) > MAX_DEGREE:
        return None
    expanded = sp.expand(formula)
    if expanded == defined:
        return None
    cost, slope = scribe.notation.symbol(trace.graph.cost), to_board(sp.diff(expanded, at))
    forms = dict.fromkeys(scribe.notation.dress(to_board(form)) for form in (formula, expanded))
    item = derivative_id(trace.graph.cost, name)
    left: Node = scribe.notation.symbol(item)
    value = scribe.number(item)
    relations: tuple[Relation, ...] = tuple("=" for _ in forms)
    return OneFormula(
        Equation((cost, *forms), relations),
        Equation((left, scribe.notation.dress(slope)), ("=",)),
        None if value is None else scribe.line(left, slope, value, item),
    )
