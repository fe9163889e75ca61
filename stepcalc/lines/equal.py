"""Whether two numbers on the page are equal, or only near."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from stepcalc.board.evaluate import evaluate
from stepcalc.board.nodes import Abs, Add, Box, Frac, Mul, Neg, Node, Num, Paren, Pow, Strike
from stepcalc.board.transform import children
from stepcalc.board.truth import same

_LARGEST_POWER = 50


def equal(left: Node, right: Node) -> bool:
    """Whether two numbers are equal: as fractions, where no function stands in them, for 1 − 10⁻³⁰⁵ is not 1."""
    exact = _fraction(left), _fraction(right)
    if None not in exact:
        return exact[0] == exact[1]
    return same(evaluate(left), evaluate(right))


def _fraction(node: Node) -> Fraction | None:
    """The exact value of a node that is made by arithmetic alone; None for any other."""
    if isinstance(node, Num):
        return Fraction(node.text)
    parts = [_fraction(child) for child in children(node)]
    known = [part for part in parts if part is not None]
    if not parts or len(known) < len(parts):
        return None
    match node:
        case Add():
            return sum(known, Fraction(0))
        case Mul():
            return prod(known, start=Fraction(1))
        case Neg():
            return -known[0]
        case Paren() | Box() | Strike():
            return known[0]
        case Abs():
            return abs(known[0])
        case Frac() if known[1]:
            return known[0] / known[1]
        case Pow() if known[1].denominator == 1 and 0 <= known[1] <= _LARGEST_POWER:
            return known[0] ** int(known[1])
    return None
