"""Whether the arrays of a network fit one another, and its y the loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stepcalc.problem.arrays import Float64, shape_text
from stepcalc.problem.faults import Found
from stepcalc.problem.layers import DenseLayer
from stepcalc.problem.vocabulary import TARGETS


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is known of a network's sizes: samples (None: one, without an axis), inputs, units of each layer."""

    samples: int | None
    inputs: int
    units: tuple[int, ...]


def layer_units(layer: DenseLayer, product: str, found: list[Found], index: int) -> tuple[int, int | None]:
    """A layer's units and, if its W tells, its inputs; what its own keys contradict goes to ``found``."""
    units, inputs = layer.units, None
    if layer.W is not None:
        if layer.W.ndim != 2:
            want = "(units, inputs)" if product == "Wx" else "(inputs, units)"
            what = "a bare number" if layer.W.ndim == 0 else f"shape {shape_text(layer.W.shape)}"
            row = "; a matrix of one row is written [[…]]" if layer.W.ndim == 1 else ""
            found.append((("layers", index, "W"), f"{what}, expected a matrix {want}{row}"))
            return units or max(layer.W.size, 1), None
        rows, columns = layer.W.shape if product == "Wx" else layer.W.shape[::-1]
        units, inputs = units or rows, columns
        if layer.units is not None and layer.units != rows:
            found.append((("layers", index, "units"), f"{layer.units}, but W has {rows}"))
    assert units is not None
    return units, inputs


def misfits(x: Float64 | None, inputs: int | None, layers: tuple[DenseLayer, ...], product: str) -> tuple[
    Sizes, list[Found]
]:
    """The sizes of the network, and every array that does not fit them."""
    found: list[Found] = []
    samples, width = None, inputs
    if x is not None:
        if x.ndim not in (1, 2):
            what = "a bare number" if x.ndim == 0 else f"shape {shape_text(x.shape)}"
            found.append((("data", "x"), f"{what}, expected a list of inputs, or a list of samples"))
        samples, width = (x.shape[0] if x.ndim == 2 else None), x.shape[-1] if x.ndim else None
    units: list[int] = []
    first_width = width
    for index, layer in enumerate(layers):
        height, told = layer_units(layer, product, found, index)
        width = told if width is None else width
        first_width = width if index == 0 else first_width
        if width is None:
            found.append((("data", "inputs"), "missing; the number of inputs is nowhere to be found"))
            width = 1
        if told is not None and told != width and layer.W is not None:
            found.append((("layers", index, "W"), _wrong_weights(layer, height, width, product)))
        _check_bias(layer, index, height, found)
        units.append(height)
        width = height
    return Sizes(samples, first_width or 1, tuple(units)), found


def _wrong_weights(layer: DenseLayer, units: int, inputs: int, product: str) -> str:
    assert layer.W is not None
    count = layer.b.size if layer.b is not None and layer.b.ndim == 1 else units
    transposed = layer.W.shape[::-1] == ((count, inputs) if product == "Wx" else (inputs, count))
    expected = (count if transposed else units, inputs)
    message = f"shape {shape_text(layer.W.shape)}, expected {shape_text(expected if product == 'Wx' else expected[::-1])}"
    other = "xW" if product == "Wx" else "Wx"
    return message + (f'; transposed it would fit, or with notation.product = "{other}"' if transposed else "")


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
    natural = [(outputs,)] if samples is None else [(samples, outputs)]
    if outputs == 1:
        natural.insert(0, () if samples is None else (samples,))
    if y.shape not in natural:
        what = "a bare number" if y.ndim == 0 else f"shape {shape_text(y.shape)}"
        want = " or ".join("a number" if shape == () else shape_text(shape) for shape in natural)
        return y, [(("data", "y"), f"{what}, expected {want}")]
    return y.reshape(natural[-1]), _outside_domain(y, outputs, loss)


def _outside_domain(y: Float64, outputs: int, loss: str) -> list[Found]:
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


def _each_outside(y: Float64, wrong: np.ndarray, expected: str) -> list[Found]:
    return [
        (("data", "y", *map(int, index)), f"{y[tuple(index)]:.15g}, expected {expected}") for index in np.argwhere(wrong)
    ]
