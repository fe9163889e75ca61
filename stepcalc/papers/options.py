"""How is an exam to be printed? The choices that ``stepcalc generate`` offers for paper, as data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stepcalc.errors import Fault, InputError
from stepcalc.options import PAPERS, Options

EXAM = "exam"
"""The layout of everything that is written for an exam."""
LEFT_BLANK = "blank"
"""The layout of a page that fills up a booklet."""
MOST_PAGES = 16
"""No booklet is bound in larger sheets than this."""


@dataclass(frozen=True)
class PaperOptions:
    """One way of printing an exam.

    ``paper`` is ``a4`` or ``letter``. In a booklet each variant takes a multiple of ``pages_multiple`` pages: 2 for
    printing on both sides. ``template`` is a folder with Jinja blocks and words of the course's own.

    Raises :class:`~stepcalc.errors.InputError` for what is none of these.
    """

    paper: str = PAPERS[0]
    template: Path | None = None
    pages_multiple: int = 1

    def __post_init__(self) -> None:
        if self.paper not in PAPERS:
            raise InputError(Fault("--paper", f"{self.paper!r}, expected one of {', '.join(PAPERS)}"))
        if not 1 <= self.pages_multiple <= MOST_PAGES:
            raise InputError(Fault("--pages-multiple", f"{self.pages_multiple}, expected 1 to {MOST_PAGES}"))

    @property
    def sheet(self) -> Options:
        """What the writers of sheets are told."""
        return Options(layout=EXAM, paper=self.paper, template=self.template)


PLAIN_PAPER = PaperOptions()
