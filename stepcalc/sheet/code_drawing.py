"""A code for cameras as a picture: SVG for HTML, ink for PDF, rules for LaTeX. Only its dark modules are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, tostring

from stepcalc.sheet.blocks import Code
from stepcalc.sheet.ink import Ink, Line

QUIET = 4
"""So many light modules around a code, as cameras ask for."""
OVERLAP = 0.04
"""Rows reach a little into one another, so that no hair-line shows between them."""


def svg(code: Code, alternative: str) -> str:
    """The code as a standalone SVG image."""
    size = str(len(code.rows) + 2 * QUIET)
    image = Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "role": "img", "class": "code", "aria-label": alternative,
        "viewBox": f"0 0 {size} {size}", "width": f"{size}", "height": f"{size}",
    })  # fmt: skip
    SubElement(image, "rect", {"width": size, "height": size, "fill": "#fff"})
    high = f"{1 + OVERLAP:g}"
    path = "".join(f"M{x + QUIET} {y + QUIET}h{n}v{high}h-{n}z" for x, y, n in _runs(code))
    SubElement(image, "path", {"d": path, "fill": "#000"})
    return tostring(image, encoding="unicode")


def ink(code: Code) -> Ink:
    """The code as strokes, a pixel to a module, its lower end on the line."""
    size = len(code.rows) + 2 * QUIET
    middle = size - QUIET - 0.5
    marks = tuple(Line(x + QUIET, middle - y, n, 0.0, 1 + OVERLAP) for x, y, n in _runs(code))
    return Ink(float(size), float(size), 0.0, marks)


def latex(code: Code) -> str:
    r"""The code as rows of ``\stepcalcdark{3}`` and ``\stepcalclight{2}``, so many modules wide."""
    return "".join(f"\\stepcalcmodules{{{_rules(row)}}}%\n" for row in code.rows)


def _rules(row: tuple[bool, ...]) -> str:
    return "".join(f"\\stepcalc{'dark' if dark else 'light'}{{{length}}}" for dark, length in _lengths(row))


def _lengths(row: tuple[bool, ...]) -> Iterator[tuple[bool, int]]:
    return ((dark, sum(1 for _ in run)) for dark, run in groupby(row))


def _runs(code: Code) -> Iterator[tuple[int, int, int]]:
    """Column, row and length of each run of dark modules."""
    for y, row in enumerate(code.rows):
        x = 0
        for dark, length in _lengths(row):
            if dark:
                yield x, y, length
            x += length
