"""Lines break where a teacher would break them, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcalc.board.breaking import broken, compact, joined, split_at_relations
from stepcalc.board.measure import estimated_width
from stepcalc.board.nodes import (
    Add,
    Box,
    Call,
    Cases,
    Deriv,
    Diff,
    Equation,
    Frac,
    Glyph,
    Mul,
    Neg,
    Node,
    Num,
    Paren,
    Pow,
    Rel,
    Sym,
    Words,
)
from stepcalc.board.text import text
from stepcalc.board.transform import walk

X, Y = Sym(Glyph("x")), Sym(Glyph("y", hat=True))
ONE, TWO = Num("1"), Num("2")


def line(*parts: Node, reason: str = "") -> Equation:
    return Equation(parts, ("=",) * (len(parts) - 1), reason)


def test_a_long_sum_in_a_function_breaks() -> None:
    terms = tuple(Mul((Num(f"0.{n}"), Num("-3.25")), "apply") for n in range(1, 10))
    lines = broken(line(X, Call("ReLU", (Add(terms),))), estimated_width, 30)
    assert all(estimated_width(piece) <= 30 for piece in lines)
    assert "".join(map(text, lines)).replace(" ", "") == text(line(X, Call("ReLU", (Add(terms),)))).replace(" ", "")


def test_wide_cases_are_folded() -> None:
    long = Add(tuple(Mul((Num(str(n)), X)) for n in range(1, 9)))
    cases = Cases(((long, Rel(long, ">", ONE)), (Num("0"), None)))
    assert text(cases, width=90) == text(cases)
    assert text(cases, width=26).splitlines() == [
        "⎧ 1x + 2x + 3x + 4x",
        "⎨ + 5x + 6x + 7x + 8x",
        "⎨   if 1x + 2x + 3x + 4x",
        "⎨       + 5x + 6x + 7x + 8x",
        "⎨       > 1",
        "⎩ 0  otherwise",
    ]


def test_cases_behind_a_relation_need_no_parentheses() -> None:
    cases = Cases(((ONE, Rel(X, ">", TWO)), (TWO, None)))
    assert text(Rel(Y, "=", cases), inline=True) == "ŷ = {1 if x > 2; 2 otherwise}"
    assert text(Add((X, cases)), inline=True) == "x + {1 if x > 2; 2 otherwise}"
    assert text(Add((X, cases))).startswith("x + ⎛⎧ 1  if x > 2")


def test_a_line_that_fits_stays_whole() -> None:
    equation = line(X, ONE, TWO)
    assert broken(equation, estimated_width, 100) == (equation,)


def test_lines_break_at_relations_and_the_result_stands_with_what_led_to_it() -> None:
    long, short = Num("1234567890123456789"), Num("12345")
    first, second = broken(line(X, long, short, TWO, reason="sum"), estimated_width, 24)
    assert first.parts == (X, long)
    assert (second.parts, second.relations, second.continued) == ((short, TWO), ("=", "="), True)
    assert (first.reason, second.reason) == ("", "sum")


def test_long_sums_break_before_an_operator_and_lose_nothing() -> None:
    terms = tuple(Mul((Num(f"0.{n}"), Num("-3.25")), "apply") for n in range(1, 10))
    lines = broken(line(X, Add(terms)), estimated_width, 30)
    assert len(lines) > 2
    assert all(estimated_width(piece) <= 30 for piece in lines)
    assert [piece.continued for piece in lines] == [False] + [True] * (len(lines) - 1)
    rest = [term for piece in lines for term in piece.parts[-1].terms if term != Words("")]
    assert tuple(rest) == terms
    assert text(lines[1]).startswith("+ ")


@pytest.mark.parametrize("cover", [Paren, Neg, lambda arg: Mul((TWO, arg), "dot"), lambda arg: Add((X, Mul((Y, arg))))])
def test_a_long_sum_in_parentheses_breaks_inside_them(cover: Callable[[Node], Node]) -> None:
    whole = cover(Add(tuple(Num(f"0.{n}2345") for n in range(1, 10))))
    lines = broken(line(X, whole), estimated_width, 32)
    assert len(lines) > 2
    assert all(estimated_width(piece) <= 32 for piece in lines)
    written = " ".join(map(text, lines))
    assert written == text(line(X, whole))
    assert text(lines[0]).count("(") == 1
    assert text(lines[-1]).endswith(")")


def test_what_cannot_be_broken_is_left() -> None:
    equation = line(X, Num("1" * 50))
    assert broken(equation, estimated_width, 5)[-1].parts == (X, Num("1" * 50))


def test_symbols_and_numbers_share_a_line_where_they_fit() -> None:
    symbols, numbers = line(X, Y), Equation((Num("4.6"),), ("≈",), "why", continued=True)
    assert list(joined((symbols, numbers), estimated_width, 40)) == [Equation((X, Y, Num("4.6")), ("=", "≈"), "why")]
    assert list(joined((symbols, numbers), estimated_width, 5)) == [symbols, numbers]
    boxed = line(X, Box(Y))
    assert list(joined((boxed, numbers), estimated_width, 40)) == [boxed, numbers]
    noted = line(X, Y, reason="sum")
    assert list(joined((noted, numbers), estimated_width, 40)) == [noted, numbers]


def test_lone_derivatives_are_slashed_where_the_line_is_low() -> None:
    slope = Deriv(X, Y)
    assert compact(line(slope, Num("3"))).parts[0].slashed
    assert not compact(line(slope, Frac(ONE, TWO))).parts[0].slashed
    assert not compact(line(slope, Mul((slope, slope), "dot"))).parts[0].slashed


def test_split_at_relations() -> None:
    left, chunks = split_at_relations(line(X, ONE, TWO))
    assert left == X
    assert [chunk.parts for chunk in chunks] == [(ONE,), (TWO,)]
    assert split_at_relations(Equation((X,))) == (X, ())


@given(st.lists(st.integers(1, 14), min_size=2, max_size=60), st.integers(24, 60))
def test_no_line_has_place_for_what_comes_next(lengths: list[int], width: int) -> None:
    factors = tuple(Num("1" * length) for length in lengths)
    lines = broken(line(X, Mul(factors, "dot")), estimated_width, width)
    kept = [[part for part in walk(piece.parts[-1]) if isinstance(part, Num)] for piece in lines]
    assert tuple(part for own in kept for part in own) == factors
    assert all(estimated_width(piece) <= width for piece in lines)
    for piece, own, following in zip(lines, kept, kept[1:], strict=False):
        first = () if piece.parts[0] == X else (Words(""),)
        longer = Mul((*first, *own, following[0]), "dot")
        assert estimated_width(Equation((*piece.parts[:-1], longer), piece.relations, continued=bool(first))) > width


def test_breaking_takes_work_in_proportion_to_the_line() -> None:
    def work(count: int) -> int:
        measured = []

        def measure(equation: Equation) -> float:
            measured.append(sum(1 for _ in walk(equation.parts[-1])))
            return estimated_width(equation)

        broken(line(X, Add((Num("0.12345"),) * count)), measure, 80)
        return sum(measured)

    assert work(2000) < 5 * work(500)


@pytest.mark.parametrize("width", [5, 8, 12, 16, 20, 25, 30, 40])
def test_parentheses_in_parentheses_break_on_the_narrowest_page(width: int) -> None:
    nested: Node = X
    for _ in range(6):
        nested = Add((ONE, Paren(Mul((Neg(ONE), Pow(Paren(Add((ONE, nested))), Num("-2")), Diff(X, nested))))))
    lines = broken(line(Y, Mul((Neg(ONE), nested, nested))), estimated_width, width)
    assert len(lines) > 3
    assert "".join(map(text, lines)).count("x") == text(line(Y, Mul((Neg(ONE), nested, nested)))).count("x")


def test_a_line_breaks_in_as_few_parentheses_as_it_can() -> None:
    """Two products in parentheses, each with a sum of its own: the line breaks at the plus between the products."""
    product = Mul((Num("0.51703"), Paren(Add((Num("1"), Neg(Num("0.51703")))))), "dot")
    whole = Mul((Y, Paren(Add((product, product)))), "dot")
    first, second = broken(line(X, whole), estimated_width, 50)
    assert text(second).startswith("+ 0.51703")
    assert text(first).endswith("(1 − 0.51703)")
