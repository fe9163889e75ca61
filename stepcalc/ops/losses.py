"""The losses. The cost is scale × mean over samples of (sum over outputs of the element loss)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import ClassVar

import numpy as np
import sympy as sp

from stepcalc.backend import Array, Namespace, total
from stepcalc.calculus.evaluate import evaluate
from stepcalc.calculus.shorthand import shorten, tidy
from stepcalc.calculus.symbols import symbol
from stepcalc.items import Index
from stepcalc.ops.activation import LogStable
from stepcalc.ops.base import Operand, Operation, Place, Shape
from stepcalc.ops.registry import BOUND, register
from stepcalc.ops.windows import as_first

Y_HAT = symbol("y_hat")
Y = symbol("y")

OUTPUT, TARGET = 0, 1

MAX_DENOMINATOR = 1000
"""A scale that is the double nearest to a fraction of so small a denominator is meant as that fraction."""


@dataclass(frozen=True)
class Loss(Operation):
    """A cost from the parents ŷ and y of one shape. A subclass gives ``element`` in ``Y_HAT`` and ``Y``."""

    rule: ClassVar[str] = "loss"
    title: ClassVar[str]
    task: ClassVar[str]
    one_hot: ClassVar[bool] = False

    scale: float = 1.0
    axes: int = field(default=1, kw_only=True, metadata=BOUND)
    """How many axes ŷ has for one sample: (K,), or (T, K) for outputs at every time step."""

    def __post_init__(self) -> None:
        if not self.scale > 0:
            raise ValueError(f"scale: {self.scale!r}, expected a number above 0")

    @property
    @abstractmethod
    def element(self) -> sp.Expr:
        """The loss of one output of one sample."""

    @cached_property
    def slope(self) -> sp.Expr:
        """The element loss differentiated by ŷ."""
        return sp.diff(self.element, Y_HAT)

    @cached_property
    def short_slope(self) -> sp.Expr:
        """The slope in its short form, proved equal: (ŷ − y)/(ŷ(1 − ŷ)) for binary cross-entropy."""
        return tidy(shorten(self.slope, {}))

    def in_symbols(self, y_hat: sp.Symbol, y: sp.Symbol) -> sp.Expr:
        """The element loss in other symbols."""
        return self.element.xreplace({Y_HAT: y_hat, Y: y})

    def target_fault(self, y: np.ndarray) -> str | None:
        """What is wrong with the targets y (..., K) for this loss, or None."""
        return None

    @property
    def exact_scale(self) -> sp.Rational:
        """The fraction that the scale is meant as: 1/3, which no decimal is, for the double nearest to it."""
        decimal, near = sp.Rational(str(self.scale)), Fraction(self.scale).limit_denominator(MAX_DENOMINATOR)
        return sp.Rational(near) if decimal.q > MAX_DENOMINATOR and float(near) == self.scale else decimal

    def factor(self, samples: int | None) -> sp.Rational:
        """scale/N: what every element loss is multiplied by."""
        return self.exact_scale / (samples or 1)

    def shape(self, *parents: Shape) -> Shape:
        return ()

    def define(self, index: Index, operands: tuple[Operand, ...], sample: int | None = None) -> sp.Expr:
        output = operands[OUTPUT]
        samples = range(1, output.samples + 1) if output.samples else (None,)
        places = [Place(OUTPUT, k, n) for n in samples for k in output.indices()]
        return sp.Add(*(self.part((), operands, None, place) for place in places))

    def part(self, index: Index, operands: tuple[Operand, ...], sample: int | None, at: Place) -> sp.Expr:
        output, target = (operand(*at.index, sample=at.sample) for operand in operands)
        return self.factor(operands[OUTPUT].samples) * self.in_symbols(output, target)

    def reaches(self, slot: int, index: Index, shapes: tuple[Shape, ...]) -> Iterable[Index]:
        return [()]

    def _cost(self, xp: Namespace, elements: Array) -> Array:
        if self.axes > 1:
            own = elements.shape[-self.axes :]
            elements = xp.reshape(elements, as_first(elements.shape[: -self.axes], (prod(own),)))
        return (self.scale / elements.shape[-2]) * total(xp, total(xp, elements, -2), -1)

    def _spread(self, xp: Namespace, gradient: Array, outputs: Array) -> Array:
        """The gradient by one element loss: the cost's own, times scale/N, broadcast over samples and outputs."""
        samples = outputs.shape[-1 - self.axes]
        return (self.scale / samples) * xp.asarray(gradient)[(..., *[None] * (1 + self.axes))]

    def elements(self, xp: Namespace, output: Array, target: Array) -> Array:
        """The element losses, (..., N, *shape)."""
        return evaluate(self.element, {Y_HAT: output, Y: target}, xp)

    def forward(self, xp: Namespace, *inputs: Array) -> Array:
        return self._cost(xp, self.elements(xp, *inputs))

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        slopes = evaluate(self.slope, {Y_HAT: inputs[OUTPUT], Y: inputs[TARGET]}, xp)
        return (self._spread(xp, gradient, inputs[OUTPUT]) * slopes, None)


