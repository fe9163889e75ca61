"""All problems that a recipe may give: its structures, and in each of them the numbers that are drawn.

A structure is one choice of everything that is no number of an array: layers, widths, activations, losses. In a
structure the same columns are drawn for every candidate: a column is one element of an array, or a whole array.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from math import prod
from pathlib import Path as Folder
from typing import Any

import numpy as np

from stepcalc.errors import Fault, InputError
from stepcalc.items import Item
from stepcalc.problem import ExpressionProblem, NetworkProblem, Problem, TableProblem
from stepcalc.problem.faults import Path, shown
from stepcalc.recipes.places import put, read_place, take_out
from stepcalc.recipes.recipe import Recipe
from stepcalc.recipes.vary import Choices, Variation

MAX_STRUCTURES = 500
MAX_COLUMNS = 2000
"""The most structures of a recipe, and the most numbers that are drawn for a variant."""
RATE = "optimizer.learning_rate"
"""The column of the learning rate; no quantity has a name with a dot."""
RATE_PATH: Path = ("optimizer", "learning_rate")
IN_PLACE_OF = {"W": ("init",), "K": ("init",), "x": ("inputs",)}
"""What a problem says of an array that it gives no numbers of, and may not say where it does."""


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
        for name, array in self.arrays(np.asarray(levels).reshape(-1, 1)).items():
            path = _path(self.base, name)
            for key in IN_PLACE_OF.get(str(path[-1])[0], ()):
                take_out(fields, (*path[:-1], key))
            put(fields, path, array[0].tolist())
        return fields


class Space:
    """All that may be drawn from a recipe. Raises :class:`InputError` for what cannot vary as the recipe says."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.structures: tuple[Structure, ...] = tuple(_structures(recipe))

    @property
    def count(self) -> int:
        """How many different candidates there are."""
        return sum(structure.count for structure in self.structures)


def _structures(recipe: Recipe) -> Iterator[Structure]:
    """Every structure of a recipe, in the order of its choices."""
    is_number = {key: _is_number(key, recipe.fields) for key in recipe.vary}
    words = {key: vary for key, vary in recipe.vary.items() if not is_number[key]}
    numbers = {key: vary for key, vary in recipe.vary.items() if is_number[key]}
    count = prod(len(vary.levels()) for vary in words.values())
    if count > MAX_STRUCTURES:
        raise InputError(Fault("vary", f"{count:,} different networks, at most {MAX_STRUCTURES} are possible"))
    for number, chosen in enumerate(product(*(vary.levels() for vary in words.values()))):
        fields = copy.deepcopy(recipe.fields)
        for key, value in zip(words, chosen, strict=True):
            _told_of(key, put, fields, read_place_of(key), copy.deepcopy(value))
        base = _base(recipe, fields, dict(zip(words, chosen, strict=True)))
        yield _structure(number, fields, base, numbers)


def read_place_of(key: str) -> Path:
    """The place that a key under [vary] names. Raises :class:`InputError` for what is no place."""
    found: Path = _told_of(key, read_place, key)
    return found


def _told_of(key: str, work: Any, *arguments: Any) -> Any:
    """What ``work`` does; its faults told of a key under [vary]."""
    try:
        return work(*arguments)
    except InputError as error:
        raise InputError([Fault(f'vary."{shown(key)}"', str(fault)) for fault in error.faults]) from None


def _is_number(key: str, fields: Mapping[str, Any]) -> bool:
    """Whether a key under [vary] names numbers of the problem, and not one of its words."""
    name = _plain(key)
    if "define" in fields:
        return name in fields.get("given", {}) or key.startswith("given.") or name == RATE
    return name == RATE or name in ("x", "y") or (name.partition(".")[0].partition("[")[0] not in _SECTIONS)


_SECTIONS = frozenset((*NetworkProblem.model_fields, *ExpressionProblem.model_fields, *TableProblem.model_fields))


def _plain(key: str) -> str:
    """``x`` for data.x, ``b`` for given.b, :data:`RATE` for learning_rate."""
    if key == "learning_rate":
        return RATE
    for prefix in ("data.", "given."):
        rest = key.removeprefix(prefix)
        if rest != key and (prefix != "data." or rest.partition("[")[0] in ("x", "y")):
            return rest
    return key


def _base(recipe: Recipe, fields: dict[str, Any], chosen: Mapping[str, Any]) -> Problem:
    """The problem with a choice made of what is no number."""
    try:
        base = Problem.from_fields(fields, Folder(recipe.problem).stem, recipe.folder)
    except InputError as error:
        made = "".join(f", {key} = {shown(str(value))}" for key, value in chosen.items())
        faults = [Fault("problem", f"{recipe.problem}{made}: {fault}") for fault in error.faults]
        raise InputError(faults) from None
    if isinstance(base, TableProblem):
        raise InputError(Fault("problem", "a reference table asks nothing that could be an exam"))
    return base


