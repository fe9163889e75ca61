"""The document compiles, whatever was written into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepcalc.board.nodes import Equation, Glyph, Matrix, Num, Sym
from stepcalc.sheet.blocks import Formula, Sheet, Table
from stepcalc.sheet.latex import latex
from tests.tex import LUALATEX, PDFLATEX, accepted, compiled

ENGINES = [PDFLATEX, LUALATEX]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_cookie_compiles(cookie_sheet: Sheet, engine: str, tmp_path: Path) -> None:
    compiled(latex(cookie_sheet), engine, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_hostile_words_compile(hostile_sheet: Sheet, engine: str, tmp_path: Path) -> None:
    log = accepted(latex(hostile_sheet), engine, tmp_path)
    assert "(/etc/passwd" not in log


def test_hostile_words_are_no_commands(hostile_sheet: Sheet) -> None:
    source = latex(hostile_sheet)
    assert "\\input{/" not in source
    assert r"\textbackslash{}input\{/etc/passwd\}" in source
    assert "\u202e" not in source
    assert "\x00" not in source
    assert r"\stepcalcchar{4E2D}{中}" in source


def test_shape_of_the_document(cookie_sheet: Sheet) -> None:
    source = latex(cookie_sheet)
    assert source.startswith("\\documentclass")
    assert source.rstrip().endswith("\\end{document}")
    assert source.count(r"\begin{alignat*}{2}") == 9
    assert r"\section*{Forward}" in source
    assert r"\step{1}{Weighted sums of the hidden layer}" in source
    assert source.count(r"\begin{tikzpicture}") == 1


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_wider_than_the_page(engine: str, tmp_path: Path) -> None:
    matrix = Matrix(((Num("0.123456"),) * 30,) * 3)
    x = Sym(Glyph("x", bold=True))
    lines = (Equation((x, matrix), ("=",)), Equation((x, Num("1")), ("=",), aside=matrix))
    wide = Table((("a heading",),) * 30, ((("0.123456",),) * 30,))
    compiled(latex(Sheet("Wide", (*(Formula((line,)) for line in lines), wide))), engine, tmp_path)
