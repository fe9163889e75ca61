"""The pieces that formulas are set from, by the rules of TeX: letters, indices, fractions, brackets, tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from stepcalc.board.plain import clean
from stepcalc.sheet import glyphs
from stepcalc.sheet.ink import Ink, Letter, beside, placed, rule, space

THIN = 3 / 18
"""A thin space, in widths of an em."""
_MEDIUM, _THICK = 4 / 18, 5 / 18
_SCRIPTS = (1.0, 0.72, 0.56)
_SPECIAL_ITALICS = {"h": "ℎ", "ϵ": "𝜖", "ϑ": "𝜗", "ϕ": "𝜙"}
_ALPHABETS = (("A", "Z", 0x1D434, 0x1D400), ("a", "z", 0x1D44E, 0x1D41A), ("α", "ω", 0x1D6FC, 0x1D6C2))


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
class Pieces:
    """Sets pieces in one size; ``level`` counts how deep in indices and exponents they are."""

    em: float
    display: bool
    level: int = 0

    def script(self) -> Self:
        """The setter of what stands raised or lowered."""
        deeper = min(self.level + 1, len(_SCRIPTS) - 1)
        return type(self)(self.em * _SCRIPTS[deeper] / _SCRIPTS[self.level], False, deeper)

    def length(self, constant: str) -> float:
        """A length that the font gives, such as ``AxisHeight``."""
        return glyphs.constant(constant) * self.em / glyphs.UNITS

    @property
    def axis(self) -> float:
        """The height of the middle of a minus sign."""
        return self.length("AxisHeight")

    @property
    def stroke(self) -> float:
        """How thick a fraction's bar is."""
        return self.length("FractionRuleThickness")

    def glyph(self, glyph: glyphs.Glyph) -> Ink:
        """One sign of the font."""
        scale = self.em / glyphs.UNITS
        lean, top = glyphs.slant(glyph) * scale, glyphs.top(glyph) * scale
        mark = Letter(0.0, 0.0, self.em, glyph)
        return Ink(glyph.advance * scale, glyph.top * scale, -glyph.bottom * scale, (mark,), lean, top)

    def word(self, text: str) -> Ink:
        """Signs as they are, beside one another."""
        inks = [self.glyph(glyphs.letter(char)) for char in text]
        return inks[0] if len(inks) == 1 else beside(inks)

    def gap(self, width: float) -> Ink:
        """A space of so many ems."""
        return space(width * self.em)

    def binary(self, sign: str) -> Ink:
        """An operator with its spaces."""
        return self.spaced(sign, _MEDIUM)

    def relation(self, sign: str) -> Ink:
        """A relation with its spaces."""
        return self.spaced(sign, _THICK)

    def spaced(self, sign: str, width: float) -> Ink:
        """A sign with spaces, which it loses in indices."""
        gap = self.gap(width if self.level == 0 else 0.0)
        return beside([gap, self.word(sign), gap])

    def letters(self, text: str, bold: bool = False, upright: bool = False) -> Ink:
        """Letters of a symbol: italic, unless bold or upright."""
        if bold:
            return self.word("".join(map(_bold, text)))
        return self.word(text if upright else "".join(map(_italic, text)))

    def index(self, text: str) -> Ink:
        """An index: letters in italics, words of three letters and more upright."""
        if text == "T":
            return self.word("⊤")
        return beside(map(self.index_run, re.findall(r"[A-Za-z]+|[α-ω]|\d+|.", clean(text))))

    def index_run(self, run: str) -> Ink:
        """Letters or digits of an index."""
        return self.letters(run, upright=len(run) > 2 or not run.isalpha()) if run != "-" else self.word("−")

    def hat(self, base: Ink) -> Ink:
        """``base`` with a hat on it."""
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

    def fraction(self, num: Ink, den: Ink) -> Ink:
        """One over the other, the bar on the axis."""
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
        """Brackets around ``inside``, as high as it is if it is ``tall``."""

        def fence(sign: str) -> Ink:
            return space(0.0) if not sign else self.stretched(sign, inside) if tall else self.word(sign)

        return beside([fence(left), inside, fence(right)])

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
