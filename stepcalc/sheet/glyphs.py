"""The shapes and measures of letters, read from the font STIX Two Math, with DejaVu Sans for scripts it lacks.

All numbers are in the font's units, 1000 to the size of the font; y grows upwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

UNITS = 1000.0
_FILES = (("ziamath", "STIXTwoMath-Regular.ttf"), ("ziafont", "DejaVuSans.ttf"))


def font_file(index: int) -> Path:
    """Where the mathematical font (0) or the one for other scripts (1) lies."""
    package, name = _FILES[index]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package {package} is not installed")
    return Path(spec.origin).parent / "fonts" / name


@dataclass(frozen=True, slots=True)
class Glyph:
    """One shape: its font, name and number there, what it advances the line by, and the box around its ink.

    ``char`` is the character that it stands for, be it in a form or a piece of its own.
    """

    font: int
    name: str
    index: int
    char: str
    advance: float
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bracket of any height; an ``extender`` may be repeated."""

    glyph: Glyph
    length: float
    extender: bool


@cache
def _font(index: int) -> Any:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    return TTFont(font_file(index), lazy=True)


@cache
def _letters(index: int) -> dict[int, str]:
    letters: dict[int, str] = _font(index).getBestCmap()
    return letters


@cache
def _math() -> Any:
    return _font(0)["MATH"].table


@cache
def constant(name: str) -> float:
    """One of the constants of OpenType's MATH table, such as ``AxisHeight``."""
    return float(getattr(_math().MathConstants, name).Value)


@cache
def named(font: int, name: str, char: str) -> Glyph:
    """The glyph of that name, which stands for ``char``."""
    advance, _ = _font(font)["hmtx"][name]
    shape = _font(font)["glyf"][name]
    scale = UNITS / _font(font)["head"].unitsPerEm
    box = (getattr(shape, side, 0) * scale for side in ("xMin", "yMin", "xMax", "yMax"))
    return Glyph(font, name, _font(font).getGlyphID(name), char, advance * scale, *box)


@cache
def letter(char: str) -> Glyph:
    """The glyph for a character; a box where neither font has one."""
    for font in range(len(_FILES)):
        name = _letters(font).get(ord(char))
        if name is not None:
            return named(font, name, char)
    return named(0, ".notdef", char)


def has_glyph(char: str) -> bool:
    """Whether one of the fonts has a glyph for a character."""
    return any(ord(char) in _letters(font) for font in range(len(_FILES)))


def _covered(coverage: str, values: str, read: Callable[[Any], float]) -> dict[str, float]:
    info = _math().MathGlyphInfo
    table = getattr(info, coverage.split(".")[0])
    listed = getattr(table, coverage.split(".")[1]).glyphs
    return {name: read(value) for name, value in zip(listed, getattr(table, values), strict=True)}


@cache
def _slants() -> dict[str, float]:
    return _covered("MathItalicsCorrectionInfo.Coverage", "ItalicsCorrection", lambda value: float(value.Value))


@cache
def _tops() -> dict[str, float]:
    return _covered(
        "MathTopAccentAttachment.TopAccentCoverage", "TopAccentAttachment", lambda value: float(value.Value)
    )


def slant(glyph: Glyph) -> float:
    """How far the top of a letter leans out over its right end."""
    return _slants().get(glyph.name, 0.0) if glyph.font == 0 else 0.0


def top(glyph: Glyph) -> float:
    """Where over a letter the middle of its accent stands."""
    middle = (glyph.left + glyph.right) / 2
    return _tops().get(glyph.name, middle) if glyph.font == 0 else middle


@cache
def _heights(char: str) -> tuple[tuple[Glyph, float], ...]:
    construction = _construction(char)
    records = construction.MathGlyphVariantRecord if construction else ()
    return tuple((named(0, record.VariantGlyph, char), float(record.AdvanceMeasurement)) for record in records)


def _construction(char: str) -> Any:
    variants = _math().MathVariants
    listed: dict[str, int] = {name: index for index, name in enumerate(variants.VertGlyphCoverage.glyphs)}
    index = listed.get(letter(char).name)
    return variants.VertGlyphConstruction[index] if index is not None else None


def of_height(char: str, height: float) -> Glyph | None:
    """The smallest form of a bracket or sign that is at least so high; None where there is none."""
    return next((glyph for glyph, size in _heights(char) if size >= height), None)


@cache
def parts(char: str) -> tuple[Part, ...]:
    """What a bracket of any height is put together from, from the bottom up; empty for what does not grow."""
    construction = _construction(char)
    if construction is None or construction.GlyphAssembly is None:
        return ()
    records = construction.GlyphAssembly.PartRecords
    return tuple(
        Part(named(0, part.glyph, char), float(part.FullAdvance), bool(part.PartFlags & 1)) for part in records
    )


@lru_cache(maxsize=4096)
def outline(font: int, name: str) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """A glyph's outline: ``M`` and ``L`` with a point, ``C`` with three, ``Z``."""
    from fontTools.pens.basePen import BasePen  # type: ignore[import-untyped]

    glyphs = _font(font).getGlyphSet()
    scale = UNITS / _font(font)["head"].unitsPerEm
    drawn: list[tuple[str, tuple[float, ...]]] = []

    def draw(command: str, *points: tuple[float, float]) -> None:
        drawn.append((command, tuple(round(value * scale, 1) for point in points for value in point)))

    class Pen(BasePen):  # type: ignore[misc]
        def _moveTo(self, point: tuple[float, float]) -> None:
            draw("M", point)

        def _lineTo(self, point: tuple[float, float]) -> None:
            draw("L", point)

        def _curveToOne(self, *points: tuple[float, float]) -> None:
            draw("C", *points)

        def _closePath(self) -> None:
            draw("Z")

    glyphs[name].draw(Pen(glyphs))
    return tuple(drawn)
