"""Putting numbers in: a formula with its symbols replaced so that the printed line is true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import sympy as sp

from stepcalc.board.evaluate import EvaluationError, NotScalarError
from stepcalc.board.evaluate import evaluate as board_value
from stepcalc.board.nodes import Add, Call, Deriv, Dots, Equation, Frac, Mul, MulStyle, Node, Num, Pow, Sym, Words
from stepcalc.board.transform import transform, walk
from stepcalc.calculus import functions
from stepcalc.calculus.evaluate import evaluate
from stepcalc.calculus.symbols import symbol
from stepcalc.derive import Local
from stepcalc.items import derivative_id
from stepcalc.lines import LineError, Segment, Show, Template, Worked, true_line
from stepcalc.notation import UPDATE, Notation, is_setting
from stepcalc.ops.activation import Activation
from stepcalc.ops.losses import TARGET, Loss
from stepcalc.trace import Trace

MAX_TERMS = 8
"""More things than this are not listed one by one."""
MAX_SUMMANDS = 10
"""A sum with more terms than this is written with an ellipsis: that of a kernel of 3×3 with its bias is not."""

_SAME_NUMBER = 1e-12

LONGEST_GIVEN = 10
"""Data with more significant digits than this is printed rounded, like a result."""


class Filler:
    """Puts the numbers of one trace into formulas, in the problem's notation and rounding.

    Where a mini-batch's ``sample`` is written about at length, its symbols need not say its number each time.
    ``updated`` is what stands above parameters after their update, ``too_large`` in the place of a number that a double
    cannot hold, ``undefined`` where an optimizer has no step.
    """

    def __init__(
        self, trace: Trace, sample: int | None = None, updated: str = "new", too_large: str = "too large",
        undefined: str = "undefined",
    ) -> None:  # fmt: skip
        self.trace = trace
        self.too_large = Words(undefined if trace.singular else too_large, found=True)
        self.graph = trace.graph
        self.notation = Notation(trace.graph, trace.problem, sample, updated, trace.optimizer)

    def with_targets(self, expression: sp.Expr) -> sp.Expr:
        """A logarithm or fraction with the targets that are 0, 1 or −1 put in: what they take out is not printed."""
        cost = self.graph[self.graph.cost]
        if not isinstance(cost.op, Loss) or not (expression.has(sp.log) or sp.denom(expression).free_symbols):
            return expression
        target = cost.parents[TARGET]
        known = {}
        for s in expression.free_symbols:
            if self.graph.canonical(self.graph.read(s.name).name) == target:
                value = self.trace.value(s.name)
                if value in (0, 1, -1):
                    known[s] = sp.Integer(int(value))
        return expression.subs(known) if known else expression

    def active(self, expression: sp.Expr) -> sp.Expr | None:
        """``expression`` with every Piecewise replaced by the branch that the numbers choose; None without numbers."""
        expression = expression.xreplace(self.trace.derivation.slopes)
        if any(self.number(s.name) is None for s in expression.free_symbols):
            return None
        return self.decided(expression)

    def decided(self, expression: sp.Expr) -> sp.Expr:
        """``expression`` with every Piecewise replaced by its branch where the numbers that there are choose it."""

        def branch(part: sp.Piecewise) -> sp.Expr:
            values = {s: self.number(s.name) for _, condition in part.args for s in condition.free_symbols}
            if None in values.values():
                return part
            return next(value for value, condition in part.args if bool(evaluate(condition, values, np)))

        return expression.replace(lambda part: isinstance(part, sp.Piecewise), branch)

    def has_branches(self, expression: sp.Expr) -> bool:
        """Whether the numbers choose how ``expression`` is written, as those of a ReLU do."""
        return bool(expression.xreplace(self.trace.derivation.slopes).has(sp.Piecewise))

    def number(self, item: str) -> float | None:
        """The number of an item, of what the optimizer has too."""
        if item == UPDATE:
            return self.trace.update
        return getattr(self.trace.optimizer, item[1:], None) if is_setting(item) else self.trace.value(item)

    def slope(self, call: Call) -> float | None:
        """The number of f′(z), or None."""
        (at,) = call.args
        assert isinstance(at, Sym)
        assert at.item is not None
        return self.evaluated(functions.slope(call.name, symbol(at.item)))

    def link(self, derivative: Deriv) -> float | None:
        """The number of ∂child/∂parent along one link, or None."""
        ends = (derivative.of, derivative.wrt)
        items = [end.item for end in ends if isinstance(end, Sym) and end.item is not None]
        return self.evaluated(functions.link(*map(symbol, items))) if len(items) == len(ends) else None

    def evaluated(self, expression: sp.Expr) -> float | None:
        """The number of an expression in items; None where one of them has none, or a double cannot hold it."""
        chosen = self.active(expression)
        if chosen is None:
            return None
        values = {s: self.number(s.name) for s in chosen.free_symbols}
        with np.errstate(all="ignore"):
            found = float(evaluate(chosen, values, np))
        return found if np.isfinite(found) else None

    def local_number(self, edge: Local) -> float | None:
        """∂child/∂parent by the kernels that the gradients come from: a saturated unit's keeps its digits."""
        quantity = self.graph.locate(edge.child)[0]
        if isinstance(quantity.op, Loss):
            return self.number(derivative_id(self.graph.cost, edge.parent))
        op = None if quantity.op is None else quantity.op.core
        at = self.number(edge.parent)
        if not isinstance(op, Activation) or self.trace.rounding.carry or at is None:
            return self.evaluated(edge.cases)
        with np.errstate(all="ignore"):
            found = float(op.slope(np, np.asarray(self.number(edge.child)), np.asarray(at)))
        return found if np.isfinite(found) else None

    def is_data(self, item: str | None) -> bool:
        """Whether an item's number belongs to the problem."""
        if item is None or is_setting(item):
            return item is not None
        parsed = self.graph.read(item)
        if parsed.update is not None and parsed.name in self.graph.parameters:
            return parsed.update == 0  # what an optimizer remembers is 0 at the start
        return not (parsed.of or parsed.part) and self.graph[parsed.name].op is None

    def is_given(self, item: str | None) -> bool:
        """Whether an item's number is data, printed as the user wrote it; drawn weights have too many digits."""
        if item is None or is_setting(item) or not self.is_data(item):
            return item is not None and is_setting(item)
        value = self.trace.value(item)
        return value is None or len(self.trace.rounding.exact(value).strip("-0.").replace(".", "")) <= LONGEST_GIVEN

    def template(self, node: Node) -> Template:
        """``node`` as a line template: every symbol's number put in by the printer."""

        def fill(show: Show) -> Node:
            def change(part: Node) -> Node | None:
                if isinstance(part, (Sym, Deriv)) and part.item is not None:
                    value = self.number(part.item)
                    return part if value is None else show(value, part.item)
                if isinstance(part, Call) and part.primes:
                    value = self.slope(part)
                    return None if value is None else show(value, None)
                if isinstance(part, Deriv):
                    value = self.link(part)
                    return None if value is None else show(value, None)
                return None

            return applied(transform(transform(node, change), self.notation.logarithm))

        return fill

    def says(self, node: Node, item: str) -> bool:
        """Whether a reader finds the item's number from ``node`` alone: ReLU(1.5), but not LeakyReLU(−3)."""
        exactly = self.trace.rounding.exact
        value = self.number(item)
        try:
            found = float(board_value(self.template(node)(lambda number, name: Num(exactly(number), name))))
        except EvaluationError:
            return False
        return value is not None and abs(found - value) <= _SAME_NUMBER * abs(value)

    def printed(self, value: float, item: str | None = None) -> Num:
        """A number as the sheet prints it: data in full, results at the precision asked."""
        rounding = self.trace.rounding
        text = rounding.exact(value) if self.is_given(item) else rounding.printed(self.as_carried(value))
        return Num(text, item, found=True)

    def as_carried(self, value: float) -> float:
        """A result as it is carried on, where rounded results are: then 0.1998 and 0.2 are the same number, 0.2."""
        return self.trace.rounding.round(value) if self.trace.rounding.carry else value

    def line(self, left: Node, filled: Node, value: float, item: str | None, worked: Worked | None = None) -> Equation:
        """left = numbers put in ≈ result, true as printed; without the numbers where no line would be true."""
        result = self.printed(value, item)
        template = self.template(filled)
        short = elided(filled)
        if short != filled:
            return Equation((left, self.template(short)(self.printed), result), ("=", "≈"))
        segments: list[Segment] = [template, worked] if worked else [template]
        try:
            line = true_line(segments, self.as_carried(value), self.trace.rounding, item=item, given=_Given(self))
        except (LineError, NotScalarError):
            return replace(self.bare(left, value, item), withheld=self._all_filled(filled))
        return line.equation(left) if line.nodes else self.bare(left, value, item)

    def without_number(self, left: Node, filled: Node) -> Equation:
        """left = too large: what a double cannot hold."""
        return Equation((left, self.too_large), ("=",), withheld=self._all_filled(filled))

    def _all_filled(self, filled: Node) -> Node:
        """``filled`` with every number put in, those that are too large told so."""
        told = transform(
            self.template(elided(filled))(self.printed),
            lambda part: self.too_large if isinstance(part, (Sym, Deriv)) and part.item is not None else None,
        )
        return applied(told)

    def as_far_as_known(self, left: Node, filled: Node) -> Equation | None:
        """left = the formula with the numbers that there are, where some are symbols; None where there are none."""
        if self.trace.numeric and not self._has_missing(filled):
            return None  # what has no number here is too large for one
        partly = self.template(elided(filled))(self.printed)
        if not any(isinstance(part, Num) and part.item is not None for part in walk(partly)):
            return None
        return Equation((left, self.notation.dress(partly)), ("=",))

    def _has_missing(self, node: Node) -> bool:
        """Whether a symbol without a number stands in ``node``, such as the learning rate's.

        What an update calculates is not missing where it has no number: it is too large for one, or there is none.
        """
        symbols = (part.item for part in walk(node) if isinstance(part, Sym) and part.item is not None)
        given = (item for item in symbols if is_setting(item) or not self.graph.read(item).part)
        return any(self.number(item) is None for item in given)

    def bare(self, left: Node, value: float, item: str | None) -> Equation:
        """left ≈ result, or = where the result is printed in full."""
        result = self.printed(value, item)
        exact = self.trace.rounding.is_exact(self.as_carried(value), result.text)
        return Equation((left, result), ("=" if exact else "≈",))


