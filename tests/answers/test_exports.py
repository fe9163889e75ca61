"""Exports of quizzes, as Moodle's responses report and Canvas's student analysis write them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from stepcalc.answers.exports import ids_in, item_mark, parts_of_canvas, parts_of_moodle
from stepcalc.answers.names import ItemNames
from stepcalc.answers.reading import read_answers
from stepcalc.errors import InputError
from stepcalc.problem import Problem
from tests.answers.conftest import Read
from tests.printed import example

ASKED = ("z1[1]", "z1[2]", "y_hat[1]")
MOODLE = ["Last name", "First name", "ID number", "Email address", "Status", "Started", "Grade/10.00"]


def table(*rows: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def person(last: str, first: str, *answers: str) -> list[str]:
    return [last, first, "", f"{first.lower()}@x.org", "Finished", "1 May 2026  9:00 AM", "7.5", *answers]


def test_a_report_that_has_the_questions(read: Read) -> None:
    question = "Find the sums: [z1_1] _____ and [z1[2]] _____ [variant 007]"
    text = table(
        [*MOODLE, "Question 1", "Response 1", "Right answer 1", "Question 2", "Response 2"],
        person(
            "Müller", "Anna", question, "part 1: 4.60; part 2: −4,5", "part 1: 4.6; part 2: 4.5", "[y_hat]", "0.907"
        ),
        person("Bo", "Ben", question, "part 1: ; part 2: 3", "", "[y_hat]", "-"),
        ["Overall average", "", "", "", "", "", "5", "", "-", "", "", "-"],
    )
    answers = read(text)
    assert answers.students == ("Anna Müller", "Ben Bo")
    assert answers.raw == {"z1[1]": ("4.60", ""), "z1[2]": ("−4,5", "3"), "y_hat[1]": ("0.907", "")}
    assert answers.variants == ("007", "007")
    assert answers.others["Email address"] == ("anna@x.org", "ben@x.org")
    assert not {"Question 1", "Right answer 1"} & answers.others.keys()
    assert answers.notices == ()


def test_a_report_without_the_questions_goes_by_the_items_asked(tmp_path: Path, cookie: Problem) -> None:
    (tmp_path / "a.csv").write_text(
        table(
            [*MOODLE, "Response 1", "Response 2"],
            person("M", "Anna", "part 1: 1; part 2: 2", "3"),
            person("B", "Ben", "-", "4"),
        )
    )
    answers = read_answers(tmp_path / "a.csv", cookie, ASKED)
    assert answers.raw == {"z1[1]": ("1", ""), "z1[2]": ("2", ""), "y_hat[1]": ("3", "4")}
    with pytest.raises(InputError, match="have 3 gaps and do not say which items they ask, of which there are 2"):
        read_answers(tmp_path / "a.csv", cookie, ASKED[:2])


def test_other_languages(tmp_path: Path, cookie: Problem) -> None:
    header = ["Nachname", "Vorname", "E-Mail-Adresse", "Frage 1", "Antwort 1"]
    (tmp_path / "a.csv").write_text(table(header, ["Ä", "B", "b@x", "[y_hat]", "Teil 1: 0,9"]))
    answers = read_answers(tmp_path / "a.csv", cookie)
    assert answers.students == ("B Ä",)
    assert answers.raw == {"y_hat[1]": ("0,9",)}


def test_namesakes_are_told_apart_and_later_attempts_count(read: Read) -> None:
    rows = [person("M", "Anna", "[y_hat]", str(n)) for n in range(3)]
    rows[1][3] = "other@x.org"
    answers = read(table([*MOODLE, "Question 1", "Response 1"], *rows))
    assert answers.students == ("Anna M (anna@x.org)", "Anna M (other@x.org)")
    assert answers.raw["y_hat[1]"] == ("2", "1")
    assert len(answers.notices) == 1


CANVAS = ["name", "id", "sis_id", "section", "section_id", "submitted", "attempt"]


def test_student_analysis_of_canvas(read: Read) -> None:
    text = table(
        [*CANVAS, "4711: Sums: [z1_1] and [z1_2] [variant 002]", "2.0", "4712: [y_hat]", "1.0", "n correct", "score"],
        ["Anna M", "11", "", "A", "1", "2026-05-01", "2", "4\\,6,5", "1.0", "0,907", "1.0", "2", "3"],
        ["Anna M", "11", "", "A", "1", "2026-05-01", "1", "1,2", "1.0", "3", "0.0", "2", "3"],
        ["Ben", "12", "", "A", "1", "2026-05-01", "1", "1,2,3", "0.0", "", "0.0", "2", "3"],
    )
    answers = read(text)
    assert answers.students == ("Anna M", "Ben")
    assert answers.raw == {"z1[1]": ("4,6", ""), "z1[2]": ("5", ""), "y_hat[1]": ("0,907", "")}
    assert answers.variants == ("002", "002")
    assert answers.others["score"] == ("3", "3")
    assert answers.notices[0] == "row 4 (Ben): 3 answers to the 2 gaps of a question; they are not read"


def test_analysis_of_canvas_where_students_had_different_questions(read: Read) -> None:
    heads = ["4711: [z1_1] [variant 001]", "1.0", "4712: [z1_1] [variant 002]", "1.0", "4713: [y_hat]", "1.0"]
    answers = read(table(
        [*CANVAS, *heads, "score"],
        ["Anna M", "11", "", "A", "1", "2026-05-01", "1", "4", "1.0", "", "", "7", "1.0", "2"],
        ["Ben", "12", "", "A", "1", "2026-05-01", "1", "", "", "5", "1.0", "", "0.0", "1"],
        ["Chris", "13", "", "A", "1", "2026-05-01", "1", "", "", "", "0.0", "8", "1.0", "1"],
    ))  # fmt: skip
    assert answers.raw == {"z1[1]": ("4", "5", ""), "y_hat[1]": ("7", "", "8")}
    assert answers.variants == ("001", "002", "002")


def test_of_several_variants_the_first_one_answered_counts(read: Read) -> None:
    """Canvas has a column for each question of a bank; Moodle may draw each question from another variant."""
    sums, outputs = "4711: [z1_1] [variant 001]", "4712: [z1_1] [variant 002]"
    answers = read(
        table(
            [*CANVAS, sums, "1.0", outputs, "1.0", "4713: [y_hat] [variant 003]", "1.0"],
            ["Anna M", "11", "", "A", "1", "2026-05-01", "1", "", "", "4,6", "1.0", "", ""],
            ["Ben", "12", "", "A", "1", "2026-05-01", "1", "", "", "5", "1.0", "0.9", "1.0"],
        )
    )
    assert answers.variants == ("002", "002")
    assert answers.raw["z1[1]"] == ("4,6", "5")
    assert "y_hat[1]" not in answers.raw
    assert answers.notices == ("row 3 (Ben): has questions of several variants; those of 002 are read",)


def test_parts() -> None:
    assert parts_of_moodle("part 1: a; part 2: b; part 2: c; part 9: d") == ["a", "b; part 2: c; part 9: d"]
    assert parts_of_moodle("part 2: a") == ["part 2: a"]
    assert parts_of_moodle("part 1: 3; part 2:") == ["3", ""]
    assert parts_of_moodle("0.5") == ["0.5"]
    assert parts_of_canvas("1\\,5,2", 2) == ["1,5", "2"]
    assert parts_of_canvas("1,5", 1) == ["1,5"]


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("two_two_one", "dL/dW1[2,1]"),
        ("adam", "z1[1]@2"),
        ("adam", "W1_m_hat[1,2]"),
        ("adam", "W1_new[1,2]#3"),
        ("adam", "L#2"),
        ("newton", "d2J/dx/dy"),
        ("newton", "d2J/dx/dx#2"),
    ],
)
def test_a_question_says_which_item_it_asks(name: str, item: str) -> None:
    assert ids_in(f"Calculate this: {item_mark(item)} = ___", ItemNames(example(name).problem)) == (item,)


def test_ids_in_texts(cookie: Problem) -> None:
    names = ItemNames(cookie)
    text = r"\[ x[1] \] [1] [x] [z1_2] [dL/dW1[2,3]] [z1[2]] [nonsense] [" + "[" * 10_000
    assert ids_in(text, names) == ("z1[2]", "dL/dW1[2,3]")
    assert ids_in("[-] {a; b} [z1_2] ___ [-] ___ [z1_2]", names) == (None, "z1[2]", None)


def test_gaps_that_ask_for_no_item_are_passed_over(read: Read) -> None:
    cell = "part 1: line 2; part 2: 4.6; part 3: 1"
    answers = read(
        table([*MOODLE, "Question 1", "Response 1"], person("A", "B", "[-] {line 1; line 2} [z1_1] [-]", cell))
    )
    assert answers.raw == {"z1[1]": ("4.6",)}
    assert answers.notices == ()


def test_hostile_cells(read: Read) -> None:
    cell = "part 1: " + "; part 1: " * 20_000
    answers = read(table([*MOODLE, "Question 1", "Response 1"], person("<script>", "../..", "[y_hat]", cell)))
    assert answers.students == ("../.. <script>",)
    assert len(answers.raw["y_hat[1]"][0]) == 2001
