"""Marks set by hand, and those of an earlier run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stepcalc.answers.overrides import Override, Previous, PreviousItem, PreviousStudent, read_overrides, read_previous
from stepcalc.errors import InputError
from stepcalc.problem import Problem

HEADER = "student,item,marks,reason\n"


def test_overrides(tmp_path: Path, cookie: Problem) -> None:
    path = tmp_path / "overrides.csv"
    path.write_text(
        f'{HEADER}anna,"dL_dW1_1_2",1.5,her own notation\n\n"\'=ben",L,"0,5",lenient\n', encoding="utf-8-sig"
    )
    assert read_overrides(path, cookie) == (
        Override("anna", "dL/dW1[1,2]", 1.5, "her own notation", "row 2 (anna)"),
        Override("=ben", "L", 0.5, "lenient", "row 4 ('=ben)"),
    )


def test_every_bad_override_is_told(tmp_path: Path, cookie: Problem) -> None:
    path = tmp_path / "overrides.csv"
    rows = [
        "anna,yhat,1,x",
        "anna,L,1e400,x",
        "anna,L,nan,x",
        "anna,L,-1,x",
        "anna,L,1,",
        ",L,1,x",
        "anna",
        "b,L,1,x",
        "b,L,2,x",
        "c,L,9999999999,x",
    ]
    path.write_text(HEADER + "\n".join(rows))
    with pytest.raises(InputError) as caught:
        read_overrides(path, cookie)
    assert [str(fault) for fault in caught.value.faults] == [
        'row 2 (anna): "yhat" is no item of this problem; did you mean "y_hat"?',
        'row 3 (anna): "1e400" are no marks',
        'row 4 (anna): "nan" are no marks',
        'row 5 (anna): "-1" are no marks',
        "row 6 (anna): no reason; say why these marks are set by hand",
        "row 7: no student",
        'row 8 (anna): "" is no item of this problem; its names are x, W1, b1, z1, a1, W2, b2, z2, a2, y_hat, y, L',
        "row 10 (b): L stands here twice",
        'row 11 (c): "9999999999" are no marks',
    ]
    path.write_text("student,item,mark,reason\n")
    with pytest.raises(InputError, match=f'{path.name}: no column "marks"; did you mean "mark"'):
        read_overrides(path, cookie)


MARKS = {
    "format": "stepcalc-marks/1",
    "max_marks": 21,
    "students": [
        {
            "student": "s1",
            "marks": 20.5,
            "first_error": None,
            "items": [
                {"id": "z1[1]", "given": "4.6", "expected": 4.6, "verdict": "correct", "marks": 1.0, "note": "…"}
            ],
        },
        {"student": "s2", "marks": 0, "first_error": "z2", "items": []},
    ],
}


def test_previous_marks(tmp_path: Path) -> None:
    path = tmp_path / "marks.json"
    path.write_text(json.dumps(MARKS))
    item = PreviousItem("4.6", "correct", 1.0)
    students = {"s1": PreviousStudent(20.5, None, {"z1[1]": item}), "s2": PreviousStudent(0.0, "z2", {})}
    assert read_previous(path) == Previous(21.0, students)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "a list, expected a table"),
        ("{}", 'expected a file of the format "stepcalc-marks/1"'),
        (json.dumps({**MARKS, "students": {}}), "students: a table, expected a list"),
        (json.dumps({**MARKS, "max_marks": "21"}), "max_marks: a string, expected a finite number"),
        (json.dumps({**MARKS, "max_marks": float("nan")}), "max_marks: the number NaN, expected a finite number"),
        (
            json.dumps({**MARKS, "max_marks": 0}).replace(": 0,", ": 1e999,", 1),
            "max_marks: the number 1e999, expected a finite number",
        ),
        (json.dumps({**MARKS, "students": [5]}), "students[1]: the number 5, expected a table"),
        (json.dumps({**MARKS, "students": [{"student": 5}]}), "students[1].student: the number 5, expected text"),
        (
            json.dumps({**MARKS, "students": [MARKS["students"][1]] * 2}),  # type: ignore[index]
            'students[2]: "s2" stands here twice',
        ),
        (
            json.dumps(MARKS).replace('"verdict": "correct"', '"verdict": []'),
            "students[1].items[1]: a list, expected text",
        ),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": 1, "a": 2}', '"a" stands twice in one table'),
    ],
)
def test_what_are_no_marks(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "marks.json"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_previous(path)
    assert caught.value.lines() == [f"{path}: {told}"]
