"""Real TeX sets every worked example in every form, and odd problems, without errors and without a line too wide."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest
from pypdf import PdfReader

from stepcalc.options import BLANKS, LAYOUTS, Options
from stepcalc.sheet import render
from stepcalc.sheet.blocks import Prose, Sheet
from stepcalc.sheet.latex import latex
from stepcalc.sheet.slides import slides
from tests.made import NAMES, sheet_of, written
from tests.odd_problems import COMMANDS, MARKUP, ODD, SPECIALS, named
from tests.printed import EXAMPLES, VIEWS, solved
from tests.tex import BEGIN, END, LUALATEX, PDFLATEX, accepted, compiled, together
from tests.tools import needs

pytestmark = pytest.mark.slow

ODD_GROUPS = [tuple(islice(ODD, start, start + 6)) for start in range(0, len(ODD), 6)]
SOME = ("activations", "cookie", "house_prices", "two_two_one_symbolic")
"""Worked examples of several kinds."""
SLIDES = Options(layout="slides")
LIGATURES = str.maketrans("", "", "\"`'’‘”“")
"""What TeX may write in another way."""
engines = pytest.mark.parametrize("engine", [PDFLATEX, LUALATEX])
FORMS = [
    *(pytest.param("sheet", "pdflatex", blank, NAMES, marks=needs("pdflatex")) for blank in BLANKS),
    *(pytest.param("slides", "pdflatex", blank, NAMES, marks=needs("pdflatex")) for blank in BLANKS[1:]),
    pytest.param("sheet", "lualatex", "none", NAMES, marks=needs("lualatex")),
    pytest.param("slides", "lualatex", "none", SOME, marks=needs("lualatex")),
]
"""Slides with nothing left out, by pdflatex, are looked at in ``test_slides_pages``. LuaLaTeX is slow."""


def pages(folder: Path) -> int:
    return len(PdfReader(folder / "sheet.pdf").pages)


@pytest.mark.parametrize(("layout", "engine", "blank", "names"), FORMS)
def test_examples(layout: str, engine: str, blank: str, names: Sequence[str], tmp_path: Path) -> None:
    options = Options(blank=blank, layout=layout)
    compiled(together({name: written(name, "tex", options) for name in names}), engine, tmp_path)
    if layout == "slides":
        assert pages(tmp_path) == sum(1 + len(slides(sheet_of(name, options))) for name in names)
    else:
        assert pages(tmp_path) >= len(names)


@pytest.mark.parametrize("engine", [PDFLATEX])
def test_views(engine: str, tmp_path: Path) -> None:
    """But for the view that an example is written in when nothing else is asked for."""
    forms = [(path.stem, view) for path in EXAMPLES for view in VIEWS]
    sources = {f"{name} {view}": written(name, "tex", Options(view=view)) for name, view in forms}
    usual = {written(path.stem, "tex") for path in EXAMPLES}
    others = {form: source for form, source in sources.items() if source not in usual}
    assert len(others) >= len(EXAMPLES)
    compiled(together(others), engine, tmp_path)


@pytest.mark.parametrize(
    ("paper", "engine", "names"),
    [
        pytest.param("letter", "pdflatex", NAMES, marks=needs("pdflatex")),
        pytest.param("letter", "lualatex", SOME, marks=needs("lualatex")),
    ],
)
def test_other_paper(paper: str, engine: str, names: Sequence[str], tmp_path: Path) -> None:
    forms = [Options(paper=paper, blank=blank) for blank in ("none", "results")]
    sources = {f"{name} {form.blank}": written(name, "tex", form) for name in names for form in forms}
    compiled(together(sources), engine, tmp_path)


@pytest.mark.parametrize("engine", [PDFLATEX])
@pytest.mark.parametrize(
    ("layout", "names"), [("sheet", ("cookie", "two_two_one")), ("slides", ("two_two_one",))], ids=LAYOUTS
)
def test_all_chains(layout: str, names: Sequence[str], engine: str, tmp_path: Path) -> None:
    form = Options(layout=layout, chains="all")
    compiled(together({name: written(name, "tex", form) for name in names}), engine, tmp_path)


@pytest.mark.parametrize("engine", [PDFLATEX])
@pytest.mark.parametrize("names", ODD_GROUPS, ids=lambda names: names[0].replace(" ", "-"))
def test_odd_problems(names: Sequence[str], engine: str, tmp_path: Path) -> None:
    log = compiled(together({name: written(name, "tex") for name in names}), engine, tmp_path)
    assert "(/etc/passwd" not in log


@pytest.mark.parametrize("engine", [LUALATEX])
def test_other_scripts_with_lualatex(engine: str, tmp_path: Path) -> None:
    names = ("cyrillic", "chinese", "emoji", "commands", "endless Chinese word")
    log = compiled(together({name: written(name, "tex") for name in names}), engine, tmp_path)
    assert "(/etc/passwd" not in log


@engines
@pytest.mark.parametrize("words", [COMMANDS, SPECIALS, MARKUP], ids=["commands", "specials", "markup"])
def test_hostile_words_on_slides_are_words(words: str, engine: str, tmp_path: Path) -> None:
    log = compiled(str(render(solved(**named(words)), "tex", SLIDES)), engine, tmp_path)
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
def test_what_is_too_wide_is_noticed_and_named(engine: str, tmp_path: Path) -> None:
    lines = {"this one": "A line.", "that one": r"\hbox to 1pt{too wide}"}
    sources = {name: f"\\documentclass{{article}}{BEGIN}{line}{END}\n" for name, line in lines.items()}
    with pytest.raises(AssertionError, match=r"^\{'that one': \['Overfull"):
        compiled(together(sources), engine, tmp_path)


@pytest.mark.parametrize("engine", [PDFLATEX])
def test_what_does_not_compile_is_named(engine: str, tmp_path: Path) -> None:
    lines = {"this one": "A line.", "that one": r"\nothing"}
    sources = {name: f"\\documentclass{{article}}{BEGIN}{line}{END}\n" for name, line in lines.items()}
    with pytest.raises(AssertionError, match=r"^that one"):
        compiled(together(sources), engine, tmp_path)
