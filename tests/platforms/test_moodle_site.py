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