@register("loss")
@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """(ŷ − y)²."""

    name: ClassVar[str] = "mse"
    title: ClassVar[str] = "squared error"
    task: ClassVar[str] = "regression"

    @cached_property
    def element(self) -> sp.Expr:
        return (Y_HAT - Y) ** 2


@register("loss")
@dataclass(frozen=True)
class MeanAbsoluteError(Loss):
    """|ŷ − y|; the derivative at 0 is taken as 0."""

    name: ClassVar[str] = "mae"
    title: ClassVar[str] = "absolute error"
    task: ClassVar[str] = "regression"

    @cached_property
    def element(self) -> sp.Expr:
        return sp.Abs(Y_HAT - Y)


@register("loss")
@dataclass(frozen=True)
class Huber(Loss):
    """½e² for |e| ≤ δ, else δ(|e| − ½δ), with e = ŷ − y."""

    name: ClassVar[str] = "huber"
    title: ClassVar[str] = "Huber loss"
    task: ClassVar[str] = "regression"

    delta: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.delta > 0:
            raise ValueError(f"delta: {self.delta!r}, expected a number above 0")

    @cached_property
    def element(self) -> sp.Expr:
        error, delta = Y_HAT - Y, self.delta if isinstance(self.delta, sp.Symbol) else sp.Rational(str(self.delta))
        return sp.Piecewise((error**2 / 2, sp.Abs(error) <= delta), (delta * (sp.Abs(error) - delta / 2), True))


@register("loss")
@dataclass(frozen=True)
class Hinge(Loss):
    """max(0, 1 − yŷ) for y ∈ {−1, 1}; the derivative at the margin yŷ = 1 is taken as 0."""

    name: ClassVar[str] = "hinge"
    title: ClassVar[str] = "hinge loss"
    task: ClassVar[str] = "classification"

    @cached_property
    def element(self) -> sp.Expr:
        return sp.Piecewise((1 - Y * Y_HAT, Y * Y_HAT < 1), (0, True))

    def target_fault(self, y: np.ndarray) -> str | None:
        return None if bool(np.all(np.abs(y) == 1)) else "expected -1 or 1 for the hinge loss"


class LogLoss(Loss):
    """A loss that depends on ŷ through ln ŷ and ln(1 − ŷ) only, so that it can be taken from the logits."""

    def elements_from_logits(self, xp: Namespace, activation: LogStable, z: Array, y: Array) -> Array:
        """The element losses of ŷ = activation(z), (..., N, *shape)."""
        raise NotImplementedError

    def slopes_from_logits(self, xp: Namespace, activation: LogStable, z: Array, y: Array) -> Array:
        """The gradient by z of the sum of a sample's element losses, (..., N, *shape)."""
        raise NotImplementedError

    def log_weights(self, y: Array) -> tuple[Array, Array | None]:
        """The element loss's coefficients of ln ŷ and of ln(1 − ŷ); None where that does not stand in it."""
        raise NotImplementedError

    def forward_from_logits(self, xp: Namespace, activation: LogStable, z: Array, y: Array) -> Array:
        """The cost from z, finite however saturated ŷ = activation(z) is."""
        return self._cost(xp, self.elements_from_logits(xp, activation, z, y))

    def backward_from_logits(self, xp: Namespace, gradient: Array, activation: LogStable, z: Array, y: Array) -> Array:
        """The gradient of the cost by z: ŷ − y with the digits that the subtraction would cancel."""
        return self._spread(xp, gradient, z) * self.slopes_from_logits(xp, activation, z, y)

    def backward_to_output(self, xp: Namespace, gradient: Array, activation: LogStable, z: Array, y: Array) -> Array:
        """The gradient by ŷ itself, from z: infinite where a double cannot hold it."""
        (by_log, by_complement), (inverse, inverse_complement) = self.log_weights(y), activation.reciprocals(xp, z)
        slopes = _weighted(xp, by_log, inverse)
        if by_complement is not None:
            slopes = slopes - _weighted(xp, by_complement, inverse_complement)
        return self._spread(xp, gradient, z) * slopes


