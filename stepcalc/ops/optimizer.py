"""What an optimizer is: how parameters move, given their gradients.

An optimizer is data: its ``plan`` names the quantities that a step calculates for each parameter, in order, each with
its formula and its kernel. Steps, sheets, ids and the JSON trace read the plan; the kernels are held to the formulas.
"""

from __future__ import annotations

import re
from abc import ABC
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from stepcalc.backend import Array, Namespace
from stepcalc.board.nodes import Mul, Node
from stepcalc.board.transform import transform
from stepcalc.calculus.grammar import Parsed, parse
from stepcalc.calculus.pieces import FUNCTIONS
from stepcalc.items import NEW

Arrays = dict[str, Array]
Rounded = Callable[[Array], Array]
Hessian = Callable[[Arrays], np.ndarray]
"""The second derivatives of the cost where the parameters are, (n, n), in the order of the parameters' scalars."""

W, G, UPDATE = "w", "g", "t"
"""In formulas: the parameter, the cost's derivative by it, and the number of the update, from 1."""
OLD = "old_"
"""In formulas, what stands in front of a part's name where the step before is meant; 0 in the first step."""
RATE = "learning_rate"


@dataclass(frozen=True)
class State:
    """What an optimizer remembers between steps: the step's number and its buffers by name and parameter."""

    step: int = 0
    buffers: Mapping[str, Arrays] = field(default_factory=dict)


@dataclass(frozen=True)
class At:
    """One parameter in a step: its array, its gradient, the parts found in this step and in the one before.

    ``update`` is the step's number, from 1.
    """

    w: Array
    g: Array
    now: Mapping[str, Array]
    before: Mapping[str, Array]
    update: int


@dataclass(frozen=True)
class Part:
    """One named quantity of a step. ``name`` is a letter, with or without ``_hat``, or ``new``, the new value.

    ``text`` gives one scalar of it, as a problem file would, in ``W``, ``G``, ``UPDATE``, the optimizer's own
    parameters, and other parts, ``OLD`` ones too; ``kernel`` a whole array, from the optimizer, the namespace and what
    there is. One without a formula is found for all parameters together.
    """

    name: str
    rule: str
    text: str = ""
    kernel: Callable[[Any, Namespace, At], Array] | None = None

    @cached_property
    def _parsed(self) -> Parsed | None:
        names = set(re.findall(r"[a-z]\w*", self.text)) - set(FUNCTIONS)
        return parse(self.text, names, self.name) if self.text else None

    @property
    def names(self) -> tuple[str, ...]:
        """What the formula needs."""
        return self._parsed.names if self._parsed else ()

    @property
    def formula(self) -> sp.Expr | None:
        """The formula for calculating, in symbols of these names."""
        return self._parsed.expression if self._parsed else None

    @property
    def written(self) -> Node | None:
        """The formula as it is written, its products without a sign."""
        return transform(self._parsed.written, _juxtaposed) if self._parsed else None


def _juxtaposed(node: Node) -> Node | None:
    if not isinstance(node, Mul) or node.style == "juxtapose":
        return None
    return Mul(tuple(transform(factor, _juxtaposed) for factor in node.factors))


def complement(share: float, power: int = 1) -> float:
    """1 − share^power from the decimals: 1 − 0.9 is 0.1, and not 0.09999999999999998."""
    return float(1 - Decimal(repr(share)) ** power)


class Optimizer(ABC):
    """One update rule. A learning rate of None stays a symbol; such a problem makes no numerical step.

    ``letters`` says how its other parameters are written, as :func:`~stepcalc.board.glyph_text.read_glyph` reads it.
    """

    name: ClassVar[str]
    plan: ClassVar[tuple[Part, ...]]
    letters: ClassVar[Mapping[str, str]] = {}

    learning_rate: float | None

    @cached_property
    def remembered(self) -> tuple[str, ...]:
        """The parts that the next step needs."""
        used = {name for part in self.plan for name in part.names}
        return tuple(part.name for part in self.plan if OLD + part.name in used)

    @cached_property
    def calculable(self) -> tuple[Part, ...]:
        """The parts that have numbers: all, or without a learning rate those that do not need it."""
        return tuple(part for part in self.plan if self.learning_rate is not None or RATE not in part.names)

    def on(self, hessian: Hessian) -> Optimizer:
        """This optimizer for a cost whose second derivatives are known; most have no use for them."""
        return self

    def parts(
        self, xp: Namespace, parameters: Arrays, gradients: Arrays, state: State, rounded: Rounded | None = None
    ) -> dict[str, Arrays]:
        """Every part of one step by its name and the parameter's; ``rounded`` is applied to each as it is found.

        Ends before a part that has no value.
        """
        found: dict[str, Arrays] = {}
        for part in self.calculable:
            arrays = self.calculated(part, xp, parameters, gradients, found, state)
            if arrays is None:
                break
            found[part.name] = arrays if rounded is None else {name: rounded(array) for name, array in arrays.items()}
        return found

    def calculated(
        self,
        part: Part,
        xp: Namespace,
        parameters: Arrays,
        gradients: Arrays,
        found: Mapping[str, Arrays],
        state: State,
    ) -> Arrays | None:
        """One part for every parameter; None where it has no value."""
        assert part.kernel is not None
        arrays = {}
        for name, w in parameters.items():
            now = {key: by_name[name] for key, by_name in found.items()}
            last = {key: state.buffers[key][name] if state.step else xp.zeros_like(w) for key in self.remembered}
            arrays[name] = part.kernel(self, xp, At(w, gradients[name], now, last, state.step + 1))
        return arrays

    def after(self, found: Mapping[str, Arrays], state: State) -> State:
        """What is remembered when a step's parts have been found."""
        return State(state.step + 1, {name: found[name] for name in self.remembered})

    def step(self, xp: Namespace, parameters: Arrays, gradients: Arrays, state: State) -> tuple[Arrays, State]:
        """All parameters after one update, and the state for the next.

        Raises :class:`ArithmeticError` where there is no such step.
        """
        found = self.parts(xp, parameters, gradients, state)
        if NEW not in found:
            raise ArithmeticError(f"{self.name} has no step here")
        return found[NEW], self.after(found, state)
