"""Reference tables: every registered activation or loss with its formula and its derivative, found as on a sheet.

Parameters stay letters, so that the table holds for all their values; pictures are drawn with the usual ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import sympy as sp

from stepcalc.board.nodes import Call, Deriv, Equation, Exp, Frac, Glyph, Node, Num, Rel, Relation, SumOver, Sym
from stepcalc.board.transform import transform
from stepcalc.calculus.to_board import to_board
from stepcalc.notebook import Shown
from stepcalc.ops import registry
from stepcalc.ops.activation import A, Activation, Kink, Z
from stepcalc.ops.base import Operation
from stepcalc.ops.losses import Loss
from stepcalc.ops.softmax import Softmax
from stepcalc.problem import TableProblem
from stepcalc.problem.vocabulary import words
from stepcalc.reasons import reasons_of

_Z = Sym(Glyph("z"))
_LINEAR = "f"
"""How a function is called that has no name of its own."""


@dataclass(frozen=True)
class Row:
    """One operation: the word that a problem file has for it, its formula, its derivatives, and what is said of it.

    ``says`` is an activation's range, or the task that a loss is for. ``usual`` is the operation with its usual
    parameters, ``defaults`` these parameters by their letters.
    """

    word: str
    formula: Equation
    derivatives: tuple[Equation, ...]
    says: str
    usual: Operation
    title: str = ""
    defaults: tuple[tuple[Node, float], ...] = ()

    @property
    def kinks(self) -> tuple[Kink, ...]:
        """Where an activation has no derivative."""
        return tuple(getattr(self.usual, "kinks", ()))


@dataclass(frozen=True)
class Reference(Shown):
    """A solved table: the operations in the order of the file format, then those of one's own."""

    problem: TableProblem
    rows: tuple[Row, ...] = field(repr=False)


def look_up(problem: TableProblem) -> Reference:
    """The table that ``problem`` asks for."""
    family = {"activations": "activation", "losses": "loss"}[problem.table.of]
    return Reference(problem, tuple(_row(family, word) for word in words(family)))


def _row(family: str, word: str) -> Row:
    usual = registry.make(family, word, {})
    letters = {key: sp.Symbol(key, positive=True) for key in registry.parameters(family, word) if key != "scale"}
    op = _with_letters(family, word, letters)
    defaults = tuple((to_board(letter), float(getattr(usual, key))) for key, letter in letters.items() if op != usual)
    write = next(write for kind, write in _WRITERS.items() if isinstance(op, kind))
    formula, derivatives = write(op)
    says = cast(str, op.task if isinstance(op, Loss) else getattr(op, "range", ""))
    return Row(word, formula, tuple(derivatives), says, usual, str(getattr(op, "title", "")), defaults)


def _with_letters(family: str, word: str, letters: dict[str, sp.Symbol]) -> Any:
    """The operation with letters for its parameters; with its usual numbers, where it takes nothing else."""
    try:
        return registry.make(family, word, letters)
    except (TypeError, ValueError):
        return registry.make(family, word, {})


Written = tuple[Equation, Iterator[Equation]]


def _activation(op: Activation) -> Written:
    name = op.function or _LINEAR
    called = Call(name, (_Z,))
    derivative = transform(
        to_board(op.short_derivative),
        lambda part: called if isinstance(part, Sym) and part.item == A.name else _z_first(part),
    )
    formula = Equation((called, transform(to_board(op.formula), _z_first)), ("=",))
    return formula, iter([Equation((Call(name, (_Z,), primes=1), derivative), ("=",))])


def _z_first(part: Node) -> Node | None:
    """A condition that says of z where it is."""
    turned = isinstance(part, Rel) and isinstance(part.right, Sym) and part.right.item == Z.name
    return Rel(part.right, _TURNED[part.relation], part.left) if isinstance(part, Rel) and turned else None


_TURNED: dict[Relation, Relation] = {"≤": "≥", "≥": "≤", "<": ">", ">": "<"}


def _softmax(op: Softmax) -> Written:
    """One output of several, and its derivative by its own z and by another."""
    i, k = Sym(Glyph("i")), Sym(Glyph("k"))
    raised = [Exp(Sym(Glyph("z", index.glyph.base))) for index in (i, k)]
    share = Frac(raised[0], SumOver(k, Num("1"), Sym(Glyph("K")), raised[1]))
    formula = Equation((Sym(Glyph("a", "i")), share), ("=",))
    return formula, (Equation((found.name, found.lines[-1].parts[-1]), ("=",)) for found in reasons_of(op))


def _loss(op: Loss) -> Written:
    loss, output = Sym(Glyph("L")), Sym(Glyph("y", hat=True))
    slope = Equation((Deriv(loss, output), to_board(op.short_slope)), ("=",))
    return Equation((loss, to_board(op.element)), ("=",)), iter([slope])


_WRITERS: dict[type, Callable[..., Written]] = {Activation: _activation, Softmax: _softmax, Loss: _loss}
