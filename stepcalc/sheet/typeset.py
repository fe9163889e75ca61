"""Formulas as vector glyphs, for formats that know no mathematics: MathML drawn by ziamath in STIX Two Math."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from xml.etree.ElementTree import Element, fromstring, tostring

from stepcalc.board.mathml import math_element
from stepcalc.board.nodes import Equation, Node

FONT_SIZE = 14.0
"""Pixels of 1/96 inch: the size of the text around a formula."""


@dataclass(frozen=True, slots=True)
class Typeset:
    """A formula drawn: an SVG image, its size and how far it reaches under the line, in pixels."""

    svg: str
    width: float
    height: float
    depth: float


def typeset(node: Node | Equation, *, display: bool = True, size: float = FONT_SIZE) -> Typeset:
    """``node`` drawn; equal formulas are drawn once in a process."""
    element = math_element(node, display, dialect="ziamath")
    return _drawn(tostring(element, encoding="unicode"), size)


@lru_cache(maxsize=4096)
def _drawn(mathml: str, size: float) -> Typeset:
    image, bottom = draw_element(fromstring(mathml), size)
    width, height = float(image.attrib["width"]), float(image.attrib["height"])
    return Typeset(tostring(image, encoding="unicode"), width, height, max(0.0, -bottom + _MARGIN))


_MARGIN = 1.0


def draw_element(element: Element, size: float) -> tuple[Element, float]:
    """An element of ziamath's MathML as an SVG image, and the height of its bottom over the line it stands on."""
    drawn = _typesetter()(element, size=size, margin=_MARGIN)
    return drawn.svgxml(), drawn.node.bbox.ymin


@cache
def _typesetter() -> Any:
    """ziamath, set to draw what every reader of SVG understands; slow to import, and needed for pictures only."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # ziamath 0.13 finds its own font by a deprecated call
        from ziamath.config import config
        from ziamath.zmath import Math
    config.svg2 = False
    config.precision = 3
    return Math
