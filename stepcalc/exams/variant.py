"""A variant of an exam: its problem, solved, and what is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from stepcalc.answers.names import elements
from stepcalc.backend import REPRODUCIBLE
from stepcalc.drawing.report import Report, report
from stepcalc.drawing.search import Found, Search
from stepcalc.exams.exact import exact_answers
from stepcalc.problem import Problem
from stepcalc.problem.items import with_marking
from stepcalc.recipes import Recipe
from stepcalc.recipes.asking import Compute
from stepcalc.solving import solve
from stepcalc.trace import Trace


class Candidate(Protocol):
    """What a variant is made of: a problem."""

    @property
    def problem(self) -> Problem:
        """The problem."""


@dataclass(frozen=True, eq=False)
class Variant:
    """One variant: its ``id``, three digits or more, and the candidate that it is.

    ``asked`` are the ids of all items that its questions are about; ``seed`` is that of the exam, and
    ``drawn_from`` the hash of what this is drawn from.
    """

    id: str
    recipe: Recipe
    candidate: Candidate
    asked: tuple[str, ...]
    seed: int = 0
    drawn_from: str = ""

    @cached_property
    def problem(self) -> Problem:
        """The problem, which asks and marks as the recipe says."""
        problem = self.candidate.problem
        said, worth = self.recipe.said_of_marking, _to_be_calculated(self.recipe, problem)
        if worth:
            own = {item: marks for item, marks in worth.items() if marks is not None}
            said |= {"items": list(worth), "marks": {**said.get("marks", {}), **own}}
        return with_marking(problem, said)

    @cached_property
    def trace(self) -> Trace:
        """The solved problem."""
        return solve(self.problem, REPRODUCIBLE)

    @cached_property
    def answers(self) -> dict[str, float]:
        """The right numbers in full precision of what is to be calculated, by item."""
        return {item: self.numbers[item] for item in _to_be_calculated(self.recipe, self.problem)}

    @cached_property
    def numbers(self) -> dict[str, float]:
        """The right numbers in full precision of all that its questions are about, by item."""
        return exact_answers(self.trace, self.asked)


def _to_be_calculated(recipe: Recipe, problem: Problem) -> dict[str, float | None]:
    """The items whose numbers students write down, which is what the marker reads.

    With what each is worth where its question says so: its share of the question's marks.
    """
    found: dict[str, float | None] = {}
    for asked in recipe.asked:
        if isinstance(asked, Compute):
            ids = dict.fromkeys(item for name in asked.items for item in elements(problem.items, name))
            share = None if asked.marks is None else asked.marks / len(ids)
            for item in ids:
                found.setdefault(problem.items.written_scalar(item) or item, share)
    return found


@dataclass(frozen=True, eq=False)
class Exam(Sequence[Variant]):
    """The variants of an exam, drawn from a recipe with a seed: what the ``search`` has ``found``."""

    recipe: Recipe
    seed: int
    variants: tuple[Variant, ...]
    search: Search
    found: tuple[Found, ...]

    @property
    def sha256(self) -> str:
        """The hash of what it is drawn from."""
        return self.search.space.sha256

    @cached_property
    def report(self) -> Report:
        """The quality of the variants, and of the candidates that they were chosen from."""
        return report(self.search, self.found)

    def __len__(self) -> int:
        return len(self.variants)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        return self.variants[place]

    def __iter__(self) -> Iterator[Variant]:
        return iter(self.variants)


def variant_id(number: int) -> str:
    """The id of a variant by its number, counted from 1: it has three digits or more."""
    return f"{number:03d}"
