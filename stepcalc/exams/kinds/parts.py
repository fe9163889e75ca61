"""What several kinds of questions need: their heading, the one item that they are about, options in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stepcalc.board.plain import clean
from stepcalc.errors import Fault, InputError
from stepcalc.exams.chance import Chance
from stepcalc.exams.question import Option, Sentence
from stepcalc.items import derivative_id
from stepcalc.recipes.asking import Asked

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper

MOST_OPTIONS = 4
"""So many formulas there are to choose from, the right one among them."""


def heading(paper: Paper, asked: Asked) -> Sentence:
    """The heading of a question: its own, else what its kind is called."""
    own = clean(asked.title).strip()
    return (own,) if own else paper.words.say(f"exam.{asked.kind}_title")


def impossible(reason: str) -> InputError:
    """What is raised where a question cannot be made of a problem; the question is named by who asks for it."""
    return InputError(Fault("", reason))


def scalar(paper: Paper, typed: str) -> str:
    """The one item that is named, under the id it is written with. Raises :class:`InputError` for an array."""
    items = paper.variant.problem.items
    found = items.scalar(typed)
    if found is None:
        raise impossible(f"{typed} is not a single number; name one element of it")
    return items.written_scalar(found) or found


def differentiated(paper: Paper, typed: str) -> str:
    """What a derivative of the cost is taken by: W1[1,1] for dL/dW1[1,1].

    Raises :class:`InputError` for what is no such derivative.
    """
    graph = paper.variant.trace.graph
    item = scalar(paper, typed)
    parsed = graph.read(item)
    if not parsed.of or parsed.by or (parsed.update or 1) > 1:
        raise impossible(f"{item} is no derivative of {graph.cost} in the first update")
    plain = str(parsed.plain)
    if not paper.variant.trace.derivation.locals(plain):
        raise impossible(f"no way leads from {plain} to {graph.cost}, so that {derivative_id(graph.cost, plain)} is 0")
    return plain


def mixed(chance: Chance, right: Option, wrong: Sequence[Option]) -> tuple[Option, ...]:
    """All options in the variant's own order."""
    return chance.shuffled((right, *wrong))
