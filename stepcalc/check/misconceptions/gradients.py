"""Mistakes on the way back."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from stepcalc.calculus.symbols import symbol
from stepcalc.check.misconceptions.base import Change, Misconception, register
from stepcalc.check.steps import Edge, OwnStep, Steps
from stepcalc.ops.activation import Activation


def is_through_activation(edge: Edge, steps: Steps) -> bool:
    """Whether an edge leads through an activation."""
    op = steps.graph.locate(edge.child)[0].op
    return op is not None and isinstance(op.core, Activation)


@register
class DerivativeForgotten(Misconception):
    """∂L/∂z = ∂L/∂a, without f′(z)."""

    name = "derivative_forgotten"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        through = [edge for edge in step.edges if is_through_activation(edge, steps)]
        if through and all(edge.upstream for edge in through):
            shares = [symbol(edge.upstream or "") if edge in through else edge.share for edge in step.edges]
            yield Change(sp.Add(*shares))


@register
class PathForgotten(Misconception):
    """One of several paths left out."""

    name = "path_forgotten"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        for left_out in step.edges if len(step.edges) > 1 else ():
            yield Change(sp.Add(*(edge.share for edge in step.edges if edge is not left_out)), {"path": left_out.child})
