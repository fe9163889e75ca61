"""The marks as data and as a grade book: what the contract says, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from stepcalc.answers.safe import names_of_files
from stepcalc.marking.judge import VERDICTS
from stepcalc.reports import document
from stepcalc.reports.grade_book import safe
from tests.reports.classes import FORMULA, ITEMS, NOTICE, PATH, SCRIPT, classroom, key, of

STUDENT = {"student": str, "marks": float, "first_error": (str, type(None)), "items": list}
ITEM = {
    "id": str,
    "given": str,
    "expected": (float, str, type(None)),
    "verdict": str,
    "marks": float,
    "diagnosis": (str, type(None)),
    "note": str,
}


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document(classroom(), "json"), parse_constant=pytest.fail)
    return found


def test_it_has_the_keys_of_the_format(data: dict[str, Any]) -> None:
    assert data["format"] == "stepcalc-marks/1"
    assert data["max_marks"] == len(ITEMS)
    for student in data["students"]:
        for name, kind in STUDENT.items():
            assert isinstance(student[name], kind), name
        for item in student["items"]:
            for name, kind in ITEM.items():
                assert isinstance(item[name], kind), name
            assert item["verdict"] in VERDICTS


def test_it_has_what_was_typed_and_how_was_marked(data: dict[str, Any]) -> None:
    assert [student["student"] for student in data["students"][:3]] == [SCRIPT, FORMULA, PATH]
    assert [item["id"] for item in data["students"][0]["items"]] == list(ITEMS)
    assert data["notices"] == [NOTICE]
    assert data["policy"]["asked"]["significant"] == 4
    assert any("4 significant digits" in said for said in data["policy"]["words"])
    assert data["students"][0]["others"] == {"e-mail": "@0"}


def test_sums_agree(data: dict[str, Any]) -> None:
    for student in data["students"]:
        assert student["marks"] == sum(item["marks"] for item in student["items"])


def test_verdicts_diagnoses_and_reasons_are_told(data: dict[str, Any]) -> None:
    script, formula, path, right, *_ = ({item["id"]: item for item in s["items"]} for s in data["students"])
    assert {item["verdict"] for item in right.values()} == {"correct"}
    assert data["students"][0]["first_error"] == "y_hat"
    assert script["L"]["verdict"] == "follow_through"
    assert formula["z2"]["verdict"] == "invalid"
    assert formula["z2"]["note"].startswith("Could not be read")
    assert formula["L"]["verdict"] == "missing"
    assert path["dL/dz1[1]"]["diagnosis"] == "derivative_forgotten"
    assert "derivative of the activation" in path["dL/dz1[1]"]["note"]


def test_sums_of_shares_are_plain_numbers() -> None:
    marks = of({"a": key()}, marks={"default": 0.1})
    (student,) = json.loads(document(marks, "json"))["students"]
    assert student["marks"] == round(0.1 * len(ITEMS), 10)


def test_the_grade_book_is_read_back() -> None:
    rows = list(csv.DictReader(io.StringIO(document(classroom(), "csv"))))
    totals = json.loads(document(classroom(), "json"))["students"]
    assert [float(row["total"]) for row in rows] == [student["marks"] for student in totals]
    assert list(rows[0]) == ["student", "e-mail", *ITEMS, "total", "first error", "comment"]
    assert rows[0]["first error"] == "y_hat"
    assert rows[0]["comment"].startswith("Right up to z⁽²⁾; the error enters at ŷ. Everything after follows from it.")
    assert rows[3]["comment"] == "Every answer is right."
    assert rows[3]["y_hat"] == "1"


def test_nothing_in_it_is_a_formula() -> None:
    cells = [cell for row in csv.reader(io.StringIO(document(classroom(), "csv"))) for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]
    assert f"'{FORMULA}" in cells
    assert "'@0" in cells


@pytest.mark.parametrize("cell", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "＝1", "\x00=1"])
def test_a_cell_that_looks_like_a_formula_is_text(cell: str) -> None:
    assert safe(cell).startswith("'")


@pytest.mark.parametrize("cell", ["0.5", "Ada", "", "dL/dW1[1,1]"])
def test_any_other_cell_stays(cell: str) -> None:
    assert safe(cell) == cell


def test_file_names_are_safe_and_apart() -> None:
    odd = [
        "Ada",
        "ada",
        "con",
        "",
        "class",
        "a/b",
        "a\\b",
        ".hidden",
        "x" * 500,
        "Zoë 王",
        "\x00",
        "..",
        "NUL.txt",
        "𝔸" * 90,
    ]
    students = [SCRIPT, FORMULA, PATH, *odd]
    names = names_of_files(("class", *students), "")[1:]
    assert len({name.casefold() for name in names} | {"class"}) == len(students) + 1
    for name in names:
        assert not set(name) & set('/\\:*?"<>|\0\n')
        assert 0 < len(name.encode()) <= 210
        assert not name.startswith(".")
        assert name.casefold() not in ("con", "nul.txt")
    assert names[3:5] == ["Ada", "ada 2"]


def test_many_students_of_one_name_get_names_of_their_own_at_once() -> None:
    assert len(set(names_of_files(["?"] * 20_000, ""))) == 20_000
