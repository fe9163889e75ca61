"""What is worth saying about a trace: saturation, kinks, how signals shrink, how the cost is put together. No words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np
import sympy as sp

from stepcalc.derive import Local
from stepcalc.items import derivative_id
from stepcalc.ops.activation import Activation, Kink
from stepcalc.ops.losses import OUTPUT, TARGET, Loss
from stepcalc.ops.lstm import CellState
from stepcalc.ops.recurrent import Recurrent
from stepcalc.problem import NetworkProblem
from stepcalc.trace import Trace

SATURATED = 0.02
"""An output nearer than this to a level where its activation flattens out counts as saturated."""

Level = Literal["high", "low", "minus"]
_LEVELS: dict[str, tuple[tuple[float, Level], ...]] = {
    "sigmoid": ((1.0, "high"), (0.0, "low")),
    "tanh": ((1.0, "high"), (-1.0, "minus")),
}


LossCorner = Literal["", "mae", "hinge"]


@dataclass(frozen=True)
class LossFacts:
    """How the cost is put together. ``fraction`` is the scale where it is no decimal."""

    scale: float
    fraction: tuple[int, int] | None
    outputs: int
    steps: int
    samples: int | None
    title: str
    corner: LossCorner
    squares: bool

    @property
    def half_of_squares(self) -> bool:
        """Whether a ½ stands before the squares, from the mean over two samples or as the problem's own factor."""
        return self.squares and 0.5 in (self.scale / (self.samples or 1), self.scale)


def rule(trace: Trace, name: str) -> str:
    """The rule by which a quantity is calculated."""
    op = trace.graph[name].op
    return op.rule if op is not None else ""


def activations(trace: Trace) -> Iterator[tuple[str, int, int]]:
    """The activations of a network, each once for the layers in a row that have it: a quantity that it gives, and the
    first and the last layer.

    Those of an LSTM's gates are part of what such a layer is.
    """
    own = [q for q in trace.graph.quantities.values() if q.layer and rule(trace, q.name) == Activation.rule]
    own = [quantity for quantity in own if layer_type(trace, quantity.layer or 0) != "lstm"]
    for _, run in groupby(own, key=lambda quantity: quantity.op and quantity.op.core):
        alike = list(run)
        yield alike[0].name, alike[0].layer or 0, alike[-1].layer or 0


def activation_parameters(trace: Trace, layer: int) -> Mapping[str, float]:
    """The numbers that the activation of a layer, counted from 1, is given: alpha, threshold."""
    assert isinstance(trace.problem, NetworkProblem)
    choice = getattr(trace.problem.layers[layer - 1], "activation", None)
    return {} if choice is None else choice.parameters


def layer_type(trace: Trace, number: int) -> str:
    """The type of a layer, counted from 1: dense, conv2d."""
    assert isinstance(trace.problem, NetworkProblem)
    return trace.problem.layers[number - 1].type


def looks_back(trace: Trace, name: str) -> bool:
    """Whether a layer's own later time steps look at its output ``name``."""
    number, problem = trace.graph[name].layer, trace.problem
    return number is not None and isinstance(problem, NetworkProblem) and problem.handed_on[number - 1].looks_back


def layer_input(trace: Trace, number: int) -> str:
    """The name of what a layer is fed."""
    own = (quantity for quantity in trace.graph.quantities.values() if quantity.layer == number and quantity.parents)
    return next(own).parents[0]


def recurrent_sum(trace: Trace, name: str) -> bool:
    """Whether a sequence is a weighted sum of the input and of the output one step before."""
    return kind(trace, name) == Recurrent.name


def cell_state(trace: Trace, name: str) -> bool:
    """Whether a sequence is the cell state of an LSTM."""
    return kind(trace, name) == CellState.name


def kind(trace: Trace, name: str) -> str:
    """The name of the operation that calculates a quantity: dense, sigmoid, mse."""
    op = trace.graph[name].op
    return op.name if op is not None else ""


def function(trace: Trace, name: str) -> str:
    """The name under which a quantity's activation is printed; "" when it has none."""
    op = trace.graph[name].op
    return "" if op is None else str(getattr(op.core, "function", ""))


def saturated(trace: Trace, items: list[str]) -> dict[Level, list[str]]:
    """Which of a layer's outputs are close to a level where the activation flattens out."""
    found: dict[Level, list[str]] = {}
    for level, name in _LEVELS.get(kind(trace, trace.graph.locate(items[0])[0].name), ()):
        near = [item for item in items if (value := trace.value(item)) is not None and abs(value - level) < SATURATED]
        if near:
            found[name] = near
    return found


