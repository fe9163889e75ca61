"""Colour for a terminal: what a block is decides about its lines, signs in the mathematics about pieces of them."""

from __future__ import annotations

import re

from stepcalc.sheet.blocks import Block, Formula, Heading, Prose

TITLE = "1"
_BOLD, _BOLD_BLUE, _CYAN, _GREEN, _YELLOW, _MAGENTA = "1", "1;34", "36", "32", "33", "35"
_HEADINGS = {1: _BOLD_BLUE, 2: _BOLD}
_PROSE = {"insight": _CYAN, "check": _GREEN, "warning": _YELLOW, "question": _MAGENTA}
_PIECES = {
    "struck": (r"(?:.\u0336)+", "2;31"),
    "boxed": (r"⟦[^⟧]*⟧", "1;33"),
    "result": (r"(?<=[=≈] )−?\d[\d.]*(?:·10[⁻⁰¹²³⁴-⁹]+)?(?=$|  )", "1"),
}
"""What stands out in a formula, and how: Select Graphic Rendition codes of ECMA-48."""
_PIECE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, (pattern, _) in _PIECES.items()), re.MULTILINE)


def painted(block: Block, drawn: str) -> str:
    """The lines ``drawn`` for ``block``, with escape codes where they are to be coloured."""
    match block:
        case Heading(level=level):
            return coloured(drawn, _HEADINGS[level])
        case Prose(kind=kind) if kind in _PROSE:
            return coloured(drawn, _PROSE[kind])
        case Formula():
            return _PIECE.sub(lambda found: coloured(found[0], _PIECES[str(found.lastgroup)][1]), drawn)
    return drawn


def coloured(text: str, codes: str) -> str:
    """Each line of ``text`` in colour by itself, so that a pager may begin at any of them."""
    return "\n".join(f"\x1b[{codes}m{line}\x1b[0m" if line else line for line in text.split("\n"))
