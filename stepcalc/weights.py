"""Where the weights of a layer lead, what the inputs are called, and which weights were drawn. Data, no words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from stepcalc.graph import Quantity
from stepcalc.items import Index, item_id
from stepcalc.ops.dense import INPUT, WEIGHT, Dense
from stepcalc.ops.each_step import EachStep
from stepcalc.ops.parts import OnParts
from stepcalc.ops.recurrent import W_H, W_X, Recurrent
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
    """Every weight of the dense layer whose weighted sums are ``logits``; of sequences, those at the first step."""
    quantity = trace.graph[logits]
    dense = _dense(quantity)
    if dense is None or quantity.layer is None:
        return
    source, matrix = quantity.parents[INPUT], quantity.parents[WEIGHT]
    target = trace.graph.children[logits][0][0]
    names = input_names(trace) if source == "x" else ()
    seen, own = _times(quantity)
    for unit in range(1, quantity.shape[-1] + 1):
        for j in range(1, trace.graph[source].shape[-1] + 1):
            yield Weight(
                item_id(matrix, dense.weight_index(unit, j)),
                item_id(source, (*seen, j), sample),
                names[j - 1] if names else "",
                item_id(logits, (*own, unit), sample),
                item_id(target, (*own, unit), sample),
                unit,
                quantity.layer,
            )


def _dense(quantity: Quantity) -> Dense | None:
    op = None if quantity.op is None else quantity.op.core
    return op if isinstance(op, Dense) else None


def _times(quantity: Quantity) -> tuple[Index, Index]:
    """The time step that is looked at, and the one that is calculated: none where there are no sequences."""
    if isinstance(quantity.op, EachStep):
        return (1,), (1,)
    time = quantity.op.times[INPUT] if isinstance(quantity.op, OnParts) else None
    return (() if time is None else (time,)), ()


def weight_echoes(trace: Trace) -> list[Weight]:
    """One telling weight a layer, off the diagonal where there is one: which way does it lead?"""
    echoes = []
    sample = 1 if trace.graph.samples else None
    for name, quantity in trace.graph.quantities.items():
        if _dense(quantity) is not None:
            units, inputs = quantity.shape[-1], trace.graph[quantity.parents[INPUT]].shape[-1]
            wanted = (2, 1) if units > 1 else (1, min(2, inputs))
            place = (wanted[0] - 1) * inputs + wanted[1] - 1
            echoes.append(next(islice(weights_into(trace, name, sample), place, None)))
    return echoes


@dataclass(frozen=True)
class Recurrence:
    """A recurrent layer's weights of the input and of the step before, one telling element of each.

    Each comes from input or unit number ``source`` and leads to ``unit``; ``sums`` is the weighted sum they stand in.
    """

    sums: str
    from_input: str
    from_before: str
    source: int
    before: int
    unit: int
    layer: int


def recurrences(trace: Trace) -> list[Recurrence]:
    """One telling pair of weights for each recurrent layer, of an LSTM those of its first gate."""
    found: dict[int, Recurrence] = {}
    for name, quantity in trace.graph.quantities.items():
        if quantity.op is None or not isinstance(quantity.op.core, Recurrent) or quantity.layer in found:
            continue
        assert quantity.layer is not None
        units, inputs = trace.graph[quantity.parents[W_X]].shape
        unit, source, before = min(2, units), 1 if units > 1 else min(2, inputs), 1
        by_input, by_before = (quantity.parents[slot] for slot in (W_X, W_H))
        weights = item_id(by_input, (unit, source)), item_id(by_before, (unit, before))
        found[quantity.layer] = Recurrence(name, *weights, source, before, unit, quantity.layer)
    return list(found.values())


def with_matrices(trace: Trace) -> Iterator[str]:
    """The weighted sums whose weights are more than a single number."""
    for name, quantity in trace.graph.quantities.items():
        if _dense(quantity) is not None and trace.graph[quantity.parents[WEIGHT]].size > 1:
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
    return [
        Drawn(f"{array.letter}{number}", init.type, init.seed)
        for number, (layer, arrays) in enumerate(zip(problem.layers, problem.arrays, strict=True), start=1)
        for array in arrays
        if (init := getattr(layer, "init", None)) and array.role == "parameter" and not array.letter.startswith("b")
    ]
