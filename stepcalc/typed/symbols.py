r"""Symbols as they are typed, taken apart: w_{11}^{(1)}, w11, \hat y, yhat, ŷ, z⁽²⁾₁."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from stepcalc.board.glyph_text import GREEK, read_glyph
from stepcalc.items import Index
from stepcalc.problem.written import index_written
from stepcalc.typed.characters import LETTER, LOWERED, LOWERED_CLASS, RAISED, RAISED_CLASS

MAX_WORD = 20
"""No letter or word of a symbol, or of its index, is longer."""
_STYLES = r"\\(?:text(?:it|bf|rm)?|math(?:it|bf|rm)|boldsymbol|operatorname)"
_LETTERS = rf"(?:{LETTER}\u0302?)+"
_STYLED = rf"{_STYLES}\s*\{{\s*{_LETTERS}\s*\}}"
_HATTED = re.compile(
    rf"\\(?:wide)?hat\s*(?:\{{\s*(?P<inside>{_STYLED}|\\[A-Za-z]+|{_LETTERS})\s*\}}|(?P<after>\\[A-Za-z]+|{LETTER}))"
)
_UPRIGHT = re.compile(_STYLED)
_COMMAND = re.compile(r"\\[A-Za-z]+")
_RUN = re.compile(_LETTERS)
_HAT_AFTER = re.compile(rf"_hat(?!{LETTER})")
_MARKUP = re.compile(rf"{_STYLES}|\\[,;:! ]|[{{}}_\s]")
_DIGITS = re.compile(r"[0-9]+")
_LOWERED, _RAISED = re.compile(rf"[{LOWERED_CLASS}]+"), re.compile(rf"⁽[⁰¹²³⁴⁵⁶⁷⁸⁹]+⁾|[{RAISED_CLASS}]+")
_BRACED = re.compile(r"([_^])\s*(?=\{)")
_BELOW = re.compile(rf"_\s*(?:([A-Za-z]{{0,{MAX_WORD}}}[0-9]+)|([A-Za-z]{{1,{MAX_WORD}}})|({LETTER})|\(([0-9,]+)\))")
_ABOVE = re.compile(r"\^\s*(\([0-9]+\)|\[[0-9]+\]|[0-9]+|new)")
_MARK = re.compile(r"\[[0-9]+\]")


@dataclass(frozen=True, slots=True)
class Typed:
    """A symbol with its index, what stands above, whether it has a hat, and where it ends in the text.

    ``mark`` is a number in brackets after it, as ``x₁[2]`` has that of its sample.
    """

    base: str
    hat: bool
    end: int
    sub: str = ""
    sup: str = ""
    mark: str = ""


def symbols_at(text: str, place: int) -> Iterator[Typed]:
    """All that could be one symbol at ``place``, the longest base first, and with most of its scripts."""
    for base in _bases(text, place):
        yield from _scripted(text, base)


def _bases(text: str, place: int) -> Iterator[Typed]:
    hatted = _HATTED.match(text, place)
    if hatted:
        base = _letter(hatted["inside"] or hatted["after"])
        if base:
            yield Typed(base, True, hatted.end())
        return
    whole = _UPRIGHT.match(text, place) or _COMMAND.match(text, place)
    if whole:
        base = _letter(whole[0])
        if base:
            yield from _with_hat(text, base, whole.end())
        return
    run = _RUN.match(text, place)
    for end in range(min(run.end(), place + MAX_WORD), place, -1) if run else ():
        yield from _with_hat(text, text[place:end], end)


def _with_hat(text: str, word: str, end: int) -> Iterator[Typed]:
    """A word as the letter it names, with the hat that it may have: ŷ, yhat, y_hat."""
    after = _HAT_AFTER.match(text, end)
    plain = unicodedata.normalize("NFD", word)
    bare = plain.replace("\u0302", "")
    if after:
        yield Typed(GREEK.get(bare, bare), True, after.end())
    yield Typed(GREEK.get(bare, bare), bare != plain, end)
    if len(bare) > 3 and bare.endswith("hat"):
        yield Typed(GREEK.get(bare[:-3], bare[:-3]), True, end)


def _letter(typed: str) -> str:
    """A letter or word without its LaTeX; "" for a command that is no letter."""
    plain = _MARKUP.sub("", typed)
    if not plain.startswith("\\"):
        return unicodedata.normalize("NFC", plain)
    glyph = read_glyph(plain)
    return glyph.base if glyph else ""


def _scripted(text: str, symbol: Typed) -> Iterator[Typed]:
    """The symbol with the scripts that follow it, those with most of them first."""
    for kind, script, end in _scripts(text, symbol):
        if kind == "sub":
            layer = f"({symbol.sup})" if symbol.sup.isdecimal() else symbol.sup  # no power stands before an index
            longer = replace(symbol, sub=script, sup=layer, end=end)
        else:
            longer = replace(symbol, sup=script, end=end) if kind == "sup" else replace(symbol, mark=script, end=end)
        yield from _scripted(text, longer)
    yield symbol


def _scripts(text: str, symbol: Typed) -> Iterator[tuple[str, str, int]]:
    """What may be the next script: of which kind, what it says, where it ends."""
    place = symbol.end
    if text[place : place + 1] in string.ascii_letters:  # also at the end
        return
    if not symbol.sub:
        if (found := _LOWERED.match(text, place)) is not None:
            yield "sub", found[0].translate(LOWERED), found.end()
        if not symbol.sup and (found := _DIGITS.match(text, place)) is not None:
            yield "sub", found[0], found.end()
        if (found := _BELOW.match(text, place)) is not None:
            word = next(filter(None, found.groups()))
            letters = word.rstrip("0123456789,")
            yield "sub", word, found.end()
            yield from (("sub", letters[:n], found.end() - len(word) + n) for n in range(len(letters), 0, -1))
    if not symbol.sup:
        if (found := _RAISED.match(text, place)) is not None:
            yield "sup", found[0].translate(RAISED), found.end()
        if (found := _ABOVE.match(text, place)) is not None:
            yield "sup", found[1], found.end()
    if not symbol.mark and (found := _MARK.match(text, place)) is not None:
        yield "mark", found[0], found.end()
    braced = _BRACED.match(text, place)
    kind = {"_": "sub", "^": "sup"}[braced[1]] if braced else ""
    if braced and not getattr(symbol, kind):
        closed = _closing(text, braced.end())
        if closed:
            yield kind, _MARKUP.sub("", text[braced.end() : closed]), closed


def _closing(text: str, place: int) -> int:
    """Where the brace that opens at ``place`` is closed; 0 if it is not."""
    depth = 0
    for at in range(place, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if not depth:
            return at + 1
    return 0


def sample_of(sup: str) -> tuple[str, int | None]:
    """What stands above, without the number of the sample in brackets."""
    found = re.fullmatch(r"(.*?)(?:\[([0-9]{1,9})\])?", sup, re.DOTALL)
    assert found is not None
    return found[1], int(found[2]) if found[2] else None


def subscripts(sub: str) -> tuple[str, ...]:
    """An index as it is typed, and as it would be printed: without commas, but for one between a word and numbers."""
    found = re.fullmatch(r"([^\W\d_]*),?([0-9,]*)", sub)
    if found is None:
        return (sub,)
    word, numbers = found.groups()
    plain = ",".join(filter(None, (word, numbers.replace(",", ""))))
    return tuple(dict.fromkeys((sub, ",".join(filter(None, (word, numbers))), plain)))


def after(first: str, sub: str) -> str:
    """What is left of an index after what belongs to the letter: 12 of x,12."""
    return sub.removeprefix(first).removeprefix(",") if first and sub.startswith(first) else "" if first else sub


def indices(sub: str, shape: tuple[int, ...]) -> Iterator[Index]:
    """The indices that ``sub`` may be: as they are printed, or with axes of a single element too."""
    printed = index_written(sub, shape)
    if printed is not None:
        yield printed
    parts = sub.split(",") if "," in sub else list(sub)
    if len(parts) == len(shape) and all(part.isdecimal() and len(part) < 9 for part in parts):
        index = tuple(map(int, parts))
        if all(1 <= i <= length for i, length in zip(index, shape, strict=True)):
            yield index
