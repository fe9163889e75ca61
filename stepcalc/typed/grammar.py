"""The grammar of what students type: products without a sign, LaTeX's fractions, functions without parentheses.

Its trees are those of :mod:`stepcalc.calculus.syntax`, and a node ``slope`` for σ′(z), so that what reads an
expression reads these too.
What could be read in two ways is refused, and the message says how to write it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

from lark import Lark, Token, Tree, UnexpectedToken
from lark.lexer import Lexer

from stepcalc.calculus.syntax import Refused, SyntaxTree, fold, shortened

_GRAMMAR = r"""
    ?start: sum
    ?sum: product (ADD product)*
    ?product: signed (MUL signed | power)*
    ?signed: ADD signed -> sign
        | power
    ?power: atom
        | atom POW signed -> power
    ?atom: NUMBER -> number
        | NAME -> name
        | _LPAR sum _RPAR -> group
        | _LSQB sum _RSQB -> group
        | _LBRACE sum _RBRACE -> group
        | called
        | function bare -> bare_call
        | closed
    ?called: function _LPAR sum (_COMMA sum)* _RPAR -> call
        | function _LSQB sum _RSQB -> call
        | function _LBRACE sum _RBRACE -> call
    ?bare: NUMBER -> number
        | NAME -> name
        | function bare -> bare_call
        | closed
    ?closed: FRAC argument argument -> fraction
        | SQRT argument -> root
        | SQRT _LPAR sum _RPAR -> root
        | SQRT called -> root
        | _LBAR sum _RBAR -> absolute
    ?argument: _LBRACE sum _RBRACE -> group
        | NUMBER -> number
        | NAME -> name
    function: FUNCTION PRIME?
        | FUNCTION POW NUMBER
        | FUNCTION POW _LBRACE NUMBER _RBRACE
    %declare ADD MUL POW NUMBER NAME FUNCTION FRAC SQRT PRIME _COMMA
    %declare _LPAR _RPAR _LSQB _RSQB _LBRACE _RBRACE _LBAR _RBAR
"""
_CLOSING = {"_LPAR": ")", "_LSQB": "]", "_LBRACE": "}", "_LBAR": "|"}


class _Given(Lexer):
    """The tokens are made already."""

    def __init__(self, conf: Any) -> None: ...

    def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]
        yield from data


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer=_Given, maybe_placeholders=False)


def tree_of(tokens: Sequence[Token]) -> SyntaxTree:
    """The tree of an expression.

    Raises :class:`Refused` for wrong syntax, and for what could be read in two ways.
    """
    if not tokens:
        raise Refused(-1, "an empty expression")
    try:
        typed = _parser().parse(tokens)
    except UnexpectedToken as error:
        raise _unexpected(tokens, error.token) from None
    return fold(typed, _RULES)


def _unexpected(tokens: Sequence[Token], token: Token) -> Refused:
    if token.type == "$END":
        missing = "".join(_CLOSING.get(kind, "") for kind in _left_open(tokens)[-1:])
        return Refused(
            tokens[-1].end_pos or 0, "it ends too early" + (f'; a "{missing}" is missing' if missing else "")
        )
    return Refused(_place(token), f'unexpected "{shortened(str(token))}"')


def _left_open(tokens: Sequence[Token]) -> list[str]:
    opened: list[str] = []
    for token in tokens:
        if token.type in _CLOSING:
            opened.append(token.type)
        elif token.type.startswith("_R") and opened:
            opened.pop()
    return opened


def _place(token: Token) -> int:
    return token.start_pos or 0


def _first(part: Any) -> Token:
    """The leftmost token of ``part``, which tells its place."""
    while isinstance(part, Tree):
        part = part.children[0]
    token: Token = part
    return token


class _Bare(Tree[Token]):
    """A function whose argument has no parentheses, so that what follows may belong to it: ln x."""


class _Fraction(Tree[Token]):
    """One above the other, which after a number may be times it or, as in 2½, plus it."""


def _function(parts: list[Token]) -> list[Token]:
    return parts


def _call(parts: list[Any]) -> SyntaxTree:
    function, *args = parts
    name = Token("NAME", str(function[0]), start_pos=_place(function[0]))
    if len(function) == 1:
        return Tree("call", [name, *args])
    if len(function) == 2 and len(function[1]) == 1:
        return Tree("slope", [name, *args])
    if len(function) == 2:
        raise Refused(_place(function[1]), "only first derivatives of functions can be written with a prime")
    return Tree("group", [Tree("power", [Tree("call", [name, *args]), function[1], Tree("number", [function[2]])])])


def _bare_call(parts: list[Any]) -> SyntaxTree:
    made = _call(parts)
    return _Bare(made.data, made.children)


def _power(parts: list[Any]) -> SyntaxTree:
    base, operator, _ = parts
    if isinstance(base, _Bare):
        raise Refused(_place(operator), "a power of the function or of what it is taken of? parentheses would tell")
    return Tree("power", parts)


def _product(parts: list[Any]) -> SyntaxTree:
    """The factors with an operator between each two, those that are not typed too."""
    made: list[Any] = [parts[0]]
    divides = False
    for before, part in pairwise(parts):
        if isinstance(part, Token):
            divides = part == "/"
            if divides and isinstance(before, _Bare):
                raise Refused(_place(part), "over what: the function or what it is taken of? parentheses would tell")
            made.append(part)
        elif isinstance(before, Token):
            made.append(part)
        else:
            _refuse_ambiguous(made, divides, part)
            made += [Token("MUL", "*", start_pos=_place(_first(part))), part]
            divides = False
    return Tree("product", made)


def _refuse_ambiguous(before: Sequence[Any], divides: bool, factor: SyntaxTree) -> None:
    """Refuse a ``factor`` with no operator before it where it could belong to several things."""
    first, last = _first(factor), before[-1]
    if first.type == "NUMBER" and factor.data != "group":
        raise Refused(_place(first), f'an operator is missing before "{shortened(str(first))}"')
    if isinstance(last, _Bare):
        raise Refused(_place(first), "is this what the function is taken of, or times it? parentheses would tell")
    if last.data == "number" and isinstance(factor, _Fraction) and _is_numeric(factor):
        raise Refused(_place(first), "times this fraction or plus it? an operator would tell")
    if divides and not (last.data == before[-3].data == "number"):
        raise Refused(_place(first), "above or below the fraction line? a/b c is written (a/b)*c or a/(b*c)")


def _is_numeric(part: SyntaxTree) -> bool:
    return all(token.type != "NAME" for token in part.scan_values(lambda value: isinstance(value, Token)))


def _over(parts: list[Any]) -> SyntaxTree:
    sign, above, below = parts
    return _Fraction("group", [Tree("product", [above, Token("MUL", "/", start_pos=_place(sign)), below])])


def _named_call(name: str) -> Callable[[list[Any]], SyntaxTree]:
    return lambda parts: Tree("call", [Token("NAME", name, start_pos=_place(_first(parts[-1]))), parts[-1]])


_RULES: dict[str, Callable[[list[Any]], Any]] = {
    **{kept: partial(Tree, kept) for kept in ("number", "name", "group", "sum", "sign")},
    "function": _function,
    "call": _call,
    "bare_call": _bare_call,
    "power": _power,
    "product": _product,
    "fraction": _over,
    "root": _named_call("sqrt"),
    "absolute": _named_call("abs"),
}
