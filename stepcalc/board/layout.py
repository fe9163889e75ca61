"""Where written mathematics needs parentheses, and where a long line may break.

The writers never decide either: they write a tree that :func:`parenthesised` has gone over, in
which a :class:`~stepcalc.board.nodes.Paren` stands wherever one is to be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Any

from stepcalc.board.nodes import (
    Abs,
    Add,
    Box,
    Call,
    Cases,
    Deriv,
    Diff,
    Dots,
    Equation,
    Exp,
    Frac,
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
)  # fmt: skip
from stepcalc.board.transform import walk

Measure = Callable[[Equation], float]


class Level(IntEnum):
    """How tightly a form holds together; a form weaker than its place asks for goes into parentheses."""

    RELATION = 0
    SUM = 1
    PRODUCT = 2
    PREFIX = 3
    POWER = 4
    ATOM = 5
    ENCLOSED = 6


_LEVELS: dict[type[Any], Level] = {
    Rel: Level.RELATION,
    Cases: Level.RELATION,
    Add: Level.SUM,
    Mul: Level.PRODUCT,
    Neg: Level.PRODUCT,
    SumOver: Level.PREFIX,
    Diff: Level.PREFIX,
    Frac: Level.POWER,
    Deriv: Level.POWER,
    Pow: Level.POWER,
    Exp: Level.POWER,
    Transpose: Level.POWER,
    **dict.fromkeys((Num, Sym, Sqrt, Abs, Call, Matrix, Hole, Dots, Strike, Box, Words), Level.ATOM),
    Paren: Level.ENCLOSED,
}

WITHOUT_PARENTHESES = frozenset({"ln", "log"})
"""Functions written ``ln x`` before a lone symbol or number."""


def split_number(text: str) -> tuple[str, str, str]:
    """A printed number's sign (``"-"`` or ``""``), mantissa and power of ten (``""`` where it has none)."""
    sign = "-" if text.startswith("-") else ""
    mantissa, _, power = text.removeprefix("-").partition("e")
    return sign, mantissa, power.removeprefix("+")


def starts_with_minus(node: Node) -> bool:
    """Whether what is written for ``node`` begins with a minus sign."""
    match node:
        case Num(text):
            return text.startswith("-")
        case Neg():
            return True
        case Add(terms) if terms:
            return starts_with_minus(terms[0])
        case Mul(factors) if factors:
            return starts_with_minus(factors[0])
        case Strike(arg) | Box(arg):
            return starts_with_minus(arg)
    return False


def signed_terms(terms: tuple[Node, ...]) -> tuple[tuple[str, Node], ...]:
    """The terms of a sum with the operator before each: ``""`` for the first, then ``"+"`` or ``"−"``."""
    return (("", terms[0]), *(_signed(term) for term in terms[1:])) if terms else ()


def _signed(term: Node) -> tuple[str, Node]:
    match term:
        case Neg(arg):
            return "−", arg
        case Num(text) if text.startswith("-"):
            return "−", replace(term, text=text[1:])
        case Strike(arg) if isinstance(arg, Neg | Num) and starts_with_minus(arg):
            return "−", replace(term, arg=_signed(arg)[1])
    return "+", term


def parenthesised(node: Node, *, flat: bool = False, slash: bool = False) -> Node:
    """``node`` with a ``Paren`` wherever its meaning needs one; doing it twice changes nothing.

    ``flat`` is for writers on one line, where fractions are a slash and exponents have no height of their own.
    ``slash`` is for running text in two dimensions: every fraction becomes ``slashed``.
    """
    return _Layout(flat, slash).inside(node)


def parenthesised_equation(equation: Equation, *, flat: bool = False, slash: bool = False) -> Equation:
    """``equation`` with every part :func:`parenthesised`."""
    parts = tuple(parenthesised(part, flat=flat, slash=slash) for part in equation.parts)
    aside = parenthesised(equation.aside, flat=flat, slash=slash) if equation.aside else None
    return replace(equation, parts=parts, aside=aside)


def compact(equation: Equation) -> Equation:
    """A line whose only fractions are lone derivatives has them slashed: it is no higher than its numbers."""
    if not all(isinstance(part, Deriv) or not any(isinstance(inner, _HIGH) for inner in walk(part))
               for part in equation.parts):  # fmt: skip
        return equation
    parts = tuple(replace(part, slashed=True) if isinstance(part, Deriv) else part for part in equation.parts)
    return replace(equation, parts=parts)


