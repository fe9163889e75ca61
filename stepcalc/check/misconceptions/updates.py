"""Mistakes in an update."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc.calculus.symbols import symbol
from stepcalc.check.misconceptions.base import Change, Misconception, register
from stepcalc.check.steps import OwnStep, Steps
from stepcalc.items import NEW


def weight_of(step: OwnStep, steps: Steps) -> str | None:
    """The parameter before the update, where the step finds its new value."""
    if step.part is None or step.part.name != NEW or step.formula is None:
        return None
    return steps.date(str(step.parsed.plain), step.parsed.update or 1)


@register
class UpdateSign(Misconception):
    """w + αg."""

    name = "update_sign"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        weight = weight_of(step, steps)
        if weight is not None and step.formula is not None:
            yield Change(2 * symbol(weight) - step.formula)


@register
class OtherStart(Misconception):
    """The step taken from another parameter's value."""

    name = "other_start"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        weight = weight_of(step, steps)
        if weight is None or step.formula is None:
            return
        update = step.parsed.update or 1
        own = step.quantity.name
        for name in (own, *(other for other in steps.graph.parameters if other != own)):
            for item in steps.graph.items(name):
                other = steps.date(item, update)
                if other != weight:
                    yield Change(step.formula - symbol(weight) + symbol(other), {"weight": other})
