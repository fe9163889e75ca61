"""Single rewriting rules, each on the smallest expression that it is about."""

from __future__ import annotations

import pytest
import sympy as sp

from stepcalc.board.nodes import Add, Cases, Exp, Frac, Glyph, Mul, Neg, Num, Pow, Rel, Strike, Sym
from stepcalc.calculus.aim import Aim
from stepcalc.calculus.rewrite_products import cancel_factors, cancel_terms, one_fraction, two_minus_signs
from stepcalc.calculus.rewrite_towards import add_and_subtract, common_denominator, factor_out, split_fraction
from stepcalc.calculus.simplify import same_up_to_order, simplified
from stepcalc.calculus.symbols import symbol

X, Y = (Sym(Glyph(letter), letter) for letter in "xy")
ONE, TWO, MINUS = Num("1"), Num("2"), Num("-1")
x, y = symbol("x"), symbol("y")
PRODUCT = Aim(x * y)
BASE = Add((ONE, Exp(X)))


def test_two_minus_signs_go_together(text):
    lines = two_minus_signs(Mul((MINUS, X, MINUS)), PRODUCT)
    assert [text(node) for node, _ in lines] == ["~-1~·x·~-1~", "x"]
    assert two_minus_signs(Mul((MINUS, X)), PRODUCT) is None


def test_one_fraction_line(text):
    ((node, reason),) = one_fraction(Mul((Pow(X, Num("-2")), Neg(Y), TWO)), PRODUCT)
    assert text(node) == "-[2·y]/[(x)^2]"
    assert reason == "as one fraction"


def test_a_half_stays_in_front():
    assert one_fraction(Mul((Frac(ONE, TWO), X)), PRODUCT) is None


def test_a_power_is_struck_only_as_far_as_it_goes(text):
    struck, left = (node for node, _ in cancel_factors(Frac(X, Pow(X, TWO)), PRODUCT))
    assert struck == Frac(Strike(X), Pow(X, Strike(TWO)))
    assert text(left) == "[1]/[x]"


def test_opposite_terms_go_and_equal_terms_are_counted(text):
    assert text(cancel_terms(Add((X, Y, Neg(X))), PRODUCT)[-1][0]) == "y"
    assert text(cancel_terms(Add((X, Y, X)), PRODUCT)[-1][0]) == "2·x + y"
    assert text(cancel_terms(Add((X, Neg(X))), PRODUCT)[-1][0]) == "0"


def test_nothing_is_added_without_a_definition_to_recall():
    fraction = Frac(Exp(X), Pow(BASE, TWO))
    assert add_and_subtract(fraction, PRODUCT) is None
    known = Aim(x * y, ((Y, 1 / (1 + sp.exp(x))),))
    assert add_and_subtract(fraction, known) is not None


def test_a_fraction_is_split_only_if_something_cancels():
    assert split_fraction(Frac(Add((X, ONE)), Y), PRODUCT) is None
    assert split_fraction(Frac(Add((BASE, MINUS)), Pow(BASE, TWO)), PRODUCT) is not None


def test_common_denominator(text):
    lines = common_denominator(Add((Frac(ONE, X), Frac(ONE, Y))), PRODUCT)
    assert text(lines[0][0]) == "[y + x]/[x·y]"


def test_factor_out_only_towards_a_product(text):
    total = Add((Mul((X, Y)), X))
    assert text(factor_out(total, PRODUCT)[0][0]) == "x·(y + 1)"
    assert factor_out(total, Aim(x + y)) is None


def test_order_is_no_difference():
    assert same_up_to_order(Add((X, Mul((TWO, Y)))), Add((Mul((Y, TWO)), X)))
    assert not same_up_to_order(X, Y)


def test_each_case_for_itself(text):
    rows = Cases(((Mul((MINUS, X, MINUS)), Rel(X, ">", Num("0"))), (Y, None)))
    aim = Aim(sp.Piecewise((x, x > 0), (y, True)))
    assert text(simplified(rows, aim)[-1][0]) == "{x if x>0; y if not}"


@pytest.mark.parametrize("target", [x * y, x + y, x**2])
def test_always_ends_in_the_short_form(target):
    node = Mul((TWO, X)) if target == x**2 else Add((X, Y))
    lines = simplified(node, Aim(target))
    assert same_up_to_order(lines[-1][0] if lines else node, Aim(target).node)


def test_a_minus_that_turns_a_bracket_is_named_so():
    quotient = Neg(Frac(Mul((Exp(X), Add((X, Neg(Y))))), Pow(Y, TWO)))
    lines = simplified(quotient, Aim(sp.exp(x) * (y - x) / y**2))
    assert [reason for _, reason in lines] == ["turn the signs round"]
