"""Formulas on paper: measures, not looks."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepcalc.board.nodes import (
    Add,
    Box,
    Call,
    Deriv,
    Equation,
    Exp,
    Frac,
    Glyph,
    Matrix,
    Mul,
    Neg,
    Node,
    Num,
    Paren,
    Pow,
    Sqrt,
    Strike,
    Sym,
    Transpose,
    Words,
)
from stepcalc.sheet.glyphs import letter, of_height, outline
from stepcalc.sheet.ink import Ink, Letter, Line, svg_marks
from stepcalc.sheet.typeset import FONT_SIZE, typeset

X, Y = Sym(Glyph("x", "1", "(1)")), Sym(Glyph("y", hat=True))
SLOPE = Deriv(Sym(Glyph("L")), X)

TREES = st.recursive(
    st.sampled_from([Num("4.6"), Num("-2.061e-9"), X, Y, SLOPE, Words("per unit"), Sym(Glyph("z", bold=True))]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda terms: Add(tuple(terms))),
        st.lists(inner, min_size=1, max_size=3).map(lambda factors: Mul(tuple(factors), "dot")),
        st.tuples(inner, inner).map(lambda pair: Frac(*pair)),
        st.tuples(inner, inner).map(lambda pair: Pow(*pair)),
        st.tuples(inner, inner).map(lambda pair: Matrix(((pair[0],), (pair[1],)))),
        inner.map(lambda arg: Call("σ", (arg,), primes=1)),
        *(inner.map(kind) for kind in (Neg, Exp, Sqrt, Strike, Box, Paren, Transpose)),
    ),
    max_leaves=6,
)


def ink_box(ink: Ink) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of all that is drawn."""
    sides = [(0.0, 0.0, 0.0, 0.0)]
    for mark in ink.marks:
        if isinstance(mark, Line):
            xs, ys = sorted((mark.x, mark.x + mark.dx)), sorted((mark.y, mark.y + mark.dy))
            sides.append((xs[0], ys[0], xs[1], ys[1]))
        elif outline(mark.glyph.font, mark.glyph.name):
            scale, glyph = mark.size / 1000, mark.glyph
            sides.append((mark.x + glyph.left * scale, mark.y + glyph.bottom * scale,
                          mark.x + glyph.right * scale, mark.y + glyph.top * scale))  # fmt: skip
    lefts, bottoms, rights, tops = zip(*sides, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


@given(TREES, st.booleans())
@settings(max_examples=150, deadline=None)
def test_all_ink_is_in_the_box(tree: Node, display: bool) -> None:
    ink = typeset(tree, display=display)
    left, bottom, right, top = ink_box(ink)
    slack = 0.35 * FONT_SIZE
    assert -slack <= left
    assert right <= ink.width + slack
    assert -bottom <= ink.descent + 0.1
    assert top <= ink.ascent + 0.1


def test_digits_share_one_width() -> None:
    assert len({letter(digit).advance for digit in "0123456789"}) == 1
    assert typeset(Num("4.6")).width == typeset(Num("9.1")).width


def test_a_fraction_is_high_and_a_slashed_one_is_not() -> None:
    stacked, slashed = typeset(SLOPE), typeset(SLOPE, display=False)
    assert stacked.ascent + stacked.descent > 2 * FONT_SIZE
    assert slashed.ascent + slashed.descent < 1.4 * FONT_SIZE
    assert slashed.width > stacked.width


@pytest.mark.parametrize("rows", [1, 2, 5, 20, 60])
def test_brackets_are_as_high_as_what_they_hold(rows: int) -> None:
    ink = typeset(Matrix(((Num("1"),),) * rows))
    brackets = [
        mark for mark in ink.marks if isinstance(mark, Letter) and mark.glyph.name.startswith(("bracket", "uni23"))
    ]
    top = max(mark.y + mark.glyph.top * mark.size / 1000 for mark in brackets)
    bottom = min(mark.y + mark.glyph.bottom * mark.size / 1000 for mark in brackets)
    assert top - bottom >= 0.85 * (ink.ascent + ink.descent)


def test_brackets_grow_in_steps() -> None:
    small, large = of_height("(", 1000), of_height("(", 2500)
    assert small is not None
    assert large is not None
    assert large.top - large.bottom > 2000 > small.top - small.bottom
    assert of_height("x", 1000) is None


def test_letters_of_other_scripts_come_from_the_other_font() -> None:
    assert [letter(char).font for char in "xЯש"] == [0, 0, 1]
    assert letter("中").name == ".notdef"


def test_strikes_and_boxes_stand_anywhere() -> None:
    tall = Paren(Frac(Strike(X), Box(Y)))
    assert len([mark for mark in typeset(Matrix(((tall, Box(Num("1"))),))).marks if isinstance(mark, Line)]) == 10


def test_svg_marks_are_paths() -> None:
    for name, attributes in svg_marks(typeset(Equation((X, Sqrt(Num("2"))), ("=",))), 5.0, 5.0):
        assert name == "path"
        assert attributes["d"].startswith("M")
        ElementTree.fromstring(f'<path d="{attributes["d"]}"/>')
