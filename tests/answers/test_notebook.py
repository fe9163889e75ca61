"""Answers in notebooks: read off the code, which is never run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepcalc.answers.base import Answers
from stepcalc.answers.notebook import MAX_CODE
from stepcalc.answers.reading import read_answers
from stepcalc.errors import InputError
from stepcalc.problem import Problem
from tests.answers.conftest import Read, worked


def notebook(*code: str, **more: Any) -> str:
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in code]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more})


def first(answers: Answers) -> dict[str, str]:
    return {item: column[0] for item, column in answers.raw.items()}


def test_numbers_stay_as_they_are_typed(read: Read) -> None:
    answers = read(
        notebook("z1 = [4.60, -4.5, 5.9e0]\ny_hat = 0.9070\ndL_dW1_2_3 = 1/3\nL: float = '2,38'"), "anna.ipynb"
    )
    assert answers.students == ("anna",)
    assert first(answers) == {
        "z1[1]": "4.60",
        "z1[2]": "-4.5",
        "z1[3]": "5.9e0",
        "y_hat": "0.9070",
        "dL_dW1_2_3": "1/3",
        "L": "2,38",
    }


def test_arrays_of_any_library(read: Read) -> None:
    code = "dL_dW2 = np.array([[0.10, .2, 3]], dtype=float)\nz1 = torch.tensor([1, 2, 3.0])\ny_hat = np.float64(0.5)"
    assert list(first(read(notebook(code, "z2 = [2.3]"), "a.ipynb")).values()) == [
        "0.10",
        ".2",
        "3",
        "1",
        "2",
        "3.0",
        "0.5",
        "2.3",
    ]


def test_who_it_is_and_which_variant(read: Read) -> None:
    answers = read(notebook("student = 'Änne <b>'\nvariant = 7", "z2 = 1"), "a.ipynb")
    assert (answers.students, answers.variants) == (("Änne <b>",), ("7",))


def test_the_last_assignment_counts_and_none_is_missing(read: Read) -> None:
    answers = read(notebook("z2 = 1\nL = None\nz1 = [1, None, 3]", "z2 = 2.50"), "a.ipynb")
    assert first(answers) == {"z2": "2.50", "L": "", "z1[1]": "1", "z1[2]": "", "z1[3]": "3"}


def test_what_the_problem_gives_is_no_answer(read: Read) -> None:
    assert first(read(notebook("x = [3, 5, 2, 4]\nW1_1_1 = 0.6\nb2 = 0.2\nz2 = 1"), "a.ipynb")) == {"z2": "1"}


def test_what_is_calculated_is_told_as_it_stands(read: Read, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    code = (
        f"import os\nos.system('touch {trap}')\nz1 = W1 @ x + b1\nL = __import__('os').system('touch {trap}')\nz2 = 1"
    )
    answers = read(notebook(code), "a.ipynb")
    assert not trap.exists()
    assert first(answers)["z1[2]"] == "W1 @ x + b1"
    assert first(answers)["L"].startswith("__import__('os')")
    assert first(answers)["z2"] == "1"


def test_changes_by_code_are_told(read: Read) -> None:
    answers = read(notebook("z1 = [1, 2, 3]\nz1[0] = 4\nL += 1\nfor i in x: z2 = i"), "a.ipynb")
    assert [notice.partition(" is ")[0] for notice in answers.notices] == ["cell 1: z1", "cell 1: L"]


def test_magic_and_broken_lines_leave_the_rest(read: Read) -> None:
    code = "%matplotlib inline\n!pip install x\nz2 = [1 2]\nz1 = [1,\n      2,\n      3,\n]\nL = 0.5"
    answers = read(notebook(code), "a.ipynb")
    assert first(answers) == {"z1[1]": "1", "z1[2]": "2", "z1[3]": "3", "L": "0.5"}
    assert answers.notices == ("cell 1: line 3 is not valid Python; what stands around it is read",)


def test_wrong_shapes_and_names_are_told(read: Read) -> None:
    answers = read(notebook("z1 = [1, 2]\ndL_dW1 = [[1], [2, 3]]\nyhat = 1\nscore = 2\nL = [[[[[[1]]]]]]"), "a.ipynb")
    assert answers.notices == (
        'cell 1: "z1" has shape (2), expected (3); not read',
        'cell 1: "dL_dW1" has rows of different lengths, expected (3, 4); not read',
        'cell 1: "yhat" is no item of this problem; did you mean "y_hat"?',
        'cell 1: "L" has rows of different lengths, expected (); not read',
    )
    assert answers.items == ()


def test_samples_come_first(tmp_path: Path) -> None:
    problem = worked("house_prices")
    (tmp_path / "a.ipynb").write_text(notebook("z1 = [[1], [2], [3]]\ny_hat = [4, 5, 6]"))
    answers = read_answers(tmp_path / "a.ipynb", problem)
    assert first(answers) == {
        f"{name}[1]@{n}": str(n + 3 * (name == "y_hat")) for name in ("z1", "y_hat") for n in (1, 2, 3)
    }


HOSTILE = {
    "parentheses": "L = " + "(" * 20_000 + "1" + ")" * 20_000,
    "brackets": "L = " + "[" * 20_000,
    "signs": "L = " + "-" * 40_000 + "1",
    "sum": "L = 1" + "+1" * 20_000,
    "attributes": "L = a" + ".b" * 20_000,
    "calls": "L = a" + "()" * 20_000,
    "indices": "L = a" + "[0]" * 15_000,
    "conditions": "L = " + "1 if 1 else " * 4_000 + "1",
    "digits": "L = " + "9" * 40_000,
    "power": "L = 9**9**9**9",
    "null": "L = 1\0",
    "lists": "L = " + "[" * 90 + "1" + "]" * 90,
}


@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE)
def test_hostile_code_is_bounded(read: Read, code: str) -> None:
    answers = read(notebook(code, "z2 = 0.5"), "a.ipynb")
    assert first(answers)["z2"] == "0.5"
    assert len(first(answers).get("L", "")) <= 2001


def test_a_cell_that_is_too_long_is_left_out(read: Read) -> None:
    answers = read(notebook("#" * MAX_CODE + "\nL = 1", "z2 = 0.5"), "a.ipynb")
    assert first(answers) == {"z2": "0.5"}
    assert answers.notices == ("cell 1: 50,006 characters, more than 50,000; not read",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{}", "no notebook of format 4: it has no cells"),
        ("[]", "no notebook of format 4: it has no cells"),
        ("z1 = 3", "line 1, column 1: expecting value"),
        (notebook(*["L = 1"] * 2001), "2,001 cells, at most 2,000 are read"),
        ('{"cells": ' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_notebook(read: Read, content: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        read(content, "a.ipynb")
    assert [str(fault) for fault in caught.value.faults] == [told]


def test_odd_cells_are_passed_over(read: Read) -> None:
    cells = [{"cell_type": "markdown", "source": "L = 3"}, 5, {"cell_type": "code", "source": ["z2", None, " = 1"]}, {}]
    assert first(read(json.dumps({"cells": cells}), "a.ipynb")) == {"z2": "1"}


def test_a_name_that_python_keeps_has_an_underscore(tmp_path: Path) -> None:
    problem = Problem(given={"x": 2.0}, define={"lambda": "3*x", "y": "lambda^2"})
    (tmp_path / "a.ipynb").write_text(notebook("lambda_ = 6\ndy_dx = 36.0"))
    assert first(read_answers(tmp_path / "a.ipynb", problem)) == {"lambda": "6", "dy_dx": "36.0"}
