"""What did the instructor ask for? Recipes of exams, read and validated; every complaint about one comes from here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError, ValidationInfo

from stepcalc.errors import Fault, InputError
from stepcalc.problem.faults import as_faults, found_in, refuse, shown
from stepcalc.problem.reader import read_fields
from stepcalc.problem.section import Section, Text, read_section
from stepcalc.problem.sections import Marking
from stepcalc.recipes.asking import Ask, Asked, Compute, Questions
from stepcalc.recipes.quality import Quality
from stepcalc.recipes.vary import Variation

MAX_KEYS = 2000
"""The most keys under [vary]."""


def _read_marking(data: Any, info: ValidationInfo) -> Any:
    if isinstance(data, Mapping) and "items" in data:
        refuse([(("items",), "what is asked stands under [ask] or [[questions]]")])
    return data if isinstance(data, Marking) else read_section(Marking, data, info)


def _refuse_problem(fields: Mapping[str, Any]) -> None:
    """A problem in place of a recipe is told as such, and not key by key."""
    if "problem" not in fields and not fields.keys().isdisjoint(("layers", "define", "table")):
        told = 'a problem, and no recipe; a recipe names it, problem = "…", and says what varies and what is asked'
        raise InputError(Fault("", told + "; to solve it: stepcalc solve"))


class Paper(Section):
    """What stands on the cover of an exam, beside its title."""

    course: Text = ""
    date: Text = ""
    duration: Text = ""
    """How long it takes: 60 minutes."""
    aids: Text = ""
    """What may be used: a pocket calculator."""
    instructions: Text = ""
    """What is to be known before one begins, a line each."""
    cover: bool = True
    """Whether all that has a page to itself; else it stands above the problem."""


class Recipe(Section):
    """A recipe of an exam: a problem, what varies in it, what is asked, and when a variant is fit to be set.

    ``problem`` is the file of the problem, relative to the recipe; its fields are ``fields``, as they are written.
    """

    title: Text = ""
    """The heading of the exam; left out: that of the problem."""
    problem: Text
    """The file of the problem, relative to the recipe."""
    vary: Annotated[dict[str, Variation], Field(max_length=MAX_KEYS)] = Field(default_factory=dict)
    """What varies: an array, each of whose elements is drawn (W1, data.x), or any other place of the problem."""
    ask: Ask | None = None
    """The numbers that students calculate."""
    questions: Questions | None = None
    """Questions of any kind, in their order; those under [ask] come first."""
    marking: Annotated[Marking, BeforeValidator(_read_marking)] = Field(default_factory=Marking)
    """How answers are marked; what the problem says of that is overruled."""
    quality: Quality = Field(default_factory=Quality)
    """When a variant is fit to be set."""
    paper: Paper = Field(default_factory=Paper)
    """What stands on the cover."""

    _fields: dict[str, Any] = PrivateAttr()
    _folder: Path = PrivateAttr()
    _name: str = PrivateAttr()

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any], name: str, folder: Path) -> Self:
        """The recipe that ``fields`` describe; its problem is looked for in ``folder``.

        Raises :class:`InputError` with one fault for each thing wrong.
        """
        _refuse_problem(fields)
        try:
            recipe = cls.model_validate(dict(fields), context={"folder": folder})
        except ValidationError as error:
            raise InputError(as_faults(found_in(error, cls))) from None
        if recipe.ask is None and not recipe.questions:
            raise InputError(Fault("ask", 'missing; say what is asked: [ask] items = ["z1", "dL/dW1"]'))
        file = folder / recipe.problem
        try:
            recipe._fields = read_fields(file)
        except InputError as error:
            raise InputError(
                [Fault("problem", f"{shown(recipe.problem)}: {fault}") for fault in error.faults]
            ) from None
        if "problem" in recipe._fields and "ask" in recipe._fields:
            raise InputError(Fault("problem", f"{shown(recipe.problem)} is a recipe itself, and no problem"))
        recipe._folder, recipe._name = file.absolute().parent, name
        return recipe

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the problem, as they are written."""
        return self._fields

    @property
    def folder(self) -> Path:
        """Where the problem's file is."""
        return self._folder

    @property
    def name(self) -> str:
        """The stem of the recipe's file, or ``exam``."""
        return self._name

    @property
    def said_of_marking(self) -> dict[str, Any]:
        """What it says of how answers are marked, as fields."""
        return self.marking.model_dump(exclude_unset=True)

    @property
    def asked(self) -> tuple[Asked, ...]:
        """All questions in their order, those under [ask] first."""
        first = () if self.ask is None else (Compute(kind="compute", items=self.ask.items),)
        return (*first, *(self.questions or ()))


def load_recipe(path: str | os.PathLike[str]) -> Recipe:
    """Read the recipe in the TOML or JSON file ``path``.

    Raises :class:`InputError` with one fault for each thing wrong, its ``source`` the path as it was given.
    """
    file = Path(path)
    try:
        return Recipe.from_fields(read_fields(file), file.stem or "exam", file.absolute().parent)
    except InputError as error:
        raise error.named(os.fspath(path)) from None
