"""Real TeX sets every worked example in every form, and odd problems, without errors and without a line too wide."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest
from pypdf import PdfReader

from stepcalc.options import BLANKS, LAYOUTS, PAPERS, Options
from stepcalc.sheet.blocks import Prose, Sheet
from stepcalc.sheet.latex import latex
from stepcalc.sheet.slides import slides
from stepcalc.sheet.story import compose
from tests.odd_problems import COMMANDS, MARKUP, ODD, SPECIALS, named
from tests.printed import EXAMPLES, VIEWS, example, solved
from tests.tex import LUALATEX, PDFLATEX, accepted, compiled

pytestmark = pytest.mark.slow

ODD_GROUPS = [tuple(islice(ODD, start, start + 6)) for start in range(0, len(ODD), 6)]
SLIDES = Options(layout="slides")
LIGATURES = str.maketrans("", "", "\"`'’‘”“")
"""What TeX may write in another way."""
engines = pytest.mark.parametrize("engine", [PDFLATEX, LUALATEX])
FORMS = [Options(layout=layout, blank=blank) for layout in LAYOUTS for blank in BLANKS][: -0 or None]


def pages(folder: Path) -> int:
    return len(PdfReader(folder / "sheet.pdf").pages)


@pytest.mark.parametrize(("layout", "engine", "blank"), FORMS)
def test_examples(layout: str, engine: str, blank: str, tmp_path: Path) -> None:
    options = Options(blank=blank, layout=layout)
    compiled(together(written(example(name), options) for name in NAMES), engine, tmp_path)
    if layout == "slides":
        assert pages(tmp_path) == sum(1 + len(slides(compose(example(name), options))) for name in NAMES)
    else:
        assert pages(tmp_path) >= len(NAMES)


@pytest.mark.parametrize("engine", [PDFLATEX])
@pytest.mark.parametrize("view", VIEWS)
def test_views(view: str, engine: str, tmp_path: Path) -> None:
    compiled(together(written(example(path.stem), Options(view=view)) for path in EXAMPLES), engine, tmp_path)


@engines
@pytest.mark.parametrize("paper", [paper for paper in PAPERS if paper != "a4"])
def test_other_paper(paper: str, engine: str, tmp_path: Path) -> None:
    forms = [Options(paper=paper, blank=blank) for blank in ("none", "results")]
    compiled(together(written(example(name), form) for name in NAMES for form in forms), engine, tmp_path)


@pytest.mark.parametrize("engine", [PDFLATEX])
def test_all_chains(engine: str, tmp_path: Path) -> None:
    forms = [Options(layout=layout, chains="all") for layout in LAYOUTS]
    for form in forms:
        compiled(together(written(example(name), form) for name in ("cookie", "two_two_one")), engine, tmp_path)


@pytest.mark.parametrize("engine", [PDFLATEX])
@pytest.mark.parametrize("names", ODD_GROUPS, ids=lambda names: names[0].replace(" ", "-"))
def test_odd_problems(names: Sequence[str], engine: str, tmp_path: Path) -> None:
    log = compiled(together(written(solved(**ODD[name]), Options()) for name in names), engine, tmp_path)
    assert "(/etc/passwd" not in log


@pytest.mark.parametrize("engine", [LUALATEX])
def test_other_scripts_with_lualatex(engine: str, tmp_path: Path) -> None:
    names = ("cyrillic", "chinese", "emoji", "commands", "endless Chinese word")
    log = compiled(together(written(solved(**ODD[name]), Options()) for name in names), engine, tmp_path)
    assert "(/etc/passwd" not in log


@engines
@pytest.mark.parametrize("words", [COMMANDS, SPECIALS, MARKUP], ids=["commands", "specials", "markup"])
def test_hostile_words_on_slides_are_words(words: str, engine: str, tmp_path: Path) -> None:
    log = compiled(written(solved(**named(words)), SLIDES), engine, tmp_path)
    assert "(/etc/passwd" not in log
    title = "".join(PdfReader(tmp_path / "sheet.pdf").pages[0].extract_text().split())
    assert "".join(words.split())[:20].translate(LIGATURES) in title.translate(LIGATURES)


@engines
@pytest.mark.parametrize("title", ["Печенье 饼干 🍪 ½ ſ", "饼W_é" * 10], ids=["scripts", "long word"])
def test_titles_of_slides(title: str, engine: str, tmp_path: Path) -> None:
    """They stand on a slide, and in the file's own title, which is plain text."""
    compiled(latex(Sheet(title, (Prose(("A sentence.",)),)), SLIDES), engine, tmp_path)
    if engine == "lualatex":
        metadata = PdfReader(tmp_path / "sheet.pdf").metadata
        assert metadata is not None
        assert metadata.title == title


@engines
def test_hostile_words_anywhere_on_slides(hostile_sheet: Sheet, engine: str, tmp_path: Path) -> None:
    log = accepted(latex(hostile_sheet, SLIDES), engine, tmp_path)
    assert "(/etc/passwd" not in log
    assert pages(tmp_path) == 1 + len(slides(hostile_sheet))
    assert "input{/etc/passwd}" in PdfReader(tmp_path / "sheet.pdf").pages[0].extract_text()


@pytest.mark.parametrize("engine", [PDFLATEX])
def test_what_is_too_wide_is_noticed(engine: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="Overfull"):
        compiled(f"\\documentclass{{article}}{BEGIN}\\hbox to 1pt{{too wide}}{END}", engine, tmp_path)
