"""The search: candidates batch by batch through the rules, until as many are found as are wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from stepcalc.backend import Namespace
from stepcalc.drawing.model import Model
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.rules import applied
from stepcalc.drawing.stream import Draw, Stream
from stepcalc.errors import Fault, InputError
from stepcalc.problem import Problem
from stepcalc.recipes import Recipe, Space, Structure

MOST, MOST_EACH = 3_000_000, 100_000
"""So many candidates are looked at, and so many more for each variant that is wanted."""


@dataclass(frozen=True, eq=False)
class Found:
    """A candidate that is fit: its ``number`` in the stream, its structure and its levels."""

    number: int
    structure: Structure
    levels: tuple[int, ...]

    @property
    def problem(self) -> Problem:
        """The problem that it is."""
        return self.structure.candidate(self.levels)


@dataclass(eq=False)
class Tally:
    """What became of the candidates: how many were looked at, and how many each rule refused."""

    looked_at: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class Search:
    """The candidates of a recipe that are fit, in the order of the stream."""

    def __init__(self, recipe: Recipe, seed: int, xp: Namespace = np) -> None:
        self.space = Space(recipe)
        self.recipe, self.seed, self.xp = recipe, seed, xp
        self.stream, self.tally = Stream(self.space, seed), Tally()
        self._models: dict[int, Model] = {}

    def model(self, structure: Structure) -> Model:
        """A structure as it is calculated with."""
        if structure.number not in self._models:
            self._models[structure.number] = Model(structure, self.recipe)
        return self._models[structure.number]

    def found(self, wanted: int) -> tuple[Found, ...]:
        """The first ``wanted`` candidates that are fit.

        Raises :class:`InputError` with the reason where there are not so many.
        """
        if self.stream.count is not None and self.stream.count < wanted:
            told = f"{wanted:,} are wanted, but the recipe gives only {self.stream.count:,} different ones"
            raise InputError(Fault("", told), "--variants")
        fit: list[Found] = []
        for batch in range(self._batches(wanted)):
            for one in self._fit(batch):
                fit.append(one)
                if len(fit) == wanted:
                    return tuple(fit)
        raise InputError(self._reason(len(fit), wanted))

    def _batches(self, wanted: int) -> int:
        most = MOST + MOST_EACH * wanted
        return -(-min(most, self.stream.count or most) // self.stream.batch)

    def _fit(self, batch: int) -> Iterator[Found]:
        """The candidates of a batch that are fit, in their order."""
        found: list[Found] = []
        for draw in self.stream.draws(batch):
            found += self._judged(draw)
        yield from sorted(found, key=lambda one: one.number)

    def _judged(self, draw: Draw) -> Iterator[Found]:
        model = self.model(draw.structure)
        rows = Rows(model, draw.numbers, draw.levels, model.calculate(draw.levels, self.xp))
        self.tally.looked_at += len(rows)
        for rule in applied(self.recipe.quality):
            refused = rule.refuses(rows, self.recipe.quality)
            self.tally.refused[rule.name] += int(refused.sum())
            rows = rows.only(~refused)
            if not len(rows):
                return
        for number, levels in zip(rows.numbers.tolist(), rows.levels.T.tolist(), strict=True):
            yield Found(number, draw.structure, tuple(levels))

    def _reason(self, found: int, wanted: int) -> Fault:
        refused: Mapping[str, int] = self.tally.refused
        most = max(refused, key=lambda name: refused[name], default="")
        told = f"of {self.tally.looked_at:,} candidates {found:,} are fit, and {wanted:,} are wanted"
        return Fault("quality", told + (f'; the rule "{most}" refused most: {refused[most]:,}' if most else ""))
