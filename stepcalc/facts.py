"""What is worth saying about a trace: decisions, saturation, kinks, how signals shrink. Data, no words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

import numpy as np
import sympy as sp

from stepcalc.derive import Local
from stepcalc.items import derivative_id, item_id
from stepcalc.ops.activation import Kink
from stepcalc.ops.dense import INPUT, WEIGHT, Dense
from stepcalc.ops.losses import OUTPUT, TARGET, Loss
from stepcalc.problem import NetworkProblem
from stepcalc.trace import Nudge, Trace

EPSILON = 2.220446049250313e-16
SATURATED = 0.02
"""An output nearer than this to a level where its activation flattens out counts as saturated."""

Level = Literal["high", "low", "minus"]
_LEVELS: dict[str, tuple[tuple[float, Level], ...]] = {
    "sigmoid": ((1.0, "high"), (0.0, "low")),
    "tanh": ((1.0, "high"), (-1.0, "minus")),
}


@dataclass(frozen=True)
class Decision:
    """What the network decides for a sample: by ``threshold`` for one output, else by the largest."""

    item: str
    value: float
    decision: str
    threshold: float | None
    truth: str | None


Agreement = Literal["ok", "near", "rounded", "corner"]
Quotient = Literal["forward", "central"]
LossCorner = Literal["", "mae", "hinge"]
NEAR = 0.02
"""A difference quotient this close (relatively) to the exact derivative agrees with it."""
STEADY_DIGITS = 9
"""So many digits of a difference quotient are worth showing; those after them come from the rounding of doubles."""


@dataclass(frozen=True)
class LossFacts:
    """How the cost is put together."""

    scale: float
    outputs: int
    samples: int | None
    title: str
    corner: LossCorner


def rule(trace: Trace, name: str) -> str:
    """The rule by which a quantity is calculated."""
    op = trace.graph[name].op
    return op.rule if op is not None else ""


def kind(trace: Trace, name: str) -> str:
    """The name of the operation that calculates a quantity: dense, sigmoid, mse."""
    op = trace.graph[name].op
    return op.name if op is not None else ""


def function(trace: Trace, name: str) -> str:
    """The name under which a quantity's activation is printed; "" when it has none."""
    return str(getattr(trace.graph[name].op, "function", ""))


def decision(trace: Trace, sample: int | None) -> Decision | None:
    """The decision, where the problem names the classes and the output has numbers."""
    problem = trace.problem
    if not isinstance(problem, NetworkProblem) or problem.data.classes is None:
        return None
    output, target = (trace.graph[trace.graph.cost].parents[slot] for slot in (OUTPUT, TARGET))
    items = [item_id(output, index, sample) for index in trace.graph[output].indices()]
    values = [trace.value(item) for item in items]
    known = [value for value in values if value is not None]
    if len(known) < len(items):
        return None
    truths = [trace.value(item_id(target, index, sample)) for index in trace.graph[target].indices()]
    classes = problem.data.classes
    if len(items) == 1:
        threshold = 0.0 if kind(trace, trace.graph.cost) == "hinge" else 0.5
        truth = None if truths[0] is None else classes[int(truths[0] >= threshold)]
        return Decision(items[0], known[0], classes[int(known[0] >= threshold)], threshold, truth)
    best = int(np.argmax(known))
    right = None if None in truths else classes[int(np.argmax([truth or 0.0 for truth in truths]))]
    return Decision(items[best], known[best], classes[best], None, right)


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
        at = getattr(quantity.op, "kinks", ())
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
        and trace.value(edge.parent) in [kink.at for kink in getattr(op, "kinks", ())]
    )


_CORNERS: dict[str, LossCorner] = {"mae": "mae", "hinge": "hinge"}
"""The losses whose slope jumps."""


def loss_facts(trace: Trace) -> LossFacts | None:
    """How the cost is put together, for a network."""
    cost = trace.graph[trace.graph.cost]
    if not isinstance(cost.op, Loss):
        return None
    outputs = trace.graph[cost.parents[OUTPUT]].shape[0]
    return LossFacts(cost.op.scale, outputs, trace.graph.samples, cost.op.title, _CORNERS.get(cost.op.name, ""))


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


@dataclass(frozen=True)
class Weight:
    """One weight: the item it comes from, the unit's logit and output that it leads to, their layer."""

    weight: str
    source: str
    source_name: str
    logit: str
    target: str
    unit: int
    layer: int


