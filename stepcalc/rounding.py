"""The only place where a number is rounded or turned into text.

Every decision is taken on the shortest decimal of the double at 15 significant digits, so that the number a
person sees is the number that is rounded: 0.4535 goes to 0.454 and 2.675 to 2.68, though both doubles lie a
little below. Ties go away from zero (``half_up``, symmetric, as schools teach it), to the even digit
(``half_even``), or nowhere (``truncate`` cuts towards zero). A non-zero number never becomes 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

Mode: TypeAlias = Literal["half_up", "half_even", "truncate"]

DECISION_DIGITS = 15
"""A double always keeps this many significant decimal digits."""
FULL_DIGITS = 17
"""This many tell every double from its neighbours: more are never printed."""

_FIFTEEN = f"%.{DECISION_DIGITS - 1}e"
_PLAIN_FROM, _PLAIN_BELOW = -4, 7
_EXACT_POWERS_OF_TEN = 22
_FAST_SIGNIFICANT = 12
_NEAR = 2e-14

_ROUNDS_UP: dict[Mode, Callable[[int, int, int], bool]] = {
    "half_up": lambda kept, left, unit: 2 * left >= unit,
    "half_even": lambda kept, left, unit: 2 * left > unit or (2 * left == unit and kept % 2 == 1),
    "truncate": lambda kept, left, unit: False,
}


class _Digits(NamedTuple):
    """The magnitude ``digits · 10^place``; ``exact`` when nothing was cut off to get it."""

    digits: int
    place: int
    exact: bool = True

    @property
    def leading(self) -> int:
        """The power of ten of the first digit."""
        return len(str(self.digits)) - 1 + self.place

    def short(self) -> _Digits:
        """Without trailing zeros."""
        digits, place = self.digits, self.place
        while digits and digits % 10 == 0:
            digits, place = digits // 10, place + 1
        return _Digits(digits, place, self.exact)

    def text(self) -> str:
        """Plain notation for 1e-4 ≤ x < 1e7, else ``d.ddde-9``; trailing zeros are kept where they say precision."""
        if self.digits == 0:
            return "0"
        shown = self.short() if self.exact else self
        figures = str(shown.digits)
        if not _PLAIN_FROM <= shown.leading < _PLAIN_BELOW:
            return f"{_pointed(figures, 1)}e{shown.leading}"
        if shown.place >= 0:
            return figures + "0" * shown.place
        figures = figures.zfill(1 - shown.place)
        return _pointed(figures, len(figures) + shown.place)


def _pointed(figures: str, whole: int) -> str:
    return f"{figures[:whole]}.{figures[whole:]}" if figures[whole:] else figures


def _read(text: str) -> _Digits:
    """The magnitude of a number in ``1.25e-7`` or ``0.5`` notation."""
    mantissa, _, exponent = text.lstrip("-").lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    return _Digits(int(whole + fraction), int(exponent or 0) - len(fraction))


@dataclass(frozen=True, slots=True)
class Rounding:
    """How printed results are rounded: to ``significant`` digits or, when given, to ``decimals``.

    ``carry``: later results are computed from the printed values; rounding one of those again changes nothing.
    Raises ``ValueError`` where neither precision is given or one is out of range.
    """

    significant: int | None = 4
    decimals: int | None = None
    mode: Mode = "half_up"
    carry: bool = False

    def __post_init__(self) -> None:
        if self.decimals is None and (self.significant is None or self.significant < 1):
            raise ValueError("at least one significant digit is needed")
        if self.decimals is not None and self.decimals < 0:
            raise ValueError("decimals cannot be negative")
        if self.mode not in _ROUNDS_UP:
            raise ValueError(f"unknown mode {self.mode!r}")

    def printed(self, x: float, extra: int = 0) -> str:
        """ASCII text of ``x`` with ``extra`` guard digits; exact short decimals are printed as they are.

        Raises ``ValueError`` for NaN and infinity, which have no digits.
        """
        x = _finite(x)
        return _signed(x < 0, self._rounded(_read(_FIFTEEN % x), _read(repr(x)), extra))

    def printed_decimal(self, value: Decimal, extra: int = 0) -> str:
        """As :meth:`printed`, for a value that came from printed numbers and may have more digits than a double."""
        if not value.is_finite():
            raise ValueError(f"{value} has no digits")
        decided, full = (_decimal_digits(value, figures) for figures in (DECISION_DIGITS, FULL_DIGITS))
        return _signed(value < 0, self._rounded(decided, full, extra))

    def exact(self, x: float) -> str:
        """The shortest decimal that is ``x`` and no other double: for given data, which is never rounded."""
        x = _finite(x)
        return _signed(x < 0, _read(repr(x)))

    def is_exact(self, x: float, text: str) -> bool:
        """Whether ``text`` is all of ``x``, so that "=" may stand before it, and not only ``x`` cut to 15 digits."""
        x = _finite(x)
        decimal = Decimal(_FIFTEEN % x)
        if Decimal(text) != decimal:
            return False
        return len(str(_read(str(decimal)).short().digits)) < DECISION_DIGITS or decimal == Decimal(repr(x))

    def at_least(self, significant: int | None, decimals: int | None) -> Rounding:
        """The same with so many digits where these are more; the kind of digits stays what it is."""
        if significant is not None and self.decimals is None and significant > (self.significant or 0):
            return replace(self, significant=significant)
        if decimals is not None and self.decimals is not None and decimals > self.decimals:
            return replace(self, decimals=decimals)
        return self

    def round(self, x: float) -> float:
        """The carried value: the double nearest to the printed number. NaN and infinity pass through."""
        x = float(x)
        if x == 0 or not math.isfinite(x):
            return x + 0.0
        text = _FIFTEEN % abs(x)
        leading = int(text[DECISION_DIGITS + 2 :])
        last = leading - DECISION_DIGITS + 1
        place = self._place_of(leading)
        if place > last:
            digits = int(text[0] + text[2 : DECISION_DIGITS + 1])
            kept, _ = _split(digits, 10 ** (place - last), self.mode)
            if not kept or self._is_kept_half(_Digits(digits, last), place):
                place = leading
                kept, _ = _split(digits, 10 ** (place - last), self.mode)
            text = f"{kept}e{place}"
        value = float(text)
        return math.copysign(value, x) if value != math.inf else x

    def round_array(self, array: Any, xp: Any = None) -> Any:
        """:meth:`round` of every element, in any shape, as float64 of the namespace ``xp`` (default NumPy).

        Arrays of another namespace go through host memory.
        """
        import numpy

        to_host = getattr(xp, "asnumpy", numpy.asarray)
        values = numpy.array(to_host(array), dtype=numpy.float64)
        flat = values.reshape(-1)
        result, sure = self._rounded_fast(flat)
        unsure = numpy.flatnonzero(~sure)
        result[unsure] = [self.round(x) for x in flat[unsure].tolist()]
        result = result.reshape(values.shape)
        return result if xp is None or xp is numpy else xp.asarray(result)

    def _rounded(self, decided: _Digits, full: _Digits, extra: int) -> _Digits:
        """``decided`` rounded; ``full`` in its place where guard digits ask for more than it holds."""
        if decided.digits == 0:
            return _Digits(0, 0)
        leading = decided.leading
        place = self._place_of(leading)
        counts_digits = self.decimals is None
        if not _cut(decided, place, self.mode).digits or self._is_kept_half(decided, place):
            place, counts_digits = leading, True
        place -= extra
        if extra and leading - place + 1 > DECISION_DIGITS:
            decided = full
        kept = _cut(decided, place, self.mode)
        if counts_digits and not kept.exact and kept.leading > leading:  # 9.9996 is 10.00, not 10.000
            kept = _Digits(kept.digits // 10, kept.place + 1, exact=False)
        return kept

    def _is_kept_half(self, number: _Digits, place: int) -> bool:
        """Whether ``number`` is half a unit of ``place`` and carried: 0.00045 became 0.0005 so as not to be 0."""
        return self.carry and number.leading == place - 1 and number.short().digits == 5

    def _place_of(self, leading: int) -> int:
        """The power of ten of the last digit that is asked for, where ``leading`` is that of the first."""
        if self.decimals is not None:
            return -self.decimals
        assert self.significant is not None
        return leading - self.significant + 1

    def _rounded_fast(self, flat: Any) -> tuple[Any, Any]:
        """Rounded values, and where they are sure: away from ties, and where powers of ten are exact doubles."""
        import numpy

        size = numpy.abs(flat)
        sure = numpy.isfinite(flat) & (size > 1e-30) & (size < 1e30)
        size = numpy.where(sure, size, 1.0)
        if self.decimals is None:
            assert self.significant is not None
            shift = self.significant - 1 - numpy.floor(numpy.log10(size)).astype(numpy.int64)
        else:
            shift = numpy.full(size.shape, self.decimals, dtype=numpy.int64)
        sure &= numpy.abs(shift) <= _EXACT_POWERS_OF_TEN
        power = 10.0 ** numpy.arange(_EXACT_POWERS_OF_TEN + 1)
        factor = power[numpy.minimum(numpy.abs(shift), _EXACT_POWERS_OF_TEN)]
        scaled = numpy.where(shift >= 0, size * factor, size / factor)
        doubt = scaled * _NEAR
        if self.decimals is None:
            assert self.significant is not None
            low, high = 10.0 ** (self.significant - 1), 10.0**self.significant
            sure &= (scaled >= low + 2 * doubt) & (scaled <= high - 2 * doubt)
        whole = numpy.floor(scaled)
        beyond = scaled - whole
        if self.mode == "truncate":
            sure &= (beyond > doubt) & (beyond < 1 - doubt)
        else:
            sure &= numpy.abs(beyond - 0.5) > doubt
            whole = whole + (beyond > 0.5)
        sure &= (scaled < 10.0**_FAST_SIGNIFICANT) & (whole > 0)
        return numpy.copysign(numpy.where(shift >= 0, whole / factor, whole * factor), flat), sure


def decimal_text(value: Decimal) -> str:
    """All digits of ``value``, in the notation of every printed number."""
    return _signed(value < 0, _read(str(abs(value))))


_MARKS = Rounding(decimals=2)


@lru_cache(maxsize=4096)
def marks_text(marks: float) -> str:
    """Marks, or a share in percent, with two decimals at most and no trailing zeros: 2.5, 10."""
    text = _MARKS.printed(marks)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _finite(x: float) -> float:
    x = float(x)
    if not math.isfinite(x):
        raise ValueError(f"{x} has no digits")
    return x


def _signed(negative: bool, number: _Digits) -> str:
    return "-" + number.text() if negative else number.text()


def _decimal_digits(value: Decimal, figures: int) -> _Digits:
    context = Context(prec=figures, rounding=ROUND_HALF_EVEN, Emax=10**12, Emin=-(10**12))
    _, digits, place = context.plus(value).as_tuple()
    assert isinstance(place, int)
    return _Digits(int("".join(map(str, digits))), place)


def _cut(number: _Digits, place: int, mode: Mode) -> _Digits:
    """``number`` with nothing after ``place``."""
    if place <= number.place:
        return number
    unit = 10 ** (place - number.place)
    kept, exact = _split(number.digits, unit, mode)
    return _Digits(kept, place, exact)


def _split(digits: int, unit: int, mode: Mode) -> tuple[int, bool]:
    """How many whole units ``digits`` is rounded to, and whether nothing was cut off."""
    kept, left = divmod(digits, unit)
    if left and _ROUNDS_UP[mode](kept, left, unit):
        kept += 1
    return kept, left == 0
