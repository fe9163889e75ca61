"""A million 2-2-1 networks at once, forward, loss and backward, in double precision on one thread.

NumPy's elementwise operations have one thread anyway; PyTorch is told so.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from _by_hand import WANTED, columns, random_networks, vmap_grad
from _measure import Row, print_table

from stepcalc.graph import build
from stepcalc.many import many
from stepcalc.problem import Problem

BY_HAND, BY_VMAP = 0.7, 2.0
BLOCKS = (2048, 4096, 8192, 16384, 32768)
ROUNDS = 11


def ours(feeds: dict[str, np.ndarray]) -> Callable[[], dict[str, np.ndarray]]:
    """The same through a graph made from a problem, as marking and exams do it."""
    layers = [{"type": "dense", "activation": "sigmoid", "units": units} for units in (2, 1)]
    graph = build(Problem(loss="binary_cross_entropy", data={"inputs": 2}, layers=layers))
    return lambda: many(graph, feeds, np, WANTED)


def seconds(work: Callable[[], Any], clock: Callable[[], float]) -> float:
    start = clock()
    work()
    return clock() - start


def paired(
    ours: Callable[[], Any], other: Callable[[], Any], rounds: int, clock: Callable[[], float] = time.process_time
) -> dict[str, float]:
    """The two sides in turn, so that both meet the machine in the same state: median ratio, and median seconds."""
    pairs = []
    for turn in range(rounds):
        first, second = (ours, other) if turn % 2 else (other, ours)
        times = {first: seconds(first, clock), second: seconds(second, clock)}
        pairs.append((times[ours], times[other]))
    return {
        "ours": statistics.median(mine for mine, _ in pairs),
        "other": statistics.median(theirs for _, theirs in pairs),
        "ratio": statistics.median(theirs / mine for mine, theirs in pairs),
    }


def compare(problems: int, rounds: int = ROUNDS) -> dict[str, dict[str, float]]:
    """Ours against by hand (in the blocks that suit it best) and against vmap; all results are compared."""
    feeds = random_networks(problems)
    calculate = ours(feeds)
    expected, found = columns(feeds, 8192), calculate()
    for name in WANTED:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-10, atol=1e-13)
    batched = vmap_grad(feeds)
    gradients, losses = batched()
    np.testing.assert_allclose(losses.numpy(), expected["L"], rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(gradients["W1"].numpy(), expected["dL/dW1"], rtol=1e-10, atol=1e-13)
    by_vmap = paired(calculate, batched, rounds)
    # By hand comes last: the allocator has learnt by then to keep large arrays' memory, which suits that side most.
    by_hand = [paired(calculate, partial(columns, feeds, block), rounds) for block in (*BLOCKS, problems)]
    return {"by hand": min(by_hand, key=lambda found: found["ratio"]), "vmap": by_vmap}


def main(problems: int) -> None:
    against, targets = compare(problems), {"by hand": BY_HAND, "vmap": BY_VMAP}
    rows = [
        Row(
            f"against {side}",
            f"{problems / found['ours'] / 1e6:.1f} M networks/s",
            f"{targets[side]} × {problems / found['other'] / 1e6:.1f} M networks/s",
            found["ratio"] / targets[side],
        )
        for side, found in against.items()
    ]
    print_table(f"{problems:,} networks 2-2-1: forward, loss, backward", rows)
    for side, found in against.items():
        print(f"{found['ratio']:.2f} times as fast as {side} (target {targets[side]})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
