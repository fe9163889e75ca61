r"""Written mathematics as the TeX that platforms typeset in the browser: MathJax's, without packages.

It is what :mod:`stepcalc.board.latex` writes, but for words: MathJax takes their characters as they are, and knows none
of the commands that pdfLaTeX needs for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from stepcalc.board.breaking import compact, split_at_relations
from stepcalc.board.latex import latex
from stepcalc.board.latex_text import GREEK, SIGNS, escape
from stepcalc.board.nodes import Call, Cases, Equation, Node, Strike, Sym, Words
from stepcalc.board.plain import clean
from stepcalc.board.transform import mapped

_TOKEN = re.compile(r"zq([a-j]+)qz")
_DIGITS = str.maketrans("0123456789", "abcdefghij")
_NUMERALS = str.maketrans("abcdefghij", "0123456789")
_IN_WORDS = {"\\": r"}\backslash\text{", "{": r"\{", "}": r"\}", "$": r"\$"}


def tex(node: Node | Equation, *, inline: bool = True) -> str:
    """``node`` without delimiters; ``inline`` slashes fractions, for running text."""
    words = _Words()
    return words.put_back(latex(words.taken_out(node), inline=inline))


def tex_lines(lines: Iterable[Equation]) -> str:
    """Lines under one another, aligned at their first relation, without delimiters."""
    rows = " \\\\\n".join(_row(compact(line)) for line in lines)
    return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"


def _row(line: Equation) -> str:
    left, chunks = split_at_relations(replace(line, reason="", aside=None))
    first = tex(left, inline=False) if left is not None else ""
    rest = " ".join(tex(chunk, inline=False) for chunk in chunks)
    beside = [tex(line.aside, inline=False)] if line.aside is not None else []
    beside += [rf"\text{{{_in_words(clean(line.reason))}}}"] if line.reason else []
    return f"{first} & {rest}".strip() + (r" && \quad " + r" \quad ".join(beside) if beside else "")


class _Words:
    """Words taken out of a formula before it is written, and put back as MathJax takes them."""

    def __init__(self) -> None:
        self._known: list[str] = []

    def taken_out(self, written: Node | Equation) -> Node | Equation:
        """The formula with a token for each word that LaTeX would write with commands, and nothing struck out."""
        if isinstance(written, Equation):
            return replace(written, parts=tuple(map(self._changed, written.parts)))
        return self._changed(written)

    def _changed(self, node: Node) -> Node:
        node = mapped(self._changed, node)
        match node:
            case Strike(arg):
                return arg
            case Words(text):
                return replace(node, text=self._token(text))
            case Sym(glyph):
                base = glyph.base if clean(glyph.base) in GREEK else self._token(glyph.base)
                sub, sup = map(self._script, (glyph.sub, glyph.sup))
                return replace(node, glyph=replace(glyph, base=base, sub=sub, sup=sup))
            case Call(name) if name not in GREEK:
                return replace(node, name=self._token(name))
            case Cases(words=(given, otherwise)):
                return replace(node, words=(self._token(given), self._token(otherwise)))
        return node

    def _script(self, text: str) -> str:
        known = all(char in GREEK or char in SIGNS or escape(char) == char for char in text)
        return text if known else self._token(text)

    def _token(self, text: str) -> str:
        if escape(text) == text and not _TOKEN.search(text):
            return text
        self._known.append(clean(text))
        return f"zq{str(len(self._known) - 1).translate(_DIGITS)}qz"

    def put_back(self, written: str) -> str:
        """The formula with its words."""
        return _TOKEN.sub(lambda token: _in_words(self._known[int(token[1].translate(_NUMERALS))]), written)


def _in_words(text: str) -> str:
    return "".join(_IN_WORDS.get(char, char) for char in text)
