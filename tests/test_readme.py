"""The README: its problem files are solved, its commands run, and what it shows is what comes out."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

import stepcalc
from stepcalc.cli import main
from stepcalc.problem import Problem
from stepcalc.problem.layers import LAYERS
from stepcalc.problem.sections import OPTIMIZERS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    stepcalc (\S.*?)(?:   .*)?$", README, re.MULTILINE)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_its_problem_files_are_solved() -> None:
    files = blocks("toml")
    assert len(files) == 3
    for text in files:
        assert stepcalc.solve(Problem(**tomllib.loads(text))).numeric


def test_the_piece_of_a_sheet_is_one() -> None:
    shown, _ = blocks("text")
    written = stepcalc.render(stepcalc.solve(stepcalc.load(ROOT / "worked_examples" / "cookie.toml")), "txt")
    for part in shown.strip().split("\n\n"):
        assert part.strip() in str(written)


def test_the_piece_of_a_report_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["examples", "cookie"]) == 0
    (command,) = (command for command in COMMANDS if command.startswith("check "))
    assert main(shlex.split(command)) == 0
    written = capsys.readouterr().out
    _, shown = blocks("text")
    for part in shown.strip("\n").split("\n\n"):
        assert part in written


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_run(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["examples", "cookie"]) == 0
    if command.startswith("generate"):
        assert main(["examples", "quiz_two_two_one"]) == 0
    words = shlex.split(command.replace("-f pdf", "-f html"))  # the same sheets, which take long to be printed
    assert main(words if "-f" in words or words[0] != "solve" else [*words, "-f", "txt"]) == 0


def test_it_runs_more_than_nothing() -> None:
    assert len(COMMANDS) >= 8


def test_the_complaint_is_the_one_it_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cookie = (ROOT / "worked_examples" / "cookie.toml").read_text(encoding="utf-8")
    (tmp_path / "cookie.toml").write_text(cookie.replace("[[0.7, 0.5, 0.9]]", "[[0.7, 0.5, 0.9, 1]]"))
    assert main(["solve", str(tmp_path / "cookie.toml")]) == 2
    (shown,) = re.findall(r"^    (error: .*)$", README, re.MULTILINE)
    assert capsys.readouterr().err.replace(f"{tmp_path}/", "").strip() == shown


def test_it_names_every_layer_and_optimizer() -> None:
    told = README.lower().replace("gradient descent", "gradient_descent")
    missing = [word for word in (*LAYERS, *OPTIMIZERS) if word not in told]
    assert missing == []
