"""Answers as CSV, as spreadsheets and people write it; what is wrong in a row leaves the rest of the class alone."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcalc.answers.base import MAX_ANSWER, MAX_NOTICES
from stepcalc.answers.csv_file import table_of
from stepcalc.answers.files import read_bytes
from stepcalc.answers.identity import identities
from stepcalc.answers.reading import read_answers
from stepcalc.calculus.syntax import MAX_LENGTH
from stepcalc.errors import InputError
from stepcalc.problem import Problem
from tests.answers.conftest import Read

PLAIN = 'student,z1[1],"dL/dW1[1,2]",email\nanna,4.6,0.031,anna@x.org\nben, 4.60 ,,\n'


def refused(read: Read, content: str | bytes, name: str = "class.csv") -> list[str]:
    with pytest.raises(InputError) as caught:
        read(content, name)
    return [str(fault) for fault in caught.value.faults]


def test_a_plain_file(read: Read) -> None:
    answers = read(PLAIN)
    assert answers.items == ("z1[1]", "dL/dW1[1,2]")
    assert answers.students == ("anna", "ben")
    assert answers.raw == {"z1[1]": ("4.6", "4.60"), "dL/dW1[1,2]": ("0.031", "")}
    assert answers.others == {"email": ("anna@x.org", "")}
    assert identities(answers, 0) == ("anna@x.org",)
    assert answers.variants == answers.notices == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators(read: Read, encoding: str, ends: str, separator: str) -> None:
    rows = [["student", "z1[1]", "W1_new[1,2]"], ["Zoë", "4,6", ""], ["Åse", "−0.5".replace("−", "-"), "1/3"]]
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=ends).writerows(rows)
    answers = read(text.getvalue().encode(encoding))
    assert answers.students == ("Zoë", "Åse")
    assert answers.raw == {"z1[1]": ("4,6", "-0.5"), "W1_new[1,2]": ("", "1/3")}
    assert bool(answers.notices) == (encoding == "cp1252")


def test_the_separator_may_be_said_as_excel_says_it(read: Read) -> None:
    assert read("sep=|\nstudent|z1[1]\nanna|4,6\n").raw == {"z1[1]": ("4,6",)}


def test_headings_with_commas_need_no_quotes_beside_semicolons(read: Read) -> None:
    assert read("student;W1_new[1,2];z1[1]\nanna;0,5;4,6\n").raw == {"W1_new[1,2]": ("0,5",), "z1[1]": ("4,6",)}


def test_every_spelling_of_an_item_is_read(read: Read) -> None:
    answers = read("Student,z1_1,dL_dW1_2_3,y_hat,W2_new[2],VARIANT\nanna,1,2,3,4,007\n")
    assert answers.items == ("z1_1", "dL_dW1_2_3", "y_hat", "W2_new[2]")
    assert answers.variants == ("007",)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("student,z1_1,z1[1]", 'column 3: "z1[1]" stands in column 2 already, as "z1_1"'),
        ("student,dL/db2[1],dL_db2", 'column 3: "dL_db2" stands in column 2 already, as "dL/db2[1]"'),
        ("student,group,group", 'column 3: "group" stands in column 2 already'),
        ("student,Student", 'column 2: "Student" stands in column 1 already, as "student"'),
        ("student,yhat", 'column 2: "yhat" is no item of this problem; did you mean "y_hat"?'),
        ("student,zl[1]", 'column 2: "zl[1]" is no item of this problem; did you mean "z1[1]"?'),
        ("student,ŷ", 'column 2: "ŷ" is no item of this problem; did you mean "y_hat"?'),
        ("student,z₁[2]", 'column 2: "z₁[2]" is no item of this problem; did you mean "z1[2]"?'),
        ("student,∂L/∂z1(1)", 'column 2: "∂L/∂z1(1)" is no item of this problem; did you mean "dL/dz1[1]"?'),
        ("student,dL/W2_1_2", 'column 2: "dL/W2_1_2" is no item of this problem; did you mean "dL/dW2_1_2"?'),
        ("student,z1[4]", 'column 2: "z1[4]" is no single element; z1 has shape (3), its first element is z1[1]'),
        ("student,z1", 'column 2: "z1" is no single element; z1 has shape (3), its first element is z1[1]'),
        ("student,dJ/dz2", 'column 2: "dJ/dz2" is no item of this problem'),
        ("student,w1_1_1", 'column 2: "w1_1_1" is no item of this problem; did you mean "W1"?'),
        ("student,z3", 'column 2: "z3" is no item of this problem'),
        (
            "student,W1_new[1,2]",
            'column 2: "W1_new[1,2]" is split at its comma; put it in quotes, or write "W1_new_1_2"',
        ),
    ],
)
def test_headings_that_cannot_be_meant(read: Read, header: str, told: str) -> None:
    assert refused(read, f"{header}\n")[0].startswith(told)


@pytest.mark.parametrize(
    "heading", ["email", "group", "id", "Task 1", "mark", "<script>", "Q1", "seat", "tutorial", ""]
)
def test_other_columns_pass_through(read: Read, heading: str) -> None:
    answers = read(f"student,z1[1],{heading}\nanna,1,two\n")
    assert answers.others == ({heading: ("two",)} if heading else {})


def test_rows_that_do_not_fit_are_told(read: Read) -> None:
    answers = read("student,z1[1],z1[2]\nanna,1\nben,1,2,3\ncleo,1,2,,\n\n,,\ndora,5,6\n")
    assert answers.students == ("anna", "cleo", "dora")
    assert answers.raw["z1[2]"] == ("", "2", "6")
    assert answers.notices == (
        "row 2 (anna): 2 cells under 3 headings; the others are empty",
        "row 3 (ben): 4 cells under 3 headings; the row is not read (does a decimal comma stand without quotes?)",
    )


def test_of_a_student_twice_the_later_row_counts(read: Read) -> None:
    answers = read("student,z1[1]\nanna,1\nben,2\nanna ,3\n")
    assert answers.students == ("anna", "ben")
    assert answers.raw["z1[1]"] == ("3", "2")
    assert answers.notices == ('row 2 and row 4 are both of "anna"; the later one, row 4, counts',)


def test_a_row_without_a_student_is_read(read: Read) -> None:
    answers = read("student,z1[1]\n,1\nben,2\n")
    assert answers.students == ("row 2", "ben")
    assert answers.notices == ('row 2 names no student; its answers are marked as those of "row 2"',)


def test_one_row_without_a_name_is_its_file_s(read: Read) -> None:
    assert read("z1[1]\n4.6\n", "anna.csv").students == ("anna",)
    assert read("student,z1[1]\n,4.6\n", "anna.csv").students == ("anna",)
    assert refused(read, "z1[1]\n4.6\n5\n") == ['no column "student", which says whose answers a row holds']


def test_the_legend_under_the_headings_is_no_student(read: Read) -> None:
    answers = read("student,z1[1]\n# what is asked,the first\n#7,5\n")
    assert answers.students == ("#7",)


def test_answers_in_quotes_may_go_over_lines(read: Read) -> None:
    answers = read('student,z1[1],note\nanna,"1\n+ 2","a\nb"\nben,"3\n",\n')
    assert answers.raw == {"z1[1]": ("1\n+ 2", "3")}
    assert answers.notices == ("row 2 (anna), z1[1]: an answer of 2 lines",)


@pytest.mark.parametrize(
    "rows",
    [
        'anna,"4.6\nben,5\ncleo,6\n',
        'anna,"4.6\nben,"5\ncleo,6\n',
        'anna,"4.6"x\nben,5\ncleo,6',
        'ben,5\ncleo,6\nanna,"4',
    ],
)
def test_a_quote_that_is_never_closed_swallows_nobody(read: Read, rows: str) -> None:
    answers = read(f"student,z1[1]\n{rows}")
    assert sorted(answers.students) == ["anna", "ben", "cleo"]
    assert answers.raw["z1[1]"][answers.students.index("cleo")] == "6"
    assert "quotes that do not belong together" in answers.notices[0]


def test_quotes_opened_again_and_again_take_no_longer(read: Read) -> None:
    answers = read("student,z1[1]\n" + "".join(f's{n},"1\n' for n in range(5001)))
    assert len(answers.students) == 5001
    assert len(answers.notices) == MAX_NOTICES + 1
    assert answers.notices[-1] == "and 4,801 more notices"


def test_a_quote_that_is_closed_much_later_swallows_nobody(read: Read) -> None:
    rows = "".join(f"s{n},1\n" for n in range(150))
    assert len(read(f'student,z1[1]\nanna,"4\n{rows}zoe,5"\n').students) == 152


def test_a_cell_of_a_million_characters_is_cut(read: Read) -> None:
    answers = read(f"student,z1[1],z1[2]\nanna,{'1' * 1_000_000},2\nben,{' ' * 1_000_000}3,4\n")
    assert len(answers.raw["z1[1]"][0]) == MAX_ANSWER + 1
    assert answers.raw["z1[1]"][1] == "3"
    assert answers.raw["z1[2]"] == ("2", "4")
    assert answers.notices == ("row 2 (anna), z1[1]: 1,000,000 characters, more than 2,000; the cell is cut",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (",".join(["a"] * 1_000_000).encode(), "1,000,000 columns; at most 5,000 are read"),
        (b"student,z1[1]\n" + b"," * 5_000_001, "more than the 5,000,000 cells that are read"),
    ],
)  # fmt: skip
def test_files_that_are_none(read: Read, content: bytes, told: str) -> None:
    assert refused(read, content) == [told]


def test_what_is_no_file(tmp_path: Path, cookie: Problem) -> None:
    (tmp_path / "folder.csv").mkdir()
    wrong = {"gone.csv": "no such file", "folder.csv": "no file of answers in this folder", "a.cvs": "did you mean"}
    for name, told in wrong.items():
        with pytest.raises(InputError) as caught:
            read_answers(tmp_path / name, cookie)
        (line,) = caught.value.lines()
        assert line.startswith(str(tmp_path / name))
        assert told in line


def test_a_pipe_is_not_waited_for_and_a_large_file_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"1234")
    assert read_bytes(tmp_path / "large", 4) == b"1234"
    for name, told in {"pipe": "not a regular file", "large": "larger than the 0 MB"}.items():
        with pytest.raises(InputError, match=told):
            read_bytes(tmp_path / name, 3)


def test_as_much_of_an_answer_is_kept_as_can_be_read() -> None:
    assert MAX_ANSWER == MAX_LENGTH


def test_hostile_names_are_names(read: Read) -> None:
    names = ["<script>alert(1)</script>", "../../etc/passwd", "=cmd|'/c calc'!A1", "a\x00b\x1b[2Jc\u202e", "n" * 10_000]
    text = io.StringIO()
    csv.writer(text).writerows([["student", "z1[1]"], *([name, "1"] for name in names)])
    students = read(text.getvalue()).students
    assert students[:3] == tuple(names[:3])
    assert students[3] == "ab[2Jc"
    assert len(students[4]) == 201


CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_what_the_csv_module_writes_is_read_back(rows: list[tuple[str, str, str]], separator: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([["student", "z1[1]", "z1[2]"], *rows])
    table = table_of(text.getvalue(), {"student", "z1[1]", "z1[2]"}.__contains__)
    assert table.header == ("student", "z1[1]", "z1[2]")
    assert [tuple(cells) for _, cells in table.rows] == rows
    assert table.notices == ()
