"""The document compiles, whatever was written into it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stepcalc.board.nodes import Equation, Glyph, Matrix, Num, Sym
from stepcalc.sheet.blocks import Formula, Sheet, Table
from stepcalc.sheet.latex import latex

ENGINES = [
    pytest.param(
        engine, marks=pytest.mark.skipif(shutil.which(engine) is None, reason=f"{engine} is not on this machine")
    )
    for engine in ("pdflatex", "lualatex")
]


def compiled(source: str, engine: str, folder: Path) -> str:
    """Compile ``source``; the log."""
    (folder / "sheet.tex").write_text(source, encoding="utf-8")
    outcome = subprocess.run(
        [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "sheet.tex"],
        cwd=folder, capture_output=True, timeout=180, check=False, env={**os.environ, "max_print_line": "1000"},
    )  # fmt: skip
    log = outcome.stdout.decode("utf-8", "replace")
    assert outcome.returncode == 0, log[-3000:]
    assert (folder / "sheet.pdf").stat().st_size > 5000
    return log


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_cookie_compiles(cookie_sheet: Sheet, engine: str, tmp_path: Path) -> None:
    log = compiled(latex(cookie_sheet), engine, tmp_path)
    assert "Overfull \\hbox" not in log


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_hostile_words_compile(hostile_sheet: Sheet, engine: str, tmp_path: Path) -> None:
    log = compiled(latex(hostile_sheet), engine, tmp_path)
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
    assert r"\stepcalcstep{1}{Weighted sums of the hidden layer}" in source
    assert source.count(r"\begin{tikzpicture}") == 1


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_wider_than_the_page(engine: str, tmp_path: Path) -> None:
    matrix = Matrix(((Num("0.123456"),) * 30,) * 3)
    x = Sym(Glyph("x", bold=True))
    lines = (Equation((x, matrix), ("=",)), Equation((x, Num("1")), ("=",), aside=matrix))
    wide = Table((("a heading",),) * 30, ((("0.123456",),) * 30,))
    log = compiled(latex(Sheet("Wide", (*(Formula((line,)) for line in lines), wide))), engine, tmp_path)
    assert "Overfull \\hbox" not in log
