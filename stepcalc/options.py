"""How a solution is written: the choices that ``stepcalc solve`` offers, as data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TEXT_FORMATS = ("html", "tex", "json", "txt")
FORMATS = ("pdf", *TEXT_FORMATS)
VIEWS = ("scalar", "matrix", "both")
LAYOUTS = ("sheet", "slides")
FEEDBACK = "feedback"
"""The layout of a sheet with somebody's answers on it."""
PAPERS = ("a4", "letter")
BLANKS = ("none", "results", "steps", "all")
ONE_CHAIN, ALL_CHAINS = "one", "all"


@dataclass(frozen=True)
class Options:
    """One way of writing a solution.

    ``view`` is one of ``VIEWS``, or None for what suits the problem's size. ``paper`` is that of pdf and tex; slides
    have pages of their own. ``chains`` says whose chains are written in full: ``one``, ``all``, or a parameter's id
    (None: the problem's choice, else the first parameter's; of expressions, those of all names asked for).
    ``template`` is a folder with Jinja blocks and words of the user's own. ``width`` and ``colour`` are for txt: the
    columns of a line, and whether it is written for a terminal that shows colours.
    """

    view: str | None = None
    layout: str = "sheet"
    paper: str = "a4"
    blank: str = "none"
    chains: str | None = None
    template: Path | None = None
    width: int = 100
    colour: bool = False


PLAIN = Options()
