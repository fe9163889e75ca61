"""Mistakes with images: kernels turned round, windows in the wrong place, the largest of a window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from stepcalc.items import Item
from stepcalc.marking.misconceptions.base import (
    Change,
    Misconception,
    added,
    core_of,
    register,
    replaced,
    returned,
    update_of,
)
from stepcalc.marking.steps import Edge, OwnStep, Steps
from stepcalc.ops.conv2d import INPUT, KERNEL, Conv2D
from stepcalc.ops.maxpool2d import MaxPool2D


def turned(item: Item, steps: Steps) -> Item | None:
    """The element of a kernel turned by half a turn; None for anything else."""
    quantity = steps.graph[item.name]
    if quantity.role != "parameter" or len(quantity.shape) != 4 or len(item.index) != 4:
        return None
    height, width = quantity.shape[2:]
    filter_, channel, row, column = item.index
    return replace(item, index=(filter_, channel, height + 1 - row, width + 1 - column))


@register
class KernelTurned(Misconception):
    """A convolution for the cross-correlation: the kernel turned round."""

    name = "kernel_turned"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        own = turned(step.parsed, steps) if step.phase == "backward" else None
        there = None if own is None or own == step.parsed else steps.step(str(own))
        if there is not None and there.formula is not None:
            yield Change(there.formula)
        elif step.formula is not None and step.phase != "update" and own is None:
            changed = replaced(step.formula, steps, lambda item: str(found) if (found := turned(item, steps)) else None)
            if changed != step.formula:
                yield Change(changed)


@register
class WindowMisplaced(Misconception):
    """The stride, or the padding, left out: the window looks elsewhere."""

    name = "window_misplaced"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        core = core_of(step.quantity.name, steps)
        if step.phase != "forward" or not isinstance(core, Conv2D):
            return
        operands = steps.graph.operands(step.quantity.name)
        shapes = operands[INPUT].shape, operands[KERNEL].shape
        for other in {replace(core, stride=1), replace(core, padding=0)} - {core}:
            if all(i <= n for i, n in zip(step.parsed.index, other.shape(*shapes), strict=True)):
                elsewhere = other.define(step.parsed.index, operands, step.parsed.sample)
                yield Change(steps.dated(elsewhere, update_of(step)))


def pooled(step: OwnStep, steps: Steps) -> bool:
    """Whether all edges of a step lead through a max pooling."""
    edges = step.edges
    return bool(edges) and all(isinstance(core_of(edge.child, steps), MaxPool2D) and edge.upstream for edge in edges)


@register
class GradientSpread(Misconception):
    """The gradient of a window handed to all that it sees, whole or in equal shares."""

    name = "gradient_spread"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if pooled(step, steps):
            yield Change(added(map(returned, step.edges)))
            yield Change(added(returned(edge) / self._seen(edge, steps) for edge in step.edges))

    def _seen(self, edge: Edge, steps: Steps) -> int:
        core = core_of(edge.child, steps)
        assert isinstance(core, MaxPool2D)
        quantity, index, _ = steps.graph.locate(edge.child)
        return len(core.rivals(index, steps.graph.parent_shapes(quantity.name)[0]))


@register
class GradientMisrouted(Misconception):
    """The gradient of a window handed to another element than the largest."""

    name = "gradient_misrouted"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if pooled(step, steps):
            yield Change(added(returned(edge) * (1 - edge.slope) for edge in step.edges))


@register
class PoolingAveraged(Misconception):
    """The mean of a window for its largest number."""

    name = "pooling_averaged"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        core = core_of(step.quantity.name, steps)
        if step.phase == "forward" and isinstance(core, MaxPool2D):
            (x,) = steps.graph.operands(step.quantity.name)
            seen = [x(*at, sample=step.parsed.sample) for at in core.rivals(step.parsed.index, x.shape)]
            yield Change(steps.dated(sp.Add(*seen) / len(seen), update_of(step)))
