"""How a solution is written: the choices that ``stepcalc solve`` offers, as data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

VIEWS = ("scalar", "matrix", "both")
LAYOUTS = ("sheet",)
PAPERS = ("a4", "letter")
BLANKS = ("none",)


@dataclass(frozen=True)
class Options:
    """One way of writing a solution.

    ``view`` is one of ``VIEWS``, or None for what suits the problem's size. ``chains`` is ``one``, ``all``, or the id
    of the item whose chain is written in full (None: the first parameter's). ``template`` is a folder with Jinja blocks
    of the user's own.
    """

    view: str | None = None
    layout: str = "sheet"
    paper: str = "a4"
    blank: str = "none"
    chains: str | None = None
    template: Path | None = None


PLAIN = Options()
