"""Mistakes in the loss and in its derivative: factors, signs, logarithms."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import sympy as sp

from stepcalc.items import derivative_id
from stepcalc.marking.misconceptions.base import Change, Misconception, register, update_of
from stepcalc.marking.misconceptions.gradients import straight
from stepcalc.marking.steps import OwnStep, Steps
from stepcalc.ops.base import Place
from stepcalc.ops.losses import OUTPUT, TARGET, BinaryCrossEntropy, Loss, MeanSquaredError

MOST_OUTPUTS = 12
"""Of more outputs than this no single one is looked for."""


def loss_in(step: OwnStep, steps: Steps) -> Loss | None:
    """The loss, where a step calculates it, or its derivative by an output or by the weighted sum before."""
    op = steps.graph[steps.graph.cost].op
    if not isinstance(op, Loss):
        return None
    return op if (step.phase == "forward" and step.quantity.op is op) or error_of(step, steps) else None


def error_of(step: OwnStep, steps: Steps) -> str | None:
    """The output ŷ_k of the unit whose derivative a step calculates, by ŷ_k itself or by what it is calculated from."""
    cost = steps.graph.cost
    if any(edge.child == cost for edge in step.edges):
        return str(step.parsed.plain)
    own = straight(step, steps)
    return own.child if own is not None and own.upstream == _by_cost(own.child, step, steps) else None


def _by_cost(child: str, step: OwnStep, steps: Steps) -> str | None:
    """∂cost/∂child, if child is an output."""
    graph = steps.graph
    if steps.graph[graph.read(child).name].name != graph[graph.cost].parents[OUTPUT]:
        return None
    return steps.date(derivative_id(graph.cost, child), update_of(step))


@register
class ErrorSign(Misconception):
    """y − ŷ for ŷ − y: the sign of the loss's derivative."""

    name = "error_sign"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if error_of(step, steps) and loss_in(step, steps) and step.formula is not None:
            yield Change(-step.formula)


@register
class ScaleForgotten(Misconception):
    """The factor in front of the loss, as ½, left out."""

    name = "scale_forgotten"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        loss = loss_in(step, steps)
        if loss is not None and loss.exact_scale != 1 and step.formula is not None:
            yield Change(step.formula / loss.exact_scale)


@register
class ScaleTwice(Misconception):
    """The factor in front of the loss, as ½, multiplied twice."""

    name = "scale_twice"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        loss = loss_in(step, steps)
        if loss is not None and loss.exact_scale != 1 and step.formula is not None:
            yield Change(step.formula * loss.exact_scale)


@register
class HalfAdded(Misconception):
    """½(ŷ − y)² where the loss has no ½, and ŷ − y for its derivative 2(ŷ − y)."""

    name = "half_added"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        loss = loss_in(step, steps)
        if isinstance(loss, MeanSquaredError) and loss.exact_scale == 1 and step.formula is not None:
            yield Change(step.formula / 2)


@register
class OutputsAveraged(Misconception):
    """The mean over the outputs for their sum."""

    name = "outputs_averaged"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        outputs = prod(steps.graph.operand(steps.graph[steps.graph.cost].parents[OUTPUT]).shape)
        if loss_in(step, steps) is not None and outputs > 1 and step.formula is not None:
            yield Change(step.formula / outputs)


@register
class OneOutputOnly(Misconception):
    """The loss of a single output for the sum over all."""

    name = "one_output_only"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        loss, graph = loss_in(step, steps), steps.graph
        if loss is None or step.phase != "forward":
            return
        operands = graph.operands(graph.cost)
        indices = list(operands[OUTPUT].indices())
        samples = graph.sample_numbers(operands[OUTPUT].name)
        for k in indices if 1 < len(indices) <= MOST_OUTPUTS else ():
            alone = sp.Add(*(loss.part((), operands, None, Place(OUTPUT, k, n)) for n in samples))
            yield Change(steps.dated(alone, update_of(step)), {"output": operands[OUTPUT](*k, sample=samples[0]).name})


@register
class OtherLogarithm(Misconception):
    """ln ŷ where ln(1 − ŷ) counts, and the other way round: y and 1 − y exchanged in binary cross-entropy."""

    name = "target_exchanged"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        graph = steps.graph
        if not isinstance(loss_in(step, steps), BinaryCrossEntropy):
            return
        forward = step.phase == "forward"
        shares = [steps.derivation.define(graph.cost)] if forward else [edge.local.cases for edge in step.edges]
        target = graph[graph.cost].parents[TARGET]
        for formula in shares:
            exchanged = {s: 1 - s for s in formula.free_symbols if graph.read(s.name).name == target}
            if exchanged:
                yield Change(steps.dated(formula.xreplace(exchanged), update_of(step)))


@register
class ShortFormMisused(Misconception):
    """∂L/∂z = ŷ − y for a loss and an output for which it does not hold."""

    name = "short_form_misused"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        loss, output = loss_in(step, steps), error_of(step, steps)
        if loss is None or output is None or straight(step, steps) is None:
            return
        graph = steps.graph
        _, index, sample = graph.locate(output)
        y_hat, y = (operand(*index, sample=sample) for operand in graph.operands(graph.cost))
        yield Change(steps.dated((y_hat - y) / (graph.samples or 1), update_of(step)))


@register
class OtherBase(Misconception):
    """log₁₀ for ln."""

    name = "log10_for_ln"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if step.phase == "forward" and step.formula is not None and step.formula.has(sp.log):
            logs = {log: log / sp.log(10) for log in step.formula.atoms(sp.log)}
            yield Change(step.formula.xreplace(logs))
