"""Wide tables in LaTeX: letters that can be read, columns in several tables, nothing beyond the margins."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import stepcalc
from stepcalc.board.nodes import Num
from stepcalc.board.text import text
from stepcalc.options import Options
from stepcalc.sheet import render
from stepcalc.sheet.blocks import Cell, Table
from stepcalc.sheet.latex_tables import Fitted, fitted
from tests.odd_problems import network
from tests.printed import TABLES, solved
from tests.tex import PDFLATEX, compiled
from tests.tools import needs

PROBE = r"""\let\really=\fit
\renewcommand{\fit}[1]{\really{#1}\sbox0{#1}%
\ifdim\tabcolsep=3.5pt \typeout{WIDE [\the\wd0][\the\dimexpr\linewidth-\mathindent\relax]}\fi}
\begin{document}"""
"""Tells how wide the tables of small letters are."""
LEAST_SCALE = 0.8


def table(columns: int, digits: int) -> Table:
    """So many columns of numbers of so many digits."""
    cells: tuple[Cell, ...] = tuple((Num("1" * digits),) for _ in range(columns))
    return Table(tuple((str(place),) for place in range(columns)), (cells, cells))


def of(columns: int, digits: int, width: float = 100) -> list[Fitted]:
    return fitted(table(columns, digits), width, lambda node: len(text(node)))


@pytest.mark.parametrize(
    ("columns", "digits", "expected"),
    [
        (5, 10, [(5, False)]),
        (8, 12, [(8, True)]),
        (9, 20, [(5, True), (5, True)]),
        (9, 30, [(4, True), (4, True), (3, True)]),
        (3, 200, [(2, True), (2, True)]),
        (1, 200, [(1, True)]),
    ],
)
def test_smaller_letters_and_then_several_tables(columns: int, digits: int, expected: list[tuple[int, bool]]) -> None:
    assert [(len(part.table.header), part.small) for part in of(columns, digits)] == expected


def test_every_column_stands_somewhere_beside_the_first() -> None:
    parts = [[text for (text,) in part.table.header] for part in of(9, 30)]
    assert [header[0] for header in parts] == ["0", "0", "0"]
    assert [name for header in parts for name in header[1:]] == [str(place) for place in range(1, 9)]
    assert all(len(row) == len(part.table.header) for part in of(9, 30) for row in part.table.rows)


def batch(inputs: int, samples: int, **more: Any) -> dict[str, Any]:
    """A mini-batch of long numbers, which stand in tables."""
    x = [[((7 * n + 3 * i) % 19 - 9) / 9.7 for i in range(inputs)] for n in range(samples)]
    x = [[round(value, 6) for value in row] for row in x]
    return network((inputs, inputs, 2), data={"x": x, "y": [[0.5, 0.25]] * samples}, **more)


WIDE: dict[str, dict[str, Any]] = {
    "six inputs": batch(6, 9),
    "long numbers": batch(6, 9, rounding={"significant": 12}),
    "longer numbers": batch(7, 3, rounding={"significant": 15}),
    "a check": network((3, 2, 1), rounding={"significant": 15}, gradient_check={"epsilon": 0.001}),
}


@cache
def problem(name: str) -> Any:
    if name in WIDE:
        return solved(**WIDE[name])
    return stepcalc.solve(stepcalc.load(next(path for path in TABLES if path.stem == name)))


@pytest.mark.parametrize("engine", [PDFLATEX])
@pytest.mark.parametrize("name", [*WIDE, *(path.stem for path in TABLES)])
def test_no_table_is_shrunk_until_it_cannot_be_read(name: str, engine: str, tmp_path: Path) -> None:
    assert measured(name, engine, "sheet", tmp_path)


@pytest.mark.parametrize(
    ("name", "engine", "layout"),
    [
        pytest.param("long numbers", "lualatex", "sheet", marks=needs("lualatex")),
        pytest.param("activations", "lualatex", "sheet", marks=needs("lualatex")),
        pytest.param("long numbers", "pdflatex", "slides", marks=needs("pdflatex")),
    ],
)
def test_neither_by_another_engine_nor_on_slides(name: str, engine: str, layout: str, tmp_path: Path) -> None:
    measured(name, engine, layout, tmp_path)


def measured(name: str, engine: str, layout: str, folder: Path) -> bool:
    """Whether there are tables, none of them so wide that it is made much smaller: as TeX measures it."""
    source = render(problem(name), "tex", Options(layout=layout))
    assert isinstance(source, str)
    log = compiled(source.replace(r"\begin{document}", PROBE, 1), engine, folder)
    widths = re.findall(r"WIDE \[([\d.]+)pt\]\[([\d.]+)pt\]", log)
    assert len(widths) >= source.count(r"\footnotesize\setlength{\tabcolsep}{3.5pt}")
    assert all(float(room) / float(wide) >= LEAST_SCALE for wide, room in widths)
    return r"\begin{tabular}" in source
