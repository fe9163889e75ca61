"""What became of a run of updates, decided by its numbers and by those of the runs beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from stepcalc.items import SINGULAR
from stepcalc.training import TrainingRun

SLOW = 0.5
"""A run that goes a smaller part of the way that the best one goes is too slow."""
SETTLED, LAST = 0.01, 10
"""A run has settled if in its last updates, one of so many, the cost changes by at most this part of its whole way."""
ROSE = 0.1
"""A run that rises above its start on the way by more than this part of its whole way down, goes astray."""
NOISE = 1e-13
"""Two costs this close (relatively) differ by the rounding of doubles."""
WILD = 5.0
"""A cost so many times as far above the start as others are below it is not drawn."""
SHOWN_ABOVE, SHOWN_WILD = 2.0, 100.0
"""It is followed this many times as far; where there are no others, so many times as far as the first update leads."""

Kind = Literal["stopped", "no_step", "rose", "to_and_fro", "zigzag", "astray", "slow", "settled", "falling", "flat"]


@dataclass(frozen=True)
class Outcome:
    """What became of ``run``: ``kind``, and ``share``, the part that it went of the way that the best run goes."""

    run: TrainingRun
    kind: Kind
    share: float

    @property
    def updates(self) -> int:
        """The updates that were made."""
        return len(self.run.history) - 1


def outcomes(runs: Sequence[TrainingRun]) -> list[Outcome]:
    """What became of each of ``runs``, which have one start."""
    best = max([0.0, *(_fall(run) for run in runs if run.stopped is None)])
    return [Outcome(run, _kind(run, best), max(_fall(run), 0.0) / best if best else 0.0) for run in runs]


def best_of(found: Sequence[Outcome]) -> Outcome:
    """The one that brings the cost down farthest."""
    return max(found, key=lambda outcome: (outcome.run.stopped is None, _fall(outcome.run)))


def last_updates(run: TrainingRun) -> int:
    """How many of a run's updates are looked at to see whether it has settled."""
    return max(1, (len(run.history) - 1) // LAST)


def _fall(run: TrainingRun) -> float:
    """How far the cost came down; 0 where that is the noise of doubles."""
    start, end = run.history[0], run.history[-1]
    return 0.0 if abs(start - end) <= NOISE * max(abs(start), abs(end)) else start - end


def _kind(run: TrainingRun, best: float) -> Kind:
    fall, turns = _fall(run), run.turns or 0
    if run.stopped is not None:
        return "no_step" if run.stopped.endswith(SINGULAR) else "stopped"
    if fall < 0:
        return "rose"
    if fall == 0:
        return "to_and_fro" if turns else "slow" if best else "flat"
    if turns and 2 * turns >= len(run.history) - 2:
        return "zigzag"
    if max(run.history) > run.history[0] + ROSE * fall:
        return "astray"
    if fall < SLOW * best:
        return "slow"
    return "settled" if abs(run.history[-1 - last_updates(run)] - run.history[-1]) <= SETTLED * fall else "falling"


def window(runs: Sequence[TrainingRun]) -> tuple[float, float]:
    """Between which costs the runs are worth drawing: all of them, but for what leaps away."""
    start = runs[0].history[0]
    low = min(min(run.history) for run in runs if run.stopped is None) if _any_calm(runs) else start
    reach = start - low
    calm = [run for run in runs if run.stopped is None and max(run.history) <= start + WILD * reach]
    if calm:
        inside = [cost for run in calm for cost in run.history]
        reach = SHOWN_ABOVE * (start - min(inside))
    if not calm or not reach:
        inside = [start]
        reach = SHOWN_WILD * min(abs(run.history[min(1, len(run.history) - 1)] - start) for run in runs)
    every = [cost for run in runs for cost in run.history]
    low, high = max(min(every), start - reach), min(max(every), start + reach)
    return min([low, *inside]), max([high, *inside])


def last_seen(runs: Sequence[TrainingRun]) -> int:
    """The last update of any run after which its cost is still worth drawing."""
    low, high = window(runs)
    return max(at for run in runs for at, cost in enumerate(run.history) if low <= cost <= high)


def _any_calm(runs: Sequence[TrainingRun]) -> bool:
    return any(run.stopped is None for run in runs)
