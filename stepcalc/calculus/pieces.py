"""What the expression grammar builds: each piece of the text as it was written, and its value if it has one.

The limits stand here, and every piece is checked as it is made, from the inside out, so that no expression SymPy
would choke on is ever handed to it. SymPy itself is not needed for that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from stepcalc.board.nodes import Abs, Add, Call, Exp, Frac, Glyph, Mul, Neg, Node, Num, Pow, Sqrt, Sym
from stepcalc.calculus.syntax import MAX_DEPTH, Refused

MAX_EXPONENT = 1000
MAX_BITS = 20_000
"""Bits that the exact numbers of one expression may take together."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text. ``value`` is its double if no name is in it, ``exact`` the same number where it is a known
    fraction; ``grouped``: it stood in parentheses.
    """

    written: Node
    value: float | None
    exact: Fraction | None
    bits: int
    depth: int = 1
    grouped: bool = False


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """A function of the grammar: as written, in doubles, its domain; ``rational``: of fractions it makes fractions."""

    write: Callable[..., Node]
    compute: Callable[..., float]
    domain: str = ""
    rational: bool = False
    variadic: bool = False


def _call(name: str) -> Callable[..., Node]:
    return lambda *args: Call(name, args)


FUNCTIONS: dict[str, FunctionRow] = {
    "exp": FunctionRow(Exp, math.exp),
    "ln": FunctionRow(_call("ln"), math.log, "the logarithm needs a number above 0"),
    "log": FunctionRow(_call("log"), math.log, "the logarithm needs a number above 0"),
    "sqrt": FunctionRow(Sqrt, math.sqrt, "the square root needs a number of at least 0"),
    "abs": FunctionRow(Abs, abs, rational=True),
    "sin": FunctionRow(_call("sin"), math.sin),
    "cos": FunctionRow(_call("cos"), math.cos),
    "tan": FunctionRow(_call("tan"), math.tan),
    "tanh": FunctionRow(_call("tanh"), math.tanh),
    "sigmoid": FunctionRow(_call("σ"), _sigmoid),
    "relu": FunctionRow(_call("ReLU"), lambda z: max(z, 0.0), rational=True),
    "softplus": FunctionRow(_call("softplus"), lambda z: max(z, 0.0) + math.log1p(math.exp(-abs(z)))),
    "step": FunctionRow(_call("step"), lambda z: 1.0 if z >= 0 else 0.0, rational=True),
    "min": FunctionRow(_call("min"), min, rational=True, variadic=True),
    "max": FunctionRow(_call("max"), max, rational=True, variadic=True),
}

_TOO_LARGE = "this number is larger than a double can hold (about 1.8e308)"


def number(text: str, offset: int) -> Piece:
    """The number ``text``, exact: 0.1 is one tenth."""
    value = float(text)
    if math.isinf(value):
        raise Refused(offset, _TOO_LARGE)
    mantissa, _, exponent = text.lower().partition("e")
    if value == 0.0 and mantissa.strip("0."):
        raise Refused(offset, "this number is smaller than a double can hold (about 5e-324)")
    exact = Fraction(text) if value else Fraction(0)
    whole, _, decimals = mantissa.partition(".")
    tidy = (whole.lstrip("0") or "0") + (f".{decimals}" if decimals else "") + (f"e{int(exponent)}" if exponent else "")
    bits = exact.numerator.bit_length() + exact.denominator.bit_length()
    return _checked(offset, Num(tidy), value, exact, bits, ())


def name(text: str) -> Piece:
    """The quantity called ``text``; a name of several letters is upright until someone gives it a better glyph."""
    return Piece(Sym(Glyph(text, upright=len(text) > 1), item=text), None, None, 0)


def grouped(piece: Piece) -> Piece:
    """``piece`` in parentheses; the writers put back those the meaning needs."""
    return replace(piece, grouped=True)


def negative(piece: Piece, offset: int) -> Piece:
    """−piece."""
    value = None if piece.value is None else -piece.value
    exact = None if piece.exact is None else -piece.exact
    return _checked(offset, Neg(piece.written), value, exact, piece.bits, (piece,))


def total(terms: Sequence[tuple[bool, Piece]], offset: int) -> Piece:
    """The sum of ``terms``, each with whether a minus stands before it."""
    parts = [piece for _, piece in terms]
    bits = sum(piece.bits for piece in parts)
    _within(offset, 1, bits)
    written = Add(tuple(Neg(piece.written) if minus else piece.written for minus, piece in terms))
    values = [-piece.value if minus else piece.value for minus, piece in terms if piece.value is not None]
    exacts = [-piece.exact if minus else piece.exact for minus, piece in terms if piece.exact is not None]
    value = sum(values) if len(values) == len(parts) else None
    exact = sum(exacts, Fraction(0)) if len(exacts) == len(parts) else None
    return _checked(offset, written, value, exact, bits, parts)


def product(first: Piece, rest: Sequence[tuple[bool, int, Piece]]) -> Piece:
    """``first`` times or over each of ``rest``: whether it divides, where its operator stands, the piece.

    A minus before the whole product is taken to the front of it: −x · y is written −(x · y).
    """
    minus = isinstance(first.written, Neg) and not first.grouped
    written: list[Node] = [first.written.arg if isinstance(first.written, Neg) and minus else first.written]
    value, exact, depth, bits = first.value, first.exact, first.depth, first.bits
    for divides, offset, piece in rest:
        if divides and piece.exact == 0:
            raise Refused(offset, "divides by 0")
        if divides:
            written = [Frac(_factors(written), piece.written)]
            depth += 1
        else:
            written.append(piece.written)
        depth, bits = max(depth, piece.depth), bits + piece.bits
        _within(offset, depth, bits)
        value, exact = _times(offset, value, piece.value, divides), _times_exactly(exact, piece.exact, divides)
    node = _factors(written)
    return _checked(rest[0][1], Neg(node) if minus else node, value, exact, bits, (), depth)


def _times(offset: int, one: float | None, other: float | None, divides: bool) -> float | None:
    if one is None or other is None:
        return None
    return _guarded(offset, lambda a, b: a / b if divides else a * b, "", one, other)


def _times_exactly(one: Fraction | None, other: Fraction | None, divides: bool) -> Fraction | None:
    if one is None or other is None:
        return None
    return one / other if divides else one * other


def power(base: Piece, offset: int, exponent: Piece) -> Piece:
    """base to the power exponent."""
    size = 1.0 if exponent.value is None else abs(exponent.value)
    if size > MAX_EXPONENT:
        raise Refused(offset, f"the exponent is {_short(exponent.value)}, more than {MAX_EXPONENT}")
    if base.exact == 0 and (exponent.value is None or exponent.value < 0):
        raise Refused(offset, "0 to a power that is not a number above 0")
    value = exact = None
    if base.value is not None and exponent.value is not None:
        value = _guarded(offset, lambda a, b: a**b, "not a real number", base.value, exponent.value)
    bits = base.bits * max(1, math.ceil(size)) + exponent.bits
    _within(offset, 1, bits)
    if base.exact is not None and exponent.exact is not None and exponent.exact.denominator == 1:
        exact = base.exact**exponent.exact.numerator
    return _checked(offset, Pow(base.written, exponent.written), value, exact, bits, (base, exponent))


def call(function: str, offset: int, args: Sequence[Piece]) -> Piece:
    """A function of FUNCTIONS applied to ``args``."""
    row = FUNCTIONS[function]
    if row.variadic and len(args) < 2:
        raise Refused(offset, f"{function} takes two arguments or more, found {len(args)}")
    if not row.variadic and len(args) != 1:
        raise Refused(offset, f"{function} takes one argument, found {len(args)}")
    values = [piece.value for piece in args if piece.value is not None]
    exacts = [piece.exact for piece in args if piece.exact is not None]
    value = exact = None
    if len(values) == len(args):
        value = _guarded(offset, row.compute, f"{function} of {_short(values[0])}: {row.domain}", *values)
    if row.rational and len(exacts) == len(args):
        exact = Fraction(row.compute(*exacts))
    bits = sum(piece.bits for piece in args)
    return _checked(offset, row.write(*(piece.written for piece in args)), value, exact, bits, args)


def _factors(factors: Sequence[Node]) -> Node:
    """A product as people write it: 3x, but x · y."""
    if len(factors) == 1:
        return factors[0]
    coefficient = len(factors) == 2 and isinstance(factors[0], Num) and "e" not in factors[0].text
    second = factors[1].base if isinstance(factors[1], Pow) else factors[1]
    return Mul(tuple(factors), "juxtapose" if coefficient and isinstance(second, Sym) else "dot")


def _guarded(offset: int, compute: Callable[..., float], domain: str, *values: float) -> float:
    try:
        value = compute(*values)
    except OverflowError:
        raise Refused(offset, _TOO_LARGE) from None
    except ZeroDivisionError:
        raise Refused(offset, "divides by 0") from None
    except ValueError:
        raise Refused(offset, domain) from None
    if isinstance(value, complex):
        raise Refused(offset, domain)
    return value


def _within(offset: int, depth: int, bits: int) -> None:
    if depth > MAX_DEPTH:
        raise Refused(offset, f"nested more than {MAX_DEPTH} deep")
    if bits > MAX_BITS:
        raise Refused(offset, "the numbers here are too long to be held exactly")


def _checked(
    offset: int,
    written: Node,
    value: float | None,
    exact: Fraction | None,
    bits: int,
    parts: Sequence[Piece],
    depth: int = 0,
) -> Piece:
    depth = 1 + max([depth, *(part.depth for part in parts)])
    _within(offset, depth, bits)
    if exact is not None:
        value = _guarded(offset, lambda p, q: p / q, "", exact.numerator, exact.denominator)
    if value is not None and not math.isfinite(value):
        raise Refused(offset, _TOO_LARGE)
    return Piece(written, value, exact, bits, depth)


def _short(value: float | None) -> str:
    return f"{value:.15g}"
