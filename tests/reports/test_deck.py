"""The cookie deck as a student: its printed numbers, with three decimals asked."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from stepcalc.cli import main

THREE = ("--decimals", "3")


@pytest.fixture(scope="module")
def deck(repository: Path) -> tuple[str, str]:
    folder = repository / "worked_examples"
    return str(folder / "cookie.toml"), str(folder / "cookie_deck_answers.csv")


@pytest.fixture(scope="module")
def marked(deck: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("deck") / "marks.json"
    assert main(["check", *deck, *THREE, "-o", str(out)]) == 0
    (student,) = json.loads(out.read_text(encoding="utf-8"))["students"]
    return {item["id"]: item for item in student["items"]} | {"": student}


def test_only_the_update_is_wrong(marked: dict[str, Any]) -> None:
    wrong = [item for item, mark in marked.items() if item and mark["verdict"] not in ("correct", "rounding")]
    assert wrong == ["W2_new[1]"]
    assert marked[""]["first_error"] == "W2_new[1]"
    assert marked[""]["marks"] == len(marked) - 2


def test_it_names_the_weight_whose_value_it_is(marked: dict[str, Any]) -> None:
    update = marked["W2_new[1]"]
    assert update["diagnosis"] == "other_start"
    assert update["findings"][0] == {"name": "other_start", "about": {"weight": "W2[1,2]"}}
    assert "w₂⁽²⁾" in update["note"]


def test_the_prediction_is_cut_off_and_what_follows_is_rounding(marked: dict[str, Any]) -> None:
    assert (marked["y_hat"]["given"], marked["y_hat"]["verdict"]) == ("0.907", "rounding")
    assert "cut" in marked["y_hat"]["remarks"]
    assert "Cut off, not rounded." in marked["y_hat"]["note"]
    for item in ("L", "dL/dy_hat", "dL/dz2", "dL/dW2[1]", "dL/dW2[2]", "dL/dW2[3]", "dL/db2"):
        assert marked[item]["verdict"] == "rounding", item


def test_what_cancellation_did_is_rounding(marked: dict[str, Any]) -> None:
    assert (marked["dL/dz1[3]"]["given"], marked["dL/dz1[3]"]["verdict"]) == ("0.00244", "rounding")
    assert marked["dL/dz1[3]"]["expected"] == pytest.approx(0.00222556, abs=5e-9)
    assert marked["dL/dz1[3]"]["marks"] == 1


def test_the_report_says_so_in_the_terminal(deck: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *deck, *THREE]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "ŷ 0.907 0.9076 ≈ rounding" in told
    assert "Right up to ∂L/∂w₃₄⁽¹⁾; the error enters at w₁⁽²⁾ⁿᵉʷ." in told
    assert "the step started from the value of w₂⁽²⁾" in told
    assert "Asked: 3 decimals." in told


def test_with_more_digits_asked_the_deck_is_not_excused(deck: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "marks.json"
    assert main(["check", *deck, "--significant", "6", "-o", str(out)]) == 0
    (student,) = json.loads(out.read_text(encoding="utf-8"))["students"]
    verdicts = {item["id"]: item["verdict"] for item in student["items"]}
    assert verdicts["L"] != "correct"
    assert verdicts["z1[1]"] == "correct"


def test_the_file_has_what_the_deck_prints(deck: tuple[str, str]) -> None:
    with Path(deck[1]).open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["y_hat"], row["dL/dz1[3]"], row["dL/dW1[3,2]"], row["W2_new[1]"]) == (
        "0.907",
        "0.00244",
        "0.01220",
        "0.4102",
    )
    assert len(row) == 38
