"""Every registered operation with arrays to try it on. A new operation is here by being registered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from stepcalc.calculus.symbols import symbol
from stepcalc.items import Index, item_id
from stepcalc.ops import registry
from stepcalc.ops.activation import Activation
from stepcalc.ops.base import FED, Operand, Operation, Place
from stepcalc.problem import layers
from stepcalc.problem.layers import Product
from stepcalc.problem.vocabulary import TARGETS

SAMPLES, WIDTH = 2, 3


@dataclass(frozen=True)
class Edge:
    """An element of a result, what it is, an element of a parent that stands in it, and the derivative by that."""

    index: Index
    sample: int | None
    whole: sp.Expr
    wrt: sp.Symbol
    place: Place
    derivative: sp.Expr


@dataclass(frozen=True)
class Case:
    """An operation and its parents: names, arrays with a sample axis where ``per_sample`` says so."""

    label: str
    family: str
    op: Operation
    names: tuple[str, ...]
    arrays: tuple[np.ndarray, ...]
    per_sample: tuple[bool, ...]
    layer: tuple[str, str, str] = ("", "", "")
    """Of a layer's operation: the layer's type, the letter of the array, the product convention."""
    table: Mapping[str, Any] = field(default_factory=dict)
    """The layer as in a problem file."""

    @property
    def operands(self) -> tuple[Operand, ...]:
        rows = zip(self.names, self.shapes, self.per_sample, strict=True)
        return tuple(Operand(name, shape, sampled, SAMPLES) for name, shape, sampled in rows)

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        return tuple(
            array.shape[1:] if sampled else array.shape
            for array, sampled in zip(self.arrays, self.per_sample, strict=True)
        )

    @property
    def shape(self) -> tuple[int, ...]:
        return self.op.shape(*self.shapes)

    @property
    def differentiable(self) -> tuple[int, ...]:
        """The parents that have a gradient: all but the targets."""
        return (0,) if self.family == "loss" else tuple(range(len(self.arrays)))

    def output(self) -> Operand:
        return Operand("out", self.shape, self.family != "loss", SAMPLES)

    def results(self) -> Iterator[tuple[Index, int | None, tuple[int, ...]]]:
        """Index and sample of every element of the result, and its place in the array."""
        for sample in (None,) if self.family == "loss" else range(1, SAMPLES + 1):
            for index in np.ndindex(self.shape):
                place = index if sample is None else (sample - 1, *index)
                yield tuple(i + 1 for i in index), sample, place

    @cached_property
    def definitions(self) -> dict[tuple[Index, int | None], sp.Expr]:
        """What each element of the result is, by its index and sample."""
        return {(index, sample): self.op.define(index, self.operands, sample) for index, sample, _ in self.results()}

    @cached_property
    def edges(self) -> list[Edge]:
        """Each element of the result with each element of a parent that stands in it."""
        found = []
        for (index, sample), whole in self.definitions.items():
            standing = whole.free_symbols
            for slot in self.differentiable:
                for element, its_sample, _ in self.elements(slot):
                    wrt = symbol(item_id(self.names[slot], element, its_sample))
                    if wrt in standing:
                        place = Place(slot, element, its_sample or sample)
                        found.append(Edge(index, sample, whole, wrt, place, sp.diff(whole, wrt)))
        return found

    def elements(self, slot: int) -> Iterator[tuple[Index, int | None, tuple[int, ...]]]:
        """Index and sample of every element of a parent, and its place in the array."""
        for place in np.ndindex(self.arrays[slot].shape):
            if self.per_sample[slot]:
                yield tuple(i + 1 for i in place[1:]), place[0] + 1, place
            else:
                yield tuple(i + 1 for i in place), None, place

    def numbers(self) -> dict[sp.Symbol, sp.Float]:
        """The number of every symbol."""
        found = {}
        for slot, name in enumerate(self.names):
            for index, sample, place in self.elements(slot):
                found[symbol(item_id(name, index, sample))] = sp.Float(float(self.arrays[slot][place]), 30)
        return found

    def varied(self, rng: np.random.Generator, stack: int) -> list[tuple[np.ndarray, ...]]:
        """``stack`` other arrays of the same kind."""
        return [cases_of(self.family, self.label, rng)[0].arrays for _ in range(stack)]


def parameter_sets(family: str, name: str) -> list[dict[str, float]]:
    """The defaults, and other values than those if there are parameters."""
    defaults = registry.parameters(family, name)
    others = dict.fromkeys(defaults, 0.7)
    return [defaults, others] if defaults else [{}]


def _activation(op: Operation, rng: np.random.Generator) -> dict[str, Any]:
    z = rng.uniform(-3, 3, (SAMPLES, WIDTH))
    for kink in getattr(op, "kinks", ()):
        z = np.where(abs(z - kink.at) < 0.05, z + 0.2, z)
    return {"names": ("z",), "arrays": (z,), "per_sample": (True,)}


def _loss(op: Operation, rng: np.random.Generator) -> dict[str, Any]:
    targets = TARGETS.get(op.name, "any")
    y = {
        "any": lambda: rng.normal(size=(SAMPLES, WIDTH)),
        "unit": lambda: rng.uniform(0, 1, (SAMPLES, WIDTH)),
        "one_hot": lambda: np.eye(WIDTH)[rng.integers(0, WIDTH, SAMPLES)],
        "sign": lambda: rng.choice([-1.0, 1.0], (SAMPLES, WIDTH)),
    }[targets]()
    share = targets in ("unit", "one_hot")
    y_hat = (
        rng.uniform(0.05, 0.95, y.shape)
        if share
        else y + rng.uniform(0.1, 0.6, y.shape) * rng.choice([-4, -1, 1, 4], y.shape)
    )
    return {"names": ("y_hat", "y"), "arrays": (y_hat, y), "per_sample": (True, True)}


LAYERS: dict[str, list[tuple[dict[str, Any], tuple[int, ...]]]] = {
    "dense": [({"units": 2}, (3,)), ({"units": 2, "bias": False}, (3,)), ({"units": 2}, (2, 3))],
    "conv2d": [
        ({"filters": 2, "size": 2}, (2, 3, 4)),
        ({"filters": 1, "size": 2, "stride": 2, "padding": 1, "bias": False}, (1, 3, 4)),
        ({"filters": 2, "size": 1, "stride": 3}, (1, 4, 5)),
    ],
    "maxpool2d": [
        ({"size": 2}, (2, 3, 4)),
        ({"size": 2, "stride": 1}, (1, 3, 3)),
        ({"size": 1, "stride": 2}, (1, 3, 2)),
    ],
    "flatten": [({}, (2, 1, 3)), ({}, (2, 3))],
    "rnn": [({"units": 2}, (3, 2)), ({"units": 1}, (1, 2))],
    "lstm": [({"units": 2}, (3, 2)), ({"units": 2}, (1, 1))],
}
"""Layer → tables as in a problem file, each with the shape of what it is fed."""


def _layer_cases(name: str, rng: np.random.Generator) -> Iterator[Case]:
    if name not in LAYERS:
        raise LookupError(f"no {name} layer to try: add one to LAYERS in tests/ops/cases.py")
    products: tuple[Product, ...] = ("Wx", "xW")
    for product in products:
        for number, (table, fed) in enumerate(LAYERS[name], 1):
            layer = layers.LAYERS[name](type=name, **table)
            shapes = {FED: (fed, True)} | {
                array.letter: (array.shape, array.role == "computed") for array in layer.arrays(fed, product)
            }
            settled = layer.settled(fed, product)
            for letter, wire in registry.find("layer", name).wires(settled, fed, product).items():
                if isinstance(wire.op.core, Activation):
                    continue
                known = [shapes[parent] for parent in wire.parents]
                arrays = tuple(rng.normal(size=((SAMPLES,) if sampled else ()) + shape) for shape, sampled in known)
                names = tuple(parent or "x" for parent in wire.parents)
                per_sample = tuple(sampled for _, sampled in known)
                label = f"{name} {product} {number} {letter}"
                yield Case(label, "layer", wire.op, names, arrays, per_sample, (name, letter, product), table)


def cases_of(family: str, label: str, rng: np.random.Generator) -> list[Case]:
    """The cases with this label (or of the operation of that name), with arrays drawn anew."""
    found = []
    name = label.partition(" ")[0]
    if family == "layer":
        found += _layer_cases(name, rng)
    else:
        draw = {"activation": _activation, "loss": _loss}[family]
        for parameters in parameter_sets(family, name):
            op = registry.make(family, name, parameters)
            own = " ".join([name, *(f"{key}={value}" for key, value in parameters.items())])
            found.append(Case(own, family, op, **draw(op, rng)))
    return [case for case in found if label in (name, case.label)]


def every_case() -> list[Case]:
    """Every registered operation that calculates a quantity, with each set of its parameters."""
    rng = np.random.default_rng(7)
    return [
        case
        for family in ("activation", "loss", "layer")
        for name in registry.names(family)
        for case in cases_of(family, name, rng)
    ]
