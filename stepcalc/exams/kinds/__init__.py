"""The kinds of questions: how each is made from a variant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from stepcalc.errors import Fault, InputError
from stepcalc.exams.exact import steady
from stepcalc.exams.gaps import printed, tells
from stepcalc.exams.kinds.complete_chain import complete_chain
from stepcalc.exams.kinds.compute import compute
from stepcalc.exams.kinds.find_the_error import find_the_error
from stepcalc.exams.kinds.multiple_choice import multiple_choice
from stepcalc.exams.kinds.order_the_steps import order_the_steps
from stepcalc.exams.kinds.short_form import short_form
from stepcalc.exams.question import Question
from stepcalc.recipes.asking import Asked

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper

Make = Callable[["Paper", int, Asked], Question]

MAKERS: dict[str, Make] = {
    "compute": compute,
    "complete_chain": complete_chain,
    "short_form": short_form,
    "multiple_choice": multiple_choice,
    "find_the_error": find_the_error,
    "order_the_steps": order_the_steps,
}
"""What makes a question of each kind."""


def questions(paper: Paper) -> tuple[Question, ...]:
    """All questions of a variant in their order.

    Raises :class:`InputError` that names each question which cannot be made of the problem.
    """
    made, faults = list[Question](), list[Fault]()
    for number, asked in enumerate(paper.variant.recipe.asked, start=1):
        try:
            made.append(MAKERS[asked.kind](paper, number, asked))
        except InputError as error:
            told = _named(paper, asked.kind)
            faults += (Fault(_place(paper, number), f"{told}: {fault.message}") for fault in error.faults)
    faults = faults or list(_given_away(paper, made))
    if faults:
        raise InputError(faults)
    return tuple(made)


def _given_away(paper: Paper, made: Sequence[Question]) -> Iterator[Fault]:
    """The questions in which right numbers stand that another one asks for, be it as those of other items."""
    for one in made:
        shown = set(one.shows) | _telling(paper, one.shows)
        asked = (item for other in made if other is not one for item in other.asks)
        known = [item for item in asked if item in shown or not shown.isdisjoint(_telling(paper, [item]))]
        if known:
            told = f"{_named(paper, one.kind)}: shows the right number of {known[0]}, which another question asks for"
            yield Fault(_place(paper, one.number), f"{told}; ask it in a paper of its own, or of other items")


def _telling(paper: Paper, items: Iterable[str]) -> set[str]:
    """The numbers of items, those with so many digits that they are the same by no accident, as ∂L/∂z and ŷ are."""
    numbers = (paper.context.whole.number(item) for item in items)
    return {repr(steady(value)) for value in numbers if value is not None and tells(printed(paper, value))}


def _named(paper: Paper, kind: str) -> str:
    return f"{kind}, variant {paper.variant.id}"


def _place(paper: Paper, number: int) -> str:
    """Where a question stands in the recipe."""
    asked = paper.variant.recipe.ask is not None
    return "ask" if asked and number == 1 else f"questions[{number - asked}]"
