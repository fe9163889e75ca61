"""Students made up for the tests: what somebody would write who calculates on from their own numbers.

They calculate with the kernels (:mod:`stepcalc.evaluate`), over whole arrays, and not with the formulas that the
marker walks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from stepcalc.answers.base import Answers
from stepcalc.backend import quiet
from stepcalc.descend import feeds_of
from stepcalc.evaluate import Arithmetic, backward, forward
from stepcalc.items import NEW, Item, derivative_id
from stepcalc.marking.mark import mark
from stepcalc.marking.marks import ItemMark, StudentMarks
from stepcalc.ops.optimizer import Optimizer, State
from stepcalc.rounding import Rounding
from stepcalc.trace import Trace

Arrays = dict[str, np.ndarray]
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


def later_items_of(trace: Trace, updates: int) -> list[str]:
    """The same scalars in the updates after the first one."""
    numbered = [f"{item}#{update}" for update in range(2, updates + 1) for item in items_of(trace)]
    return [item for item in numbered if trace.value(item) is not None]


def typed(number: float, digits: int = DIGITS) -> str:
    """A number with so many significant digits."""
    return f"{number:.{digits}g}"


def one(trace: Trace, given: Mapping[str, str]) -> StudentMarks:
    """The marks of one student."""
    return several(trace, [given])[0]


def several(trace: Trace, given: Sequence[Mapping[str, str]]) -> list[StudentMarks]:
    """The marks of students who answer the same items."""
    raw = {item: tuple(answers[item] for answers in given) for item in given[0]}
    return list(mark(trace, Answers(tuple(raw), tuple(f"student {row}" for row in range(len(given))), raw)))


def by_item(marks: StudentMarks) -> dict[str, ItemMark]:
    """Each mark by its item."""
    return {mark.item: mark for mark in marks.items}


def going_on(trace: Trace, wrong: str, value: float, items: Iterable[str]) -> dict[str, float]:
    """What a student has who finds ``value`` for the item ``wrong`` and makes no other mistake."""
    graph, optimizer = trace.graph, trace.optimizer
    asked = {item: graph.read(item) for item in (*items, wrong)}
    feeds, state = feeds_of(trace.problem, graph, np), State()
    known: list[Mapping[str, Arrays]] = []
    if optimizer is not None:
        optimizer = optimizer.on(lambda parameters: trace.curvature.numbers({**feeds, **parameters}))
    with quiet():
        for update in range(1, max(item.update or 1 for item in asked.values()) + 1):
            mistake = asked[wrong] if (asked[wrong].update or 1) == update else None
            known.append(_one_update(trace, optimizer, feeds, state, mistake, value))
            if optimizer is not None and NEW in known[-1]:
                feeds, state = {**feeds, **known[-1][NEW]}, optimizer.after(known[-1], state)
    found = {}
    for item, parsed in asked.items():
        name, place = _located(trace, parsed)
        found[item] = float(known[(parsed.update or 1) - 1][_kind(parsed)][name][place])
    return found


VALUES, GRADIENTS = "values", "gradients"


def _kind(item: Item) -> str:
    """Whether an item is a value, a gradient, or which part of an update."""
    return GRADIENTS if item.of else item.part or VALUES


def _located(trace: Trace, item: Item) -> tuple[str, tuple[int, ...]]:
    """The array that an item is in, and where."""
    quantity, index, sample = trace.graph.locate(str(item.plain))
    place = tuple(i - 1 for i in index)
    return quantity.name, ((sample or 1) - 1, *place) if quantity.per_sample else place


def _one_update(
    trace: Trace, optimizer: Optimizer | None, feeds: Arrays, state: State, mistake: Item | None, value: float
) -> dict[str, Mapping[str, np.ndarray]]:
    """Values, gradients and the parts of one update, with a mistake in one of them."""
    graph = trace.graph
    kind = "" if mistake is None else _kind(mistake)
    name, place = ("", ()) if mistake is None else _located(trace, mistake)
    arithmetic = Arithmetic(np, from_logits=kind != VALUES)
    values = forward(graph, feeds, arithmetic)
    if kind == VALUES:
        values = forward(graph, {**feeds, name: _with(values[name], place, value)}, arithmetic)
        arithmetic = AS_WRITTEN
    gradients = backward(graph, values, arithmetic)
    if kind == GRADIENTS:
        known = {name: _with(gradients[name], place, value)}
        after = backward(graph, values, AS_WRITTEN, given=known) | known
        gradients = {**gradients, **after}
    found: dict[str, Mapping[str, np.ndarray]] = {VALUES: values, GRADIENTS: gradients}
    parameters = {name: values[name] for name in graph.parameters}
    for part in optimizer.plan if optimizer is not None and trace.updated else ():
        slopes = {name: gradients[name] for name in parameters}
        arrays = optimizer.calculated(part, np, parameters, slopes, found, state)
        found[part.name] = {**arrays, name: _with(arrays[name], place, value)} if part.name == kind else arrays
    return found


def _with(array: np.ndarray, place: tuple[int, ...], value: float) -> np.ndarray:
    changed = np.array(array, dtype=float)
    changed[place] = value
    return changed


def is_new(item: str) -> bool:
    """Whether an item is a parameter's new value."""
    return f"_{NEW}" in item
