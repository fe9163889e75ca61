"""An evaluator of written mathematics that shares nothing with the program: it walks the nodes with mpmath."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import mpmath
import pytest

from stepcalc.board import nodes as b

Values = Mapping[str, Any]

CALLS: dict[str, Callable[..., Any]] = {
    "ln": mpmath.log,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "tanh": mpmath.tanh,
    "σ": lambda z: 1 / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
    "ReLU": lambda z: max(z, mpmath.mpf(0)),
    "step": lambda z: mpmath.mpf(1 if z >= 0 else 0),
    "sgn": mpmath.sign,
    "max": max,
    "min": min,
}
RELATIONS = {"<": operator.lt, ">": operator.gt, "≤": operator.le, "≥": operator.ge}


def board_value(node: Any, at: Values) -> Any:
    """The number that ``node`` stands for when each item has the value ``at[item]``."""
    match node:
        case b.Num(text=text):
            return mpmath.mpf(text)
        case b.Sym(item=item):
            return at[item]
        case b.Add(terms=terms):
            return mpmath.fsum(board_value(term, at) for term in terms)
        case b.Mul(factors=factors):
            return mpmath.fprod(board_value(factor, at) for factor in factors)
        case b.Neg(arg=arg):
            return -board_value(arg, at)
        case b.Frac(num=num, den=den):
            return board_value(num, at) / board_value(den, at)
        case b.Pow(base=base, exp=exponent):
            return board_value(base, at) ** board_value(exponent, at)
        case b.Exp(arg=arg):
            return mpmath.exp(board_value(arg, at))
        case b.Sqrt(arg=arg):
            return mpmath.sqrt(board_value(arg, at))
        case b.Abs(arg=arg):
            return abs(board_value(arg, at))
        case b.Call(name=name, args=args):
            return CALLS[name](*(board_value(arg, at) for arg in args))
        case b.Strike(arg=arg) | b.Box(arg=arg) | b.Paren(arg=arg):
            return board_value(arg, at)
        case b.Diff(wrt=wrt, arg=arg):
            return mpmath.diff(lambda t: board_value(arg, {**at, wrt.item: t}), at[wrt.item])
        case b.Cases(rows=rows):
            return next(board_value(row, at) for row, condition in rows if condition is None or holds(condition, at))
    raise NotImplementedError(type(node).__name__)


def holds(condition: b.Rel, at: Values) -> bool:
    """Whether a written condition is true."""
    if isinstance(condition.right, b.Rel):
        middle = b.Rel(condition.left, condition.relation, condition.right.left)
        return holds(middle, at) and holds(condition.right, at)
    compare = RELATIONS[condition.relation]
    return bool(compare(board_value(condition.left, at), board_value(condition.right, at)))


@pytest.fixture
def value() -> Callable[[Any, Values], Any]:
    """The independent evaluator."""
    return board_value


def plain(node: Any) -> str:
    """``node`` in one line of text, fully explicit about fractions: for comparing lines with a deck's."""
    match node:
        case b.Num(text=text):
            return text
        case b.Sym(glyph=glyph):
            return glyph.base + ("^" if glyph.hat else "") + glyph.sub
        case b.Add(terms=terms):
            first, *rest = terms
            return _bracketed(first, b.Add) + "".join(_signed(term) for term in rest)
        case b.Mul(factors=factors):
            return "·".join(_bracketed(factor, b.Add, b.Neg) for factor in factors)
        case b.Neg(arg=arg):
            return "-" + _bracketed(arg, b.Add, b.Neg)
        case b.Frac(num=num, den=den):
            return f"[{plain(num)}]/[{plain(den)}]"
        case b.Pow(base=base, exp=exponent):
            return f"({plain(base)})^{_bracketed(exponent, b.Add)}"
        case b.Exp(arg=arg):
            return f"e^({plain(arg)})"
        case b.Call(name=name, args=args):
            return f"{name}({', '.join(map(plain, args))})"
        case b.Diff(wrt=wrt, arg=arg):
            return f"d/d{plain(wrt)}({plain(arg)})"
        case b.Strike(arg=arg):
            return f"~{plain(arg)}~"
        case b.Rel(left=left, relation=relation, right=right):
            return f"{plain(left)}{relation}{plain(right)}"
        case b.Abs(arg=arg):
            return f"|{plain(arg)}|"
        case b.Sqrt(arg=arg):
            return f"√({plain(arg)})"
        case b.Cases(rows=rows):
            return "{" + "; ".join(f"{plain(v)} if {plain(c) if c else 'not'}" for v, c in rows) + "}"
    raise NotImplementedError(type(node).__name__)


def _bracketed(node: Any, *kinds: type) -> str:
    return f"({plain(node)})" if isinstance(node, kinds) else plain(node)


def _signed(term: Any) -> str:
    if isinstance(term, b.Neg):
        return " - " + _bracketed(term.arg, b.Add, b.Neg)
    text = _bracketed(term, b.Add)
    return f" - {text[1:]}" if text.startswith("-") else f" + {text}"


@pytest.fixture
def text() -> Callable[[Any], str]:
    """Written mathematics as one line of text."""
    return plain
