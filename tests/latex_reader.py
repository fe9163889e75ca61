"""An independent reader of printed LaTeX: what would a person with a calculator get?

It shares nothing with the program that printed the lines: its own tokens, its own grammar; fractions are exact, and
functions have 40 digits.
A line is cut at its relations; every side that is made of numbers gets its value, every other side is a
:class:`Symbolic`. Two numbers side by side without a sign between them are an error: nobody could read them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath

_mp = mpmath.mp.clone()
_mp.dps = 40
_LARGEST_EXPONENT = 400

_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)|(?P<command>\\[A-Za-z]+\*?|\\.)|(?P<letter>[^\W\d_]|[′'])|(?P<sign>\S)", re.UNICODE
)
_RELATIONS = {
    "=": "=", r"\approx": "≈", "<": "<", ">": ">", r"\le": "≤", r"\ge": "≥", r"\ne": "≠",
    r"\leftarrow": "←", r"\to": "→", r"\in": "∈",
}  # fmt: skip
_SPACES = {r"\,", r"\;", r"\ ", r"\!", r"\:", r"\quad", r"\qquad", r"\left", r"\right", r"\displaystyle"}
_TRANSPARENT = {r"\boxed", r"\cancel", r"\bcancel", r"\xcancel"}
_BARE_ARGUMENT = {"ln", "log"}
_MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "truncate": ROUND_DOWN}


def _real(value: Any) -> Any:
    """A fraction as a floating-point number of 40 digits."""
    return _mp.mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else value


def _both(left: Any, right: Any) -> tuple[Any, Any]:
    """Exact where both are, else both with 40 digits."""
    exact = isinstance(left, Fraction) and isinstance(right, Fraction)
    return (left, right) if exact else (_real(left), _real(right))


def _power(base: Any, exponent: Any) -> Any:
    whole = isinstance(exponent, Fraction) and exponent.denominator == 1 and abs(exponent) <= _LARGEST_EXPONENT
    if isinstance(base, Fraction) and whole:
        return base ** int(exponent)
    return _mp.power(_real(base), _real(exponent))


def _softplus(z: Any) -> Any:
    return _mp.log(1 + _mp.exp(z))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ln": _mp.log,
    "log": _mp.log,
    "exp": _mp.exp,
    "sin": _mp.sin,
    "cos": _mp.cos,
    "tan": _mp.tan,
    "tanh": _mp.tanh,
    "sigma": lambda z: 1 / (1 + _mp.exp(-z)),
    "softplus": _softplus,
}
_EXACT: dict[str, Callable[..., Any]] = {
    "max": max,
    "min": min,
    "ReLU": lambda z: max(z, Fraction(0)),
    "step": lambda z: Fraction(z >= 0),
    "sgn": lambda z: Fraction((z > 0) - (z < 0)),
}


class Symbolic(Exception):
    """The side has a symbol, an unfilled place or an ellipsis in it: it is no number."""


class Unreadable(AssertionError):
    """No reader could say what this means."""


@dataclass(frozen=True)
class Side:
    """One side of a relation: its LaTeX, and its value: a number, rows of numbers (None where unfilled), or None."""

    latex: str
    value: Any = None

    @property
    def number(self) -> Any | None:
        return None if isinstance(self.value, tuple) else self.value

    @property
    def rows(self) -> tuple[tuple[tuple[str, Any], ...], ...] | None:
        return self.value if isinstance(self.value, tuple) else None


@dataclass(frozen=True)
class Line:
    """A line: its sides, and the relation before each (None before the first, unless the line goes on)."""

    sides: tuple[Side, ...]
    relations: tuple[str | None, ...]


# ------------------------------------------------------------------------------------------------ reading


def read(latex: str) -> Line:
    """The sides of a line of LaTeX and their values."""
    tokens = tokenize(latex)
    sides: list[list[str]] = [[]]
    relations: list[str | None] = [None]
    depth = 0
    for token in tokens:
        depth += (token in ("{", "(", r"\begin")) - (token in ("}", ")", r"\end"))
        if depth == 0 and token in _RELATIONS:
            relations.append(_RELATIONS[token])
            sides.append([])
        else:
            sides[-1].append(token)
    if depth:
        raise Unreadable(f"brackets do not match: {latex}")
    if not sides[0]:
        sides, relations = sides[1:], relations[1:]
    return Line(tuple(_side(side) for side in sides), tuple(relations))


def evaluate(latex: str) -> Any:
    """The number that a piece of LaTeX is. Raises :class:`Symbolic` where it is none."""
    return _Parser(tokenize(latex)).whole()


def tokenize(latex: str) -> list[str]:
    """The tokens, spaces and sizes of brackets left out."""
    return [found.group() for found in _TOKEN.finditer(latex) if found.group() not in _SPACES]


def _side(tokens: list[str]) -> Side:
    latex = " ".join(tokens)
    if tokens[:3] == [r"\begin", "{", "b"]:
        return Side(latex, _matrix(tokens))
    try:
        return Side(latex, _Parser(tokens).whole())
    except Symbolic:
        return Side(latex)


def _matrix(tokens: list[str]) -> tuple[tuple[tuple[str, Any], ...], ...] | None:
    """The entries of ``\\begin{bmatrix} … \\end{bmatrix}``, as (LaTeX, value); None where more stands beside it."""
    text = " ".join(tokens)
    found = re.fullmatch(r"\\begin { b m a t r i x } (.*) \\end { b m a t r i x }( \^ { \\top })?", text)
    if not found or r"\begin" in found[1]:
        return None
    rows = [[_entry(entry.strip()) for entry in row.split("&")] for row in found[1].split(r"\\")]
    if len({len(row) for row in rows}) > 1:
        raise Unreadable(f"a ragged matrix: {text}")
    if found[2]:
        rows = [list(column) for column in zip(*rows, strict=True)]
    return tuple(tuple(row) for row in rows)


def _entry(latex: str) -> tuple[str, Any]:
    try:
        return latex, evaluate(latex)
    except Symbolic:
        return latex, None


class _Parser:
    """sum → product → signed → power → atom, by recursive descent."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def whole(self) -> Any:
        if any(self._is_symbol(place) for place in range(len(self.tokens))):
            raise Symbolic(" ".join(self.tokens))
        value = self.sum()
        if self.at < len(self.tokens):
            raise Unreadable(f"what does {self.next!r} mean in {' '.join(self.tokens)}?")
        return value

    def _is_symbol(self, place: int) -> bool:
        """Letters that are neither the name of a function, nor an environment's, nor the e of e^{…}."""
        token, after = self.tokens[place], self.tokens[place + 1 : place + 2]
        if token in (r"\cdots", r"\vdots", r"\ddots", r"\dots", "?", r"\partial", r"\hat", r"\widehat", r"\sum",
                     r"\begin", r"\text", r"\mathbf", r"\mathrm", r"\boldsymbol", r"\textit", r"\top"):  # fmt: skip
            return True
        if token == r"\sigma":
            return after != ["("]
        if token.startswith("\\"):
            known = token in _TRANSPARENT or token in (r"\cdot", r"\frac", r"\sqrt", r"\operatorname")
            return not known and token[1:] not in {*_FUNCTIONS, *_EXACT}
        if re.fullmatch(r"[^\W\d_]", token):
            return not (token == "e" and after == ["^"]) and not self._in_operator_name(place)
        return token in ("_", "′", "'")

    def _in_operator_name(self, place: int) -> bool:
        opening = max((i for i in range(place) if self.tokens[i] == "{"), default=0)
        closed = "}" in self.tokens[opening:place]
        return opening > 0 and self.tokens[opening - 1] == r"\operatorname" and not closed

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.next
        if expected and token != expected:
            raise Unreadable(f"{expected!r} expected, found {token!r} in {' '.join(self.tokens)}")
        self.at += 1
        return token

    def sum(self) -> Any:
        value = self.product()
        while self.next in ("+", "-"):
            sign = self.take()
            left, right = _both(value, self.product(first=sign == "+"))
            value = left + right if sign == "+" else left - right
        return value

    def product(self, first: bool = True) -> Any:
        """Factors; a minus sign may stand only before the very first of a sum."""
        if self.next == "-":
            if not first or (self.at and self.tokens[self.at - 1] in ("+", "-", r"\cdot")):
                raise Unreadable(f"two signs in a row in {' '.join(self.tokens)}")
            self.take()
            return -self.product(first=False)
        value = self.power()
        while True:
            if self.next == r"\cdot":
                self.take()
                if self.next in ("-", "+"):
                    raise Unreadable(f"two signs in a row in {' '.join(self.tokens)}")
                left, right = _both(value, self.power())
                value = left * right
            elif self.next[:1].isdigit():
                raise Unreadable(f"a number follows without a sign in {' '.join(self.tokens)}")
            elif self.next in ("(", "|", "e", r"\frac", r"\sqrt", r"\operatorname", *_TRANSPARENT) or self._function():
                if self.next == "|" and self._closes_bars():
                    return value
                left, right = _both(value, self.power())
                value = left * right
            else:
                return value

    def _closes_bars(self) -> bool:
        return self.tokens[: self.at].count("|") % 2 == 1

    def _function(self) -> bool:
        return self.next.startswith("\\") and self.next[1:] in {*_FUNCTIONS, *_EXACT}

    def power(self) -> Any:
        base = self.atom()
        if self.next == "^":
            self.take()
            base = _power(base, self.group())
            if self.next == "^":
                raise Unreadable(f"two exponents in {' '.join(self.tokens)}")
        return base

    def group(self) -> Any:
        if self.next != "{":
            return self.atom()
        self.take("{")
        value = self.sum()
        self.take("}")
        return value

    def atom(self) -> Any:
        token = self.take()
        if token[:1].isdigit():
            return Fraction(token)
        if token == "(":
            value = self.sum()
            self.take(")")
            return value
        if token == "|":
            value = self.sum()
            self.take("|")
            return abs(value)
        if token == "e":
            self.take("^")
            return _mp.exp(_real(self.group()))
        if token == r"\frac":
            above, below = _both(self.group(), self.group())
            return above / below
        if token == r"\sqrt":
            return _mp.sqrt(_real(self.group()))
        if token in _TRANSPARENT:
            return self.group()
        if token == r"\operatorname":
            return self.call(self.operator_name())
        if token.startswith("\\") and token[1:] in {*_FUNCTIONS, *_EXACT}:
            return self.call(token[1:])
        raise Unreadable(f"what does {token!r} mean in {' '.join(self.tokens)}?")

    def operator_name(self) -> str:
        self.take("{")
        name = ""
        while self.next != "}":
            name += self.take()
        self.take("}")
        if name not in _FUNCTIONS and name not in _EXACT:
            raise Symbolic(f"{name} of what is in the parentheses")
        return name

    def call(self, name: str) -> Any:
        if self.next != "(":
            if name not in _BARE_ARGUMENT:
                raise Unreadable(f"{name} of what? {' '.join(self.tokens)}")
            value = _FUNCTIONS[name](_real(self.power()))
            if self.next == r"\cdot" and self.tokens[self.at + 1 : self.at + 4] == ["10", "^", "{"]:
                raise Unreadable(f"is the power of ten inside {name}? {' '.join(self.tokens)}")
            return value
        self.take("(")
        arguments = [self.sum()]
        while self.next == ",":
            self.take()
            arguments.append(self.sum())
        self.take(")")
        return _FUNCTIONS[name](*map(_real, arguments)) if name not in _EXACT else _EXACT[name](*arguments)


