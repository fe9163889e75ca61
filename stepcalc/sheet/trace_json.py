"""The trace as JSON: every number in full double precision, and every step with its formula and its sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement, groupby, islice, product
from typing import Any

import numpy as np

from stepcalc.board.latex import latex
from stepcalc.board.nodes import Equation, Words
from stepcalc.items import derivative_id
from stepcalc.options import PLAIN, Options
from stepcalc.sheet.chosen import chosen_view
from stepcalc.sheet.context import LARGE, Context
from stepcalc.sheet.shortened import UPDATES
from stepcalc.steps import Scribe, Step
from stepcalc.trace import Trace
from stepcalc.training import Trained

FORMAT = "stepcalc-trace/1"

Record = dict[str, Any]


def trace_json(trace: Trace, options: Options = PLAIN) -> str:
    """The trace in the format ``stepcalc-trace/1``: compact arrays, one line a step."""
    return as_text(as_dict(trace, options))


def as_text(found: Record) -> str:
    """A trace as JSON, of which :func:`as_dict` has made dictionaries."""
    steps = found["steps"]
    others = {name: part for name, part in found.items() if name != "steps"}
    head = json.dumps(others, ensure_ascii=False, allow_nan=False)
    lines = ",\n".join(json.dumps(step, ensure_ascii=False, allow_nan=False) for step in steps)
    return f'{head[:-1]}, "steps": [\n{lines}\n]}}\n'


def as_dict(trace: Trace, options: Options = PLAIN) -> Record:
    """The trace as dictionaries, lists and numbers."""
    graph = trace.graph
    values = {name: _numbers(trace.values[name]) for name in graph.quantities if name in trace.values}
    gradients = {name: _numbers(trace.gradients[name]) for name in _backward_order(trace) if name in trace.gradients}
    found: Record = {
        "format": FORMAT,
        "title": trace.problem.title or "",
        "values": _with_aliases(graph.aliases, values),
        "gradients": _with_aliases(graph.aliases, gradients, backward=True),
        "updated": {name: _numbers(array) for name, array in trace.updated.items()},
        "final": {name: _numbers(array) for name, array in trace.final.items()},
        "history": {graph.cost: list(trace.history)} if trace.history else {},
        "stopped": trace.stopped,
    }
    if trace.trained is not None:
        found["training"] = _training(trace, trace.trained)
    check = trace.gradient_check
    if check is not None:
        found["gradient_check"] = {
            "epsilon": check.epsilon,
            "forward": {name: _numbers(array) for name, array in check.forward.items()},
            "central": {name: _numbers(array) for name, array in check.central.items()},
        }
    if updates := list(_updates(trace)):
        found["updates"] = updates
    found["steps"] = list(steps(trace, options))
    return found


def _updates(trace: Trace) -> Iterator[Record]:
    """What the optimizer calculates on the way to the new values, in the updates that a sheet shows."""
    asked, optimizer = trace.problem.optimizer, trace.optimizer
    if asked is None or optimizer is None or len(optimizer.plan) < 2 or not trace.numeric:
        return
    shown = UPDATES.places(asked.steps) if trace.parameter_count <= LARGE else (1,)
    for there in (trace.at(place) for place in shown if place is not None):
        if there is not None:
            yield _update(there)


def _update(there: Trace) -> Record:
    slopes = {name: _numbers(there.gradients[name]) for name in there.graph.parameters}
    record: Record = {"update": there.update, "cost": there.value(there.graph.cost), "gradients": slopes}
    if there.hessian is not None:
        record["hessian"] = {"items": list(there.curvature.items), "values": _numbers(there.hessian)}
    for part, arrays in there.parts.items():
        record[part] = {name: _numbers(array) for name, array in arrays.items()}
    return record


def _training(trace: Trace, trained: Trained) -> Record:
    """What was asked, the samples of the first epoch's updates, counted from 1, and the run of each learning rate."""
    each, asked = trained.updates_per_epoch, trained.asked
    batches = islice(asked.batches(trained.samples), each)
    return {
        "epochs": asked.epochs,
        "batch_size": asked.size(trained.samples),
        "seed": asked.seed,
        "first_epoch": [(batch + 1).tolist() for batch in batches],
        "learning_rates": [
            {
                "learning_rate": run.learning_rate,
                "final": {name: _numbers(array) for name, array in trace.natural(run.last).items()},
                "history": {trace.graph.cost: list(run.history)},
                "stopped": run.stopped,
            }
            for run in trained.compared
        ],
    }


def _with_aliases(aliases: Mapping[str, str], arrays: Record, backward: bool = False) -> Record:
    """The arrays, each second name right before the quantity itself; right after it in the backward order."""
    second = {name: alias for alias, name in aliases.items()}
    found: Record = {}
    for name, array in arrays.items():
        both = (second[name], name) if name in second else (name,)
        for known in reversed(both) if backward else both:
            found[known] = array
    return found


