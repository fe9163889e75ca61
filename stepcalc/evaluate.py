"""Every number: forward, backward and update over a graph, for one problem or for many at once.

``Arrays`` maps a quantity's name to its array. A per-sample quantity has its sample axis even when there is one
sample; any axes to the left of that are problems, the same for all quantities or broadcastable.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial

import numpy as np

from stepcalc.backend import Array, Namespace, quiet
from stepcalc.graph import Graph, LogitShortcut
from stepcalc.ops.each_step import AS_PRINTED, EXACT, EachStep, backward_through_time, forward_through_time
from stepcalc.repetition import Calculation, Repetition
from stepcalc.rounding import Rounding

Arrays = dict[str, Array]

BLOCK = 11_000
"""Problems calculated together when there are many: their intermediate arrays stay in the processor's cache.

No power of two, so that the columns of an array do not compete for the same places there.
"""


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
    inputs = [values[source] for source in _sources(graph, name, shortcut) if source in values]
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
    gradients: Arrays = {graph.cost: xp.asarray(1.0)}
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


def _sources(graph: Graph, name: str, shortcut: LogitShortcut | None) -> tuple[str, ...]:
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
    inputs = [values[source] for source in _sources(graph, name, shortcut)]
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


def many(graph: Graph, feeds: Mapping[str, Array], xp: Namespace, wanted: Sequence[str], block: int = BLOCK) -> Arrays:
    """``wanted`` (names of quantities, and ``dL/d…`` of quantities) for many problems of one structure.

    ``feeds`` hold one leading axis of problems each, or none where all problems share the array. The work is done
    block by block; results have that leading axis. Raises :class:`ValueError` when no array has that axis.
    """
    lengths = [array.shape[0] for name, array in feeds.items() if _leading(graph, name, array)]
    if not lengths:
        raise ValueError("no array has a leading axis of problems")
    problems = max(lengths)
    shared = {name: array for name, array in feeds.items() if not _leading(graph, name, array)}
    varying = {name: array for name, array in feeds.items() if name not in shared}
    prefix = f"d{graph.cost}/d"
    asked = {name: _own_name(graph, name, prefix) for name in wanted}
    calculation = _calculation(graph, shared, tuple(dict.fromkeys(asked.values())))
    length = min(problems, _even(problems, block))
    first = _stretch(calculation, xp, varying, slice(length))
    results = {name: _room(graph, name.removeprefix(prefix), array, problems, xp) for name, array in first.items()}
    for name, array in first.items():
        results[name][:length, ...] = array
    if length < problems:
        again = Repetition(calculation, varying, length) if xp is np else partial(_again, calculation, xp, varying)
        for start in range(length, problems, length):
            here = slice(min(start, problems - length), min(start + length, problems))
            again(here, {name: array[here, ...] for name, array in results.items()})
    return {name: results[own] for name, own in asked.items()}


def _stretch(
    calculation: Calculation, xp: Namespace, feeds: Mapping[str, Array], stretch: slice
) -> Mapping[str, Array]:
    """The results of a calculation for some of the problems."""
    with quiet():
        return calculation(xp, {name: array[stretch, ...] for name, array in feeds.items()})


def _again(
    calculation: Calculation, xp: Namespace, feeds: Mapping[str, Array], stretch: slice, into: Mapping[str, Array]
) -> None:
    """What a :class:`Repetition` does, for a library that looks after its memory itself."""
    for name, array in _stretch(calculation, xp, feeds, stretch).items():
        into[name][...] = array


def _even(problems: int, block: int) -> int:
    """A length near ``block`` for blocks that are all alike, in steps of 8 numbers, a line of the processor's cache."""
    return math.ceil(problems / math.ceil(problems / block) / 8) * 8


def _calculation(graph: Graph, shared: Mapping[str, Array], wanted: Collection[str]) -> Calculation:
    """``wanted`` from the arrays that vary, the others being ``shared``."""
    prefix = f"d{graph.cost}/d"
    derivatives = {name.removeprefix(prefix) for name in wanted if name.startswith(prefix)}

    def calculate(xp: Namespace, varying: Mapping[str, Array]) -> Arrays:
        arithmetic = Arithmetic(xp)
        shortcut = arithmetic.shortcut(graph)
        calculated = _needed_for(
            graph, {name for name in wanted if not name.startswith(prefix)} | {graph.cost}, shortcut
        )
        fixed = {name: xp.asarray(array) for name, array in shared.items()}
        values = forward(graph, {**fixed, **varying}, arithmetic, calculated)
        gradients = (
            backward(graph, values, arithmetic, _leading_to(graph, derivatives, shortcut)) if derivatives else {}
        )
        by_name = values | {prefix + name: gradient for name, gradient in gradients.items()}
        return {name: by_name[name] for name in wanted}

    return calculate


def _own_name(graph: Graph, name: str, prefix: str) -> str:
    """``a2`` as ``y_hat``, ``dL/da2`` as ``dL/dy_hat``."""
    plain = name.removeprefix(prefix)
    return name.removesuffix(plain) + graph.canonical(plain)


def _needed_for(graph: Graph, wanted: set[str], shortcut: LogitShortcut | None) -> frozenset[str]:
    """``wanted`` and all that they are calculated from."""
    reached = set(wanted)
    for stage in reversed(graph.stages):
        if not reached.isdisjoint(stage):
            reached.update(stage, *(_sources(graph, name, shortcut) for name in stage))
    return frozenset(reached)


def _leading_to(graph: Graph, wanted: set[str], shortcut: LogitShortcut | None) -> frozenset[str]:
    """The quantities whose gradients are ``wanted``, or stand between those and the cost."""
    reached = set(wanted)
    for stage in graph.stages:
        passed_by = shortcut is not None and shortcut.output in stage
        sources = {source for name in stage for source in _sources(graph, name, shortcut)}
        if not passed_by and not reached.isdisjoint(sources):
            reached.update(stage)
    return frozenset(reached & graph.differentiable)


def _room(graph: Graph, name: str, block: Array, problems: int, xp: Namespace) -> Array:
    """Room for all problems' results, the problems lying next to one another in memory."""
    quantity = graph[name]
    samples = block.shape[-1 - len(quantity.shape) :][:1] if quantity.per_sample else ()
    return xp.moveaxis(xp.empty((*samples, *quantity.shape, problems), dtype=block.dtype), -1, 0)


def _leading(graph: Graph, name: str, array: Array) -> bool:
    quantity = graph.quantities[name]
    return bool(array.ndim > len(quantity.shape) + quantity.per_sample)