def _structure(number: int, fields: dict[str, Any], base: Problem, numbers: Mapping[str, Variation]) -> Structure:
    given = _given(base)
    columns: dict[tuple[str, tuple[int, ...] | None], Column] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for key, vary in sorted(numbers.items(), key=lambda pair: "[" in pair[0]):  # single elements overrule their array
        name, place = _told_of(key, _target, key, base)
        shapes[name] = shape = _shape(base, name)
        levels = _told_of(key, _levels, vary, shape if place is None else ())
        whole = levels.ndim > 1
        if whole:
            columns = {at: column for at, column in columns.items() if at[0] != name}
        places = [None if whole else ()] if place is None and (whole or not shape) else [place]
        for at in list(np.ndindex(*shape)) if places == [None] and not whole else places:
            columns[name, at] = Column(name, at, levels)
    if len(columns) > MAX_COLUMNS:
        raise InputError(Fault("vary", f"{len(columns):,} numbers vary, at most {MAX_COLUMNS:,} are possible"))
    made = Structure(number, fields, base, tuple(columns.values()), shapes, given)
    _refuse_unknown(made)
    return made


def _refuse_unknown(structure: Structure) -> None:
    """An array of which some elements vary needs numbers for the others."""
    for name, array in structure.arrays(np.zeros((len(structure.columns), 1), int)).items():
        if np.isnan(array).any():
            raise InputError(Fault("vary", f"{name}: the problem gives no numbers for the elements that do not vary"))


def _given(base: Problem) -> dict[str, np.ndarray]:
    """The arrays that a problem gives."""
    if isinstance(base, ExpressionProblem):
        return {name: np.asarray(number) for name, number in base.given.items()}
    assert isinstance(base, NetworkProblem)
    found = {"x": base.data.x, "y": base.data.y, **base.parameters()}
    return {name: array for name, array in found.items() if array is not None}


def _target(key: str, base: Problem) -> tuple[str, tuple[int, ...] | None]:
    """The quantity, and the element of it, that a key names. Raises :class:`InputError` where it names none."""
    name, items = _plain(key), base.items
    if name == RATE:
        if base.optimizer is None:
            raise InputError(Fault("", "the problem has no [optimizer]"))
        return RATE, ()
    array, scalar = items.array(name), items.scalar(name)
    fixed = set(base.given) if isinstance(base, ExpressionProblem) else {"x", "y", *items.parameters}
    if array is not None and array in fixed and "[" not in name:
        return array, None
    if scalar is None or (parsed := Item.parse(scalar)).name not in fixed or parsed.of or parsed.part:
        raise InputError(Fault("", f"is no number that the problem gives{items.near(name)}"))
    sample = () if parsed.sample is None else (parsed.sample - 1,)
    place = (*sample, *(index - 1 for index in parsed.index))
    shape = _shape(base, parsed.name)
    return parsed.name, place if len(place) == len(shape) else ()


def _shape(base: Problem, name: str) -> tuple[int, ...]:
    """The shape of an array as the problem file has it."""
    if name == RATE or isinstance(base, ExpressionProblem):
        return ()
    assert isinstance(base, NetworkProblem)
    given = _given(base).get(name)
    if given is not None:
        return given.shape
    own = base.items.shapes[name]
    return () if name == "y" and own == (1,) else own


def _levels(vary: Variation, shape: tuple[int, ...]) -> np.ndarray:
    """What a number, or all of an array, may be."""
    levels = vary.levels()
    whole = isinstance(vary, Choices) and any(isinstance(level, list) for level in levels)
    try:
        found = np.array(levels, dtype=float)
    except (TypeError, ValueError):
        raise InputError(Fault("choices", "expected numbers, or lists of numbers of one shape")) from None
    if any(isinstance(level, bool | str) for level in levels) or not np.isfinite(found).all():
        raise InputError(Fault("choices", "expected finite numbers"))
    if whole and found.shape[1:] != shape:
        raise InputError(Fault("choices", f"lists of shape {found.shape[1:]}, expected {shape}"))
    return found


def _path(base: Problem, name: str) -> Path:
    """Where an array stands in the problem file."""
    if name == RATE:
        return RATE_PATH
    if isinstance(base, ExpressionProblem):
        return ("given", name)
    if name in ("x", "y"):
        return ("data", name)
    assert isinstance(base, NetworkProblem)
    for place, (layer, arrays) in enumerate(zip(base.layers, base.arrays, strict=True)):
        for array in arrays:
            if f"{array.letter}{place + 1}" == name:
                gate = array.sub if hasattr(layer, "f") else ""
                return ("layers", place, *((array.letter[-1],) if gate else ()), array.letter[: -1 if gate else None])
    raise LookupError(name)
