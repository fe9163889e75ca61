"""Papers with questions of every kind of answer, made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import stepcalc
from stepcalc.board.nodes import Num
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Choice, Criterion, Gap, Option, Order, Question, Wrong
from stepcalc.recipes import Recipe
from stepcalc.sheet.blocks import Formula, Prose

EXAMPLES = Path(__file__).resolve().parents[2] / "worked_examples"
QUIZ: dict[str, Any] = {
    "title": "Backpropagation, 2-2-1",
    "problem": "two_two_one.toml",
    "vary": {
        "W1": {"low": -1.0, "high": 1.0, "step": 0.1, "exclude": [0]},
        "W2": {"low": -1.0, "high": 1.0, "step": 0.1, "exclude": [0]},
        "data.x": {"choices": [1, 2, 3, 4]},
    },
    "ask": {"items": ["z1", "a1", "y_hat", "L", "dL/dW2"]},
    "paper": {
        "course": "Machine Learning I, winter term",
        "date": "14 February 2027, 10:00",
        "duration": "60 minutes",
        "aids": "a pocket calculator, one sheet of notes",
        "instructions": "Show how you found each number.\nWrite with a pen, not with a pencil.",
    },
}
HOSTILE = "<script>alert('x')</script> {{ 7*7 }} \\input{/etc/passwd} $x^2$ % & # _ ~ </style> =HYPERLINK(1)"


def recipe(**changes: Any) -> Recipe:
    return Recipe.from_fields({**QUIZ, **changes}, "quiz", EXAMPLES)


@cache
def variants(count: int = 2) -> tuple[Paper, ...]:
    return tuple(map(Paper, stepcalc.generate(recipe(), count, 7)))


def paper_of(**changes: Any) -> Paper:
    (variant,) = stepcalc.generate(recipe(**changes), 1, 7)
    return Paper(variant)


def every_kind(**changes: Any) -> Paper:
    """A paper with the quiz's own question, and one of each further kind of answer."""
    paper = paper_of(**changes)
    first = paper.questions[0]
    why = "was taken as it is, though the layer has one, and so every number after it is another, too."
    wrongs = (Wrong("no_activation", 1.2345, ("The activation is missing: ", first.gaps[0].symbol, f" {why}")),)
    gaps = tuple(replace(gap, wrongs=wrongs) if gap.item == "a1[1]" else gap for gap in first.gaps)
    line = [gap.step.lines[0] for gap in gaps if gap.step is not None]
    options = tuple(Option((Num(text),), text == "0.5772", ("This adds ", gaps[0].symbol, ".")) for text in TEXTS)
    formula = Option(("the factor ", gaps[3].symbol), True), Option(("the factor ", gaps[0].symbol), False, ("No.",))
    criterion = (Criterion(("what is right",), 2.0, "method"),)
    questions = (
        replace(first, answers=gaps, lines=3 * len(gaps)),
        question(2, "multiple_choice", (Choice(options, 1.0, (gaps[4].symbol,)),), criterion),
        question(3, "complete_chain", (Choice(formula, 0.5, ("① =",), written=True),), criterion),
        question(4, "order_the_steps", (Order(tuple(Formula((one,)) for one in line[:3]), (2, 0, 1), 3.0),), criterion),
    )
    paper.__dict__["questions"] = questions
    return paper


TEXTS = ("0.1234", "0.5772", "-0.9876", "0.2468")


def question(number: int, kind: str, answers: tuple[Gap | Choice | Order, ...], rubric: Any) -> Question:
    prompt = (Prose(("Do what is asked.",)),)
    return Question(number, kind, (kind.replace("_", " ").capitalize(),), prompt, answers, (), rubric)


def fields(**changes: Any) -> Mapping[str, Any]:
    return {**QUIZ, **changes}