_HIGH = (Frac, Deriv, Diff, Cases, SumOver)


class _Layout:
    """One pass over a tree; ``flat`` and ``slash`` as in :func:`parenthesised`."""

    def __init__(self, flat: bool, slash: bool) -> None:
        self.flat, self.slash = flat, slash

    def on_one_line(self, fraction: Frac | Deriv) -> bool:
        return self.flat or self.slash or fraction.slashed

    def inside(self, node: Node, lead: bool = True) -> Node:
        """``node`` with its own children put right; ``lead``: it may begin with a minus sign."""
        match node:
            case Add(terms):
                first = tuple(self.fit(term, Level.SUM, lead) for term in terms[:1])
                return Add((*first, *map(self.later_term, terms[1:])))
            case Mul(factors, style):
                return Mul(tuple(self.factor(node, index, lead) for index in range(len(factors))), style)
            case Neg(arg):
                return Neg(self.fit(arg, Level.PRODUCT, lead=False))
            case Frac(num, den):
                stacked = not self.on_one_line(node)
                level = Level.RELATION if stacked else Level.POWER
                num, den = self.fit(num, level, lead=stacked), self.fit(den, level, lead=stacked)
                return replace(node, num=num, den=den, slashed=self.slash or node.slashed)
            case Pow(base, exp):
                return Pow(self.base(base), self.exponent(exp))
            case Exp(arg):
                return Exp(self.exponent(arg))
            case Transpose(arg):
                return Transpose(self.base(arg))
            case Sqrt(arg):
                return Sqrt(self.exponent(arg))
            case Call(_, args):
                return replace(node, args=self.arguments(node, args))
            case Deriv(of, wrt):
                of, wrt = self.fit(of, Level.POWER), self.fit(wrt, Level.POWER)
                return replace(node, of=of, wrt=wrt, slashed=self.slash or node.slashed)
            case Diff(wrt, arg):
                return replace(node, wrt=self.fit(wrt, Level.POWER), arg=self.differentiated(arg))
            case Rel(left, relation, right):
                return Rel(self.fit(left, Level.SUM), relation, self.fit(right, Level.SUM))
            case SumOver(index, low, high, arg):
                summand = self.fit(arg, Level.PRODUCT, lead=False)
                return SumOver(self.inside(index), self.inside(low), self.inside(high), summand)
            case Cases(rows):
                return Cases(tuple((self.inside(value), self.condition(when)) for value, when in rows))
            case Matrix(rows):
                return Matrix(tuple(tuple(self.inside(entry) for entry in row) for row in rows))
            case Paren(arg) | Abs(arg):
                return replace(node, arg=self.inside(arg))
            case Strike(arg) | Box(arg):
                return replace(node, arg=self.inside(arg, lead))
        return node

    def condition(self, when: Rel | None) -> Rel | None:
        if when is None:
            return None
        return Rel(self.fit(when.left, Level.SUM), when.relation, self.fit(when.right, Level.SUM))

    def level(self, node: Node) -> Level:
        """The level of ``node`` as it will be written."""
        match node:
            case Num(text):
                return Level.PRODUCT if text.startswith("-") or "e" in text else Level.ATOM
            case Sym(glyph):
                return Level.POWER if glyph.sup else Level.ATOM
            case Call(_, args):
                return Level.PREFIX if self.is_bare(node, args) else Level.ATOM
            case Strike(arg) | Box(arg):
                return self.level(arg)
            case Frac() | Deriv() if self.on_one_line(node):
                return Level.PREFIX
        return _LEVELS[type(node)]

    def fit(self, node: Node, least: Level, lead: bool = True) -> Node:
        """``node`` made fit for a place that asks for ``least``; a frame or strike goes around the parentheses."""
        if isinstance(node, Strike | Box):
            return replace(node, arg=self.fit(node.arg, least, lead))
        too_weak = self.level(node) < least
        minus = not lead and starts_with_minus(node) and not isinstance(node, Add | Mul)
        return Paren(self.inside(node)) if too_weak or minus else self.inside(node, lead)

    def later_term(self, node: Node) -> Node:
        """A term after the first: a negative one keeps its minus, which becomes the operator."""
        if _signed(node)[0] == "−":
            return self.inside(node)
        return self.fit(node, Level.SUM, lead=False)

    def factor(self, product: Mul, index: int, lead: bool) -> Node:
        """A factor: applied ones always in parentheses, the others where they would run together."""
        factor = product.factors[index]
        applied = product.style == "apply" and index > 0
        if (applied or self.crowds(product, index)) and not isinstance(_uncovered(factor), Paren):
            return self.fit(factor, Level.ENCLOSED)
        last = index == len(product.factors) - 1
        return self.fit(factor, self.least_for_factor(product, last, factor), lead=lead and index == 0)

    def least_for_factor(self, product: Mul, last: bool, factor: Node) -> Level:
        factor = _uncovered(factor)
        if isinstance(factor, Mul):
            return Level.PRODUCT if _runs_into(factor, product) else Level.POWER
        if isinstance(factor, Neg) or (isinstance(factor, Num) and "e" not in factor.text):
            return Level.PRODUCT
        if isinstance(factor, Frac | Deriv):
            return Level.PREFIX if product.style in ("dot", "hadamard") else Level.POWER
        return Level.PREFIX if last else Level.POWER

    def crowds(self, product: Mul, index: int) -> bool:
        """Whether a juxtaposed factor would read as part of the one before: 3 4, or 3 ½."""
        if product.style != "juxtapose" or index == 0:
            return False
        before, factor = _uncovered(product.factors[index - 1]), _uncovered(product.factors[index])
        if isinstance(factor, Frac):
            return isinstance(before, Num) and isinstance(factor.num, Num) and isinstance(factor.den, Num)
        return _starts_with_digit(factor)

    def base(self, node: Node) -> Node:
        return self.fit(node, Level.ATOM)

    def exponent(self, node: Node) -> Node:
        """An exponent or radicand: its own place above or under the line groups it, unless the line is flat."""
        return self.fit(node, Level.ATOM) if self.flat else self.inside(node)

    def arguments(self, call: Call, args: tuple[Node, ...]) -> tuple[Node, ...]:
        if len(args) != 1 or isinstance(args[0], Paren) or self.is_bare(call, args):
            return tuple(self.inside(arg) for arg in args)
        return (Paren(self.inside(args[0])),)

    def is_bare(self, call: Call, args: tuple[Node, ...]) -> bool:
        if call.name not in WITHOUT_PARENTHESES or len(args) != 1 or call.primes:
            return False
        return isinstance(args[0], Sym) or (isinstance(args[0], Num) and self.level(args[0]) is Level.ATOM)

    def differentiated(self, node: Node) -> Node:
        bare = isinstance(node, Sym | Call | Paren | Matrix | Abs | Sqrt | Exp)
        return self.inside(node) if bare else Paren(self.inside(node))


