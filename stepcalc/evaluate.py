"""Every number: forward and backward over a graph.

``Arrays`` maps a quantity's name to its array. A per-sample quantity has its sample axis even when there is one
sample; any axes to the left of that are problems, the same for all quantities or broadcastable. A network is
calculated in the precision of what it is fed: arrays in float32 give values and gradients in float32.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass

from stepcalc.backend import Array, Namespace, quiet
from stepcalc.graph import Graph, LogitShortcut
from stepcalc.ops.each_step import AS_PRINTED, EXACT, EachStep, backward_through_time, forward_through_time
from stepcalc.rounding import Rounding

Arrays = dict[str, Array]


@dataclass(frozen=True)
class Arithmetic:
    """With what the graph is calculated: the array library and, under ``carry``, the rounding of every item.

    ``by_hand``: a single problem's sums and definitions are taken from its decimals where that makes a difference.
    ``from_logits``: the cost may be taken past the output; not where the output itself is somebody's own number.
    """

    xp: Namespace
    rounding: Rounding | None = None
    by_hand: bool = False
    from_logits: bool = True

    def carried(self, array: Array) -> Array:
        """The numbers that later items are computed from."""
        return array if self.rounding is None else self.rounding.round_array(array, self.xp)

    def shortcut(self, graph: Graph) -> LogitShortcut | None:
        """The stable road past the output; not taken where the printed numbers are to be carried."""
        return graph.shortcut if self.from_logits and self.rounding is None else None


def forward(graph: Graph, feeds: Mapping[str, Array], arithmetic: Arithmetic, needed: Set[str] | None = None) -> Arrays:
    """All quantities, or those ``needed``, from ``feeds``, the arrays of inputs, targets and parameters.

    A calculated quantity that is fed is taken as it is, and what follows is calculated from it: a student's own number.
    Quantities whose parents have no number are left out.
    """
    values: Arrays = {}
    with quiet():
        for stage in graph.stages:
            if needed is None or not needed.isdisjoint(stage):
                step = _calculated if len(stage) == 1 else _calculated_through_time
                values |= step(graph, stage, values, feeds, arithmetic)
    return values


def _calculated(
    graph: Graph, stage: tuple[str, ...], values: Arrays, feeds: Mapping[str, Array], arithmetic: Arithmetic
) -> Arrays:
    """One quantity, fed or calculated; nothing where its parents have no number."""
    xp, shortcut, (name,) = arithmetic.xp, arithmetic.shortcut(graph), stage
    op = graph.quantities[name].op
    if name in feeds:
        return {name: feeds[name]}
    inputs = [values[source] for source in sources(graph, name, shortcut) if source in values]
    if op is None or len(inputs) < len(graph.quantities[name].parents):
        return {}
    if shortcut and name == graph.cost:
        computed = shortcut.loss.forward_from_logits(xp, shortcut.activation, *inputs)
    else:
        exact = op.forward_by_hand(*inputs) if arithmetic.by_hand else None
        computed = op.forward(xp, *inputs) if exact is None else exact
    return {name: arithmetic.carried(computed)}


def _calculated_through_time(
    graph: Graph, stage: tuple[str, ...], values: Arrays, feeds: Mapping[str, Array], arithmetic: Arithmetic
) -> Arrays:
    """The sequences of a recurrent layer; nothing where what it is fed has no number."""
    ops, parents = _layer(graph, stage)
    known = values | {name: feeds[name] for name in stage if name in feeds}
    if not all(parent in known or parent in stage for name in stage for parent in parents[name]):
        return {}
    done, by_hand = arithmetic.carried, arithmetic.by_hand
    return forward_through_time(arithmetic.xp, ops, parents, known, done, by_hand)


def _layer(graph: Graph, stage: tuple[str, ...]) -> tuple[dict[str, EachStep], dict[str, tuple[str, ...]]]:
    quantities = [graph.quantities[name] for name in stage]
    ops = {quantity.name: quantity.op for quantity in quantities if isinstance(quantity.op, EachStep)}
    return ops, {quantity.name: quantity.parents for quantity in quantities}


def backward(
    graph: Graph,
    values: Arrays,
    arithmetic: Arithmetic,
    needed: Collection[str] | None = None,
    given: Mapping[str, Array] | None = None,
) -> Arrays:
    """The gradient of the cost by every quantity it depends on, or by those ``needed``, from :func:`forward`'s values.

    ``given`` gradients are taken as they are, and what lies before them is calculated from them. Empty when the cost
    has no number.
    """
    if graph.cost not in values:
        return {}
    xp = arithmetic.xp
    needed = graph.differentiable if needed is None else needed
    gradients: Arrays = {graph.cost: xp.asarray(1.0, dtype=values[graph.cost].dtype)}
    with quiet():
        for stage in reversed(graph.stages):
            if given:
                gradients |= {name: given[name] for name in stage if name in given}
            if gradients.keys().isdisjoint(stage):
                continue
            step = _to_parents if len(stage) == 1 else _back_through_time
            for name, gradient in step(graph, stage, gradients, values, arithmetic, needed, given):
                gradients[name] = gradients[name] + gradient if name in gradients else gradient
    del gradients[graph.cost]
    return {name: gradients[name] for name in graph.quantities if name in gradients}


def _back_through_time(
    graph: Graph,
    stage: tuple[str, ...],
    gradients: Arrays,
    values: Arrays,
    arithmetic: Arithmetic,
    needed: Collection[str],
    given: Mapping[str, Array] | None,
) -> list[tuple[str, Array]]:
    """The shares of the gradients by all that a recurrent layer is calculated from; its own are settled."""
    ops, parents = _layer(graph, stage)
    kernel = EXACT if arithmetic.rounding is None else AS_PRINTED
    found = backward_through_time(
        arithmetic.xp, ops, parents, values, gradients, kernel, needed, arithmetic.carried, given
    )
    gradients |= {name: found.pop(name) for name in stage}
    return list(found.items())


def sources(graph: Graph, name: str, shortcut: LogitShortcut | None) -> tuple[str, ...]:
    """What a quantity is calculated from: its parents, or past the output the logits."""
    if shortcut and name == graph.cost:
        return (shortcut.logits, shortcut.target)
    return graph.quantities[name].parents


def _to_parents(
    graph: Graph,
    stage: tuple[str, ...],
    gradients: Arrays,
    values: Arrays,
    arithmetic: Arithmetic,
    needed: Collection[str],
    given: Mapping[str, Array] | None,
) -> list[tuple[str, Array]]:
    """The shares of the gradients by a quantity's parents; its own is settled."""
    (name,) = stage
    quantity, xp, shortcut = graph.quantities[name], arithmetic.xp, arithmetic.shortcut(graph)
    if name != graph.cost:
        gradients[name] = arithmetic.carried(gradients[name])
    if quantity.op is None or (shortcut and name == shortcut.output):
        return []
    inputs = [values[source] for source in sources(graph, name, shortcut)]
    if shortcut and name == graph.cost:
        activation, loss = shortcut.activation, shortcut.loss
        found = [(shortcut.logits, loss.backward_from_logits(xp, gradients[name], activation, *inputs))]
        if shortcut.output in needed:
            found.append((shortcut.output, loss.backward_to_output(xp, gradients[name], activation, *inputs)))
        return found
    kernel = EXACT if arithmetic.rounding is None else AS_PRINTED
    shares = zip(quantity.parents, kernel(quantity.op)(xp, gradients[name], values[name], *inputs), strict=True)
    asked = [(parent, array) for parent, array in shares if array is not None and parent in needed]
    return [(parent, array() if callable(array) else array) for parent, array in asked]
