"""Numbers as students type them, whole columns at a time: 0.907, −,5, 9,07·10⁻¹, $0.907$, 1/3.

Of a number in decimals, what was typed tells its precision too. Nothing here loads SymPy.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np

from stepcalc.calculus.grammar import Reader
from stepcalc.calculus.syntax import MAX_LENGTH, Refused
from stepcalc.typed.characters import CHARACTERS, RAISED
from stepcalc.typed.grammar import tree_of
from stepcalc.typed.lexer import Decimal, NoNames, refuse_long, tokens_of
from stepcalc.typed.wrapping import is_missing, unwrapped, without_name

MISSING, READ, INVALID = 0, 1, 2
EXACT = 32767
"""The place, and the number of figures, of what was not typed in decimals: a fraction, or arithmetic."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of raw answers, read.

    ``value`` is the nearest double (float64, NaN where nothing could be read), ``place`` the power of ten of the last
    digit typed (int16: −3 for 0.907, 1 for 1.00e3, 0 for 12), ``figures`` the significant digits typed (int16: 2 for
    0.80, 3 for 1.00e3, 1 for any zero), both ``EXACT`` for a fraction or arithmetic and 0 where nothing is read;
    ``state`` is ``MISSING``, ``READ`` or ``INVALID`` (uint8); ``reasons`` says by row why something is invalid, with
    the place in the raw text.
    """

    value: np.ndarray
    place: np.ndarray
    figures: np.ndarray
    state: np.ndarray
    reasons: Mapping[int, str]


def read_numbers(raw: Sequence[str], decimal: Decimal = "auto") -> Numbers:
    """One column of raw answers, read; as :func:`read_columns` does."""
    return read_columns([raw], decimal)[0]


def read_columns(columns: Sequence[Sequence[str]], decimal: Decimal = "auto") -> tuple[Numbers, ...]:
    """Columns of raw answers, of which those in one row are one student's. What cannot be read is ``INVALID``.

    ``decimal`` "." or ",": that is the decimal mark, and the other one may only group thousands. "auto": each cell
    stands for itself, and a point that can be a decimal point is one. Only ``1,234`` can mean two numbers: it is read
    as the student's other numbers with a comma are, else as 1.234 if commas are decimal marks in most such numbers
    of the class, else it is invalid.
    """
    read = [_Column(decimal) for _ in columns]
    for column, raw in zip(read, columns, strict=True):
        column.read(raw)
    commas: Counter[int] = Counter()
    for column in read:
        commas.update(column.commas)
    mostly_decimal = sum(commas.values()) > 0
    for column in read:
        column.settle(commas, mostly_decimal)
    return tuple(column.numbers() for column in read)


_PLAIN = re.compile(r"\s*[+-]?(?=\.?[0-9])0*+([0-9]*+)(?:\.(0*+)([0-9]*+))?(?:[eE]([+-]?[0-9]{1,4}))?\s*")
"""Sign, digits from the first that counts, zeros after the point and the digits after them, exponent."""
_COMMA = r"\s*[+-]?{}[0-9]*,[0-9]*(?:[eE][+-]?[0-9]{{1,4}})?\s*"
_WITH_COMMA = {
    ".": re.compile(r"(?!)"),
    ",": re.compile(_COMMA.format("")),
    "auto": re.compile(_COMMA.format("(?![1-9][0-9]{0,2},[0-9]{3}(?![0-9]))")),
}
"""By what is said of the decimal mark: a number in which the comma is one."""

_SIGNED = " *([+-]?[0-9]{1,4}) *"
_POWER_OF_TEN = (
    r"(?:\*|x|\\times|\\cdot) *10 *"
    rf"(?:(?:\^|\*\*) *(?:\{{{_SIGNED}\}}|\({_SIGNED}\)|{_SIGNED})|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,4}}))"
)
_EXPONENTS = (4, 5, 6, 7, 8)
"""The groups in which the exponent of :func:`_grouped` may be found."""
_LATEX_SPACE = re.compile(r"\\[,;:! ]|\\thinspace(?![A-Za-z])|\s")
_BRACED_MARK = re.compile(r"\{([.,])\}")
_INFINITE = (math.inf, -math.inf)
_TOO_LARGE = "this number is larger than a double can hold (about 1.8e308)"
_TOO_SMALL = "this number is smaller than a double can hold (about 5e-324)"


@cache
def _grouped(mark: str) -> re.Pattern[str]:
    """A number with ``mark`` before its decimals, maybe with its thousands in groups of three."""
    group = {".": ",", ",": "."}[mark]
    whole = rf"[0-9]+|[1-9][0-9]{{0,2}}(?P<gap>[{group}' ])[0-9]{{3}}(?:(?P=gap)[0-9]{{3}})*"
    digits = rf"(?:{whole})(?:\{mark}[0-9]*)?|\{mark}[0-9]+"
    exponent = rf" ?[eE]([+-]?[0-9]{{1,4}})| *{_POWER_OF_TEN}"
    return re.compile(rf"(?P<sign>[+-]?) *(?P<digits>{digits})(?:{exponent})?(?P<percent> *\\?%)?")


_Cell = tuple[float, int, int]
"""Value, place and figures."""
_NOTHING: _Cell = (math.nan, 0, 0)


class _Typed(NamedTuple):
    """A number in decimals with everything at hand to spell it plainly."""

    sign: str
    digits: str
    exponent: int

    def plain(self, mark: str) -> str:
        """Spelled as ``_PLAIN`` has it, where ``mark`` stands before the decimals."""
        digits = re.sub(rf"[^0-9\{mark}]", "", self.digits).replace(mark, ".")
        return f"{self.sign}{digits}e{self.exponent}"


def _decimals(text: str) -> _Cell | None:
    """The number that ``text`` spells plainly; None if it does not, or spells one that a double cannot hold."""
    found = _PLAIN.fullmatch(text)
    if found is None:
        return None
    whole, zeros, decimals, exponent = found.groups("")
    value, after = float(text), len(zeros) + len(decimals)
    if (not value and (whole or decimals)) or value in _INFINITE or after > MAX_LENGTH:
        return None
    place = int(exponent) - after if exponent else -after
    return value, place, len(whole) + after if whole else len(decimals) or 1


@dataclass
class _Column:
    """A column while it is read."""

    decimal: Decimal
    value: list[float] = field(default_factory=list)
    place: list[int] = field(default_factory=list)
    figures: list[int] = field(default_factory=list)
    unread: dict[int, int] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    unclear: dict[int, _Typed] = field(default_factory=dict)
    """The cells in which a comma may mean two things."""
    commas: dict[int, int] = field(default_factory=dict)
    """By row, 1 where a comma can only be a decimal mark, −1 where it can only group thousands."""
    worked: dict[str, _Cell | Refused] = field(default_factory=dict)
    """Arithmetic that was met before."""

    def read(self, raw: Sequence[str]) -> None:
        """Every cell; those in which a comma may mean two things are left for :meth:`settle`."""
        points = self.decimal != ","
        for row, text in enumerate(raw):
            value, place, figures = (points and _decimals(text)) or self.other(row, text)
            self.value.append(value)
            self.place.append(place)
            self.figures.append(figures)

    def other(self, row: int, text: str) -> _Cell:
        """A cell that is no plain number with a point."""
        if len(text) <= MAX_LENGTH:
            plain = text.translate(CHARACTERS)
            cell = _decimals(plain) if self.decimal != "," and plain != text else None
            if cell is None and _WITH_COMMA[self.decimal].fullmatch(plain):
                cell = _decimals(plain.replace(",", "."))
                self.commas[row] = 1 if cell else 0
            if cell is not None:
                return cell
        if is_missing(text):
            self.unread[row] = MISSING
            return _NOTHING
        try:
            return self.unusual(row, text)
        except Refused as refused:
            return self.refuse(row, refused)

    def refuse(self, row: int, refused: Refused) -> _Cell:
        self.unread[row] = INVALID
        self.reasons[row] = str(refused.told("").faults[0])
        return _NOTHING

    def unusual(self, row: int, text: str) -> _Cell:
        refuse_long(text)
        plain = without_name(unwrapped(text))
        start = len(plain) - len(plain.lstrip())
        spaced = re.sub(" +", " ", _LATEX_SPACE.sub(" ", plain)).strip()
        readings = self.readings(_BRACED_MARK.sub(r"\1", _grouped_once(spaced)))
        if not readings:
            return self.arithmetic(plain)
        mark, typed = next(iter(readings.items()))
        if "," in typed.digits and self.decimal == "auto":
            if len(readings) == 2:
                self.unclear[row] = typed
                return _NOTHING
            self.commas[row] = 1 if mark == "," else -1
        return _held(typed.plain(mark), start)

    def readings(self, text: str) -> dict[str, _Typed]:
        """What ``text`` may be as a number in decimals, by the decimal mark; a point comes first."""
        found = {mark: _grouped(mark).fullmatch(text) for mark in self.marks}
        return {mark: _typed(match) for mark, match in found.items() if match is not None}

    @property
    def marks(self) -> tuple[str, ...]:
        return (".", ",") if self.decimal == "auto" else (self.decimal,)

    def arithmetic(self, text: str) -> _Cell:
        """A fraction, or other arithmetic in numbers."""
        if text not in self.worked:
            try:
                self.worked[text] = _calculated(text, self.decimal), EXACT, EXACT
            except Refused as refused:
                self.worked[text] = refused
        found = self.worked[text]
        if isinstance(found, Refused):
            raise found
        return found

    def settle(self, commas: Mapping[int, int], mostly_decimal: bool) -> None:
        """Read the cells in which a comma may mean two things; ``commas`` says by row what it means elsewhere."""
        for row, typed in self.unclear.items():
            try:
                cell = _settled(typed, commas.get(row, 0) or mostly_decimal)
            except Refused as refused:
                cell = self.refuse(row, refused)
            self.value[row], self.place[row], self.figures[row] = cell

    def numbers(self) -> Numbers:
        state = np.full(len(self.value), READ, dtype=np.uint8)
        state[list(self.unread)] = list(self.unread.values())
        place, figures = (np.array(column, dtype=np.int16) for column in (self.place, self.figures))
        return Numbers(np.array(self.value, dtype=np.float64) + 0.0, place, figures, state, self.reasons)


def _typed(found: re.Match[str]) -> _Typed:
    exponent = next(filter(None, found.group(*_EXPONENTS)), "0")
    return _Typed(found["sign"], found["digits"], int(exponent.translate(RAISED)) - (2 if found["percent"] else 0))


def _settled(typed: _Typed, commas: int) -> _Cell:
    """A number whose comma is a decimal mark if ``commas`` is above 0, groups thousands below; at 0 nobody knows."""
    if not commas:
        text = typed.digits
        raise Refused(-1, f'"{text}" may be {text.replace(",", ".")} or {text.replace(",", "")}')
    return _held(typed.plain("," if commas > 0 else "."), 0)


def _held(text: str, place: int) -> _Cell:
    """The number that ``text`` spells plainly. Raises :class:`Refused` where a double cannot hold it."""
    cell = _decimals(text)
    if cell is None:
        raise Refused(place, _TOO_SMALL if float(text) == 0 else _TOO_LARGE)
    return cell


def _grouped_once(text: str) -> str:
    """``text`` without parentheses around all of it."""
    return text[1:-1].strip() if text[:1] + text[-1:] in ("()", "[]", "{}") else text


def _calculated(text: str, decimal: Decimal) -> float:
    tree = tree_of(tokens_of(text, NoNames(), decimal))
    if any(True for _ in tree.find_data("slope")):
        raise Refused(-1, "a derivative is no number")
    piece = Reader(()).read(tree)
    assert piece.value is not None, "no names, no unknowns"
    return piece.value