def _numbers(array: np.ndarray) -> Any:
    """Nested lists of numbers; null for what a double cannot hold."""
    if np.all(np.isfinite(array)):
        return array.tolist()
    known = np.array(array, dtype=object)
    known[~np.isfinite(array)] = None
    return known.tolist()


def steps(trace: Trace, options: Options = PLAIN) -> Iterator[Record]:
    """Every step in the order of the calculation: a scalar each, or an array each where there are too many."""
    sheet = Context(trace, chosen_view(trace, options.view), options.chains)
    if sheet.scalars or not sheet.layers:
        yield from _scalar_steps(trace, sheet)
    else:
        yield from _array_steps(trace, sheet)


def _scalar_steps(trace: Trace, sheet: Context) -> Iterator[Record]:
    scribe, graph = Scribe(trace), trace.graph
    for _, item in graph.calculated():
        yield _record(scribe.forward(item), sheet)
    for item in _backward_items(trace):
        yield _record(scribe.backward(item), sheet)
    if trace.problem.optimizer is not None:
        if trace.problem.optimizer.second_derivatives:
            for pair in combinations_with_replacement(trace.curvature.items, 2):
                yield _record(scribe.bend(*pair), sheet)
        for name, part in product(graph.parameters, scribe.plan):
            for item in graph.items(name):
                yield _record(scribe.update(item, part), sheet)


def _backward_order(trace: Trace) -> list[str]:
    """The names from the cost back to the inputs; a layer's weights still come before its biases."""
    graph = trace.graph
    names = [name for name in reversed(list(graph.quantities)) if name in graph.differentiable and name != graph.cost]
    ordered: list[str] = []
    for parameters, run in groupby(names, key=lambda name: graph[name].role == "parameter"):
        found = list(run)
        ordered += reversed(found) if parameters else found
    return ordered


def _backward_items(trace: Trace) -> Iterator[str]:
    """The scalars from the cost back to the inputs; those of a recurrent layer from the last time step to the first."""
    graph = trace.graph
    names = _backward_order(trace)
    for stage, run in groupby(names, key=lambda name: next(stage for stage in graph.stages if name in stage)):
        own = list(run)
        if len(stage) == 1:
            yield from graph.items(own[0])
            continue
        for time in range(graph[own[0]].shape[0], 0, -1):
            yield from (item for name in own for item in graph.items_at(name, time))


def _record(step: Step, sheet: Context) -> Record:
    record: Record = {
        "id": step.item,
        "phase": step.phase,
        "rule": step.rule,
        "formula": latex(step.formula),
        "substituted": None if step.numbers is None or _is_beyond(step.numbers) else latex(step.numbers),
        "value": step.value,
        "text": sheet.words.plain(f"rules.{step.rule}"),
    }
    return record if sheet.trace.numeric else {key: record[key] for key in record if key != "value"}


def _is_beyond(line: Equation) -> bool:
    """Whether a line's result is too large for a number."""
    return isinstance(line.parts[-1], Words)


def _array_steps(trace: Trace, sheet: Context) -> Iterator[Record]:
    graph, arrays = trace.graph, sheet.arrays
    for quantity in graph.quantities.values():
        if quantity.op is None:
            continue
        if quantity.name == graph.cost:
            yield _record(sheet.scribe.forward(quantity.name), sheet)
            continue
        shown = arrays.equation(sheet.notation.array(quantity.name), arrays.values(quantity.name))
        yield _array_record(
            quantity.name, "forward", quantity.op.rule, sheet.arrays.formula(quantity.name), shown, sheet
        )
    for name in _backward_order(trace):
        item, child = _first_edge(trace, name)
        rule = "no path" if child is None else "derivative of the loss" if child == graph.cost else "chain rule"
        through = None if child in (None, graph.cost) else arrays.through(name, child)
        formula = through or sheet.scribe.backward(item).formula
        shown = arrays.equation(sheet.notation.array_derivative(name), arrays.gradients(name))
        yield _array_record(derivative_id(graph.cost, name), "backward", rule, formula, shown, sheet)
    if trace.problem.optimizer is not None:
        for name, part in product(graph.parameters, sheet.scribe.plan):
            shown = arrays.equation(sheet.notation.array_part(name, part), arrays.part(name, part))
            step = sheet.scribe.update(next(graph.items(name)), part)
            yield _array_record(f"{name}_{part}", "update", step.rule, step.formula, shown, sheet)


def _first_edge(trace: Trace, name: str) -> tuple[str, str | None]:
    """The first scalar of an array that the cost depends on, and the array that it stands in.

    The first step's forget gate has nothing to act on; where there is only this step, it stands in none.
    """
    for item in trace.graph.items(name):
        for _, _, child in trace.derivation.edges(item):
            return item, child
    return next(trace.graph.items(name)), None


def _array_record(
    item: str, phase: str, rule: str, formula: Equation | None, shown: Equation | None, sheet: Context
) -> Record:
    return {
        "id": item,
        "phase": phase,
        "rule": rule,
        "formula": None if formula is None else latex(formula),
        "substituted": None if shown is None else latex(shown),
        "text": sheet.words.plain(f"rules.{rule}"),
    }
