"""The search: candidates through the rules in the order of the stream, until as many are found as are wanted.

Every candidate goes through the cheap rules, batch by batch; those that are left go through the dear ones, window by
window. Nothing that decides on a candidate depends on how many are wanted, and the tally is that of the candidates up
to the last one that was taken, however far was read ahead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from stepcalc.backend import Namespace
from stepcalc.drawing.alike import columns_that_matter
from stepcalc.drawing.model import Model, asked_items
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.rules import applied
from stepcalc.drawing.sieve import FIT, Sieve, judge
from stepcalc.drawing.stream import Draw, Stream
from stepcalc.errors import Fault, InputError
from stepcalc.problem import Problem
from stepcalc.recipes import RULES, Recipe, Space, Structure
from stepcalc.sentences import said

MOST, MOST_EACH = 3_000_000, 100_000
"""So many candidates go through the cheap rules, and so many more for each that was found; fewer of a large network."""
MOST_DEAR, MOST_DEAR_EACH = 20_000, 2_000
"""So many go through the dear rules, and so many more for each that was found."""
NUMBERS = 150_000_000
"""Of networks so large that ``MOST`` candidates have more numbers than this, fewer candidates are looked at."""
WINDOW, WIDEST = 256, 4096
"""So many go through the dear rules together at first, and so many later on."""
ALIKE = "alike"


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
    dear: int = 0
    """How many went through the dear rules, those read ahead among them."""
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, verdicts: np.ndarray) -> None:
        """Count some candidates by the verdicts on them."""
        self.looked_at += len(verdicts)
        for place, count in zip(*np.unique(verdicts[verdicts != FIT], return_counts=True), strict=True):
            self.refused[RULES[place]] += int(count)


class Batch:
    """Candidates that were drawn together: what became of each, and where those are that are left.

    The verdicts on the first ``settled`` of them will not change any more.
    """

    def __init__(self, draws: list[Draw]) -> None:
        self.draws = draws
        self.start = min(int(draw.numbers[0]) for draw in draws)
        count = sum(len(draw.numbers) for draw in draws)
        self.verdicts = np.full(count, FIT, np.int8)
        self.settled = self._counted = 0
        self._draw, self._place = np.empty(count, np.int64), np.empty(count, np.int64)
        for number, draw in enumerate(draws):
            self._draw[draw.numbers - self.start] = number
            self._place[draw.numbers - self.start] = np.arange(len(draw.numbers))

    @property
    def left(self) -> np.ndarray:
        """The candidates that no rule has refused so far, counted from 0, in their order."""
        return np.flatnonzero(self.verdicts == FIT)

    @property
    def is_settled(self) -> bool:
        """Whether all verdicts are there."""
        return self.settled == len(self.verdicts)

    def count(self, tally: Tally, end: int) -> None:
        """Count in a tally what became of the candidates up to ``end``, those not counted before."""
        tally.add(self.verdicts[self._counted : end])
        self._counted = end

    def by_structure(self, window: np.ndarray) -> Iterator[tuple[np.ndarray, Structure, np.ndarray]]:
        """Some candidates by structure: which, the structure, their levels (columns, candidates)."""
        for number, draw in enumerate(self.draws):
            mine = window[self._draw[window] == number]
            if len(mine):
                yield mine, draw.structure, draw.levels[:, self._place[mine]]

    def found(self, candidate: int) -> Found:
        """One candidate by itself."""
        draw, place = self.draws[self._draw[candidate]], self._place[candidate]
        return Found(self.start + candidate, draw.structure, tuple(draw.levels[:, place].tolist()))


class Search:
    """The candidates of a recipe that are fit, in the order of the stream.

    Raises :class:`InputError` for a recipe whose problem, or whose questions, cannot be used.
    """

    def __init__(self, recipe: Recipe, seed: int, xp: Namespace = np) -> None:
        self.space = Space(recipe)
        self.recipe, self.seed, self.xp = recipe, seed, xp
        self.stream, self.tally = Stream(self.space, seed), Tally()
        self._models: dict[int, Model] = {}
        self._sieves: dict[int, Sieve] = {}
        rules = applied(recipe.quality)
        self._cheap = [rule for rule in rules if rule.is_cheap]
        self._dear = [rule for rule in rules if not rule.is_cheap]
        for structure in self.space.structures:
            asked_items(recipe, structure)  # what is unknown in one of them is told before anything is drawn

    def model(self, structure: Structure) -> Model:
        """A structure as it is calculated with."""
        if structure.number not in self._models:
            self._models[structure.number] = Model(structure, self.recipe, partial(self.stream.pilot, structure))
        return self._models[structure.number]

    def found(self, wanted: int) -> tuple[Found, ...]:
        """The first ``wanted`` candidates that are fit.

        Raises :class:`InputError` with the reason where there are not so many.
        """
        if self.stream.count is not None and self.stream.count < wanted:
            told = f"{wanted:,}, expected at most {self.stream.count:,}: the recipe gives no more that differ"
            raise InputError(Fault("", told), "--variants")
        self.tally, fit, seen = Tally(), list[Found](), set[tuple[int, ...]]()
        for batch, window in self._judged():
            for place in window[batch.verdicts[window] == FIT].tolist():
                one = batch.found(place)
                if self._is_new(one, seen):
                    fit.append(one)
                else:
                    batch.verdicts[place] = RULES.index(ALIKE)
                if len(fit) == wanted:
                    batch.count(self.tally, place + 1)
                    return tuple(fit)
            batch.count(self.tally, batch.settled)
            if self._is_hopeless(len(fit)):
                break
        raise InputError(self._reason(len(fit), wanted))

    def _judged(self) -> Iterator[tuple[Batch, np.ndarray]]:
        """Window by window the candidates that the cheap rules leave, each with the verdict of all rules."""
        width, number = WINDOW, 0
        while draws := self.stream.draws(number):
            batch, number = self.sifted(draws), number + 1
            left = batch.left
            while not batch.is_settled:
                window, left = left[:width], left[width:]
                self._judge(batch, window)
                self.tally.dear += len(window)
                batch.settled = int(window[-1]) + 1 if len(left) else len(batch.verdicts)
                width = min(2 * width, WIDEST)
                yield batch, window

    def sifted(self, draws: list[Draw]) -> Batch:
        """A batch that has been through the cheap rules."""
        batch = Batch(draws)
        for draw in draws:
            batch.verdicts[draw.numbers - batch.start] = self._sieve(draw.structure).verdicts(draw.numbers, draw.levels)
        return batch

    def _sieve(self, structure: Structure) -> Sieve:
        if structure.number not in self._sieves:
            model = self.model(structure)
            each = self.stream.batch // len(self.space.structures)
            most = each + each // 8  # a few more than a batch has of each structure, so that they make one block
            self._sieves[structure.number] = Sieve(model, self._cheap, self.recipe.quality, self.xp, most)
        return self._sieves[structure.number]

    def _judge(self, batch: Batch, window: np.ndarray) -> None:
        """Some candidates of a batch by the dear rules, each only where those before it let them through."""
        for mine, structure, levels in batch.by_structure(window) if self._dear else ():
            model = self.model(structure)
            rows = Rows(model, batch.start + mine, levels, model.calculate(levels, self.xp))
            for rule in self._dear:
                rows = rows.only(batch.verdicts[rows.numbers - batch.start] == FIT)
                if len(rows):
                    batch.verdicts[rows.numbers - batch.start] = judge(rows, [rule], self.recipe.quality)

    def _is_new(self, one: Found, seen: set[tuple[int, ...]]) -> bool:
        """Whether no candidate has come before whose numbers, as far as they matter, are the same."""
        if ALIKE in self.recipe.quality.allow:
            return True
        key = (one.structure.number, *(one.levels[at] for at in columns_that_matter(self.model(one.structure))))
        return key not in seen and not seen.add(key)  # type: ignore[func-returns-value]

    def _is_hopeless(self, found: int) -> bool:
        """Whether it is time to give up."""
        most = min(MOST, NUMBERS // max(structure.size for structure in self.space.structures))
        each = MOST_EACH * most / MOST
        return self.tally.looked_at > most + each * found or self.tally.dear > MOST_DEAR + MOST_DEAR_EACH * found

    def _reason(self, found: int, wanted: int) -> Fault:
        refused: Mapping[str, int] = self.tally.refused
        most = max(refused, key=lambda name: refused[name], default="")
        looked_at = self.tally.looked_at
        of = "possible" if looked_at == self.stream.count else "looked at"
        told = f"found {found:,} fit, wanted {wanted:,}, out of {looked_at:,} {of}"
        why = f'; the rule "{most}" refused most, {refused[most]:,}: {said(f"refused.{most}")}' if most else ""
        return Fault("quality", told + why)
