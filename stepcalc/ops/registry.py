"""All operations by family and name; a file in this folder registers what it defines by being there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeVar

from stepcalc.errors import did_you_mean

FAMILIES = ("activation", "loss", "layer", "optimizer")

BOUND = {"bound": True}
"""The metadata of a field that the graph settles; all others are parameters, which a problem may set."""

_registry: dict[str, dict[str, type]] = {family: {} for family in FAMILIES}

T = TypeVar("T", bound=type)


def register(family: str) -> Callable[[T], T]:
    """Class decorator: enter the class under its ``name``. Raises :class:`ValueError` on a second one of that name."""

    def enter(cls: T) -> T:
        known = _registry[family]
        if cls.name in known:  # type: ignore[attr-defined]
            raise ValueError(f"{family} {cls.name!r} is defined twice")  # type: ignore[attr-defined]
        known[cls.name] = cls  # type: ignore[attr-defined]
        return cls

    return enter


@cache
def _load_all() -> None:
    package = import_module("stepcalc.ops")
    for module in sorted(iter_modules(package.__path__), key=lambda m: m.name):
        import_module(f"stepcalc.ops.{module.name}")


def names(family: str) -> list[str]:
    """The names known in a family, sorted."""
    _load_all()
    return sorted(_registry[family])


def find(family: str, name: str) -> Any:
    """The class of that name. Raises :class:`LookupError` naming the nearest known one."""
    _load_all()
    if name in _registry[family]:
        return _registry[family][name]
    hint = did_you_mean(name, names(family)) or f"; known: {', '.join(names(family))}"
    raise LookupError(f"unknown {family} {name!r}{hint}")


def parameters(family: str, name: str) -> dict[str, Any]:
    """The parameters of an operation and their defaults (``...`` where it has none)."""
    own = (f for f in fields(find(family, name)) if not f.metadata.get("bound"))
    return {f.name: (... if f.default is MISSING else f.default) for f in own}


def make(family: str, name: str, values: Mapping[str, Any]) -> Any:
    """An operation with its parameters. Raises :class:`LookupError`; :class:`ValueError` for one out of domain."""
    return find(family, name)(**values)
