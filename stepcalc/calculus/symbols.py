"""One symbol per scalar item."""

from __future__ import annotations

from functools import cache

import sympy


@cache
def symbol(item_id: str) -> sympy.Symbol:
    """The real SymPy symbol that stands for the scalar with the id ``item_id`` (``"z1[2]"``), always the same one."""
    return sympy.Symbol(item_id, real=True)
