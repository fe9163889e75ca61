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
from stepcalc.board.nodes import (
    Add,
    Call,
    Cases,
    Equation,
    Frac,
    Glyph,
    Mul,
    Node,
    Num,
    Paren,
    Rel,
    SumOver,
    Sym,
)
from stepcalc.board.transform import transform, walk
from stepcalc.calculus.functions import sigmoid
from stepcalc.calculus.shorthand import product
from stepcalc.calculus.to_board import to_board
from stepcalc.derive import Local
from stepcalc.filling import elided
from stepcalc.items import derivative_id
from stepcalc.lines import INNER, PRODUCTS, SUMMANDS
from stepcalc.moves import Mover
from stepcalc.moves import Step as Step
from stepcalc.ops.base import Operand
from stepcalc.ops.each_step import EachStep
from stepcalc.ops.expression import Expression
from stepcalc.ops.losses import OUTPUT, TARGET, Y_HAT, Loss, Y
from stepcalc.problem import ExpressionProblem

LOOKED_AT = 1000
"""So many parameters are looked at for one whose chain is worth writing."""

_LETTERS = ("t", "k")
"""What an output's indices are called: the time step, the output."""


class Scribe(Mover):
    """Writes the steps of one trace."""

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
        chained: Node | None = _sum([self._edge(edge, cost) for edge in edges])
        shorts = _sum([self._edge_short(edge, cost) for edge in edges])
        last = self.graph.locate(edges[0].child)[0].op
        rule = "chain rule" if len(edges) == 1 else "chain rule, summed over all paths"
        if edges[0].child == cost:
            rule = "derivative of the loss" if isinstance(last, Loss) else "derivative"
            chained = None
        filled = _sum([self._edge_filled(edge, cost) for edge in edges])
        written = (self.notation.dress(elided(part)) for part in (chained, shorts) if part is not None)
        parts = tuple(dict.fromkeys(written))
        chosen = any(self.has_branches(edge.cases) for edge in edges)
        shares = len(edges) > 1 and isinstance(self.graph.locate(edges[0].child)[0].op, EachStep)
        return self._step(name, "backward", rule, parts, filled, PRODUCTS if shares else None, chosen=chosen)

    def summed(self, item: str, shown: Node, terms: Sequence[tuple[str, ...]]) -> Step:
        """The step that adds up ∂cost/∂item from products of items; those with a 0 in them are left out."""
        kept = [term for term in terms if all(self.number(factor) != 0 for factor in term)]
        products = [tuple(map(self.notation.symbol, term)) for term in kept]
        filled = _sum([Mul(product, "dot") if len(product) > 1 else product[0] for product in products] or [Num("0")])
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

    # ------------------------------------------------------------------------------------------- the cost

    def _cost(self, op: Loss) -> Step:
        graph, cost = self.graph, self.graph.cost
        operands = graph.operands(cost)
        formula = self.notation.dress(elided(self.cost_formula(op)))
        elements = self._elements(op, operands)
        total = _sum(elements) if elements else Num("0")
        factors = self._cost_factors(op)
        filled = Mul((*factors, total)) if factors and elements else total
        adds = any(isinstance(part, Call) and _adds(part) for part in walk(filled))
        worked = SUMMANDS if len(elements) > 1 else INNER if adds else None
        return self._step(cost, "forward", op.rule, (formula,), filled, worked, chosen=self.has_branches(op.element))

    def _elements(self, op: Loss, operands: tuple[Operand, ...]) -> list[Node]:
        """The element losses, sample after sample, without those that the targets make 0."""
        output, target = operands[OUTPUT], operands[TARGET]
        written = []
        for sample in range(1, output.samples + 1) if output.samples else (None,):
            for index in output.indices():
                element = self.with_targets(op.in_symbols(output(*index, sample=sample), target(*index, sample=sample)))
                chosen = self.active(element)
                written.append(to_board(element if chosen is None else chosen))
        kept = [element for element in written if element != Num("0")]
        return [Paren(element) if isinstance(element, Add) and len(kept) > 1 else element for element in kept]

    def _cost_factors(self, op: Loss) -> list[Node]:
        """The problem's scale and 1/N, those of them that are not 1."""
        samples, scale = self.graph.samples, op.exact_scale
        factors = [] if scale == 1 else [to_board(scale)]
        return [*factors, Frac(Num("1"), Num(str(samples)))] if (samples or 0) > 1 else factors

    def cost_equation(self) -> Equation:
        """The cost in symbols."""
        cost = self.graph[self.graph.cost]
        assert isinstance(cost.op, Loss)
        formula = self.notation.dress(self.cost_formula(cost.op))
        return Equation((self.notation.symbol(cost.name), formula), ("=",))

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

    def cost_formula(self, op: Loss) -> Node:
        """The cost in symbols: the element loss, summed over outputs, averaged over samples, times the scale."""
        output, target = self.graph.operands(self.graph.cost)
        batch = (output.samples or 0) > 1
        axes = zip(_LETTERS[-len(output.shape) :], output.shape, strict=True)
        sums = [(letter, size) for letter, size in axes if size > 1]
        sub, sup = "".join(letter for letter, _ in sums), "[n]" if batch else ""
        generic: dict[str, Node] = {Y_HAT.name: Sym(Glyph("y", sub, sup, hat=True)), Y.name: Sym(Glyph("y", sub, sup))}
        if not sums and not batch:  # the scalars themselves, under the names that they may have been given
            only, first = 1 if output.samples else None, (1,) * len(output.shape)
            generic = {Y_HAT.name: to_board(output(*first, sample=only)), Y.name: to_board(target(*first, sample=only))}
        element = transform(
            to_board(op.element), lambda part: generic.get(part.item or "") if isinstance(part, Sym) else None
        )
        for letter, size in reversed(sums):
            element = SumOver(Sym(Glyph(letter)), Num("1"), Num(str(size)), element)
        if batch:
            element = SumOver(Sym(Glyph("n")), Num("1"), Num(str(output.samples)), element)
        factors = self._cost_factors(op)
        return Mul((*factors, element)) if factors else element


def _adds(call: Call) -> bool:
    return any(isinstance(arg, Add) for arg in call.args)


def _sum(terms: Sequence[Node]) -> Node:
    return terms[0] if len(terms) == 1 else Add(tuple(terms))
