"""The layers of a network as they are written, one class per type."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from stepcalc.problem.arrays import Array
from stepcalc.problem.choice import Activation, Choice
from stepcalc.problem.faults import Found, refuse
from stepcalc.problem.initial import AnyInitial
from stepcalc.problem.section import Section, by_type, each
from stepcalc.problem.vocabulary import LATER

MAX_UNITS = 1_000_000


class DenseLayer(Section):
    """Every unit looks at every input: z = W x + b, a = activation(z)."""

    type: Literal["dense"]
    activation: Annotated[Activation, Field(json_schema_extra={"default": "linear"})] = Choice(type="linear")
    """The activation, or a table with its type and its parameters."""
    W: Array | None = None
    """The weights, units × inputs (inputs × units when notation.product is xW)."""
    b: Array | None = None
    """The biases, one per unit."""
    units: Annotated[int, Field(ge=1, le=MAX_UNITS)] | None = None
    """How many units there are, where W does not tell."""
    init: AnyInitial | None = None
    """Weights drawn at random in place of W."""
    bias: bool | None = None
    """Whether there is a bias. Left out: yes if b is given, or if W is not; no if W is given without b."""

    @property
    def has_bias(self) -> bool:
        """Whether a bias is added."""
        if self.bias is not None:
            return self.bias
        return self.b is not None or self.W is None

    @model_validator(mode="after")
    def _told_once(self) -> Self:
        found: list[Found] = []
        if self.W is not None and self.init is not None:
            found.append((("init",), "W and init exclude each other; give one of them"))
        if self.W is None and self.units is None:
            found.append((("W",), "missing; or give units, for weights that are drawn (init) or stay symbols"))
        if self.b is not None and self.bias is False:
            found.append((("bias",), "false, but b is given"))
        if found:
            refuse(found)
        return self


Layer: TypeAlias = DenseLayer
LAYERS: dict[str, type[Layer]] = {"dense": DenseLayer}

Layers: TypeAlias = Annotated[
    tuple[Layer, ...], Field(min_length=1), each(by_type(LAYERS, "layer", LATER["layer"]), "layer")
]
