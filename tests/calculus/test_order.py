"""The order of writing, apart from any notation."""

from __future__ import annotations

from stepcalc.calculus.numerals import decimal_text
from stepcalc.calculus.order import natural_key, ordered_factors, ordered_terms
from stepcalc.calculus.symbols import symbol

a, y, y_hat = map(symbol, ["a", "y", "y_hat"])


def test_ten_comes_after_two():
    names = [f"x[{k}]" for k in (10, 2, 1)]
    assert sorted(names, key=natural_key) == ["x[1]", "x[2]", "x[10]"]


def test_the_order_does_not_depend_on_who_comes_first():
    assert ordered_terms(y_hat - y) == ordered_terms(-y + y_hat) == (y_hat, -y)


def test_a_share_stands_beside_its_complement():
    w = symbol("W2[1,1]")
    assert ordered_factors((1 - a, y_hat - y, w, a)) == (w, a, 1 - a, y_hat - y)


def test_only_short_decimals_are_decimals():
    assert decimal_text(1, 8) == "0.125"
    assert decimal_text(1, 3) is None
    assert decimal_text(1, 1024 * 1024) is None
    assert decimal_text(10**20, 1) == "1e20"
