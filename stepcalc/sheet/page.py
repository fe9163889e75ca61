"""The pages that a sheet is written on: how large they are, and how wide a formula on them may be."""

from __future__ import annotations

from dataclasses import dataclass

from stepcalc.options import Options

PIXELS_PER_MILLIMETRE = 96 / 25.4


@dataclass(frozen=True, slots=True)
class Page:
    """A page of ``width`` × ``height``, its ``margin`` at the left and right, all in millimetres.

    ``latex`` is a LaTeX class's option for it. Formulas stand ``indent`` pixels of 1/96 inch further in.
    """

    latex: str
    width: float
    height: float
    margin: float
    indent: float

    @property
    def line_width(self) -> float:
        """Pixels of 1/96 inch that a formula may take."""
        return (self.width - 2 * self.margin) * PIXELS_PER_MILLIMETRE // 1 - self.indent


PAPER = {"a4": Page("a4paper", 210, 297, 18, 27), "letter": Page("letterpaper", 215.9, 279.4, 18, 27)}
SLIDE = Page("aspectratio=169", 150, 84.375, 8, 10)
"""16:9, and small: letters of the size they have on paper are then large on a screen."""


def page(options: Options) -> Page:
    """The page that is written on; slides have their own, whatever the paper."""
    return SLIDE if options.layout == "slides" else PAPER[options.paper]
