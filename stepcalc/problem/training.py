"""Training: how often the samples are gone through, how many make one update, and in which order they come."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING, Annotated, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from stepcalc.problem.faults import Found, number_text, refuse
from stepcalc.problem.initial import Seed
from stepcalc.problem.section import Section
from stepcalc.problem.sections import MAX_NEWTON_UPDATES

if TYPE_CHECKING:
    from stepcalc.problem.base import Problem

MAX_TRAINING = 100_000
"""The most updates of a training, those with all its learning rates counted together."""
MAX_COSTS = 1_000_000_000
"""The most samples whose cost is calculated in a training: after every update, that of all."""
MAX_RATES = 6

Batch = NDArray[np.intp]
"""The samples of one update, counted from 0."""

# Their number is looked at once they are numbers: pydantic would call a list short whose entries are none.
Rates: TypeAlias = Annotated[
    tuple[Annotated[float, Field(gt=0)], ...],
    Field(strict=False, json_schema_extra={"minItems": 1, "maxItems": MAX_RATES}),
]


class Training(Section):
    """Random start → step → new loss → repeat, over epochs and mini-batches; [optimizer] makes the steps."""

    epochs: Annotated[int, Field(ge=1, le=MAX_TRAINING)]
    """How often all samples are gone through; for expressions, how many steps are made."""
    batch_size: Annotated[int, Field(ge=1)] | None = None
    """Samples of one update; the last ones of an epoch may be fewer. Left out, every update takes all samples."""
    seed: Seed | None = None
    """What the order of the samples is drawn with, anew for each epoch. Needed where updates do not take them all."""
    learning_rates: Rates | None = None
    """Learning rates to compare, each from the same start and with the same mini-batches."""

    @model_validator(mode="after")
    def _rates_to_compare(self) -> Self:
        rates, path = self.learning_rates, ("learning_rates",)
        if rates is None:
            return self
        if not rates:
            refuse([(path, "an empty list; leave it out, or give learning rates to compare")])
        if len(rates) > MAX_RATES:
            refuse([(path, f"{len(rates):,} entries, at most {MAX_RATES} are possible")])
        twice = [place for place, rate in enumerate(rates) if rate in rates[:place]]
        if twice:
            refuse([((*path, place), f"{number_text(rates[place])} stands here twice") for place in twice])
        return self

    def size(self, samples: int) -> int:
        """How many of so many samples make one update."""
        return self.batch_size or samples

    def updates_per_epoch(self, samples: int) -> int:
        """How many updates go once through so many samples."""
        return ceil(samples / self.size(samples))

    def updates(self, samples: int) -> int:
        """How many updates are made."""
        return self.epochs * self.updates_per_epoch(samples)

    def shuffles(self, samples: int) -> bool:
        """Whether updates take only some of the samples, in an order that is drawn."""
        return self.size(samples) < samples

    def batches(self, samples: int) -> Iterator[Batch]:
        """The samples of every update, in the order of the updates.

        Each epoch goes through ``default_rng(seed).permutation(samples)``, the generator going on from epoch to epoch,
        so many samples at a time; where an update takes all of them, they stay in the order of the data.
        """
        generator = np.random.default_rng(self.seed)
        for _ in range(self.epochs):
            order = generator.permutation(samples) if self.shuffles(samples) else np.arange(samples)
            for start in range(0, samples, self.size(samples)):
                yield order[start : start + self.size(samples)]

    def misfits(self, samples: int, rate: float, most: int) -> list[Found]:
        """What is wrong with going through so many samples, with these rates and the optimizer's own ``rate``, if it
        makes at ``most`` so many updates."""
        if self.size(samples) > samples:
            there = "there is 1 sample" if samples == 1 else f"there are {samples:,} samples"
            return [(("batch_size",), f"{number_text(self.batch_size)}, but {there}")]
        if self.shuffles(samples) and self.seed is None:
            return [(("seed",), "missing; the mini-batches are drawn with it")]
        runs = len({rate, *(self.learning_rates or ())})
        updates = runs * self.updates(samples)
        if updates > most:
            each = f" of {self.updates_per_epoch(samples):,} updates" if self.shuffles(samples) else ""
            rates = f" with {runs} learning rates" if runs > 1 else ""
            asked = f"{self.epochs:,} epochs{each}{rates} are {updates:,} updates"
            return [(("epochs",), f"{asked}; at most {most:,} are possible")]
        if updates * samples > MAX_COSTS:
            message = f"{updates:,} updates, each with the cost of all {samples:,} samples after it"
            return [(("epochs",), f"{message}; at most {MAX_COSTS:,} samples can be looked at")]
        return []


def unusable(problem: Problem, samples: int) -> list[Found]:
    """What keeps a problem of so many samples from being trained as it asks."""
    training, optimizer = problem.training, problem.optimizer
    if training is None:
        return []
    if optimizer is None:
        return [(("training",), "needs [optimizer], which makes the steps")]
    found: list[Found] = []
    if optimizer.steps > 1:
        found.append(
            (
                ("optimizer", "steps"),
                f"{optimizer.steps:,}, but the epochs of [training] say how many updates are made; leave it out",
            )
        )
    if optimizer.learning_rate is None:
        return [*found, (("optimizer", "learning_rate"), "missing; [training] needs a number")]
    most = MAX_NEWTON_UPDATES if optimizer.second_derivatives else MAX_TRAINING
    misfits = training.misfits(samples, optimizer.learning_rate, most)
    return [*found, *((("training", *path), message) for path, message in misfits)]
