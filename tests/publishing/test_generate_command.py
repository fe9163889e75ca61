"""``stepcalc generate``: what is refused, what reaches the exam, what is made again, and what is never overwritten."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from stepcalc.cli import main
from stepcalc.papers.options import PaperOptions
from stepcalc.publishing.shelf import Shelf
from tests.publishing.exams import EXAMPLES, WEIGHTS, files

QUIZ = ["generate", "quiz.json", "--seed", "5", "-o", "exam"]
CLASS = "student,variant\n../Bob,2\n=1+1,003\nEve \u202e,001\n../Bob,1\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a recipe and a class."""
    fields = {"problem": "two_two_one.toml", "vary": {"W1": WEIGHTS}, "ask": {"items": ["z1", "y_hat"]}}
    (tmp_path / "quiz.json").write_text(json.dumps(fields))
    (tmp_path / "two_two_one.toml").write_bytes((EXAMPLES / "two_two_one.toml").read_bytes())
    (tmp_path / "class.csv").write_text(CLASS, encoding="utf-8")
    (tmp_path / "nobody.csv").write_text("student\n")
    (tmp_path / "far.csv").write_text("student,variant\nAda,900000\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "--variants: missing; say how many, or --students CLASS for one each"),
        (["--only", "017", "--resume"], "--only: cannot stand beside --resume"),
        (["--only", "017", "--scheduler", "tcp://x:1"], "--only: cannot stand beside --scheduler"),
        (["--only", "017", "--students", "class.csv"], "--only: cannot stand beside --students"),
        (["--only", "017", "--report", "-"], "--only: cannot stand beside --report"),
        (["--only", "000"], "--only: 000, expected the id of a variant, such as 017"),
        (["--only", "two"], "--only: two, expected the id of a variant, such as 017"),
        (["--only", "900000"], "--only: 900,000, expected 1 to 100,000"),
        (["--students", "far.csv"], "far.csv: 900,000, expected 1 to 100,000"),
        (["--variants", "2", "--jobs", "0"], "--jobs: 0, expected 1 to 256"),
        (["--variants", "2", "--jobs", "2", "--scheduler", "tcp://x:1"], "--jobs: cannot stand beside --scheduler"),
        (["--variants", "0"], "--variants: 0, expected 1 to 100,000"),
        (["--variants", "2", "--seed", "-1"], "--seed: -1, expected a whole number from 0 to 2^63 − 1"),
        (["--variants", "2", "--pages-multiple", "0"], "--pages-multiple: 0, expected 1 to 16"),
        (["--variants", "2", "--report", "quiz.json"], "quiz.json: is the recipe file itself; not overwritten"),
        (["--students", "nobody.csv"], "nobody.csv: names no student"),
        (["--students", "class.csv", "--variants", "2"], "class.csv: =1+1: there is no variant 003"),
        (["--variants", "2", "-f", "pdf,doc"], '-f: unknown format "doc"'),
        (["--only", "1", "-f", "csv"], "-f: csv: made of all variants together, not of one"),
        (["--only", "1", "-f", "json"], "exam: holds no exam"),
        (["--variants", "1", "--resume"], "exam: holds no exam that was begun"),
    ],
)
def test_what_cannot_be_used_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    before = files(here)
    assert main([*QUIZ, *arguments]) == 2
    assert f"error: {told}" in capsys.readouterr().err
    assert files(here) == before


def test_what_is_said_reaches_the_exam(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[Any, ...]] = []
    monkeypatch.setattr("stepcalc.publishing.publish.publish", lambda exam, *more: said.append((exam, *more)))
    paper = ["--paper", "letter", "--pages-multiple", "2", "--template", "own"]
    assert main([*QUIZ, "--variants", "2", "-f", "csv,tex", "--resume", "--jobs", "1", *paper]) == 0
    ((exam, out, formats, students, resume, *_, options),) = said
    assert (len(exam), exam.seed, out, formats, students, resume) == (2, 5, "exam", ("csv", "tex"), {}, True)
    assert options == PaperOptions("letter", Path("own"), 2)


def test_an_exam_of_a_class_and_a_variant_of_it_again(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names lead nowhere, doubles are told, and what is not made again stays."""
    assert main([*QUIZ, "--students", "class.csv", "-f", "json,csv", "--report", "-"]) == 0
    out, err = capsys.readouterr()
    assert "candidates were looked at for 3 variants" in out
    assert "class.csv: row 5: ../Bob stands in the list already; left out" in err
    assert "wrote 3 variants into exam" in err
    manifest = json.loads((here / "exam" / "manifest.json").read_text())
    assert manifest["students"] == {"../Bob": "002", "=1+1": "003", "Eve": "001"}
    table = (here / "exam" / "answers.csv").read_text(encoding="utf-8").splitlines()
    assert {row[0] for row in csv.reader(table)} == {"variant", "001", "002", "003"}
    before = files(here)
    second = here / "exam" / "variants" / "002"
    (second / "key.json").write_text("spilt")
    (second / "notes.txt").write_text("mine")
    assert main([*QUIZ, "--only", "2", "-f", "json"]) == 0
    assert "wrote variant 002 into exam" in capsys.readouterr().err
    assert (second / "notes.txt").read_text() == "mine"
    (second / "notes.txt").unlink()
    assert files(here) == before


def test_nothing_in_the_directory_is_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "exam").mkdir()
    (here / "exam" / "answers.csv").write_text("student,z1\n")
    assert main([*QUIZ, "--variants", "1", "-f", "csv"]) == 2
    assert capsys.readouterr().err == (
        "exam is not finished; the same command with --resume finishes it\n"
        "error: exam/answers.csv: is there already, and not overwritten; move it away\n"
    )
    assert Shelf(here / "exam").is_begun
    (here / "exam" / "answers.csv").rename(here / "sat.csv")
    assert main([*QUIZ, "--variants", "1", "-f", "csv", "--resume"]) == 0
    assert (here / "exam" / "answers.csv").read_text().startswith("variant,question,")
