"""What is found of a structure is found once, and forgotten with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from stepcalc.drawing.model import Model

More = TypeVarTuple("More")
R = TypeVar("R")


def once(find: Callable[[Model, *More], R]) -> Callable[[Model, *More], R]:
    """``find`` for a model, which keeps what was found."""

    @wraps(find)
    def kept(model: Model, *more: *More) -> R:
        key = (find, *more)
        if key not in model.found:
            model.found[key] = find(model, *more)
        found: R = model.found[key]
        return found

    return kept
