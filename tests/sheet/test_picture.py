"""WeasyPrint draws our images as we hand them over; the day it no longer does, this says so."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader

from stepcalc.board.nodes import Equation, Frac, Glyph, Num, Paren, Sym, Words
from stepcalc.sheet.blocks import Formula, Sheet
from stepcalc.sheet.operators import Placed, operators
from stepcalc.sheet.pdf import pdf
from stepcalc.sheet.picture import Lettering, Picture
from stepcalc.sheet.typeset import typeset

EQUATION = Equation((Sym(Glyph("x", "1")), Num("4.6")), ("=",))


class Font:
    """Stands in for the font in the file."""

    hash = "FONT"

    def __init__(self) -> None:
        self.widths: dict[int, int] = {}
        self.to_unicode: dict[int, str] = {}


def test_letters_are_text_of_the_embedded_font() -> None:
    page = PdfReader(BytesIO(pdf(Sheet("T", (Formula((EQUATION,)),)), compress=False))).pages[0]
    assert "𝑥1 = 4.6" in page.extract_text()
    fonts = page["/Resources"]["/Font"].get_object()
    assert len(fonts) == 1
    assert "/FontFile2" in next(iter(fonts.values()))["/DescendantFonts"][0]["/FontDescriptor"]


def test_glyphs_side_by_side_are_shown_together() -> None:
    font = Font()
    drawn = operators(Placed(typeset(Num("4.65")), 0.0, 0.0), font)
    assert drawn.count(b" Tj ") == 1
    assert set(font.to_unicode.values()) == set("4.65")
    assert set(font.widths) == set(font.to_unicode)


def test_forms_of_a_bracket_stand_for_the_bracket() -> None:
    font = Font()
    operators(Placed(typeset(Paren(Frac(Num("1"), Num("2")))), 0.0, 0.0), font)
    assert set(font.to_unicode.values()) == set("(12)")


def test_letters_that_the_font_lacks_are_outlines() -> None:
    font = Font()
    drawn = operators(Placed(typeset(Words("ש中")), 0.0, 0.0), font)
    assert b" Tj " not in drawn
    assert drawn.count(b"f Q ") == 2
    assert not font.to_unicode


def test_without_the_font_all_letters_are_outlines() -> None:
    drawn = operators(Placed(typeset(EQUATION), 0.0, 0.0), None)
    assert drawn.count(b"f Q ") == len("x1=4.6")


def test_size_is_that_of_the_box() -> None:
    width, height, ratio = Picture(30.0, 12.0, (), Lettering()).get_intrinsic_size(1.0, 16.0)
    assert (width, height, ratio) == (30.0, 12.0, 2.5)
