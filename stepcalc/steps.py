"""One step of a solution: an item, its formula, the formula with the numbers put in, the result, a sentence.

Steps are made from the trace when they are asked for. The sheet arranges them; the JSON trace lists them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice

import sympy as sp

from stepcalc import weights
from stepcalc.board.nodes import Add, Cases, Equation, Mul, Node, Num, Rel
from stepcalc.board.transform import walk
from stepcalc.calculus.functions import sigmoid
from stepcalc.calculus.shorthand import product
from stepcalc.calculus.to_board import to_board
from stepcalc.cost_steps import CostWriter
from stepcalc.derive import Local
from stepcalc.filling import added, elided
from stepcalc.items import derivative_id
from stepcalc.lines import PRODUCTS
from stepcalc.moves import Step as Step
from stepcalc.ops.each_step import EachStep
from stepcalc.ops.expression import Expression
from stepcalc.ops.losses import Loss
from stepcalc.problem import ExpressionProblem

LOOKED_AT = 1000
"""So many parameters are looked at for one whose chain is worth writing."""


class Scribe(CostWriter):
    """Writes the steps of one trace."""

    # ------------------------------------------------------------------------------------- the three phases

    def forward(self, item: str) -> Step:
        """The step that calculates a quantity's scalar from its parents."""
        quantity, index, sample = self.graph.locate(item)
        op = quantity.op
        assert op is not None, f"{item} is given, not calculated"
        if isinstance(op, Loss):
            return self.cost(op)
        operands = self.graph.operands(quantity.name)
        written = op.written(index, operands, sample)
        shown = tuple(self.notation.dress(elided(form)) for form in written)
        filled = written[-1]
        chosen = any(isinstance(part, Cases) for part in walk(filled))
        if chosen and (branch := self.active(op.define(index, operands, sample))) is not None:
            filled = written[0] if self.says(written[0], item) else to_board(branch)
        worked = PRODUCTS if isinstance(filled, Add) else None
        return self._step(item, "forward", op.rule, shown, filled, worked, chosen=chosen)

    def backward(self, item: str) -> Step:
        """The step that calculates ∂cost/∂item from the gradients of the scalars that item stands in."""
        cost = self.graph.cost
        edges = self.trace.derivation.locals(item)
        name = derivative_id(cost, item)
        if not edges:
            return self._step(name, "backward", "no path", (Num("0"),), Num("0"))
        chained: Node | None = added([self._edge(edge, cost) for edge in edges])
        shorts = added([self._edge_short(edge, cost) for edge in edges])
        last = self.graph.locate(edges[0].child)[0].op
        rule = "chain rule" if len(edges) == 1 else "chain rule, summed over all paths"
        if edges[0].child == cost:
            rule = "derivative of the loss" if isinstance(last, Loss) else "derivative"
            chained = None
        filled = added([self._edge_filled(edge, cost) for edge in edges])
        written = (self.notation.dress(elided(part)) for part in (chained, shorts) if part is not None)
        parts = tuple(dict.fromkeys(written))
        chosen = any(self.has_branches(edge.cases) for edge in edges)
        shares = len(edges) > 1 and isinstance(self.graph.locate(edges[0].child)[0].op, EachStep)
        return self._step(name, "backward", rule, parts, filled, PRODUCTS if shares else None, chosen=chosen)

    def summed(self, item: str, shown: Node, terms: Sequence[tuple[str, ...]]) -> Step:
        """The step that adds up ∂cost/∂item from products of items; those with a 0 in them are left out."""
        kept = [term for term in terms if all(self.number(factor) != 0 for factor in term)]
        products = [tuple(map(self.notation.symbol, term)) for term in kept]
        filled = added([Mul(product, "dot") if len(product) > 1 else product[0] for product in products] or [Num("0")])
        rule = "chain rule, summed over all paths"
        name = derivative_id(self.graph.cost, item)
        return self._step(name, "backward", rule, (shown,), filled, PRODUCTS if products else None, chosen=True)

    def local(self, edge: Local) -> Step:
        """The step that calculates one local derivative, ∂a/∂z; it has no id of its own."""
        left = self.notation.local_derivative(edge.child, edge.parent)
        formula = Equation((left, self.notation.dress(to_board(edge.short))), ("=",))
        value = self.local_number(edge)
        numbers = None if isinstance(formula.parts[-1], Num) else self.local_line(left, edge, value)
        return Step("", "backward", "local derivative", formula, numbers, value)

    def along(self, edges: Sequence[Local]) -> Step:
        """The derivative along one path of several edges, from the last one's child to the first one's parent."""
        left = self.notation.local_derivative(edges[-1].child, edges[0].parent)
        whole = product(tuple(edge.short for edge in edges)).short
        formula = Equation((left, self.notation.dress(to_board(whole))), ("=",))
        values = [self.local_number(edge) for edge in edges]
        known = [value for value in values if value is not None]
        branch = self.active(product(tuple(edge.cases for edge in edges)).short)
        if len(known) < len(edges) or branch is None:
            return Step("", "backward", "local derivative", formula, self.as_far_as_known(left, to_board(whole)), None)
        value = math.prod(known)
        line = self.line(left, to_board(branch), value, None)
        chosen = any(self.has_branches(edge.cases) for edge in edges)
        return Step("", "backward", "local derivative", formula, replace(line, chosen=chosen), value)

    def local_line(self, left: Node, edge: Local, value: float | None) -> Equation | None:
        """left = the local derivative with its numbers put in ≈ its number."""
        branch = self.active(self.with_targets(edge.cases))
        if branch is None:
            return self.as_far_as_known(left, to_board(edge.short))
        filled = to_board(branch)
        line = self.without_number(left, filled) if value is None else self.line(left, filled, value, None)
        return replace(line, chosen=self.has_branches(edge.cases))

    def short(self, item: str) -> Step | None:
        """∂cost/∂item by its short form; None where it has none."""
        name = derivative_id(self.graph.cost, item)
        short = self.trace.derivation.short(item)
        if short is None:
            return None
        formula = Equation((self.notation.symbol(name), self.notation.dress(to_board(short))), ("=",))
        carried = self.trace.rounding.carry  # then the short form may give another last digit than the chain
        value = self.evaluated(short) if carried else self.number(name)
        numbers = None if value is None else self.line(self.notation.symbol(name), to_board(short), value, name)
        return Step(name, "backward", "short form", formula, numbers, value)

    def gradient(self, item: str) -> Step:
        """∂cost/∂item by its short form, or its number alone where it has none."""
        found = self.short(item)
        if found is None:
            name = derivative_id(self.graph.cost, item)
            left, value = self.notation.symbol(name), self.number(name)
            found = Step(name, "backward", "short form", Equation((left,)), None, value)
            if value is not None:
                found = replace(found, formula=self.bare(left, value, name))
        return self.in_update(found)

    @property
    def chain_item(self) -> str:
        """The parameter whose chain is written in full: the problem's choice, else the first whose input is not 0.

        Of a mini-batch that input is the written sample's, of a sequence that of the last step, as in the chain itself.
        Nothing that is calculated plays a part: the choice stands on sheets to be filled in as well.
        """
        chosen = self.trace.problem.sheet.chain
        if chosen is not None:
            return chosen
        items = chain.from_iterable(self.graph.items(name) for name in self.graph.parameters)
        fed = (
            item
            for item in islice(items, LOOKED_AT)
            if any(map(self.is_fed, self.trace.derivation.first_links(item, self.notation.sample)))
        )
        return next(fed, next(self.graph.items(self.graph.parameters[0])))

    def is_fed(self, edge: Local) -> bool:
        """Whether a derivative by a parameter is not 0 by the problem's own numbers."""
        item = edge.short.name if isinstance(edge.short, sp.Symbol) else None
        return item is None or not self.is_data(item) or self.number(item) != 0

    @property
    def input_names(self) -> tuple[str, ...]:
        """What the inputs are called, if they have names."""
        return weights.input_names(self.trace)

    @property
    def product(self) -> str:
        """The problem's product convention, Wx or xW."""
        return self.trace.problem.notation.product

    # ------------------------------------------------------------------------------------------ the edges

    def _edge(self, edge: Local, cost: str) -> Node:
        """∂L/∂child · ∂child/∂parent."""
        local = self.notation.local_derivative(edge.child, edge.parent)
        if edge.child == cost:
            return local
        return Mul((self.notation.symbol(derivative_id(cost, edge.child)), local), "dot")

    def _edge_short(self, edge: Local, cost: str) -> Node:
        """∂L/∂child · its short local derivative."""
        if edge.child == cost:
            return to_board(edge.cases)
        return self._times(edge, cost, to_board(edge.short))

    def _edge_filled(self, edge: Local, cost: str) -> Node:
        """The same with the branch that the numbers choose, and targets of 0 and 1 put in."""
        chosen = self.active(self.with_targets(edge.cases))
        short = to_board(edge.short if chosen is None else chosen)
        return short if edge.child == cost else self._times(edge, cost, short)

    def _times(self, edge: Local, cost: str, local: Node) -> Node:
        upstream = self.notation.symbol(derivative_id(cost, edge.child))
        return upstream if local == Num("1") else Mul((upstream, local), "dot")

    # -------------------------------------------------------------------------------- what a sheet asks

    def uses_logarithm(self, name: str) -> bool:
        """Whether a quantity's formula has a logarithm."""
        op = self.graph[name].op
        formula = op.element if isinstance(op, Loss) else op.formula if isinstance(op, Expression) else sp.S.Zero
        return bool(formula.has(sp.log))

    @property
    def untyped_sigmoid(self) -> Rel | None:
        """σ(z) = 1/(1 + e⁻ᶻ), where the last derivative of an expression problem has a σ(z) that nobody typed."""
        quantities, end = self.graph.quantities.values(), self.graph.cost
        if any(isinstance(q.op, Expression) and q.op.formula.has(sigmoid) for q in quantities):
            return None
        asked = [name for name in self.graph[end].parents if name in self.graph.differentiable]
        edges = [edge for name in asked for edge in self.trace.derivation.locals(name) if edge.child == end]
        shares = sorted({share for edge in edges for share in edge.short.atoms(sigmoid)}, key=str)
        if not shares:
            return None
        parts = (to_board(shares[0]), to_board(sigmoid.definition(*shares[0].args)))
        return Rel(self.notation.dress(parts[0]), "=", self.notation.dress(parts[1]))

    @property
    def wrt(self) -> tuple[str, ...]:
        """The names that an expression problem differentiates by."""
        problem = self.trace.problem
        return problem.wrt if isinstance(problem, ExpressionProblem) else ()
