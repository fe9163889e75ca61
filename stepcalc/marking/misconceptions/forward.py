"""Mistakes on the way forward: what goes into a weighted sum, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from stepcalc.calculus.symbols import symbol
from stepcalc.items import Item, item_id
from stepcalc.marking.misconceptions.base import Change, Misconception, core_of, register, replaced
from stepcalc.marking.steps import OwnStep, Steps
from stepcalc.ops.activation import Activation
from stepcalc.ops.activations import Linear
from stepcalc.ops.conv2d import Conv2D
from stepcalc.ops.dense import INPUT, Dense
from stepcalc.ops.recurrent import Recurrent
from stepcalc.ops.softmax import Softmax

MOST_TERMS = 16
"""Of a sum of more terms than this no single one is looked for."""


def weighted_sum(step: OwnStep, steps: Steps) -> tuple[sp.Expr, ...]:
    """The terms of a weighted sum; none where a step is no such sum."""
    sums = isinstance(core_of(step.quantity.name, steps), Dense | Recurrent | Conv2D)
    if step.phase != "forward" or not sums or step.formula is None or step.formula.is_Symbol:
        return ()
    return tuple(sp.Add.make_args(step.formula))


def weight_in(term: sp.Expr, steps: Steps) -> str:
    """The id of the weight, or bias, in one term of a weighted sum."""
    names: list[str] = sorted(s.name for s in term.free_symbols)
    return next(name for name in names if steps.graph[steps.graph.read(name).name].role == "parameter")


def before_activation(item: Item, steps: Steps) -> str | None:
    """The z of an activation a, in the same update; None for anything else."""
    core = core_of(item.name, steps)
    if item.of or item.part or not isinstance(core, Activation | Softmax) or isinstance(core, Linear):
        return None
    z = steps.graph[item.name].parents[0]
    plain = item_id(z, item.index or (1,) * len(steps.graph[z].shape), item.sample)
    return steps.date(plain, item.update or 1)


@register
class ActivationForgotten(Misconception):
    """a = z; or z where a goes on."""

    name = "activation_forgotten"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if step.formula is None:
            return
        own = before_activation(step.parsed, steps) if step.phase == "forward" else None
        if own is not None:
            yield Change(symbol(own))
            return
        changed = replaced(step.formula, steps, lambda item: before_activation(item, steps))
        if changed != step.formula:
            yield Change(changed)


@register
class InputForActivation(Misconception):
    """x where the layer's own input, the activation of the layer before, goes in."""

    name = "input_for_activation"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        fed = self._fed(step, steps)
        if fed is None or step.formula is None or "x" not in steps.graph.quantities:
            return
        shape = steps.graph["x"].shape
        seen = [s.name for s in step.formula.free_symbols if steps.graph.read(s.name).name == fed]
        places = [steps.graph.locate(str(steps.graph.read(name).plain))[1:] for name in seen]
        fits = all(len(at) == len(shape) and all(i <= n for i, n in zip(at, shape, strict=True)) for at, _ in places)
        if seen and fits:
            inputs = {symbol(name): symbol(item_id("x", *at)) for name, at in zip(seen, places, strict=True)}
            yield Change(step.formula.xreplace(inputs))

    def _fed(self, step: OwnStep, steps: Steps) -> str | None:
        """What the layer of a weighted sum, or of a weight's gradient, is fed, if that is not x itself."""
        graph = steps.graph
        sums = [graph.read(edge.child).name for edge in step.edges[:1]] if step.quantity.role == "parameter" else []
        for name in sums if step.phase == "backward" else [step.quantity.name]:
            if isinstance(core_of(name, steps), Dense):
                fed = graph[name].parents[INPUT]
                return fed if graph[fed].role == "computed" else None
        return None


@register
class BiasForgotten(Misconception):
    """The bias left out."""

    name = "bias_forgotten"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        for term in weighted_sum(step, steps):
            if term.is_Symbol and step.formula is not None and step.formula != term:
                yield Change(step.formula - term, {"bias": weight_in(term, steps)})


@register
class TermForgotten(Misconception):
    """One product of a weighted sum left out."""

    name = "term_forgotten"
    far_fetched = True

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        terms = weighted_sum(step, steps)
        for left_out in terms if 1 < len(terms) <= MOST_TERMS else ():
            if not left_out.is_Symbol:
                rest = sp.Add(*(term for term in terms if term is not left_out))
                yield Change(rest, {"weight": weight_in(left_out, steps)})


@register
class TermSign(Misconception):
    """A minus sign lost, or gained, in one term of a weighted sum."""

    name = "term_sign"
    far_fetched = True

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        terms = weighted_sum(step, steps)
        for turned in terms if 1 < len(terms) <= MOST_TERMS else ():
            changed = sp.Add(*(-term if term is turned else term for term in terms))
            yield Change(changed, {"weight": weight_in(turned, steps)})


@register
class SoftmaxUnscaled(Misconception):
    """eᶻ, not divided by the sum over all units."""

    name = "softmax_unscaled"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        z = before_activation(step.parsed, steps)
        if z is not None and step.phase == "forward" and isinstance(core_of(step.quantity.name, steps), Softmax):
            yield Change(sp.exp(symbol(z)))


@register
class SoftmaxAsSigmoid(Misconception):
    """σ(z), unit by unit, for the softmax of all."""

    name = "softmax_as_sigmoid"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        z = before_activation(step.parsed, steps)
        if z is not None and step.phase == "forward" and isinstance(core_of(step.quantity.name, steps), Softmax):
            yield Change(1 / (1 + sp.exp(-symbol(z))))
