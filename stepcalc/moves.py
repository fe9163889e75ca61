"""How a parameter moves, step by step: what an optimizer calculates, and the second derivatives that it may look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from stepcalc.board.nodes import Add, Deriv, Equation, Frac, Glyph, Mul, Neg, Node, Num, Pow, Relation, Sym
from stepcalc.board.transform import transform, transform_equation
from stepcalc.calculus.to_board import to_board
from stepcalc.filling import Filler
from stepcalc.items import NEW, derivative_id, second_derivative_id
from stepcalc.lines import Worked
from stepcalc.notation import LEARNING_RATE, UPDATE, is_setting, setting
from stepcalc.ops.optimizer import OLD, G, W
from stepcalc.ops.optimizer import UPDATE as STEP

HESSIAN, SLOPES, NEWTON_STEP = (Sym(Glyph(letter, bold=True)) for letter in "Hgp")
"""The second derivatives of the cost, the first ones, and the p of H p = g."""
SECOND = "second derivative"

Phase = Literal["forward", "backward", "update"]


@dataclass(frozen=True, slots=True)
class Step:
    """One item of the solution. ``numbers`` and ``value`` are None where there is no number."""

    item: str
    phase: Phase
    rule: str
    formula: Equation
    numbers: Equation | None
    value: float | None


class Mover(Filler):
    """Writes the steps of an update."""

    @property
    def plan(self) -> tuple[str, ...]:
        """The parts of an update, in order."""
        return tuple(part.name for part in self.trace.optimizer.plan) if self.trace.optimizer else ()

    @property
    def settings(self) -> tuple[str, ...]:
        """The ids of what the optimizer needs: its learning rate, then the others."""
        optimizer = self.trace.optimizer
        return () if optimizer is None else (LEARNING_RATE, *map(setting, optimizer.letters))

    def update(self, item: str, part: str = NEW) -> Step:
        """The step that finds a part of a parameter's update by the optimizer's formula, by default its new value."""
        optimizer = self.trace.optimizer
        assert optimizer is not None, "the problem asks for no update"
        asked = next(known for known in optimizer.plan if known.name == part)
        name = str(self.graph.read(item).updated(part))
        if asked.written is None:
            return self._solved(item, name, asked.rule)
        gradient = self.notation.symbol(derivative_id(self.graph.cost, item))
        formula = self._moved(asked.written, item, gradient)
        forms = [formula]
        moves = G in asked.names and not self.trace.numeric
        if moves and (short := self.trace.derivation.short(item)) is not None:
            forms.append(self._moved(asked.written, item, self.notation.dress(to_board(short))))
        return self.in_update(self._step(name, "update", asked.rule, forms, formula))

    def bend(self, item: str, other: str) -> Step:
        """The step that finds a second derivative of the cost, for expressions from its formula."""
        name = second_derivative_id(self.graph.cost, item, other)
        formula, value = self.trace.curvature.bend(item, other), self.number(name)
        left = self.notation.symbol(name)
        if formula is not None:
            written = to_board(formula)
            return self.in_update(self._step(name, "update", SECOND, (self.notation.dress(written),), written))
        numbers = self.without_number(left, left) if value is None else self.bare(left, value, name)
        return self.in_update(Step(name, "update", SECOND, Equation((left,)), numbers, value))

    def _solved(self, item: str, name: str, rule: str) -> Step:
        """One scalar of p in H p = g: by the rule for one or two unknowns, else its number alone."""
        items = self.trace.curvature.items
        if len(items) <= 2:
            quotient = self._quotient(item, next((other for other in items if other != item), None))
            return self.in_update(self._step(name, "update", rule, (quotient,), quotient))
        left, value = self.notation.symbol(name), self.number(name)
        numbers = None if not self.trace.numeric else self.without_number(left, left)
        if value is not None:
            numbers = self.bare(left, value, name)
        whole = Mul((Pow(HESSIAN, Num("-1")), SLOPES))
        return self.in_update(Step(name, "update", rule, Equation((NEWTON_STEP, whole), ("=",)), numbers, value))

    def _quotient(self, item: str, other: str | None) -> Node:
        """g/H, and for two unknowns Cramer's rule."""
        cost = self.graph.cost

        def slope(known: str) -> Node:
            return self.notation.symbol(derivative_id(cost, known))

        def bend(one: str, two: str) -> Node:
            places = self.trace.curvature.items.index
            one, two = sorted((one, two), key=places)
            return self.notation.symbol(second_derivative_id(cost, one, two))

        if other is None:
            return Frac(slope(item), bend(item, item))
        above = Add((Mul((bend(other, other), slope(item)), "dot"), Neg(Mul((bend(item, other), slope(other)), "dot"))))
        first, second = self.trace.curvature.items
        below = Add((Mul((bend(first, first), bend(second, second)), "dot"), Neg(Pow(bend(first, second), Num("2")))))
        return Frac(above, below)

    def _moved(self, formula: Node, item: str, gradient: Node) -> Node:
        """A formula of the optimizer's for a parameter and its gradient."""
        whose, last = self.graph.read(item), self.trace.update - 1
        shown = {W: self.notation.symbol(item), G: gradient, STEP: self.notation.symbol(UPDATE)}
        for part in self.plan:
            found = whose.updated(part)
            shown[part] = self.notation.symbol(str(found))
            shown[OLD + part] = self.notation.symbol(str(replace(found, update=last)))

        def change(part: Node) -> Node | None:
            if not isinstance(part, Sym) or part.item is None:
                return None
            return shown.get(part.item) or self.notation.symbol(setting(part.item))

        return transform(formula, change)

    def in_update(self, step: Step) -> Step:
        """A step whose ids say which update it belongs to, as those of a later one must."""
        if self.trace.update == 1:
            return step
        formula = transform_equation(step.formula, self._dated)
        numbers = step.numbers and transform_equation(step.numbers, self._dated)
        return replace(step, item=self._with_update(step.item), formula=formula, numbers=numbers)

    def _dated(self, node: Node) -> Node | None:
        if isinstance(node, Num | Sym | Deriv) and node.item is not None:
            return replace(node, item=self._with_update(node.item))
        return None

    def _with_update(self, item: str) -> str:
        if is_setting(item) or (parsed := self.graph.read(item)).update is not None:
            return item
        fixed = self.graph[parsed.name].role in ("input", "target") and not parsed.of
        return item if fixed else str(replace(parsed, update=self.trace.update))

    def _step(
        self,
        item: str,
        phase: Phase,
        rule: str,
        parts: Sequence[Node],
        filled: Node,
        worked: Worked | None = None,
        chosen: bool = False,
    ) -> Step:
        left = self.notation.symbol(item)
        relations: tuple[Relation, ...] = tuple("=" for _ in parts)
        value = self.number(item)
        formula = Equation((left, *parts), relations)
        if value is None:
            known = self.as_far_as_known(left, filled)
            beyond = self.without_number(left, filled) if known is None and self.trace.numeric else known
            return Step(item, phase, rule, formula, beyond and replace(beyond, chosen=chosen), None)
        numbers = replace(self.line(left, filled, value, item, worked), chosen=chosen)
        return Step(item, phase, rule, formula, numbers, value)
