"""The sheet in a terminal."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from stepcalc.board.drawing import columns
from stepcalc.cli import main
from stepcalc.options import Options
from stepcalc.output import columns_of_stdout, stdout_shows_colour
from stepcalc.sheet.blocks import Sheet
from stepcalc.sheet.story import compose
from stepcalc.sheet.text import text
from tests.printed import solved


def test_lines_a_student_reads(cookie_sheet: Sheet) -> None:
    shown = text(cookie_sheet)
    assert "      = 0.6(3) + 0.1(5) + 0.0(2) + 0.5(4) + 0.3\n" in shown
    assert "= 1.8 + 0.5 + 0 + 2 + 0.3 = 4.6\n" in shown
    assert "z⁽¹⁾ = ⎢  ?⎥" in shown
    assert "» Raise ŷ by 0.001 and L rises by about 0.0108." in shown
    assert "1   Weighted sums of the hidden layer" in shown
    assert "← x₁: 0.6" in shown
    assert shown.endswith("\n")


def test_width(cookie_sheet: Sheet) -> None:
    for width in (60, 80, 100):
        assert max(map(columns, text(cookie_sheet, Options(width=width)).splitlines())) <= width


def test_text_speaks_of_no_drawing(cookie_sheet: Sheet) -> None:
    assert "drawn" not in text(cookie_sheet)


def test_long_cases_keep_to_the_width() -> None:
    long = "relu(x^5 + 3*x^4*y - 2*x^3*y^2 + 7*x^2*y^3 - 11*x*y^4 + 13*y^5 + x*y - 12)"
    sheet = compose(solved(given={"x": 1.5, "y": -0.5}, define={"u": long, "f": "u^2"}))
    written = text(sheet, Options(width=100))
    assert "⎨   if x⁵ + 3 · x⁴ · y" in written
    assert max(map(columns, written.splitlines())) <= 100


def test_relations_stand_under_one_another(cookie_sheet: Sheet) -> None:
    lines = text(cookie_sheet).splitlines()
    first = next(index for index, line in enumerate(lines) if "row 1 of Wx + b" in line)
    assert {line.index("=") for line in lines[first : first + 3]} == {lines[first].index("=")}
    assert lines[first].endswith("row 1 of Wx + b")


def test_hostile_words(hostile_sheet: Sheet) -> None:
    shown = text(hostile_sheet)
    assert not any(ord(char) < 32 and char != "\n" for char in shown)
    assert "\u202e" not in shown
    assert "中文" in shown


ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
CHAIN_RULE = Path(__file__).resolve().parents[2] / "worked_examples" / "chain_rule.toml"


def test_colour_is_added_and_nothing_else(cookie_sheet: Sheet) -> None:
    plain, coloured = text(cookie_sheet), text(cookie_sheet, Options(colour=True))
    assert "\x1b" not in plain
    assert ESCAPE.sub("", coloured) == plain


def test_what_is_coloured(cookie_sheet: Sheet) -> None:
    shown = text(cookie_sheet, Options(colour=True))
    assert "\x1b[1;34mFORWARD\x1b[0m" in shown
    assert "\x1b[36m    » Raise ŷ by 0.001 and L rises by about 0.0108.\x1b[0m" in shown
    assert "\x1b[32m    ✓ Forward again" in shown
    assert "\x1b[33m    ! Every gradient" in shown
    assert "= 1.8 + 0.5 + 0 + 2 + 0.3 = \x1b[1m4.6\x1b[0m" in shown
    assert "\x1b[1;33m⟦∂ŷ/∂z₁⁽²⁾⟧\x1b[0m" in shown
    assert re.search("\x1b\\[2;31m(.\u0336)+\x1b\\[0m", shown)


def test_a_users_escape_codes_are_no_colours(hostile_sheet: Sheet) -> None:
    title = replace(hostile_sheet, title="\x1b[2J\x1b]0;owned\x07 title")
    assert "\x1b[2J" not in text(title, Options(colour=True))
    assert "\x1b]" not in text(title, Options(colour=True))


PIPES = [
    ({}, False),
    ({"FORCE_COLOR": "1"}, True),
    ({"CLICOLOR_FORCE": "1"}, True),
    ({"FORCE_COLOR": "0"}, False),
    ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
]


@pytest.mark.parametrize(("variables", "expected"), PIPES)
def test_a_pipe_gets_colour_only_by_force(
    variables: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_only(variables, monkeypatch)
    assert main(["solve", str(CHAIN_RULE), "-f", "txt"]) == 0
    assert ("\x1b[" in capsys.readouterr().out) == expected


TERMINALS = [
    ({"TERM": "xterm"}, True),
    ({"TERM": "dumb"}, False),
    ({"TERM": "xterm", "NO_COLOR": "1"}, False),
]


@pytest.mark.parametrize(("variables", "expected"), TERMINALS)
def test_a_terminal_gets_colour(variables: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    set_only(variables, monkeypatch)
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert stdout_shows_colour() == expected


@pytest.mark.parametrize(("columns_there", "expected"), [(40, 60), (90, 90), (400, 120)])
def test_width_of_a_terminal(columns_there: int, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns_there))
    assert columns_of_stdout() == 100
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert columns_of_stdout() == expected


CHOICES = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM")


class Terminal(io.StringIO):
    """Standard output as if it were one."""

    def isatty(self) -> bool:
        return True


def set_only(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the variables that choose colour, these."""
    for name in CHOICES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
