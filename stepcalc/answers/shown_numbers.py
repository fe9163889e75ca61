"""A number in a workbook as text: the digits that its cell shows, and never fewer than are stored."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

GENERAL = "General"
FORMATS = (
    {"1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%", "11": "0.00E+00", "48": "##0.0E+0"}
    | {str(number): "yyyy-mm-dd" for number in (14, 15, 16, 17, 22)}
    | {str(number): "h:mm" for number in (18, 19, 20, 21, 45, 46, 47)}
)
"""The number formats that every workbook has without saying so (ECMA-376, 18.8.30), by id; others are as General."""

FIGURES = 15
"""The digits that a spreadsheet calculates with."""
LAST_DAY = 2_958_465

_NOT_DIGITS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
"""What a format says in words, or of colours and conditions."""


class Shown(NamedTuple):
    """A number as text, and what is to be said about it."""

    text: str
    notice: str = ""


def shown_number(stored: str, code: str, since_1904: bool = False) -> Shown:
    """The number ``stored`` in a cell with the number format ``code``.

    A format may add zeros (0.8 as 0.80) but takes no digits away: a student's 0.9076 that is shown as 0.91 stays
    0.9076. A date is told, since spreadsheets make dates of what looks like one, such as 1/3.
    """
    try:
        value = float(stored)
    except ValueError:
        return Shown(stored)
    if value - value != 0:
        return Shown(stored)
    plain = _NOT_DIGITS.sub("", code).partition(";")[0]
    if plain != GENERAL and re.search(r"[ymdhs]", plain, re.IGNORECASE):
        return _date(value, since_1904)
    exact = Decimal(f"{value:.{FIGURES}g}").normalize()
    percent = 2 if "%" in plain else 0
    mantissa, exponent, _ = plain.upper().partition("E")
    places = mantissa.partition(".")[2].count("0")
    if exponent and plain != GENERAL:
        return Shown(_scientific(exact, places))
    return Shown(_padded(exact, places + percent if places else 0))


def _padded(number: Decimal, places: int) -> str:
    """The number with as many decimals at least."""
    has = -int(number.as_tuple().exponent)
    if has > 2 * FIGURES or has < -FIGURES:
        return f"{number:E}"
    return f"{number:.{max(has, places, 0)}f}"


def _scientific(number: Decimal, places: int) -> str:
    return f"{number:.{max(len(number.as_tuple().digits) - 1, places)}E}"


def _date(value: float, since_1904: bool) -> Shown:
    first = date(1904, 1, 1) if since_1904 else date(1899, 12, 30)
    if not 0 <= value <= LAST_DAY:
        return Shown(f"date {value:.{FIGURES}g}")
    day = (first + timedelta(days=int(value))).isoformat()
    return Shown(f"date {day}", f"a date, {day}, as spreadsheets make of what looks like one, such as 1/3")
