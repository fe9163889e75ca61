"""SymPy to the board and back."""

from __future__ import annotations

import pytest
import sympy as sp

from stepcalc.board.nodes import Call, Frac, Glyph, Neg, Num, Sym, Words
from stepcalc.calculus.from_board import from_board
from stepcalc.calculus.functions import sigmoid
from stepcalc.calculus.glyphs import default_glyph
from stepcalc.calculus.symbols import symbol
from stepcalc.calculus.to_board import to_board

a, h, w, x, y, z = map(symbol, ["a", "a1[1]", "W1[1,1]", "x", "y", "z"])
x2, w2, b = symbol("x[2]"), symbol("W1[1,2]"), symbol("b1[1]")
y_hat, alpha, delta = symbol("y_hat"), symbol("alpha"), symbol("delta")

WRITTEN = [
    (1 / (1 + sp.exp(-z)), "[1]/[1 + e^(-z)]"),
    (3 * x - 2, "3·x - 2"),
    (9 * x**2 - 12 * x + 4, "9·(x)^2 - 12·x + 4"),
    (-(x**2) + 3 * x + 4, "-(x)^2 + 3·x + 4"),
    (x + 1, "x + 1"),
    (1 - a, "1 - a"),
    (y_hat * (1 - y_hat), "y^·(1 - y^)"),
    (y_hat - y, "y^ - y"),
    (y - y_hat, "y - y^"),
    (alpha * (sp.exp(z) - 1), "α·(e^(z) - 1)"),
    (a + alpha, "a + α"),
    ((y - y_hat) ** 2 / 2, "[1]/[2]·(y - y^)^2"),
    (sp.Rational(1, 2), "0.5"),
    (sp.Rational(1, 3), "[1]/[3]"),
    (sp.Rational(-3, 8), "-0.375"),
    (10**30 * x, "1e30·x"),
    (sp.Rational(3, 10**20), "3e-20"),
    (sp.Integer(2) ** 70, "1180591620717411303424"),
    (x / 3, "[1]/[3]·x"),
    (0.3 * x, "0.3·x"),
    (y / (2 * x), "[y]/[2·x]"),
    (-y / y_hat, "-[y]/[y^]"),
    (-y / y_hat + (1 - y) / (1 - y_hat), "-[y]/[y^] + [1 - y]/[1 - y^]"),
    ((y_hat - y) / (y_hat * (1 - y_hat)), "[y^ - y]/[y^·(1 - y^)]"),
    (-y * sp.log(y_hat) - (1 - y) * sp.log(1 - y_hat), "-y·ln(y^) - (1 - y)·ln(1 - y^)"),
    (w * x + w2 * x2 + b, "w11·x + w12·x2 + b1"),
    (x * w * h * (1 - h) * (y_hat - y), "w11·x·a1·(1 - a1)·(y^ - y)"),
    (1 - sp.tanh(z) ** 2, "1 - (tanh(z))^2"),
    (sigmoid(z) * (1 - sigmoid(z)), "σ(z)·(1 - σ(z))"),
    (sp.sqrt(x), "√(x)"),
    (sp.Abs(y - y_hat), "|y^ - y|"),
    (sp.Piecewise((z, z >= 0), (alpha * z, True)), "{z if z≥0; α·z if not}"),
    (sp.Piecewise((1, sp.Abs(x) <= delta), (0, True)), "{1 if |x|≤δ; 0 if not}"),
    (sp.Derivative(x**2, x), "d/dx((x)^2)"),
    (x**2 + sp.sin(x) + 1, "(x)^2 + sin(x) + 1"),
]


@pytest.mark.parametrize(("expr", "written"), WRITTEN, ids=[written for _, written in WRITTEN])
def test_is_written_as_a_teacher_writes(text, expr, written):
    assert text(to_board(expr)) == written


@pytest.mark.parametrize("expr", [expr for expr, _ in WRITTEN], ids=str)
def test_comes_back_from_the_board(expr):
    exact = sp.nsimplify(expr.doit(), rational=True) if expr.has(sp.Float) else expr.doit()
    back = from_board(to_board(expr))
    assert back == exact or sp.expand(back - exact) == 0


def test_a_half_in_front_of_a_product_keeps_its_product():
    assert from_board(to_board(sp.Mul(2, y_hat - y, evaluate=False))) == 2 * y_hat - 2 * y


def test_a_product_never_loses_its_sign_of_the_error(text):
    assert text(to_board(-delta * sp.sign(y - y_hat))) == "δ·sgn(y^ - y)"


@pytest.mark.parametrize(
    ("item", "glyph"),
    [
        ("x", Glyph("x")),
        ("x1", Glyph("x", sub="1")),
        ("z1[2]", Glyph("z", sub="2", sup="(1)")),
        ("W2[1,3]", Glyph("w", sub="13", sup="(2)")),
        ("W2[1,12]", Glyph("w", sub="1,12", sup="(2)")),
        ("y_hat", Glyph("y", hat=True)),
        ("y_hat[2]", Glyph("y", hat=True, sub="2")),
        ("z1[2]@3", Glyph("z", sub="2", sup="(1)(3)")),
        ("alpha", Glyph("α")),
        ("w_11", Glyph("w", sub="11")),
        ("Sugar", Glyph("Sugar", upright=True)),
    ],
)
def test_an_item_has_a_glyph_of_its_own(item, glyph):
    assert default_glyph(item) == glyph


def test_the_glyph_can_be_chosen_and_the_item_stays():
    node = to_board(-x, lambda item: Glyph("w", sub=item))
    assert node == Neg(Sym(Glyph("w", sub="x"), "x"))
    assert from_board(node) == -x


def test_numbers_are_read_exactly():
    assert from_board(Num("0.1")) == sp.Rational(1, 10)
    assert from_board(Frac(Num("1"), Num("3"))) == sp.Rational(1, 3)
    assert from_board(Num("2.061e-9")) == sp.Rational(2061, 10**12)


def test_a_prime_is_a_derivative():
    node = Call("σ", (Sym(Glyph("z"), "z"),), primes=1)
    assert from_board(node) == sigmoid(z) * (1 - sigmoid(z))


def test_what_has_no_value_says_so():
    with pytest.raises(NotImplementedError, match="Words"):
        from_board(Words("and so on"))
    with pytest.raises(NotImplementedError, match="gamma has no written form"):
        to_board(sp.gamma(x))


def test_a_tower_of_powers_is_left_standing():
    nine = Num("9")
    node = to_board(sp.Pow(9, sp.Pow(9, 9, evaluate=False), evaluate=False))
    assert from_board(node) is not None
    assert nine == Num("9")
