"""Numbers for what has none: the points at which formulas are compared.

Two formulas that agree at eight points drawn at random, to nine digits, are the same function but for a chance that
nobody will meet (Schwartz, 1980; Zippel, 1979, for polynomials). The points lie where the problem is defined: targets
are such as the loss takes, and all that is asked has a number there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from stepcalc.marking.precision import Asked
from stepcalc.marking.state import Key, State
from stepcalc.marking.steps import Steps
from stepcalc.notation import is_setting
from stepcalc.ops.losses import Loss

POINTS = 8
SEED = 20_26
EXACTLY = Asked(relative=1e-9, absolute=1e-12)
"""As close as two ways to calculate the same come."""

Draw = Callable[[np.random.Generator, int], np.ndarray]
Own = Callable[[str], float | None]
"""The number that the problem has for an item."""
_DRAWS: tuple[Draw, ...] = (
    lambda random, count: random.uniform(0.3, 1.7, count) * random.choice([-1.0, 1.0], count),
    lambda random, count: random.uniform(0.3, 1.7, count),
    lambda random, count: random.uniform(0.1, 0.9, count),
    lambda random, count: random.uniform(1.1, 3.0, count),
)
"""Where numbers are drawn from, one after the other until everything is defined there."""


def points(steps: Steps, asked: Iterable[str]) -> Key | None:
    """The right numbers of every item at the points, (POINTS,), or its own number; None where no points are found."""
    return _points(steps, tuple(asked), steps.trace.value)


def anywhere(steps: Steps, asked: Iterable[str]) -> Key | None:
    """The same whatever numbers the problem has: all that is given is drawn."""
    return _points(steps, tuple(asked), lambda item: None)


def _points(steps: Steps, wanted: tuple[str, ...], own: Own) -> Key | None:
    leaves = list(_without_number(steps, wanted, own))
    for draw in _DRAWS:
        key = _drawn(steps, leaves, draw, own)
        state = State(steps, key, EXACTLY, frozenset())
        if all(np.isfinite(state[item].point).all() for item in wanted):
            return key
    return None


def _without_number(steps: Steps, asked: Iterable[str], own: Own) -> Iterator[str]:
    """What is given and has no number of its own, among all that the items asked are found from."""
    for item in steps.order(asked):
        if steps.step(item) is None and (is_setting(item) or own(item) is None):
            yield item


def _drawn(steps: Steps, leaves: list[str], draw: Draw, own: Own) -> Key:
    random = np.random.default_rng(SEED)

    def drawn(item: str) -> np.ndarray:
        return np.abs(_DRAWS[0](random, POINTS)) if is_setting(item) else draw(random, POINTS)

    known: dict[str, np.ndarray | None] = {item: drawn(item) for item in leaves}
    known |= _targets(steps, [item for item in leaves if not is_setting(item)], random)

    def key(item: str) -> np.ndarray | None:
        if item not in known:
            number = None if is_setting(item) else own(item)
            if number is not None:
                known[item] = np.array([number])
            else:  # a mistake may lead to what the right step does without
                known[item] = drawn(item) if steps.step(item) is None else None
        return known[item]

    return key


def _targets(steps: Steps, leaves: list[str], random: np.random.Generator) -> dict[str, np.ndarray]:
    """Targets such as the loss takes: any numbers, shares, one 1 among 0s, or ±1."""
    graph = steps.graph
    places = {item: graph.locate(item) for item in leaves}
    items = [item for item, (quantity, _, _) in places.items() if quantity.role == "target"]
    loss = graph[graph.cost].op
    if not items or not isinstance(loss, Loss):
        return {}
    size = places[items[0]][0].shape[-1]
    turn = np.arange(POINTS) % size
    kinds = (
        random.uniform(-1.5, 1.5, (len(items), POINTS)),
        random.uniform(0.2, 0.8, (len(items), POINTS)),
        np.array([turn == places[item][1][-1] - 1 for item in items], dtype=float),
        random.choice([-1.0, 1.0], (len(items), POINTS)),
    )
    fitting = next((kind for kind in kinds if loss.target_fault(kind[:size].T) is None), kinds[0])
    return dict(zip(items, fitting, strict=True))
