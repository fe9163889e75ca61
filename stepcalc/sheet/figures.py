"""The curves on a sheet: an activation where it is used, the cost over one parameter, the cost after each update.

No more than one small figure a layer, and one each of the other two.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from stepcalc import curves
from stepcalc.board.nodes import Call, Glyph, Node, Rel, Sym, Words
from stepcalc.facts import function
from stepcalc.graph import Quantity
from stepcalc.items import derivative_id
from stepcalc.sequences import ANY
from stepcalc.sheet.blocks import Axis, Curve, Inline, Mark, Plot, Point
from stepcalc.sheet.context import Context
from stepcalc.sheet.plot import place_plot
from stepcalc.sheet.scales import around, axis, clipped, line_through
from stepcalc.sheet.words import joined

USUAL_REACH, BEYOND = 5.0, 1.12
"""An activation is drawn from minus the first to the first, or to the second times as far as its units are."""
LABELLED, LABELLED_OF_MANY = 5, 4
"""So many units of a layer are all named in its figure; of more, so many and the one on the chain's path."""
TANGENT_REACH = 0.25
"""How far a tangent reaches to either side, as a share of the picture's width."""
FACTOR, STEEPEST = 1.3, 3.0
"""The cost is drawn this many times as far as the parameter is from 0, and this many times as high as its tangent."""
LEAST_STEPS, MOST_STEPS = 2.0, 6.0
"""It is drawn at least and at most so many descent steps to either side."""
SMALLEST_STEP = 0.005
"""A step that is a smaller part of the parameter cannot be seen, and is not drawn."""
MOST_UPDATES, MARKED_UPDATES = 200, 30

_Z = Sym(Glyph("z"))

Parts = dict[str, Inline | int | tuple[Inline, ...]]


def activation_figure(sheet: Context, quantity: Quantity) -> Iterator[Plot]:
    """The curve of a layer's activation with its units on it, and the tangent at the one on the chain's path."""
    if not curves.bends(quantity.op):
        return
    logits, chosen = quantity.parents[0], sheet.element(quantity.name)
    units = _units(sheet, logits, quantity.name)
    if chosen not in units:
        return
    across = [z for z, _ in units.values()]
    low, high = min(-USUAL_REACH, min(across) * BEYOND), max(USUAL_REACH, max(across) * BEYOND)
    if not math.isfinite(high - low):
        return
    called = Call(function(sheet.trace, quantity.name), (_Z,))
    runs = curves.activation(quantity.op, low, high)
    x, y = axis(_Z, low, high), around(called, [value for run in runs for _, value in run])
    named = _named(units, chosen)
    others = len(units) - len(named)
    listed = joined([sheet.symbol(item) for item in units if item in named])
    shown = sheet.words.say("numbers.more", items=listed, count=others) if others else listed
    parts: Parts = {"function": called, "units": shown}
    drawn = [Curve(tuple(run)) for run in runs]
    edge = sheet.trace.derivation.locals(sheet.element(logits))[0]
    slope = sheet.scribe.local_number(edge)
    if slope is not None:
        told = _told(sheet, sheet.notation.local_derivative(edge.child, edge.parent), slope)
        reach = TANGENT_REACH * (high - low)
        drawn.append(Curve(line_through(units[chosen], slope, reach, x, y), "tangent", told))
        parts |= {"item": sheet.symbol(chosen), "slope": told}
    marks = [Mark(at, None, "stroke") for item, at in units.items() if item not in named]
    marks += [Mark(units[item], sheet.symbol(item)) for item in units if item in named and item != chosen]
    marks.append(Mark(units[chosen], sheet.symbol(chosen), "chosen"))
    said = "activation" if slope is None else "activation_tangent"
    plot = _plot(sheet, said, parts, x, y, drawn, marks)
    more = (" ", *sheet.words.say("figures.strokes", count=others)) if others else ()
    yield replace(plot, caption=(*plot.caption, *more))


def _named(units: dict[str, Point], chosen: str) -> set[str]:
    """The units of a layer that are named; of many, the outermost and some between, and the chosen one."""
    if len(units) <= LABELLED:
        return set(units)
    along = sorted(units, key=lambda item: units[item])
    step = (len(along) - 1) / (LABELLED_OF_MANY - 1)
    return {chosen, *(along[round(place * step)] for place in range(LABELLED_OF_MANY))}


def _units(sheet: Context, logits: str, outputs: str) -> dict[str, Point]:
    """Each unit of a layer by its output's id: its weighted sum and its output."""
    found: dict[str, Point] = {}
    for before, after in zip(sheet.items(logits), sheet.items(outputs), strict=True):
        z, a = sheet.scribe.number(before), sheet.scribe.number(after)
        if z is not None and a is not None:
            found[after] = (z, a)
    return found


