"""What is each item worth?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from stepcalc.items import Item
from stepcalc.marking.steps import Steps

DEFAULT = "default"


def worths(steps: Steps, items: Sequence[str]) -> dict[str, float]:
    """What each item is worth: its own marks, or its share of those of its array, whichever id they are said under."""
    marks, known = steps.trace.problem.marking.marks, steps.trace.problem.items
    single, arrays = dict[str, float](), dict[str, float]()
    for typed, worth in marks.items():
        if (item := known.scalar(typed)) is not None:
            single[steps.canonical(item)] = worth
        elif (array := known.array(typed)) is not None:
            arrays[_canonical(steps, array)] = worth
    canonical = {item: steps.canonical(item) for item in items}
    sizes = Counter(array_of(spelled) for spelled in canonical.values() if spelled not in single)
    found: dict[str, float] = {}
    for item, spelled in canonical.items():
        array = array_of(spelled)
        shared = arrays[array] / sizes[array] if array in arrays else marks.get(DEFAULT, 1.0)
        found[item] = single.get(spelled, shared)
    return found


def array_of(item: str) -> str:
    """The array that a scalar is an element of, in all samples: dL/dW1 for dL/dW1[2,3]."""
    return str(replace(Item.parse(item), index=(), sample=None))


def _canonical(steps: Steps, array: str) -> str:
    """The array that :func:`array_of` gives for its elements' canonical ids."""
    parsed = Item.parse(array)
    return str(replace(parsed, name=steps.graph.canonical(parsed.name), update=_later(parsed.update)))


def _later(update: int | None) -> int | None:
    """The number of an update; the first has none."""
    return None if update == 1 else update
