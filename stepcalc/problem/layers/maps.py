"""What layers on feature maps share: sizes of windows, and how many of them fit an image."""

from __future__ import annotations

from math import prod
from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field

from stepcalc.problem.layers.base import Layer, Shape

MAX_SIDE = 10_000
MAX_READ = 50_000_000
"""The numbers that all windows of a layer may look at together, in one sample."""

Side: TypeAlias = Annotated[int, Field(ge=1, le=MAX_SIDE)]


class MapLayer(Layer):
    """A layer whose windows slide over the maps of an image (channels, height, width)."""

    input_axes: ClassVar[tuple[int, ...]] = (3,)
    input_words: ClassVar[str] = "an image (channels, height, width)"


def places(side: int, window: int, stride: int, padding: int = 0) -> int:
    """How many places a window has along a side: where it no longer fits, the rest is left out. At least one."""
    return max(0, side + 2 * padding - window) // stride + 1


def uncovered(side: int, window: int, stride: int, padding: int = 0) -> int:
    """How many of a side's last elements no window reaches, because the last step would lead beyond the border."""
    reached = (places(side, window, stride, padding) - 1) * stride + window
    return min(side, max(0, side + padding - reached))


def misfit(what: str, window: Shape, inputs: Shape, stride: int, padding: int, read: int) -> str:
    """Why a window cannot slide over an image, which reads so many numbers at a time; "" where it can."""
    sides = inputs[1:]
    if any(side + 2 * padding < length for side, length in zip(sides, window, strict=True)):
        padded = f", padded to {_by(tuple(side + 2 * padding for side in sides))}" if padding else ""
        return f"{what} of {_by(window)} is larger than the image of {_by(sides)}{padded}"
    pairs = zip(sides, window, strict=True)
    if prod(places(side, length, stride, padding) for side, length in pairs) * read > MAX_READ:
        return f"its windows would look at more than {MAX_READ:,} numbers together; a longer stride has fewer"
    return ""


def _by(sides: Shape) -> str:
    return "×".join(map(str, sides))
