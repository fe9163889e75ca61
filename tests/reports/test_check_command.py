"""``stepcalc check``: where each format goes, what is refused, and what is said of the marking on the command line."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from stepcalc.cli import main
from stepcalc.publishing.shelf import UNFINISHED
from tests.reports.classes import FORMULA, PATH, SCRIPT, after, key


@pytest.fixture
def here(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the cookie, one student's answers and a class's."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cookie.toml").write_bytes((repository / "worked_examples" / "cookie.toml").read_bytes())
    save(tmp_path / "one.csv", {"Ada": after("y_hat", 0.7)})
    save(tmp_path / "class.csv", {SCRIPT: after("y_hat", 0.7), FORMULA: key(), PATH: key() | {"L": "abc"}})
    return tmp_path


def save(path: Path, students: dict[str, dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["student", "e-mail", *next(iter(students.values()))])
        rows.writerows([name, f"{place}@uni", *given.values()] for place, (name, given) in enumerate(students.items()))


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


GIVEN = ["class.csv", "cookie.toml", "one.csv"]


def test_text_goes_to_standard_output(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "cookie.toml", "one.csv"]) == 0
    out, err = capsys.readouterr()
    assert "the error enters at ŷ. Everything after follows from it." in " ".join(out.split())
    assert err == ""
    assert files(here) == GIVEN


@pytest.mark.parametrize("format", ["json", "csv"])
def test_data_goes_to_standard_output_too(here: Path, capsys: pytest.CaptureFixture[str], format: str) -> None:
    assert main(["check", "cookie.toml", "class.csv", "-f", format]) == 0
    assert SCRIPT in capsys.readouterr().out
    assert files(here) == GIVEN


def test_the_ending_of_out_chooses_the_format(here: Path) -> None:
    assert main(["check", "cookie.toml", "class.csv", "-o", "marks.json"]) == 0
    assert json.loads((here / "marks.json").read_text(encoding="utf-8"))["format"] == "stepcalc-marks/1"


def test_several_formats_go_into_a_directory(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "cookie.toml", "class.csv", "-f", "txt,csv,json,html", "-o", "out/"]) == 0
    assert files(here / "out") == [
        *("class.html", "cmd() C calc A0.html", "cookie.csv", "cookie.json", "cookie.txt"),
        *("script alert(1) script.html", "x.html"),
    ]
    assert capsys.readouterr().err.splitlines()[0].startswith("wrote ")


def test_a_student_alone_gets_one_file(here: Path) -> None:
    assert main(["check", "cookie.toml", "one.csv", "-o", "ada.html"]) == 0
    assert "The first error" in (here / "ada.html").read_text(encoding="utf-8")
    assert files(here) == sorted([*GIVEN, "ada.html"])


def test_feedback_for_a_class_goes_into_a_folder(here: Path) -> None:
    assert main(["check", "cookie.toml", "class.csv", "-f", "html"]) == 0
    assert len(files(here / "cookie")) == 4


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-f", "html", "-o", "x.html"], "-o x.html: the pages of a class go into a directory"),
        (["-f", "html", "-o", "-"], "-o -: standard output takes one text: txt, csv, json"),
        (["-f", "txt,csv", "-o", "-"], "-o -: standard output takes one text"),
        (["-f", "pfd"], '-f: unknown format "pfd"; did you mean "pdf"?'),
        (["-o", "class.csv"], "class.csv: is the answers file itself; not overwritten"),
        (["-f", "txt", "-o", "cookie.toml"], "cookie.toml: is the problem file itself; not overwritten"),
        (["--decimals", "99"], "marking.tolerance.decimals: 99, expected at most 15"),
        (["--decimals", "3", "--significant", "3"], "marking.tolerance: expected either significant, or decimals"),
        (["--follow-through", "2"], "marking.follow_through: 2.0, expected at most 1"),
        (["--rounding", "nan"], "marking.rounding: "),
        (["--marks", "L"], '--marks: "L", expected a name and its marks, such as dL/dW1=6'),
        (["--marks", "L=-1"], '--marks: "L=-1", expected'),
        (["--marks", "LL=1"], 'marking.marks.LL: "LL" is no item of this problem'),
        (["--decimals", "many"], "argument --decimals: invalid int value: 'many'"),
        (["--template", "nowhere"], "nowhere: is not a folder"),
    ],
)
def test_what_cannot_be_used_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert main(["check", "cookie.toml", "class.csv", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {told}")
    assert len(err.splitlines()) == 1
    assert files(here) == GIVEN


WORKSHEET = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (grade)","Feedback comments"\n'
    '"Participant 101","Ada Lovelace",ada@x.org,Submitted,,2.00,Yes,-,\n'
    '"Participant 102","Bob B",bob@x.org,Submitted,1.00,2.00,Yes,-,old\n'
    '"Participant 103","Cleo C",cleo@x.org,"No submission",,2.00,Yes,-,\n'
)


@pytest.fixture
def sat(here: Path) -> Path:
    """The folder with two students' answers to two items, and Moodle's grading worksheet."""
    (here / "two.csv").write_text(
        "student,Email address,z2,y_hat\nAda,ada@x.org,2.285,0.5\nBob,bob@x.org,2.285,0.9076\n"
    )
    (here / "Grades.csv").write_text(WORKSHEET)
    return here


def marked(*arguments: str) -> dict[str, dict[str, Any]]:
    """What ``stepcalc check`` writes as data about each student."""
    assert main(["check", "cookie.toml", "two.csv", *arguments, "-o", "marks.json"]) == 0
    data = json.loads(Path("marks.json").read_text(encoding="utf-8"))
    return {student["student"]: student for student in data["students"]} | {"": data}


def test_marks_set_by_hand_survive_every_rerun(sat: Path) -> None:
    (sat / "by_hand.csv").write_text(
        "student,item,marks,reason\nAda,y_hat,0.5,=method shown\nZed,y_hat,1,who?\nBob,y_hat,3,bonus\nBob,z1[1],1,?\n"
    )
    for _ in range(2):
        found = marked("--overrides", "by_hand.csv")
        (given,) = [item for item in found["Ada"]["items"] if item["id"] == "y_hat"]
        assert (given["verdict"], given["marks"], given["decided"]) == ("wrong", 0.5, "=method shown")
        assert [found[name]["marks"] for name in ("Ada", "Bob")] == [1.5, 4]
        assert found[""]["notices"] == [
            'row 3 (Zed): there is no student "Zed" here',
            "row 4 (Bob): 3 marks, more than the 1 that y_hat is worth",
            "row 5 (Bob): there are no answers to z1[1] here",
        ]
    found = marked("--overrides", "by_hand.csv", "--drop", "y_hat")
    assert [found[name]["marks"] for name in ("Ada", "Bob")] == [1, 1]
    assert "row 2 (Ada): y_hat is not asked, or was dropped; the marks set by hand do not count" in found[""]["notices"]


def test_what_has_changed_since_the_last_marks(sat: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marked()
    (sat / "marks.json").rename(sat / "last.json")
    assert "changes" not in marked("--previous", "last.json")[""]
    (sat / "by_hand.csv").write_text("student,item,marks,reason\nAda,y_hat,0.5,method shown\n")
    changes = marked("--previous", "last.json", "--overrides", "by_hand.csv")[""]["changes"]
    assert changes == [
        {
            "student": "Ada",
            "before": 1.0,
            "after": 1.5,
            "items": [{"item": "y_hat", "before": 0.0, "after": 0.5, "why": "decision"}],
        }
    ]
    changes = marked("--previous", "last.json", "--drop", "z2")[""]["changes"]
    assert [(change["student"], change["items"][0]["why"]) for change in changes] == [
        ("Ada", "asked"),
        ("Bob", "asked"),
    ]
    capsys.readouterr()
    assert main(["check", "cookie.toml", "two.csv", "--previous", "last.json", "--rounding", "0"]) == 0
    assert "changed" not in capsys.readouterr().out
    assert main(["check", "cookie.toml", "two.csv", "-o", "last.json", "--previous", "last.json"]) == 2
    assert "last.json: is the last marks file itself; not overwritten" in capsys.readouterr().err


def test_a_grade_book_comes_back_filled_in(sat: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "cookie.toml", "two.csv", "--fill", "Grades.csv", "-f", "csv", "-o", "back/"]) == 0
    assert files(sat / "back") == ["Grades.filled.csv", "cookie.csv"]
    assert (sat / "Grades.csv").read_text() == WORKSHEET
    before, after = (
        list(csv.reader(text.splitlines())) for text in (WORKSHEET, (sat / "back/Grades.filled.csv").read_text())
    )
    assert [row[4] for row in after] == ["Grade", "1", "2", ""]
    assert after[1][8].startswith("Right up to z⁽²⁾; the error enters at ŷ.")
    assert after[2][8] == "Every answer is right."
    kept = [[cell for at, cell in enumerate(row) if at not in (4, 8)] for row in before]
    assert [[cell for at, cell in enumerate(row) if at not in (4, 8)] for row in after] == kept
    assert capsys.readouterr().err.splitlines() == [
        "wrote back/cookie.csv",
        "wrote back/Grades.filled.csv",
        "notice: 1 of the grade book without marks, left as they are: Cleo C",
    ]


def test_feedback_is_packed_as_moodle_takes_it(sat: Path) -> None:
    packed = ["check", "cookie.toml", "two.csv", "-f", "html", "--zip", "-o", "back/"]
    assert main([*packed, "--fill", "Grades.csv"]) == 0
    assert files(sat / "back") == ["Grades.filled.csv", "class.html", "feedback-html.zip"]
    with zipfile.ZipFile(sat / "back" / "feedback-html.zip") as archive:
        assert archive.namelist() == [
            "Ada_101_assignsubmission_file_/Ada.html",
            "Bob_102_assignsubmission_file_/Bob.html",
        ]
        assert "0.5" in archive.read("Ada_101_assignsubmission_file_/Ada.html").decode()
    first = (sat / "back" / "feedback-html.zip").read_bytes()
    assert main([*packed, "--fill", "Grades.csv"]) == 0
    assert (sat / "back" / "feedback-html.zip").read_bytes() == first
    assert main(packed) == 0
    with zipfile.ZipFile(sat / "back" / "feedback-html.zip") as archive:
        assert archive.namelist() == ["Ada/Ada.html", "Bob/Bob.html"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--zip"], "--zip: packs the pages of a class; ask for -f html or -f pdf"),
        (["--column", "Grade"], "--column: names a column of the grade book that --fill fills in"),
        (["--comments", "x"], "--comments: names a column of the grade book that --fill fills in"),
        (["--fill", "Grades.csv", "--column", "Gradee"], 'Grades.csv: no column "Gradee" for the marks; did you mean'),
        (["--fill", "two.csv"], "two.csv: "),
        (["--fill", "none.csv"], "none.csv: cannot be read: no such file or directory"),
        (["--fill", "Grades.csv", "-o", "Grades.filled.csv"], "-o Grades.filled.csv: is where the grade book goes"),
        (["--fill", "Grades.csv", "-o", "Grades.csv"], "Grades.csv: is the grade book file itself; not overwritten"),
        (["--overrides", "none.csv"], "none.csv: cannot be read: no such file or directory"),
        (["--overrides", "two.csv"], 'two.csv: no column "item"'),
        (["--previous", "two.csv"], "two.csv: line 1, column 1: "),
        (["--previous", "cookie.toml"], "cookie.toml: "),
    ],
)
def test_what_cannot_be_used_when_marking_again_is_refused(
    sat: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    there = files(sat)
    assert main(["check", "cookie.toml", "two.csv", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {told}")
    assert len(err.splitlines()) == 1
    assert files(sat) == there


def test_a_page_alone_goes_to_standard_output(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "cookie.toml", "one.csv", "-f", "html", "-o", "-"]) == 0
    assert capsys.readouterr().out.startswith("<!")
    assert files(here) == GIVEN


def test_a_reference_table_asks_nothing(here: Path, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = str(repository / "worked_examples" / "losses.toml")
    assert main(["check", table, "class.csv"]) == 2
    assert capsys.readouterr().err == f"error: {table}: a reference table asks nothing that could be marked\n"


def marks_of(here: Path, *arguments: str) -> dict[str, float]:
    assert main(["check", "cookie.toml", "class.csv", *arguments, "-o", "marks.json"]) == 0
    data = json.loads((here / "marks.json").read_text(encoding="utf-8"))
    return {student["student"]: student["marks"] for student in data["students"]}


def test_the_marking_can_be_said_on_the_command_line(here: Path) -> None:
    assert marks_of(here)[FORMULA] == 21
    assert marks_of(here, "--marks", "default=2,dL/dW1[2,3]=5")[FORMULA] == 45
    assert marks_of(here, "--marks", "dL/dW1=6")[FORMULA] == 25
    assert marks_of(here, "--drop", "L,dL/dW1[2,3]")[FORMULA] == 19
    follow = marks_of(here, "--follow-through", "0")[SCRIPT]
    assert follow < marks_of(here, "--follow-through", "0.5")[SCRIPT] < marks_of(here)[SCRIPT]
    assert marks_of(here, "--relative", "0.5")[SCRIPT] == 21


def test_the_problem_keeps_what_is_not_said_anew(here: Path) -> None:
    problem = here / "cookie.toml"
    problem.write_text(problem.read_text(encoding="utf-8") + "\n[marking]\nmarks = { default = 3, L = 1 }\n")
    assert marks_of(here)[FORMULA] == 61
    assert marks_of(here, "--marks", "L=2")[FORMULA] == 62
    assert marks_of(here, "--decimals", "3")[FORMULA] == 61


def test_each_student_of_an_exam_is_held_to_their_own_variant(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problem = (here / "cookie.toml").read_text(encoding="utf-8")
    for name, x in (("001", "[3, 5, 2, 4]"), ("002", "[1, 5, 2, 4]")):
        (here / "exam" / name).mkdir(parents=True)
        (here / "exam" / name / "problem.toml").write_text(problem.replace("[3, 5, 2, 4]", x), encoding="utf-8")
    variants = [{"id": name, "problem": f"{name}/problem.toml", "answers": {"z1[1]": 0}} for name in ("001", "002")]
    manifest = {"format": "stepcalc-exam/1", "seed": 1, "variants": variants}
    (here / "exam" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (here / "sat.csv").write_text("student,variant,z1[1]\nAda,001,4.6\nBob,2,3.4\nEve,,4.6\nZoe,001,3.4\n")
    assert main(["check", "exam", "sat.csv", "-f", "txt,json,html", "-o", "out/"]) == 0
    data = json.loads((here / "out" / "exam.json").read_text(encoding="utf-8"))
    assert [(one["student"], one["marks"]) for one in data["students"]] == [("Ada", 1), ("Bob", 1), ("Zoe", 0)]
    assert data["students"][1]["variant"] == "002"
    assert not (here / "out" / "Eve.html").exists(), "it would show another student's solution"
    assert "no variant is named; not marked" in (here / "out" / "exam.txt").read_text(encoding="utf-8")
    assert "4.6" in (here / "out" / "Ada.html").read_text(encoding="utf-8")
    assert "no variant is named" in (here / "out" / "class.html").read_text(encoding="utf-8")
    assert "no variant is named" not in (here / "out" / "Ada.html").read_text(encoding="utf-8"), "of somebody else"
    assert "= 3.4" in (here / "out" / "Bob.html").read_text(encoding="utf-8").replace("<mo>=</mo><mn>", "= ")
    capsys.readouterr()
    assert main(["check", "exam", "sat.csv", "-f", "csv"]) == 0
    assert capsys.readouterr().err == 'sat.csv: "Eve": no variant is named; not marked\n'
    (here / "sat.csv").write_text("student,variant,z1[1]\nAda,009,4.6\n")
    assert main(["check", "exam", "sat.csv"]) == 2
    assert "error: sat.csv: no student, no item, or no known variant" in capsys.readouterr().err


LAYER = '[[layers]]\ntype = "dense"\nW = [[{}]]\n'


@pytest.fixture
def exam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An exam whose second variant has a layer more, and a class list."""
    monkeypatch.chdir(tmp_path)
    variants = []
    for name, layers in (("001", [2.0]), ("002", [2.0, 3.0])):
        (tmp_path / "exam" / name).mkdir(parents=True)
        problem = 'loss = "mse"\n[data]\nx = [1]\ny = [3]\n' + "".join(map(LAYER.format, layers))
        (tmp_path / "exam" / name / "problem.toml").write_text(problem)
        variants.append({"id": name, "problem": f"{name}/problem.toml", "answers": {"z1[1]": 2, "y_hat[1]": 6}})
    manifest = {"format": "stepcalc-exam/1", "seed": 1, "students": {"Zoe": "001"}, "variants": variants}
    (tmp_path / "exam" / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "class.csv").write_text("student,variant\nAda,1\nBob,002\n")
    return tmp_path


