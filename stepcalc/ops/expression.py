"""A quantity that the user defined by an expression of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import sympy as sp

from stepcalc.backend import Array, Namespace
from stepcalc.board.nodes import Node
from stepcalc.calculus.evaluate import evaluate
from stepcalc.calculus.prove import squashing
from stepcalc.calculus.symbols import symbol
from stepcalc.items import Index
from stepcalc.ops.base import Operand, Operation, Place, Shape


@dataclass(frozen=True)
class Expression(Operation):
    """A scalar f(parents…): ``formula`` in the symbols of ``names``, the parents; ``as_typed`` keeps its spelling."""

    name: ClassVar[str] = "expression"
    rule: ClassVar[str] = "definition"

    formula: sp.Expr
    names: tuple[str, ...]
    as_typed: Node

    @cached_property
    def slopes(self) -> tuple[sp.Expr, ...]:
        """The formula differentiated by each parent."""
        return tuple(sp.diff(self.formula, symbol(name)) for name in self.names)

    def shape(self, *parents: Shape) -> Shape:
        return ()

    def define(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> sp.Expr:
        return self.formula

    def written(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> tuple[Node, ...]:
        return (self.as_typed,)

    def recall(
        self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place, output: Operand
    ) -> dict[sp.Symbol, sp.Expr]:
        return {output(): self.formula} if squashing(self.formula) else {}

    def reaches(self, slot: int, index: Index, shapes: tuple[Shape, ...]) -> Iterable[Index]:
        return [()]

    def _at(self, inputs: tuple[Array, ...]) -> dict[sp.Symbol, Array]:
        return {symbol(name): value for name, value in zip(self.names, inputs, strict=True)}

    def forward(self, xp: Namespace, *inputs: Array) -> Array:
        return xp.asarray(evaluate(self.formula, self._at(inputs), xp), dtype=xp.float64)

    def forward_by_hand(self, *inputs: np.ndarray) -> np.ndarray | None:
        if not all(value.ndim == 0 and np.isfinite(value) for value in inputs):
            return None
        at = {s: sp.Rational(repr(float(value))) for s, value in self._at(inputs).items()}
        exact = self.formula.xreplace(at)
        try:
            return np.asarray(float(exact)) if exact.is_Rational else None
        except OverflowError:
            return None

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        at = self._at(inputs)
        return tuple(gradient * evaluate(slope, at, xp) for slope in self.slopes)
