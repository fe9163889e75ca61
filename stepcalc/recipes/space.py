"""All problems that a recipe may give: its structures, and in each of them the numbers that are drawn.

A structure is one choice of everything that is no number of an array: layers, widths, activations, losses. In a
structure the same columns are drawn for every candidate: a column is one element of an array, or a whole array.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from math import prod
from pathlib import Path as Folder
from typing import Any

import numpy as np

from stepcalc.errors import Fault, InputError
from stepcalc.problem import NetworkProblem, Problem, TableProblem
from stepcalc.problem.faults import Path, listed, place, shown
from stepcalc.problem.items import with_marking
from stepcalc.recipes.places import put, read_place, take_out
from stepcalc.recipes.recipe import Recipe
from stepcalc.recipes.targets import (
    RATE,
    given_arrays,
    in_place_of,
    is_number,
    path_of,
    shape_of,
    symbols_of,
    target,
)
from stepcalc.recipes.vary import Variation, numbers_of

MAX_STRUCTURES = 500
MAX_COLUMNS = 2000
"""The most structures of a recipe, and the most numbers that are drawn for a variant."""
MAX_SIZE = 200_000
"""The most numbers of a problem, those calculated forward among them."""
MOST_TRIED = 200
"""Of a target or a learning rate every level is tried in the problem, or the ends of very many."""


@dataclass(frozen=True, eq=False)
class Column:
    """One number that is drawn, or all of an array at once: where it belongs, and what it may be.

    ``name`` is that of a quantity, or :data:`RATE`. ``place`` is the element of the array, counted from 0, None
    for all of it. ``levels`` are what it may be, (levels,), of a whole array (levels, …).
    """

    name: str
    place: tuple[int, ...] | None
    levels: np.ndarray


@dataclass(frozen=True, eq=False)
class Structure:
    """One choice of all that is no number, and the columns that are drawn in it.

    ``fields`` are those of the problem file with that choice made, ``given`` the arrays that they give. The arrays of
    ``columns`` have the shapes ``shapes``, a mini-batch with its axis.
    """

    number: int
    fields: Mapping[str, Any]
    base: Problem
    columns: tuple[Column, ...]
    shapes: Mapping[str, tuple[int, ...]]
    given: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many candidates of this structure there are."""
        return prod(self.columns_counts)

    @property
    def columns_counts(self) -> tuple[int, ...]:
        """How many levels each column has."""
        return tuple(len(column.levels) for column in self.columns)

    @property
    def size(self) -> int:
        """How many numbers one candidate has, those calculated forward among them."""
        items = self.base.items
        samples = items.samples or 1
        return sum(prod(shape) * (samples if name in items.per_sample else 1) for name, shape in items.shapes.items())

    @cached_property
    def problem(self) -> Problem:
        """The first candidate."""
        return self.candidate([0] * len(self.columns))

    def arrays(self, levels: np.ndarray) -> dict[str, np.ndarray]:
        """What is drawn, by name, for many candidates: arrays (candidates, …) from the levels (columns, candidates)."""
        room = self.room(levels.shape[1])
        self.put(levels, room)
        return room

    def room(self, count: int) -> dict[str, np.ndarray]:
        """Room for what is drawn, (count, …), the candidates next to one another in memory; what is given is there."""
        found: dict[str, np.ndarray] = {}
        for name, shape in self.shapes.items():
            whole = np.empty((*shape, count))
            whole[...] = self.given.get(name, np.full(shape, np.nan))[..., None]
            found[name] = np.moveaxis(whole, -1, 0)
        return found

    def put(self, levels: np.ndarray, room: Mapping[str, np.ndarray]) -> None:
        """Put what is drawn, from the levels (columns, candidates), into the first places of its room."""
        count = levels.shape[1]
        for column, chosen in zip(self.columns, levels, strict=True):
            place = np.moveaxis(room[column.name][:count], 0, -1)[column.place or ...]
            if column.levels.ndim == 1:
                np.take(column.levels, chosen, out=place, mode="clip")  # "raise" would make a copy first
            else:
                place[...] = np.moveaxis(column.levels[chosen], 0, -1)

    def candidate(self, levels: Sequence[int]) -> Problem:
        """The problem with these levels of the columns. Raises :class:`InputError` for one that cannot be used."""
        fields = self.candidate_fields(levels)
        return Problem.from_fields(fields, self.base.source_name, self.base.folder)

    def candidate_fields(self, levels: Sequence[int]) -> dict[str, Any]:
        """The fields of the problem with these levels of the columns."""
        fields = copy.deepcopy(dict(self.fields))
        drawn = {name: array[0] for name, array in self.arrays(np.asarray(levels).reshape(-1, 1)).items()}
        for name, array in {**self._beside, **drawn}.items():
            path = path_of(self.base, name)
            if other := in_place_of(path):
                take_out(fields, other)
            put(fields, path, array.tolist())
        return fields

    @cached_property
    def _beside(self) -> dict[str, np.ndarray]:
        """The other arrays of layers whose ``init`` makes room for what is drawn: they keep their numbers."""
        gone = (in_place_of(path_of(self.base, name)) for name in self.shapes)
        layers = {path[:2] for path in gone if path[-1:] == ("init",) and "init" in self.fields["layers"][path[1]]}
        return {name: array for name, array in self.given.items() if path_of(self.base, name)[:2] in layers}


