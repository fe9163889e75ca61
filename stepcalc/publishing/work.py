"""What is done for one variant, in whatever process: its files, and its pieces of the files of all variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from stepcalc.exams.paper import Paper
from stepcalc.exams.variant import Variant
from stepcalc.output import Content, as_bytes
from stepcalc.papers.options import PLAIN_PAPER, PaperOptions
from stepcalc.problem import Problem
from stepcalc.problem.writer import problem_files
from stepcalc.publishing.formats import formats
from stepcalc.recipes import Recipe
from stepcalc.sheet.words import Words, words

PROBLEM = "problem.toml"


@dataclass(frozen=True, eq=False)
class Work:
    """One variant to be made, as it can be sent to another process."""

    id: str
    recipe: Recipe
    asked: tuple[str, ...]
    problem: Problem
    formats: tuple[str, ...]
    seed: int
    drawn_from: str
    options: PaperOptions = PLAIN_PAPER


@dataclass(frozen=True, eq=False)
class Made:
    """What a variant comes to: its ``files`` by name, its ``pieces`` by format, and the right ``answers`` by item."""

    id: str
    files: Mapping[str, bytes]
    pieces: Mapping[str, bytes]
    answers: Mapping[str, float]


def make(work: Work) -> Made:
    """Makes a variant. Raises :class:`~stepcalc.errors.InputError` where a question cannot be asked of it."""
    variant = Variant(work.id, work.recipe, work, work.asked, work.seed, work.drawn_from)
    paper = Paper(variant, _words(work.options.template))
    files: dict[str, Content] = dict(problem_files(variant.problem, PROBLEM))
    pieces: dict[str, bytes] = {}
    all_formats = formats(work.options)
    for name in work.formats:
        known = all_formats[name]
        if known.files is not None:
            files |= known.files(paper)
        if known.piece is not None:
            pieces[name] = known.piece(paper)
    return Made(work.id, {name: as_bytes(content) for name, content in files.items()}, pieces, variant.answers)


@cache
def _words(template: Path | None) -> Words:
    """The words of a course, read once for all its variants."""
    return words(template)
