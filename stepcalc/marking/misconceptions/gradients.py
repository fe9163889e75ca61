"""Mistakes on the way back: what is multiplied along an edge, and which edges count."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from stepcalc.calculus.symbols import symbol
from stepcalc.marking.misconceptions.base import Change, Misconception, added, core_of, register, returned, update_of
from stepcalc.marking.steps import Edge, OwnStep, Steps
from stepcalc.ops.activation import Activation, Z
from stepcalc.ops.activations import Linear
from stepcalc.ops.lstm import ShownState
from stepcalc.ops.softmax import Softmax

MOST_PATHS = 16
"""Of a sum of more paths than this no single one is looked for."""


def through_activation(step: OwnStep, steps: Steps) -> tuple[Edge, ...]:
    """The edges of a step, if they lead through an activation, the softmax included."""
    cores = [core_of(edge.child, steps) for edge in step.edges]
    curved = all(isinstance(core, Activation | Softmax) and not isinstance(core, Linear) for core in cores)
    return step.edges if curved and all(edge.upstream for edge in step.edges) else ()


def straight(step: OwnStep, steps: Steps) -> Edge | None:
    """Of the edges through an activation the one to the unit's own output."""
    own = (edge for edge in through_activation(step, steps) if steps.graph.locate(edge.child)[1] == step.parsed.index)
    index_free = step.parsed.index or None
    return next(own, None) if index_free else next(iter(through_activation(step, steps)), None)


@register
class DerivativeForgotten(Misconception):
    """∂L/∂z = ∂L/∂a, without f′(z)."""

    name = "derivative_forgotten"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        own = straight(step, steps)
        if own is not None:
            yield Change(returned(own))
        elif any(isinstance(core_of(edge.child, steps), ShownState) and _squashed(edge) for edge in step.edges):
            yield Change(added(self._share(edge, step, steps) for edge in step.edges))

    def _share(self, edge: Edge, step: OwnStep, steps: Steps) -> sp.Expr:
        """o ∂L/∂h, without tanh′(c), of what the cell shows."""
        if not isinstance(core_of(edge.child, steps), ShownState):
            return edge.share
        shown = steps.derivation.define(edge.child) / sp.tanh(symbol(edge.local.parent))
        return returned(edge) * steps.dated(shown, update_of(step))


def _squashed(edge: Edge) -> bool:
    return bool(edge.slope.has(sp.tanh)) and bool(edge.slope.has(sp.Add))


@register
class DerivativeTwice(Misconception):
    """(ŷ − y)·f′(z), where ŷ − y holds f′ already; or f′(z) multiplied twice."""

    name = "derivative_twice"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        own = straight(step, steps)
        if own is None:
            return
        for short in step.others:
            yield Change(short * own.slope)
        if len(step.edges) == 1:
            yield Change(own.share * own.slope)


@register
class SlopeAtOutput(Misconception):
    """f′(a) instead of f′(z)."""

    name = "slope_at_output"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        own = straight(step, steps)
        core = None if own is None else core_of(own.child, steps)
        if own is not None and isinstance(core, Activation) and not core.derivative.has(sp.Piecewise):
            output = symbol(steps.date(own.child, update_of(step)))
            yield Change(returned(own) * core.derivative.xreplace({Z: output}))


@register
class WrongSide(Misconception):
    """A slope with two sides taken from the wrong one: ReLU′ is 1 below 0."""

    name = "wrong_side"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        own = straight(step, steps)
        if own is not None and isinstance(own.slope, sp.Piecewise) and len(own.slope.args) == 2:
            (first, where), (second, _) = own.slope.args
            yield Change(returned(own) * sp.Piecewise((second, where), (first, True)))


@register
class SoftmaxDiagonal(Misconception):
    """∂L/∂z_i = ∂L/∂ŷ_i ŷ_i(1 − ŷ_i), as if each output of a softmax depended on its own z only."""

    name = "softmax_diagonal"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        own = straight(step, steps)
        if own is not None and len(step.edges) > 1 and isinstance(core_of(own.child, steps), Softmax):
            yield Change(own.share)


@register
class PathForgotten(Misconception):
    """One of several paths left out."""

    name = "path_forgotten"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        for left_out in step.edges if 1 < len(step.edges) <= MOST_PATHS else ():
            yield Change(added(edge.share for edge in step.edges if edge is not left_out), {"path": left_out.child})


@register
class OnePathOnly(Misconception):
    """Only one of three or more paths counted."""

    name = "one_path_only"
    far_fetched = True

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        for kept in step.edges if 2 < len(step.edges) <= MOST_PATHS else ():
            yield Change(kept.share, {"path": kept.child})


@register
class LocalForgotten(Misconception):
    """The derivative of one step left out, as that of what is inside: ∂z/∂x = ∂z/∂y."""

    name = "local_forgotten"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if step.edges and all(edge.upstream for edge in step.edges) and not through_activation(step, steps):
            yield Change(added(map(returned, step.edges)))


@register
class UpstreamForgotten(Misconception):
    """What comes back from the steps after left out: ∂z/∂x = ∂y/∂x."""

    name = "upstream_forgotten"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if any(edge.upstream for edge in step.edges):
            yield Change(added(edge.slope for edge in step.edges))