class Space:
    """All that may be drawn from a recipe. Raises :class:`InputError` for what cannot vary as the recipe says."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.structures: tuple[Structure, ...] = tuple(_structures(recipe))

    @property
    def count(self) -> int:
        """How many different candidates there are."""
        return sum(structure.count for structure in self.structures)

    @cached_property
    def sha256(self) -> str:
        """The hash of what is drawn from: the recipe and its problem, numbers in files of any structure among them."""
        recipe = json.dumps([self.recipe.model_dump(mode="json"), self.recipe.fields], sort_keys=True, default=str)
        found = hashlib.sha256(recipe.encode())
        for structure in self.structures:
            for name, array in structure.given.items():
                found.update(f"{name} {array.shape}".encode() + array.astype("<f8").tobytes())
        return found.hexdigest()


def _structures(recipe: Recipe) -> Iterator[Structure]:
    """Every structure of a recipe, in the order of its choices."""
    numbers = {key: vary for key, vary in recipe.vary.items() if is_number(key, recipe.fields)}
    words = {key: vary for key, vary in recipe.vary.items() if key not in numbers}
    count = prod(vary.count for vary in words.values())
    if count > MAX_STRUCTURES:
        told = f"{_many(count)} different problems from {listed(map(shown, words))}"
        raise InputError(Fault("vary", f"{told}; at most {MAX_STRUCTURES} are possible, beside the numbers of arrays"))
    paths, tried = {key: _place_of(key) for key in words}, set[tuple[str, str]]()
    for number, chosen in enumerate(product(*(vary.levels for vary in words.values()))):
        fields = copy.deepcopy(recipe.fields) | ({"title": recipe.title} if recipe.title else {})
        for (key, path), value in zip(paths.items(), chosen, strict=True):
            with _told_of(key):
                put(fields, path, copy.deepcopy(value))
        base = _base(recipe, fields, dict(zip(words, chosen, strict=True)))
        structure = _structure(number, fields, base, numbers, tried)
        _refuse_unusable(structure, recipe)
        yield structure


def _many(count: int) -> str:
    return f"{count:,}" if count < 10**15 else "more than 10^15"


def _place_of(key: str) -> Path:
    with _told_of(key):
        return read_place(key)


@contextmanager
def _told_of(key: str) -> Iterator[None]:
    """Faults are told of a key under [vary]."""
    try:
        yield
    except InputError as error:
        raise InputError([Fault(_at(key, fault.place), fault.message) for fault in error.faults]) from None


def _at(key: str, inner: str = "") -> str:
    return place(("vary", key)) + (f".{inner}" if inner else "")


def _base(recipe: Recipe, fields: dict[str, Any], chosen: Mapping[str, Any]) -> Problem:
    """The problem with a choice made of what is no number."""
    try:
        base = Problem.from_fields(fields, Folder(recipe.problem).stem, recipe.folder)
    except InputError as error:
        made = "".join(f", {shown(key)} = {shown(str(value))}" for key, value in chosen.items())
        faults = [Fault("problem", f"{shown(recipe.problem)}{made}: {fault}") for fault in error.faults]
        raise InputError(faults) from None
    if isinstance(base, TableProblem):
        raise InputError(Fault("problem", f"{shown(recipe.problem)} is a reference table, which asks for no numbers"))
    return base


def _structure(
    number: int,
    fields: dict[str, Any],
    base: Problem,
    numbers: Mapping[str, Variation],
    tried: set[tuple[str, str]],
) -> Structure:
    keys: dict[tuple[str, tuple[int, ...] | None], str] = {}
    for key in numbers:
        with _told_of(key):
            at = target(key, base)
        if at in keys:
            raise InputError(Fault(_at(key), f"varies already, as {shown(keys[at])}"))
        keys[at] = key
    columns: dict[tuple[str, tuple[int, ...] | None], Column] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for (name, element), key in sorted(keys.items(), key=lambda pair: pair[0][1] is not None):
        shapes[name] = shape = shape_of(base, name)  # single elements come after their array, and overrule it
        with _told_of(key):
            levels = numbers_of(numbers[key], shape if element is None else ())
        if prod(shape) + len(columns) > MAX_COLUMNS:
            raise InputError(Fault(_at(key), f"more than {MAX_COLUMNS:,} numbers would vary"))
        each = [element] if element is not None or levels.ndim > 1 else list(np.ndindex(*shape))
        columns |= {(name, one): Column(name, one, levels) for one in each}
    made = Structure(number, fields, base, tuple(columns.values()), shapes, given_arrays(base))
    if made.size > MAX_SIZE:
        raise InputError(Fault("problem", f"{made.size:,} numbers; that of an exam has at most {MAX_SIZE:,}"))
    _refuse_levels(made, {name: key for (name, _), key in keys.items()}, tried)
    return made


def _refuse_levels(structure: Structure, keys: Mapping[str, str], tried: set[tuple[str, str]]) -> None:
    """What varies in part has its other numbers; the problem takes every target and every learning rate.

    ``tried`` are those tried in another structure already: their key, and what decides there.
    """
    for name, array in structure.arrays(np.zeros((len(structure.columns), 1), int)).items():
        if np.isnan(array).any():
            told = f"the problem gives no numbers for the other elements of {name}"
            raise InputError(Fault(_at(keys[name]), told))
    held = ("y", RATE) if isinstance(structure.base, NetworkProblem) else (RATE,)  # a given may be called y
    for number, column in enumerate(structure.columns):
        if column.name not in held or (trial := (keys[column.name], _taken_by(structure.base, column))) in tried:
            continue
        tried.add(trial)
        few = len(column.levels) <= MOST_TRIED or column.levels.ndim > 1
        for level in range(len(column.levels)) if few else (0, 1, len(column.levels) - 1):
            chosen = [level if n == number else 0 for n in range(len(structure.columns))]
            try:
                structure.candidate(chosen)
            except InputError as error:
                raise InputError([Fault(_at(keys[column.name]), one.message) for one in error.faults]) from None


def _taken_by(base: Problem, column: Column) -> str:
    """What decides which targets, or which learning rates, a problem takes."""
    if column.name == RATE:
        return "" if base.optimizer is None else base.optimizer.type
    assert isinstance(base, NetworkProblem)
    return f"{base.loss} {base.outputs}"


def _refuse_unusable(structure: Structure, recipe: Recipe) -> None:
    """All is there that the questions need, and the marking is one of this problem."""
    unknown = [name for name in symbols_of(structure.base) if name not in structure.shapes]
    if unknown:
        told = f"{shown(recipe.problem)} leaves {listed(unknown)} without numbers; give some there, or under [vary]"
        raise InputError(Fault("problem", told))
    with_marking(structure.problem, recipe.said_of_marking)