def _weighted(xp: Namespace, weight: Array, values: Array) -> Array:
    """weight · values, where a weight 0 takes out even what is infinite: at y = 1 only ln ŷ counts."""
    return xp.where(weight == 0, xp.zeros_like(values), weight * values)


@register("loss")
@dataclass(frozen=True)
class BinaryCrossEntropy(LogLoss):
    """−y ln ŷ − (1 − y) ln(1 − ŷ) for y in [0, 1]."""

    name: ClassVar[str] = "binary_cross_entropy"
    title: ClassVar[str] = "binary cross-entropy"
    task: ClassVar[str] = "classification"

    @cached_property
    def element(self) -> sp.Expr:
        return -Y * sp.log(Y_HAT) - (1 - Y) * sp.log(1 - Y_HAT)

    def target_fault(self, y: np.ndarray) -> str | None:
        inside = bool(np.all((y >= 0) & (y <= 1)))
        return None if inside else "expected a number from 0 to 1 for binary cross-entropy"

    def log_weights(self, y: Array) -> tuple[Array, Array | None]:
        return -y, y - 1.0

    def elements_from_logits(self, xp: Namespace, activation: LogStable, z: Array, y: Array) -> Array:
        return activation.binary_cross_entropy(xp, z, y)

    def slopes_from_logits(self, xp: Namespace, activation: LogStable, z: Array, y: Array) -> Array:
        return activation.binary_cross_entropy_gradient(xp, z, y)

    def elements(self, xp: Namespace, output: Array, target: Array) -> Array:
        return _weighted(xp, -target, xp.log(output)) + _weighted(xp, target - 1.0, xp.log1p(-output))

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        y_hat, y = inputs
        slopes = _weighted(xp, -y, 1.0 / y_hat) - _weighted(xp, y - 1.0, 1.0 / (1.0 - y_hat))
        return (self._spread(xp, gradient, y_hat) * slopes, None)


@register("loss")
@dataclass(frozen=True)
class CategoricalCrossEntropy(LogLoss):
    """−y ln ŷ, summed over the classes, for one-hot y."""

    name: ClassVar[str] = "categorical_cross_entropy"
    title: ClassVar[str] = "categorical cross-entropy"
    task: ClassVar[str] = "classification"
    one_hot: ClassVar[bool] = True

    @cached_property
    def element(self) -> sp.Expr:
        return -Y * sp.log(Y_HAT)

    def target_fault(self, y: np.ndarray) -> str | None:
        hot = bool(np.all((y == 0) | (y == 1)) and np.all(np.sum(y, axis=-1) == 1))
        return None if hot else "expected one-hot targets (one 1, the rest 0) for categorical cross-entropy"

    def log_weights(self, y: Array) -> tuple[Array, Array | None]:
        return -y, None

    def elements_from_logits(self, xp: Namespace, activation: LogStable, z: Array, y: Array) -> Array:
        return activation.cross_entropy(xp, z, y)

    def slopes_from_logits(self, xp: Namespace, activation: LogStable, z: Array, y: Array) -> Array:
        return activation.cross_entropy_gradient(xp, z, y)

    def elements(self, xp: Namespace, output: Array, target: Array) -> Array:
        return _weighted(xp, -target, xp.log(output))

    def backward(self, xp: Namespace, gradient: Array, output: Array, *inputs: Array) -> tuple[Array | None, ...]:
        y_hat, y = inputs
        slopes = _weighted(xp, -y, 1.0 / y_hat)
        return (self._spread(xp, gradient, y_hat) * slopes, None)
