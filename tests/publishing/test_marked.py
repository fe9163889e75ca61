"""What an exam says is right is right to the marker: every recipe that ships, from the recipe to the marks."""

from __future__ import annotations

from pathlib import Path

import pytest

import stepcalc
from stepcalc.answers.base import Answers
from stepcalc.exams.paper import Paper
from stepcalc.exams.variant import Exam
from stepcalc.marking.exam import load_exam, with_variants
from stepcalc.marking.mark import mark
from stepcalc.marking.marks import Marks
from tests.publishing.exams import EXAMPLES

RECIPES = sorted(EXAMPLES.glob("exams/*.toml"))
WITH_NUMBERS = [recipe for recipe in RECIPES if recipe.stem != "find_the_error"]
VARIANTS = 3


def published(recipe: Path, folder: Path) -> Exam:
    exam = stepcalc.generate(recipe, VARIANTS, seed=11)
    stepcalc.publish(exam, folder, ["csv"])
    return exam


def marked(folder: Path, raw: dict[str, list[str]]) -> Marks:
    exam = load_exam(folder)
    columns = {item: tuple(column) for item, column in raw.items()}
    students = tuple(f"s{place}" for place in range(VARIANTS))
    answers = with_variants(exam, Answers(tuple(raw), students, columns, ("1", "002", "3")))
    return mark(exam.solved(set(answers.variants)), answers)


@pytest.mark.parametrize("recipe", WITH_NUMBERS, ids=lambda recipe: recipe.stem)
def test_the_printed_key_gets_all_marks_and_each_mistake_is_found(recipe: Path, tmp_path: Path) -> None:
    exam = published(recipe, tmp_path / "exam")
    gaps = [{gap.item: gap for question in Paper(one).questions for gap in question.gaps} for one in exam]
    right = {item: [known[item].printed for known in gaps] for item in gaps[0]}
    marks = marked(tmp_path / "exam", right)
    assert all(student.marks == pytest.approx(marks.max_marks) for student in marks)
    assert marks.max_marks == pytest.approx(sum(gap.worth for gap in gaps[0].values()))
    item = next(item for item in reversed(gaps[0]) if all(known[item].wrongs for known in gaps))
    wrong = {**right, item: [repr(known[item].wrongs[0].value) for known in gaps]}
    for student, known in zip(marked(tmp_path / "exam", wrong), gaps, strict=True):
        found = next(one for one in student.items if one.item == item)
        assert found.verdict == "wrong"
        assert known[item].wrongs[0].name in {finding.name for finding in found.findings}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.stem)
def test_every_recipe_is_written_in_every_format(recipe: Path, tmp_path: Path) -> None:
    """Of the formats on paper each recipe has another one: their sheets are the same blocks."""
    exam = stepcalc.generate(recipe, 1, seed=5)
    paper = {"find_the_error": "pdf", "quiz_two_two_one": "html"}.get(recipe.stem, "tex")
    stepcalc.publish(exam, tmp_path / "exam", [paper, "json", "csv", "moodle", "canvas", "qti"])
    there = {path.name for path in (tmp_path / "exam").iterdir()}
    assert {"manifest.json", "answers.csv", "moodle.xml", "canvas.zip", "qti.zip", f"rubric.{paper}"} <= there
