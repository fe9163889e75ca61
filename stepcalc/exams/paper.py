"""A variant as it is set: its questions, in the words of the sheet."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from stepcalc.board.nodes import Node
from stepcalc.drawing.tolerance import reachable
from stepcalc.exams.chance import Chance
from stepcalc.exams.kinds import questions
from stepcalc.exams.question import Question
from stepcalc.exams.statement import as_set
from stepcalc.exams.variant import Variant
from stepcalc.marking.asking import asked_of
from stepcalc.marking.state import State
from stepcalc.marking.steps import Steps
from stepcalc.sheet.blocks import Block
from stepcalc.sheet.chosen import chosen_view
from stepcalc.sheet.context import Context, title
from stepcalc.sheet.words import Words, words


@dataclass(frozen=True, eq=False)
class Paper:
    """A variant about to be written."""

    variant: Variant
    words: Words = field(default_factory=words)

    @cached_property
    def context(self) -> Context:
        """The writer of the problem's sheet, for its symbols, steps and figures."""
        return Context(self.variant.trace, chosen_view(self.variant.trace, None), None, self.words)

    @cached_property
    def steps(self) -> Steps:
        """The own steps of the problem's items."""
        return Steps(self.variant.trace)

    @cached_property
    def reachable(self) -> State:
        """What somebody may have who rounds, or cuts off, every step on the way to what the questions are about."""
        trace, steps = self.variant.trace, self.steps

        def key(item: str) -> np.ndarray | None:
            value = trace.value(item)
            return None if value is None else np.array([value])

        return reachable(steps, key, asked_of(self.variant.problem), map(steps.canonical, self.variant.asked))

    def symbol(self, item: str) -> Node:
        """An item as the sheet writes it."""
        return self.context.named(item)

    @cached_property
    def statement(self) -> tuple[Block, ...]:
        """The problem as it is set: its network, its numbers, the conventions."""
        return tuple(as_set(Context(self.variant.trace, chosen_view(self.variant.trace, None), None, self.words)))

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions in their order."""
        return questions(self)

    def chance(self, question: int) -> Chance:
        """What decides on the order of options, and the like, in one question of this variant."""
        return Chance(self.variant.seed, self.variant.id, question)

    @property
    def title(self) -> str:
        """The heading: the recipe's, else the problem's."""
        return self.variant.recipe.title or title(self.variant.problem, self.words)
