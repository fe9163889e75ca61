r"""Symbols as they are typed, taken apart: w_{11}^{(1)}, w11, \hat y, yhat, ŷ, z⁽²⁾₁."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from stepcalc.board.glyph_text import GREEK, read_glyph
from stepcalc.items import Index
from stepcalc.problem.written import index_written
from stepcalc.typed.characters import LETTER, LOWERED, LOWERED_CLASS, RAISED, RAISED_CLASS

MAX_WORD = 40
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
_SCRIPTS = (
    ("sub", re.compile(rf"[{LOWERED_CLASS}]+")),
    ("sub", re.compile(r"_\s*(?=\{)")),
    ("sub", re.compile(rf"_\s*([A-Za-z]*[0-9]+|{LETTER})")),
    ("sup", re.compile(r"⁽[⁰¹²³⁴⁵⁶⁷⁸⁹]+⁾")),
    ("sup", re.compile(rf"[{RAISED_CLASS}]+")),
    ("sup", re.compile(r"\^\s*(?=\{)")),
    ("sup", re.compile(r"\^\s*(\([0-9]+\)|\[[0-9]+\]|[0-9]+|new)")),
    ("mark", re.compile(r"(\[[0-9]+\])")),
)
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Typed:
    """A symbol with its index, what stands above, whether it has a hat, and where it ends in the text."""

    base: str
    hat: bool
    end: int
    sub: str = ""
    sup: str = ""


def symbols_at(text: str, place: int) -> Iterator[Typed]:
    """All that could be one symbol at ``place``, the longest base first, and with most of its scripts."""
    for base in _bases(text, place):
        yield from reversed(list(_scripted(text, base)))


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
    """The symbol with more and more of the scripts that follow it."""
    yield symbol
    digits = _DIGITS.match(text, symbol.end)
    if digits:
        symbol = replace(symbol, sub=digits[0], end=digits.end())
        yield symbol
    while True:
        found = _script(text, symbol.end)
        if found is None:
            return
        kind, script, end = found
        if kind == "mark":
            if symbol.sup.endswith("]"):
                return
            symbol = replace(symbol, sup=symbol.sup + script, end=end)
        elif kind == "sub":
            if symbol.sub:
                return
            layer = f"({symbol.sup})" if symbol.sup.isdecimal() else symbol.sup  # no power stands before an index
            symbol = replace(symbol, sub=script, sup=layer, end=end)
        else:
            if symbol.sup:
                return
            symbol = replace(symbol, sup=script, end=end)
        yield symbol


def _script(text: str, place: int) -> tuple[str, str, int] | None:
    """What kind of script stands at ``place``, what it says, and where it ends."""
    for kind, pattern in _SCRIPTS:
        found = pattern.match(text, place)
        if found is None:
            continue
        end = found.end()
        if found.re.groups:
            return kind, found[1], end
        if found[0][0] in "_^":
            closed = _closing(text, end)
            return (kind, _MARKUP.sub("", text[end:closed]), closed) if closed else None
        return kind, found[0].translate(LOWERED if kind == "sub" else RAISED), end
    return None


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
