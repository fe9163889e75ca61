"""Networks: what was asked of one, with every array in its place."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Annotated, Self

from pydantic import Field, PrivateAttr, model_validator

from stepcalc.problem.arrays import Array, Float64, read_only
from stepcalc.problem.base import Problem
from stepcalc.problem.choice import Loss
from stepcalc.problem.faults import Found, quoted, refuse, refuse_one
from stepcalc.problem.items import Items, network_items, settle_items
from stepcalc.problem.layers import MAX_UNITS, HandedOn, LayerArray, Layers, Shape
from stepcalc.problem.section import Section, Text, still_telling_what_was_typed
from stepcalc.problem.shapes import Sizes, misfits, read_targets
from stepcalc.problem.training import Batch, unusable

MAX_PARAMETERS = 50_000_000


class Data(Section):
    """What the network is given, and what it should say."""

    x: Array | None = None
    """One sample, a list of numbers; one more level of list is a mini-batch. Left out, it stays symbols."""
    y: Array | None = None
    """The target: a number or a list; with a mini-batch one per sample. Left out, it stays a symbol."""
    x_names: Annotated[tuple[Text, ...], Field(strict=False)] | None = None
    """What the inputs are called."""
    classes: Annotated[tuple[Text, ...], Field(strict=False)] | None = None
    """What the decisions are called: two for a single output (ŷ < 0.5, ŷ ≥ 0.5), else one per output."""
    inputs: Annotated[int, Field(ge=1, le=MAX_UNITS)] | None = None
    """The number of inputs, in place of x."""

    @model_validator(mode="after")
    def _x_or_inputs(self) -> Self:
        if self.x is not None and self.inputs is not None:
            refuse([(("inputs",), "x and inputs exclude each other; give one of them")])
        return self

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        """No two inputs and no two classes have the same name: nobody could tell which is meant."""
        twice = [
            ((key, place), f"{quoted(name)} is the name of number {names.index(name) + 1} already")
            for key, names in (("x_names", self.x_names or ()), ("classes", self.classes or ()))
            for place, name in enumerate(names)
            if name in names[:place]
        ]
        if twice:
            refuse(twice)
        return self


class NetworkProblem(Problem):
    """A network of layers, its data and its loss."""

    loss: Loss
    """The loss, or a table with its type and its parameters."""
    data: Data = Field(default_factory=Data)
    """What the network is given, and what it should say."""
    layers: Layers
    """The layers from input to output; each one's units are known once the problem is read."""

    _sizes: Sizes = PrivateAttr()
    _items: Items = PrivateAttr()
    _y: Float64 | None = PrivateAttr(default=None)
    _batch: Batch | None = PrivateAttr(default=None)
    _parameters: dict[str, Float64] | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        sizes, found = misfits(self.data.x, self.data.inputs, self.layers, self.notation.product)
        if found:
            refuse(found)
        if sizes.parameters > MAX_PARAMETERS:
            refuse_one(f"the network has more than {MAX_PARAMETERS:,} weights")
        y, found = (None, []) if self.data.y is None else read_targets(self.data.y, sizes, self.loss.type)
        found += self._misnamed(sizes)
        found += (untrainable := unusable(self, sizes.samples or 1))
        if self.training is not None and sizes.samples is not None and not untrainable:
            sizes = self._first_mini_batch(sizes, sizes.samples)
        self._sizes, self._y = sizes, None if y is None else read_only(y)
        self._items = replace(network_items(sizes, self.notation), optimizer=self.optimizer)
        settled = settle_items(self, self._items, found)
        if found:
            refuse(found)
        layers = zip(self.layers, sizes.fed, strict=True)
        self._settle(
            layers=tuple(
                still_telling_what_was_typed(layer, layer.settled(fed, self.notation.product)) for layer, fed in layers
            ),
            **settled,
        )
        if self.training is not None and (found := self._without_number()):
            refuse(found)
        return self

    def _first_mini_batch(self, sizes: Sizes, samples: int) -> Sizes:
        """The sizes of the first update, where a training takes only some of the samples for each."""
        assert self.training is not None
        if not self.training.shuffles(samples):
            return sizes
        self._batch = next(self.training.batches(samples))
        return replace(sizes, samples=len(self._batch))

    def _without_number(self) -> list[Found]:
        """The arrays that stay symbols, where training needs their numbers."""
        message = "missing; [training] needs its numbers"
        known = self.parameters()
        data = [(("data", key), message) for key in ("x", "y") if getattr(self.data, key) is None]
        return data + [
            (("layers", number - 1, array.letter), message)
            for number, arrays in enumerate(self.arrays, start=1)
            for array in arrays
            if array.role == "parameter" and f"{array.letter}{number}" not in known
        ]

    def _misnamed(self, sizes: Sizes) -> list[Found]:
        outputs = sizes.outputs[-1]  # at every step, where there are several
        inputs = sizes.inputs[-1] if len(sizes.inputs) == 2 else prod(sizes.inputs)
        wanted = {"x_names": inputs, "classes": 2 if outputs == 1 else outputs}
        return [
            (("data", key), f"{len(names)} names, expected {count}")
            for key, count in wanted.items()
            if (names := getattr(self.data, key)) is not None and len(names) != count
        ]

    @property
    def items(self) -> Items:
        """The named quantities, and which one a typed id means."""
        return self._items

    @property
    def samples(self) -> int | None:
        """How many samples the first update takes; None for one sample without a sample axis."""
        return self._sizes.samples

    @property
    def batch(self) -> Batch | None:
        """Which samples of the data the first update takes, counted from 0; None where it takes them all."""
        return self._batch

    @property
    def inputs(self) -> int:
        """The number of inputs of one sample."""
        return prod(self._sizes.inputs)

    @property
    def input_shape(self) -> Shape:
        """The shape of one sample's input."""
        return self._sizes.inputs

    @property
    def arrays(self) -> tuple[tuple[LayerArray, ...], ...]:
        """The arrays of each layer."""
        return self._sizes.layers

    @property
    def handed_on(self) -> tuple[HandedOn, ...]:
        """What each layer hands on."""
        return self._sizes.handed_on

    @property
    def outputs(self) -> int:
        """The number of outputs for one sample."""
        return prod(self._sizes.outputs)

    @property
    def x(self) -> Float64 | None:
        """The inputs of the first update's sample or samples; None where they stay symbols."""
        return self.data.x if self._batch is None or self.data.x is None else self.data.x[self._batch]

    @property
    def y(self) -> Float64 | None:
        """The targets of the first update's sample or samples; None where they stay symbols."""
        return self._y if self._batch is None or self._y is None else self._y[self._batch]

    @property
    def targets(self) -> Float64 | None:
        """The targets of all samples, as ``data.x`` has their inputs."""
        return self._y

    def parameters(self) -> dict[str, Float64]:
        """W1, b1, W2, … that have numbers, read-only, each W in the orientation the user writes it in.

        Drawn weights depend on the seed and on the layer's place only, not on ``notation.product``;
        a bias that is not given beside drawn weights is 0. What stays a symbol is absent.
        """
        if self._parameters is None:
            self._parameters = self._drawn_or_given()
        return dict(self._parameters)

    def _drawn_or_given(self) -> dict[str, Float64]:
        product = self.notation.product
        layers = enumerate(zip(self.layers, self._sizes.fed, strict=True), 1)
        return {
            f"{letter}{number}": array
            for number, (layer, fed) in layers
            for letter, array in layer.numbers(number, fed, product).items()
        }
