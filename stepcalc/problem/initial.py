"""Weights drawn at random instead of written down. The same seed draws the same weights."""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator

from stepcalc.problem.faults import refuse
from stepcalc.problem.section import Section, by_type

Seed: TypeAlias = Annotated[int, Field(ge=0, lt=2**63)]


class Initial(Section):
    """How a layer's weights are drawn. Biases that are not given start at 0."""

    seed: Seed
    """The same seed draws the same weights; each layer draws its own."""

    def draw(
        self, generator: np.random.Generator, units: int, inputs: int, reached: int | None = None
    ) -> NDArray[np.float64]:
        """Weights of shape (units, inputs); an input is multiplied by ``reached`` of them, by default ``units``."""
        raise NotImplementedError


class Uniform(Initial):
    """Evenly between low and high."""

    type: Literal["uniform"]
    low: float
    high: float

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low < self.high:
            refuse([(("high",), f"{self.high!r}, expected more than low, {self.low!r}")])
        if not math.isfinite(self.high - self.low):
            refuse([(("high",), "too far from low")])
        return self

    def draw(
        self, generator: np.random.Generator, units: int, inputs: int, reached: int | None = None
    ) -> NDArray[np.float64]:
        return generator.uniform(self.low, self.high, (units, inputs))


class Normal(Initial):
    """Normally distributed."""

    type: Literal["normal"]
    mean: float = 0.0
    std: Annotated[float, Field(gt=0)] = 1.0

    def draw(
        self, generator: np.random.Generator, units: int, inputs: int, reached: int | None = None
    ) -> NDArray[np.float64]:
        return generator.normal(self.mean, self.std, (units, inputs))


class XavierUniform(Initial):
    """Evenly within ±√(6/(inputs + reached)): Glorot and Bengio, 2010."""

    type: Literal["xavier_uniform"]

    def draw(
        self, generator: np.random.Generator, units: int, inputs: int, reached: int | None = None
    ) -> NDArray[np.float64]:
        bound = math.sqrt(6 / (inputs + (reached or units)))
        return generator.uniform(-bound, bound, (units, inputs))


class HeNormal(Initial):
    """Normally with variance 2/inputs: He, Zhang, Ren and Sun, 2015."""

    type: Literal["he_normal"]

    def draw(
        self, generator: np.random.Generator, units: int, inputs: int, reached: int | None = None
    ) -> NDArray[np.float64]:
        return generator.normal(0.0, math.sqrt(2 / inputs), (units, inputs))


INITIALS: dict[str, type[Initial]] = {
    "uniform": Uniform,
    "normal": Normal,
    "xavier_uniform": XavierUniform,
    "he_normal": HeNormal,
}

AnyInitial: TypeAlias = Annotated[
    Annotated[Uniform | Normal | XavierUniform | HeNormal, Field(discriminator="type")],
    BeforeValidator(by_type(INITIALS, "init")),
]
