"""Walking over written mathematics and changing it: numbers put in for symbols, other glyphs, strikes.

What is not changed stays the very same node, so that whoever changes a leaf pays for the way down to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any, TypeAlias, get_args

from stepcalc.board.nodes import Equation, Node

Change: TypeAlias = Callable[[Node], Node | None]

_BRANCHES: dict[type[Any], tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind) if "Node" in str(field.type)) for kind in get_args(Node)
}
"""The fields of each node in which other nodes stand."""


def children(node: Node) -> Iterator[Node]:
    """The nodes directly under ``node``, from the left."""
    for name in _BRANCHES[type(node)]:
        yield from _nodes(getattr(node, name))


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, tuple):
        for part in value:
            yield from _nodes(part)
    elif value is not None:
        yield value


def walk(node: Node) -> Iterator[Node]:
    """``node`` and all nodes in it, from the left."""
    yield node
    for child in children(node):
        yield from walk(child)


def contains(node: Node, wanted: Callable[[Node], bool]) -> bool:
    """Whether ``node`` or anything under it is ``wanted``."""
    return any(map(wanted, walk(node)))


def mapped(change: Callable[[Node], Node], node: Node) -> Node:
    """``node`` with ``change`` applied to each node directly under it."""
    changed: dict[str, Any] = {}
    for name in _BRANCHES[type(node)]:
        value = getattr(node, name)
        new = _mapped(change, value)
        if new is not value:
            changed[name] = new
    return replace(node, **changed) if changed else node


def _mapped(change: Callable[[Node], Node], value: Any) -> Any:
    if isinstance(value, tuple):
        new = tuple(_mapped(change, part) for part in value)
        return new if any(one is not other for one, other in zip(new, value, strict=True)) else value
    return None if value is None else change(value)


def transform(node: Node, change: Change) -> Node:
    """``node`` with every part for which ``change`` returns another node replaced by it, from the top down.

    What ``change`` returns is not looked into again.
    """
    replaced = change(node)
    return mapped(lambda child: transform(child, change), node) if replaced is None else replaced


def transform_equation(equation: Equation, change: Change) -> Equation:
    """The equation with ``change`` applied to all its parts, to what stands beside it and to what is withheld."""
    aside, withheld = (part and transform(part, change) for part in (equation.aside, equation.withheld))
    parts = tuple(transform(part, change) for part in equation.parts)
    return replace(equation, parts=parts, aside=aside, withheld=withheld)