# ------------------------------------------------------------------------------------------------ judging


@dataclass(frozen=True)
class Precision:
    """How results are rounded: significant digits, or decimals, and the mode."""

    significant: int | None
    decimals: int | None
    mode: str

    def place(self, number: Decimal) -> int:
        """The power of ten of the last digit asked for."""
        if self.decimals is not None:
            return -self.decimals
        assert self.significant is not None
        return (number.adjusted() if number else 0) - self.significant + 1


_NUMBER = re.compile(r"(-)? ?(\d+(?:\.\d+)?)(?: \\cdot 10 \^ { (-)? ?(\d+) })?")


def printed_number(latex: str) -> tuple[Decimal, int] | None:
    """A plain printed number and the power of ten of its last digit; None where the side is more than that."""
    while found := re.fullmatch(r"\\(?:boxed|cancel|bcancel|xcancel) { (.*) }", latex):
        latex = found[1]
    found = _NUMBER.fullmatch(latex)
    if not found:
        return None
    number = Decimal(f"{found[1] or ''}{found[2]}e{found[3] or ''}{found[4] or 0}")
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return number, exponent


def rounds_to(value: Any, printed: str, precision: Precision) -> bool:
    """Whether ``value``, rounded to the digits of ``printed`` and at least those asked, is ``printed``."""
    found = printed_number(printed)
    if found is None:
        value, shown = map(_real, (value, evaluate(printed)))
        return bool(abs(value - shown) <= _mp.mpf("1e-3") * abs(value))
    target, last = found
    exact = Decimal(_mp.nstr(_real(value), 40, min_fixed=0, max_fixed=0))
    decided = Decimal(_mp.nstr(_real(value), 15, min_fixed=0, max_fixed=0))
    asked = precision.place(target) if target else last
    places = {min(last, asked)}
    if last == 0 and target % 10 == 0:
        places.add(max(last, asked))  # the zeros of 268300 only hold the place
    units = [Decimal(1).scaleb(place) for place in places]
    mode = _MODES[precision.mode]
    return any(
        (number / unit).to_integral_value(mode) * unit == target for number in (exact, decided) for unit in units
    )


