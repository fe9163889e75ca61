"""The steps to one item, shuffled, such that they go together in one order only."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from stepcalc.board.nodes import Equation
from stepcalc.exams.kinds.parts import heading, impossible, scalar
from stepcalc.exams.question import Criterion, Order, Question
from stepcalc.exams.worked import worked
from stepcalc.recipes.asking import Asked, OrderTheSteps
from stepcalc.sheet.blocks import Formula, Prose

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper

FEWEST = 3
"""With fewer lines there is hardly anything to put in order."""


def order_the_steps(paper: Paper, number: int, asked: Asked) -> Question:
    """A question that asks for the order of the steps to an item, in symbols: numbers would tell it."""
    wanted = cast(OrderTheSteps, asked)
    say = paper.words.say
    item = scalar(paper, wanted.item)
    steps = [step.formula for at in way_to(paper, item) if (step := worked(paper, at)) is not None]
    steps = steps[-wanted.most :]
    lines = [Formula((_in_short(step),)) for step in steps]
    if len(lines) < FEWEST:
        raise impossible(f"steps on the longest way to {item}: {len(lines)}, expected at least {FEWEST}")
    chance, places = paper.chance(number), tuple(range(len(lines)))
    shuffled = chance.shuffled(places)
    while shuffled == places:
        shuffled = chance.shuffled(places)
    worth = asked.marks or float(len(lines))
    order = Order(tuple(lines[place] for place in shuffled), tuple(map(shuffled.index, places)), worth)
    symbol = paper.symbol(item)
    prompt = (Prose(say("exam.order_the_steps", item=symbol)),)
    rubric = (Criterion(say("exam.right_order", count=len(lines)), worth, "method"),)
    solution = (Formula(tuple(steps)),)
    return Question(number, asked.kind, heading(paper, asked), prompt, (order,), solution, rubric)


def _in_short(step: Equation) -> Equation:
    """What a step finds and what it comes to, without the links between, which another question may ask for."""
    return Equation((step.parts[0], step.parts[-1]), ("=",))


def way_to(paper: Paper, item: str) -> tuple[str, ...]:
    """The longest way to an item on which each step needs the one just before it: these have one order only."""
    steps = paper.steps
    longest: dict[str, tuple[str, ...]] = {}
    end = steps.canonical(item)
    for at in steps.order([end]):
        step = steps.step(at)
        if step is not None:
            before = (longest.get(need, ()) for need in step.needs)
            longest[at] = (*max(before, key=len, default=()), at)
    return longest.get(end, ())
