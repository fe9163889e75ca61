"""Mistakes with the weights: which one, on which side, from before the update or after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stepcalc.items import NEW, Item
from stepcalc.marking.misconceptions.base import Change, Misconception, register, replaced, update_of
from stepcalc.marking.steps import OwnStep, Steps
from stepcalc.ops.each_step import EachStep


def is_matrix(item: Item, steps: Steps) -> bool:
    """Whether an item is an element of a parameter with rows and columns, or something of such an element."""
    quantity = steps.graph[item.name]
    return quantity.role == "parameter" and len(quantity.shape) == 2


def mirrored(item: Item, steps: Steps) -> Item | None:
    """The element with its indices swapped; None where there is none, or it is the same."""
    if not is_matrix(item, steps) or len(item.index) != 2:
        return None
    swapped = item.index[::-1]
    rows, columns = steps.graph[item.name].shape
    there = swapped[0] <= rows and swapped[1] <= columns and swapped != item.index
    return replace(item, index=swapped) if there else None


def at_each_step(name: str, steps: Steps) -> bool:
    """Whether a parameter is used at every step of a sequence."""
    return any(isinstance(steps.graph[child].op, EachStep) for child, _ in steps.graph.children[name])


@register
class WeightsTransposed(Misconception):
    """Wᵀ for W, or W for Wᵀ."""

    name = "weights_transposed"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if step.formula is None or step.phase == "update":
            return

        def other(item: Item) -> str | None:
            rows, columns = steps.graph[item.name].shape if is_matrix(item, steps) else (0, 1)
            return None if rows != columns or item.of else str(mirrored(item, steps) or item)

        changed = replaced(step.formula, steps, other)
        if changed != step.formula:
            yield Change(changed)


@register
class IndicesSwapped(Misconception):
    """∂L/∂w_ji for ∂L/∂w_ij, in itself or in the update of w_ij."""

    name = "indices_swapped"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        other = mirrored(step.parsed, steps)
        if other is None or step.formula is None:
            return
        if step.phase == "backward":
            there = steps.step(str(other))
            if there is not None and there.formula is not None:
                yield Change(there.formula, {"weight": str(other.plain)})
        elif step.phase == "update":

            def swapped(item: Item) -> str | None:
                return str(mirrored(item, steps) or item) if item.of else None

            yield Change(replaced(step.formula, steps, swapped), {"weight": str(other.plain)})


@register
class UpdatedWeight(Misconception):
    """The weight after the update used on the way back; not that of a recurrent layer, which is not found by then."""

    name = "updated_weight"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        optimizer = steps.trace.optimizer
        if step.phase != "backward" or step.formula is None or optimizer is None or optimizer.learning_rate is None:
            return

        def updated(item: Item) -> str | None:
            if item.of or steps.graph[item.name].role != "parameter" or at_each_step(item.name, steps):
                return None
            return steps.date(str(replace(item, update=None).updated(NEW)), update_of(step))

        changed = replaced(step.formula, steps, updated)
        news = sorted(s.name for s in changed.free_symbols - step.formula.free_symbols)
        if news and step.quantity.role != "parameter":
            yield Change(changed, {"weight": news[0]})
