"""The kinds of questions: how each is made from a variant."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stepcalc.exams.kinds.compute import compute
from stepcalc.exams.question import Question
from stepcalc.recipes.asking import Asked

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper

Make = Callable[["Paper", int, Asked], Question]

MAKERS: dict[str, Make] = {"compute": compute}
"""What makes a question of each kind."""


def question(paper: Paper, number: int, asked: Asked) -> Question:
    """One question of a variant."""
    return MAKERS[asked.kind](paper, number, asked)
