"""Parentheses stand where the meaning needs them."""

from __future__ import annotations

import ast
import operator
import re
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stepcalc.board.layout import parenthesised
from stepcalc.board.nodes import (
    Add,
    Box,
    Call,
    Deriv,
    Diff,
    Exp,
    Frac,
    Glyph,
    Mul,
    Neg,
    Node,
    Num,
    Paren,
    Pow,
    Strike,
    SumOver,
    Sym,
    Transpose,
)
from stepcalc.board.text import text

X, Y, Z1 = Sym(Glyph("x")), Sym(Glyph("y", hat=True)), Sym(Glyph("z", "1", "(1)"))
ONE, TWO, MINUS_THREE, TINY = Num("1"), Num("2"), Num("-3"), Num("2.061e-9")


@pytest.mark.parametrize(
    ("node", "written"),
    [
        (Mul((Y, Add((ONE, Neg(Y))))), "ŷ(1 − ŷ)"),
        (Mul((Num("0.6"), Num("3")), "apply"), "0.6(3)"),
        (Mul((Num("0.6"), MINUS_THREE), "apply"), "0.6(−3)"),
        (Mul((TWO, MINUS_THREE), "dot"), "2 · (−3)"),
        (Add((Num("4"), MINUS_THREE)), "4 − 3"),
        (Add((MINUS_THREE, Neg(X))), "−3 − x"),
        (Add((X, Mul((MINUS_THREE, TWO), "apply"))), "x + (−3)(2)"),
        (Add((X, Neg(MINUS_THREE))), "x − (−3)"),
        (Add((X, Neg(Add((Y, ONE))))), "x − (ŷ + 1)"),
        (Add((X, Add((Neg(Y), ONE)))), "x + (−ŷ) + 1"),
        (Add((X, Strike(ONE), Strike(Neg(ONE)))), "x + 1̶ − 1̶"),
        (Neg(Neg(X)), "−(−x)"),
        (Neg(Add((X, Num("-1")))), "−(x − 1)"),
        (Neg(Mul((MINUS_THREE, X))), "−(−3) x"),
        (Pow(MINUS_THREE, TWO), "(−3)²"),
        (Pow(Neg(X), TWO), "(−x)²"),
        (Neg(Pow(X, TWO)), "−x²"),
        (Pow(Z1, TWO), "(z₁⁽¹⁾)²"),
        (Pow(Frac(X, TWO), TWO), "(x/2)²"),
        (Pow(Mul((TWO, X)), TWO), "(2x)²"),
        (Pow(Pow(X, TWO), TWO), "(x²)²"),
        (Pow(TINY, TWO), "(2.061·10⁻⁹)²"),
        (Pow(Deriv(X, Y), TWO), "(∂x/∂ŷ)²"),
        (Mul((TINY, TWO), "dot"), "(2.061·10⁻⁹) · 2"),
        (Mul((Num("3"), Num("4"))), "3(4)"),
        (Mul((Num("3"), Frac(ONE, TWO))), "3(1/2)"),
        (Mul((Num("3"), Pow(TWO, TWO))), "3(2²)"),
        (Mul((X, Mul((TWO, X)))), "x(2x)"),
        (Frac(Add((ONE, X)), Mul((TWO, X))), "(1 + x)/(2x)"),
        (Frac(ONE, Frac(ONE, X)), "1/(1/x)"),
        (Exp(Neg(X)), "e⁻ˣ"),
        (Exp(Neg(Z1)), "e^(−z₁⁽¹⁾)"),
        (Call("ln", (X,)), "ln x"),
        (Call("ln", (Num("0.09"),)), "ln 0.09"),
        (Call("ln", (Num("-2"),)), "ln(−2)"),
        (Call("ln", (Add((ONE, Neg(Y))),)), "ln(1 − ŷ)"),
        (Call("σ", (Paren(X),)), "σ(x)"),
        (Call("σ", (X,), primes=1), "σ′(x)"),
        (Pow(Call("ln", (X,)), TWO), "(ln x)²"),
        (Mul((Call("ln", (X,)), X)), "(ln x) x"),
        (Diff(X, Add((ONE, X))), "d/dx (1 + x)"),
        (Mul((X, Box(Add((ONE, X))))), "x ⟦(1 + x)⟧"),
        (Mul((Mul((Transpose(Sym(Glyph("W", sup="(2)"))), X)), Y), "hadamard"), "((W⁽²⁾)ᵀ x) ⊙ ŷ"),
        (Add((SumOver(Sym(Glyph("k")), ONE, TWO, Add((X, ONE))), ONE)), "Σₖ₌₁² (x + 1) + 1"),
    ],
)
def test_parentheses_where_needed(node: Node, written: str) -> None:
    assert text(node) == written


