"""What a recipe asks: the items to be calculated, and questions of other kinds."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from stepcalc.problem.section import Section, Text, by_type, each

MAX_ITEMS = 500
"""The most items of a question, and the most scalars that a variant asks."""
MAX_QUESTIONS = 100

Items: TypeAlias = Annotated[tuple[Text, ...], Field(strict=False, min_length=1, max_length=MAX_ITEMS)]


class Ask(Section):
    """The items that students calculate."""

    items: Items
    """A bare name asks every element."""


class Asked(Section):
    """What every question has."""

    kind: str
    marks: Annotated[float, Field(gt=0)] | None = None
    """What it is worth; left out: one mark a gap, a choice or a line."""
    title: Text = ""
    """Its heading; left out: what its kind is called."""


class Compute(Asked):
    """Numbers to be calculated."""

    kind: Literal["compute"]
    items: Items
    """A bare name asks every element."""


class CompleteChain(Asked):
    """The chain of factors of one derivative, of which some are missing."""

    kind: Literal["complete_chain"]
    item: Text
    """The derivative: dL/dW1[1,1]."""
    missing: Annotated[int, Field(ge=1, le=5)] = 1
    """How many factors are missing."""


class ShortForm(Asked):
    """The short form of one derivative, in symbols."""

    kind: Literal["short_form"]
    item: Text
    """The derivative: dL/dW1[1,1]."""


class MultipleChoice(Asked):
    """One number to be chosen among those that mistakes give."""

    kind: Literal["multiple_choice"]
    item: Text
    """What is asked: dL/dW1[1,1]."""
    options: Annotated[int, Field(ge=2, le=8)] = 4
    """How many there are to choose from, the right one among them."""


class FindTheError(Asked):
    """A worked solution with one mistake in it: which line is wrong, and what should it be?"""

    kind: Literal["find_the_error"]
    items: Items | None = None
    """Among which items' steps the mistake is made; left out: all those asked."""
    misconceptions: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """The mistakes to choose from by name; left out: any that can be made."""


class OrderTheSteps(Asked):
    """The steps to one item, shuffled."""

    kind: Literal["order_the_steps"]
    item: Text
    """What the steps lead to: dL/dW1[1,1]."""
    most: Annotated[int, Field(ge=3, le=12)] = 8
    """The most lines that are to be put in order."""


KINDS: dict[str, type[Asked]] = {
    "compute": Compute,
    "complete_chain": CompleteChain,
    "short_form": ShortForm,
    "multiple_choice": MultipleChoice,
    "find_the_error": FindTheError,
    "order_the_steps": OrderTheSteps,
}

AnyQuestion: TypeAlias = Compute | CompleteChain | ShortForm | MultipleChoice | FindTheError | OrderTheSteps
Questions: TypeAlias = Annotated[
    tuple[AnyQuestion, ...], Field(max_length=MAX_QUESTIONS), each(by_type(KINDS, "question", key="kind"), "question")
]
