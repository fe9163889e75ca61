"""Which pieces of a step stand on one page: on few pages, about equally full, cut where it hurts least."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from stepcalc.sheet.blocks import Diagram, Grids, Panels, Plot
from stepcalc.sheet.growing import Beat, Shown, now, on
from stepcalc.sheet.heights import height

ROOM = 235.0
"""Pixels that a slide has under a title of one line."""
LEAST_FIGURE, LARGEST_FIGURE = 112.0, 200.0
"""How high a figure is at least, with all that stands on its page, and at most; small ones are not enlarged."""
_PAGE, _EMPTY = 100.0, 40.0
"""What a page costs, and what one costs more with nothing on it."""


@dataclass(frozen=True, slots=True)
class Page:
    """The ``states`` of one page, each with more on it than the one before; figures are ``figure`` pixels high."""

    states: tuple[Shown, ...]
    figure: float


def pages(beats: Sequence[Beat], room: float) -> list[Page]:
    """The pieces on pages ``room`` high: of all ways to part them, the one that costs least."""
    cheapest = [0.0] + [inf] * len(beats)
    starts = [0] * (len(beats) + 1)
    for start, first in enumerate(beats):
        parted = cheapest[start] + _PAGE + (first.apart if start else 0.0)
        for end, full in _growing(beats, start, room):
            cost = parted + _EMPTY * (1 - full) ** 2
            if cost < cheapest[end]:
                cheapest[end], starts[end] = cost, start
    ends = [len(beats)]
    while ends[-1] > 0:
        ends.append(starts[ends[-1]])
    return [_page(beats[start:end], room) for end, start in reversed(list(pairwise(ends)))]


def _growing(beats: Sequence[Beat], start: int, room: float) -> Iterator[tuple[int, float]]:
    """Where a page that begins with the piece at ``start`` may end, and how full it then is, at its fullest."""
    shown: Shown = ()
    full = 0.0
    for end in range(start + 1, len(beats) + 1):
        shown = on(shown, beats[end - 1])
        full = max(full, height(now(shown), LEAST_FIGURE) / room)
        if full > 1 and end > start + 1:
            return
        yield end, min(full, 1.0)


def _page(beats: Sequence[Beat], room: float) -> Page:
    states: list[Shown] = [()]
    for beat in beats:
        more = on(states[-1], beat)
        states = [*states, more] if beat.waits and states[-1] else [*states[:-1], more]
    fullest = max(height(now(state), LEAST_FIGURE) for state in states)
    has_figure = any(isinstance(beat.block, Diagram | Grids | Plot | Panels) for beat in beats)
    left = max(0.0, room - fullest) if has_figure else 0.0
    return Page(tuple(states), min(LEAST_FIGURE + left // 1, LARGEST_FIGURE))
