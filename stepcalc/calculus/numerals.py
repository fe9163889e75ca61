"""Exact numbers as they are written on a board: short decimals as decimals, the rest as fractions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from stepcalc.board.nodes import Frac, Neg, Node, Num

LONGEST_DECIMAL = 8
"""A terminating fraction with more digits than this is written as a fraction."""

LONGEST_PLAIN = 12
"""A number that is mostly zeros and longer than this is written with a power of ten."""


def number(value: Any) -> Node:
    """A SymPy number as it is written: a short decimal where it terminates, else a fraction."""
    if value.is_negative:
        node = number(-value)
        return Num("-" + node.text) if isinstance(node, Num) else Neg(node)
    text = decimal(value)
    if text is not None:
        return Num(text)
    return Frac(whole(value.p), whole(value.q))


def decimal(value: Any) -> str | None:
    """A number as a short decimal; None where it does not terminate soon enough."""
    if not value.is_Rational:
        return _plain(Decimal(repr(float(value))))
    return decimal_text(value.p, value.q)


def decimal_text(numerator: int, denominator: int) -> str | None:
    """numerator/denominator as a short terminating decimal, ``None`` if it is none."""
    rest = denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return None
    if denominator == 1:
        return _short_power_of_ten(str(numerator))
    text = _plain(Decimal(numerator) / Decimal(denominator))
    digits = text.replace(".", "").lstrip("0")
    return _short_power_of_ten(text) if len(digits) <= LONGEST_DECIMAL else None


def _short_power_of_ten(text: str) -> str:
    """1e300 for a 1 with 300 zeros; what is not mostly zeros stays as it is."""
    sign, digits, exponent = Decimal(text).as_tuple()
    bare = "".join(map(str, digits)).rstrip("0") or "0"
    if len(text) <= LONGEST_PLAIN or len(bare) > LONGEST_DECIMAL:
        return text
    power = int(exponent) + len(digits) - 1
    mantissa = bare[0] + (f".{bare[1:]}" if bare[1:] else "")
    return f"{'-' * sign}{mantissa}e{power}"


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def whole(value: int) -> Node:
    """A whole number as it is written."""
    return Num(str(value))