def agreement(trace: Trace, nudge: Nudge, exact: float, quotient: Quotient = "forward") -> Agreement:
    """Whether a difference quotient bears the exact derivative out, and if not, why.

    Where the curve only bends, a step ten times smaller comes about ten times as close. Where rounded numbers are
    carried, ``exact`` is not exact; the two quotients then tell a smooth curve from one with a corner.
    """
    noise = 4 * EPSILON * abs(nudge.before) / nudge.epsilon
    off = abs(getattr(nudge, quotient) - exact)
    if off <= NEAR * abs(exact) + noise:
        return "ok"
    finer = trace.nudge(nudge.item, nudge.epsilon / 10)
    if abs(getattr(finer, quotient) - exact) <= off / 4 + 10 * noise:
        return "near"
    bend, finer_bend = (abs(found.forward - found.central) for found in (nudge, finer))
    smooth = finer_bend <= bend / 4 + 10 * noise
    return "rounded" if trace.rounding.carry and smooth else "corner"


def steadied(nudge: Nudge) -> Nudge:
    """A nudge without the last digits of its quotients, which come from the rounding of doubles."""
    size = max(abs(nudge.forward), abs(nudge.central))
    if size == 0 or not np.isfinite(size):
        return nudge
    digits = STEADY_DIGITS - 1 - int(np.floor(np.log10(size)))
    in_costs = digits - int(np.floor(np.log10(nudge.epsilon)))
    return replace(
        nudge,
        before=_rounded(nudge.before, in_costs),
        after=_rounded(nudge.after, in_costs),
        forward=_rounded(nudge.forward, digits),
        central=_rounded(nudge.central, digits),
    )


def _rounded(value: float, digits: int) -> float:
    return round(value, digits) + 0.0


def weights_into(trace: Trace, logits: str, sample: int | None) -> Iterator[Weight]:
    """Every weight of the layer whose weighted sums are ``logits``."""
    quantity = trace.graph[logits]
    if not isinstance(quantity.op, Dense) or quantity.layer is None:
        return
    source, matrix = quantity.parents[INPUT], quantity.parents[WEIGHT]
    target = trace.graph.children[logits][0][0]
    names = input_names(trace) if source == "x" else ()
    for unit in range(1, quantity.shape[0] + 1):
        for j in range(1, trace.graph[source].shape[0] + 1):
            yield Weight(
                item_id(matrix, quantity.op.weight_index(unit, j)),
                item_id(source, (j,), sample),
                names[j - 1] if names else "",
                item_id(logits, (unit,), sample),
                item_id(target, (unit,), sample),
                unit,
                quantity.layer,
            )


def weight_echoes(trace: Trace) -> list[Weight]:
    """One telling weight a layer, off the diagonal where there is one: which way does it lead?"""
    echoes = []
    sample = 1 if trace.graph.samples else None
    for name, quantity in trace.graph.quantities.items():
        if isinstance(quantity.op, Dense):
            units, inputs = quantity.shape[0], trace.graph[quantity.parents[INPUT]].shape[0]
            wanted = (2, 1) if units > 1 else (1, min(2, inputs))
            place = (wanted[0] - 1) * inputs + wanted[1] - 1
            echoes.append(next(islice(weights_into(trace, name, sample), place, None)))
    return echoes


def with_matrices(trace: Trace) -> Iterator[str]:
    """The weighted sums whose weights are more than a single number."""
    for name, quantity in trace.graph.quantities.items():
        if isinstance(quantity.op, Dense) and trace.graph[quantity.parents[WEIGHT]].size > 1:
            yield name


def input_names(trace: Trace) -> tuple[str, ...]:
    """What the inputs are called, if they have names."""
    problem = trace.problem
    return (problem.data.x_names or ()) if isinstance(problem, NetworkProblem) else ()


@dataclass(frozen=True)
class Drawn:
    """Weights that were drawn: how, and with which seed."""

    name: str
    how: str
    seed: int


def drawn_weights(trace: Trace) -> list[Drawn]:
    """The weight matrices that the problem has drawn."""
    problem = trace.problem
    if not isinstance(problem, NetworkProblem):
        return []
    layers = enumerate(problem.layers, start=1)
    return [Drawn(f"W{n}", layer.init.type, layer.init.seed) for n, layer in layers if layer.init is not None]
