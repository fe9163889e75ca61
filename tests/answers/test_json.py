"""Answers as JSON."""

from __future__ import annotations

import json

import pytest

from stepcalc.errors import InputError
from tests.answers.conftest import Read


def test_a_plain_file(read: Read) -> None:
    text = json.dumps({"anna": {"z1[1]": "4.60", "variant": "003", "email": "a@x"}, "ben": {"y_hat": " 1/3 "}})
    answers = read(text, "class.json")
    assert answers.items == ("z1[1]", "y_hat")
    assert answers.students == ("anna", "ben")
    assert answers.raw == {"z1[1]": ("4.60", ""), "y_hat": ("", "1/3")}
    assert answers.variants == ("003", "")
    assert answers.others == {"email": ("a@x", "")}


def test_numbers_keep_their_digits(read: Read) -> None:
    text = '{"anna": {"z1[1]": 4.600, "z1[2]": 1e400, "z1[3]": -0, "L": NaN, "y_hat": null}}'
    answers = read(text, "class.json")
    assert [column[0] for column in answers.raw.values()] == ["4.600", "1e400", "-0", "NaN", ""]


def test_spellings_of_several_students_are_one_column(read: Read) -> None:
    answers = read('{"anna": {"z1[1]": "1"}, "ben": {"z1_1": "2"}}', "class.json")
    assert answers.raw == {"z1[1]": ("1", "2")}


def test_bad_values_leave_the_others_alone(read: Read) -> None:
    answers = read('{"anna": {"z1[1]": ["4", true], "z1[2]": "2"}, "ben": 5, "cleo": {"z1[2]": "3"}}', "class.json")
    assert answers.students == ("anna", "cleo")
    assert answers.raw == {"z1[1]": ('["4", true]', ""), "z1[2]": ("2", "3")}
    assert answers.notices == (
        "anna, z1[1]: a list, expected the text of an answer",
        '"ben": a number, expected a table of answers; not read',
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", 'a list, expected a table {"student": {"item id": "answer"}}'),
        ('{"format": "stepcalc-marks/1", "students": []}', 'a file of "stepcalc-marks/1", expected answers'),
        ('{"anna": {"z1[1]": "1", "z1_1": "2"}}', 'anna: "z1_1" stands here twice, in two spellings'),
        ('{"anna": {}, "anna": {}}', '"anna" stands twice in one table'),
        ('{"anna": {"z1[7]": ""}}', 'anna: "z1[7]" is no single element; z1 has shape (3), its first element is z1[1]'),
        ("{", "line 1, column 2: expecting property name enclosed in double quotes"),
        ("[" * 100_000, "nested too deeply"),
        ('{"anna": ' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_files_that_cannot_be_used(read: Read, text: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text, "class.json")
    assert [str(fault) for fault in caught.value.faults] == [told]


def test_a_large_file_is_not_read(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stepcalc.answers.json_file.MAX_JSON", 10)
    with pytest.raises(InputError, match="larger than the 0 MB"):
        read('{"anna": {}}', "class.json")


def test_numbers_of_a_million_digits_are_not_calculated(read: Read) -> None:
    answers = read(f'{{"anna": {{"z1[1]": {"9" * 1_000_000}}}}}', "class.json")
    assert answers.raw["z1[1]"][0].endswith("9…")
