"""What written mathematics looks like: its sign, its height, whether it is a word."""

from __future__ import annotations

from dataclasses import replace

from stepcalc.board.nodes import (
    Abs,
    Add,
    Box,
    Call,
    Cases,
    Deriv,
    Diff,
    Frac,
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
    return (("", terms[0]), *(signed(term) for term in terms[1:])) if terms else ()


def signed(term: Node) -> tuple[str, Node]:
    """A later term of a sum without its sign, and the operator before it."""
    match term:
        case Neg(arg):
            return "−", arg
        case Num(text) if text.startswith("-"):
            return "−", replace(term, text=text[1:])
        case Strike(arg) if isinstance(arg, Neg | Num) and starts_with_minus(arg):
            return "−", replace(term, arg=signed(arg)[1])
    return "+", term


def uncovered(node: Node) -> Node:
    """``node`` without frames and strikes around it."""
    while isinstance(node, Strike | Box):
        node = node.arg
    return node


def starts_with_digit(node: Node) -> bool:
    """Whether what is written for ``node`` begins with a digit."""
    match node:
        case Num():
            return True
        case Pow(base):
            return starts_with_digit(base)
        case Mul(factors) if factors:
            return starts_with_digit(factors[0])
        case Strike(arg) | Box(arg):
            return starts_with_digit(arg)
    return False


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


def differentials(node: Deriv) -> tuple[Node, ...]:
    """What stands under a derivative, each with a ∂ in front: x, or x², or x and y."""
    if node.again is None:
        return (node.wrt,)
    plain = isinstance(node.wrt, Sym) and not node.wrt.glyph.sup
    return (Pow(node.wrt, Num("2")),) if plain and node.again == node.wrt else (node.wrt, node.again)
