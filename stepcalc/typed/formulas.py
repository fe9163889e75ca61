r"""Formulas as students type them, plain or LaTeX: -x_1 w_1 a_1 (1-a_1)(y-\hat y), −x1*w1*a1*(1−a1)*(y−ŷ)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import sympy

from stepcalc.calculus import pieces
from stepcalc.calculus.functions import link, slope
from stepcalc.calculus.grammar import Reader
from stepcalc.calculus.pieces import FUNCTIONS, Piece
from stepcalc.calculus.symbols import symbol
from stepcalc.calculus.syntax import Refused, SyntaxTree, fold
from stepcalc.calculus.vocabulary import function
from stepcalc.typed.grammar import tree_of
from stepcalc.typed.lexer import Decimal, refuse_long, tokens_of
from stepcalc.typed.names import Names
from stepcalc.typed.wrapping import unwrapped

MAX_DEGREE = 100
"""The highest power that powers of powers may come to, so that no formula takes long to be worked with."""
Rule = Callable[[list[Any]], sympy.Expr]
"""What a node is in SymPy, given what its parts are."""

_WITH_CASES = {"relu": "ReLU", "LeakyReLU": "LeakyReLU", "ELU": "ELU"}
"""The functions whose derivative keeps its name, and how that is printed."""


@dataclass(frozen=True)
class Formula:
    """A formula read. ``names`` are the items in it in order of appearance.

    ``expression`` has the symbols of the derivation, one per item (:func:`stepcalc.calculus.symbols.symbol`). A named
    slope, ReLU′(z), is :func:`~stepcalc.calculus.functions.slope` as there, a derivative along one link, ∂ŷ/∂z,
    :func:`~stepcalc.calculus.functions.link`. It is as it was typed, not evaluated, so that no algebra is done that
    could take long: :func:`stepcalc.calculus.evaluate.evaluate` puts numbers in. Numbers are exact where they are
    fractions, else doubles. ``tree`` is what was typed, for :mod:`stepcalc.typed.form` to judge.
    """

    raw: str
    expression: sympy.Expr
    names: tuple[str, ...]
    tree: SyntaxTree = field(repr=False)


def read_formula(raw: str, names: Names, decimal: Decimal = "auto") -> Formula:
    """What a student typed, in the names of a problem.

    What stands before a sign of equality may be one name, and is left out. ``decimal`` is the decimal mark; with
    "auto" both are, as long as it is clear that they are. Raises :class:`Refused` with the place counted in ``raw``:
    for wrong syntax, unknown names, what may be read in two ways, what is undefined, too long, too deep, or too high
    a power.
    """
    refuse_long(raw)
    tree = tree_of(tokens_of(_right_side(unwrapped(raw), names), names, decimal))
    reader = _Reader(())
    means = _RULES | {"name": partial(_named, names)}
    read = fold(tree, {node: partial(_part, check, means[node]) for node, check in reader.rules.items()})
    if _degree(read.expression) > MAX_DEGREE:
        raise Refused(-1, f"the powers come to more than {MAX_DEGREE}")
    return Formula(raw, read.expression, tuple(reader.used), tree)


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

    def call(self, parts: list[Any]) -> Piece:
        if str(parts[0]) != "sgn":
            return super().call(parts)
        piece = pieces.call("abs", parts[0].start_pos or 0, parts[1:])
        value = parts[1].value
        return piece if value is None else replace(piece, value=math.copysign(bool(value), value), exact=None)

    def slope(self, parts: list[Any]) -> Piece:
        """A derivative is checked as a function is; of one with cases any will do."""
        name, *args = parts
        known = str(name) in _WITH_CASES or (str(name) in FUNCTIONS and not FUNCTIONS[str(name)].variadic)
        if not known or any(piece.value is not None for piece in args):
            at = " at a number" if known else ""
            raise Refused(name.start_pos or 0, f"the derivative of {name}{at} has to be written out")
        return pieces.call("relu" if str(name) in _WITH_CASES else str(name), name.start_pos or 0, args)


class _Part(NamedTuple):
    """A part of a formula: as it was checked, and in SymPy."""

    piece: Piece
    expression: sympy.Expr


def _part(check: Callable[[list[Any]], Piece], mean: Rule, parts: list[Any]) -> _Part:
    piece = check([part.piece if isinstance(part, _Part) else part for part in parts])
    below = [part.expression if isinstance(part, _Part) else part for part in parts]
    if piece.exact is not None:
        return _Part(piece, sympy.Rational(piece.exact.numerator, piece.exact.denominator))
    if piece.value is not None:
        return _Part(piece, sympy.E if piece.value == math.e else sympy.Float(piece.value))
    return _Part(piece, mean(below))


def _named(names: Names, parts: list[Any]) -> sympy.Expr:
    """The symbol of an item; a derivative along a link is told by both of its ends."""
    item = str(parts[0])
    ends = names.link(item)
    return link(symbol(ends[0]), symbol(ends[1])) if ends else symbol(item)


def _call(parts: list[Any]) -> sympy.Expr:
    name, *args = parts
    if name == "sqrt":
        return _raised(args[0], sympy.S.Half)
    apply = {"exp": sympy.exp, "abs": sympy.Abs}.get(str(name)) or function(str(name))
    assert apply is not None, "it was checked"
    return apply(*args, evaluate=False)


def _slope(parts: list[Any]) -> sympy.Expr:
    """σ′(z): the derivative in the function's own terms; one that has cases keeps its name."""
    name, argument = str(parts[0]), parts[1]
    if name in _WITH_CASES:
        return slope(_WITH_CASES[name], argument)
    at = sympy.Dummy(real=True)
    return _put(_call([name, at]).diff(at), at, argument)


def _put(expression: sympy.Expr, at: sympy.Dummy, argument: sympy.Expr) -> sympy.Expr:
    """``expression`` with ``argument`` in place of ``at``, as it is."""
    if expression == at or not expression.args:
        return argument if expression == at else expression
    return expression.func(*(_put(arg, at, argument) for arg in expression.args), evaluate=False)


def _sum(parts: list[Any]) -> sympy.Expr:
    signs = ["+", *map(str, parts[1::2])]
    terms = (_negative(term) if sign == "-" else term for sign, term in zip(signs, parts[::2], strict=True))
    return sympy.Add(*terms, evaluate=False)


def _product(parts: list[Any]) -> sympy.Expr:
    signs = ["*", *map(str, parts[1::2])]
    pairs = zip(signs, parts[::2], strict=True)
    factors = (_raised(factor, sympy.S.NegativeOne) if sign == "/" else factor for sign, factor in pairs)
    return sympy.Mul(*factors, evaluate=False)


def _negative(term: sympy.Expr) -> sympy.Expr:
    return sympy.Mul(sympy.S.NegativeOne, term, evaluate=False)


def _raised(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    if base is sympy.E:
        return sympy.exp(exponent, evaluate=False)
    return sympy.Pow(base, exponent, evaluate=False)


_RULES: dict[str, Rule] = {
    "call": _call,
    "slope": _slope,
    "sum": _sum,
    "product": _product,
    "sign": lambda parts: _negative(parts[1]) if parts[0] == "-" else parts[1],
    "power": lambda parts: _raised(parts[0], parts[2]),
    "group": lambda parts: parts[0],
    "number": lambda parts: sympy.Rational(str(parts[0])),
}
"""What each node is in SymPy, which is not let work on it: what a student typed could take it very long."""


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
