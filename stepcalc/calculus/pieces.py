"""What the expression grammar builds: each piece of the text as SymPy and as it was written.

The limits stand here, and every piece is checked as it is made, from the inside out, so that no
expression SymPy would choke on is ever handed to it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy

from stepcalc.board.nodes import Abs, Add, Call, Exp, Frac, Glyph, Mul, Neg, Node, Num, Pow, Sqrt, Sym
from stepcalc.calculus.functions import relu, sigmoid, softplus, step
from stepcalc.calculus.symbols import symbol

MAX_DEPTH = 60
MAX_EXPONENT = 1000
MAX_BITS = 20_000
"""Bits that the exact numbers of one expression may take together."""


class Refused(Exception):
    """The text cannot be used; ``offset`` counts its characters from 0."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text. ``value`` is its double if no name is in it; ``grouped``: it stood in parentheses."""

    expression: sympy.Expr
    written: Node
    value: float | None
    bits: int
    depth: int = 1
    grouped: bool = False


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """A function of the grammar: in SymPy, as written, in doubles, its least number of arguments, its domain."""

    build: Callable[..., sympy.Expr]
    write: Callable[..., Node]
    compute: Callable[..., float]
    variadic: bool = False
    domain: str = ""


def _call(name: str) -> Callable[..., Node]:
    return lambda *args: Call(name, args)


FUNCTIONS: dict[str, FunctionRow] = {
    "exp": FunctionRow(sympy.exp, Exp, math.exp),
    "ln": FunctionRow(sympy.log, _call("ln"), math.log, domain="the logarithm needs a number above 0"),
    "log": FunctionRow(sympy.log, _call("log"), math.log, domain="the logarithm needs a number above 0"),
    "sqrt": FunctionRow(sympy.sqrt, Sqrt, math.sqrt, domain="the square root needs a number of at least 0"),
    "abs": FunctionRow(sympy.Abs, Abs, abs),
    "sin": FunctionRow(sympy.sin, _call("sin"), math.sin),
    "cos": FunctionRow(sympy.cos, _call("cos"), math.cos),
    "tan": FunctionRow(sympy.tan, _call("tan"), math.tan),
    "tanh": FunctionRow(sympy.tanh, _call("tanh"), math.tanh),
    "sigmoid": FunctionRow(sigmoid, _call("σ"), _sigmoid),
    "relu": FunctionRow(relu, _call("ReLU"), lambda z: max(z, 0.0)),
    "softplus": FunctionRow(softplus, _call("softplus"), lambda z: max(z, 0.0) + math.log1p(math.exp(-abs(z)))),
    "step": FunctionRow(step, _call("step"), lambda z: 1.0 if z >= 0 else 0.0),
    "min": FunctionRow(sympy.Min, _call("min"), min, variadic=True),
    "max": FunctionRow(sympy.Max, _call("max"), max, variadic=True),
}

_UNUSABLE = (sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I)
_TOO_LARGE = "this number is larger than a double can hold (about 1.8e308)"


def number(text: str, offset: int) -> Piece:
    """The number ``text``, exact: 0.1 is one tenth."""
    value = float(text)
    if math.isinf(value):
        raise Refused(offset, _TOO_LARGE)
    mantissa, _, exponent = text.lower().partition("e")
    if value == 0.0 and mantissa.strip("0."):
        raise Refused(offset, "this number is smaller than a double can hold (about 5e-324)")
    exact = sympy.Rational(text) if value else sympy.S.Zero
    whole, _, decimals = mantissa.partition(".")
    tidy = (whole.lstrip("0") or "0") + (f".{decimals}" if decimals else "") + (f"e{int(exponent)}" if exponent else "")
    return _checked(offset, exact, Num(tidy), value, exact.p.bit_length() + exact.q.bit_length(), ())


def name(text: str) -> Piece:
    """The quantity called ``text``; a name of several letters is upright until someone gives it a better glyph."""
    return Piece(symbol(text), Sym(Glyph(text, upright=len(text) > 1), item=text), None, 0)


def grouped(piece: Piece) -> Piece:
    """``piece`` in parentheses; the writers put back those the meaning needs."""
    return Piece(piece.expression, piece.written, piece.value, piece.bits, piece.depth, grouped=True)


def negative(piece: Piece, offset: int) -> Piece:
    """−piece."""
    value = None if piece.value is None else -piece.value
    return _checked(offset, -piece.expression, Neg(piece.written), value, piece.bits, (piece,))


