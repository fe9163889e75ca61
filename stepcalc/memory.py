"""What is left, at earlier time steps, of the gradient that starts at the last one. Data, no words."""

from __future__ import annotations

import numpy as np

from stepcalc.ops.each_step import EachStep, backward_through_time
from stepcalc.trace import Trace


def left_over(trace: Trace, output: str, names: tuple[str, ...], sample: int | None) -> dict[str, list[float]] | None:
    """For each of ``names`` the length of the gradient by it at every time step, from the first on.

    Counted is what starts at the last step of a recurrent layer's ``output`` only: the shares of other outputs are not.
    None where there are no numbers, or a double cannot hold one.
    """
    graph = trace.graph
    if output not in trace.gradients:
        return None
    stage = next(stage for stage in graph.stages if output in stage)
    ops = {name: op for name in stage if isinstance(op := graph[name].op, EachStep)}
    parents = {name: graph[name].parents for name in stage}
    known = {*stage, *(parent for name in stage for parent in parents[name])}
    values = {name: _with_samples(trace, name, trace.values[name]) for name in known}
    start = np.zeros_like(values[output])
    start[..., -1, :] = _with_samples(trace, output, trace.gradients[output])[..., -1, :]
    with np.errstate(all="ignore"):
        found = backward_through_time(np, ops, parents, values, {output: start}, needed=frozenset(stage))
        lengths = {name: np.linalg.norm(found[name][(sample or 1) - 1], axis=-1) for name in names}
    if not all(np.all(np.isfinite(length)) for length in lengths.values()):
        return None
    return {name: length.tolist() for name, length in lengths.items()}


def _with_samples(trace: Trace, name: str, array: np.ndarray) -> np.ndarray:
    """The array with the sample axis that it has in the kernels."""
    return array[None] if trace.graph[name].per_sample and trace.graph.samples is None else array
