"""How the cost is written: the element loss, summed over outputs, averaged over samples, times the scale."""

from __future__ import annotations

from stepcalc.board.nodes import Add, Call, Equation, Frac, Glyph, Mul, Node, Num, Paren, SumOver, Sym
from stepcalc.board.transform import transform, walk
from stepcalc.calculus.to_board import to_board
from stepcalc.filling import added, elided
from stepcalc.lines import INNER, SUMMANDS
from stepcalc.moves import Mover, Step
from stepcalc.ops.base import Operand
from stepcalc.ops.losses import OUTPUT, TARGET, Y_HAT, Loss, Y

_LETTERS = ("t", "k")
"""What an output's indices are called: the time step, the output."""


class CostWriter(Mover):
    """Writes the step that calculates a network's cost."""

    def cost(self, op: Loss) -> Step:
        """The step that adds up the cost."""
        graph, cost = self.graph, self.graph.cost
        operands = graph.operands(cost)
        formula = self.notation.dress(elided(self.cost_formula(op)))
        elements = self._elements(op, operands)
        total = added(elements) if elements else Num("0")
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
