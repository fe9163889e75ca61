"""The small arithmetic that a teacher does without a word: zeros and ones, numbers put together."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from stepcalc.board.nodes import Add, Box, Cases, Diff, Frac, Mul, Neg, Node, Num, Paren, Pow, Strike
from stepcalc.board.transform import contains, mapped, walk
from stepcalc.calculus.numerals import decimal_text

ZERO, ONE, MINUS_ONE = Num("0"), Num("1"), Num("-1")


def size(node: Node) -> int:
    """How many nodes ``node`` is made of."""
    return sum(1 for _ in walk(node))


def depends(node: Node, variable: Node) -> bool:
    """Whether ``variable`` occurs in ``node``."""
    return contains(node, lambda part: part == variable)


def pending(node: Node) -> bool:
    """Whether a differentiation is still to be carried out in ``node``."""
    return contains(node, lambda part: isinstance(part, Diff))


def bare(node: Node) -> Node:
    """``node`` without frames, strike-outs and parentheses."""
    node = mapped(bare, node)
    return node.arg if isinstance(node, Strike | Box | Paren) else node


def value_of(node: Node) -> Fraction | None:
    """The value of a written number."""
    return Fraction(node.text) if isinstance(node, Num) else None


def written(value: Fraction) -> Node:
    """A number as it is written."""
    text = decimal_text(abs(value.numerator), value.denominator)
    if text is not None:
        return Num(f"-{text}" if value < 0 else text)
    node = Frac(Num(str(abs(value.numerator))), Num(str(value.denominator)))
    return Neg(node) if value < 0 else node


def cleaned(node: Node) -> Node:
    """``node`` with zeros and ones dropped, numbers put together, nested sums and products opened.

    A factor −1 stays where it is: that it cancels against another is a step of its own.
    """
    if isinstance(node, Diff):
        return node
    node = mapped(cleaned, node)
    clean = _CLEANERS.get(type(node))
    return clean(node) if clean else node


def undotted(node: Node) -> Node:
    """``node`` with its products written without dots: k t for k · t."""
    node = mapped(undotted, node)
    return Mul(node.factors) if isinstance(node, Mul) else node


def _sum(node: Add) -> Node:
    terms: list[Node] = []
    for term in node.terms:
        terms.extend(term.terms if isinstance(term, Add) else (term,))
    numbers = [value for term in terms if (value := value_of(term)) is not None]
    total = sum(numbers, Fraction(0))
    kept: list[Node] = []
    for term in terms:
        if value_of(term) is None:
            kept.append(term)
        elif total:
            kept.append(written(total))
            total = Fraction(0)
    return joined_sum(kept)


def joined_sum(terms: list[Node]) -> Node:
    """The sum of ``terms``: 0 of none, the term itself of one."""
    if not terms:
        return ZERO
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def joined_product(factors: list[Node]) -> Node:
    """The product of ``factors``: 1 of none, the factor itself of one."""
    if not factors:
        return ONE
    return factors[0] if len(factors) == 1 else Mul(tuple(factors))


def _product(node: Mul) -> Node:
    factors: list[Node] = []
    for factor in node.factors:
        opened = factor.factors if isinstance(factor, Mul) else (factor,)
        for part in opened:
            if isinstance(part, Neg) and not isinstance(part.arg, Add):
                inner = part.arg.factors if isinstance(part.arg, Mul) else (part.arg,)
                factors += [MINUS_ONE, *inner]
            else:
                factors.append(part)
    if ZERO in factors:
        return ZERO
    numbers = [v for f in factors if (v := value_of(f)) is not None and f not in (ONE, MINUS_ONE)]
    total = Fraction(1)
    for number in numbers:
        total *= number
    place = next((i for i, f in enumerate(factors) if value_of(f) is not None and f not in (ONE, MINUS_ONE)), 0)
    before, after = (
        [f for f in part if value_of(f) is None or f == MINUS_ONE] for part in (factors[:place], factors[place:])
    )
    kept = [*before, *([] if total == 1 else [written(total)]), *after]
    return joined_product(kept)


def _negative(node: Neg) -> Node:
    value = value_of(node.arg)
    if value is not None:
        return written(-value)
    return node.arg.arg if isinstance(node.arg, Neg) else node


def _fraction(node: Frac) -> Node:
    if node.num == ZERO:
        return ZERO
    return node.num if node.den == ONE else node


def _power(node: Pow) -> Node:
    if node.exp == ONE:
        return node.base
    return ONE if node.exp == ZERO else node


def _cases(node: Cases) -> Node:
    first = node.rows[0][0]
    return first if all(value == first for value, _ in node.rows) and node.rows[-1][1] is None else node


_CLEANERS: dict[type, Callable[[Any], Node]] = {
    Add: _sum,
    Mul: _product,
    Neg: _negative,
    Frac: _fraction,
    Pow: _power,
    Cases: _cases,
}
