"""Formulas as WeasyPrint's images: drawing operators made once, in place of an SVG read and drawn each time.

WeasyPrint takes from ``write_pdf(cache=…)`` whatever has ``get_intrinsic_size`` and ``draw``, by the address of the
image. This is the only module that knows so; ``tests/sheet/test_picture.py`` fails if it stops being true.
"""

from __future__ import annotations

from typing import Any

from stepcalc.sheet.ink import Ink, pdf_operators


class Picture:
    """``ink`` as an image in a page, in some shade of grey from 0, black, to 1."""

    def __init__(self, ink: Ink, grey: float = 0.0) -> None:
        self.width = max(ink.width, 0.1)
        self.height = max(ink.ascent + ink.descent, 0.1)
        self.operators = pdf_operators(ink, grey)

    def get_intrinsic_size(self, image_resolution: float, font_size: float) -> tuple[float, float, float]:
        """Width and height in pixels, and their ratio."""
        return self.width, self.height, self.width / self.height

    def draw(self, stream: Any, concrete_width: float, concrete_height: float, style: Any) -> None:
        """Draw into a page, whose y grows downwards here."""
        stream.transform(a=concrete_width / self.width, d=concrete_height / self.height)
        stream.stream.append(self.operators)
