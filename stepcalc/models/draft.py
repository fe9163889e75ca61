"""A network on its way from a model to a problem: what has been read of its layers, and what its loss makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from stepcalc.errors import Fault, InputError
from stepcalc.models.numbers import Numbers, doubles
from stepcalc.problem.faults import shown
from stepcalc.problem.layers import LAYERS

Fields: TypeAlias = dict[str, Any]
"""A table of a problem file."""


class Untranslatable(Exception):
    """What a part of a model does has no counterpart in stepcalc; the message says what, and what to do."""


class Sizes(NamedTuple):
    """How many samples x has (None: one, without an axis), how many outputs the last layer, and at how many time steps.

    ``steps`` is None where there is no sequence of outputs.
    """

    samples: int | None
    outputs: int
    steps: int | None = None

    @property
    def each(self) -> int:
        """How many numbers the network says to a sample."""
        return self.outputs * (self.steps or 1)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the output."""
        return tuple(size for size in (self.samples, self.steps, self.outputs) if size is not None)


Gives: TypeAlias = str | tuple["Gives", ...]
"""What a layer gives: ``ARRAY``, or several things of which one is taken, as a recurrent layer gives states, too."""

ARRAY = "an array"

POOLING = ("maxpool2d", "flatten")
"""Layers that an activation may stand behind in a model as well as before them, as it grows with its z."""

UNITS: dict[str, Callable[[Fields], int]] = {
    "dense": lambda layer: len(layer["W"]),
    "rnn": lambda layer: len(layer["W_x"]),
    "lstm": lambda layer: len(layer["f"]["W_x"]),
}
"""Layer that may be the last one → how many outputs it has."""


@dataclass
class Draft:
    """The layers of a network as a problem file has them; dense weights are units × inputs.

    ``flattens_input`` and ``channels_last`` say what x needs before it is the first layer's, ``maps`` which shape was
    just laid flat, ``gives`` what the last layer gives, ``squeezed`` that its outputs have lost their axis.
    """

    layers: list[Fields] = field(default_factory=list)
    flattens_input: bool = False
    channels_last: bool = False
    maps: tuple[int, ...] | None = None
    gives: Gives = ARRAY
    squeezed: bool = False

    def add(self, type: str, **fields: Any) -> None:
        """One more layer; what is None is left out."""
        if self.squeezed:
            raise Untranslatable("a layer after the output has lost its axis")
        if self.gives != ARRAY and not (type in ("rnn", "lstm") and self.layers[-1]["type"] == type):
            raise Untranslatable("it takes one array, and what comes before it gives another thing")
        self.layers.append({"type": type, **{key: value for key, value in fields.items() if value is not None}})

    def activate(self, name: str, **parameters: float) -> None:
        """An activation of the last layer that calculates."""
        last = next((layer for layer in reversed(self.layers) if layer["type"] not in POOLING), None)
        if last is None:
            raise Untranslatable("there is no layer before it whose activation it could be")
        if "activation" in last:
            raise Untranslatable(f"the layer has an activation already, {_name_of(last)}; stepcalc's layers have one")
        if last["type"] == "lstm":
            raise Untranslatable("an LSTM has activations of its own")
        if last is not self.layers[-1] and parameters.get("alpha", 0) < 0:
            raise Untranslatable("with a negative slope it is not the same before the layer that it stands behind")
        last["activation"] = {"type": name, **parameters} if parameters else name

    def flatten(self) -> None:
        """One axis for a sample: of maps by a layer, of x before the first layer; a list of outputs has one already."""
        self.flattens_input = self.flattens_input or not self.layers
        if self.layers and self.layers[-1]["type"] in ("conv2d", "maxpool2d"):
            self.add("flatten")
        elif self.layers and self.gives_sequence:
            raise Untranslatable("a sequence cannot be laid flat")

    def squeeze(self) -> None:
        """Numbers in place of lists of one: y may be given either way."""
        if not self.layers or self.outputs != 1:
            raise Untranslatable("only the output of a single unit can lose its axis")
        self.squeezed = True

    def last_step(self) -> None:
        """Of a sequence, the last time step."""
        if not self.layers or not self.layers[-1].get("return_sequences"):
            raise Untranslatable("only the last time step of a recurrent layer can be taken")
        del self.layers[-1]["return_sequences"]

    def end_in(self, needed: str, made: str) -> None:
        """Make the last activation, which is to be ``needed``, one that the loss does by itself."""
        if self.activation != needed:
            raise Untranslatable(f"it needs a model that ends in {needed}, and this one ends in {self.activation}")
        self.layers[-1]["activation"] = made

    @property
    def activation(self) -> str:
        """The name of the last layer's activation."""
        return _name_of(self.layers[-1])

    @property
    def gives_sequence(self) -> bool:
        """Whether there is an output for every time step."""
        recurrent = [layer for layer in self.layers if layer["type"] in ("rnn", "lstm")]
        return bool(recurrent) and bool(recurrent[-1].get("return_sequences"))

    def sizes(self, x: Numbers) -> Sizes:
        """What x and the layers tell of the network's sizes. Raises :class:`InputError` if the last layer is no end."""
        first, last = self.layers[0]["type"], self.layers[-1]["type"]
        if last not in UNITS or self.gives != ARRAY:
            raise InputError(Fault("", f"the model ends with {last}, expected a list of outputs"))
        samples = len(x) if x.ndim > LAYERS[first].input_axes[0] else None
        steps = x.shape[-2] if self.gives_sequence and x.ndim > 1 else None
        return Sizes(samples, UNITS[last](self.layers[-1]), steps)

    def laid_out(self, x: Numbers) -> Numbers:
        """x as the first layer is to have it."""
        if self.flattens_input and x.ndim > 1:
            return x.reshape(len(x), -1)
        return np.moveaxis(x, -1, -3) if self.channels_last and x.ndim > 2 else x

    @property
    def outputs(self) -> int:
        """The number of units of the last layer; 0 of a layer that has none."""
        units = UNITS.get(self.layers[-1]["type"])
        return 0 if units is None else units(self.layers[-1])


