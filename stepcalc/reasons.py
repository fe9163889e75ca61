"""Why the derivatives in use are what they are: each operation's derivative, differentiated by named rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import sympy as sp

from stepcalc.board.nodes import Call, Deriv, Diff, Equation, Glyph, Node, Sym
from stepcalc.board.transform import transform, transform_equation
from stepcalc.calculus.differentiate import explain
from stepcalc.calculus.glyphs import default_glyph
from stepcalc.calculus.symbols import symbol
from stepcalc.derive import Local
from stepcalc.graph import Graph
from stepcalc.notation import Notation
from stepcalc.ops.activation import A, Activation, Z
from stepcalc.ops.base import Operation
from stepcalc.ops.expression import Expression
from stepcalc.ops.losses import Y_HAT, Loss
from stepcalc.ops.softmax import Softmax

_I, _J, _REST = (symbol(name) for name in ("z_i", "z_j", "rest"))
_A_I, _A_J = symbol("a_i"), symbol("a_j")
REST_SYMBOL = Sym(Glyph("S"), _REST.name)
"""The sum of a softmax's other exponentials."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One derivative found line by line: what it is the derivative of, and the lines."""

    kind: Literal["activation", "loss", "softmax"]
    name: Node
    lines: tuple[Equation, ...]


def reasons(graph: Graph, notation: Notation) -> Iterator[Reason]:
    """A reason for every kind of operation that a network uses, in the order of the backward pass."""
    seen = set()
    for quantity in reversed(list(graph.quantities.values())):
        op = None if quantity.op is None else quantity.op.core
        if op is None or op in seen:
            continue
        seen.add(op)
        for reason in reasons_of(op):
            yield replace(reason, lines=tuple(_dressed(line, notation) for line in reason.lines))


@lru_cache(maxsize=64)
def reasons_of(op: Operation) -> tuple[Reason, ...]:
    """The reasons of one operation; none for those that need no derivation."""
    writer = next((write for kind, write in _WRITERS.items() if isinstance(op, kind)), None)
    return () if writer is None else tuple(writer(op))


def _dressed(equation: Equation, notation: Notation) -> Equation:
    """The notation's logarithm; the letters of a general derivation stay as they are."""
    return transform_equation(equation, notation.logarithm)


def edge_reason(graph: Graph, edge: Local, notation: Notation) -> tuple[Equation, ...]:
    """The lines that differentiate a user's own definition by one of its names."""
    op = graph.locate(edge.child)[0].op
    assert isinstance(op, Expression)
    typed = transform(op.as_typed, _plainly)
    output = symbol(edge.child)
    recall = {output: op.formula} if output in edge.cases.free_symbols else None
    found = explain(typed, symbol(edge.parent), recall=recall, target=edge.cases)
    first, *rest = found.equations
    named = notation.local_derivative(edge.child, edge.parent)
    opening = Equation((named, *first.parts[-1:]), ("=",), first.reason)

    def change(part: Node) -> Node | None:
        if isinstance(part, Diff):  # ∂ or d throughout, as the left side has it
            return Diff(transform(part.wrt, change), transform(part.arg, change), named.partial)
        return notation.redress(part)

    return tuple(transform_equation(line, change) for line in (opening, *rest))


def _plainly(part: Node) -> Node | None:
    """A name in the writing that the differentiator compares by."""
    return Sym(default_glyph(part.item), part.item) if isinstance(part, Sym) and part.item else None


def _activation(op: Activation) -> Iterator[Reason]:
    if not op.function or op.short_derivative.is_Number:
        return
    found = explain(op.formula, Z, name=op.function, recall={A: op.formula}, target=op.short_derivative)
    at = Call(op.function, (Sym(Glyph("z"), Z.name),))
    lines = tuple(transform_equation(line, _output_as(at)) for line in found.equations)
    yield Reason("activation", at, lines)


def _output_as(at: Call) -> Callable[[Node], Node | None]:
    """The output written as f(z): σ(z)(1 − σ(z))."""
    return lambda part: at if isinstance(part, Sym) and part.item == A.name else None


def _loss(op: Loss) -> Iterator[Reason]:
    found = explain(op.element, Y_HAT, target=op.short_slope)
    yield Reason("loss", Sym(Glyph("L")), found.equations)


def _softmax(op: Softmax) -> Iterator[Reason]:
    """∂a_i/∂z_i and ∂a_i/∂z_j, the other exponentials being one number S."""
    total = sp.exp(_I) + _REST
    both = sp.exp(_I) + sp.exp(_J) + _REST
    rest = REST_SYMBOL
    cases: tuple[tuple[sp.Expr, sp.Symbol, dict[sp.Symbol, sp.Expr]], ...] = (
        (sp.exp(_I) / total, _I, {_A_I: sp.exp(_I) / total}),
        (sp.exp(_I) / both, _J, {_A_I: sp.exp(_I) / both, _A_J: sp.exp(_J) / both}),
    )
    for definition, wrt, recall in cases:
        found = explain(definition, wrt, recall=recall, glyph=_softmax_glyph)
        lines = tuple(
            transform_equation(line, lambda part: rest if isinstance(part, Sym) and part.item == _REST.name else None)
            for line in found.equations
        )
        name = Deriv(Sym(Glyph("a", "i")), Sym(_softmax_glyph(wrt.name)))
        yield Reason("softmax", name, lines)


def _softmax_glyph(item: str) -> Glyph:
    letter, _, sub = item.partition("_")
    return Glyph("S") if item == _REST.name else Glyph(letter, sub)


_WRITERS: dict[type, Callable[..., Iterator[Reason]]] = {Activation: _activation, Loss: _loss, Softmax: _softmax}
