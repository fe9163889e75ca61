"""From the exam to Moodle and back: every variant answered there, the report of the responses marked here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from stepcalc.cli import main
from stepcalc.exams.entrance import generate
from stepcalc.platforms.moodle_read import Read, read_moodle
from stepcalc.publishing.publish import publish
from stepcalc.resources import data_dir
from tests.platforms.moodle_site import report

RECIPES = data_dir("worked_examples") / "exams"
QUIZ = RECIPES / "quiz_two_two_one.toml"
VARIANTS = 4


SEVERAL = """
title = "Two parts"
problem = "{problem}"
[vary]
"data.x" = {{ low = 1, high = 4, step = 0.5 }}
[ask]
items = ["z1", "a1"]
[[questions]]
kind = "compute"
items = ["y_hat", "L"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exam")
    publish(generate(QUIZ, VARIANTS, 11), folder, ["moodle"], {})
    return folder


@pytest.fixture(scope="module")
def questions(folder: Path) -> tuple[Read, ...]:
    return read_moodle((folder / "moodle.xml").read_bytes())


def answers(folder: Path, place: int) -> dict[str, float]:
    found: dict[str, float] = json.loads((folder / "manifest.json").read_text())["variants"][place]["answers"]
    return found


def marked(folder: Path, attempts: Mapping[str, Sequence[tuple[Read, Sequence[str]]]]) -> dict[str, Any]:
    """The marks by student, through the command."""
    export, marks = folder / "responses.csv", folder / "marks.json"
    export.write_text(report(attempts), encoding="utf-8")
    assert main(["check", str(folder), str(export), "-f", "json", "-o", str(marks)]) == 0
    return {one["student"]: one for one in json.loads(marks.read_text())["students"]}


def test_every_variant_comes_back_with_all_marks(folder: Path, questions: tuple[Read, ...]) -> None:
    attempts = {}
    for place, question in enumerate(questions):
        given = [f"{value:#.4g}" for value in answers(folder, place).values()]
        assert question.percent(given) == 100
        attempts[f"Student No{place}"] = [(question, given)]
    marks = marked(folder, attempts)
    assert len(marks) == VARIANTS
    for student in marks.values():
        assert student["marks"] == 16
        assert {item["verdict"] for item in student["items"]} == {"correct"}


def test_what_follows_from_a_mistake_gets_its_marks(folder: Path, questions: tuple[Read, ...]) -> None:
    """Moodle gives marks for what is right only; stepcalc also for right steps on a wrong number."""
    import stepcalc

    place = 1
    right = answers(folder, place)
    problem = stepcalc.load(folder / "variants" / "002" / "problem.toml")
    wrong_loss = right | {"y_hat[1]": right["y_hat[1]"] / 2}
    given = [f"{value:#.4g}" for value in wrong_loss.values()]
    alone = stepcalc.check(problem, {"Ann Other": dict(zip(right, given, strict=True))})
    student = marked(folder, {"Ann Other": [(questions[place], given)]})["Ann Other"]
    assert student["first_error"] == "y_hat[1]"
    assert student["marks"] == alone.totals[0] < 16
    decisive = {item["id"]: item["verdict"] for item in student["items"]}
    assert decisive["y_hat[1]"] == "wrong"


def test_gaps_left_empty_are_missing(folder: Path, questions: tuple[Read, ...]) -> None:
    right = list(answers(folder, 2).values())
    given = [f"{right[0]:#.4g}", *[""] * 15]
    student = marked(folder, {"Eve Empty": [(questions[2], given)]})["Eve Empty"]
    assert student["marks"] == 1
    assert [item["verdict"] for item in student["items"]] == ["correct", *["missing"] * 15]


def test_of_an_exam_with_several_questions_all_together_are_marked(tmp_path: Path) -> None:
    recipe = tmp_path / "several.toml"
    recipe.write_text(SEVERAL.format(problem=data_dir("worked_examples") / "two_two_one.toml"))
    folder = tmp_path / "exam"
    publish(generate(recipe, 2, 5), folder, ["moodle"], {})
    found = read_moodle((folder / "moodle.xml").read_bytes())
    assert [question.name for question in found[-2:]] == ["001 · All questions", "002 · All questions"]
    right = {item: f"{value:#.4g}" for item, value in answers(folder, 1).items()}
    given = [right[item] for item in ("z1[1]", "z1[2]", "a1[1]", "a1[2]", "y_hat[1]", "L")]
    assert found[-1].percent(given) == 100
    marks = marked(
        folder, {"Ann Whole": [(found[-1], given)], "Ben Mixed": [(found[0], given[:4]), (found[3], given[4:])]}
    )
    assert {item["verdict"] for item in marks["Ann Whole"]["items"]} == {"correct"}
    assert marks["Ann Whole"]["marks"] == len(right)
    assert marks["Ben Mixed"]["marks"] < 4


def test_grades_come_back(folder: Path, questions: tuple[Read, ...]) -> None:
    """``--fill`` puts the marks into the table that Moodle exports from its grades, and imports again."""
    given = [f"{value:#.4g}" for value in answers(folder, 0).values()]
    export, table = folder / "responses.csv", folder / "Grades.csv"
    export.write_text(report({"Ann Other": [(questions[0], given)]}), encoding="utf-8")
    table.write_text(
        "First name,Last name,ID number,Email address,Quiz: Backpropagation (Real),Last downloaded from this course\n"
        "Ann,Other,,ann.other@example.org,14.50,1780000000\nBen,Absent,,ben@example.org,-,1780000000\n"
    )
    column = "Quiz: Backpropagation (Real)"
    asked = ["check", str(folder), str(export), "--fill", str(table), "--column", column, "-o", str(folder)]
    assert main(asked) == 0
    assert (folder / "Grades.filled.csv").read_text().splitlines()[1:] == [
        "Ann,Other,,ann.other@example.org,16,1780000000", "Ben,Absent,,ben@example.org,-,1780000000",
    ]  # fmt: skip
