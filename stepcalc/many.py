"""The numbers of many problems of one structure at once, block by block."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from functools import partial

import numpy as np

from stepcalc.backend import Array, Namespace, quiet
from stepcalc.evaluate import Arithmetic, Arrays, backward, forward, sources
from stepcalc.graph import Graph, LogitShortcut
from stepcalc.repetition import Calculation, Repetition

BLOCK = 11_000
"""Problems calculated together when there are many: their intermediate arrays stay in the processor's cache.

No power of two, so that the columns of an array do not compete for the same places there.
"""


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
    calculation = calculation_of(graph, shared, tuple(dict.fromkeys(asked.values())))
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


def calculation_of(graph: Graph, shared: Mapping[str, Array], wanted: Collection[str]) -> Calculation:
    """``wanted``, named as for :func:`many`, from the arrays that vary, the others being ``shared``."""
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
            reached.update(stage, *(sources(graph, name, shortcut) for name in stage))
    return frozenset(reached)


def _leading_to(graph: Graph, wanted: set[str], shortcut: LogitShortcut | None) -> frozenset[str]:
    """The quantities whose gradients are ``wanted``, or stand between those and the cost."""
    reached = set(wanted)
    for stage in graph.stages:
        passed_by = shortcut is not None and shortcut.output in stage
        seen = {source for name in stage for source in sources(graph, name, shortcut)}
        if not passed_by and not reached.isdisjoint(seen):
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
