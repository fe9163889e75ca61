"""How a user's expression is read: checked and written without SymPy, which gives it its meaning when it is asked.

The functions are those of :data:`stepcalc.calculus.pieces.FUNCTIONS`; there are no constants. A bad expression is
answered at once; SymPy, which takes its time to load, is for good ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from stepcalc.board.nodes import Node
from stepcalc.calculus import pieces
from stepcalc.calculus.pieces import FUNCTIONS, Piece
from stepcalc.calculus.syntax import Refused, SyntaxTree, fold, shortened, tree_of
from stepcalc.errors import did_you_mean

if TYPE_CHECKING:
    import sympy

MAX_NAME = 40
WrittenTree: TypeAlias = Node

_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Parsed:
    """An expression read: as the user wrote it, and the names in it in order of appearance."""

    written: WrittenTree
    names: tuple[str, ...]
    place: str
    tree: SyntaxTree = field(repr=False)

    @cached_property
    def expression(self) -> sympy.Expr:
        """For calculating: numbers exact (0.1 is one tenth), names as :func:`~stepcalc.calculus.symbols.symbol`.

        Raises :class:`InputError` with one fault at ``place`` for what only algebra shows: 1/(x − x), √(−x²).
        """
        from stepcalc.calculus.meaning import meaning

        try:
            return meaning(self.tree)
        except Refused as refused:
            raise refused.told(self.place) from None


def parse(text: str, names: Collection[str], place: str) -> Parsed:
    """Read ``text``, in which the quantities ``names`` may be used.

    Raises :class:`InputError` with one fault at ``place`` that tells the column, counted from 1:
    syntax, unknown names, wrong number of arguments, constants that are undefined or overflow,
    and whatever is too long, too deep or too large to be worked with.
    """
    try:
        tree = tree_of(text)
        reader = Reader(names)
        piece = reader.read(tree)
    except Refused as refused:
        raise refused.told(place) from None
    return Parsed(piece.written, tuple(reader.used), place, tree)


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


class Reader:
    """Checks an expression piece by piece, every one within the limits, and keeps the names it uses."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = names
        self.used: dict[str, None] = {}

    def read(self, tree: SyntaxTree) -> Piece:
        """What the tree builds. Raises :class:`Refused`."""
        return fold(tree, self.rules)

    @property
    def rules(self) -> dict[str, Callable[[list[Any]], Piece]]:
        """What each node builds of what its parts have built."""
        return {
            "number": lambda parts: pieces.number(str(parts[0]), parts[0].start_pos),
            "name": self.name,
            "call": self.call,
            "sum": _sum,
            "product": _product,
            "sign": _sign,
            "power": lambda parts: pieces.power(parts[0], parts[1].start_pos, parts[2]),
            "group": lambda parts: pieces.grouped(parts[0]),
        }

    def name(self, parts: list[Any]) -> Piece:
        name, offset = str(parts[0]), parts[0].start_pos
        if name in FUNCTIONS:
            raise Refused(offset, f"{name} is a function: write {name}(…)")
        odd = _odd_character(name)
        if odd is not None:
            raise Refused(offset + odd, f'"{name[odd]}" cannot stand in a name; a power is written x^2')
        if name not in self.names:
            raise Refused(offset, f'unknown name "{shortened(name)}"{did_you_mean(name, self.names)}')
        self.used[name] = None
        return pieces.name(name)

    def call(self, parts: list[Any]) -> Piece:
        function, offset = str(parts[0]), parts[0].start_pos
        if function in self.names:
            raise Refused(offset, f"{function} is a name, not a function; a product is written {function}*(…)")
        if function not in FUNCTIONS:
            raise Refused(offset, f'unknown function "{shortened(function)}"{did_you_mean(function, FUNCTIONS)}')
        return pieces.call(function, offset, parts[1:])


def _sum(parts: list[Any]) -> Piece:
    signs = [False, *(str(operator) == "-" for operator in parts[1::2])]
    return pieces.total(list(zip(signs, parts[0::2], strict=True)), parts[1].start_pos)


def _product(parts: list[Any]) -> Piece:
    rest = [
        (str(operator) == "/", operator.start_pos, piece)
        for operator, piece in zip(parts[1::2], parts[2::2], strict=True)
    ]
    return pieces.product(parts[0], rest)


def _sign(parts: list[Any]) -> Piece:
    return pieces.negative(parts[1], parts[0].start_pos) if str(parts[0]) == "-" else parts[1]
