"""Tidying a derivative up in steps that a class can follow, each a rewriting rule with a name.

A rule looks at a written expression and either passes or gives the lines it adds, the last of which is
where the next rule takes over. The rules know nothing of sigmoids: which sums are worth making is read from
the short form that is aimed at and from the definitions that may be recalled.
"""

from __future__ import annotations

import sympy as sp

from stepcalc.board.nodes import Add, Cases, Mul, Neg, Node, Rel
from stepcalc.board.transform import mapped
from stepcalc.calculus.aim import Aim, Lines, Step
from stepcalc.calculus.rewrite_products import cancel_factors, cancel_terms, clear_up, one_fraction, two_minus_signs
from stepcalc.calculus.rewrite_towards import (
    add_and_subtract,
    common_denominator,
    divide_by_exponential,
    factor_out,
    recall_definition,
    split_fraction,
    towards_the_definition,
)
from stepcalc.calculus.terms import worth
from stepcalc.calculus.tidy import tidy
from stepcalc.calculus.walk import size

MAX_STEPS = 20
MAX_NODES = 400
"""Beyond this size a line is not tidied up in steps."""

JUMP, REORDER, MULTIPLY, TURN = "simplify", "reorder", "multiply out", "turn the signs round"
"""The reasons for a last line that no rule led to."""

STEPS: tuple[Step, ...] = (
    clear_up,
    two_minus_signs,
    one_fraction,
    cancel_terms,
    cancel_factors,
    towards_the_definition,
    divide_by_exponential,
    split_fraction,
    add_and_subtract,
    common_denominator,
    factor_out,
    recall_definition,
)
"""The first that applies is taken."""


def simplified(node: Node, aim: Aim) -> Lines:
    """The lines from ``node`` to the short form; empty if it is there already."""
    if size(node) > MAX_NODES:
        return [(aim.node, JUMP)]
    if isinstance(node, Cases):
        return _by_row(node, aim)
    lines: Lines = []
    current: Node = node
    seen: list[tuple[Node, int]] = []
    for _ in range(MAX_STEPS):
        if same_up_to_order(current, aim.node):
            break
        been = next((length for former, length in seen if same_up_to_order(current, former)), None)
        if been is not None:
            lines = lines[:been]  # rewriting has gone round in a circle: it ends where the circle began
            break
        seen.append((current, len(lines)))
        added = next((found for step in STEPS if (found := step(current, aim))), None)
        if added is None:
            break
        lines += added
        current = added[-1][0]
    return _finished(node, lines, aim)


def _finished(start: Node, lines: Lines, aim: Aim) -> Lines:
    """The last line in the order of the short form, or one more line that jumps to it."""
    last = lines[-1][0] if lines else start
    if last == aim.node:
        return lines
    if same_up_to_order(last, aim.node) and lines:
        return [*lines[:-1], (aim.node, lines[-1][1])]
    if same_up_to_order(last, aim.node):
        return [(aim.node, REORDER)]
    return [*lines, (aim.node, _last_reason(last, aim))]


def _last_reason(last: Node, aim: Aim) -> str:
    if isinstance(last, Neg) and _only_signs_differ(last, aim.node):
        return TURN
    products = isinstance(last, Mul) and isinstance(aim.node, Add)
    return MULTIPLY if products and worth(last) == worth(aim.node) else JUMP


def _only_signs_differ(last: Neg, short: Node) -> bool:
    """−u(x − m) and u(m − x)."""
    if worth(last) == worth(short):
        return True
    return not isinstance(last.arg, Add) and size(short) == size(last) - 1 and tidy(worth(last)) == worth(short)


def _by_row(node: Cases, aim: Aim) -> Lines:
    """Each case for itself, side by side."""
    targets = _targets(node, aim)
    runs = [simplified(value, Aim(t, aim.recall, aim.glyph)) for (value, _), t in zip(node.rows, targets, strict=True)]
    lines: Lines = []
    for place in range(max(map(len, runs))):
        rows: list[tuple[Node, Rel | None]] = []
        for (value, condition), run in zip(node.rows, runs, strict=True):
            rows.append((run[min(place, len(run) - 1)][0] if run else value, condition))
        reasons = list(dict.fromkeys(run[place][1] for run in runs if place < len(run)))
        lines.append((Cases(tuple(rows)), ", ".join(reasons)))
    return lines


def _targets(node: Cases, aim: Aim) -> list[sp.Expr]:
    """The short form of each row; the row's own where SymPy has put the cases together in another way."""
    values = [value for value, _ in aim.target.args] if isinstance(aim.target, sp.Piecewise) else []
    return values if len(values) == len(node.rows) else [tidy(worth(value)) for value, _ in node.rows]


def same_up_to_order(one: Node, other: Node) -> bool:
    """Whether the two differ in the order of terms and factors only."""
    return one == other or _sorted(one) == _sorted(other)


def _sorted(node: Node) -> Node:
    node = mapped(_sorted, node)
    if isinstance(node, Add):
        return Add(tuple(sorted(node.terms, key=repr)))
    return Mul(tuple(sorted(node.factors, key=repr))) if isinstance(node, Mul) else node
