"""Variants of exams, made for tests from any problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

import stepcalc
from stepcalc.answers.names import elements
from stepcalc.board.nodes import Node, Num
from stepcalc.board.text import text
from stepcalc.calculus.from_board import from_board
from stepcalc.calculus.functions import is_slope
from stepcalc.drawing.model import items_of
from stepcalc.drawing.search import Found
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Choice, Question, Sentence
from stepcalc.exams.variant import Variant
from stepcalc.items import Item
from stepcalc.problem import Problem
from stepcalc.recipes import RULES, Recipe
from tests.oracle import Arrays, Network

EXAMPLES = Path(__file__).parents[2] / "worked_examples"
WEIGHT = {"low": -1.0, "high": 1.0, "step": 0.1, "exclude": [0]}
ANYTHING = [rule for rule in RULES if rule not in ("overflow", "alike")]
"""Rules that are not asked for: a formula is right or wrong for dead units, too."""
VARIED = {"W1": WEIGHT, "W2": WEIGHT, "b1": WEIGHT, "data.x": {"choices": [0.5, 1, 1.5, 2]}}

RELU = """
title = "4-3-1 with ReLU"
loss = "mse"
[data]
x = [1, 2, 1, 0.5]
y = 0.5
[[layers]]
type = "dense"
activation = "relu"
W = [[0.6, 0.1, 0.3, 0.5], [0.2, 0.4, 0.7, 0.1], [0.1, 0.8, 0.3, 0.2]]
b = [0.3, 0.1, 0.2]
[[layers]]
type = "dense"
activation = "tanh"
W = [[0.7, -0.5, 0.3]]
b = [0.2]
[optimizer]
type = "adam"
learning_rate = 0.1
steps = 3
"""


def relu(folder: Path) -> Path:
    """The file of a 4-3-1 network with ReLU, trained with Adam."""
    file = folder / "relu.toml"
    file.write_text(RELU)
    return file


def paper(problem: str | Path, *questions: Mapping[str, Any], id: str = "001", seed: int = 0, **said: Any) -> Paper:
    """A variant with these questions: a worked example, or a problem file, as it is."""
    recipe = recipe_of(problem, *questions, **said)
    known = Problem.from_fields(recipe.fields, "problem", recipe.folder)
    typed = (name for one in recipe.asked for name in items_of(one))
    asked = dict.fromkeys(known.items.written_scalar(item) or item for t in typed for item in elements(known.items, t))
    return Paper(Variant(id, recipe, AsItIs(known), tuple(asked), seed))


@dataclass(frozen=True, eq=False)
class AsItIs:
    """A candidate that is not drawn: it may have no numbers."""

    problem: Problem


def recipe_of(problem: str | Path, *questions: Mapping[str, Any], **said: Any) -> Recipe:
    """A recipe with these questions."""
    file = problem if isinstance(problem, Path) else EXAMPLES / f"{problem}.toml"
    return Recipe.from_fields({"problem": file.name, "questions": [*map(dict, questions)], **said}, "exam", file.parent)


def varied(problem: str | Path, question: Mapping[str, Any], count: int, **vary: Any) -> list[Paper]:
    """Several variants of a problem with weights and inputs of their own, and one question."""
    recipe = recipe_of(problem, question, vary={**VARIED, **vary}, quality={"allow": ANYTHING})
    return [*map(Paper, stepcalc.generate(recipe, count, seed=7))]


def question(problem: str | Path, kind: str, **said: Any) -> Question:
    """One question of a problem as it is; ``id`` and ``seed`` are those of the variant."""
    variant = {key: said.pop(key) for key in ("id", "seed") if key in said}
    return paper(problem, {"kind": kind, **said}, **variant).questions[0]


def choice(asked: Question, place: int = 0) -> Choice:
    """A choice of a question, which says that it is one."""
    found = asked.answers[place]
    assert isinstance(found, Choice)
    return found


def told(sentence: Sentence) -> str:
    """A sentence as plain text."""
    return "".join(piece if isinstance(piece, str) else text(piece, inline=True) for piece in sentence)


def parts(thing: Any) -> Iterator[Any]:
    """Everything that something is made of, down to numbers and strings."""
    yield thing
    if isinstance(thing, tuple | list):
        for part in thing:
            yield from parts(part)
    elif is_dataclass(thing):
        for known in fields(thing):
            yield from parts(getattr(thing, known.name))


def numbers(thing: Any) -> set[str]:
    """The numbers that are printed in something."""
    return {part.text for part in parts(thing) if isinstance(part, Num)}


def judged(variant: Paper) -> tuple[Arrays, Arrays]:
    """What PyTorch has for a variant: every quantity, and every gradient."""
    found = variant.variant.candidate
    assert isinstance(found, Found)
    network = Network(found.structure.candidate_fields(found.levels))
    values, gradients = network.first_pass()
    return {**values, "y": network.y.numpy()[0]}, gradients


def element(arrays: Arrays, item: str) -> float:
    """One scalar of PyTorch's arrays."""
    parsed = Item.parse(item)
    array = arrays[parsed.name if parsed.name in arrays else "y_hat"]
    index = tuple(place - 1 for place in parsed.index) or (0,) * np.ndim(array)
    return float(array[index])


def value(formula: Node, values: Arrays) -> float:
    """A written formula with PyTorch's numbers put in; the slope of a ReLU is 0 or 1."""
    read = from_board(formula)
    known = {s: sp.Float(element(values, s.name), 30) for s in read.free_symbols}
    slopes = {part: sp.Integer(int(known[part.args[0]] > 0)) for part in read.atoms(sp.Function) if is_slope(part)}
    return float(read.xreplace(slopes).xreplace(known))
