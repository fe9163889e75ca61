"""Real TeX sets every worked example, and odd problems, without errors and without anything beyond the margins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from stepcalc.options import PAPERS, Options
from stepcalc.sheet import render
from stepcalc.sheet.blocks import Prose, Sheet
from stepcalc.sheet.latex import latex
from tests.odd_problems import COMMANDS, MARKUP, ODD, SPECIALS
from tests.printed import EXAMPLES, VIEWS, example, solved
from tests.tex import LUALATEX, PDFLATEX, compiled

pytestmark = pytest.mark.slow

BEGIN, END = "\\begin{document}", "\\end{document}"
ODD_GROUPS = [tuple(islice(ODD, start, start + 6)) for start in range(0, len(ODD), 6)]


def together(sources: Iterable[str]) -> str:
    """Documents with one preamble as one document, each beginning on a new page: TeX takes long to start."""
    preambles, bodies = zip(*(source.split(BEGIN) for source in sources), strict=True)
    assert len(set(preambles)) == 1
    return preambles[0] + BEGIN + "\\newpage".join(body.removesuffix(f"{END}\n") for body in bodies) + END


def sheet(name: str, view: str | None = None, paper: str = "a4") -> str:
    source = render(example(name), "tex", Options(view=view, paper=paper))
    assert isinstance(source, str)
    return source


@cache
def odd_sheet(name: str) -> str:
    source = render(solved(**ODD[name]), "tex")
    assert isinstance(source, str)
    return source


@pytest.mark.parametrize("engine", [PDFLATEX])
@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_examples_in_every_view(name: str, engine: str, tmp_path: Path) -> None:
    compiled(together(dict.fromkeys(sheet(name, view) for view in VIEWS)), engine, tmp_path)


@pytest.mark.parametrize("engine", [PDFLATEX])
@pytest.mark.parametrize("paper", [paper for paper in PAPERS if paper != "a4"])
def test_other_paper(paper: str, engine: str, tmp_path: Path) -> None:
    compiled(together(sheet(name, paper=paper) for name in ("cookie", "matrix_deck")), engine, tmp_path)


@pytest.mark.parametrize("engine", [LUALATEX])
def test_examples_with_lualatex(engine: str, tmp_path: Path) -> None:
    compiled(together(map(sheet, ("cookie", "alien_mood", "sigmoid_derivative"))), engine, tmp_path)


@pytest.mark.parametrize("engine", [PDFLATEX])
@pytest.mark.parametrize("names", ODD_GROUPS, ids=lambda names: names[0].replace(" ", "-"))
def test_odd_problems(names: Sequence[str], engine: str, tmp_path: Path) -> None:
    log = compiled(together(map(odd_sheet, names)), engine, tmp_path)
    assert "(/etc/passwd" not in log


@pytest.mark.parametrize("engine", [LUALATEX])
def test_other_scripts_with_lualatex(engine: str, tmp_path: Path) -> None:
    names = ("cyrillic", "chinese", "emoji", "commands", "endless Chinese word")
    log = compiled(together(map(odd_sheet, names)), engine, tmp_path)
    assert "(/etc/passwd" not in log


TITLES = {"scripts": "Печенье 饼干 🍪 Θα ½ ſ", "hostile": COMMANDS + SPECIALS + MARKUP, "long word": "饼W_é" * 10}


@pytest.mark.parametrize("engine", [PDFLATEX, LUALATEX])
@pytest.mark.parametrize("title", TITLES)
def test_titles_of_slides(title: str, engine: str, tmp_path: Path) -> None:
    """They stand on a slide, and in the file's own title, which is plain text."""
    sheet = Sheet(TITLES[title], (Prose(("A sentence.",)),))
    log = compiled(latex(sheet, Options(layout="slides")), engine, tmp_path)
    assert "(/etc/passwd" not in log


@pytest.mark.parametrize("engine", [PDFLATEX])
def test_what_is_too_wide_is_noticed(engine: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="Overfull"):
        compiled(f"\\documentclass{{article}}{BEGIN}\\hbox to 1pt{{too wide}}{END}", engine, tmp_path)
