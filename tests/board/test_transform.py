"""Walking over written mathematics and changing it."""

from __future__ import annotations

import pytest

from stepcalc.board.nodes import (
    Add,
    Cases,
    Deriv,
    Dots,
    Equation,
    Frac,
    Glyph,
    Matrix,
    Mul,
    Neg,
    Node,
    Num,
    Rel,
    SumOver,
    Sym,
)
from stepcalc.board.transform import children, contains, mapped, transform, transform_equation, walk

X, Y = Sym(Glyph("x"), "x"), Sym(Glyph("y"), "y")
ONE, TWO = Num("1"), Num("2")


@pytest.mark.parametrize(
    ("node", "below"),
    [
        (X, []),
        (Dots("v"), []),
        (Frac(X, TWO), [X, TWO]),
        (Deriv(X, Y, item="dx/dy"), [X, Y]),
        (Deriv(X, Y, again=Y), [X, Y, Y]),
        (Cases(((X, Rel(Y, "<", ONE)), (TWO, None))), [X, Rel(Y, "<", ONE), TWO]),
        (Matrix(((X, ONE), (Y, TWO))), [X, ONE, Y, TWO]),
        (SumOver(X, ONE, TWO, Y), [X, ONE, TWO, Y]),
    ],
)
def test_what_stands_directly_under_a_node(node: Node, below: list[Node]) -> None:
    assert list(children(node)) == below


def test_a_walk_starts_at_the_top_and_goes_from_the_left() -> None:
    node = Add((Mul((X, ONE)), Neg(Y)))
    assert list(walk(node)) == [node, Mul((X, ONE)), X, ONE, Neg(Y), Y]
    assert contains(node, lambda part: part == Y)
    assert not contains(node, lambda part: part == TWO)


def test_what_does_not_change_stays_the_very_same() -> None:
    left, right = Mul((X, ONE)), Matrix(((Y, TWO),))
    node = Add((left, right))
    assert transform(node, lambda part: None) is node
    assert mapped(lambda part: part, node) is node
    changed = transform(node, lambda part: ONE if part == Y else None)
    assert changed == Add((left, Matrix(((ONE, TWO),))))
    assert isinstance(changed, Add)
    assert changed.terms[0] is left


def test_what_was_put_in_is_not_looked_into() -> None:
    assert transform(Neg(X), lambda part: Neg(X) if part == X else None) == Neg(Neg(X))


def test_what_stands_beside_an_equation_changes_with_it() -> None:
    equation = Equation((X, ONE), ("=",), aside=Matrix(((X,),)))
    changed = transform_equation(equation, lambda part: Y if part == X else None)
    assert (changed.parts, changed.aside) == ((Y, ONE), Matrix(((Y,),)))
