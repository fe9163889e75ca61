"""Parts of a line worked out from the numbers that it shows, as a calculator's user would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from stepcalc.board.evaluate import evaluate
from stepcalc.board.nodes import Add, Cases, Mul, Node, Num
from stepcalc.board.transform import children, mapped
from stepcalc.board.truth import number_text
from stepcalc.rounding import decimal_text

Write: TypeAlias = Callable[[Decimal], Num]
"""A printer of numbers, like :data:`~stepcalc.lines.Show`, for a value worked out from printed numbers."""


@dataclass(frozen=True, slots=True)
class Worked:
    """A segment made from the segment before it by carrying out some of its operations."""

    work: Callable[[Node, Write], Node]


def products(node: Node, write: Write | None = None) -> Node:
    """A sum with each of its terms worked out: ``0.7(0.99) + 0.2`` to ``0.693 + 0.2``; exactly without ``write``."""
    if not isinstance(node, Add):
        return _worked_out(node, write)
    return Add(tuple(_worked_out(term, write) for term in node.terms))


def summands(node: Node, write: Write | None = None) -> Node:
    """As :func:`products`, for a sum that may have factors in front: ``½(0.5² + 1²)`` to ``½(0.25 + 1)``."""
    if not isinstance(node, Mul):
        return products(node, write)
    return replace(node, factors=tuple(products(f, write) if isinstance(f, Add) else f for f in node.factors))


def inner(node: Node, write: Write | None = None) -> Node:
    """The innermost operations worked out: ``−ln(1 − 0.9076)`` to ``−ln 0.0924``; exactly without ``write``."""
    if isinstance(node, Cases) or all(_is_number(child) for child in children(node)):
        return _worked_out(node, write)
    return mapped(lambda child: inner(child, write), node)


PRODUCTS = Worked(products)
SUMMANDS = Worked(summands)
INNER = Worked(inner)


def _is_number(node: Node) -> bool:
    return number_text(node) is not None


def _worked_out(node: Node, write: Write | None) -> Node:
    if _is_number(node):
        return node
    value = evaluate(node)
    return write(value) if write else Num(decimal_text(value), found=True)
