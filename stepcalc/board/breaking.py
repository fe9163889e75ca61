"""Lines of a formula joined where they are short and broken where they are long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from stepcalc.board.layout import parenthesised
from stepcalc.board.nodes import (
    Add,
    Box,
    Call,
    Cases,
    Deriv,
    Diff,
    Equation,
    Frac,
    Mul,
    Neg,
    Node,
    Paren,
    Strike,
    SumOver,
    Words,
)
from stepcalc.board.transform import contains

Measure: TypeAlias = Callable[[Equation], float]
"""How wide a line is."""
Halves: TypeAlias = tuple[Node, Node]
"""What stays on a line, and what goes on the next."""


def split_at_relations(equation: Equation) -> tuple[Node | None, tuple[Equation, ...]]:
    """The left side, and one ``continued`` equation for each relation with what follows it.

    A bare expression is a left side alone; the left side of a continued line is None.
    """
    left, rest = (None, equation.parts) if equation.continued else (equation.parts[0], equation.parts[1:])
    if not equation.relations:
        return left, tuple(Equation((part,), continued=True) for part in rest)
    pairs = zip(rest, equation.relations, strict=True)
    return left, tuple(Equation((part,), (relation,), continued=True) for part, relation in pairs)


def compact(equation: Equation) -> Equation:
    """A line whose only fractions are lone derivatives has them slashed: it is no higher than its numbers."""
    if not all(isinstance(part, Deriv) or not contains(part, _is_high) for part in equation.parts):
        return equation
    parts = tuple(replace(part, slashed=True) if isinstance(part, Deriv) else part for part in equation.parts)
    return replace(equation, parts=parts)


def _is_high(node: Node) -> bool:
    return isinstance(node, Frac | Deriv | Diff | Cases | SumOver)


def joined(equations: Sequence[Equation], measure: Measure, width: float) -> Iterator[Equation]:
    """The lines, with a first line of symbols and the one that continues it on one line where they fit ``width``.

    Lines that show something being replaced or struck out stay apart, and so does what has a note beside it.
    """
    waiting: Equation | None = None
    for equation in equations:
        if waiting is not None and equation.continued and equation.relations and not _shows_work(equation):
            longer = replace(
                waiting,
                parts=waiting.parts + equation.parts,
                relations=waiting.relations + equation.relations,
                reason=equation.reason,
                aside=equation.aside,
            )
            if measure(longer) <= width:
                yield longer
                waiting = None
                continue
        if waiting is not None:
            yield waiting
        waiting = equation if _may_be_joined(equation) else None
        if waiting is None:
            yield equation
    if waiting is not None:
        yield waiting


def _may_be_joined(equation: Equation) -> bool:
    plain = not equation.continued and not equation.reason and equation.aside is None
    return plain and bool(equation.relations) and not _shows_work(equation)


def _shows_work(equation: Equation) -> bool:
    return any(contains(part, lambda node: isinstance(node, Strike | Box)) for part in equation.parts)


_NOTHING = Words("")


def broken(equation: Equation, measure: Measure, width: float) -> tuple[Equation, ...]:
    """``equation`` as lines that ``measure`` to at most ``width``, as far as breaking can do it.

    Lines break at relations first, then at the operators of a sum or product; the new lines are ``continued``.
    One without a relation goes on inside the last part of the line above and starts with its operator.
    A line that cannot be broken is left too long. The reason and the aside stay with the last line.
    """
    if measure(equation) <= width:
        return (equation,)
    lines: list[Equation] = []
    for piece in _at_relations(equation, measure, width):
        lines += _at_operators(piece, measure, width)
    bare = [replace(line, reason="", aside=None) for line in lines]
    return (*bare[:-1], replace(bare[-1], reason=equation.reason, aside=equation.aside))


def _at_relations(equation: Equation, measure: Measure, width: float) -> list[Equation]:
    """A line takes the parts that fit, from the last one backwards, so that the result stands beside what led to it."""
    left, chunks = split_at_relations(equation)
    if not chunks or not equation.relations:
        return [equation]
    lines: list[Equation] = []
    for chunk in reversed(chunks):
        longer = _joined(chunk, lines[0]) if lines else chunk
        if lines and measure(longer) <= width:
            lines[0] = longer
        else:
            lines.insert(0, chunk)
    if left is not None:
        lines[0] = replace(lines[0], parts=(left, *lines[0].parts), continued=False)
    return lines


def _joined(first: Equation, rest: Equation) -> Equation:
    """Two continued lines as one."""
    return replace(first, parts=first.parts + rest.parts, relations=first.relations + rest.relations)


def _at_operators(line: Equation, measure: Measure, width: float) -> list[Equation]:
    """Break the last part of ``line`` where it is a sum or product; nothing stands before an operator in front."""
    lines: list[Equation] = []
    while (halves := _halves(line, measure, width)) is not None:
        kept, rest = halves
        lines.append(_ending(line, kept))
        line = Equation((rest,), (), continued=True)
    return [*lines, line]


def _halves(line: Equation, measure: Measure, width: float) -> Halves | None:
    """The last part of a line that is too long, cut where most of it stays; None where it fits or cannot be cut.

    Parentheses are cut into where the line would be less than half full without, and then no deeper than it takes.
    """

    def size(kept: Node) -> float:
        return measure(_ending(line, kept))

    whole = line.parts[-1]
    pieces = _pieces(whole)
    least = _least(pieces)
    kept = _most(least, len(pieces), lambda count: size(_some(whole, pieces[:count])) <= width)
    if kept == len(pieces):
        return None
    outer = [_cut(whole, kept)] if kept >= least else []
    if outer and size(outer[0][0]) >= width / 2:
        return outer[0]
    levels: dict[int, list[Halves]] = {}
    for depth, halves in _cuts_in_piece(parenthesised(whole), kept):
        if size(halves[0]) <= width:
            levels.setdefault(depth, []).append(halves)
    fitting: list[Halves] = [*outer, *(levels[min(levels)] if levels else ())]
    if fitting:
        return max(fitting, key=lambda halves: size(halves[0]))
    return _cut(whole, least) if least < len(pieces) else None


def _ending(line: Equation, kept: Node) -> Equation:
    """``line`` with another last part."""
    return replace(line, parts=(*line.parts[:-1], kept))


def _most(least: int, count: int, fits: Callable[[int], bool]) -> int:
    """The largest number from ``least`` to ``count`` that fits, ``least`` − 1 if none does.

    Looked for in growing steps from below, so that filling a line costs what stands on it, not what is left over.
    """
    low, step = least - 1, 1
    while low + step <= count and fits(low + step):
        low, step = low + step, 2 * step
    high = min(low + step, count + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _pieces(whole: Node) -> tuple[Node, ...]:
    """What operators stand between."""
    match whole:
        case Add(pieces) | Mul(pieces) if pieces:
            return pieces
    return (whole,)


def _cut(whole: Node, kept: int) -> Halves:
    """A sum or product cut in two behind so many pieces."""
    pieces = _pieces(whole)
    return _some(whole, pieces[:kept]), _some(whole, (_NOTHING, *pieces[kept:]))


def _cuts(whole: Node) -> Iterator[Halves]:
    """The places where a sum or product may be cut in two, from the left; something is left on either side."""
    pieces = _pieces(whole)
    return (_cut(whole, kept) for kept in range(_least(pieces), len(pieces)))


def _least(pieces: tuple[Node, ...]) -> int:
    """So many pieces stay at least: an empty one in front, before an operator, does not count."""
    return 2 if len(pieces) > 1 and pieces[0] == _NOTHING else 1


def _inner_cuts(whole: Node) -> Iterator[tuple[int, Halves]]:
    """The places in its parentheses where a parenthesised part may be cut in two, and in how many they are."""
    match whole:
        case Paren(arg):
            for depth, (before, after) in (*((0, halves) for halves in _cuts(arg)), *_inner_cuts(arg)):
                halves = replace(whole, arg=before, closes=False), replace(whole, arg=after, opens=False)
                yield depth + 1, halves
        case Neg(arg):
            for depth, (before, after) in _inner_cuts(arg):
                yield depth, (Neg(before), after)
        case Call(args=(Paren() as arg,)):
            for depth, (before, after) in _inner_cuts(arg):
                yield depth, (replace(whole, args=(before,)), after)
        case Diff(_, arg):
            for depth, (before, after) in _inner_cuts(arg):
                yield depth, (replace(whole, arg=before), after)
        case Add(pieces) | Mul(pieces):
            for place in range(len(pieces)):
                yield from _cuts_in_piece(whole, place)


def _cuts_in_piece(whole: Node, place: int) -> Iterator[tuple[int, Halves]]:
    """The places in the parentheses of one piece of a sum or product, and in how many they are."""
    if not isinstance(whole, Add | Mul):
        yield from _inner_cuts(whole)
        return
    pieces = _pieces(whole)
    for depth, (before, after) in _inner_cuts(pieces[place]):
        yield depth, (_some(whole, (*pieces[:place], before)), _some(whole, (after, *pieces[place + 1 :])))


def _some(whole: Node, pieces: tuple[Node, ...]) -> Node:
    """A part of a sum or product, as the same kind of node."""
    if len(pieces) == 1:
        return pieces[0]
    return replace(whole, factors=pieces) if isinstance(whole, Mul) else Add(pieces)
