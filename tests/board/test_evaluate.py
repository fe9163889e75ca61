"""Values of written expressions, held against MP."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcalc.board import nodes as n
from stepcalc.board.evaluate import EvaluationError, NotScalarError, evaluate, holds

TWO, THREE = n.Num("2"), n.Num("-3")

MP = mpmath.mp.clone()
MP.dps = 450


def close(got: Decimal, expected: Any) -> bool:
    """Within 10^-47 of the expected value, relatively."""
    exact = MP.mpf(str(got))
    return bool(abs(exact - expected) <= abs(expected) * MP.mpf("1e-47"))


@pytest.mark.parametrize(
    ("node", "value"),
    [
        (n.Num("2.061e-9"), "2.061e-9"),
        (n.Add((n.Mul((n.Num("0.6"), THREE), "apply"), n.Num("0.3"))), "-1.5"),
        (n.Add((TWO, n.Neg(n.Num("0.5")))), "1.5"),
        (n.Frac(TWO, n.Num("8")), "0.25"),
        (n.Pow(THREE, TWO), "9"),
        (n.Pow(TWO, n.Num("-2")), "0.25"),
        (n.Pow(n.Num("0"), n.Num("0")), "1"),
        (n.Exp(n.Num("0")), "1"),
        (n.Sqrt(n.Num("6.25")), "2.5"),
        (n.Abs(THREE), "3"),
        (n.Strike(n.Box(n.Paren(THREE))), "-3"),
        (n.Call("max", (TWO, THREE)), "2"),
        (n.Call("min", (TWO, THREE)), "-3"),
        (n.Call("ReLU", (THREE,)), "0"),
        (n.Call("sgn", (THREE,)), "-1"),
        (n.Call("sgn", (n.Num("0"),)), "0"),
        (n.Call("σ", (n.Num("0"),)), "0.5"),
        (n.Call("σ", (n.Num("0"),), primes=1), "0.25"),
        (n.Call("ln", (n.Num("1"),)), "0"),
        (n.Call("tanh", (n.Num("0"),)), "0"),
        (n.Call("sin", (n.Num("0"),)), "0"),
        (n.Call("cos", (n.Num("0"),)), "1"),
        (n.Cases(((TWO, n.Rel(THREE, "≥", n.Num("0"))), (n.Num("7"), None))), "7"),
        (n.Cases(((TWO, n.Rel(THREE, "<", n.Num("0"))), (n.Num("7"), None))), "2"),
    ],
)
def test_value(node: n.Node, value: str) -> None:
    assert evaluate(node) == Decimal(value)


def test_symbols_have_the_values_given() -> None:
    w = n.Sym(n.Glyph("w"), "W1[1,1]")
    slope = n.Deriv(n.Sym(n.Glyph("L"), "L"), w, item="dL/dW1[1,1]")
    values = {"W1[1,1]": Decimal("0.6"), "dL/dW1[1,1]": Decimal("0.0187797")}
    assert evaluate(n.Add((w, n.Neg(n.Mul((n.Num("0.1"), slope))))), values) == Decimal("0.59812203")


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": MP.exp,
    "sin": MP.sin,
    "cos": MP.cos,
    "tan": MP.tan,
    "tanh": MP.tanh,
    "σ": lambda x: 1 / (1 + MP.exp(-x)),
    "softplus": lambda x: MP.log1p(MP.exp(x)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@given(st.floats(-400, 400))
def test_functions_are_those_of_mpmath(name: str, x: float) -> None:
    text = repr(x)
    assert close(evaluate(n.Call(name, (n.Num(text),))), FUNCTIONS[name](MP.mpf(text)))


@pytest.mark.parametrize("slope", [("σ", lambda x: MP.diff(FUNCTIONS["σ"], x)), ("tanh", lambda x: MP.sech(x) ** 2)])
@pytest.mark.parametrize("x", ["0.3", "-45", "80"])
def test_slopes(slope: tuple[str, Callable[[Any], Any]], x: str) -> None:
    name, expected = slope
    assert close(evaluate(n.Call(name, (n.Num(x),), primes=1)), expected(MP.mpf(x)))


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_logarithms_and_roots(x: float) -> None:
    text = repr(x)
    assert close(evaluate(n.Call("ln", (n.Num(text),))), MP.log(MP.mpf(text)))
    assert close(evaluate(n.Sqrt(n.Num(text))), MP.sqrt(MP.mpf(text)))


@given(st.floats(1e-3, 1e3), st.floats(-50, 50))
def test_powers(base: float, exponent: float) -> None:
    value = evaluate(n.Pow(n.Num(repr(base)), n.Num(repr(exponent))))
    assert close(value, MP.mpf(repr(base)) ** MP.mpf(repr(exponent)))


def test_an_angle_of_three_hundred_digits() -> None:
    assert close(evaluate(n.Call("sin", (n.Num("1e300"),))), MP.sin(MP.mpf("1e300")))


@pytest.mark.parametrize(
    "node",
    [
        n.Frac(TWO, n.Num("0")),
        n.Frac(n.Num("0"), n.Num("0")),
        n.Call("ln", (n.Num("0"),)),
        n.Call("ln", (THREE,)),
        n.Sqrt(THREE),
        n.Pow(THREE, n.Num("0.5")),
        n.Exp(n.Exp(n.Num("1000"))),
        n.Exp(n.Num("1e300")),
        n.Pow(n.Num("9"), n.Pow(n.Num("9"), n.Pow(n.Num("9"), n.Num("9")))),
        n.Call("sin", (n.Num("1e5000"),)),
        n.Num("1e99999999999999999999"),
        n.Cases(((TWO, n.Rel(TWO, "<", TWO)),)),
    ],
)
def test_no_value_is_said_clearly_and_quickly(node: n.Node) -> None:
    start = time.process_time()
    with pytest.raises(EvaluationError):
        evaluate(node)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "node",
    [
        n.Matrix(((TWO,),)),
        n.Sym(n.Glyph("x"), "x[1]"),
        n.Hole(),
        n.Blank(),
        n.Words("two"),
        n.Num("nan"),
        n.Num("?"),
        n.Rel(TWO, "=", TWO),
        n.Call("softmax", (TWO,)),
        n.Call("σ", (TWO,), primes=3),
        n.Call("σ", (TWO, THREE)),
        n.Add((TWO, n.Dots())),
    ],
)
def test_what_is_no_number(node: n.Node) -> None:
    with pytest.raises(NotScalarError):
        evaluate(node)


def test_huge_arguments_saturate() -> None:
    assert evaluate(n.Call("σ", (n.Num("1e6"),))) == 1
    assert evaluate(n.Call("tanh", (n.Num("-1e6"),))) == -1
    assert evaluate(n.Call("softplus", (n.Num("1e6"),))) == 1000000
    assert 0 < evaluate(n.Call("σ", (n.Num("-1000"),))) < Decimal("1e-400")


def test_conditions() -> None:
    assert holds(n.Rel(TWO, "≥", TWO))
    assert not holds(n.Rel(TWO, "≠", TWO))
    assert holds(n.Rel(THREE, "<", n.Rel(n.Num("0"), "<", TWO)))
    assert not holds(n.Rel(THREE, "<", n.Rel(TWO, "<", n.Num("0"))))
    assert not holds(n.Rel(TWO, "<", n.Rel(THREE, "<", n.Num("0"))))
    with pytest.raises(NotScalarError):
        holds(n.Rel(TWO, "→", TWO))


def test_the_callers_context_is_left_alone() -> None:
    with localcontext() as context:
        context.prec = 3
        evaluate(n.Call("cos", (TWO,)))
        assert context.prec == 3
        assert len(evaluate(n.Frac(TWO, THREE)).as_tuple().digits) == 50
