"""Variants of exams, made for tests from any problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from stepcalc.board.nodes import Num
from stepcalc.board.text import text
from stepcalc.drawing.search import Found
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Question, Sentence
from stepcalc.exams.variant import Variant
from stepcalc.recipes import Recipe, Space

EXAMPLES = Path(__file__).parents[2] / "worked_examples"


def paper(problem: str | Path, *questions: Mapping[str, Any], id: str = "001", seed: int = 0, **said: Any) -> Paper:
    """A variant with these questions: a worked example, or a problem file, as it is."""
    file = problem if isinstance(problem, Path) else EXAMPLES / f"{problem}.toml"
    fields = {"problem": file.name, "questions": [dict(known) for known in questions], **said}
    recipe = Recipe.from_fields(fields, "exam", file.parent)
    structure = Space(recipe).structures[0]
    asked = tuple(item for question in questions for item in question.get("items") or [question["item"]])
    return Paper(Variant(id, recipe, Found(1, structure, (0,) * len(structure.columns)), asked, seed))


def question(problem: str | Path, kind: str, **said: Any) -> Question:
    """One question of a problem as it is; ``id`` and ``seed`` are those of the variant."""
    variant = {key: said.pop(key) for key in ("id", "seed") if key in said}
    return paper(problem, {"kind": kind, **said}, **variant).questions[0]


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
