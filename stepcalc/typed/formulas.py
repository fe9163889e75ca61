r"""Formulas as students type them, plain or LaTeX: -x_1 w_1 a_1 (1-a_1)(y-\hat y), −x1*w1*a1*(1−a1)*(y−ŷ)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sympy

from stepcalc.calculus import pieces
from stepcalc.calculus.functions import link, slope
from stepcalc.calculus.grammar import Reader
from stepcalc.calculus.meaning import meaning
from stepcalc.calculus.pieces import Piece
from stepcalc.calculus.symbols import symbol
from stepcalc.calculus.syntax import Refused, SyntaxTree
from stepcalc.calculus.vocabulary import function
from stepcalc.typed.grammar import tree_of
from stepcalc.typed.lexer import tokens_of
from stepcalc.typed.names import Names
from stepcalc.typed.wrapping import unwrapped

MAX_DEGREE = 100
"""The highest power that powers of powers may come to, so that no formula takes long to be worked with."""

_WITH_CASES = {"relu": "ReLU", "LeakyReLU": "LeakyReLU", "ELU": "ELU"}
"""The functions whose derivative keeps its name, and how that is printed."""


@dataclass(frozen=True)
class Formula:
    """A formula read. ``names`` are the items in it in order of appearance.

    ``expression`` has the symbols of the derivation, one per item (:func:`stepcalc.calculus.symbols.symbol`). A named
    slope, ReLU′(z), is :func:`~stepcalc.calculus.functions.slope` as there, a derivative along one link, ∂ŷ/∂z,
    :func:`~stepcalc.calculus.functions.link`. ``tree`` is what was typed, for :mod:`stepcalc.typed.form` to judge.
    """

    raw: str
    expression: sympy.Expr
    names: tuple[str, ...]
    tree: SyntaxTree = field(repr=False)


def read_formula(raw: str, names: Names) -> Formula:
    """What a student typed, in the names of a problem.

    What stands before a sign of equality may be one name, and is left out. Raises :class:`Refused` with the place
    counted in ``raw``: for wrong syntax, unknown names, what may be read in two ways, what is undefined, too long, too
    deep, or too high a power.
    """
    tree = tree_of(tokens_of(_right_side(unwrapped(raw), names), names))
    reader = _Reader(())
    reader.read(tree)
    expression = meaning(tree, {"name": partial(_meant, names), "slope": _slope})
    if _degree(expression) > MAX_DEGREE:
        raise Refused(-1, f"the powers come to more than {MAX_DEGREE}")
    return Formula(raw, expression, tuple(reader.used), tree)


def _right_side(text: str, names: Names) -> str:
    """``text`` with spaces in place of a name and the sign of equality after it."""
    left, equals, _ = text.partition("=")
    if not equals or text.count("=") > 1:
        return text
    start = len(left) - len(left.lstrip())
    named = names.at(text, start) if left.strip() else None
    if named is None or text[named.end : len(left)].strip():
        return text
    return " " * (len(left) + 1) + text[len(left) + 1 :]


class _Reader(Reader):
    """Checks a formula piece by piece; what is a name was decided when it was taken apart."""

    @property
    def rules(self) -> dict[str, Callable[[list[Any]], Piece]]:
        return {**super().rules, "slope": self.slope}

    def name(self, parts: list[Any]) -> Piece:
        item = str(parts[0])
        self.used[item] = None
        return pieces.name(item)

    def slope(self, parts: list[Any]) -> Piece:
        """A derivative is checked as a function is; of one with cases any will do."""
        name, *args = parts
        return pieces.call("relu" if str(name) in _WITH_CASES else str(name), name.start_pos or 0, args)


def _meant(names: Names, parts: list[Any]) -> sympy.Expr:
    """The symbol of an item; a derivative along a link is told by both of its ends."""
    item = str(parts[0])
    ends = names.link(item)
    return link(symbol(ends[0]), symbol(ends[1])) if ends else symbol(item)


def _slope(parts: list[Any]) -> sympy.Expr:
    """σ′(z): the derivative in the function's own terms; one that has cases keeps its name."""
    name, argument = str(parts[0]), parts[1]
    if name in _WITH_CASES:
        return slope(_WITH_CASES[name], argument)
    at = sympy.Dummy(real=True)
    applied = {"exp": sympy.exp, "sqrt": sympy.sqrt}.get(name) or function(name)
    if applied is None or len(parts) > 2:
        raise Refused(parts[0].start_pos or 0, f"the derivative of {name} has to be written out")
    return applied(at).diff(at).subs(at, argument)


def _degree(expression: sympy.Expr) -> float:
    """How high the powers in an expression come, those of powers too."""
    found: dict[sympy.Basic, float] = {}
    for part in sympy.postorder_traversal(expression):
        below = [found[arg] for arg in part.args]
        if part.is_Pow and part.exp.is_number:
            found[part] = below[0] * max(1.0, abs(float(part.exp)))
        elif part.is_Mul:
            found[part] = sum(below)
        else:
            found[part] = max(below, default=1.0 if part.is_Symbol else 0.0)
    return found[expression]