def _name_of(layer: Fields) -> str:
    choice = layer.get("activation", "linear")
    return str(choice["type"] if isinstance(choice, Mapping) else choice)


def as_given(y: Numbers, sizes: Sizes) -> Numbers:
    """The numbers that y is."""
    return doubles(y, "y")


@dataclass(frozen=True)
class Cost:
    """A loss in stepcalc's terms: the loss's fields, and what it does to the model's last activation.

    ``reads`` names the last activation that it needs and the one that it makes of it: a loss that takes logits
    does the last activation itself. ``targets`` makes of the library's y what a problem file has.
    """

    type: str
    scale: float = 1.0
    parameters: Mapping[str, float] = field(default_factory=dict)
    reads: tuple[str, str] | None = None
    targets: Callable[[Numbers, Sizes], Numbers] = as_given

    @property
    def told(self) -> Fields:
        """The loss as a problem file has it."""
        return {"type": self.type, "scale": self.scale, **self.parameters}


def gates(order: str, W_x: Numbers, W_h: Numbers, b: Numbers | None) -> Fields:
    """The tables of an LSTM's gates, whose weights stand below one another in the ``order`` of their letters."""
    split = {"W_x": W_x, "W_h": W_h} | ({} if b is None else {"b": b})
    parts = {name: np.split(array, len(order)) for name, array in split.items()}
    return {letter: {name: parts[name][place] for name in parts} for place, letter in enumerate(order)}


def only(it: Any, **settings: Any) -> None:
    """Raises :class:`Untranslatable` where a setting of ``it`` is another than stepcalc has."""
    for name, expected in settings.items():
        found = getattr(it, name, expected)
        if found is not expected and found != expected:
            raise Untranslatable(f"{name} is {shown(repr(found))}, stepcalc has only {expected!r}")
