"""WeasyPrint draws our images as we hand them over; the day it no longer does, this says so."""

from __future__ import annotations

from stepcalc.board.nodes import Equation, Glyph, Num, Sym
from stepcalc.sheet.blocks import Formula, Sheet
from stepcalc.sheet.pdf import pdf
from stepcalc.sheet.picture import Picture
from stepcalc.sheet.typeset import typeset

EQUATION = Equation((Sym(Glyph("x", "1")), Num("4.6")), ("=",))


def test_the_drawing_operators_are_in_the_page() -> None:
    operators = Picture(typeset(EQUATION)).operators
    assert operators.count(b" cm ") == len("x1=4.6")
    assert pdf(Sheet("T", (Formula((EQUATION,)),)), compress=False).count(operators) == 1


def test_size_is_that_of_the_ink() -> None:
    ink = typeset(EQUATION)
    width, height, ratio = Picture(ink).get_intrinsic_size(1.0, 16.0)
    assert (width, height) == (ink.width, ink.ascent + ink.descent)
    assert ratio == width / height
