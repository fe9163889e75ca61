"""Mistakes with sequences: a parameter that is used at every time step, and a state that comes from the step before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from stepcalc.calculus.symbols import symbol
from stepcalc.items import Item, item_id
from stepcalc.marking.misconceptions.base import Change, Misconception, added, register, replaced
from stepcalc.marking.steps import Edge, OwnStep, Steps
from stepcalc.ops.each_step import BEFORE, EachStep

MOST_TIMES = 16
"""Of more time steps than this only the last ones are looked for."""


def time_of(edge: Edge, steps: Steps) -> int | None:
    """The time step that an edge leads to."""
    quantity, index, _ = steps.graph.locate(edge.child)
    return index[0] if isinstance(quantity.op, EachStep) else None


def states_before(name: str, steps: Steps) -> frozenset[str]:
    """The quantities of which the one of that name looks at the time step before."""
    quantity = steps.graph[name]
    if not isinstance(quantity.op, EachStep):
        return frozenset()
    pairs = zip(quantity.parents, quantity.op.looks, strict=True)
    return frozenset(parent for parent, look in pairs if look == BEFORE)


@register
class TimeStepsDropped(Misconception):
    """Only the last time steps counted in the gradient of what is used at all of them."""

    name = "time_steps_dropped"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if step.quantity.role != "parameter" or step.phase != "backward":
            return
        times = {edge: time for edge in step.edges if (time := time_of(edge, steps)) is not None}
        for first in sorted(set(times.values()), reverse=True)[:MOST_TIMES]:
            kept = [edge for edge in step.edges if times.get(edge, first) >= first]
            if len(kept) < len(step.edges):
                yield Change(added(edge.share for edge in kept), {"first": self._first(kept, times, first)})

    def _first(self, kept: list[Edge], times: dict[Edge, int], first: int) -> str:
        return next(edge.child for edge in kept if times.get(edge) == first)


@register
class MemoryForgotten(Misconception):
    """The state of the time step before left out."""

    name = "memory_forgotten"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if step.phase != "forward" or step.formula is None:
            return
        before = states_before(step.quantity.name, steps)
        states = [s for s in step.formula.free_symbols if _is_earlier(steps.graph.read(s.name), step.parsed, before)]
        if states:
            yield Change(step.formula.xreplace(dict.fromkeys(states, sp.S.Zero)))


def _is_earlier(item: Item, than: Item, among: frozenset[str]) -> bool:
    return item.name in among and not item.of and item.index[0] < than.index[0]


@register
class StateOfThisStep(Misconception):
    """h_t for h_{t−1} in the gradient of the weights that the state is multiplied by."""

    name = "state_of_this_step"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if step.phase != "backward" or step.quantity.role != "parameter":
            return
        shares = [self._share(edge, steps) for edge in step.edges]
        if any(share != edge.share for share, edge in zip(shares, step.edges, strict=True)):
            yield Change(added(shares))
            first = [self._share_of_the_first(edge, steps) for edge in step.edges if time_of(edge, steps) == 2]
            yield Change(added([*first, *shares]))

    def _share_of_the_first(self, edge: Edge, steps: Steps) -> sp.Expr:
        """What the first step adds, which had no state to start from: by the edge of the second, which looks at it."""
        assert edge.upstream is not None
        second = steps.graph.read(edge.upstream)
        return symbol(str(replace(second, index=(1, *second.index[1:])))) * edge.slope

    def _share(self, edge: Edge, steps: Steps) -> sp.Expr:
        time, before = time_of(edge, steps), states_before(steps.graph.read(edge.child).name, steps)
        if time is None or edge.upstream is None:
            return edge.share

        def later(item: Item) -> str | None:
            if item.name not in before or item.of:
                return None
            plain = item_id(item.name, (time, *item.index[1:]), item.sample)
            return plain if item.update is None else steps.date(plain, item.update)

        return symbol(edge.upstream) * replaced(edge.slope, steps, later)