def _uncovered(node: Node) -> Node:
    while isinstance(node, Strike | Box):
        node = node.arg
    return node


def _starts_with_digit(node: Node) -> bool:
    match node:
        case Num():
            return True
        case Pow(base):
            return _starts_with_digit(base)
        case Mul(factors) if factors:
            return _starts_with_digit(factors[0])
        case Strike(arg) | Box(arg):
            return _starts_with_digit(arg)
    return False


def _runs_into(inner: Mul, outer: Mul) -> bool:
    """Whether a product may stand in another without parentheses."""
    if "hadamard" in (inner.style, outer.style):
        return inner.style == outer.style
    if outer.style == "dot":
        return True
    return inner.style == outer.style == "juxtapose"


def joined(equations: Sequence[Equation], measure: Measure, width: float) -> Iterator[Equation]:
    """The lines, with a first line of symbols and the one that continues it on one line where they fit ``width``.

    Lines that show something being replaced or struck out stay apart, and so does what has a note beside it.
    """
    waiting: Equation | None = None
    for equation in equations:
        if waiting is not None and equation.continued and equation.relations and not _shows_work(equation):
            longer = replace(waiting, parts=waiting.parts + equation.parts,
                             relations=waiting.relations + equation.relations,
                             reason=equation.reason, aside=equation.aside)  # fmt: skip
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
    return any(isinstance(node, Strike | Box) for part in equation.parts for node in walk(part))


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
    """Break the last part of ``line`` where it is a sum or product; nothing stands before an operator in front.

    Parentheses are broken into where the line would be less than half full without.
    """
    lines: list[Equation] = []
    while measure(line) > width:
        whole = line.parts[-1]
        outer, inner = list(_cuts(whole)), list(_inner_cuts(parenthesised(whole)))
        first = [replace(line, parts=(*line.parts[:-1], kept)) for kept, _ in (*outer, *inner)]
        sizes = [measure(cut) for cut in first]
        fitting = [index for index, size in enumerate(sizes) if size <= width]
        if not fitting and not outer:
            break
        long = [index for index in fitting if index < len(outer) and sizes[index] >= width / 2]
        best = max(long, default=max(fitting, key=sizes.__getitem__, default=0))
        lines.append(first[best])
        line = Equation(((*outer, *inner)[best][1],), (), continued=True)
    return [*lines, line]


