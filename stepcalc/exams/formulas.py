"""Formulas to choose from: are two of them the same, whatever numbers are put in?"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
import sympy as sp

from stepcalc.calculus.symbols import symbol
from stepcalc.items import derivative_id
from stepcalc.marking.points import EXACTLY, POINTS, anywhere
from stepcalc.marking.state import State, point
from stepcalc.marking.steps import Steps
from stepcalc.notation import setting
from stepcalc.trace import Trace


class InSymbols(Steps):
    """The own steps of a problem's items whatever its numbers are: targets of 0 and 1, and settings, are symbols."""

    @cached_property
    def decided(self) -> dict[sp.Symbol, sp.Expr]:
        """No target."""
        return {}

    def setting(self, name: str) -> sp.Expr:
        """The symbol of what the optimizer has under this name."""
        return symbol(setting(name))


class Formulas:
    """Compares formulas in the symbols of a problem's items, at points drawn at random."""

    def __init__(self, trace: Trace, items: Iterable[str]) -> None:
        """``items`` are the gradients by which the points are chosen: all of them have a number there."""
        self.steps = InSymbols(trace)
        gradients = [self.steps.canonical(derivative_id(trace.graph.cost, item)) for item in items]
        key = anywhere(self.steps, gradients)
        self._state = None if key is None else State(self.steps, key, EXACTLY, frozenset())

    @property
    def known(self) -> bool:
        """Whether there are such points."""
        return self._state is not None

    def values(self, formula: sp.Expr) -> np.ndarray:
        """The numbers of a formula at the points."""
        assert self._state is not None
        spelled = formula.xreplace(self.steps.derivation.slopes)
        return np.broadcast_to(point(spelled, self._state.__getitem__), (POINTS,))

    def alike(self, one: sp.Expr, other: sp.Expr) -> bool:
        """Whether two formulas are the same."""
        return bool(np.allclose(self.values(one), self.values(other), EXACTLY.relative, EXACTLY.absolute))
