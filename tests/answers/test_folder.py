"""A folder with a file for each student."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from stepcalc.answers.identity import identities
from stepcalc.answers.reading import read_answers
from stepcalc.errors import InputError
from stepcalc.problem import Problem
from tests.answers.test_notebook import notebook
from tests.answers.test_xlsx import BOOK, bomb


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four students, each with a file of another kind, and a bad file."""
    (tmp_path / "anna.csv").write_text("z1[1]\n4.60\n")
    (tmp_path / "ben.json").write_text(json.dumps({"Ben B.": {"z1_1": "1"}}))
    (tmp_path / "book.xlsx").write_bytes(BOOK.replace(b"", b""))
    (tmp_path / "cleo.ipynb").write_text(notebook("z1 = [1, 2, 3]"))
    (tmp_path / "dora.ipynb").write_text("no notebook")
    (tmp_path / "notes.txt").write_text("no answers")
    (tmp_path / ".hidden.csv").write_text("zz\n")
    return tmp_path


def test_every_kind_of_file(folder: Path, cookie: Problem) -> None:
    shutil.move(folder / "book.xlsx", folder / "az.xlsx")
    answers = read_answers(folder, cookie)
    assert answers.students == ("anna", "Ben B.", "cleo")
    assert answers.raw["z1[1]"] == ("1", "1", "1")
    assert answers.raw["z1[2]"] == ("", "", "2")
    assert answers.notices == (
        "notes.txt: no file of answers, .csv, .json, .xlsx, .ipynb; not read",
        "dora.ipynb: line 1, column 1: expecting value; not read",
        'anna.csv and az.xlsx are both of "anna"; the later one, az.xlsx, counts',
    )


def test_folders_of_moodle(tmp_path: Path, cookie: Problem) -> None:
    inner = tmp_path / "Anna Müller_1234567_assignsubmission_file"
    inner.mkdir()
    (inner / "answers.csv").write_text("z1[1]\n4.6\n")
    (tmp_path / "ben").mkdir()
    (tmp_path / "ben" / "a.ipynb").write_text(notebook("z2 = 1"))
    (tmp_path / "ben" / "b.csv").write_text("student,z2\ncleo,3\n")
    answers = read_answers(tmp_path, cookie)
    assert answers.students == ("Anna Müller", "ben", "cleo")
    assert answers.others == {"Identifier": ("Participant 1234567", "", "")}
    assert identities(answers, 0) == ("Participant 1234567",)


def test_links_and_bombs(folder: Path, cookie: Problem, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.csv").write_text("student,z1[1]\nsecret,1\n")
    (folder / "link.csv").symlink_to(outside / "secret.csv")
    (folder / "linked").symlink_to(outside)
    (folder / "bomb.xlsx").write_bytes(bomb())
    answers = read_answers(folder, cookie)
    assert set(answers.students) == {"anna", "Ben B.", "cleo"}
    assert "link.csv: a link; not followed" in answers.notices
    assert "bomb.xlsx: it unpacks to more than 100 MB; not read" in answers.notices


def test_too_many_files(folder: Path, cookie: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stepcalc.answers.folder.MAX_FILES", 4)
    with pytest.raises(InputError, match="5 files, at most 4 are read"):
        read_answers(folder, cookie)


def test_a_folder_without_answers(tmp_path: Path, cookie: Problem) -> None:
    with pytest.raises(InputError, match=r"no file of answers in this folder: \.csv"):
        read_answers(tmp_path, cookie)
    (tmp_path / "a.csv").write_text("")
    with pytest.raises(InputError, match="the file is empty"):
        read_answers(tmp_path, cookie)