def test_the_class_list_says_whose_variant_is_whose(exam: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (exam / "sat.csv").write_text("student,y_hat,dL/dW2\nAda,2,\nBob,6,12\nZoe,2,\n")
    (exam / "by_hand.csv").write_text("student,item,marks,reason\nBob,dL/dW2,0.5,late\n")
    by_hand = ["--overrides", "by_hand.csv", "-o", "marks.json"]
    assert main(["check", "exam", "sat.csv", "--students", "class.csv", *by_hand]) == 0
    data = json.loads((exam / "marks.json").read_text(encoding="utf-8"))
    assert [(each["variant"], each["marks"]) for each in data["students"]] == [("001", 1), ("002", 1.5), ("001", 1)]
    assert [len(each["items"]) for each in data["students"]] == [1, 2, 1]
    assert data["notices"] == []
    assert main(["check", "exam/001/problem.toml", "sat.csv", "--students", "class.csv"]) == 2
    assert "--students: says who has which variant; PROBLEM is no directory of an exam" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["check", "exam", "sat.csv"], ["template", "exam"]])
def test_an_exam_that_is_not_finished_is_told(
    exam: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    (exam / "exam" / "manifest.json").unlink()
    (exam / "exam" / UNFINISHED).mkdir()
    assert main(command) == 2
    assert capsys.readouterr().err == (
        "error: exam: holds no finished exam: there is no manifest.json; stepcalc generate --resume finishes one\n"
    )


def test_the_template_of_an_exam_has_its_items_and_variants(exam: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", "exam", "-o", "sheet.csv", "--students", "class.csv"]) == 0
    header, _, *rows = csv.reader((exam / "sheet.csv").read_text(encoding="utf-8-sig").splitlines())
    assert (header, rows) == (
        ["student", "variant", "z1", "y_hat"],
        [["Ada", "001", "", ""], ["Bob", "002", "", ""]],
    )
    (exam / "sheet.csv").write_text(
        "\n".join(",".join(row) for row in (header, ["Ada", "1", "2", "2"], ["Bob", "002", "2", "6"]))
    )
    capsys.readouterr()
    assert main(["check", "exam", "sheet.csv", "-f", "json"]) == 0
    assert [each["marks"] for each in json.loads(capsys.readouterr().out)["students"]] == [2, 2]
    assert main(["template", "exam"]) == 0
    assert "\nZoe,001,," in capsys.readouterr().out


@pytest.fixture
def wide_and_deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An exam of which neither variant has all that the other one is asked."""
    monkeypatch.chdir(tmp_path)
    wide = LAYER.format("2.0], [1.0") + LAYER.format("1.0, 2.0")
    deep = LAYER.format("2.0") + LAYER.format("0.5") + LAYER.format("3.0")
    variants = []
    for name, layers, asked in (("001", wide, '"z1", "y_hat"'), ("002", deep, '"z1", "z2", "y_hat"')):
        problem = f'loss = "mse"\n[data]\nx = [1]\ny = [3]\n{layers}[marking]\nitems = [{asked}]\n'
        (tmp_path / "exam" / name).mkdir(parents=True)
        (tmp_path / "exam" / name / "problem.toml").write_text(problem)
        variants.append({"id": name, "problem": f"{name}/problem.toml"})
    manifest = {"format": "stepcalc-exam/1", "seed": 1, "students": {"Ada": "001", "Bob": "002"}, "variants": variants}
    (tmp_path / "exam" / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path


def test_a_template_has_what_any_variant_is_asked(wide_and_deep: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", "exam"]) == 0
    (wide_and_deep / "sheet.csv").write_text(capsys.readouterr().out)
    header, legend, *rows = csv.reader((wide_and_deep / "sheet.csv").read_text().splitlines())
    assert header == ["student", "variant", "z1[1]", "z1[2]", "y_hat", "z2"]
    assert [row[:2] for row in rows] == [["Ada", "001"], ["Bob", "002"]]
    filled = [["Ada", "001", "2", "1", "4", ""], ["Bob", "002", "2", "", "3", "1"]]
    (wide_and_deep / "sheet.csv").write_text("\n".join(map(",".join, (header, legend, *filled))))
    assert main(["check", "exam", "sheet.csv", "-f", "json"]) == 0
    marked = json.loads(capsys.readouterr().out)["students"]
    assert [(one["marks"], len(one["items"])) for one in marked] == [(3, 3), (3, 3)]


def test_each_student_has_a_notebook_of_their_own_variant(
    wide_and_deep: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["template", "exam", "-f", "ipynb"]) == 0
    ada, bob = ((wide_and_deep / "exam_notebooks" / f"{name}.ipynb").read_text() for name in ("Ada", "Bob"))
    assert ("z1 = [None, None]" in ada, "z2 = None" in ada) == (True, False)
    assert ("z1 = None" in bob, "z2 = None" in bob) == (True, True)
    (wide_and_deep / "class.csv").write_text("student\nEve\n")
    assert main(["template", "exam", "-f", "ipynb", "--students", "class.csv"]) == 2
    assert capsys.readouterr().err.endswith("a notebook is for one of them; without a variant: Eve\n")


@pytest.mark.parametrize("text", ["student,z2\n", "student,e-mail\nAda,x\nBob,y\n"])
def test_where_nobody_has_answered_there_is_nothing_to_mark(
    here: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (here / "none.csv").write_text(text)
    assert main(["check", "cookie.toml", "none.csv"]) == 2
    assert capsys.readouterr().err.startswith("error: none.csv: no student, no item, or no known variant")


def test_the_example_comes_with_its_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["examples", "cookie"]) == 0
    assert files(tmp_path) == ["cookie.toml", "cookie_deck_answers.csv"]
    assert "next: stepcalc check cookie.toml cookie_deck_answers.csv" in capsys.readouterr().err
    assert main(["examples"]) == 0
    assert "answers" not in capsys.readouterr().out.split()
