"""The figures of a training: its cost from update to update, the way down, learning rates side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

import numpy as np

from stepcalc.board.nodes import Node, Rel, Sym, Words
from stepcalc.notation import LEARNING_RATE
from stepcalc.outcomes import last_seen, window
from stepcalc.sheet.blocks import Axis, Curve, Inline, Mark, Panels, Plot, Point
from stepcalc.sheet.context import Context
from stepcalc.sheet.plot import place_plot
from stepcalc.sheet.scales import around, axis, clipped
from stepcalc.sheet.ways import TICKS, Shape, told, way
from stepcalc.sheet.words import joined
from stepcalc.training import Trained, TrainingRun

STRETCHES = 110
"""Of a long run, the lowest and the highest cost of so many stretches are drawn."""
MARKED = 30
"""So many updates, or ends of epochs, are marked."""
PANELS = 3
"""Learning rates side by side."""

F = TypeVar("F", Plot, Panels)
Parts = dict[str, Inline | int | tuple[Inline, ...]]


def rate_of(sheet: Context, run: TrainingRun) -> Rel:
    """α = 0.1."""
    return Rel(Sym(sheet.notation.glyph(LEARNING_RATE), LEARNING_RATE), "=", sheet.given(run.learning_rate))


# ------------------------------------------------------------------------------------------------- the cost


def cost_curve(sheet: Context, trained: Trained) -> Iterator[Plot]:
    """The cost after every update, the ends of epochs marked."""
    run = trained.run
    plot = _cost(sheet, trained, run, (run,))
    if plot is None or run.made < 2:
        return
    ends = _seen(run, plot.x)[:: trained.updates_per_epoch]
    if len(ends) <= MARKED + 1:
        plot = replace(plot, marks=tuple(Mark(point) for point in ends if plot.y.low <= point[1] <= plot.y.high))
    elif trained.mini_batches:
        joined_ends = (Curve(part) for part in clipped(_thinned(ends), plot.y.low, plot.y.high))
        plot = replace(plot, curves=(*joined_ends, *plot.curves))
    said = "history" if not trained.mini_batches else "epochs" if plot.marks else "epochs_joined"
    before, after = (sheet.number(run.history[end]) for end in (0, -1))
    parts: Parts = {"cost": sheet.symbol(sheet.graph.cost), "before": before, "after": after}
    parts["count"] = run.made
    yield captioned(sheet, plot, said, "history_words", (run,), parts)


def _cost(
    sheet: Context, trained: Trained, run: TrainingRun, runs: Sequence[TrainingRun], shape: Shape = "wide"
) -> Plot | None:
    """One run's cost, on axes that show those of all ``runs``; None where no double tells how far apart they are."""
    x_ticks, y_ticks = TICKS[shape]
    y = around(sheet.symbol(sheet.graph.cost), list(window(runs)), y_ticks)
    if not math.isfinite(y.high - y.low):
        return None
    last = min(last_seen(runs) + 1, max(len(each.history) - 1 for each in runs))
    x = axis(Words(sheet.words.plain("table.update")), 0.0, float(max(last, 1)), x_ticks, whole=True)
    curves = tuple(Curve(part, "run") for part in clipped(_thinned(_seen(run, x)), y.low, y.high))
    return Plot(x, y, curves, reveals=True, shape=shape)


def _seen(run: TrainingRun, x: Axis) -> list[Point]:
    """The costs up to the end of the axis."""
    return [(float(place), cost) for place, cost in enumerate(run.history) if place <= x.high]


def _thinned(points: list[Point]) -> list[Point]:
    """The points; of very many, the lowest and the highest of each stretch, so that what goes up and down shows."""
    if len(points) <= 2 * STRETCHES:
        return points
    ends = np.linspace(0, len(points), STRETCHES + 1).astype(int).tolist()
    kept = {0, len(points) - 1}
    for start, end in pairwise(ends):
        places = range(start, end)
        kept |= {min(places, key=lambda at: points[at][1]), max(places, key=lambda at: points[at][1])}
    return [points[at] for at in sorted(kept)]


# ------------------------------------------------------------------------------------------- the way down


def way_down(sheet: Context, trained: Trained) -> Iterator[Plot]:
    """The points of the run on the curve of the cost over one parameter, or on the plane of two."""
    run = trained.run
    plot = way(sheet, trained, run, (run,))
    if plot is None:
        return
    kind = "curve" if len(trained.followed) == 1 else "plane"
    start, end = (
        joined([told(sheet, item, value) for item, value in zip(trained.followed, at, strict=True)])
        for at in (run.path[0], run.path[-1])
    )
    parts: Parts = {"cost": sheet.symbol(sheet.graph.cost), "items": _items(sheet, trained), "start": start, "end": end}
    parts["count"] = run.made
    yield captioned(sheet, plot, f"way_{kind}", f"way_{kind}_words", (run,), parts)


def _items(sheet: Context, trained: Trained) -> tuple[Inline, ...]:
    return joined([sheet.symbol(item) for item in trained.followed])


# ------------------------------------------------------------------------------------ learning rates compared


def rates_figure(sheet: Context, trained: Trained) -> Iterator[Panels]:
    """For each learning rate the way down, if that can be drawn, and below it the cost; all on the same axes."""
    runs = trained.compared
    rows: list[tuple[Plot, ...]] = []
    for first in range(0, len(runs), PANELS):
        some = runs[first : first + PANELS]
        ways = [plot for run in some if (plot := way(sheet, trained, run, runs, "panel")) is not None]
        costs = [plot for run in some if (plot := _cost(sheet, trained, run, runs, "panel")) is not None]
        rows += [_titled(sheet, some, row) for row in (ways, costs) if len(row) == len(some)]
    if not rows:
        return
    said = "rates_ways" if len(rows) > math.ceil(len(runs) / PANELS) else "rates"
    parts: Parts = {"cost": sheet.symbol(sheet.graph.cost), "items": _items(sheet, trained)}
    parts["rates"] = joined([rate_of(sheet, run) for run in runs])
    yield captioned(sheet, Panels(tuple(rows), reveals=True), said, f"{said}_words", runs, parts)


def _titled(sheet: Context, runs: Sequence[TrainingRun], plots: Sequence[Plot]) -> tuple[Plot, ...]:
    return tuple(replace(plot, title=rate_of(sheet, run)) for run, plot in zip(runs, plots, strict=True))


# ------------------------------------------------------------------------------------------------- sentences


def captioned(sheet: Context, figure: F, said: str, words: str, runs: Sequence[TrainingRun], parts: Parts) -> F:
    """The figure with its sentence, and for those who cannot see it, what it shows; with what is left out of it."""
    caption: tuple[Inline, ...] = sheet.words.say(f"figures.{said}", **parts)
    low, high = window(runs)
    if any(run.stopped is not None or min(run.history) < low or high < max(run.history) for run in runs):
        caption = (*caption, " ", *sheet.words.say("figures.beyond"))
    homeless: tuple[Node, ...] = place_plot(figure).homeless if isinstance(figure, Plot) else ()
    if homeless:
        caption = (*caption, " ", *sheet.words.say("figures.no_room", items=joined([*homeless])))
    return replace(figure, caption=caption, alternative=sheet.words.say(f"figures.{words}", **parts))
