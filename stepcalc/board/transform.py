"""Changing written mathematics leaf by leaf: putting numbers in for symbols, other glyphs, strikes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, cast

from stepcalc.board.nodes import Equation, Glyph, Node

Change = Callable[[Node], Node | None]


def transform(node: Node, change: Change) -> Node:
    """``node`` with every part for which ``change`` returns another node replaced by it, from the top down.

    What ``change`` returns is not looked into again.
    """
    replaced = change(node)
    if replaced is not None:
        return replaced
    return replace(node, **{f.name: _value(getattr(node, f.name), change) for f in fields(node)})


def _value(value: Any, change: Change) -> Any:
    if isinstance(value, tuple):
        return tuple(_value(part, change) for part in value)
    if is_dataclass(value) and not isinstance(value, (Glyph, type)):
        return transform(cast(Node, value), change)
    return value


def transform_equation(equation: Equation, change: Change) -> Equation:
    """The equation with ``change`` applied to all its parts and to what stands beside it."""
    aside = transform(equation.aside, change) if equation.aside else None
    return replace(equation, parts=tuple(transform(part, change) for part in equation.parts), aside=aside)


def walk(node: Node) -> Iterator[Node]:
    """``node`` and all nodes in it, from the left."""
    yield node
    for f in fields(node):
        yield from _inside(getattr(node, f.name))


def _inside(value: Any) -> Iterator[Node]:
    if isinstance(value, tuple):
        for part in value:
            yield from _inside(part)
    elif is_dataclass(value) and not isinstance(value, (Glyph, type)):
        yield from walk(cast(Node, value))
