"""Where the weights of a layer lead, what the inputs are called, and which weights were drawn. Data, no words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from stepcalc.items import item_id
from stepcalc.ops.dense import INPUT, WEIGHT, Dense
from stepcalc.problem import NetworkProblem
from stepcalc.trace import Trace


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
    layers = enumerate(zip(problem.layers, problem.arrays, strict=True), start=1)
    found = ((getattr(layer, "init", None), f"{arrays[0].letter}{n}") for n, (layer, arrays) in layers)
    return [Drawn(name, init.type, init.seed) for init, name in found if init is not None]
