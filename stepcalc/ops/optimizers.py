"""How parameters move, given their gradients."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import sympy as sp

from stepcalc.backend import Array, Namespace
from stepcalc.calculus.symbols import symbol
from stepcalc.ops.registry import register

Arrays = dict[str, Array]

W = symbol("w")
G = symbol("g")
RATE = symbol("@learning_rate")


@dataclass(frozen=True)
class State:
    """What an optimizer remembers between steps: the step's number and its buffers by name and parameter."""

    step: int = 0
    buffers: Mapping[str, Arrays] = field(default_factory=dict)


class Optimizer(ABC):
    """One update rule. ``formula`` is the new value of one scalar in ``W``, ``G`` and ``RATE``."""

    name: ClassVar[str]
    rule: ClassVar[str]

    @property
    @abstractmethod
    def formula(self) -> sp.Expr:
        """The new value of one parameter."""

    @abstractmethod
    def step(self, xp: Namespace, parameters: Arrays, gradients: Arrays, state: State) -> tuple[Arrays, State]:
        """All parameters after one update, and the state for the next."""


@register("optimizer")
@dataclass(frozen=True)
class GradientDescent(Optimizer):
    """w ← w − αg. A learning rate of None stays a symbol; such a problem makes no numerical step."""

    name: ClassVar[str] = "gradient_descent"
    rule: ClassVar[str] = "gradient descent"

    learning_rate: float | None = None

    @property
    def formula(self) -> sp.Expr:
        return W - RATE * G

    def step(self, xp: Namespace, parameters: Arrays, gradients: Arrays, state: State) -> tuple[Arrays, State]:
        moved = {name: value - self.learning_rate * gradients[name] for name, value in parameters.items()}
        return moved, State(state.step + 1)
