"""Whether two numbers on the page are equal, or only near."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from stepcalc.board.evaluate import evaluate
from stepcalc.board.nodes import Abs, Add, Box, Call, Exp, Frac, Mul, Neg, Node, Num, Paren, Pow, Strike
from stepcalc.board.transform import children, walk
from stepcalc.board.truth import same

_LARGEST_POWER = 50
_RATIONAL_AT = {"σ": 0, "tanh": 0, "sin": 0, "cos": 0, "tan": 0, "ln": 1, "log": 1}
"""Function → the only fraction at which it is one."""


def equal(left: Node, right: Node) -> bool:
    """Whether two numbers are equal: as fractions, where no function stands in them, for 1 − 10⁻³⁰⁵ is not 1."""
    exact = _fraction(left), _fraction(right)
    if None not in exact:
        return exact[0] == exact[1]
    if exact[1] is not None and any(_is_irrational(part) for part in walk(left)):
        return False
    return same(evaluate(left), evaluate(right))


def _is_irrational(node: Node) -> bool:
    """Whether a function of a fraction cannot be one: eʳ and what is made of it, but for e⁰ (Lindemann, 1882)."""
    match node:
        case Exp(arg):
            return evaluate(arg) != 0
        case Call(name, (arg,), primes=0) if name in _RATIONAL_AT:
            return evaluate(arg) != _RATIONAL_AT[name]
    return False


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
