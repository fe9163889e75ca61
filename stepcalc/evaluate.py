"""Every number: forward, backward and update over a graph, for one problem or for many at once.

``Arrays`` maps a quantity's name to its array. A per-sample quantity has its sample axis even when there is one
sample; any axes to the left of that are problems, the same for all quantities or broadcastable.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from stepcalc.backend import Array, Namespace, quiet
from stepcalc.graph import Graph, LogitShortcut
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


def forward(
    graph: Graph, feeds: Mapping[str, Array], arithmetic: Arithmetic, needed: Collection[str] | None = None
) -> Arrays:
    """All quantities, or those ``needed``, from ``feeds``, the arrays of inputs, targets and parameters.

    A calculated quantity that is fed is taken as it is, and what follows is calculated from it: a student's own number.
    Quantities whose parents have no number are left out.
    """
    xp, shortcut = arithmetic.xp, arithmetic.shortcut(graph)
    values: Arrays = {}
    with quiet():
        for name, quantity in graph.quantities.items():
            if name in feeds:
                values[name] = feeds[name]
            if name in feeds or quantity.op is None:
                continue
            if needed is not None and name not in needed:
                continue
            past_output = shortcut if name == graph.cost else None
            inputs = [values[source] for source in _sources(graph, name, shortcut) if source in values]
            if len(inputs) < len(quantity.parents):
                continue
            if past_output:
                computed = past_output.loss.forward_from_logits(xp, past_output.activation, *inputs)
            else:
                exact = quantity.op.forward_by_hand(*inputs) if arithmetic.by_hand else None
                computed = quantity.op.forward(xp, *inputs) if exact is None else exact
            values[name] = arithmetic.carried(computed)
    return values


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
        for name in reversed(list(graph.quantities)):
            if given and name in given:
                gradients[name] = given[name]
            if name not in gradients:
                continue
            if name != graph.cost:
                gradients[name] = arithmetic.carried(gradients[name])
            for parent, gradient in _to_parents(graph, name, gradients[name], values, arithmetic, needed):
                gradients[parent] = gradients[parent] + gradient if parent in gradients else gradient
    del gradients[graph.cost]
    return {name: gradients[name] for name in graph.quantities if name in gradients}


def _sources(graph: Graph, name: str, shortcut: LogitShortcut | None) -> tuple[str, ...]:
    """What a quantity is calculated from: its parents, or past the output the logits."""
    if shortcut and name == graph.cost:
        return (shortcut.logits, shortcut.target)
    return graph.quantities[name].parents


def _to_parents(
    graph: Graph, name: str, gradient: Array, values: Arrays, arithmetic: Arithmetic, needed: Collection[str]
) -> list[tuple[str, Array]]:
    quantity, xp, shortcut = graph.quantities[name], arithmetic.xp, arithmetic.shortcut(graph)
    if quantity.op is None or (shortcut and name == shortcut.output):
        return []
    inputs = [values[source] for source in _sources(graph, name, shortcut)]
    if shortcut and name == graph.cost:
        activation, loss = shortcut.activation, shortcut.loss
        found = [(shortcut.logits, loss.backward_from_logits(xp, gradient, activation, *inputs))]
        if shortcut.output in needed:
            found.append((shortcut.output, loss.backward_to_output(xp, gradient, activation, *inputs)))
        return found
    step: Callable[..., tuple[Array | None, ...]]
    step = quantity.op.backward if arithmetic.rounding is None else quantity.op.backward_as_printed
    all_parents = zip(quantity.parents, step(xp, gradient, values[name], *inputs), strict=True)
    asked = [(parent, array) for parent, array in all_parents if array is not None and parent in needed]
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
    for name in reversed(list(graph.quantities)):
        if name in reached:
            reached.update(_sources(graph, name, shortcut))
    return frozenset(reached)


def _leading_to(graph: Graph, wanted: set[str], shortcut: LogitShortcut | None) -> frozenset[str]:
    """The quantities whose gradients are ``wanted``, or stand between those and the cost."""
    reached = set(wanted)
    for name in graph.quantities:
        passed_by = shortcut is not None and name == shortcut.output
        if not passed_by and any(source in reached for source in _sources(graph, name, shortcut)):
            reached.add(name)
    return frozenset(reached & graph.differentiable)


def _room(graph: Graph, name: str, block: Array, problems: int, xp: Namespace) -> Array:
    """Room for all problems' results, the problems lying next to one another in memory."""
    quantity = graph[name]
    samples = block.shape[-1 - len(quantity.shape) :][:1] if quantity.per_sample else ()
    return xp.moveaxis(xp.empty((*samples, *quantity.shape, problems), dtype=block.dtype), -1, 0)


def _leading(graph: Graph, name: str, array: Array) -> bool:
    quantity = graph.quantities[name]
    return bool(array.ndim > len(quantity.shape) + quantity.per_sample)
