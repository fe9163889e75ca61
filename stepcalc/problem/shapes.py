"""Whether the arrays of a network fit one another, and its y the loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from stepcalc.problem.arrays import Float64, shape_text
from stepcalc.problem.faults import Found
from stepcalc.problem.layers import HandedOn, Layer, LayerArray, Product, Shape
from stepcalc.problem.vocabulary import TARGETS, target_fault

MAPS = 3
"""The axes of maps: channels, height, width."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is known of a network's sizes: samples (None: one, without an axis), the shape of one sample's input, and
    the arrays of each layer and what it hands on.
    """

    samples: int | None
    inputs: Shape
    layers: tuple[tuple[LayerArray, ...], ...]
    handed_on: tuple[HandedOn, ...]

    @property
    def fed(self) -> tuple[Shape, ...]:
        """The shape of what each layer is fed."""
        return (self.inputs, *(handed.shape for handed in self.handed_on[:-1]))

    @property
    def outputs(self) -> Shape:
        """The shape of what the last layer says to one sample."""
        return self.handed_on[-1].shape

    @property
    def parameters(self) -> int:
        """How many numbers may be updated."""
        return sum(prod(array.shape) for arrays in self.layers for array in arrays if array.role == "parameter")


def misfits(
    x: Float64 | None, inputs: int | None, layers: Sequence[Layer], product: Product
) -> tuple[Sizes, list[Found]]:
    """The sizes of the network, and every array that does not fit them."""
    found: list[Found] = []
    samples: int | None = None
    first: Shape | None = None if inputs is None else (inputs,)
    axes = _axes_of_a_sample(layers)
    if x is not None and x.ndim not in (axes, axes + 1):
        what = "a bare number" if x.ndim == 0 else f"shape {shape_text(x.shape)}"
        found.append((("data", "x"), f"{what}, expected {layers[0].input_words}, or a list of samples"))
    elif x is not None:
        samples, first = (x.shape[0] if x.ndim > axes else None), x.shape[-axes:]
    if first is None:
        first = layers[0].inputs_told(product)
    if first is None:
        if not found:
            missing = "x is missing" if axes == MAPS else "the number of inputs is missing; give x or inputs"
            found.append((("data",), missing))
        first = (1,) * axes
        if axes == MAPS:  # without its size, nothing can be said of what slides over an image
            return Sizes(samples, first, (), ()), found
    arrays: list[tuple[LayerArray, ...]] = []
    handed_on: list[HandedOn] = []
    fed = first
    for index, layer in enumerate(layers):
        if len(fed) not in layer.input_axes:
            flat = "; put a flatten layer before it" if len(fed) == MAPS and 1 in layer.input_axes else ""
            found.append((("layers", index), f"is fed {shape_text(fed)}, expected {layer.input_words}{flat}"))
            break
        found += [(("layers", index, *path), message) for path, message in layer.misfits(fed, product)]
        arrays.append(layer.arrays(fed, product))
        handed_on.append(layer.hands_on(fed, product))
        fed = handed_on[-1].shape
    if len(fed) == MAPS and not found:
        last = ("layers", len(layers) - 1)
        found.append(
            (last, f"hands on maps, {shape_text(fed)}, to the loss, which takes a list; end with a flatten layer")
        )
    return Sizes(samples, first, tuple(arrays), tuple(handed_on)), found


def _axes_of_a_sample(layers: Sequence[Layer]) -> int:
    """How many axes one sample of the input has: where the first layer leaves that open, what follows may tell."""
    told = next((layer.input_axes[0] for layer in layers if len(layer.input_axes) == 1), 0)
    return told if told in layers[0].input_axes else layers[0].input_axes[0]


def read_targets(y: Float64, sizes: Sizes, loss: str) -> tuple[Float64, list[Found]]:
    """y in the shape of the outputs, of every sample in a mini-batch, and whatever is wrong with it."""
    outputs, samples = sizes.outputs, sizes.samples
    axis = () if samples is None else (samples,)
    natural: list[tuple[int, ...]] = [(*axis, *outputs)]
    if outputs[-1] == 1:
        natural.insert(0, (*axis, *outputs[:-1]))
    if y.shape not in natural:
        what = "a bare number" if y.ndim == 0 else f"shape {shape_text(y.shape)}"
        want = " or ".join("a number" if shape == () else shape_text(shape) for shape in natural)
        return y, [(("data", "y"), f"{what}, expected {want}")]
    return y.reshape(natural[-1]), _outside_domain(y, outputs[-1], loss)


def _outside_domain(y: Float64, outputs: int, loss: str) -> list[Found]:
    if own := target_fault(loss, y):
        return [(("data", "y"), own)]
    domain = TARGETS.get(loss, "any")
    if domain == "unit":
        return _each_outside(y, (y < 0) | (y > 1), f"between 0 and 1 for {loss}")
    if domain == "sign":
        return _each_outside(y, np.abs(y) != 1, f"-1 or 1 for {loss}")
    if domain == "one_hot":
        rows = y.reshape(-1, outputs)
        wrong = ~(np.isin(rows, (0.0, 1.0)).all(axis=1) & (rows.sum(axis=1) == 1))
        path = ("data", "y")
        message = f"expected a single 1 among 0s (one-hot) for {loss}"
        places = (tuple(map(int, np.unravel_index(row, y.shape[:-1]))) for row in np.flatnonzero(wrong))
        return [((*path, *place), message) for place in places]
    return []


def _each_outside(y: Float64, wrong: NDArray[np.bool_], expected: str) -> list[Found]:
    places = [tuple(map(int, index)) for index in np.argwhere(wrong)]
    if y.size == 1:
        return [(("data", "y"), f"{y.item():.15g}, expected {expected}") for _ in places]
    return [(("data", "y", *place), f"{y[place]:.15g}, expected {expected}") for place in places]
