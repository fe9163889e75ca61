"""Written mathematics in words, as somebody would read it out: the alternative text of a formula.

The words are no part of this module: ``phrases`` holds them by section, as ``[spoken.…]`` of a file in
``templates/words`` has them. Everything that groups is said, so that two formulas never sound the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from stepcalc.board.layout import parenthesised, parenthesised_equation
from stepcalc.board.nodes import (
    Abs,
    Add,
    Blank,
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
)
from stepcalc.board.plain import clean, run_on
from stepcalc.board.sentence import put_in
from stepcalc.board.shape import signed_terms, split_number

Phrases: TypeAlias = Mapping[str, Mapping[str, str]]
"""``phrases["forms"]["fraction"]`` is what is said for a fraction, ``phrases["letters"]["α"]`` for a letter."""

_SHARE = re.compile(r"\[(.+)\]")
_NAMED_POWERS = {"2": "squared", "3": "cubed"}
_HAT = "\u0302"


def spoken(node: Node | Equation, phrases: Phrases) -> str:
    """``node`` in words; an equation's reason and what stands beside it are left out, as in ``text``.

    Raises :class:`KeyError` where ``phrases`` lacks a form.
    """
    speaker = _Speaker(phrases)
    if isinstance(node, Equation):
        return speaker.equation(parenthesised_equation(node))
    return speaker.say(parenthesised(node))


def _sentence(pieces: Iterable[str]) -> str:
    return " ".join(piece for piece in pieces if piece)


@cache
def _scripts(new: str) -> re.Pattern[str]:
    """The parts of a superscript; ``new`` is how a parameter after its update is marked."""
    pattern = rf"\((?P<layer>\w+)\)|\[(?P<sample>\w+)\]|(?P<new>{re.escape(new)})|(?P<other>.)"
    return re.compile(pattern, re.DOTALL)


class _Speaker:
    """Says a tree that is parenthesised for two dimensions; what height groups there is grouped by words here."""

    def __init__(self, phrases: Phrases) -> None:
        self.phrases = phrases

    def say(self, node: Node) -> str:
        return _SPEAKERS[type(node)](self, node)

    def form(self, name: str, **parts: str) -> str:
        return "".join(put_in(self.phrases["forms"][name], parts))

    def named(self, section: str, sign: str) -> str:
        """What a sign is called; itself where it has no name."""
        return self.phrases[section].get(sign, sign)

    def equation(self, equation: Equation) -> str:
        parts = [self.say(part) for part in equation.parts]
        relations = [self.named("relations", relation) for relation in equation.relations]
        if not equation.continued:
            relations.insert(0, "")
        relations += [""] * (len(parts) - len(relations))
        return _sentence(piece for pair in zip(relations, parts, strict=True) for piece in pair)

    def group(self, node: Node) -> str:
        """``node`` where only one number or symbol would be understood."""
        inside = _bare(node)
        closed = _is_short(inside) or isinstance(inside, _ENCLOSED)
        return self.say(inside) if closed else self.form("parentheses", inside=self.say(inside))

    def num(self, node: Num) -> str:
        sign, mantissa, power = split_number(node.text)
        said = self.form("scientific", number=mantissa, power=self.number(power)) if power else mantissa
        return self.form("negative", inside=said) if sign else said

    def number(self, text: str) -> str:
        sign, mantissa, _ = split_number(text)
        return self.form("negative", inside=mantissa) if sign else mantissa

    def spelled(self, text: str) -> str:
        """A subscript, a character at a time, as indices are read out; what follows a comma is another index."""
        return _sentence(self.named("letters", char) for char in run_on(clean(text)))

    def sym(self, node: Sym) -> str:
        glyph = node.glyph
        said = _sentence((self.letter(clean(glyph.base), glyph.hat, glyph.upright), self.spelled(glyph.sub)))
        kind = ("matrix" if glyph.base.isupper() else "vector") if glyph.bold else ""
        said = self.form(f"symbol_{kind}", symbol=said) if kind else said
        for script in _scripts(self.phrases["marks"]["new"]).finditer(clean(glyph.sup)):
            name = str(script.lastgroup)
            said = self.form(name, symbol=said, script=self.spelled(script[name]))
        return said

    def letter(self, base: str, hat: bool, upright: bool) -> str:
        """A letter by its name, Δz as two; a word as it is."""
        plain = unicodedata.normalize("NFD", base)
        hatted = hat or (len(plain) == 2 and plain.endswith(_HAT))
        base = plain.removesuffix(_HAT) if hatted else base
        said = self.spelled(base) if len(base) <= 2 and not upright else self.named("letters", base)
        return self.form("hat", symbol=said) if hatted else said

    def add(self, node: Add) -> str:
        return _sentence(
            piece
            for operator, term in signed_terms(node.terms)
            for piece in (self.named("operators", operator) if operator else "", self.say(term))
        )

    def mul(self, node: Mul) -> str:
        if not node.factors:
            return "1"
        signs = ("", *[self.phrases["operators"][node.style]] * (len(node.factors) - 1))
        return _sentence(piece for pair in zip(signs, map(self.say, node.factors), strict=True) for piece in pair)

    def frac(self, node: Frac) -> str:
        short = _is_short(node.num) and _is_short(node.den)
        return self.form("fraction_short" if short else "fraction", num=self.say(node.num), den=self.say(node.den))

    def power(self, node: Pow) -> str:
        base = self.say(node.base) if _is_short(node.base) else self.fenced(node.base)
        share = _SHARE.fullmatch(node.exp.text) if isinstance(node.exp, Words) else None
        if share is not None:
            return self.share(base, share[1].split(", "))
        name = _NAMED_POWERS.get(node.exp.text) if isinstance(node.exp, Num) else None
        return self.form(name, base=base) if name else self.form("power", base=base, exponent=self.exponent(node.exp))

    def share(self, base: str, marks: Iterable[str]) -> str:
        """The part of ``base`` that belongs to a sample, ``1``, or to a time step or place, ``t=3``."""
        for mark in marks:
            letter, _, number = mark.rpartition("=")
            if letter:
                base = self.form("share", symbol=base, letter=self.spelled(letter), number=self.spelled(number))
            else:
                base = self.form("sample", symbol=base, script=self.spelled(number))
        return base

    def fenced(self, node: Node) -> str:
        """``node`` in parentheses, unless it says itself where it ends."""
        inside = _bare(node)
        return self.say(inside) if isinstance(inside, _ENCLOSED) else self.form("parentheses", inside=self.say(inside))

    def exponent(self, node: Node) -> str:
        """An exponent; a minus before a single symbol needs no parentheses."""
        inside = _bare(node)
        if isinstance(inside, Neg) and _is_short(inside.arg):
            return self.say(inside)
        return self.say(inside) if isinstance(inside, Num) and "e" not in inside.text else self.group(inside)

    def paren(self, node: Paren) -> str:
        """What stands in parentheses only to be told apart from its neighbour needs none in words: 0.6(−3)."""
        if isinstance(node.arg, Num | Sym | Hole | Blank) and node.opens and node.closes:
            return self.say(node.arg)
        if node.opens and node.closes:
            return self.fenced(node)
        opening, closing = self.form("open") if node.opens else "", self.form("close") if node.closes else ""
        return _sentence((opening, self.say(node.arg), closing))

    def call(self, node: Call) -> str:
        name = _sentence((self.named("functions", clean(node.name)), *[self.form("prime")] * node.primes))
        if len(node.args) == 1:
            return self.form("call", function=name, argument=self.group(node.args[0]))
        arguments = self.listed(node.args)
        return self.form("call", function=name, argument=self.form("parentheses", inside=arguments))

    def listed(self, nodes: Iterable[Node]) -> str:
        return self.form("comma").join(map(self.say, nodes))

    def deriv(self, node: Deriv) -> str:
        once, twice, mixed = (
            ("partial", "partial_twice", "partial_mixed") if node.partial
            else ("derivative", "derivative_twice", "derivative_mixed")
        )  # fmt: skip
        parts = {"of": self.group(node.of), "wrt": self.group(node.wrt)}
        if node.again is not None and node.again != node.wrt:
            return self.form(mixed, **parts, again=self.group(node.again))
        return self.form(once if node.again is None else twice, **parts)

    def diff(self, node: Diff) -> str:
        name = "partial_task" if node.partial else "derivative_task"
        of = self.group(node.arg) if isinstance(node.arg, Paren) else self.say(node.arg)
        return self.form(name, of=of, wrt=self.group(node.wrt))

    def rel(self, node: Rel) -> str:
        return _sentence((self.say(node.left), self.named("relations", node.relation), self.say(node.right)))

    def cases(self, node: Cases) -> str:
        rows = (
            self.form("case", value=self.say(value), condition=self.say(when)) if when is not None
            else self.form("otherwise", value=self.say(value))
            for value, when in node.rows
        )  # fmt: skip
        return self.form("cases", rows=self.form("semicolon").join(rows))

    def sum_over(self, node: SumOver) -> str:
        parts = {"index": node.index, "low": node.low, "high": node.high, "arg": node.arg}
        return self.form("sum", **{name: self.say(part) for name, part in parts.items()})

    def transpose(self, node: Transpose) -> str:
        """A row written down to be transposed is a column."""
        if isinstance(node.arg, Matrix) and len(node.arg.rows) == 1:
            return self.vector("column", node.arg.rows[0])
        return self.form("transpose", inside=self.group(node.arg))

    def matrix(self, node: Matrix) -> str:
        """A column or row; else a row at a time, by their numbers as far as nothing is left out."""
        if len(node.rows) == 1:
            return self.vector("row", node.rows[0])
        width = max(map(len, node.rows), default=0)
        if width == 1:
            return self.vector("column", [entry for row in node.rows for entry in row])
        rows = self.form("semicolon").join(self.rows(node.rows))
        if any(isinstance(entry, Dots) for row in node.rows for entry in row):
            return self.form("matrix_elided", rows=rows)
        return self.form("matrix", height=str(len(node.rows)), width=str(width), rows=rows)

    def vector(self, kind: str, entries: Sequence[Node]) -> str:
        elided = any(isinstance(entry, Dots) for entry in entries)
        name = f"{kind}_elided" if elided else kind
        return self.form(name, count=str(len(entries)), entries=self.listed(entries))

    def rows(self, rows: Iterable[tuple[Node, ...]]) -> Iterable[str]:
        name = "matrix_row"
        for number, row in enumerate(rows, 1):
            if all(isinstance(entry, Dots) for entry in row):
                name = "matrix_later_row"
                yield self.form("dots")
            else:
                yield self.form(name, number=str(number), entries=self.listed(row))


_ENCLOSED = (Matrix, Cases, SumOver, Strike, Box)
"""What is said with a word at its end."""


def _bare(node: Node) -> Node:
    return node.arg if isinstance(node, Paren) and node.opens and node.closes else node


def _is_short(node: Node) -> bool:
    """Whether ``node`` is said as one number or one symbol."""
    if isinstance(node, Num):
        return not node.text.startswith("-") and "e" not in node.text
    return isinstance(node, Sym | Hole | Blank) or (isinstance(node, Words) and bool(node.text))


_SPEAKERS: dict[type[Any], Callable[[_Speaker, Any], str]] = {
    Num: _Speaker.num,
    Sym: _Speaker.sym,
    Add: _Speaker.add,
    Mul: _Speaker.mul,
    Neg: lambda self, node: self.form("negative", inside=self.say(node.arg)),
    Frac: _Speaker.frac,
    Pow: _Speaker.power,
    Exp: lambda self, node: self.form("exponential", exponent=self.exponent(node.arg)),
    Sqrt: lambda self, node: self.form("root", inside=self.group(node.arg)),
    Abs: lambda self, node: self.form("absolute", inside=self.group(node.arg)),
    Call: _Speaker.call,
    Deriv: _Speaker.deriv,
    Diff: _Speaker.diff,
    Rel: _Speaker.rel,
    Cases: _Speaker.cases,
    SumOver: _Speaker.sum_over,
    Matrix: _Speaker.matrix,
    Transpose: _Speaker.transpose,
    Hole: lambda self, node: self.form("hole"),
    Blank: lambda self, node: self.form("blank"),
    Dots: lambda self, node: self.form("dots"),
    Strike: lambda self, node: self.form("cancelled", inside=self.say(_bare(node.arg))),
    Box: lambda self, node: self.form("framed", inside=self.say(_bare(node.arg))),
    Paren: _Speaker.paren,
    Words: lambda self, node: clean(node.text),
}
