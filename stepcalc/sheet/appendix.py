"""Where the derivatives come from: every rule applied, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc.board.nodes import Equation
from stepcalc.derive import Local
from stepcalc.sheet.blocks import Block
from stepcalc.sheet.context import Context


def appendix(sheet: Context) -> Iterator[Block]:
    """One derivation for each activation and loss in use."""
    return iter(())


def explained(sheet: Context, edge: Local) -> tuple[Equation, ...]:
    """The differentiation of one definition, a rule a line."""
    return (sheet.scribe.local(edge).formula,)
