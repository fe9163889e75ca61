"""About how wide a formula will be, for writers that cannot ask a typesetter."""

from __future__ import annotations

from stepcalc.board.drawing import columns
from stepcalc.board.layout import parenthesised
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
    Glyph,
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
from stepcalc.board.shape import differentials, signed_terms

_SCRIPT = 0.7
_PRODUCT_SIGNS = {"dot": 2.0, "hadamard": 3.0, "apply": 0.0, "juxtapose": 0.2}
_OPERATOR, _RELATION, _MINUS, _COLUMN_GAP = 3.0, 3.0, 1.5, 2.0


def estimated_width(node: Node | Equation) -> float:
    """The width of ``node`` set in two dimensions, in digits of the text around it; good to about a tenth."""
    if isinstance(node, Equation):
        return sum(map(estimated_width, node.parts)) + _RELATION * len(node.relations)
    return _width(parenthesised(node))


def _width(node: Node | None) -> float:
    match node:
        case Num(text):
            return len(text) + (2.0 if "e" in text else 0.0)
        case Sym(glyph):
            return _glyph(glyph)
        case Words(text):
            return float(columns(text))
        case Add(terms):
            return sum((_OPERATOR if sign else 0.0) + _width(term) for sign, term in signed_terms(terms))
        case Mul(factors, style):
            return sum(map(_width, factors)) + _PRODUCT_SIGNS[style] * max(len(factors) - 1, 0)
        case Neg(arg):
            return _MINUS + _width(arg)
        case Frac(num, den):
            return max(_width(num), _width(den)) + 0.5
        case Deriv(of):
            return max(_width(of), *map(_width, differentials(node))) + 1.5 * len(differentials(node))
        case Diff(wrt, arg):
            return _width(wrt) + _width(arg) + 2.0
        case Pow(base, exp):
            return _width(base) + _SCRIPT * _width(exp)
        case Exp(arg):
            return 1.0 + _SCRIPT * _width(arg)
        case Transpose(arg) | Sqrt(arg) | Box(arg):
            return 1.0 + _width(arg)
        case Paren(arg) | Abs(arg):
            return 1.6 + _width(arg)
        case Call(name, args):
            commas = 1.6 + 2.0 * (len(args) - 1) if len(args) > 1 else 0.0
            return len(name) + node.primes + sum(map(_width, args)) + commas
        case Rel(left, _, right):
            return _width(left) + _RELATION + _width(right)
        case Strike(arg):
            return _width(arg)
        case SumOver():
            return 3.0 + _width(node.arg)
        case Matrix(rows):
            return _table(rows) + 2.0
        case Cases(rows):
            return _table(rows) + 6.0
        case Hole() | Dots():
            return 1.0
        case Blank(digits):
            return float(digits)
    return 0.0


def _glyph(glyph: Glyph) -> float:
    return columns(glyph.base) + _SCRIPT * max(columns(glyph.sub), columns(glyph.sup))


def _table(rows: tuple[tuple[Node | None, ...], ...]) -> float:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=False)]
    return sum(widths) + _COLUMN_GAP * max(len(widths) - 1, 0)