def dead(trace: Trace, items: list[str]) -> list[str]:
    """The ReLU units that are zero."""
    if kind(trace, trace.graph.locate(items[0])[0].name) != "relu":
        return []
    return [item for item in items if trace.value(item) == 0]


def kinks(trace: Trace) -> dict[str, tuple[str, tuple[Kink, ...]]]:
    """The activations in use that have kinks: operation → printed name and kinks."""
    found = {}
    for quantity in trace.graph.quantities.values():
        at = () if quantity.op is None else getattr(quantity.op.core, "kinks", ())
        if at and quantity.op is not None:
            found[quantity.op.name] = (function(trace, quantity.name), at)
    return found


def on_kink(trace: Trace, edge: Local) -> bool:
    """Whether a local derivative is taken exactly where its cases meet and disagree, or where a sign is 0."""
    values = {s: trace.value(s.name) for s in edge.cases.free_symbols}
    if any(value is None for value in values.values()):
        return False
    at = {s: sp.Float(value, 17) for s, value in values.items()}
    if any(_is_zero(sign.args[0], at) for sign in edge.cases.atoms(sp.sign)):
        return True
    return any(_cases_meet(part, at) for part in edge.cases.atoms(sp.Piecewise)) or _steps_here(trace, edge)


def _is_zero(expression: sp.Expr, at: dict[sp.Symbol, sp.Expr]) -> bool:
    return float(expression.subs(at)) == 0


def _cases_meet(cases: sp.Piecewise, at: dict[sp.Symbol, sp.Expr]) -> bool:
    edges = [condition for _, condition in cases.args if condition.is_Relational]
    meets = any(_is_zero(condition.lhs - condition.rhs, at) for condition in edges)
    slopes = {float(value.subs(at)) for value, _ in cases.args}
    return meets and len(slopes) > 1


def _steps_here(trace: Trace, edge: Local) -> bool:
    """A step's derivative has no cases left, but no value at the jump either."""
    op = trace.graph.locate(edge.child)[0].op
    return (
        op is not None
        and op.name == "step"
        and trace.value(edge.parent) in [kink.at for kink in getattr(op.core, "kinks", ())]
    )


LOSS_CORNERS: dict[str, LossCorner] = {"mae": "mae", "hinge": "hinge"}
"""The losses whose slope jumps."""


def _no_decimal(loss: Loss) -> tuple[int, int] | None:
    """The scale as numerator and denominator where it is no decimal, as 1/3 is none."""
    exact = loss.exact_scale
    return None if exact == sp.Rational(str(loss.scale)) else (int(exact.p), int(exact.q))


def loss_facts(trace: Trace) -> LossFacts | None:
    """How the cost is put together, for a network."""
    cost = trace.graph[trace.graph.cost]
    if not isinstance(cost.op, Loss):
        return None
    *steps, outputs = trace.graph[cost.parents[OUTPUT]].shape
    return LossFacts(
        cost.op.scale,
        _no_decimal(cost.op),
        outputs,
        steps[0] if steps else 1,
        trace.graph.samples,
        cost.op.title,
        LOSS_CORNERS.get(cost.op.name, ""),
        cost.op.name == "mse",
    )


def sample_losses(trace: Trace) -> np.ndarray | None:
    """The loss of each sample, whose mean times the scale is the cost; None where a double cannot hold one."""
    cost = trace.graph[trace.graph.cost]
    if not isinstance(cost.op, Loss) or trace.graph.samples is None or not trace.numeric:
        return None
    shape = (trace.graph.samples, -1)
    output, target = (np.reshape(trace.values[cost.parents[slot]], shape) for slot in (OUTPUT, TARGET))
    with np.errstate(all="ignore"):
        losses: np.ndarray = np.sum(cost.op.elements(np, output, target), axis=-1)
    return losses if np.all(np.isfinite(losses)) else None


def shrinkage(trace: Trace, items: list[str], results: list[str]) -> list[float]:
    """By how much each ∂L/∂a is larger than its ∂L/∂z, where both are there and not 0; none if one cannot be told."""
    cost = trace.graph.cost
    factors = []
    for output, logit in zip(items, results, strict=True):
        above, below = (trace.value(derivative_id(cost, item)) for item in (output, logit))
        if above and below:
            factors.append(abs(above / below))
    return factors if np.all(np.isfinite(factors)) else []


def never_learns(trace: Trace) -> bool:
    """Whether every parameter's gradient before the last layer is 0 because of step functions."""
    steps = [q for q in trace.graph.quantities.values() if q.op is not None and q.op.name == "step"]
    return (
        bool(steps)
        and trace.numeric
        and all(not np.any(trace.gradients[name]) for name in trace.graph.parameters if name in trace.gradients)
    )
