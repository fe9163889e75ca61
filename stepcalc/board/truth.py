"""Whether a printed equation is true, checked as its reader would: from the numbers printed in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from stepcalc.board.evaluate import EvaluationError, NotScalarError, evaluate, holds
from stepcalc.board.nodes import Box, Equation, Matrix, Neg, Node, Num, Paren, Rel, Relation, Strike, Words
from stepcalc.rounding import DECISION_DIGITS, FULL_DIGITS, Rounding

_EQUAL_DIGITS = Decimal("1e-45")
_DECISION = Rounding(DECISION_DIGITS, mode="half_even")
_NO_NUMBER = Words("")


def is_true(equation: Equation, rounding: Rounding) -> bool:
    """Whether a printed equation holds, as its reader would check it.

    Parts that are no numbers are passed over. Between numbers, "=" means equal as decimals; "≈" equal when rounded
    to the digits printed in the last part of its chain, at least those of ``rounding``; comparisons must hold.
    Between matrices of one shape, all of it holds element by element.
    """
    return all(_is_true(element, rounding) for element in _elements(equation))


def _elements(equation: Equation) -> Iterator[Equation]:
    """The equation of each place, where the parts are matrices; the equation itself where there are none."""
    matrices = [part for part in equation.parts if isinstance(part, Matrix)]
    if not matrices:
        yield equation
        return
    if len({tuple(len(row) for row in matrix.rows) for matrix in matrices}) > 1:
        return
    for i, row in enumerate(matrices[0].rows):
        for j in range(len(row)):
            parts = (part.rows[i][j] if isinstance(part, Matrix) else _NO_NUMBER for part in equation.parts)
            yield replace(equation, parts=tuple(parts))


def _is_true(equation: Equation, rounding: Rounding) -> bool:
    relations: list[Relation | None] = [*equation.relations]
    if len(relations) < len(equation.parts):
        relations.insert(0, None)
    chain = _Chain(rounding)
    for relation, part in zip(relations, equation.parts, strict=True):
        if relation not in (None, "=", "≈"):
            if not (chain.is_true() and _comparison_holds(chain.last_part, relation, part)):
                return False
            chain = _Chain(rounding)
        if not chain.takes(relation, part):
            return False
    return chain.is_true()


class _Chain:
    """The numbers that follow one another with "=" and "≈" only."""

    def __init__(self, rounding: Rounding) -> None:
        self.rounding = rounding
        self.values: list[Decimal] = []
        self.last: Node | None = None
        self.last_part: Node | None = None
        self.rounded = self.pending = False

    def takes(self, relation: Relation | None, part: Node) -> bool:
        """Adds a part; False where it has no value, or is not what "=" says."""
        self.last_part = part
        self.pending = bool(self.values) and (self.pending or relation == "≈")
        try:
            value = evaluate(part)
        except NotScalarError:
            return True
        except EvaluationError:
            return False
        if self.values and not self.pending and not same(self.values[-1], value):
            return False
        self.rounded, self.pending = self.rounded or self.pending, False
        self.values.append(value)
        self.last = part
        return True

    def is_true(self) -> bool:
        """Whether all its numbers are the last one, rounded as that one is."""
        if not self.rounded or self.last is None:
            return True
        return all(_rounds_to(value, self.values[-1], self.last, self.rounding) for value in self.values[:-1])


def _comparison_holds(left: Node | None, relation: Relation | None, right: Node) -> bool:
    try:
        return left is None or relation is None or holds(Rel(left, relation, right))
    except NotScalarError:
        return True
    except EvaluationError:
        return False


def _rounds_to(value: Decimal, target: Decimal, printed: Node, rounding: Rounding) -> bool:
    text = number_text(printed)
    if text is None:
        return Decimal(rounding.printed_decimal(value)) == Decimal(rounding.printed_decimal(target))
    if same(value, target) or Decimal(_DECISION.printed_decimal(value)) == target:
        return True
    return any(_shows(rounding.printed_decimal(value, extra), target, text) for extra in range(FULL_DIGITS + 1))


def _shows(rounded: str, target: Decimal, text: str) -> bool:
    """Whether ``rounded`` is the target, and ``text`` claims no digit beyond it."""
    return Decimal(rounded) == target and _last_place(text) >= _last_place(rounded)


def _last_place(text: str) -> int:
    place = Decimal(text).as_tuple().exponent
    assert isinstance(place, int)
    return place


def number_text(node: Node) -> str | None:
    """The digits of a node that is a plain number, be it framed, struck out or negated; None for any other."""
    while isinstance(node, (Paren, Box, Strike, Neg)):
        node = node.arg
    return node.text if isinstance(node, Num) else None


def same(left: Decimal, right: Decimal) -> bool:
    """Equal, but for the 50th digit of 1/3."""
    return abs(left - right) <= _EQUAL_DIGITS * max(abs(left), abs(right))
