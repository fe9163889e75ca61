"""Formulas set in two dimensions, for paper and pictures: boxes of ink by the rules of TeX, in STIX Two Math."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from stepcalc.board.layout import parenthesised, parenthesised_equation
from stepcalc.board.nodes import (
    Abs,
    Add,
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
from stepcalc.board.shape import is_tall, is_wordy, signed_terms, split_number
from stepcalc.sheet import glyphs
from stepcalc.sheet.ink import Ink, Letter, Line, Mark, beside, moved, placed, rule, space

FONT_SIZE = 13.34
"""Pixels of 1/96 inch: the size of the text around a formula."""

_THIN, _MEDIUM, _THICK = 3 / 18, 4 / 18, 5 / 18
_SCRIPTS = (1.0, 0.72, 0.56)
_PRODUCTS = {"dot": "·", "hadamard": "⊙"}
_DOTS = {"h": "⋯", "v": "⋮", "d": "⋱"}
_SPECIAL_ITALICS = {"h": "ℎ", "ϵ": "𝜖", "ϑ": "𝜗", "ϕ": "𝜙"}
_ALPHABETS = (("A", "Z", 0x1D434, 0x1D400), ("a", "z", 0x1D44E, 0x1D41A), ("α", "ω", 0x1D6FC, 0x1D6C2))


@lru_cache(maxsize=8192)
def typeset(node: Node | Equation, *, display: bool = True, size: float = FONT_SIZE) -> Ink:
    """``node`` as it stands on a line; in running text, when not ``display``, fractions are slashed."""
    setter = _Setter(size, display)
    if isinstance(node, Equation):
        return setter.equation(parenthesised_equation(node, slash=not display))
    return setter.write(parenthesised(node, slash=not display))


def _italic(char: str) -> str:
    return _SPECIAL_ITALICS.get(char) or _shifted(char, 0)


def _bold(char: str) -> str:
    return _shifted(char, 1)


def _shifted(char: str, column: int) -> str:
    for first, last, *starts in _ALPHABETS:
        if first <= char <= last:
            return chr(ord(char) - ord(first) + starts[column])
    return char


@dataclass(frozen=True, slots=True)
class _Setter:
    """Sets a parenthesised tree in one size; ``level`` counts how deep in indices and exponents it is."""

    em: float
    display: bool
    level: int = 0

    def write(self, node: Node) -> Ink:
        return _WRITERS[type(node)](self, node)

    def script(self) -> _Setter:
        deeper = min(self.level + 1, len(_SCRIPTS) - 1)
        return _Setter(self.em * _SCRIPTS[deeper] / _SCRIPTS[self.level], False, deeper)

    def length(self, constant: str) -> float:
        return glyphs.constant(constant) * self.em / glyphs.UNITS

    @property
    def axis(self) -> float:
        """The height of the middle of a minus sign."""
        return self.length("AxisHeight")

    @property
    def stroke(self) -> float:
        return self.length("FractionRuleThickness")

    def glyph(self, glyph: glyphs.Glyph) -> Ink:
        scale = self.em / glyphs.UNITS
        lean, top = glyphs.slant(glyph) * scale, glyphs.top(glyph) * scale
        mark = Letter(0.0, 0.0, self.em, glyph)
        return Ink(glyph.advance * scale, glyph.top * scale, -glyph.bottom * scale, (mark,), lean, top)

    def word(self, text: str) -> Ink:
        inks = [self.glyph(glyphs.letter(char)) for char in text]
        return inks[0] if len(inks) == 1 else beside(inks)

    def gap(self, width: float) -> Ink:
        return space(width * self.em)

    def binary(self, sign: str) -> Ink:
        return self.spaced(sign, _MEDIUM)

    def relation(self, sign: str) -> Ink:
        return self.spaced(sign, _THICK)

    def spaced(self, sign: str, width: float) -> Ink:
        gap = self.gap(width if self.level == 0 else 0.0)
        return beside([gap, self.word(sign), gap])

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
        return beside([number, self.spaced("·", _THIN), self.scripts(self.word("10"), sup=exponent)])

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

    def letters(self, text: str, bold: bool = False, upright: bool = False) -> Ink:
        if bold:
            return self.word("".join(map(_bold, text)))
        return self.word(text if upright else "".join(map(_italic, text)))

    def index(self, text: str) -> Ink:
        """An index: letters in italics, words of three letters and more upright."""
        if text == "T":
            return self.word("⊤")
        return beside(map(self.index_run, re.findall(r"[A-Za-z]+|[α-ω]|\d+|.", clean(text))))

    def index_run(self, run: str) -> Ink:
        return self.letters(run, upright=len(run) > 2 or not run.isalpha()) if run != "-" else self.word("−")

    def hat(self, base: Ink) -> Ink:
        hat = self.glyph(glyphs.letter("\u0302"))
        mark = hat.marks[0]
        assert isinstance(mark, Letter)
        middle = (mark.glyph.left + mark.glyph.right) / 2 * self.em / glyphs.UNITS
        over = base.width / 2 if base.top is None else base.top
        lift = max(0.0, base.ascent - self.length("AccentBaseHeight"))
        return placed([(0.0, 0.0, base), (over - middle, lift, hat)], base.width)

    def scripts(self, base: Ink, sub: Ink | None = None, sup: Ink | None = None) -> Ink:
        """An index and an exponent."""
        pieces = [(0.0, 0.0, base)]
        up, down = self.shifts(base, sub, sup)
        width = base.width
        if sup:
            pieces.append((base.width + base.slant, up, sup))
            width = max(width, base.width + base.slant + sup.width)
        if sub:
            pieces.append((base.width, -down, sub))
            width = max(width, base.width + sub.width)
        return placed(pieces, width + self.length("SpaceAfterScript"))

    def shifts(self, base: Ink, sub: Ink | None, sup: Ink | None) -> tuple[float, float]:
        """How far the exponent goes up and the index down."""
        tall = base.ascent > 0.95 * self.em
        up = max(self.length("SuperscriptShiftUp"), base.ascent - 0.42 * self.em if tall else 0.0)
        down = max(self.length("SubscriptShiftDown"), base.descent + 0.1 * self.em if tall else 0.0)
        if sup:
            up = max(up, sup.descent + self.length("SuperscriptBottomMin"))
        if sub and sup:
            clear = (up - sup.descent) + (down - sub.ascent)
            down += max(0.0, self.length("SubSuperscriptGapMin") - clear)
        return up, down

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
        return self.gap(_THIN if loose else 0.08 if scripted else 0.02)

    def neg(self, node: Neg) -> Ink:
        return beside([self.word("−"), self.write(node.arg)])

    def fraction(self, num: Ink, den: Ink) -> Ink:
        inner, thickness = 0.12 * self.em, self.stroke
        width = max(num.width, den.width) + inner
        clear = thickness / 2 + (0.14 if self.display else 0.09) * self.em
        up = max(self.axis + clear + num.descent, 0.52 * self.em)
        down = max(clear + den.ascent - self.axis, 0.5 * self.em)
        bar = Ink(width, 0.0, 0.0, (rule(0.0, 0.0, width, thickness),))
        numerator, denominator = ((width - num.width) / 2, up, num), ((width - den.width) / 2, -down, den)
        drawn = placed([numerator, (0.0, self.axis, bar), denominator], width)
        side = self.gap(0.06)
        return beside([side, drawn, side])

    def over(self, num: Callable[[_Setter], Ink], den: Callable[[_Setter], Ink], slashed: bool) -> Ink:
        if slashed:
            return beside([num(self), self.gap(0.02), self.word("/"), self.gap(0.02), den(self)])
        inside = replace(self, display=False) if self.display else self.script()
        return self.fraction(num(inside), den(inside))

    def frac(self, node: Frac) -> Ink:
        return self.over(lambda s: s.write(node.num), lambda s: s.write(node.den), node.slashed)

    def deriv(self, node: Deriv) -> Ink:
        return self.over(
            lambda s: s.differential(node.partial, node.of), lambda s: s.differential(node.partial, node.wrt),
            node.slashed,
        )  # fmt: skip

    def differential(self, partial: bool, of: Node | None = None) -> Ink:
        d = self.word("∂" if partial else "d")
        return beside([d, self.gap(0.03), self.write(of)]) if of else d

    def diff(self, node: Diff) -> Ink:
        task = self.over(
            lambda s: s.differential(node.partial), lambda s: s.differential(node.partial, node.wrt), False
        )
        return beside([task, self.gap(_THIN), self.write(node.arg)])

    def power(self, base: Ink, exponent: Node) -> Ink:
        return self.scripts(base, sup=self.script().write(exponent))

    def stretched(self, char: str, inside: Ink) -> Ink:
        """A bracket as high as what is in it, its middle on the axis."""
        half = max(inside.ascent - self.axis, inside.descent + self.axis)
        wanted = max(2 * half - 0.2 * self.em, 1.8 * half)
        units = wanted * glyphs.UNITS / self.em
        glyph = glyphs.of_height(char, units)
        ink = self.glyph(glyph) if glyph else self.assembled(char, units)
        middle = (ink.ascent - ink.descent) / 2
        return placed([(0.0, self.axis - middle, ink)], ink.width)

    def assembled(self, char: str, units: float) -> Ink:
        """A bracket put together from its pieces, for want of one so high."""
        pieces = glyphs.parts(char)
        if not pieces:
            return self.word(char)
        scale, overlap = self.em / glyphs.UNITS, 40.0
        fixed = sum(part.length - overlap for part in pieces if not part.extender)
        stretch = sum(part.length - overlap for part in pieces if part.extender)
        times = max(0, -int(-(units - fixed) // stretch))
        y, drawn = 0.0, []
        for part in pieces:
            for _ in range(times if part.extender else 1):
                drawn.append((0.0, y - part.glyph.bottom * scale, self.glyph(part.glyph)))
                y += (part.length - overlap) * scale
        return placed(drawn, max(ink.width for _, _, ink in drawn))

    def fenced(self, inside: Ink, tall: bool, left: str = "(", right: str = ")") -> Ink:
        def fence(sign: str) -> Ink:
            return space(0.0) if not sign else self.stretched(sign, inside) if tall else self.word(sign)

        return beside([fence(left), inside, fence(right)])

    def call(self, node: Call) -> Ink:
        name = clean(node.name)
        drawn = self.letters(name, upright=len(name) > 1)
        if node.primes:
            drawn = beside([drawn, self.gap(0.04), self.word("′" * node.primes)])
        if len(node.args) == 1:
            gap = self.gap(0.0 if isinstance(node.args[0], Paren) else _THIN)
            return beside([drawn, gap, self.write(node.args[0])])
        inside = [piece for argument in node.args for piece in (self.word(","), self.gap(_THIN), self.write(argument))]
        return beside([drawn, self.fenced(beside(inside[2:]), any(map(is_tall, node.args)))])

    def rel(self, node: Rel) -> Ink:
        return beside([self.write(node.left), self.relation(node.relation), self.write(node.right)])

    def condition(self, when: Rel | None) -> Ink:
        return beside([self.word("if "), self.write(when)]) if when else self.word("otherwise")

    def cases(self, node: Cases) -> Ink:
        inside = replace(self, display=False)
        rows = [(inside.write(value), inside.condition(when)) for value, when in node.rows]
        return self.fenced(self.table(rows, 0.0, 1.0), True, "{", "")

    def matrix(self, node: Matrix) -> Ink:
        inside = replace(self, display=False)
        rows = [[inside.write(entry) for entry in row] for row in node.rows]
        return self.fenced(self.table(rows, 0.5, 0.75), True, "[", "]")

    def table(self, rows: Sequence[Sequence[Ink]], align: float, gap: float) -> Ink:
        """Rows of cells about the axis; ``align`` is 0 for the left, 0.5 for the middle."""
        widths = [max(cell.width for cell in column) for column in zip(*rows, strict=True)]
        drawn: list[tuple[float, float, Ink]] = []
        y = 0.0
        for row in rows:
            y -= max(0.70 * self.em, *(cell.ascent for cell in row))
            x = 0.0
            for cell, width in zip(row, widths, strict=True):
                drawn.append((x + align * (width - cell.width), y, cell))
                x += width + gap * self.em
            y -= max(0.24 * self.em, *(cell.descent for cell in row)) + 0.16 * self.em
        y += 0.16 * self.em
        lifted = [(x, up - y / 2 + self.axis, cell) for x, up, cell in drawn]
        strut = Ink(0.0, -y / 2 + self.axis, -y / 2 - self.axis)
        return placed([*lifted, (0.0, 0.0, strut)], sum(widths) + gap * self.em * (len(widths) - 1))

    def sum_over(self, node: SumOver) -> Ink:
        small = self.script()
        low = beside([small.write(node.index), small.word("="), small.write(node.low)])
        high = small.write(node.high)
        if not self.display:
            return beside([self.scripts(self.word("∑"), low, high), self.gap(_THIN), self.write(node.arg)])
        grown = glyphs.of_height("∑", 1300.0)
        sign = self.glyph(grown) if grown else self.word("∑")
        width = max(sign.width, low.width, high.width)
        over = sign.ascent + high.descent + 0.12 * self.em
        under = -sign.descent - low.ascent - 0.12 * self.em
        stack = [((width - ink.width) / 2, y, ink) for ink, y in ((sign, 0.0), (high, over), (low, under))]
        return beside([placed(stack, width), self.gap(_THIN), self.write(node.arg)])

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
    Dots: lambda self, node: self.word(_DOTS[node.direction]),
    Strike: _Setter.strike,
    Box: _Setter.box,
    Paren: lambda self, node: self.fenced(
        self.write(node.arg), is_tall(node.arg), "(" if node.opens else "", ")" if node.closes else ""
    ),
    Words: _Setter.words,
}
