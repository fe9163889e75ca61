"""Formulas as WeasyPrint's images: drawing operators made once, in place of an SVG read and drawn each time.

WeasyPrint takes from ``write_pdf(cache=…)`` whatever has ``get_intrinsic_size`` and ``draw``, by the address of the
image. This is the only module that knows so; ``tests/sheet/test_picture.py`` fails if it stops being true.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stepcalc.sheet.glyphs import font_file
from stepcalc.sheet.operators import EmbeddedFont, Placed, operators

FAMILY = "StepcalcText"
"""What the style sheet calls the mathematical font."""


class Lettering:
    """The font that the formulas of one document are written in, embedded when the first of them is drawn."""

    def __init__(self) -> None:
        self._font: EmbeddedFont | None = None
        self._looked = False

    def font(self, stream: Any, style: Any) -> EmbeddedFont | None:
        """The font in the file; None where a style sheet of somebody's own calls another font by its name."""
        if not self._looked:
            found = _embedded(stream, style)
            ours = found.file_content == font_file(0).read_bytes()
            self._font, self._looked = found if ours else None, True
        return self._font


def _embedded(stream: Any, style: Any) -> Any:
    from weasyprint.text.line_break import create_layout

    plain = style.copy()
    plain["font_family"] = (FAMILY,)
    layout = create_layout("x", plain, None, None, 0)
    line, _ = layout.get_first_line()
    font, _ = stream.add_font(line.runs[0].data.item.analysis.font)
    return font


class Picture:
    """What is placed in a box of ``width`` and ``height``, in pixels of 1/96 inch, as an image in a page."""

    def __init__(self, width: float, height: float, placed: Sequence[Placed], lettering: Lettering) -> None:
        self.width, self.height = max(width, 0.1), max(height, 0.1)
        self.placed = placed
        self.lettering = lettering

    def get_intrinsic_size(self, image_resolution: float, font_size: float) -> tuple[float, float, float]:
        """Width and height in pixels, and their ratio."""
        return self.width, self.height, self.width / self.height

    def draw(self, stream: Any, concrete_width: float, concrete_height: float, style: Any) -> None:
        """Draw into a page, whose y grows downwards here."""
        font = self.lettering.font(stream, style)
        stream.transform(a=concrete_width / self.width, d=concrete_height / self.height)
        stream.stream.extend(operators(placed, font) for placed in self.placed)
