"""A code for cameras as a picture: SVG for HTML and PDF, TikZ for LaTeX. Only its dark modules are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, tostring

from stepcalc.sheet.blocks import Code

QUIET = 4
"""So many light modules around a code, as cameras ask for."""
OVERLAP = 0.04
"""Rows reach a little into one another, so that no hair-line shows between them."""
MILLIMETRES = 0.8
"""How large a module is in LaTeX: 23 mm for the smallest code with its quiet zone."""


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


def tikz(code: Code) -> str:
    """The code as a TikZ picture."""
    high = f"{1 + OVERLAP:g}"
    fills = "".join(f"\\fill ({x},{-y}) rectangle +({n},-{high});\n" for x, y, n in _runs(code))
    size = len(code.rows) + QUIET
    frame = f"\\useasboundingbox ({-QUIET},{QUIET}) rectangle ({size},{-size});\n"
    return f"\\begin{{tikzpicture}}[x={MILLIMETRES}mm,y={MILLIMETRES}mm]\n{frame}{fills}\\end{{tikzpicture}}"


def _runs(code: Code) -> Iterator[tuple[int, int, int]]:
    """Column, row and length of each run of dark modules."""
    for y, row in enumerate(code.rows):
        x = 0
        for dark, run in groupby(row):
            length = sum(1 for _ in run)
            if dark:
                yield x, y, length
            x += length
