"""The sheet in a terminal."""

from __future__ import annotations

from stepcalc.board.drawing import columns
from stepcalc.sheet.blocks import Sheet
from stepcalc.sheet.text import text


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
        assert max(map(columns, text(cookie_sheet, width=width).splitlines())) <= width


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
