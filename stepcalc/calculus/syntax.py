"""The grammar of expressions: from text to a tree of tokens, which other modules fold into what they need.

Operators ``+ - * / ^ **`` (``^`` is ``**``: right-associative, tighter than a minus before it), parentheses,
numbers, names and calls. Nothing here loads SymPy, and nothing a user wrote is ever evaluated as Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedToken

from stepcalc.errors import Fault, InputError

MAX_LENGTH = 2000
MAX_DEPTH = 60

SyntaxTree: TypeAlias = Tree[Token]
"""Nodes ``number name call sum product sign power group``; operators stand between their operands as tokens."""

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

T = TypeVar("T")


class Refused(Exception):
    """The text cannot be used; ``offset`` counts its characters from 0, −1 means all of it."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message

    def told(self, place: str) -> InputError:
        """What the user reads: the fault at ``place``, with its column counted from 1."""
        where = f"column {self.offset + 1}: " if self.offset >= 0 else ""
        return InputError(Fault(place, where + self.message))


def tree_of(text: str) -> SyntaxTree:
    """The tree of an expression. Raises :class:`Refused` for wrong syntax and for what is too long or too deep."""
    if len(text) > MAX_LENGTH:
        raise Refused(-1, f"{len(text):,} characters long, more than {MAX_LENGTH:,}")
    if not text.strip():
        raise Refused(-1, "an empty expression")
    _refuse_deep_parentheses(text)
    try:
        return _parser().parse(text.translate(_TYPED_SIGNS))
    except UnexpectedCharacters as error:
        raise _wrong_character(text, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        raise _wrong_token(text, error.token) from None


def fold(tree: SyntaxTree, rules: Mapping[str, Callable[[list[Any]], T]]) -> T:
    """The tree from the leaves up and from left to right, each node replaced by what its rule makes of its parts.

    The stack is our own: a deep tree is no recursion.
    """
    waiting: list[tuple[SyntaxTree | Token, bool]] = [(tree, False)]
    done: list[Any] = []
    while waiting:
        node, ready = waiting.pop()
        if isinstance(node, Token):
            done.append(node)
        elif ready:
            first = len(done) - len(node.children)
            parts = done[first:]
            del done[first:]
            done.append(rules[node.data](parts))
        else:
            waiting.append((node, True))
            waiting.extend((child, False) for child in reversed(node.children))
    (result,) = done
    made: T = result
    return made


def shortened(word: str) -> str:
    """A user's word in a message, cut where it is long."""
    return word if len(word) <= 40 else word[:39] + "…"


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", maybe_placeholders=False)


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
        return Refused(offset, f'an operator is missing before "{shortened(str(token))}"; a product is written 2*x')
    if token.type == "COMMA":
        return Refused(offset, 'unexpected ","; decimals are written with a point')
    return Refused(offset, f'unexpected "{shortened(str(token))}"')
