"""What a network decides, and whether rightly: the class that its outputs tell, and that of the targets. No words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stepcalc.facts import kind
from stepcalc.items import item_id
from stepcalc.ops.losses import OUTPUT, TARGET, Loss
from stepcalc.problem import NetworkProblem
from stepcalc.trace import Trace

EQUAL = 1e-12
"""Outputs that differ by no more than this part of them are equal: they differ by rounding."""

UNDECIDED = -1
"""The class where the outputs of several are equal."""


@dataclass(frozen=True)
class Decision:
    """What the network decides for a sample: by ``threshold`` for one output, else by the largest.

    Where several outputs are the largest, ``items`` are they, and nothing is decided.
    """

    items: tuple[str, ...]
    value: float
    decision: str | None
    threshold: float | None
    truth: str | None


def decision(trace: Trace, sample: int | None, time: int | None = None) -> Decision | None:
    """The decision, where the problem names the classes, one of them at a time is true, and the output has numbers.

    Of outputs at several time steps, that at ``time``.
    """
    problem = trace.problem
    if not isinstance(problem, NetworkProblem) or problem.data.classes is None or not _one_class_is_true(trace):
        return None
    output, target = (trace.graph[trace.graph.cost].parents[slot] for slot in (OUTPUT, TARGET))
    if output not in trace.values or not np.all(np.isfinite(trace.values[output])):
        return None
    indices = [index for index in trace.graph[output].indices() if time is None or index[0] == time]
    items = [item_id(output, index, sample) for index in indices]
    threshold = _threshold(trace) if len(items) == 1 else None
    steps = trace.graph[output].shape[0] if time else 1
    at = ((sample or 1) - 1) * steps + (time or 1) - 1
    values = _rows(trace, output)[at]
    best = np.flatnonzero(_largest(values))
    decided, right = (
        problem.data.classes[_classes(trace, name)[at]]
        if name in trace.values and _classes(trace, name)[at] != UNDECIDED
        else None
        for name in (output, target)
    )
    return Decision(tuple(items[k] for k in best), float(np.max(values)), decided, threshold, right)


def rightly_decided(trace: Trace) -> int | None:
    """How many of several decisions, one a sample and time step, are right; None where there are not several."""
    output, target = (trace.graph[trace.graph.cost].parents[slot] for slot in (OUTPUT, TARGET))
    several = len(_rows(trace, output)) > 1 if output in trace.values else False
    if not several or target not in trace.values or decision(trace, *_first(trace, output)) is None:
        return None
    right = _classes(trace, target)
    return None if UNDECIDED in right else int(np.sum(_classes(trace, output) == right))


def true_class(trace: Trace, sample: int | None) -> int | None:
    """The place of the sample's one true class, for a loss that looks at no other output."""
    cost = trace.graph[trace.graph.cost]
    if not isinstance(cost.op, Loss) or not cost.op.one_hot or cost.parents[TARGET] not in trace.values:
        return None
    target = cost.parents[TARGET]
    return int(np.argmax(_by_sample(trace, target)[(sample or 1) - 1]))


def _first(trace: Trace, output: str) -> tuple[int | None, int | None]:
    """The first sample and time step, where there are any."""
    return (1 if trace.graph.samples else None), (1 if len(trace.graph[output].shape) > 1 else None)


def _by_sample(trace: Trace, name: str) -> np.ndarray:
    return np.reshape(trace.values[name], (trace.graph.samples or 1, -1))


def _rows(trace: Trace, name: str) -> np.ndarray:
    """The outputs that one decision is made by a row: those of a sample, of a sequence at one time step."""
    return np.reshape(trace.values[name], (-1, trace.graph[name].shape[-1]))


def _classes(trace: Trace, name: str) -> np.ndarray:
    """The class that outputs or targets tell for each sample, counted from 0; ``UNDECIDED`` where several are equal."""
    values = _rows(trace, name)
    if values.shape[1] == 1:
        return (values[:, 0] >= _threshold(trace)).astype(int)
    largest = _largest(values)
    return np.where(np.sum(largest, axis=1) > 1, UNDECIDED, np.argmax(largest, axis=1))


def _largest(values: np.ndarray) -> np.ndarray:
    """Which values are the largest along the last axis; several where they are equal but for rounding."""
    greatest = np.max(values, axis=-1, keepdims=True)
    largest: np.ndarray = values >= greatest - EQUAL * np.abs(greatest)
    return largest


def _threshold(trace: Trace) -> float:
    """From where on a single output says yes: half-way from 0 to 1, or from -1 to 1."""
    targets = trace.values.get(trace.graph[trace.graph.cost].parents[TARGET], np.zeros(1))
    return 0.0 if kind(trace, trace.graph.cost) == "hinge" or np.any(targets < 0) else 0.5


def _one_class_is_true(trace: Trace) -> bool:
    """Whether the outputs compete: there is one, or they are a softmax, or one target of every sample says yes."""
    output, target = (trace.graph[trace.graph.cost].parents[slot] for slot in (OUTPUT, TARGET))
    if trace.graph[output].shape[-1] == 1 or kind(trace, output) == "softmax":
        return True
    if target not in trace.values:
        return False
    return bool(np.all(np.sum(trace.values[target] >= _threshold(trace), axis=-1) == 1))
