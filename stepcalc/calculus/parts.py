"""The derivative of a part of a definition and its short form, found once for all parts of the same shape."""

from __future__ import annotations

from functools import lru_cache

import sympy as sp

from stepcalc.calculus.order import natural_key
from stepcalc.calculus.shorthand import shorten, tidy
from stepcalc.calculus.symbols import symbol


def differentiate_part(part: sp.Expr, wrt: sp.Symbol, recall: dict[sp.Symbol, sp.Expr]) -> tuple[sp.Expr, sp.Expr]:
    """The derivative of ``part`` by ``wrt``, and its short form in terms of the outputs ``recall`` (→ definition)."""
    symbols = sorted(part.free_symbols | set(recall) | {wrt}, key=natural_key)
    placeholders = {s: symbol(f"{_base(s)}[{i}]") for i, s in enumerate(symbols, start=1)}
    back = {placeholder: s for s, placeholder in placeholders.items()}
    asked = tuple((placeholders[output], definition.xreplace(placeholders)) for output, definition in recall.items())
    derivative, short = _differentiate_shape(part.xreplace(placeholders), placeholders[wrt], asked)
    return _renamed(derivative, back, placeholders), _renamed(short, back, placeholders)


def _renamed(formula: sp.Expr, back: dict[sp.Symbol, sp.Symbol], placeholders: dict[sp.Symbol, sp.Symbol]) -> sp.Expr:
    """A formula in its own symbols again, as it is written: SymPy would multiply 2(ŷ − y) out.

    Forbidding it that empties its cache, and is done where it makes a difference only.
    """
    renamed = formula.xreplace(back)
    if renamed.xreplace(placeholders) == formula:
        return renamed
    with sp.evaluate(False):
        return formula.xreplace(back)


def _base(s: sp.Symbol) -> str:
    """The symbol's name without layer and index: short forms are ordered by it (ŷ before y)."""
    return str(s.name.partition("[")[0].partition("@")[0]).rstrip("0123456789")


@lru_cache(maxsize=4096)
def _differentiate_shape(
    part: sp.Expr, wrt: sp.Symbol, recall: tuple[tuple[sp.Symbol, sp.Expr], ...]
) -> tuple[sp.Expr, sp.Expr]:
    derivative = sp.diff(part, wrt)
    return derivative, tidy(shorten(derivative, dict(recall)))
