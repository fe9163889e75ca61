"""Other roads to a derivative: one formula multiplied out and differentiated; the quotient of small differences."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import sympy as sp

from stepcalc.board.nodes import Add, Call, Equation, Frac, Glyph, Neg, Node, Num, Relation, Sym
from stepcalc.calculus.symbols import symbol
from stepcalc.calculus.to_board import to_board
from stepcalc.costs import Nudge
from stepcalc.derive import MAX_FACTORS
from stepcalc.items import derivative_id
from stepcalc.lines import LineError, Show, true_line
from stepcalc.ops.expression import Expression
from stepcalc.rounding import decimal_text
from stepcalc.steps import Scribe

MAX_DEGREE = 6


@dataclass(frozen=True, slots=True)
class OneFormula:
    """The cost in one name, its derivative, and the derivative's number (None without numbers)."""

    formula: Equation
    slope: Equation
    numbers: Equation | None
    value: float | None


def one_formula(scribe: Scribe, name: str) -> OneFormula | None:
    """The cost as a polynomial of ``name`` alone; None where it is none, or is written so already."""
    trace, at = scribe.trace, symbol(name)
    defined = trace.derivation.define(trace.graph.cost)
    between = [trace.graph[known] for known in trace.graph.quantities if known in trace.graph.differentiable]
    inner = {q.name: q.op for q in between if isinstance(q.op, Expression) and q.name not in (trace.graph.cost, name)}
    if len(inner) > MAX_FACTORS:
        return None
    formula = defined
    for known in reversed(inner):
        formula = formula.xreplace({symbol(known): inner[known].formula})
    if formula.free_symbols != {at} or not formula.is_polynomial(at) or _degree(formula) > MAX_DEGREE:
        return None
    expanded = sp.expand(formula)
    if expanded == defined:
        return None
    differentiated = sp.diff(expanded, at)
    cost, slope = scribe.notation.symbol(trace.graph.cost), to_board(differentiated)
    forms = dict.fromkeys(scribe.notation.dress(to_board(form)) for form in (formula, expanded))
    item = derivative_id(trace.graph.cost, name)
    left: Node = scribe.notation.symbol(item)
    value = scribe.evaluated(differentiated) if trace.rounding.carry else scribe.number(item)
    relations: tuple[Relation, ...] = tuple("=" for _ in forms)
    return OneFormula(
        Equation((cost, *forms), relations),
        Equation((left, scribe.notation.dress(slope)), ("=",)),
        None if value is None else scribe.line(left, slope, value, item),
        value,
    )


def _degree(polynomial: sp.Expr) -> int:
    """The degree of a polynomial that is not multiplied out, if nothing cancels in it."""
    if polynomial.is_Pow:
        return _degree(polynomial.base) * int(polynomial.exp)
    parts = [_degree(part) for part in polynomial.args]
    return int(polynomial.is_Symbol) if not parts else max(parts) if polynomial.is_Add else sum(parts)


def difference_quotient(scribe: Scribe, nudge: Nudge) -> tuple[Equation, ...]:
    """J(3 + 0.001) = 9.006001, ΔJ = 9.006001 − 9 = 0.006001, ΔJ/0.001 = 6.001; nothing where no line would be true."""
    at, cost = scribe.number(nudge.item), scribe.notation.glyph(scribe.graph.cost).base
    if at is None:
        return ()
    rounding = scribe.trace.rounding
    epsilon = Num(rounding.exact(nudge.epsilon))

    def quotient(show: Show) -> Node:
        return Frac(Add((show(nudge.after, None), Neg(show(nudge.before, None)))), epsilon)

    try:
        line = true_line([quotient], nudge.forward, rounding)
    except LineError:
        return ()
    after, before = _minuend_and_subtrahend(line.nodes[0] if line.nodes else line.result)
    if after is None or before is None:
        return ()
    difference = Num(decimal_text(Decimal(after.text) - Decimal(before.text)), found=True)
    change = Sym(Glyph("Δ" + cost))
    moved = Call(cost, (Add((scribe.printed(at, nudge.item), epsilon)),))
    exact = rounding.is_exact(nudge.after, after.text)
    return (
        Equation((moved, after), ("=" if exact else "≈",)),
        Equation((change, Add((after, Neg(before))), difference), ("=", "=")),
        Equation((Frac(change, epsilon), Frac(difference, epsilon), line.result), ("=", line.relations[-1])),
    )


def _minuend_and_subtrahend(node: Node) -> tuple[Num | None, Num | None]:
    match node:
        case Frac(Add((Num() as after, Neg(Num() as before))), _):
            return after, before
    return None, None
