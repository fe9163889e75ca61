"""Where written mathematics needs parentheses.

The writers never decide that: they write a tree that :func:`parenthesised` has gone over, in
which a :class:`~stepcalc.board.nodes.Paren` stands wherever one is to be seen.
"""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from typing import Any

from stepcalc.board.nodes import (
    Abs,
    Add,
    Blank,
    Box,
    Call,
    Cases,
    Deriv,
    Diff,
    Dots,
    Equation,
    Exp,
    Frac,
    Hole,
    Matrix,
    Mul,
    Neg,
    Node,
    Num,
    Paren,
    Pow,
    Rel,
    Sqrt,
    Strike,
    SumOver,
    Sym,
    Transpose,
    Words,
)  # fmt: skip
from stepcalc.board.shape import signed, starts_with_digit, starts_with_minus, uncovered


class Level(IntEnum):
    """How tightly a form holds together; a form weaker than its place asks for goes into parentheses."""

    RELATION = 0
    SUM = 1
    PRODUCT = 2
    PREFIX = 3
    POWER = 4
    ATOM = 5
    ENCLOSED = 6


_LEVELS: dict[type[Any], Level] = {
    Rel: Level.RELATION,
    Cases: Level.RELATION,
    Add: Level.SUM,
    Mul: Level.PRODUCT,
    Neg: Level.PRODUCT,
    SumOver: Level.PREFIX,
    Diff: Level.PREFIX,
    Frac: Level.POWER,
    Deriv: Level.POWER,
    Pow: Level.POWER,
    Exp: Level.POWER,
    Transpose: Level.POWER,
    **dict.fromkeys((Num, Sym, Sqrt, Abs, Call, Matrix, Hole, Blank, Dots, Strike, Box, Words), Level.ATOM),
    Paren: Level.ENCLOSED,
}

WITHOUT_PARENTHESES = frozenset({"ln", "log"})
"""Functions written ``ln x`` before a lone symbol or number."""


def parenthesised(node: Node, *, flat: bool = False, slash: bool = False) -> Node:
    """``node`` with a ``Paren`` wherever its meaning needs one; doing it twice changes nothing.

    ``flat`` is for writers on one line, where fractions are a slash and exponents have no height of their own.
    ``slash`` is for running text in two dimensions: every fraction becomes ``slashed``.
    """
    return _Layout(flat, slash).inside(node)


def parenthesised_equation(equation: Equation, *, flat: bool = False, slash: bool = False) -> Equation:
    """``equation`` with every part :func:`parenthesised`."""
    parts = tuple(parenthesised(part, flat=flat, slash=slash) for part in equation.parts)
    aside = parenthesised(equation.aside, flat=flat, slash=slash) if equation.aside else None
    return replace(equation, parts=parts, aside=aside)