def cost_figure(sheet: Context, item: str) -> Iterator[Plot]:
    """The cost over one parameter alone, the tangent where it is, and the step that descends.

    None in a large network, where one parameter alone matters too little.
    """
    cost, derivative = sheet.graph.cost, derivative_id(sheet.graph.cost, item)
    moved = str(sheet.graph.read(item).updated())
    at, slope, new = (sheet.scribe.number(name) for name in (item, derivative, moved))
    if at is None or not slope or sheet.large:
        return
    seen = new is not None and abs(new - at) >= SMALLEST_STEP * max(abs(at), 1.0)
    reach = FACTOR * max(abs(at), 1.0)
    if new is not None and seen:
        reach = min(max(reach, LEAST_STEPS * abs(new - at)), MOST_STEPS * abs(new - at))
    places = (at, new) if new is not None and seen else (at,)
    run = dict(curves.cost_along(sheet.trace, item, at - reach, at + reach, *places))
    if not run or not all(math.isfinite(run[place]) for place in places):
        return
    x = axis(sheet.symbol(item), at - reach, at + reach)
    y = _cost_axis(sheet, run, [run[place] for place in places], STEEPEST * abs(slope) * reach)
    points = [Curve(part) for part in clipped(list(run.items()), y.low, y.high)]
    here = (at, run[at])
    named = _told(sheet, sheet.symbol(derivative), slope, derivative)
    points.append(Curve(line_through(here, slope, 2 * TANGENT_REACH * reach, x, y), "tangent", named))
    marks = [Mark(here, _told(sheet, sheet.symbol(item), at, item), "chosen")]
    parts: Parts = {"cost": sheet.symbol(cost), "item": sheet.symbol(item), "slope": named, "at": marks[0].label or ""}
    if new is not None and seen:
        there = (new, run[new])
        points += [Curve((here, (new, here[1])), "step"), Curve(((new, here[1]), there), "guide")]
        marks.append(Mark(there, _told(sheet, sheet.symbol(moved), new, moved), "hollow"))
        parts["new"] = marks[1].label or ""
    said = "cost_step" if seen else "cost"
    yield _plot(sheet, said, parts, x, y, points, marks)


def _cost_axis(sheet: Context, run: dict[float, float], needed: Sequence[float], rise: float) -> Axis:
    """As high as the curve is, if that is not far beyond what is to be seen."""
    low, high = min(needed) - rise, max(needed) + rise
    known = [value for value in run.values() if math.isfinite(value)]
    return around(sheet.symbol(sheet.graph.cost), [max(low, min(known)), min(high, max(known)), *needed])


def history_figure(sheet: Context) -> Iterator[Plot]:
    """The cost before the first update and after each."""
    history = sheet.trace.history
    places = list(range(len(history)))
    if len(history) > MOST_UPDATES:
        places = [round(step * (len(history) - 1) / MOST_UPDATES) for step in range(MOST_UPDATES + 1)]
    points = tuple((float(place), history[place]) for place in places)
    y = around(sheet.symbol(sheet.graph.cost), [cost for _, cost in points])
    if not math.isfinite(y.high - y.low):
        return
    last = len(history) - 1
    x = axis(Words(sheet.words.plain("table.update")), 0.0, last, whole=True)
    marks = [Mark(point) for point in points] if len(points) <= MARKED_UPDATES else []
    cost = sheet.symbol(sheet.graph.cost)
    before, after = (sheet.number(history[place]) for place in (0, last))
    parts: Parts = {"cost": cost, "before": before, "after": after, "count": last}
    yield _plot(sheet, "history", parts, x, y, [Curve(points, "run")], marks)


def memory_figure(sheet: Context, size: Node, lengths: Sequence[float]) -> Iterator[Plot]:
    """How long the gradient is at every time step."""
    points = tuple((float(time), length) for time, length in enumerate(lengths, start=1))
    y = around(size, [0.0, *lengths])
    x = axis(Sym(Glyph(ANY)), 1.0, float(len(lengths)), whole=True)
    marks = [Mark(point) for point in points] if len(points) <= MARKED_UPDATES else []
    before, after = sheet.number(lengths[-1]), sheet.number(lengths[0])
    parts: Parts = {"size": size, "before": before, "after": after, "last": len(lengths)}
    yield _plot(sheet, "memory", parts, x, y, [Curve(points, "run")], marks)


def _told(sheet: Context, symbol: Node, value: float, item: str | None = None) -> Rel:
    """symbol = value, with ≈ where it is rounded."""
    number = sheet.scribe.printed(value, item)
    return Rel(symbol, "=" if sheet.trace.rounding.is_exact(value, number.text) else "≈", number)


def _plot(
    sheet: Context, said: str, parts: Parts, x: Axis, y: Axis, drawn: Sequence[Curve], marks: Sequence[Mark]
) -> Plot:
    """A figure with its sentence and, for those who cannot see it, what it shows."""
    caption, alternative = (sheet.words.say(f"figures.{key}", **parts) for key in (said, f"{said}_words"))
    plot = Plot(x, y, tuple(drawn), tuple(marks), caption, alternative, reveals=True)
    homeless = place_plot(plot).homeless
    if not homeless:
        return plot
    return replace(plot, caption=(*caption, " ", *sheet.words.say("figures.no_room", items=joined([*homeless]))))
