"""The short form of a gradient, in symbols."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, cast

import sympy as sp

from stepcalc.calculus.to_board import to_board
from stepcalc.exams.formulas import Formulas
from stepcalc.exams.kinds.parts import MOST_OPTIONS, differentiated, heading, impossible, mixed
from stepcalc.exams.question import Choice, Criterion, Option, Question
from stepcalc.exams.shortened import Shortened
from stepcalc.exams.worked import worked
from stepcalc.items import derivative_id
from stepcalc.recipes.asking import Asked, ShortForm
from stepcalc.sheet.blocks import Formula, Prose
from stepcalc.sheet.mistaken import told

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper

MOST_TRIED = 40
"""So many mistaken forms are looked at for some that differ."""


def short_form(paper: Paper, number: int, asked: Asked) -> Question:
    """A question that asks for the short form of a gradient."""
    item = differentiated(paper, cast(ShortForm, asked).item)
    scribe, say = paper.context.whole, paper.words.say
    step, short = scribe.short(item), paper.variant.trace.derivation.short(item)
    if step is None or short is None:
        raise impossible(f"{step_id(paper, item)} has no short form: too many paths lead on from it")
    left, shown = step.formula.parts[0], step.formula.parts[-1]
    wrong = tuple(islice(_wrong(paper, item, short), MOST_OPTIONS - 1))
    if not wrong:
        raise impossible(f"no mistake gives another short form of {step_id(paper, item)}")
    worth = asked.marks or 1.0
    choice = Choice(mixed(paper.chance(number), Option((shown,), right=True), wrong), worth, (left,), written=True)
    prompt = (Prose(say("exam.short_form", item=left)),)
    way = worked(paper, step.item)
    lines = (way.formula,) if way is not None else ()
    solution = (Formula(tuple(dict.fromkeys((*lines, step.formula)))),)
    rubric = (Criterion(say("exam.right_form", item=left), worth, "method"),)
    return Question(number, asked.kind, heading(paper, asked), prompt, (choice,), solution, rubric)


def step_id(paper: Paper, item: str) -> str:
    """The id of ∂cost/∂item."""
    return derivative_id(paper.variant.trace.graph.cost, item)


def _wrong(paper: Paper, item: str, right: sp.Expr) -> Iterator[Option]:
    """The short forms that mistakes give, none of them equal to the right one or to each other."""
    formulas = Formulas(paper.variant.trace, [item])
    kept, names = [right], set[str]()
    for finding, formula in islice(Shortened(formulas.steps, item).mistaken(), MOST_TRIED):
        if finding.name in names or any(formulas.alike(formula, known) for known in kept):
            continue
        kept.append(formula)
        names.add(finding.name)
        node = paper.context.whole.notation.dress(to_board(formula))
        yield Option((node,), why=told(paper.words, paper.symbol, [finding]), name=finding.name)
