"""A written product taken apart: sign, numbers, factors above and below the line, and put together again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

import sympy as sp

from stepcalc.board.nodes import Add, Frac, Mul, Neg, Node, Num, Pow, Strike
from stepcalc.board.transform import mapped
from stepcalc.calculus.from_board import from_board
from stepcalc.calculus.walk import ZERO, joined_product, value_of, written

Factors = tuple[tuple[Node, int], ...]
"""Bases with their positive whole exponents, in the order of writing."""


@lru_cache(maxsize=8192)
def worth(node: Node) -> sp.Expr:
    """What ``node`` stands for, so that 1 + e⁻ᶻ and e⁻ᶻ + 1 are found to be the same."""
    return from_board(node)


@dataclass(frozen=True, slots=True)
class Term:
    """± number · above / below."""

    negative: bool = False
    number: Fraction = Fraction(1)
    below_number: Fraction = Fraction(1)
    above: Factors = ()
    below: Factors = ()

    def times(self, other: Term) -> Term:
        """The product of the two, nothing cancelled."""
        return Term(
            self.negative != other.negative,
            self.number * other.number,
            self.below_number * other.below_number,
            _merged((*self.above, *other.above)),
            _merged((*self.below, *other.below)),
        )

    def inverse(self) -> Term:
        """1 over the term."""
        return Term(self.negative, self.below_number, self.number, self.below, self.above)

    def to(self, power: int) -> Term:
        """The term to a whole power."""
        if power < 0:
            return self.inverse().to(-power)
        return Term(
            self.negative and power % 2 == 1,
            self.number**power,
            self.below_number**power,
            tuple((base, exponent * power) for base, exponent in self.above),
            tuple((base, exponent * power) for base, exponent in self.below),
        )

    def node(self) -> Node:
        """The term as it is written, the minus in front."""
        if self.number == 0:
            return ZERO
        above = _side(self.number, self.above)
        if self.below or self.below_number != 1:
            above = Frac(above, _side(self.below_number, self.below))
        if self.negative:
            return Num(f"-{above.text}") if isinstance(above, Num) else Neg(above)
        return above


def _merged(factors: Iterable[tuple[Node, int]]) -> Factors:
    found: dict[sp.Expr, tuple[Node, int]] = {}
    for base, exponent in factors:
        key = worth(base)
        shown, sofar = found.get(key, (base, 0))
        found[key] = (shown, sofar + exponent)
    return tuple(found.values())


def powered(base: Node, exponent: int) -> Node:
    """base to the power exponent, which is left out where it is 1."""
    return base if exponent == 1 else Pow(base, Num(str(exponent)))


def _side(number: Fraction, factors: Factors) -> Node:
    nodes = [] if number == 1 else [written(number)]
    return joined_product(nodes + [powered(base, exponent) for base, exponent in factors])


def parsed(node: Node) -> Term:
    """``node`` as a term; what is not a product, a fraction or a whole power is one factor."""
    match node:
        case Neg(arg):
            inner = parsed(arg)
            return replace(inner, negative=not inner.negative)
        case Num():
            value = value_of(node) or Fraction(0)
            return Term(value < 0, abs(value))
        case Mul(factors):
            result = Term()
            for factor in factors:
                result = result.times(parsed(factor))
            return result
        case Frac(num, den):
            return parsed(num).times(parsed(den).inverse())
        case Pow(base, Num() as exponent) if (whole := value_of(exponent)) is not None and whole.denominator == 1:
            return parsed(base).to(int(whole))
    return Term(above=((node, 1),))


def terms_of(node: Node) -> tuple[Node, ...]:
    """The terms of a sum; of anything else itself."""
    return node.terms if isinstance(node, Add) else (node,)


def regular(node: Node) -> Node:
    """Every product in ``node`` with its sign in front, its numbers first, and one fraction line."""
    if isinstance(node, Add | Mul | Frac | Neg | Pow):
        node = mapped(regular, node)
    if isinstance(node, Mul | Frac | Neg | Pow) and not _fractional_coefficient(node):
        return parsed(node).node()
    return node


def _fractional_coefficient(node: Node) -> bool:
    """½ · x: a fraction of numbers in front of a product without any other number, sign or fraction."""
    if isinstance(node, Neg):
        return _fractional_coefficient(node.arg)
    if not isinstance(node, Mul) or not isinstance(node.factors[0], Frac):
        return False
    first, rest = parsed(node.factors[0]), parsed(joined_product(list(node.factors[1:])))
    plain = not rest.negative and rest.number == rest.below_number == 1 and not rest.below
    return plain and not first.negative and not first.above and not first.below


def common(term: Term) -> tuple[Fraction, dict[sp.Expr, int]]:
    """What stands above and below the line of ``term``: a number and bases with exponents."""
    above = {worth(base): exponent for base, exponent in term.above}
    below = {worth(base): exponent for base, exponent in term.below}
    shared = {key: min(exponent, below[key]) for key, exponent in above.items() if key in below}
    same_number = term.number == term.below_number != 1
    return (term.number if same_number else Fraction(1)), shared


def cancelled(term: Term) -> tuple[Node, Node] | None:
    """``term`` with what cancels struck out, and without it; ``None`` if nothing cancels."""
    number, shared = common(term)
    if number == 1 and not shared:
        return None
    shown: list[list[Node]] = []
    left: list[Factors] = []
    for count, side in ((term.number, term.above), (term.below_number, term.below)):
        nodes = [] if count == 1 else [Strike(written(count)) if number != 1 else written(count)]
        for base, exponent in side:
            nodes.append(_struck_power(base, exponent, shared.get(worth(base), 0)))
        shown.append(nodes)
        left.append(tuple((b, rest) for b, e in side if (rest := e - shared.get(worth(b), 0))))
    struck: Node = Frac(joined_product(shown[0]), joined_product(shown[1]))
    after = Term(term.negative, term.number / number, term.below_number / number, left[0], left[1])
    return (Neg(struck) if term.negative else struck), after.node()


def _struck_power(base: Node, exponent: int, gone: int) -> Node:
    if not gone:
        return powered(base, exponent)
    if gone == exponent:
        return Strike(powered(base, exponent))
    return Pow(base, Strike(Num(str(exponent))))
