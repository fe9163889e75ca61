"""How a user's expression is read: a grammar of our own, text to SymPy and to written mathematics.

Operators ``+ - * / ^ **`` (``^`` is ``**``: right-associative, tighter than a minus before it),
parentheses, numbers, names and the functions of :data:`stepcalc.calculus.pieces.FUNCTIONS`.
There are no constants. Nothing a user wrote is ever evaluated as Python.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import sympy
from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedToken

from stepcalc.board.nodes import Node
from stepcalc.calculus import pieces
from stepcalc.calculus.pieces import FUNCTIONS, MAX_DEPTH, Piece, Refused
from stepcalc.errors import Fault, InputError, did_you_mean

MAX_LENGTH = 2000
MAX_NAME = 40
WrittenTree: TypeAlias = Node

_GRAMMAR = r"""
    ?start: sum
    ?sum: product (ADD product)*
    ?product: signed (MUL signed)*
    ?signed: ADD signed -> sign
        | power
    ?power: atom
        | atom POW signed -> power
    ?atom: NUMBER -> number
        | NAME -> name
        | NAME "(" [sum ("," sum)*] ")" -> call
        | "(" sum ")" -> group
    ADD: "+" | "-"
    MUL: "*" | "/"
    POW: "**" | "^"
    NUMBER: /([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?/
    NAME: /[^\W\d]\w*/
    %ignore /\s+/
"""
_TYPED_SIGNS = str.maketrans({"−": "-", "·": "*", "×": "*"})
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression read: for calculating, as the user wrote it, and the names in it in order of appearance."""

    expression: sympy.Expr
    written: WrittenTree
    names: tuple[str, ...]


def parse(text: str, names: Collection[str], place: str) -> Parsed:
    """Read ``text``, in which the quantities ``names`` may be used.

    Numbers are exact (0.1 is one tenth), names are :func:`~stepcalc.calculus.symbols.symbol`.

    Raises :class:`InputError` with one fault at ``place`` that tells the column, counted from 1:
    syntax, unknown names, wrong number of arguments, constants that are undefined or overflow,
    and whatever is too long, too deep or too large to be worked with.
    """
    try:
        return _read(text, names)
    except Refused as refused:
        where = f"column {refused.offset + 1}: " if refused.offset >= 0 else ""
        raise InputError(Fault(place, where + refused.message)) from None


def why_no_name(text: str) -> str:
    """Why ``text`` cannot name a quantity, as the rest of a sentence; "" if it can.

    Names are letters, digits and underscores, with no digit first, and no function's name.
    """
    if text in FUNCTIONS:
        return "is the name of a function"
    if len(text) > MAX_NAME:
        return f"is longer than {MAX_NAME} characters"
    if _NAME.fullmatch(text) is None or _odd_character(text) is not None:
        return "cannot be a name; names are letters, digits and underscores, and start with a letter or an underscore"
    return ""


def _odd_character(text: str) -> int | None:
    odd = (i for i, c in enumerate(text) if c != "_" and unicodedata.category(c)[0] != "L" and not c.isdecimal())
    return next(odd, None)


def _read(text: str, names: Collection[str]) -> Parsed:
    if len(text) > MAX_LENGTH:
        raise Refused(-1, f"{len(text):,} characters long, more than {MAX_LENGTH:,}")
    if not text.strip():
        raise Refused(-1, "an empty expression")
    _refuse_deep_parentheses(text)
    try:
        tree = _parser().parse(text.translate(_TYPED_SIGNS))
    except UnexpectedCharacters as error:
        raise _wrong_character(text, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        raise _wrong_token(text, error.token) from None
    used: dict[str, None] = {}
    piece = _build(tree, names, used)
    return Parsed(piece.expression, piece.written, tuple(used))


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", maybe_placeholders=False)


def _build(tree: Tree[Token], names: Collection[str], used: dict[str, None]) -> Piece:
    """The tree from the leaves up and from left to right, on a stack of our own: depth is refused, not crashed on."""
    waiting: list[tuple[Tree[Token] | Token, bool]] = [(tree, False)]
    done: list[Piece | Token] = []
    while waiting:
        node, ready = waiting.pop()
        if isinstance(node, Token):
            done.append(node)
        elif ready:
            first = len(done) - len(node.children)
            parts = done[first:]
            del done[first:]
            done.append(_RULES[node.data](parts, names, used))
        else:
            waiting.append((node, True))
            waiting.extend((child, False) for child in reversed(node.children))
    (piece,) = done
    assert isinstance(piece, Piece)
    return piece


def _number(parts: list[Any], names: Collection[str], used: dict[str, None]) -> Piece:
    return pieces.number(str(parts[0]), parts[0].start_pos)


def _name(parts: list[Any], names: Collection[str], used: dict[str, None]) -> Piece:
    name, offset = str(parts[0]), parts[0].start_pos
    if name in FUNCTIONS:
        raise Refused(offset, f"{name} is a function: write {name}(…)")
    odd = _odd_character(name)
    if odd is not None:
        raise Refused(offset + odd, f'"{name[odd]}" cannot stand in a name; a power is written x^2')
    if name not in names:
        raise Refused(offset, f'unknown name "{_shortened(name)}"{did_you_mean(name, names)}')
    used[name] = None
    return pieces.name(name)


def _call(parts: list[Any], names: Collection[str], used: dict[str, None]) -> Piece:
    function, offset = str(parts[0]), parts[0].start_pos
    if function in names:
        raise Refused(offset, f"{function} is a name, not a function; a product is written {function}*(…)")
    if function not in FUNCTIONS:
        raise Refused(offset, f'unknown function "{_shortened(function)}"{did_you_mean(function, FUNCTIONS)}')
    return pieces.call(function, offset, parts[1:])


def _sum(parts: list[Any], names: Collection[str], used: dict[str, None]) -> Piece:
    signs = [False, *(str(operator) == "-" for operator in parts[1::2])]
    return pieces.total(list(zip(signs, parts[0::2], strict=True)), parts[1].start_pos)


def _product(parts: list[Any], names: Collection[str], used: dict[str, None]) -> Piece:
    rest = [
        (str(operator) == "/", operator.start_pos, piece)
        for operator, piece in zip(parts[1::2], parts[2::2], strict=True)
    ]
    return pieces.product(parts[0], rest)


def _sign(parts: list[Any], names: Collection[str], used: dict[str, None]) -> Piece:
    return pieces.negative(parts[1], parts[0].start_pos) if str(parts[0]) == "-" else parts[1]


def _power(parts: list[Any], names: Collection[str], used: dict[str, None]) -> Piece:
    return pieces.power(parts[0], parts[1].start_pos, parts[2])


def _group(parts: list[Any], names: Collection[str], used: dict[str, None]) -> Piece:
    return pieces.grouped(parts[0])


_RULES: dict[str, Callable[[list[Any], Collection[str], dict[str, None]], Piece]] = {
    "number": _number,
    "name": _name,
    "call": _call,
    "sum": _sum,
    "product": _product,
    "sign": _sign,
    "power": _power,
    "group": _group,
}


def _shortened(word: str) -> str:
    return word if len(word) <= 40 else word[:39] + "…"


def _refuse_deep_parentheses(text: str) -> None:
    depth = 0
    for offset, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth > MAX_DEPTH:
            raise Refused(offset, f"nested more than {MAX_DEPTH} deep")


def _wrong_character(text: str, offset: int) -> Refused:
    character = text[offset]
    shown = f'"{character}"' if character.isprintable() else f"U+{ord(character):04X}"
    return Refused(offset, f"{shown} does not belong in an expression")


def _wrong_token(text: str, token: Token) -> Refused:
    if token.type == "$END":
        opened = text.count("(") - text.count(")")
        return Refused(len(text), "the expression ends too early" + ("; a ) is missing" if opened > 0 else ""))
    offset = token.start_pos or 0
    if token.type in {"NAME", "NUMBER", "LPAR"} and offset and text[:offset].rstrip()[-1:] not in "+-*/^(,":
        return Refused(offset, f'an operator is missing before "{_shortened(str(token))}"; a product is written 2*x')
    if token.type == "COMMA":
        return Refused(offset, 'unexpected ","; decimals are written with a point')
    return Refused(offset, f'unexpected "{_shortened(str(token))}"')
