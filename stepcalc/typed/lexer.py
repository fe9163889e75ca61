"""From what a student typed to tokens: plain text, Unicode and LaTeX alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, Protocol

from lark import Token

from stepcalc.calculus.pieces import FUNCTIONS
from stepcalc.calculus.syntax import MAX_DEPTH, MAX_LENGTH, Refused, shortened
from stepcalc.errors import did_you_mean
from stepcalc.typed.characters import CHARACTERS, LETTER, RAISED, RAISED_CLASS

Decimal = Literal["auto", ".", ","]

CALLED: Mapping[str, str] = {name: name for name in FUNCTIONS} | {
    "σ": "sigmoid",
    "sigma": "sigmoid",
    "ReLU": "relu",
    "Relu": "relu",
    "RELU": "relu",
    "LeakyReLU": "LeakyReLU",
    "ELU": "ELU",
    "sgn": "sgn",
    "sign": "sgn",
}
"""The functions as they are typed, with and without a backslash, and what they are called in an expression.

Those that problem files do not have are printed on sheets.
"""

_OPERATORS = {"+": "ADD", "-": "ADD", "*": "MUL", "/": "MUL", "^": "POW", "**": "POW"}
_BRACKETS = {"(": "_LPAR", ")": "_RPAR", "[": "_LSQB", "]": "_RSQB", "{": "_LBRACE", "}": "_RBRACE"}
_COMMANDS = {
    **dict.fromkeys(("cdot", "times", "ast", "cdotp", "bullet"), ("MUL", "*")),
    **dict.fromkeys(("frac", "tfrac", "dfrac", "cfrac"), ("FRAC", "/")),
    "div": ("MUL", "/"),
    "sqrt": ("SQRT", "sqrt"),
}
_STYLES = "operatorname|mathrm|mathit|mathbf|boldsymbol|text|textit|textrm|textbf|mathop"
_FUNCTION = "|".join(sorted(CALLED, key=len, reverse=True))
_PIECES = rf"""
      (?P<space>(?:[\s~]|\\[,;:!>\ ]|\\(?:q?quad|thinspace|displaystyle|left|right|[bB]igg?[lr]?)(?![A-Za-z]))+)
    | (?P<number>(?:[0-9]+(?:[MARKS][0-9]*)?|[MARKS][0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<prime>'+|\^\s*(?:\{{\s*\\prime\s*\}}|\\prime(?![A-Za-z])))
    | (?P<operator>\*\*|[-+*/^])
    | (?P<bracket>\\?[{{}}]|[()\[\]])
    | (?P<raised>[{RAISED_CLASS}]+)
    | (?P<styled>\\(?:{_STYLES})\s*\{{\s*(?:{_FUNCTION})\s*\}})
    | (?P<function>\\(?:{_FUNCTION})(?![A-Za-z])|(?:{_FUNCTION}))
    | (?P<bar>\\?\||\\[lr]?vert(?![A-Za-z]))
    | (?P<comma>[,;])
    | (?P<vulgar>[¼½¾⅐-⅞])
    | (?P<root>√)
    | (?P<command>\\[A-Za-z]+)
    | (?P<euler>e(?=\s*(?:\^|\*\*|[{RAISED_CLASS}])))
    """
_WORD = re.compile(rf"\\?{LETTER}+")
_MAY_GROUP = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_OPENS = frozenset({"_LPAR", "_LSQB", "_LBRACE", "_LBAR"})
_CLOSES = frozenset({"_RPAR", "_RSQB", "_RBRACE", "_RBAR"})
_ENDS_OPERAND = _CLOSES | {"NUMBER", "NAME"}


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name found in the text: the id that it stands for, and where it ends."""

    item: str
    end: int


class Vocabulary(Protocol):
    """What has a name."""

    def at(self, text: str, place: int) -> Symbol | None:
        """The name that stands in ``text``, its characters made plain, at ``place``."""

    def unknown(self, text: str, place: int) -> str:
        """What to say where a word is no name."""


class NoNames:
    """Where numbers are expected, nothing has a name."""

    def at(self, text: str, place: int) -> Symbol | None:
        return None

    def unknown(self, text: str, place: int) -> str:
        found = _WORD.match(text, place)
        word = found[0] if found else text[place]
        near = did_you_mean(word, CALLED) if found and text.startswith("(", found.end()) else ""
        return f'"{shortened(word)}" is no number{near}'


def tokens_of(raw: str, names: Vocabulary, decimal: Decimal = "auto") -> list[Token]:
    """The tokens of an expression, each with its place in ``raw``.

    Raises :class:`Refused` for what is too long, too deep, or has no place in an expression.
    """
    refuse_long(raw)
    text = raw.translate(CHARACTERS)
    return list(_bracketed(_Lexer(text, names, _marks(text, decimal)).tokens()))


def refuse_long(raw: str) -> None:
    """Raise :class:`Refused` for a text too long to be looked at."""
    if len(raw) > MAX_LENGTH:
        raise Refused(-1, f"{len(raw):,} characters long, more than {MAX_LENGTH:,}")


def _marks(text: str, decimal: Decimal) -> str:
    """What may be a decimal mark: also a comma, unless it is needed between the arguments of min and max."""
    if decimal != "auto":
        return decimal
    return "." if re.search("min|max", text) and ";" not in text else ".,"


@cache
def _pieces(marks: str) -> re.Pattern[str]:
    return re.compile(_PIECES.replace("MARKS", marks), re.VERBOSE)


@dataclass
class _Lexer:
    """Reads ``text``, whose characters are plain. ``start`` is where it stands in what was typed."""

    text: str
    names: Vocabulary
    marks: str
    start: int = 0
    place: int = 0
    end: int = 0
    single: int = 0
    r"""How many more numbers are one digit long: \frac12 is a half."""

    def tokens(self) -> Iterator[Token]:
        """From left to right, without spaces; |…| in bars that do not tell left from right."""
        pieces = _pieces(self.marks)
        while self.place < len(self.text):
            found = pieces.match(self.text, self.place)
            symbol = self.symbol(found)
            if symbol is not None:
                self.end = symbol.end
                yield self.token("NAME", symbol.item)
                self.place = symbol.end
                continue
            if found is None:
                raise self.unreadable()
            self.end = found.end()
            yield from _MADE[found.lastgroup or ""](self, found[0])
            self.place = self.end

    def token(self, kind: str, text: str) -> Token:
        return Token(kind, text, start_pos=self.start + self.place, end_pos=self.start + self.end)

    def symbol(self, found: re.Match[str] | None) -> Symbol | None:
        """The name that stands here, but not the beginning of a function's: of sin only where that is all a name."""
        if found is None or found.lastgroup not in {"function", "styled"}:
            return self.names.at(self.text, self.place)
        try:
            symbol = self.names.at(self.text, self.place)
        except Refused:
            return None
        return symbol if symbol is not None and symbol.end >= found.end() else None

    def unreadable(self) -> Refused:
        character = self.text[self.place]
        if _WORD.match(self.text, self.place):
            return Refused(self.start + self.place, self.names.unknown(self.text, self.place))
        shown = f'"{character}"' if character.isprintable() else f"U+{ord(character):04X}"
        return Refused(self.start + self.place, f"{shown} does not belong here")

    def number(self, found: str) -> Iterator[Token]:
        """One number, with a point."""
        if self.single:
            self.single -= 1
            found = found[0]
        if "." in self.marks and _MAY_GROUP.fullmatch(found):
            told = f'"{found}" may be {found.replace(",", ".")} or {found.replace(",", "")}'
            raise Refused(self.start + self.place, told)
        self.end = self.place + len(found)
        yield self.token("NUMBER", found.replace(",", "."))

    def operator(self, found: str) -> Iterator[Token]:
        yield self.token(_OPERATORS[found], found)

    def bracket(self, found: str) -> Iterator[Token]:
        self.single = 0
        yield self.token(_BRACKETS[found[-1]], found[-1])

    def raised(self, found: str) -> Iterator[Token]:
        """x², e⁻ᶻ."""
        yield self.token("POW", "^")
        yield self.token("_LBRACE", "{")
        plain = found.translate(RAISED)
        yield from replace(self, text=plain, start=self.start + self.place, place=0).tokens()
        yield self.token("_RBRACE", "}")

    def function(self, found: str) -> Iterator[Token]:
        name = re.sub(rf"\\(?:{_STYLES})|[\\{{}}\s]", "", found)
        yield self.token("FUNCTION", CALLED[name])

    def command(self, found: str) -> Iterator[Token]:
        made = _COMMANDS.get(found[1:])
        if made is None:
            raise self.unreadable()
        if made[0] == "FRAC":
            self.single = 2
        yield self.token(*made)

    def vulgar(self, found: str) -> Iterator[Token]:
        """½."""
        yield self.token("FRAC", "/")
        for number in unicodedata.normalize("NFKC", found).split("⁄"):
            yield self.token("_LBRACE", "{")
            yield self.token("NUMBER", number)
            yield self.token("_RBRACE", "}")

    def euler(self, found: str) -> Iterator[Token]:
        yield self.token("FUNCTION", "exp")
        yield self.token("_LPAR", "(")
        yield self.token("NUMBER", "1")
        yield self.token("_RPAR", ")")


_MADE: dict[str, Callable[[_Lexer, str], Iterator[Token]]] = {
    "space": lambda lexer, found: iter(()),
    "number": _Lexer.number,
    "operator": _Lexer.operator,
    "bracket": _Lexer.bracket,
    "raised": _Lexer.raised,
    "styled": _Lexer.function,
    "function": _Lexer.function,
    "prime": lambda lexer, found: iter((lexer.token("PRIME", "'" if "\\" in found else found),)),
    "bar": lambda lexer, found: iter((lexer.token("BAR", "|"),)),
    "comma": lambda lexer, found: iter((lexer.token("_COMMA", found),)),
    "vulgar": _Lexer.vulgar,
    "root": lambda lexer, found: iter((lexer.token("SQRT", found),)),
    "command": _Lexer.command,
    "euler": _Lexer.euler,
}


def _bracketed(tokens: Iterator[Token]) -> Iterator[Token]:
    """The tokens with each bar as an opening or a closing one, no deeper than ``MAX_DEPTH``."""
    opened: list[str] = []
    before = ""
    for token in tokens:
        if token.type == "BAR":
            closes = bool(opened) and opened[-1] == "_LBAR" and before in _ENDS_OPERAND
            token.type = "_RBAR" if closes else "_LBAR"
        if token.type in _OPENS:
            opened.append(token.type)
        elif token.type in _CLOSES and opened:
            opened.pop()
        if len(opened) > MAX_DEPTH:
            raise Refused(token.start_pos or 0, f"nested more than {MAX_DEPTH} deep")
        before = token.type
        yield token