NUMBERS = st.sampled_from(["0", "1", "2", "3", "0.5", "-1", "-2.5", "2e-1", "-4e1"]).map(Num)
TREES = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda terms: Add(tuple(terms))),
        st.tuples(st.lists(inner, min_size=1, max_size=3), st.sampled_from(["dot", "apply", "juxtapose"])).map(
            lambda drawn: Mul(tuple(drawn[0]), drawn[1])
        ),
        inner.map(Neg),
        inner.map(Paren),
        st.tuples(inner, inner).map(lambda drawn: Frac(*drawn)),
        st.tuples(inner, st.sampled_from(["2", "3", "-1"])).map(lambda drawn: Pow(drawn[0], Num(drawn[1]))),
    ),
    max_leaves=8,
)


def value(node: Node) -> Fraction:
    """What the tree means, whatever is written."""
    match node:
        case Num(digits):
            return Fraction(digits)
        case Add(terms):
            return sum((value(term) for term in terms), Fraction(0))
        case Mul(factors):
            product = Fraction(1)
            for factor in factors:
                product *= value(factor)
            return product
        case Neg(arg):
            return -value(arg)
        case Paren(arg):
            return value(arg)
        case Frac(num, den):
            return value(num) / value(den)
        case Pow(base, exp):
            return value(base) ** int(value(exp))
    raise AssertionError(node)


OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: lambda base, exponent: base ** int(exponent),
}


def read(written: str) -> Fraction:
    """What somebody reads who knows the usual precedences."""
    superscripts = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
    plain = re.sub(f"[{''.join(superscripts)}]+", lambda run: "**" + "".join(superscripts[c] for c in run[0]), written)
    plain = plain.replace("−", "-").replace("·", "*").replace("^", "**")
    plain = re.sub(r"(?<=[\d)])\s*(?=\()", "*", plain)
    return walk(ast.parse(plain, mode="eval").body)


def walk(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant():
            return Fraction(str(node.value))
        case ast.UnaryOp():
            return -walk(node.operand)
        case ast.BinOp():
            return OPERATORS[type(node.op)](walk(node.left), walk(node.right))
    raise AssertionError(ast.dump(node))


@given(TREES)
@settings(max_examples=400, deadline=None)
def test_what_is_read_is_what_is_meant(tree: Node) -> None:
    try:
        meant = value(tree)
    except (ZeroDivisionError, OverflowError):
        assume(False)
    assert read(text(tree)) == meant


@given(TREES, st.booleans())
@settings(max_examples=200, deadline=None)
def test_parenthesising_twice_changes_nothing(tree: Node, flat: bool) -> None:
    once = parenthesised(tree, flat=flat)
    assert parenthesised(once, flat=flat) == once


def test_a_slashed_fraction_gets_the_parentheses_it_needs() -> None:
    slashed = parenthesised(Frac(Add((ONE, X)), Mul((TWO, X))), slash=True)
    assert slashed == Frac(Paren(Add((ONE, X))), Paren(Mul((TWO, X))), slashed=True)
