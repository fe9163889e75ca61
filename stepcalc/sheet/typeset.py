"""Formulas set in two dimensions, for paper and pictures: boxes of ink by the rules of TeX, in STIX Two Math."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from stepcalc.board.layout import parenthesised, parenthesised_equation
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
)
from stepcalc.board.plain import clean
from stepcalc.board.shape import differentials, is_tall, is_wordy, signed_terms, split_number
from stepcalc.sheet import glyphs
from stepcalc.sheet.ink import Ink, Line, Mark, beside, moved, placed, rule, space
from stepcalc.sheet.pieces import THIN, Pieces

FONT_SIZE = 13.34
"""Pixels of 1/96 inch: the size of the text around a formula."""

_PRODUCTS = {"dot": "·", "hadamard": "⊙"}
_DOTS = {"h": "⋯", "v": "⋮", "d": "⋱"}


@lru_cache(maxsize=2048)
def typeset(node: Node | Equation, *, display: bool = True, size: float = FONT_SIZE) -> Ink:
    """``node`` as it stands on a line; in running text, when not ``display``, fractions are slashed."""
    setter = _Setter(size, display)
    if isinstance(node, Equation):
        return setter.equation(parenthesised_equation(node, slash=not display))
    return setter.write(parenthesised(node, slash=not display))


@dataclass(frozen=True, slots=True)
class _Setter(Pieces):
    """Sets a parenthesised tree."""

    def write(self, node: Node) -> Ink:
        return _WRITERS[type(node)](self, node)

    def equation(self, equation: Equation) -> Ink:
        parts = [self.write(part) for part in equation.parts]
        relations = [self.relation(relation) for relation in equation.relations]
        rest = parts if equation.continued else parts[1:]
        pairs = zip(relations, rest, strict=True) if relations else ((part,) for part in rest)
        return beside([*parts[: len(parts) - len(rest)], *(piece for pair in pairs for piece in pair)])

    def num(self, node: Num) -> Ink:
        sign, mantissa, power = split_number(node.text)
        number = self.word(("−" if sign else "") + mantissa)
        if not power:
            return number
        exponent = self.script().word(power.replace("-", "−"))
        return beside([number, self.spaced("·", THIN), self.scripts(self.word("10"), sup=exponent)])

    def sym(self, node: Sym) -> Ink:
        glyph = node.glyph
        base = self.letters(clean(glyph.base), glyph.bold, glyph.upright)
        if glyph.hat:
            base = self.hat(base)
        primes = self.word("′" * len(glyph.sup)) if glyph.sup and not glyph.sup.strip("′'") else None
        sub = self.script().index(glyph.sub) if glyph.sub else None
        sup = self.script().index(glyph.sup) if glyph.sup and not primes else None
        marked = beside([base, primes]) if primes else base
        return self.scripts(marked, sub, sup) if sub or sup else marked

    def add(self, node: Add) -> Ink:
        pieces: list[Ink] = []
        for operator, term in signed_terms(node.terms):
            pieces += [self.binary(operator)] if operator else []
            pieces.append(self.write(term))
        return beside(pieces)

    def mul(self, node: Mul) -> Ink:
        if not node.factors:
            return self.word("1")
        pieces = [self.write(node.factors[0])]
        for before, factor in zip(node.factors, node.factors[1:], strict=False):
            pieces += [self.times(node, before, factor), self.write(factor)]
        return beside(pieces)

    def times(self, node: Mul, before: Node, factor: Node) -> Ink:
        if node.style in _PRODUCTS:
            return self.binary(_PRODUCTS[node.style])
        if node.style == "apply":
            return self.gap(0.02)
        loose = is_wordy(before) or is_wordy(factor) or is_tall(before) or is_tall(factor)
        scripted = isinstance(before, Sym) and bool(before.glyph.sub or before.glyph.sup) and isinstance(factor, Sym)
        return self.gap(THIN if loose else 0.08 if scripted else 0.02)

    def neg(self, node: Neg) -> Ink:
        return beside([self.word("−"), self.write(node.arg)])

    def over(self, num: Callable[[_Setter], Ink], den: Callable[[_Setter], Ink], slashed: bool) -> Ink:
        if slashed:
            return beside([num(self), self.gap(0.02), self.word("/"), self.gap(0.02), den(self)])
        inside = replace(self, display=False) if self.display else self.script()
        return self.fraction(num(inside), den(inside))

    def frac(self, node: Frac) -> Ink:
        return self.over(lambda s: s.write(node.num), lambda s: s.write(node.den), node.slashed)

    def deriv(self, node: Deriv) -> Ink:
        return self.over(
            lambda s: s.differential(node.partial, node.of, twice=node.again is not None),
            lambda s: beside([s.differential(node.partial, part) for part in differentials(node)]),
            node.slashed,
        )

    def differential(self, partial: bool, of: Node | None = None, twice: bool = False) -> Ink:
        d = self.word("∂" if partial else "d")
        d = self.scripts(d, sup=self.script().word("2")) if twice else d
        return beside([d, self.gap(0.03), self.write(of)]) if of else d

    def diff(self, node: Diff) -> Ink:
        task = self.over(
            lambda s: s.differential(node.partial), lambda s: s.differential(node.partial, node.wrt), False
        )
        return beside([task, self.gap(THIN), self.write(node.arg)])

    def power(self, base: Ink, exponent: Node) -> Ink:
        return self.scripts(base, sup=self.script().write(exponent))

    def call(self, node: Call) -> Ink:
        name = clean(node.name)
        drawn = self.letters(name, upright=len(name) > 1)
        if node.primes:
            drawn = beside([drawn, self.gap(0.04), self.word("′" * node.primes)])
        if len(node.args) == 1:
            gap = self.gap(0.0 if isinstance(node.args[0], Paren) else THIN)
            return beside([drawn, gap, self.write(node.args[0])])
        inside = [piece for argument in node.args for piece in (self.word(","), self.gap(THIN), self.write(argument))]
        return beside([drawn, self.fenced(beside(inside[2:]), any(map(is_tall, node.args)))])

    def rel(self, node: Rel) -> Ink:
        return beside([self.write(node.left), self.relation(node.relation), self.write(node.right)])

    def condition(self, node: Cases, when: Rel | None) -> Ink:
        given, otherwise = map(clean, node.words)
        return beside([self.word(f"{given} "), self.write(when)]) if when else self.word(otherwise)

    def cases(self, node: Cases) -> Ink:
        inside = replace(self, display=False)
        rows = [(inside.write(value), inside.condition(node, when)) for value, when in node.rows]
        return self.fenced(self.table(rows, 0.0, 1.0), True, "{", "")

    def matrix(self, node: Matrix) -> Ink:
        inside = replace(self, display=False)
        rows = [[inside.write(entry) for entry in row] for row in node.rows]
        return self.fenced(self.table(rows, 0.5, 0.75), True, "[", "]")

    def sum_over(self, node: SumOver) -> Ink:
        small = self.script()
        low = beside([small.write(node.index), small.word("="), small.write(node.low)])
        high = small.write(node.high)
        if not self.display:
            return beside([self.scripts(self.word("∑"), low, high), self.gap(THIN), self.write(node.arg)])
        grown = glyphs.of_height("∑", 1300.0)
        sign = self.glyph(grown) if grown else self.word("∑")
        width = max(sign.width, low.width, high.width)
        over = sign.ascent + high.descent + 0.12 * self.em
        under = -sign.descent - low.ascent - 0.12 * self.em
        stack = [((width - ink.width) / 2, y, ink) for ink, y in ((sign, 0.0), (high, over), (low, under))]
        return beside([placed(stack, width), self.gap(THIN), self.write(node.arg)])

    def sqrt(self, node: Sqrt) -> Ink:
        inside = self.write(node.arg)
        clear = self.stroke + 0.1 * self.em
        height = inside.ascent + inside.descent + clear
        glyph = glyphs.of_height("√", height * glyphs.UNITS / self.em) or glyphs.letter("√")
        sign = self.glyph(glyph)
        top = inside.ascent + clear
        bar = Ink(inside.width, 0.0, 0.0, (rule(0.0, 0.0, inside.width, self.stroke),))
        sign_at = (0.0, top + self.stroke / 2 - sign.ascent, sign)
        drawn = [sign_at, (sign.width, 0.0, inside), (sign.width, top, bar)]
        return placed(drawn, sign.width + inside.width + 0.05 * self.em)

    def strike(self, node: Strike) -> Ink:
        inside = self.write(node.arg)
        height = inside.ascent + inside.descent
        rising = Line(0.0, -inside.descent, inside.width, height, 1.2 * self.stroke)
        falling = Line(0.0, inside.ascent, inside.width, -height, 1.2 * self.stroke)
        lines = ((rising,), (falling,), (rising, falling))[node.group % 3]
        return replace(inside, marks=inside.marks + lines)

    def box(self, node: Box) -> Ink:
        inside = self.write(node.arg)
        pad, thick = 0.16 * self.em, self.stroke
        width, top, bottom = inside.width + 2 * pad, inside.ascent + pad, inside.descent + pad
        frame: list[Mark] = [rule(0.0, top, width, thick), rule(0.0, -bottom, width, thick)]
        frame += [Line(x, -bottom, 0.0, top + bottom, thick) for x in (0.0, width)]
        return Ink(width, top, bottom, (*moved(inside.marks, pad, 0.0), *frame))

    def blank(self, node: Blank) -> Ink:
        """A line to write on, with the height of handwriting above it."""
        width = node.digits * 0.5 * self.em
        return Ink(width, 1.7 * self.em, 0.25 * self.em, (rule(0.0, -0.15 * self.em, width, self.stroke),))

    def transpose(self, node: Transpose) -> Ink:
        return self.scripts(self.write(node.arg), sup=self.script().word("⊤"))

    def words(self, node: Words) -> Ink:
        return self.word(clean(node.text)) if node.text else space(0.0)


_WRITERS: dict[type[Any], Callable[[_Setter, Any], Ink]] = {
    Num: _Setter.num,
    Sym: _Setter.sym,
    Add: _Setter.add,
    Mul: _Setter.mul,
    Neg: _Setter.neg,
    Frac: _Setter.frac,
    Pow: lambda self, node: self.power(self.write(node.base), node.exp),
    Exp: lambda self, node: self.power(self.letters("e"), node.arg),
    Sqrt: _Setter.sqrt,
    Abs: lambda self, node: self.fenced(self.write(node.arg), is_tall(node.arg), "|", "|"),
    Call: _Setter.call,
    Deriv: _Setter.deriv,
    Diff: _Setter.diff,
    Rel: _Setter.rel,
    Cases: _Setter.cases,
    SumOver: _Setter.sum_over,
    Matrix: _Setter.matrix,
    Transpose: _Setter.transpose,
    Hole: lambda self, node: self.word("?"),
    Blank: _Setter.blank,
    Dots: lambda self, node: self.word(_DOTS[node.direction]),
    Strike: _Setter.strike,
    Box: _Setter.box,
    Paren: lambda self, node: self.fenced(
        self.write(node.arg), is_tall(node.arg), "(" if node.opens else "", ")" if node.closes else ""
    ),
    Words: _Setter.words,
}
