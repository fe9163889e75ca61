"""What is made of worked examples and of odd problems: each solution, sheet and file once in a process.

The tests of one problem run in one process (``scheduling.py``), so that it is made once at all.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from functools import cache
from itertools import cycle

from stepcalc.options import BLANKS, PLAIN, Options
from stepcalc.reference import Reference
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


PAPERS = {"none": "a4", "results": "letter", "steps": "a4", "all": "letter"}
"""The paper of PDF sheets on which so much is left out: with one each, what one test has made does for the others."""
SLIDES_AT = dict(zip(NAMES, cycle(BLANKS), strict=False))
"""How much is left out on each worked example's PDF slides, which take long to make: each example's at one level."""


@cache
def trace_of(name: str) -> Trace | Reference:
    """The solved worked example or odd problem."""
    return example(name) if name in NAMES else solved(**{**ODD, **MORE}[name])


@cache
def sheet_of(name: str, options: Options = PLAIN) -> Sheet:
    """Its sheet."""
    return compose(trace_of(name), options)


@cache
def written(name: str, format: str, options: Options = PLAIN) -> str:
    """Its sheet as text."""
    return TEXT[format](sheet_of(name, options), options)


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