def _cuts(whole: Node) -> Iterator[tuple[Node, Node]]:
    """The places where a sum or product may be cut in two, from the left."""
    pieces = whole.terms if isinstance(whole, Add) else whole.factors if isinstance(whole, Mul) else ()
    least = 2 if pieces[:1] == (_NOTHING,) else 1
    if isinstance(whole, Add | Mul):
        for kept in range(least, len(pieces)):
            yield _some(whole, pieces[:kept]), _some(whole, (_NOTHING, *pieces[kept:]))


def _inner_cuts(whole: Node) -> Iterator[tuple[Node, Node]]:
    """The places in its parentheses where a parenthesised part may be cut in two."""
    match whole:
        case Paren(arg):
            for before, after in (*_cuts(arg), *_inner_cuts(arg)):
                yield replace(whole, arg=before, closes=False), replace(whole, arg=after, opens=False)
        case Neg(arg):
            for before, after in _inner_cuts(arg):
                yield Neg(before), after
        case Add(pieces) | Mul(pieces):
            for index, piece in enumerate(pieces):
                for before, after in _inner_cuts(piece):
                    yield _some(whole, (*pieces[:index], before)), _some(whole, (after, *pieces[index + 1 :]))


def _some(whole: Add | Mul, pieces: tuple[Node, ...]) -> Node:
    """A part of a sum or product, as the same kind of node."""
    if len(pieces) == 1:
        return pieces[0]
    return Add(pieces) if isinstance(whole, Add) else replace(whole, factors=pieces)


def is_wordy(node: Node) -> bool:
    """Whether a factor is a word, which needs a space beside it."""
    match node:
        case Sym(glyph):
            return len(glyph.base) > 1
        case Call(name):
            return len(name) > 1
        case Words(text):
            return bool(text)
        case Strike(arg) | Box(arg) | Transpose(arg):
            return is_wordy(arg)
    return False


def is_tall(node: Node) -> bool:
    """Whether ``node`` is higher than a line of symbols, so that parentheses around it should grow."""
    match node:
        case Frac() | Deriv():
            return not node.slashed
        case Diff() | Cases() | SumOver():
            return True
        case Matrix(rows):
            return len(rows) > 1 or any(is_tall(entry) for row in rows for entry in row)
        case Add(parts) | Mul(parts) | Call(_, parts):
            return any(map(is_tall, parts))
        case Pow(base) | Transpose(base):
            return is_tall(base)
        case Rel(left, _, right):
            return is_tall(left) or is_tall(right)
        case Neg(arg) | Sqrt(arg) | Abs(arg) | Strike(arg) | Box(arg) | Paren(arg):
            return is_tall(arg)
    return False


def split_at_relations(equation: Equation) -> tuple[Node | None, tuple[Equation, ...]]:
    """The left side, and one ``continued`` equation for each relation with what follows it.

    A bare expression is a left side alone; the left side of a continued line is None.
    """
    left, rest = (None, equation.parts) if equation.continued else (equation.parts[0], equation.parts[1:])
    if not equation.relations:
        return left, tuple(Equation((part,), continued=True) for part in rest)
    pairs = zip(rest, equation.relations, strict=True)
    return left, tuple(Equation((part,), (relation,), continued=True) for part, relation in pairs)
