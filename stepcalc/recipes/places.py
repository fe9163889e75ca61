"""Places in a problem file, as a recipe writes them: ``layers[2].activation``, counted from 1."""

from __future__ import annotations

import re
from typing import Any

from stepcalc.errors import Fault, InputError
from stepcalc.problem.faults import Path, place, shown

_STEP = re.compile(r"(?:^|\.)([\w-]+)|\[(\d{1,6})\]")
MAX_STEPS = 10


def read_place(typed: str) -> Path:
    """``("layers", 1, "activation")``. Raises :class:`InputError` for what is no place."""
    steps: list[str | int] = []
    end = 0
    for found in _STEP.finditer(typed):
        if found.start() != end or len(steps) == MAX_STEPS:
            break
        steps.append(found[1] if found[1] is not None else int(found[2]) - 1)
        end = found.end()
    if not steps or end != len(typed) or -1 in steps:
        raise InputError(Fault("", "is no name of an array and no place of the problem, as layers[2].activation is"))
    return tuple(steps)


def put(fields: Any, path: Path, value: Any) -> None:
    """Put a value in its place, under a key that may be new. Raises :class:`InputError` where there is none."""
    at = fields
    for depth, step in enumerate(path):
        if not _leads_on(at, step):
            raise InputError(Fault("", f"the problem has no {shown(place(path[: depth + 1]))}"))
        if depth == len(path) - 1:
            at[step] = value
        else:
            at = at.setdefault(step, {}) if isinstance(step, str) else at[step]


def _leads_on(at: Any, step: str | int) -> bool:
    """Whether there is such a place in a list, or may be in a table."""
    return isinstance(at, list) and step < len(at) if isinstance(step, int) else isinstance(at, dict)


def take_out(fields: Any, path: Path) -> None:
    """Take away what stands at a place, if anything does."""
    for step in path[:-1]:
        fields = fields[step] if isinstance(step, int) else fields.get(step, {})
    fields.pop(path[-1], None)
