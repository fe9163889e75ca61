"""Printed lines that are true: whoever types a line's numbers into a calculator gets the result it shows.

A line is a chain of segments, each written with as few guard digits as make it true:
``0.7(0.9900) + 0.5(0.9890) + 0.9(0.9973) + 0.2 ≈ 0.693 + 0.4945 + 0.8976 + 0.2 ≈ 2.285``. The first segment is a
:data:`Template` that is handed a printer of numbers; a later one may be :class:`~stepcalc.lines.Worked` out from the
numbers that the segment before it shows, as a calculator's user would, not from numbers that nobody sees.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias

from stepcalc.board.evaluate import EvaluationError, NotScalarError, evaluate
from stepcalc.board.nodes import Abs, Add, Box, Equation, Frac, Mul, Neg, Node, Num, Paren, Relation, Strike
from stepcalc.board.truth import number_text
from stepcalc.errors import StepcalcError
from stepcalc.lines.equal import equal
from stepcalc.lines.worked import Worked
from stepcalc.rounding import FULL_DIGITS, Rounding

Show: TypeAlias = Callable[[float, str | None], Num]
"""``show(value, item_id)``: given data in full, computed values with the guard digits of the moment."""
Template: TypeAlias = Callable[[Show], Node]
Segment: TypeAlias = Template | Worked

_SAME_NUMBER = Decimal("1e-9")
_NOISE = Decimal("1e-13")
_LEAST_DOUBLE = Decimal("4.9e-324")
"""What is less is 0 to the results, which are doubles."""
_LEAST_NOISE = Decimal("1e-22")
"""What is left of a sum that should be 0 is about the last bit of its terms; a number far below is no such rest."""


class LineError(StepcalcError):
    """No number of digits makes the line true, nor its fallback: it must not be printed with numbers."""


@dataclass(frozen=True, slots=True)
class TrueLine:
    """The segments and the rounded result; ``relations[i]`` stands before part i of ``(*nodes, result)``."""

    nodes: tuple[Node, ...]
    relations: tuple[Relation, ...]
    result: Num

    def equation(self, left: Node | None = None, reason: str = "") -> Equation:
        """The line with ``left`` in front; without it, the line goes on from the one above."""
        parts = (*self.nodes, self.result)
        if left is None:
            return Equation(parts, self.relations, reason, continued=True)
        return Equation((left, *parts), self.relations, reason)


def true_line(
    templates: Sequence[Segment],
    result: float,
    rounding: Rounding,
    *,
    item: str | None = None,
    given: Container[str] = (),
    result_extra: int = 0,
    fallback: Sequence[Segment] = (),
) -> TrueLine:
    """The line whose every segment, evaluated from its printed numbers and rounded, gives the printed ``result``.

    ``given`` holds the item ids whose numbers are data, printed in full; ``result_extra`` are guard digits of the
    result; ``fallback`` is the line to take where digits cancel, such as σ(−z) for 1 − σ(z). A worked segment that
    17 digits cannot make true is left out. Where the double and the decimals differ by the double's own rounding
    only (0.3 − 3 · 0.1 is 0, not 5.551e-17), the result printed is that of the line.

    Raises :class:`LineError` where no line is true, ``NotScalarError`` where a template is not a number.
    """
    maker = _Maker(result, rounding, given, result_extra)
    alternatives = [segments for segments in (templates, fallback) if segments]
    for text_of in (lambda _: maker.text, maker.text_of_line):
        for segments in alternatives:
            text = text_of(segments)
            nodes = maker.nodes(segments, text) if text is not None else None
            if nodes is not None and text is not None:
                return _line(nodes, Num(text, item, found=True))
    raise LineError(f"no digits make the line for {item or 'a number'} true")


@dataclass(frozen=True)
class _Maker:
    """Makes segments for one result."""

    result: float
    rounding: Rounding
    given: Container[str]
    result_extra: int

    @property
    def text(self) -> str:
        return self.rounding.printed(self.result, self.result_extra)

    def nodes(self, segments: Sequence[Segment], text: str) -> tuple[Node, ...] | None:
        """Each segment with the fewest guard digits that give ``text``; None where one has none."""
        nodes: list[Node] = []
        for segment in segments:
            node = self._truest(segment, nodes, Decimal(text))
            if node is not None and node not in nodes[-1:]:
                nodes.append(node)
            elif node is None and not isinstance(segment, Worked):
                return None
        return tuple(nodes)

    def text_of_line(self, segments: Sequence[Segment]) -> str | None:
        """What the line gives at full digits, where that is the result but for the rounding of doubles."""
        node = self._written(segments[0], (), FULL_DIGITS)
        try:
            value, magnitude = evaluate(node), evaluate(_magnitude(node))
        except NotScalarError:
            raise
        except EvaluationError:
            return None
        off, exact = abs(value - Decimal(self.result)), self._all_exact(segments[0])
        noise = exact and (value != 0 or off >= _LEAST_NOISE * magnitude) and off <= _NOISE * magnitude
        return self._rounded(value) if noise or off <= _SAME_NUMBER * abs(value) else None

    def _all_exact(self, segment: Segment) -> bool:
        """Whether the numbers put in are the very numbers that the result stands on, not shortened ones."""
        items: list[str | None] = []

        def note(value: float, item: str | None) -> Num:
            items.append(item)
            return self._show(FULL_DIGITS)(value, item)

        if not isinstance(segment, Worked):
            segment(note)
        return self.rounding.carry or all(item is not None and item in self.given for item in items)

    def _truest(self, segment: Segment, former: Sequence[Node], text: Decimal) -> Node | None:
        for node in self._candidates(segment, former):
            try:
                value = evaluate(node)
                if Decimal(self._rounded(value if abs(value) >= _LEAST_DOUBLE else Decimal(0))) == text:
                    return node
            except NotScalarError:
                raise
            except EvaluationError:
                continue  # 1 − 1.000 under a logarithm: more digits may mend it
        return None

    def _candidates(self, segment: Segment, former: Sequence[Node]) -> Iterator[Node]:
        last: Node | None = None
        for extra in range(FULL_DIGITS + 1):
            node = self._written(segment, former, extra)
            if node != last:
                yield node
            last = node

    def _written(self, segment: Segment, former: Sequence[Node], extra: int) -> Node:
        if not isinstance(segment, Worked):
            return segment(self._show(extra))
        if not former:
            raise ValueError("the first segment has nothing before it to be worked out from")
        return segment.work(former[-1], lambda value: Num(self.rounding.printed_decimal(value, extra), found=True))

    def _show(self, extra: int) -> Show:
        def show(value: float, item: str | None) -> Num:
            if item is not None and item in self.given:
                return Num(self.rounding.exact(value), item, found=True)
            return Num(self.rounding.printed(value, extra), item, found=True)

        return show

    def _rounded(self, value: Decimal) -> str:
        return self.rounding.printed_decimal(value, self.result_extra)


def _line(nodes: tuple[Node, ...], result: Num) -> TrueLine:
    if nodes and number_text(nodes[-1]) is not None and evaluate(nodes[-1]) == Decimal(result.text):
        nodes = nodes[:-1]
    relations: list[Relation] = ["="]
    relations += ["=" if equal(*pair) else "≈" for pair in pairwise((*nodes, result))]
    return TrueLine(nodes, tuple(relations), result)


def _magnitude(node: Node) -> Node:
    """``node`` with nothing cancelling in it: what the rounding of its doubles is relative to."""
    match node:
        case Add(terms):
            return Add(tuple(_magnitude(term) for term in terms))
        case Mul(factors):
            return Mul(tuple(_magnitude(factor) for factor in factors))
        case Neg(arg) | Paren(arg) | Strike(arg) | Box(arg):
            return _magnitude(arg)
        case Frac(num, den):
            return Frac(_magnitude(num), Abs(den))
    return Abs(node)
