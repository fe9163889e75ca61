"""Grade books filled in: the marks and comments, and not a byte besides."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stepcalc.answers.archives import Feedback, feedback_zip
from stepcalc.answers.csv_places import cells_of
from stepcalc.answers.gradebook import Filled, Result, fill
from stepcalc.answers.safe import file_name, neutralised, restored
from stepcalc.errors import InputError

MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    '"Participant 101","Anna Müller",anna@x.org,"Submitted for grading",,100.00,Yes,"Friday, 1 May 2026, 9:00 AM",-,\n'
    '"Participant 102","Ben ""B"" Bo",ben@x.org,"No submission",12.00,100.00,Yes,-,-,"old; text"\n'
    '"Participant 103","Cleo D",cleo@x.org,"No submission",,100.00,Yes,-,-,\n'
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Grade,Backprop (8756),Quiz 2 (9001),Current Score\r\n"
    ",,,,,,Manual Posting,,\r\n"
    "    Points Possible,,,,,,21.00,10.00,(read only)\r\n"
    '"Müller, Anna",11,s11,anna,"A, B",,,3,50\r\n'
    '"Bo, Ben",12,s12,ben,A,x,N/A,4,60\r\n'
    '"Test, Cleo",13,,cleo,A,,EX,,\r\n'
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "grades.csv"


def filled(book: Path, content: str | bytes, *results: Result, column: str | None = None) -> Filled:
    book.write_bytes(content.encode() if isinstance(content, str) else content)
    return fill(book, results, column)


def refused(book: Path, content: str, column: str | None = None) -> str:
    with pytest.raises(InputError) as caught:
        filled(book, content, Result("anna", 1.0), column=column)
    (line,) = caught.value.lines()
    return line.removeprefix(f"{book}: ")


def test_a_worksheet_of_moodle(book: Path) -> None:
    results = [
        Result("anna", 52 / 3, 'Right up to z2;\nthen\n"ŷ" < 1', ("ANNA@x.org",)),
        Result("Cleo  d", 20.0),
        Result("nobody", 3.0),
    ]
    found = filled(book, MOODLE, *results)
    before, after = MOODLE.splitlines(), found.data.decode().splitlines()
    comment = '"Right up to z2;<br>then<br>""ŷ"" &lt; 1"'
    assert after[1] == before[1].replace('grading",,', 'grading",17.33333,') + comment
    assert after[3] == before[3].replace('submission",,', 'submission",20,')
    assert [after[0], after[2], *after[4:]] == [before[0], before[2]]
    assert found.notices == (
        '"nobody" is not in the grade book; not filled in',
        '1 of the grade book without marks, left as they are: Ben "B" Bo',
    )
    assert found.identifiers == {"anna": "Participant 101", "Cleo  d": "Participant 103"}


def test_a_grade_book_of_canvas(book: Path) -> None:
    results = [Result("Anna Müller", 20.25, "well done"), Result("Bo, Ben", 3.0), Result("x", 4.0, also=("13",))]
    found = filled(book, CANVAS, *results, column="8756")
    assert found.data.decode() == CANVAS.replace('"A, B",,,3', '"A, B",,20.25,3')
    assert found.notices == (
        '"Bo, Ben" has no such assignment; not filled in',
        '"x" is excused; not filled in',
        "a grade book of Canvas has no column for comments; they are not filled in",
    )


def test_the_only_assignment_is_found(book: Path) -> None:
    one = "Student,ID,Section,Backprop (8756),Current Score\n    Points Possible,,,21,(read only)\nAnna,1,A,,\n"
    assert filled(book, one, Result("Anna", 2.0)).data.decode() == one.replace("A,,\n", "A,2,\n")


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("cp1252", b"")]
)
@pytest.mark.parametrize(("separator", "ends"), [(",", "\r\n"), (";", "\n"), ("\t", "\r")])
def test_every_encoding_stays_as_it_is(book: Path, encoding: str, mark: bytes, separator: str, ends: str) -> None:
    rows = [
        ["Full name", "Email address", "Grade", "Maximum Grade", "Feedback comments"],
        ["Zoë", "z@x", "", "10,00", ""],
    ]
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=ends, quoting=csv.QUOTE_ALL).writerows(rows)
    data = mark + text.getvalue().encode(encoding)
    found = filled(book, data, Result("Zoë", 7.5, "∂L"))
    comment = "&#8706;L" if encoding == "cp1252" else "∂L"
    wanted = text.getvalue().replace(
        f'""{separator}"10,00"{separator}""', f'"7,5"{separator}"10,00"{separator}"{comment}"'
    )
    assert found.data == mark + wanted.encode(encoding)
    assert filled(book, data).data == data


def test_who_is_meant_must_be_sure(book: Path) -> None:
    rows = "Full name,Email address,Grade\nAnna M,a@x,\nAnna M,b@x,\nBen,c@x,\n"
    found = filled(
        book,
        rows,
        Result("Anna M", 1.0),
        Result("anna", 2.0, also=("b@x",)),
        Result("Ben", 3.0, also=("a@x",)),
        Result("c@x", 4.0),
        Result("ben", 5.0),
    )
    assert found.data.decode() == rows.replace("b@x,", "b@x,2").replace("c@x,", "c@x,4")
    assert found.notices[:3] == (
        '"Anna M" might be any of 2 in the grade book; not filled in',
        '"Ben" might be any of 2 in the grade book; not filled in',
        '"ben" and "c@x" have the same row; not filled in twice',
    )


def test_more_than_the_maximum_is_told(book: Path) -> None:
    rows = "Full name;Grade;Maximum Grade\nAnna;;10,00\nBen;;10,00\n"
    assert filled(book, rows, Result("Anna", 10.0), Result("Ben", 10.5)).notices == (
        '"Ben": 10,5 marks, more than the maximum of 10.00',
    )


def test_a_row_that_is_too_short_is_told(book: Path) -> None:
    found = filled(book, "Full name,Grade\nBen\n", Result("Ben", 1.0))
    assert found.data == b"Full name,Grade\nBen\n"
    assert found.notices == ('"Ben": the row ends before its marks; not filled in',)


def test_of_many_without_marks_some_are_named(book: Path) -> None:
    rows = "Full name,Grade\n" + "".join(f"{name},\n" for name in "ABCDEFG")
    assert filled(book, rows, Result("A", 1.0)).notices == (
        "6 of the grade book without marks, left as they are: B, C, D, E, F, …",
    )


def test_comments_are_text_to_spreadsheets_and_pages(book: Path) -> None:
    found = filled(book, "Full name,Grade,Feedback comments\nBen,,\n", Result("Ben", 1.0, "=cmd()\n<script>&"))
    assert found.data.decode().splitlines()[1] == "Ben,1,'=cmd()<br>&lt;script&gt;&amp;"
    book.write_text(CANVAS)
    found = fill(book, [Result("Müller, Anna", 1.0, "=1\n<b>")], "8756", comments="Grade")
    assert b'"A, B","\'=1\n<b>",1,3' in found.data


@pytest.mark.parametrize(
    ("content", "column", "told"),
    [
        ("", None, "no grade book: it has no rows"),
        ("a,b\n1,2\n", None, "no grade book: no column names students or their e-mail addresses"),
        ("Full name,Points\nBen,\n", None, 'name the column of the marks; there are "Full name", "Points"'),
        (MOODLE, "Grades", 'no column "Grades" for the marks; did you mean "Grade"?'),
        (CANVAS, "Current Score", 'the column "Current Score" is read only'),
    ],
)
def test_what_is_no_grade_book(book: Path, content: str, column: str | None, told: str) -> None:
    assert refused(book, content, column) == told


def test_two_assignments_ask_for_a_choice(book: Path) -> None:
    assert refused(book, CANVAS).startswith('name the column of the marks; there are "Student", "ID"')


@given(st.text(st.sampled_from('a,"\r\n;ü '), max_size=40), st.sampled_from(",;"))
def test_the_places_of_cells_cover_the_text(text: str, separator: str) -> None:
    rows = cells_of(text, separator)
    at = 0
    for cell in (cell for row in rows for cell in row):
        assert text[at : cell.start] in ("", separator, "\n", "\r", "\r\n")
        at = cell.end
    assert text[at:] in ("", "\n", "\r", "\r\n")


@given(st.lists(st.lists(st.text(max_size=6), min_size=1, max_size=4), min_size=1, max_size=4), st.booleans())
def test_cells_are_what_the_csv_module_wrote(rows: list[list[str]], quoted: bool) -> None:
    rows = [[cell.replace("\0", "") for cell in row] for row in rows]
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(rows)
    assert [[cell.text for cell in row] for row in cells_of(text.getvalue(), ",")] == rows


def test_quotes_never_closed_take_no_longer() -> None:
    assert len(cells_of('"a,' * 200_000, ",")[0]) == 200_001
    assert len(cells_of("a" + '"' * 200_000 + "\n", ",")) == 1


# ------------------------------------------------------------------------------------------------ feedback files


def moodle_takes(name: str) -> tuple[int, str] | None:
    """The participant and the file that Moodle reads off a path (importziplib.php): at underscores, five parts."""
    parts = name.split("/")
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) >= 4 and info[1].isdigit():
            rest = [info[4] if len(info) > 4 else "", *parts]
            return int(info[1]), "/".join(rest).lstrip("/")
    return None


def test_feedback_files_bear_the_names_that_moodle_expects() -> None:
    files = [
        Feedback("Anna_Maria Müller", "Participant 1234567", "feedback.pdf", b"one"),
        Feedback("../../<b>", "Participant 7", "../x_y.html", b"two"),
        Feedback("ben", "", "feedback.pdf", b"three"),
        Feedback("ben", "", "feedback.pdf", b"four"),
    ]
    data = feedback_zip(files)
    assert data == feedback_zip(files)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        assert names == [
            "Anna Maria Müller_1234567_assignsubmission_file_/feedback.pdf",
            "b_7_assignsubmission_file_/x_y.html",
            "ben/feedback.pdf",
            "ben 2/feedback.pdf",
        ]
        assert archive.read(names[0]) == b"one"
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert [moodle_takes(name) for name in names] == [(1234567, "feedback.pdf"), (7, "x_y.html"), None, None]


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-cmd", "@x", "\tx", "-1+2", "=", "＝1", "＠x"])
def test_formulas_are_neutralised_and_restored(text: str) -> None:
    assert neutralised(text) == f"'{text}"
    assert restored(neutralised(text)) == text


@pytest.mark.parametrize("text", ["-1", "+1.5", "-.5e-3", "a=b", "", "'quoted", "1/3"])
def test_numbers_and_plain_text_stay(text: str) -> None:
    assert neutralised(text) == restored(text) == text


@given(st.text(max_size=120))
@example("名" * 100)
def test_names_of_files_lead_nowhere(text: str) -> None:
    name = file_name(text)
    assert name
    assert not set('/\\:*?"<>|\0\r\n') & set(name)
    assert name not in (".", "..")
    assert len(name.encode()) <= 210
