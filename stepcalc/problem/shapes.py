"""Whether the arrays of a network fit one another, and its y the loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stepcalc.problem.arrays import Float64, shape_text
from stepcalc.problem.faults import Found
from stepcalc.problem.layers import DenseLayer
from stepcalc.problem.vocabulary import TARGETS, target_fault

_OTHER = {"Wx": "xW", "xW": "Wx"}


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is known of a network's sizes: samples (None: one, without an axis), inputs, units of each layer."""

    samples: int | None
    inputs: int
    units: tuple[int, ...]


def misfits(
    x: Float64 | None, inputs: int | None, layers: tuple[DenseLayer, ...], product: str
) -> tuple[Sizes, list[Found]]:
    """The sizes of the network, and every array that does not fit them."""
    found: list[Found] = []
    samples, first = None, inputs
    if x is not None and x.ndim not in (1, 2):
        what = "a bare number" if x.ndim == 0 else f"shape {shape_text(x.shape)}"
        found.append((("data", "x"), f"{what}, expected a list of inputs, or a list of samples"))
    elif x is not None:
        samples, first = (x.shape[0] if x.ndim == 2 else None), x.shape[-1]
    if first is None:
        first = _columns(layers[0], product)
    if first is None:
        if not found:
            found.append((("data",), "the number of inputs is missing; give x or inputs"))
        first = 1
    units: list[int] = []
    width = first
    for index, layer in enumerate(layers):
        height = _units(layer, width, product)
        expected = (height, width) if product == "Wx" else (width, height)
        if layer.W is not None and layer.W.shape != expected:
            found.append((("layers", index, "W"), _wrong_weights(layer.W, expected, product)))
        _check_bias(layer, index, height, found)
        units.append(height)
        width = height
    return Sizes(samples, first, tuple(units)), found


def _columns(layer: DenseLayer, product: str) -> int | None:
    """How many inputs a layer's W says it has."""
    return None if layer.W is None or layer.W.ndim != 2 else layer.W.shape[1 if product == "Wx" else 0]


def _units(layer: DenseLayer, inputs: int, product: str) -> int:
    """How many units a layer is meant to have: by ``units``, else by its W, or by its b where W is wrong."""
    if layer.units is not None:
        return layer.units
    assert layer.W is not None
    biases = layer.b.size if layer.b is not None and layer.b.ndim == 1 else None
    if layer.W.ndim != 2:
        return biases or max(1, layer.W.size // inputs)
    turned = layer.W.T if product == "Wx" else layer.W
    return biases if biases is not None and turned.shape == (biases, inputs) else turned.shape[1]


def _wrong_weights(weights: Float64, expected: tuple[int, int], product: str) -> str:
    what = "a bare number" if weights.ndim == 0 else f"shape {shape_text(weights.shape)}"
    message = f"{what}, expected {shape_text(expected)}"
    if weights.ndim == 1 and expected[0] == 1:
        return message + "; a matrix of one row is written [[…]]"
    if weights.ndim == 2 and weights.shape[::-1] == expected:
        return message + f'; transposed it would fit, or with notation.product = "{_OTHER[product]}"'
    return message


def _check_bias(layer: DenseLayer, index: int, units: int, found: list[Found]) -> None:
    if layer.b is None or layer.b.shape == (units,):
        return
    if layer.b.ndim == 0:
        only = f": [{layer.b.item()!r}]" if units == 1 else ""
        found.append((("layers", index, "b"), f"a bare number, expected shape ({units}){only}"))
    else:
        found.append((("layers", index, "b"), f"shape {shape_text(layer.b.shape)}, expected ({units})"))


def read_targets(y: Float64, sizes: Sizes, loss: str) -> tuple[Float64, list[Found]]:
    """y in the shape (outputs,) or (samples, outputs), and whatever is wrong with it."""
    outputs, samples = sizes.units[-1], sizes.samples
    natural: list[tuple[int, ...]] = [(outputs,)] if samples is None else [(samples, outputs)]
    if outputs == 1:
        natural.insert(0, () if samples is None else (samples,))
    if y.shape not in natural:
        what = "a bare number" if y.ndim == 0 else f"shape {shape_text(y.shape)}"
        want = " or ".join("a number" if shape == () else shape_text(shape) for shape in natural)
        return y, [(("data", "y"), f"{what}, expected {want}")]
    return y.reshape(natural[-1]), _outside_domain(y, outputs, loss)


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
        return [((*path, int(i)) if y.ndim == 2 else path, message) for i in np.flatnonzero(wrong)]
    return []


def _each_outside(y: Float64, wrong: NDArray[np.bool_], expected: str) -> list[Found]:
    places = [tuple(map(int, index)) for index in np.argwhere(wrong)]
    if y.size == 1:
        return [(("data", "y"), f"{y.item():.15g}, expected {expected}") for _ in places]
    return [(("data", "y", *place), f"{y[place]:.15g}, expected {expected}") for place in places]
