"""Which wrong number leaves a step nothing to follow from: a factor 0 that the key does not have."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stepcalc.marking.judge import FOLLOW_THROUGH, REFUSED, WRONG, Judge
from stepcalc.marking.state import State


def blockers(judge: Judge, item: str) -> Mapping[int, str]:
    """For each row whose answer was refused follow-through, the mistaken item without which the step would not be 0.

    The nearest one; by its canonical id.
    """
    step, refused = judge.steps.step(item), np.flatnonzero(judge.judged[item].remarks & REFUSED)
    found: dict[int, str] = {}
    if step is None or not len(refused):
        return found
    for other in reversed(judge.judged):
        verdict = judge.judged[other].verdict[refused]
        unknown = [row not in found for row in refused.tolist()]
        rows = refused[((verdict == WRONG) | (verdict == FOLLOW_THROUGH)) & np.array(unknown)]
        if len(rows):
            mended = _with_key(judge, other, rows).by(step).point
            found |= {
                row: other
                for row, number in zip(rows.tolist(), np.broadcast_to(mended, rows.shape), strict=True)
                if number
            }
    return found


def _with_key(judge: Judge, mended: str, rows: np.ndarray) -> State:
    """What some students would know if one of their numbers were right."""
    state = State(judge.steps, judge.key_of_rows(rows), judge.asked, judge.between)
    for item in judge.judged:
        state[item] = (judge.right if item == mended else judge.own)[item].of_rows(rows)
    return state
