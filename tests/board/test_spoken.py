"""Formulas in words: as somebody would read them out, and so that no two of them sound the same."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcalc.board import spoken as module
from stepcalc.board.nodes import (
    Abs,
    Add,
    Blank,
    Box,
    Call,
    Cases,
    Deriv,
    Diff,
    Dots,
    Equation,
    Exp,
    Frac,
    Glyph,
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
from stepcalc.board.spoken import spoken

ROOT = Path(__file__).resolve().parents[2]
PHRASES = tomllib.loads((ROOT / "templates" / "words" / "en.toml").read_text(encoding="utf-8"))["spoken"]

ONE, TWO, MINUS_TWO = Num("1"), Num("2"), Num("-2")
X, Y, Y_HAT = Sym(Glyph("x")), Sym(Glyph("y")), Sym(Glyph("y", hat=True))
W = Sym(Glyph("w", "11", "(1)"))
LOSS = Sym(Glyph("L"))
ROW = Matrix(((Num("4.6"), Hole(), Blank()),))


def say(node: Node | Equation) -> str:
    return spoken(node, PHRASES)


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (Num("0.907634"), "0.907634"),
        (Num("-0.5"), "minus 0.5"),
        (Num("2.061e-9"), "2.061 times ten to the minus 9"),
        (Num("-2e20"), "minus 2 times ten to the 20"),
        (W, "w one one of layer one"),
        (Sym(Glyph("w", "12,3")), "w one two comma three"),
        (Sym(Glyph("x", "1", "[3]")), "x one of sample three"),
        (Sym(Glyph("z", "1", "(2)[3]")), "z one of layer two of sample three"),
        (Sym(Glyph("w", "1", "new")), "new w one"),
        (Sym(Glyph("w", "", "2")), "w superscript two"),
        (Sym(Glyph("θ", "1")), "theta one"),
        (Sym(Glyph("Δz")), "delta z"),
        (Sym(Glyph("Sugar", upright=True)), "Sugar"),
        (Y_HAT, "y hat"),
        (Sym(Glyph("ŷ")), "y hat"),
        (Sym(Glyph("W", sup="(2)", bold=True)), "matrix W of layer two"),
        (Sym(Glyph("h", bold=True)), "vector h"),
        (Add((ONE, Neg(Y_HAT))), "1 minus y hat"),
        (Add((Num("4"), MINUS_TWO)), "4 minus 2"),
        (Mul((X, Add((ONE, Neg(X))))), "x times open parenthesis 1 minus x close parenthesis"),
        (Mul((X, X)), "x times x"),
        (Mul((Num("0.6"), MINUS_TWO), "apply"), "0.6 times minus 2"),
        (Mul((Num("0.6"), Blank()), "apply"), "0.6 times blank"),
        (Mul((X, Y), "hadamard"), "x elementwise times y"),
        (Frac(ONE, X), "1 over x"),
        (Frac(ONE, Add((ONE, X))), "start fraction 1 all over 1 plus x end fraction"),
        (Pow(X, TWO), "x squared"),
        (Pow(W, TWO), "open parenthesis w one one of layer one close parenthesis squared"),
        (Pow(X, Num("3")), "x cubed"),
        (Pow(Add((ONE, X)), MINUS_TWO), "open parenthesis 1 plus x close parenthesis to the power of minus 2"),
        (Pow(X, Words("[1]")), "x of sample one"),
        (Pow(X, Words("[t=3]")), "x at t equals three"),
        (Pow(X, Words("[1, i=2, j=12]")), "x of sample one at i equals two at j equals one two"),
        (Exp(Neg(X)), "e to the power of minus x"),
        (Exp(Add((X, ONE))), "e to the power of open parenthesis x plus 1 close parenthesis"),
        (Sqrt(X), "square root of x"),
        (Abs(Add((X, ONE))), "absolute value of open parenthesis x plus 1 close parenthesis"),
        (Call("σ", (X,)), "sigma of x"),
        (Call("σ", (X,), 1), "sigma prime of x"),
        (Call("ln", (X,)), "natural logarithm of x"),
        (Call("ReLU", (X,)), "ReLU of x"),
        (Call("max", (Num("0"), X)), "maximum of open parenthesis 0, x close parenthesis"),
        (Deriv(LOSS, W), "partial derivative of L with respect to w one one of layer one"),
        (Deriv(Y, X, partial=False), "derivative of y with respect to x"),
        (Deriv(Y, X, again=X), "second partial derivative of y with respect to x"),
        (Deriv(Y, X, partial=False, again=W), "second derivative of y with respect to x and w one one of layer one"),
        (Diff(X, Pow(X, TWO)), "derivative, with respect to x, of open parenthesis x squared close parenthesis"),
        (Cases(((X, Rel(X, ">", Num("0"))), (Num("0"), None))),
         "by cases: x if x is greater than 0; 0 otherwise, end of cases"),
        (SumOver(Sym(Glyph("k")), ONE, Num("3"), Sym(Glyph("x", "k"))), "sum over k from 1 to 3 of x k end sum"),
        (ROW, "row of 3: 4.6, to come, blank, end of row"),
        (Transpose(ROW), "column of 3: 4.6, to come, blank, end of column"),
        (Matrix(((ONE,), (TWO,))), "column of 2: 1, 2, end of column"),
        (Matrix(((ONE, TWO), (X, Y))), "2 by 2 matrix: row 1: 1, 2; row 2: x, y, end of matrix"),
        (Matrix(((ONE, Dots(), TWO), (Dots("v"), Dots("d"), Dots("v")), (X, Dots(), Y))),
         "large matrix: row 1: 1, dot dot dot, 2; dot dot dot; later row: x, dot dot dot, y, end of matrix"),
        (Matrix(((ONE, Dots(), TWO),)), "long row: 1, dot dot dot, 2, end of row"),
        (Transpose(X), "transpose of x"),
        (Strike(Add((ONE, X))), "cancelled: 1 plus x, end cancelled"),
        (Mul((Box(X), Y), "dot"), "framed: x, end framed times y"),
        (Add((Words(""), Neg(X), Y)), "minus x plus y"),
        (Mul((Words(""), X), "dot"), "times x"),
        (Paren(Add((X, Y)), closes=False), "open parenthesis x plus y"),
        (Equation((LOSS, Neg(Call("ln", (X,))), Num("2.382")), ("=", "≈")),
         "L equals minus natural logarithm of x is about 2.382"),
        (Equation((X, Add((X, Neg(Y)))), ("←",)), "x becomes x minus y"),
        (Equation((X,), ("=",), continued=True), "equals x"),
        (Equation((Dots("v"),), continued=True), "dot dot dot"),
    ],
)  # fmt: skip
def test_in_words(node: Node | Equation, words: str) -> None:
    assert say(node) == words


def test_a_chain_as_a_teacher_reads_it() -> None:
    h = Sym(Glyph("h", "1"))
    chain = Mul((Sym(Glyph("x", "1")), Mul((h, Add((ONE, Neg(h)))))), "dot")
    assert say(Equation((Deriv(LOSS, Sym(Glyph("w", "11"))), chain), ("=",))) == (
        "partial derivative of L with respect to w one one equals "
        "x one times h one times open parenthesis 1 minus h one close parenthesis"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Neg(Pow(TWO, TWO)), Pow(MINUS_TWO, TWO)),
        (Frac(Add((ONE, X)), Y), Add((ONE, Frac(X, Y)))),
        (Frac(Add((Frac(ONE, TWO), X)), Y), Frac(ONE, Add((TWO, Frac(X, Y))))),
        (Pow(Call("σ", (X,)), TWO), Call("σ", (Pow(X, TWO),))),
        (Mul((Exp(X), Y)), Exp(Mul((X, Y)))),
        (Sym(Glyph("w", "12,3")), Sym(Glyph("w", "1,23"))),
        (Sym(Glyph("w", "12,3")), Sym(Glyph("w", "123"))),
        (Sym(Glyph("x", "2")), Mul((X, TWO))),
        (Sym(Glyph("x", sup="2")), Pow(X, TWO)),
        (Sym(Glyph("W")), Sym(Glyph("W", bold=True))),
        (Sym(Glyph("x", sup="(2)")), Sym(Glyph("x", sup="[2]"))),
        (Deriv(Y, X), Deriv(Y, X, partial=False)),
        (Mul((Strike(X), Y)), Strike(Mul((X, Y)))),
        (Mul((Box(X), Y)), Mul((Strike(X), Y))),
        (SumOver(X, ONE, TWO, Add((X, ONE))), Add((SumOver(X, ONE, TWO, X), ONE))),
        (Matrix(((ONE, TWO),)), Matrix(((ONE,), (TWO,)))),
        (Hole(), Blank()),
        (Mul((X, Y)), Mul((X, Y), "hadamard")),
        (Transpose(Mul((X, Y))), Mul((Transpose(X), Y))),
        (Equation((X, Y), ("=",)), Equation((X, Y), ("≈",))),
    ],
)  # fmt: skip
def test_different_formulas_sound_different(one: Node | Equation, other: Node | Equation) -> None:
    assert say(one) != say(other)


def test_every_node_can_be_said() -> None:
    assert set(module._SPEAKERS) == set(get_args(Node))


def test_every_phrase_is_used_and_no_other() -> None:
    source = Path(module.__file__).read_text(encoding="utf-8")
    quoted = set(re.findall(r'"(\w+)"', source)) | {"column", "row", "column_elided", "row_elided"}
    groups = {"layer", "sample", "new", "other", "symbol_matrix", "symbol_vector"}
    assert set(PHRASES["forms"]) <= quoted | groups


# ------------------------------------------------- read back: the words of an expression give its number again

numbers = st.sampled_from([Num(text) for text in ("1", "2", "3", "0.5", "-2", "-0.5", "2e-1")])


def grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        several.map(Add),
        st.builds(Mul, several, st.sampled_from(("juxtapose", "dot", "apply"))),
        inner.map(Neg),
        st.builds(Frac, inner, inner),
        st.builds(Pow, inner, st.sampled_from([TWO, Num("3"), MINUS_TWO])),
        inner.map(Exp),
        inner.map(Abs),
        inner.map(Paren),
        st.builds(Strike, inner),
        inner.map(Box),
    )  # fmt: skip


def value(node: Node) -> float:
    match node:
        case Num(text):
            return float(text)
        case Add(terms):
            return sum(map(value, terms))
        case Mul(factors):
            return math.prod(map(value, factors))
        case Frac(num, den):
            return value(num) / value(den)
        case Pow(base, exponent):
            return float(value(base) ** value(exponent))
        case Neg(arg):
            return -value(arg)
        case Exp(arg):
            return math.exp(value(arg))
        case Abs(arg):
            return abs(value(arg))
        case Paren(arg) | Strike(arg) | Box(arg):
            return value(arg)
    raise AssertionError(node)


@given(st.recursive(numbers, grown, max_leaves=8))
def test_words_give_the_number_again(node: Node) -> None:
    try:
        expected = value(node)
    except (ZeroDivisionError, OverflowError):
        return
    assert Reader(say(node)).read() == pytest.approx(expected, rel=1e-9)


WORDS = (
    "open parenthesis|close parenthesis|start fraction|all over|end fraction|over|plus|minus|times ten to the|times"
    "|e to the power of|to the power of|squared|cubed|absolute value of|cancelled:|, end cancelled|framed:|, end framed"
)


class Reader:
    """Somebody who has only the words. A term is a product, a factor a number or what says where it ends."""

    def __init__(self, words: str) -> None:
        found = re.findall(rf"{WORDS}|[\d.]+|\S", words)
        assert "".join(found).replace(" ", "") == words.replace(" ", "")
        self.words: Iterator[str] = iter(found)
        self.next = next(self.words, "")

    def take(self, expected: str = "") -> str:
        taken, self.next = self.next, next(self.words, "")
        assert taken == expected or not expected
        return taken

    def read(self) -> float:
        read = self.sum()
        assert not self.next
        return read

    def sum(self) -> float:
        total = self.product()
        while self.next in ("plus", "minus"):
            total += self.product() if self.take() == "plus" else -self.product()
        return total

    def product(self) -> float:
        if self.next == "minus":
            self.take()
            return -self.product()
        total = self.factor()
        while self.next == "times":
            self.take()
            total *= self.product() if self.next == "minus" else self.factor()
        return total

    def factor(self) -> float:
        if self.next == "e to the power of":
            self.take()
            return math.exp(self.exponent())
        if self.next == "absolute value of":
            self.take()
            return abs(self.atom())
        base = self.atom()
        if self.next == "over":
            self.take()
            return base / self.atom()
        powers = {"squared": 2.0, "cubed": 3.0}
        if self.next in powers:
            return float(base ** powers[self.take()])
        if self.next == "to the power of":
            self.take()
            return float(base ** self.exponent())
        return base

    def exponent(self) -> float:
        if self.next == "minus":
            self.take()
            return -self.atom()
        return self.atom()

    def atom(self) -> float:
        ends = {"open parenthesis": "close parenthesis", "cancelled:": ", end cancelled", "framed:": ", end framed"}
        word = self.take()
        if word in ends:
            inside = self.sum()
            self.take(ends[word])
            return inside
        if word == "start fraction":
            num = self.sum()
            self.take("all over")
            den = self.sum()
            self.take("end fraction")
            return num / den
        number = float(word)
        if self.next == "times ten to the":
            self.take()
            sign = -1 if self.next == "minus" and self.take() else 1
            number *= 10.0 ** (sign * int(self.take()))
        return number


def test_a_letter_in_an_index_runs_on_into_the_next_index() -> None:
    assert spoken(Sym(Glyph("w", "x,12")), PHRASES) == "w x one two"
    assert spoken(Sym(Glyph("w", "11,3")), PHRASES) == "w one one comma three"