class _Layout:
    """One pass over a tree; ``flat`` and ``slash`` as in :func:`parenthesised`."""

    def __init__(self, flat: bool, slash: bool) -> None:
        self.flat, self.slash = flat, slash

    def on_one_line(self, fraction: Frac | Deriv) -> bool:
        return self.flat or self.slash or fraction.slashed

    def inside(self, node: Node, lead: bool = True) -> Node:
        """``node`` with its own children put right; ``lead``: it may begin with a minus sign."""
        match node:
            case Add(terms):
                first = tuple(self.fit(term, Level.SUM, lead) for term in terms[:1])
                return Add((*first, *map(self.later_term, terms[1:])))
            case Mul(factors, style):
                return Mul(tuple(self.factor(node, index, lead) for index in range(len(factors))), style)
            case Neg(arg):
                return Neg(self.fit(arg, Level.PRODUCT, lead=False))
            case Frac(num, den):
                stacked = not self.on_one_line(node)
                level = Level.RELATION if stacked else Level.POWER
                num, den = self.fit(num, level, lead=stacked), self.fit(den, level, lead=stacked)
                return replace(node, num=num, den=den, slashed=self.slash or node.slashed)
            case Pow(base, exp):
                return Pow(self.base(base), self.exponent(exp))
            case Exp(arg):
                return Exp(self.exponent(arg))
            case Transpose(arg):
                return Transpose(self.base(arg))
            case Sqrt(arg):
                return Sqrt(self.exponent(arg))
            case Call(_, args):
                return replace(node, args=self.arguments(node, args))
            case Deriv(of, wrt):
                of, wrt = self.fit(of, Level.POWER), self.fit(wrt, Level.POWER)
                again = None if node.again is None else self.fit(node.again, Level.POWER)
                return replace(node, of=of, wrt=wrt, again=again, slashed=self.slash or node.slashed)
            case Diff(wrt, arg):
                return replace(node, wrt=self.fit(wrt, Level.POWER), arg=self.differentiated(arg))
            case Rel(left, relation, right):
                last = self.inside(right) if isinstance(right, Cases) else self.fit(right, Level.SUM)
                return Rel(self.fit(left, Level.SUM), relation, last)
            case SumOver(index, low, high, arg):
                summand = self.fit(arg, Level.PRODUCT, lead=False)
                return SumOver(self.inside(index), self.inside(low), self.inside(high), summand)
            case Cases(rows):
                return replace(node, rows=tuple((self.inside(value), self.condition(when)) for value, when in rows))
            case Matrix(rows):
                return Matrix(tuple(tuple(self.inside(entry) for entry in row) for row in rows))
            case Paren(arg) | Abs(arg):
                return replace(node, arg=self.inside(arg))
            case Strike(arg) | Box(arg):
                return replace(node, arg=self.inside(arg, lead))
        return node

    def condition(self, when: Rel | None) -> Rel | None:
        if when is None:
            return None
        return Rel(self.fit(when.left, Level.SUM), when.relation, self.fit(when.right, Level.SUM))

    def level(self, node: Node) -> Level:
        """The level of ``node`` as it will be written."""
        match node:
            case Num(text):
                return Level.PRODUCT if text.startswith("-") or "e" in text else Level.ATOM
            case Sym(glyph):
                return Level.POWER if glyph.sup else Level.ATOM
            case Call(_, args):
                return Level.PREFIX if self.is_bare(node, args) else Level.ATOM
            case Strike(arg) | Box(arg):
                return self.level(arg)
            case Frac() | Deriv() if self.on_one_line(node):
                return Level.PREFIX
        return _LEVELS[type(node)]

    def fit(self, node: Node, least: Level, lead: bool = True) -> Node:
        """``node`` made fit for a place that asks for ``least``; a frame or strike goes around the parentheses."""
        if isinstance(node, Strike | Box):
            return replace(node, arg=self.fit(node.arg, least, lead))
        too_weak = self.level(node) < least
        minus = not lead and starts_with_minus(node) and not isinstance(node, Add | Mul)
        return Paren(self.inside(node)) if too_weak or minus else self.inside(node, lead)

    def later_term(self, node: Node) -> Node:
        """A term after the first: a negative one keeps its minus, which becomes the operator."""
        if signed(node)[0] == "−":
            return self.inside(node)
        return self.fit(node, Level.SUM, lead=False)

    def factor(self, product: Mul, index: int, lead: bool) -> Node:
        """A factor: applied ones always in parentheses, the others where they would run together."""
        factor = product.factors[index]
        applied = product.style == "apply" and index > 0
        if (applied or self.crowds(product, index)) and not isinstance(uncovered(factor), Paren):
            return self.fit(factor, Level.ENCLOSED)
        last = index == len(product.factors) - 1
        return self.fit(factor, self.least_for_factor(product, last, factor), lead=lead and index == 0)

    def least_for_factor(self, product: Mul, last: bool, factor: Node) -> Level:
        factor = uncovered(factor)
        if isinstance(factor, Mul):
            return Level.PRODUCT if _runs_into(factor, product) else Level.POWER
        if isinstance(factor, Neg) or (isinstance(factor, Num) and "e" not in factor.text):
            return Level.PRODUCT
        if isinstance(factor, Frac | Deriv):
            return Level.PREFIX if product.style in ("dot", "hadamard") else Level.POWER
        return Level.PREFIX if last else Level.POWER

    def crowds(self, product: Mul, index: int) -> bool:
        """Whether a juxtaposed factor would read as part of the one before: 3 4, or 3 ½."""
        if product.style != "juxtapose" or index == 0:
            return False
        before, factor = uncovered(product.factors[index - 1]), uncovered(product.factors[index])
        if isinstance(factor, Frac):
            return isinstance(before, Num) and isinstance(factor.num, Num) and isinstance(factor.den, Num)
        return starts_with_digit(factor)

    def base(self, node: Node) -> Node:
        return self.fit(node, Level.ATOM)

    def exponent(self, node: Node) -> Node:
        """An exponent or radicand: its own place above or under the line groups it, unless the line is flat."""
        return self.fit(node, Level.ATOM) if self.flat else self.inside(node)

    def arguments(self, call: Call, args: tuple[Node, ...]) -> tuple[Node, ...]:
        if len(args) != 1 or isinstance(args[0], Paren) or self.is_bare(call, args):
            return tuple(self.inside(arg) for arg in args)
        return (Paren(self.inside(args[0])),)

    def is_bare(self, call: Call, args: tuple[Node, ...]) -> bool:
        if call.name not in WITHOUT_PARENTHESES or len(args) != 1 or call.primes:
            return False
        return isinstance(args[0], Sym) or (isinstance(args[0], Num) and self.level(args[0]) is Level.ATOM)

    def differentiated(self, node: Node) -> Node:
        bare = isinstance(node, Sym | Call | Paren | Matrix | Abs | Sqrt | Exp)
        return self.inside(node) if bare else Paren(self.inside(node))


def _runs_into(inner: Mul, outer: Mul) -> bool:
    """Whether a product may stand in another without parentheses."""
    if "hadamard" in (inner.style, outer.style):
        return inner.style == outer.style
    if outer.style == "dot":
        return True
    return inner.style == outer.style == "juxtapose"
