"""One step of a solution: an item, its formula, the formula with the numbers put in, the result, a sentence.

Steps are made from the trace when they are asked for. The sheet arranges them; the JSON trace lists them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import sympy as sp

from stepcalc.board.evaluate import NotScalarError
from stepcalc.board.nodes import (
    Add,
    Call,
    Cases,
    Deriv,
    Dots,
    Equation,
    Glyph,
    Mul,
    MulStyle,
    Neg,
    Node,
    Num,
    Relation,
    SumOver,
    Sym,
)
from stepcalc.board.transform import transform, walk
from stepcalc.calculus.evaluate import evaluate
from stepcalc.calculus.to_board import to_board
from stepcalc.derive import Local
from stepcalc.items import Item, derivative_id
from stepcalc.lines import INNER, PRODUCTS, LineError, Segment, Show, Template, Worked, true_line
from stepcalc.notation import LEARNING_RATE, Notation
from stepcalc.ops.losses import TARGET, Y_HAT, Loss, Y
from stepcalc.trace import Trace

Phase = Literal["forward", "backward", "update"]

MAX_TERMS = 8
"""A sum with more terms than this is written with an ellipsis."""


@dataclass(frozen=True, slots=True)
class Step:
    """One item of the solution. ``numbers`` and ``value`` are None where there is no number."""

    item: str
    phase: Phase
    rule: str
    formula: Equation
    numbers: Equation | None
    value: float | None


class Scribe:
    """Writes the steps of one trace in the problem's notation and rounding."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.graph = trace.graph
        self.notation = Notation(trace.graph, trace.problem)

    # ------------------------------------------------------------------------------------- the three phases

    def forward(self, item: str) -> Step:
        """The step that calculates a quantity's scalar from its parents."""
        quantity, index, sample = self.graph.locate(item)
        op = quantity.op
        assert op is not None, f"{item} is given, not calculated"
        if isinstance(op, Loss):
            return self._cost(op)
        operands = self.graph.operands(quantity.name)
        written = op.written(index, operands, sample)
        shown = tuple(self.notation.dress(elided(form)) for form in written)
        filled = written[-1]
        if any(isinstance(part, Cases) for part in walk(filled)):
            chosen = self.active(op.define(index, operands, sample))
            filled = filled if chosen is None else to_board(chosen)
        return self._step(item, "forward", op.rule, shown, filled, worked=PRODUCTS if isinstance(filled, Add) else None)

    def backward(self, item: str) -> Step:
        """The step that calculates ∂cost/∂item from the gradients of the scalars that item stands in."""
        cost = self.graph.cost
        edges = self.trace.derivation.locals(item)
        name = derivative_id(cost, item)
        chained = _sum([self._edge(edge, cost) for edge in edges])
        shorts = _sum([self._edge_short(edge, cost) for edge in edges])
        last = self.graph.locate(edges[0].child)[0].op
        rule = "chain rule" if len(edges) == 1 else "chain rule, summed over all paths"
        if edges[0].child == cost:
            rule = "derivative of the loss" if isinstance(last, Loss) else "derivative"
            chained = None
        filled = _sum([self._edge_filled(edge, cost) for edge in edges])
        parts = tuple(self.notation.dress(elided(part)) for part in (chained, shorts) if part is not None)
        return self._step(name, "backward", rule, parts, filled)

    def update(self, item: str) -> Step:
        """The step that moves a parameter."""
        new = str(Item.parse(item).updated())
        gradient = derivative_id(self.graph.cost, item)
        rate = Sym(self.notation.glyph(LEARNING_RATE), LEARNING_RATE)
        step = Mul((rate, self.notation.symbol(gradient)), "juxtapose")
        formula = Add((self.notation.symbol(item), Neg(step)))
        return self._step(new, "update", "gradient descent", (formula,), formula)

    # ------------------------------------------------------------------------------------------ the edges

    def _edge(self, edge: Local, cost: str) -> Node:
        """∂L/∂child · ∂child/∂parent."""
        local = self.notation.derivative(edge.child, edge.parent)
        if edge.child == cost:
            return local
        return Mul((self.notation.symbol(derivative_id(cost, edge.child)), local), "dot")

    def _edge_short(self, edge: Local, cost: str) -> Node:
        """∂L/∂child · its short local derivative."""
        if edge.child == cost:
            return to_board(edge.short)
        return self._times(edge, cost, self.local(edge))

    def _edge_filled(self, edge: Local, cost: str) -> Node:
        """The same with the branch that the numbers choose, and targets of 0 and 1 put in."""
        chosen = self.active(self.with_targets(edge.short))
        short = to_board(edge.short if chosen is None else chosen)
        return short if edge.child == cost else self._times(edge, cost, short)

    def _times(self, edge: Local, cost: str, local: Node) -> Node:
        upstream = self.notation.symbol(derivative_id(cost, edge.child))
        return upstream if local == Num("1") else Mul((upstream, local), "dot")

    def local(self, edge: Local) -> Node:
        """A local derivative in symbols: its short form, or f′(z) where that has cases."""
        function = getattr(self.graph.locate(edge.child)[0].op, "function", "")
        if function and edge.short.has(sp.Piecewise):
            return Call(function, (Sym(self.notation.glyph(edge.parent), edge.parent),), primes=1)
        return to_board(edge.short)

    # ------------------------------------------------------------------------------------------- the cost

    def _cost(self, op: Loss) -> Step:
        graph, cost = self.graph, self.graph.cost
        operands = graph.operands(cost)
        formula = self.notation.dress(elided(self.cost_formula(op)))
        defined = self.with_targets(op.define((), operands))
        chosen = self.active(defined)
        return self._step(cost, "forward", op.rule, (formula,), to_board(defined if chosen is None else chosen), INNER)

    def cost_formula(self, op: Loss) -> Node:
        """The cost in symbols: the element loss, summed over outputs, averaged over samples, times the scale."""
        output, target = self.graph.operands(self.graph.cost)
        many, batch = output.shape[0] > 1, bool(output.samples)
        k, n = Sym(Glyph("k")), Sym(Glyph("n"))
        sub, sup = "k" if many else "", "[n]" if batch else ""
        generic = {Y_HAT.name: Sym(Glyph("y", sub, sup, hat=True)), Y.name: Sym(Glyph("y", sub, sup))}
        element = transform(
            to_board(op.element), lambda part: generic.get(part.item or "") if isinstance(part, Sym) else None
        )
        if many:
            element = SumOver(k, Num("1"), Num(str(output.shape[0])), element)
        if batch:
            element = SumOver(n, Num("1"), Num(str(output.samples)), element)
        scale = op.factor(output.samples)
        return element if scale == 1 else Mul((to_board(scale), element))

    # ------------------------------------------------------------------------------------ putting numbers in

    def with_targets(self, expression: sp.Expr) -> sp.Expr:
        """``expression`` with the targets that are 0, 1 or −1 put in: what they take out needs not be printed."""
        cost = self.graph[self.graph.cost]
        if not isinstance(cost.op, Loss):
            return expression
        target = cost.parents[TARGET]
        known = {}
        for s in expression.free_symbols:
            if self.graph.canonical(Item.parse(s.name).name) == target:
                value = self.trace.value(s.name)
                if value in (0, 1, -1):
                    known[s] = sp.Integer(int(value))
        return expression.subs(known) if known else expression

    def active(self, expression: sp.Expr) -> sp.Expr | None:
        """``expression`` with every Piecewise replaced by the branch that the numbers choose; None without numbers."""
        values = {s: self.trace.value(s.name) for s in expression.free_symbols}
        if any(value is None for value in values.values()):
            return None
        return expression.replace(
            lambda part: isinstance(part, sp.Piecewise),
            lambda part: next(value for value, condition in part.args if bool(evaluate(condition, values, np))),
        )

    def number(self, item: str) -> float | None:
        """The number of an item, of the learning rate too."""
        return self.trace.learning_rate if item == LEARNING_RATE else self.trace.value(item)

    def is_given(self, item: str | None) -> bool:
        """Whether an item's number is data, printed as the user wrote it."""
        if item is None or item == LEARNING_RATE:
            return item is not None
        parsed = Item.parse(item)
        return not parsed.of and not parsed.new and self.graph[parsed.name].op is None

    def template(self, node: Node) -> Template:
        """``node`` as a line template: every symbol's number put in by the printer."""

        def fill(show: Show) -> Node:
            def change(part: Node) -> Node | None:
                if isinstance(part, (Sym, Deriv)) and part.item is not None:
                    value = self.number(part.item)
                    return None if value is None else show(value, part.item)
                return None

            return applied(transform(node, change))

        return fill

    def printed(self, value: float, item: str | None = None) -> Num:
        """A number as the sheet prints it: data in full, results at the precision asked."""
        rounding = self.trace.rounding
        return Num(rounding.exact(value) if self.is_given(item) else rounding.printed(value), item)

    def _step(
        self, item: str, phase: Phase, rule: str, parts: Sequence[Node], filled: Node, worked: Worked | None = None
    ) -> Step:
        left = self.notation.symbol(item)
        relations: tuple[Relation, ...] = ("=",) * len(parts)
        value = self.number(item)
        formula = Equation((left, *parts), relations)
        numbers = None if value is None else self.line(left, filled, value, item, worked)
        return Step(item, phase, rule, formula, numbers, value)

    def line(self, left: Node, filled: Node, value: float, item: str, worked: Worked | None = None) -> Equation:
        """left = numbers put in ≈ result, true as printed; without the numbers where no line would be true."""
        result = self.printed(value, item)
        template = self.template(filled)
        if isinstance(filled, Add) and len(filled.terms) > MAX_TERMS:
            return Equation((left, self.template(elided(filled))(self.printed), result), ("=", "≈"))
        segments: list[Segment] = [template, worked] if worked else [template]
        try:
            return true_line(segments, value, self.trace.rounding, item=item, given=_Given(self)).equation(left)
        except (LineError, NotScalarError):
            return Equation((left, result), ("≈",))


@dataclass(frozen=True)
class _Given:
    """The ids of data, as a container."""

    scribe: Scribe

    def __contains__(self, item: object) -> bool:
        return isinstance(item, str) and self.scribe.is_given(item)


def applied(node: Node) -> Node:
    """Products in which numbers have been put side by side, written so that they do not run together: 0.6(3)."""

    def change(part: Node) -> Node | None:
        if not isinstance(part, Mul) or part.style != "juxtapose":
            return None
        factors = tuple(applied(factor) for factor in part.factors)
        numbers = sum(isinstance(factor, Num) for factor in factors)
        style: MulStyle = "juxtapose" if numbers < 2 else "apply" if len(factors) == 2 else "dot"
        return Mul(factors, style)

    return transform(node, change)


def elided(node: Node) -> Node:
    """A long sum with its middle left out."""
    if not isinstance(node, Add) or len(node.terms) <= MAX_TERMS:
        return node
    return Add((*node.terms[:3], Dots("h"), *node.terms[-2:]))


def _sum(terms: Sequence[Node]) -> Node:
    return terms[0] if len(terms) == 1 else Add(tuple(terms))
