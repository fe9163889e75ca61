"""What is made of worked examples and of odd problems: each solution, sheet and file once in a process.

The tests of one problem run in one process (``scheduling.py``), so that it is made once at all.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from itertools import cycle, islice

from stepcalc.options import BLANKS, PLAIN, VIEWS, Options
from stepcalc.reference import Reference
from stepcalc.sheet import render
from stepcalc.sheet.blocks import Sheet
from stepcalc.sheet.html import html
from stepcalc.sheet.latex import latex
from stepcalc.sheet.pdf import pdf
from stepcalc.sheet.story import compose
from stepcalc.sheet.text import text
from stepcalc.trace import Trace
from tests.odd_problems import MORE, ODD
from tests.printed import FILES, example, solved

NAMES = [path.stem for path in FILES]
"""The worked examples."""
TEXT: dict[str, Callable[[Sheet, Options], str]] = {"html": html, "tex": latex, "txt": text}
"""The formats that are text."""
LEVELS = BLANKS[1:]
"""How much may be left out."""
PAPERS = {"none": "a4", "results": "letter", "steps": "a4", "all": "letter"}
"""The paper of PDF sheets on which so much is left out: with one each, what one test has made does for the others."""


def in_turn(choices: Iterable[str], start: int = 0) -> dict[str, str]:
    """One of the choices for each worked example, beginning with that at ``start``."""
    return dict(zip(NAMES, islice(cycle(choices), start, None), strict=False))


BLANK_AT = {kind: in_turn(LEVELS, start) for start, kind in enumerate((*TEXT, "pdf"))}
"""How much is left out of each worked example's sheet to fill in, by format. Each example has every level in one of the
formats of text, and each format has every level: blanks are made before a format is written."""
VIEW_AT = {kind: in_turn(VIEWS, start) for start, kind in enumerate(TEXT)}
"""The view of each worked example by format, chosen in the same way."""
SLIDES_AT = in_turn(BLANKS)
"""How much is left out on each worked example's slides, which take long to make."""
SLIDES = [(name, blank) for name in NAMES for blank in dict.fromkeys(("none", SLIDES_AT[name]))]
"""The slides that are looked at in every format of text: each example's as a whole, and with so much left out."""


@cache
def trace_of(name: str) -> Trace | Reference:
    """The solved worked example or odd problem."""
    return example(name) if name in NAMES else solved(**{**ODD, **MORE}[name])


def sheet_of(name: str, options: Options = PLAIN) -> Sheet:
    """Its sheet, which is the same for every paper, and for slides too where nothing is left out."""
    layout = PLAIN.layout if options.blank == "none" else options.layout
    return _composed(name, replace(options, paper=PLAIN.paper, layout=layout))


def example_sheet(name: str, view: str = "both") -> Sheet:
    """Its sheet in a view."""
    return sheet_of(name, Options(view=view))


@cache
def _composed(name: str, options: Options) -> Sheet:
    return compose(trace_of(name), options)


@cache
def written(name: str, format: str, options: Options = PLAIN) -> str:
    """Its sheet as text."""
    return TEXT[format](sheet_of(name, options), options)


@cache
def json_of(name: str, view: str | None = None) -> str:
    """Its solution as JSON."""
    return str(render(trace_of(name), "json", Options(view=view)))


@cache
def printed(name: str, options: Options = PLAIN) -> bytes:
    """Its sheet as a PDF."""
    return pdf(sheet_of(name, options), options)


@cache
def texts(name: str, options: Options = PLAIN) -> tuple[str, ...]:
    """What Poppler reads on each page of its PDF."""
    read = subprocess.run(["pdftotext", "-", "-"], input=printed(name, options), capture_output=True, check=True)
    *pages, rest = read.stdout.decode().split("\f")
    assert rest == ""
    return tuple(pages)


def numeric(name: str) -> bool:
    """Whether it has numbers: a reference table has none, nor has a symbolic problem."""
    trace = trace_of(name)
    return isinstance(trace, Trace) and trace.numeric