@dataclass(frozen=True)
class _Given:
    """The ids of data, as a container."""

    filler: Filler

    def __contains__(self, item: object) -> bool:
        return isinstance(item, str) and self.filler.is_given(item)


def applied(node: Node) -> Node:
    """Products in which numbers have been put side by side, written so that they do not run together: 0.6(3)."""

    def change(part: Node) -> Node | None:
        if not isinstance(part, Mul) or part.style != "juxtapose":
            return None
        factors = tuple(applied(factor) for factor in part.factors)
        numbers = sum(_begins_with_digits(factor) for factor in factors)
        style: MulStyle = "juxtapose" if numbers < 2 else "apply" if len(factors) == 2 else "dot"
        return Mul(factors, style)

    return transform(node, change)


def added(terms: Sequence[Node]) -> Node:
    """The terms as a sum; one alone is none."""
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def _begins_with_digits(node: Node) -> bool:
    return isinstance(node, Num | Words) or (isinstance(node, Pow) and isinstance(node.base, Num | Words))


def elided(node: Node) -> Node:
    """A long sum with its middle left out, be it in a product or a fraction."""
    if isinstance(node, Mul):
        return replace(node, factors=tuple(elided(factor) for factor in node.factors))
    if isinstance(node, Frac):
        return replace(node, num=elided(node.num), den=elided(node.den))
    if not isinstance(node, Add) or len(node.terms) <= MAX_SUMMANDS:
        return node
    return Add((*node.terms[:3], Dots("h"), *node.terms[-2:]))