def same(left: Any, right: Any) -> bool:
    """Equal as fractions; where functions stand in them, in all but the last of 40 digits."""
    left, right = _both(left, right)
    if isinstance(left, Fraction):
        return bool(left == right)
    return bool(abs(left - right) <= _mp.mpf("1e-34") * max(abs(left), abs(right)))


def faults(latex: str, precision: Precision) -> list[str]:
    """What is false in a line: "=" between numbers that differ, "≈" between numbers that do not round to the last."""
    line = read(latex)
    found = []
    for sides, relations in _columns(line):
        found += [f"{fault}: {latex}" for fault in _faults(sides, relations, precision)]
    return found


def _columns(line: Line) -> list[tuple[list[tuple[str, Any]], list[str | None]]]:
    """The line itself, or, where its numeric sides are matrices, one line for each entry."""
    shapes = {tuple(len(row) for row in side.rows) for side in line.sides if side.rows}
    if not shapes:
        return [([(side.latex, side.number) for side in line.sides], list(line.relations))]
    if len(shapes) > 1:
        raise Unreadable("matrices of different shapes are equal")
    (shape,) = shapes
    places = [(i, j) for i, length in enumerate(shape) for j in range(length)]
    return [
        ([side.rows[i][j] if side.rows else ("", None) for side in line.sides], list(line.relations)) for i, j in places
    ]


