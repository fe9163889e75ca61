"""Students made up for the tests: what somebody would write who calculates on from their own numbers.

They calculate with the kernels (:mod:`stepcalc.evaluate`), over whole arrays, and not with the formulas that the
marker walks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from stepcalc.answers.base import Answers
from stepcalc.descend import feeds_of
from stepcalc.evaluate import Arithmetic, backward, forward
from stepcalc.items import NEW, derivative_id
from stepcalc.marking.mark import mark
from stepcalc.marking.marks import ItemMark, StudentMarks
from stepcalc.ops.optimizers import State
from stepcalc.rounding import Rounding
from stepcalc.trace import Trace

DIGITS = 9
AS_WRITTEN = Arithmetic(np, Rounding(significant=15))
"""By the formulas on the sheet: ŷ(1 − ŷ) from the ŷ that is there."""


def items_of(trace: Trace) -> list[str]:
    """Every scalar of the first update: values, gradients, and what the optimizer makes of the parameters."""
    graph = trace.graph
    found = [item for _, item in graph.calculated()]
    for quantity in graph.quantities.values():
        if quantity.name in graph.differentiable and quantity.name != graph.cost:
            found += [derivative_id(graph.cost, item) for item in graph.items(quantity.name)]
    for part in trace.optimizer.plan if trace.updated and trace.optimizer else ():
        for name in graph.parameters:
            found += [str(graph.read(item).updated(part.name)) for item in graph.items(name)]
    return [item for item in found if trace.value(item) is not None]


def typed(number: float, digits: int = DIGITS) -> str:
    """A number with so many significant digits."""
    return f"{number:.{digits}g}"


def one(trace: Trace, given: Mapping[str, str]) -> StudentMarks:
    """The marks of one student."""
    return mark(trace, Answers(tuple(given), ("somebody",), {item: (text,) for item, text in given.items()})).student(0)


def by_item(marks: StudentMarks) -> dict[str, ItemMark]:
    """Each mark by its item."""
    return {mark.item: mark for mark in marks.items}


def going_on(trace: Trace, wrong: str, value: float, items: Iterable[str]) -> dict[str, float]:
    """What a student has who finds ``value`` for the item ``wrong`` and makes no other mistake."""
    graph = trace.graph
    parsed = graph.read(wrong)
    quantity, index, sample = graph.locate(str(parsed.plain))
    place = tuple(i - 1 for i in index)
    if quantity.per_sample:
        place = ((sample or 1) - 1, *place)
    feeds = feeds_of(trace.problem, graph, np)
    arithmetic = Arithmetic(np, from_logits=parsed.of != "" or parsed.part != "")
    values = forward(graph, feeds, arithmetic)
    if not parsed.of and not parsed.part:
        values = forward(graph, {**feeds, quantity.name: _with(values[quantity.name], place, value)}, arithmetic)
        arithmetic = AS_WRITTEN
    gradients = backward(graph, values, arithmetic)
    if parsed.of:
        known = {quantity.name: _with(gradients[quantity.name], place, value)}
        gradients = backward(graph, values, AS_WRITTEN, given=known) | known
        before = {name: array for name, array in backward(graph, values, arithmetic).items() if name not in gradients}
        gradients = before | gradients
    found: dict[str, float] = {}
    parts: dict[str, dict[str, np.ndarray]] = {}
    if trace.optimizer is not None and trace.updated:
        parameters = {name: values[name] for name in graph.parameters}
        parts = trace.optimizer.parts(np, parameters, {name: gradients[name] for name in graph.parameters}, State())
    for item in items:
        other = graph.read(item)
        arrays = gradients if other.of else parts[other.part] if other.part else values
        what, at, number = graph.locate(str(other.plain))
        where = tuple(i - 1 for i in at)
        found[item] = float(arrays[what.name][((number or 1) - 1, *where) if what.per_sample else where])
    found[wrong] = value
    return found


def _with(array: np.ndarray, place: tuple[int, ...], value: float) -> np.ndarray:
    changed = np.array(array, dtype=float)
    changed[place] = value
    return changed


def is_new(item: str) -> bool:
    """Whether an item is a parameter's new value."""
    return f"_{NEW}" in item
