"""Mistakes with a mini-batch: its cost is the mean over the samples, and so its gradients carry 1/N."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from stepcalc.marking.misconceptions.base import Change, Misconception, added, register, update_of
from stepcalc.marking.misconceptions.losses import loss_in
from stepcalc.marking.steps import OwnStep, Steps
from stepcalc.ops.base import Place
from stepcalc.ops.losses import OUTPUT, Loss


def samples_in(step: OwnStep, steps: Steps) -> int:
    """How many samples a step's result is the mean of; 0 where it is none."""
    over_samples = loss_in(step, steps) is not None or sums_samples(step)
    return (steps.graph.samples or 0) if over_samples else 0


def sums_samples(step: OwnStep) -> bool:
    """Whether a step adds up the samples' shares of a parameter's gradient."""
    return step.phase == "backward" and step.quantity.role == "parameter"


@register
class BatchSummed(Misconception):
    """The sum over the samples for their mean: no 1/N."""

    name = "batch_summed"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        samples = samples_in(step, steps)
        if samples > 1 and step.formula is not None:
            yield Change(step.formula * samples)


@register
class MeanTwice(Misconception):
    """Divided by N once more."""

    name = "mean_twice"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        samples = samples_in(step, steps)
        if samples > 1 and step.formula is not None:
            yield Change(step.formula / samples)


@register
class LastSampleOnly(Misconception):
    """Only the last sample counted, with its 1/N or without."""

    name = "last_sample_only"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        samples = steps.graph.samples or 0
        share = self._share(step, steps, samples) if samples > 1 else None
        if share is not None:
            yield Change(share * samples)
            yield Change(share)

    def _share(self, step: OwnStep, steps: Steps, last: int) -> sp.Expr | None:
        graph = steps.graph
        if sums_samples(step):
            return added(edge.share for edge in step.edges if graph.locate(edge.child)[2] == last)
        loss = graph[graph.cost].op
        if not isinstance(loss, Loss) or step.quantity.op is not loss or step.phase != "forward":
            return None
        operands = graph.operands(graph.cost)
        places = (Place(OUTPUT, k, last) for k in operands[OUTPUT].indices())
        alone = sp.Add(*(loss.part((), operands, None, place) for place in places))
        return steps.dated(alone, update_of(step))