def _faults(sides: list[tuple[str, Any]], relations: list[str | None], precision: Precision) -> list[str]:
    """A chain is cut at its comparisons; symbols stand for whatever is on both sides of them."""
    numbers: list[tuple[str, Any]] = []
    links: list[str] = []
    pending = ""
    found: list[str] = []
    for (latex, value), relation in zip(sides, relations, strict=True):
        if relation not in (None, "=", "≈", "←"):
            if numbers and value is not None and not _compares(numbers[-1][1], relation, value):
                found.append(f"not {relation}")
            found += _chain_faults(numbers, links, precision)
            numbers, links, pending = [], [], ""
        elif relation is not None:
            pending = "≈" if "≈" in (pending, relation) else "="
        if value is not None:
            if numbers:
                links.append(pending)
            numbers.append((latex, value))
            pending = ""
    return found + _chain_faults(numbers, links, precision)


def _chain_faults(numbers: list[tuple[str, Any]], links: list[str], precision: Precision) -> list[str]:
    found = []
    for link, ((_, left), (_, right)) in zip(links, pairwise(numbers), strict=True):
        if link == "=" and not same(left, right):
            found.append(f"{_mp.nstr(_real(left), 17)} = {_mp.nstr(_real(right), 17)} is false")
    if "≈" in links:
        last = numbers[-1][0]
        for _, value in numbers[:-1]:
            if not same(value, numbers[-1][1]) and not rounds_to(value, last, precision):
                found.append(f"{_mp.nstr(_real(value), 17)} does not round to {last}")
    return found


def _compares(left: Any, relation: str | None, right: Any) -> bool:
    tests = {"<": left < right, ">": left > right, "≤": left <= right, "≥": left >= right, "≠": left != right}
    return bool(tests.get(relation or "", True))


def numeric_sides(latex: str) -> int:
    """How many sides of a line are numbers or matrices of them."""
    return sum(side.value is not None for side in read(latex).sides)
