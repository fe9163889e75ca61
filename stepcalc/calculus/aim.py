"""What the tidying of a derivative aims at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import sympy as sp

from stepcalc.board.nodes import Node
from stepcalc.calculus.to_board import GlyphOf, to_board

Lines: TypeAlias = list[tuple[Node, str]]
"""Lines with the reasons printed beside them."""


@dataclass(frozen=True)
class Aim:
    """Where the tidying goes: the short form and the definitions ``(written name, definition)`` it is written in."""

    target: sp.Expr
    recall: tuple[tuple[Node, sp.Expr], ...] = ()
    glyph: GlyphOf | None = None

    @property
    def node(self) -> Node:
        """The short form on the board."""
        return to_board(self.target, self.glyph)


Step: TypeAlias = Callable[[Node, Aim], Lines | None]
"""A rewriting rule: the lines it adds, ``None`` where it does not apply."""