def total(terms: Sequence[tuple[bool, Piece]], offset: int) -> Piece:
    """The sum of ``terms``, each with whether a minus stands before it."""
    parts = [piece for _, piece in terms]
    expression = sympy.Add(*(-piece.expression if minus else piece.expression for minus, piece in terms))
    written = Add(tuple(Neg(piece.written) if minus else piece.written for minus, piece in terms))
    values = [None if piece.value is None else -piece.value if minus else piece.value for minus, piece in terms]
    constants = [value for value in values if value is not None]
    value = sum(constants) if len(constants) == len(values) else None
    return _checked(offset, expression, written, value, sum(piece.bits for piece in parts), parts)


def product(first: Piece, rest: Sequence[tuple[bool, int, Piece]]) -> Piece:
    """``first`` times or over each of ``rest``: whether it divides, where its operator stands, the piece.

    A minus before the whole product is taken to the front of it: −x · y is written −(x · y).
    """
    minus = isinstance(first.written, Neg) and not first.grouped
    written: list[Node] = [first.written.arg if isinstance(first.written, Neg) and minus else first.written]
    expressions, value, depth, bits = [first.expression], first.value, first.depth, first.bits
    for divides, offset, piece in rest:
        if divides and piece.expression.is_zero:
            raise Refused(offset, "divides by 0")
        expressions.append(1 / piece.expression if divides else piece.expression)
        if value is not None and piece.value is not None:
            value = _guarded(offset, lambda a, b, d=divides: a / b if d else a * b, "", value, piece.value)
        else:
            value = None
        if divides:
            written = [Frac(_factors(written), piece.written)]
            depth += 1
        else:
            written.append(piece.written)
        depth, bits = max(depth, piece.depth), bits + piece.bits
        _within(offset, depth, bits)
    node = _factors(written)
    return _checked(rest[0][1], sympy.Mul(*expressions), Neg(node) if minus else node, value, bits, (), depth)


def power(base: Piece, offset: int, exponent: Piece) -> Piece:
    """base to the power exponent."""
    size = 1.0 if exponent.value is None else abs(exponent.value)
    if size > MAX_EXPONENT:
        raise Refused(offset, f"the exponent is {_short(exponent.value)}, more than {MAX_EXPONENT}")
    if base.expression.is_zero and (exponent.expression.is_negative or exponent.value is None):
        raise Refused(offset, "0 to a power that is not a number above 0")
    value = None
    if base.value is not None and exponent.value is not None:
        value = _guarded(offset, lambda a, b: a**b, "not a real number", base.value, exponent.value)
    bits = base.bits * max(1, math.ceil(size)) + exponent.bits
    _within(offset, 1, bits)
    written = Pow(base.written, exponent.written)
    return _checked(offset, base.expression**exponent.expression, written, value, bits, (base, exponent))


def call(function: str, offset: int, args: Sequence[Piece]) -> Piece:
    """A function of FUNCTIONS applied to ``args``."""
    row = FUNCTIONS[function]
    if row.variadic and len(args) < 2:
        raise Refused(offset, f"{function} takes two arguments or more, found {len(args)}")
    if not row.variadic and len(args) != 1:
        raise Refused(offset, f"{function} takes one argument, found {len(args)}")
    value = None
    constants = [piece.value for piece in args if piece.value is not None]
    if len(constants) == len(args):
        value = _guarded(offset, row.compute, f"{function} of {_short(constants[0])}: {row.domain}", *constants)
    bits = sum(piece.bits for piece in args)
    _within(offset, 1 + max(piece.depth for piece in args), bits)
    options = {"evaluate": False} if row.variadic and value is None else {}
    expression = row.build(*(piece.expression for piece in args), **options)
    return _checked(offset, expression, row.write(*(piece.written for piece in args)), value, bits, args)


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
    expression: sympy.Expr,
    written: Node,
    value: float | None,
    bits: int,
    parts: Sequence[Piece],
    depth: int = 0,
) -> Piece:
    depth = 1 + max([depth, *(part.depth for part in parts)])
    _within(offset, depth, bits)
    if expression.has(*_UNUSABLE):
        raise Refused(offset, "not a real number" if expression.has(sympy.I) else "divides by 0, or is not finite")
    if value is not None and isinstance(expression, sympy.Rational):
        value = _guarded(offset, lambda p, q: p / q, "", expression.p, expression.q)
    if value is not None and not math.isfinite(value):
        raise Refused(offset, _TOO_LARGE)
    return Piece(expression, written, value, bits, depth)


def _short(value: float | None) -> str:
    return f"{value:.15g}"
