"""A million 2-2-1 networks at once, forward, loss and backward, in double precision on one thread.

NumPy's elementwise operations have one thread anyway; PyTorch is told so.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from _by_hand import WANTED, columns, random_networks, vmap_grad
from _measure import Row, print_table

from stepcalc.evaluate import many
from stepcalc.graph import build
from stepcalc.problem import Problem

BY_HAND, BY_VMAP = 0.7, 2.0
BLOCKS = (2048, 4096, 8192, 16384, 32768)
ROUNDS = 7


def ours(feeds: dict[str, np.ndarray]) -> Callable[[], dict[str, np.ndarray]]:
    """The same through a graph made from a problem, as marking and exams do it."""
    layers = [{"type": "dense", "activation": "sigmoid", "units": units} for units in (2, 1)]
    graph = build(Problem(loss="binary_cross_entropy", data={"inputs": 2}, layers=layers))
    return lambda: many(graph, feeds, np, WANTED)


def fastest(sides: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Seconds of each side, the sides taking turns, so that a disturbance meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, work in sides.items():
            start = time.process_time()
            work()
            times[name].append(time.process_time() - start)
    return {name: min(found) for name, found in times.items()}


def compare(problems: int, rounds: int = ROUNDS, vmap: bool = True) -> dict[str, float]:
    """Seconds by side: ours, by hand (the best of whole arrays and blocks), vmap; all results are compared."""
    feeds = random_networks(problems)
    calculate = ours(feeds)
    expected, found = columns(feeds, 8192), calculate()
    for name in WANTED:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-10, atol=1e-13)
    sides: dict[str, Callable[[], Any]] = {"ours": calculate}
    for block in (*BLOCKS, problems):
        sides[f"by hand, {block}"] = lambda block=block: columns(feeds, block)
    if vmap:
        sides["vmap"] = vmap_grad(feeds)
        gradients, losses = sides["vmap"]()
        np.testing.assert_allclose(losses.numpy(), expected["L"], rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(gradients["W1"].numpy(), expected["dL/dW1"], rtol=1e-10, atol=1e-13)
    seconds = fastest(sides, rounds)
    by_hand = {name: value for name, value in seconds.items() if name.startswith("by hand")}
    return {**seconds, "by hand": min(by_hand.values())}


def main(problems: int) -> None:
    seconds = compare(problems)
    rows = [
        Row(
            f"against {side}",
            f"{problems / seconds['ours'] / 1e6:.1f} M networks/s",
            f"{target} × {problems / seconds[side] / 1e6:.1f} M networks/s",
            seconds[side] / seconds["ours"] / target,
        )
        for side, target in (("by hand", BY_HAND), ("vmap", BY_VMAP))
    ]
    print_table(f"{problems:,} networks 2-2-1: forward, loss, backward", rows)
    for side, target in (("by hand", BY_HAND), ("vmap", BY_VMAP)):
        print(f"{seconds[side] / seconds['ours']:.2f} times as fast as {side} (target {target})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
