"""Every number: forward, backward and update over a graph, for one problem or for many at once.

``Arrays`` maps a quantity's name to its array. A per-sample quantity has its sample axis even when there is one
sample; any axes to the left of that are problems, the same for all quantities or broadcastable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from stepcalc.backend import Array, Namespace, quiet
from stepcalc.graph import Graph, LogitShortcut
from stepcalc.rounding import Rounding

Arrays = dict[str, Array]

BLOCK = 8192
"""Problems calculated together when there are many: their intermediate arrays stay in the processor's cache."""


@dataclass(frozen=True)
class Arithmetic:
    """With what the graph is calculated: the array library and, under ``carry``, the rounding of every item."""

    xp: Namespace
    rounding: Rounding | None = None

    def carried(self, array: Array) -> Array:
        """The numbers that later items are computed from."""
        return array if self.rounding is None else self.rounding.round_array(array, self.xp)

    def shortcut(self, graph: Graph) -> LogitShortcut | None:
        """The stable road past the output; not taken where the printed numbers are to be carried."""
        return graph.shortcut if self.rounding is None else None


def forward(graph: Graph, feeds: Mapping[str, Array], arithmetic: Arithmetic) -> Arrays:
    """All quantities from ``feeds``, the arrays of inputs, targets and parameters.

    Quantities whose parents have no number are left out.
    """
    xp, shortcut = arithmetic.xp, arithmetic.shortcut(graph)
    values: Arrays = {}
    with quiet():
        for name, quantity in graph.quantities.items():
            if quantity.op is None:
                if name in feeds:
                    values[name] = feeds[name]
            elif all(parent in values for parent in quantity.parents):
                if shortcut and name == graph.cost:
                    z, y = values[shortcut.logits], values[shortcut.target]
                    computed = shortcut.loss.forward_from_logits(xp, shortcut.activation, z, y)
                else:
                    computed = quantity.op.forward(xp, *(values[parent] for parent in quantity.parents))
                values[name] = arithmetic.carried(computed)
    return values


def backward(graph: Graph, values: Arrays, arithmetic: Arithmetic) -> Arrays:
    """The gradient of the cost by every quantity it depends on, from the values of :func:`forward`.

    Empty when the cost has no number.
    """
    if graph.cost not in values:
        return {}
    xp, shortcut = arithmetic.xp, arithmetic.shortcut(graph)
    gradients: Arrays = {graph.cost: xp.ones_like(values[graph.cost])}
    with quiet():
        for name in reversed(list(graph.quantities)):
            if name not in gradients:
                continue
            if name != graph.cost:
                gradients[name] = arithmetic.carried(gradients[name])
            for parent, gradient in _to_parents(graph, name, gradients[name], values, arithmetic, shortcut):
                gradients[parent] = gradients[parent] + gradient if parent in gradients else gradient
    del gradients[graph.cost]
    return {name: gradients[name] for name in graph.quantities if name in gradients}


def _to_parents(
    graph: Graph,
    name: str,
    gradient: Array,
    values: Arrays,
    arithmetic: Arithmetic,
    shortcut: LogitShortcut | None,
) -> list[tuple[str, Array]]:
    quantity, xp = graph.quantities[name], arithmetic.xp
    if quantity.op is None or (shortcut and name == shortcut.output):
        return []
    if shortcut and name == graph.cost:
        z, y = values[shortcut.logits], values[shortcut.target]
        return [
            (shortcut.output, shortcut.loss.backward_to_output(xp, gradient, shortcut.activation, z, y)),
            (shortcut.logits, shortcut.loss.backward_from_logits(xp, gradient, shortcut.activation, z, y)),
        ]
    inputs = [values[parent] for parent in quantity.parents]
    step: Callable[..., tuple[Array | None, ...]]
    step = quantity.op.backward if arithmetic.rounding is None else quantity.op.backward_as_printed
    found = zip(quantity.parents, step(xp, gradient, values[name], *inputs), strict=True)
    return [(parent, array) for parent, array in found if array is not None and parent in graph.differentiable]


def many(
    graph: Graph, feeds: Mapping[str, Array], xp: Namespace, wanted: Sequence[str], block: int = BLOCK
) -> Arrays:
    """``wanted`` (names of quantities, and ``dL/d…`` of quantities) for many problems of one structure.

    ``feeds`` hold one leading axis of problems each, or none where all problems share the array. The work is done
    block by block; results have that leading axis.
    """
    arithmetic = Arithmetic(xp)
    problems = max(array.shape[0] for name, array in feeds.items() if _leading(graph, name, array))
    shared = {name: array for name, array in feeds.items() if not _leading(graph, name, array)}
    varying = {name: array for name, array in feeds.items() if name not in shared}
    prefix = f"d{graph.cost}/d"
    derivatives = any(name.startswith(prefix) for name in wanted)
    results: Arrays = {}
    for start in range(0, problems, block):
        stop = min(start + block, problems)
        values = forward(graph, shared | {name: array[start:stop] for name, array in varying.items()}, arithmetic)
        gradients = backward(graph, values, arithmetic) if derivatives else {}
        for name in wanted:
            found = gradients[name.removeprefix(prefix)] if name.startswith(prefix) else values[name]
            if name not in results:
                results[name] = _empty_like(xp, found, problems)
            results[name][start:stop] = found
    return results


def _empty_like(xp: Namespace, block: Array, problems: int) -> Array:
    """Room for all problems' results, the problems lying next to one another in memory."""
    own = block.shape[1:]
    return xp.moveaxis(xp.empty((*own, problems), dtype=block.dtype), -1, 0)


def _leading(graph: Graph, name: str, array: Array) -> bool:
    quantity = graph.quantities[name]
    return bool(array.ndim > len(quantity.shape) + quantity.per_sample)
