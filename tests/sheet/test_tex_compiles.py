"""Real TeX sets every worked example whole and with blanks, and odd problems, without errors or a line too wide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from math import hypot
from pathlib import Path
from typing import Any

import pytest
from pypdf import PageObject, PdfReader

from stepcalc.options import LAYOUTS, Options
from stepcalc.sheet.blocks import Formula, Prose, Sheet
from stepcalc.sheet.latex import latex
from stepcalc.sheet.slides import slides
from tests.made import BLANK_AT, NAMES, SLIDES_AT, in_turn, sheet_of, written
from tests.odd_problems import COMMANDS, MARKUP, ODD, SPECIALS
from tests.printed import EXAMPLES, said
from tests.tex import BEGIN, END, LUALATEX, PDFLATEX, accepted, compiled, together
from tests.tools import needs

pytestmark = pytest.mark.slow

ODD_GROUPS = [tuple(islice(ODD, start, start + 6)) for start in range(0, len(ODD), 6)]
SOME = ("activations", "cookie", "house_prices", "two_two_one_symbolic")
"""Worked examples of several kinds."""
WHOLE = dict.fromkeys(NAMES, "none")
SLIDES = Options(layout="slides")
SMALLEST = 0.85 * 10.95
"""Points that the letters of a slide have at least: so much of beamer's own."""
TITLE = 11.5
"""Letters larger than this are those of titles."""
LIGATURES = str.maketrans("", "", "\"`'’‘”“")
"""What TeX may write in another way."""
engines = pytest.mark.parametrize("engine", [PDFLATEX, LUALATEX])
BLANK_SLIDES = dict([slide for slide in SLIDES_AT.items() if slide[1] != "none"][::2])
WHOLE_SLIDES = [*(name for name, blank in SLIDES_AT.items() if blank == "none"), "three classes"]
FORMS = [
    pytest.param("sheet", "pdflatex", WHOLE, marks=needs("pdflatex")),
    pytest.param("sheet", "pdflatex", BLANK_AT["tex"], marks=needs("pdflatex")),
    pytest.param("slides", "pdflatex", BLANK_SLIDES, marks=needs("pdflatex")),
    pytest.param("sheet", "lualatex", dict.fromkeys(NAMES[::2], "none"), marks=needs("lualatex")),
    pytest.param("slides", "lualatex", dict.fromkeys(SOME, "none"), marks=needs("lualatex")),
]
"""Layout, engine, and how much is left out of which examples. Slides with nothing left out, by pdflatex, are looked at
in ``test_beamer_does_not_shrink_a_slide_beyond_reading``. LuaLaTeX and beamer are slow."""


def pages(folder: Path) -> int:
    return len(PdfReader(folder / "sheet.pdf").pages)


@pytest.mark.parametrize(("layout", "engine", "blanks"), FORMS)
def test_examples(layout: str, engine: str, blanks: dict[str, str], tmp_path: Path) -> None:
    forms = {name: Options(blank=blank, layout=layout) for name, blank in blanks.items()}
    compiled(together({name: written(name, "tex", form) for name, form in forms.items()}), engine, tmp_path)
    if layout == "slides":
        assert pages(tmp_path) == sum(1 + len(slides(sheet_of(name, form))) for name, form in forms.items())
    else:
        assert pages(tmp_path) >= len(forms)


@pytest.mark.parametrize("engine", [PDFLATEX])
def test_beamer_does_not_shrink_a_slide_beyond_reading(engine: str, tmp_path: Path) -> None:
    decks = {name: slides(sheet_of(name, SLIDES)) for name in WHOLE_SLIDES}
    compiled(together({name: written(name, "tex", SLIDES) for name in decks}), engine, tmp_path)
    shown = [(name, slide) for name, deck in decks.items() for slide in (None, *deck)]
    pages = PdfReader(tmp_path / "sheet.pdf").pages
    assert len(pages) == len(shown)
    for (name, slide), page in zip(shown, pages, strict=True):
        if slide is not None and any(isinstance(block, Formula | Prose) for block in slide.blocks):
            assert base_size(page) >= SMALLEST, f"{name}: {said(slide.title)}"


def base_size(page: PageObject) -> float:
    """The size of the largest letters on a slide but its title's, in points."""
    letters: Counter[float] = Counter()

    def note(words: str, matrix: Any, text_matrix: Any, font: Any, size: float) -> None:
        (a, b, c, d), (e, f) = matrix[:4], text_matrix[:2]
        letters[size * hypot(e * a + f * c, e * b + f * d)] += len(words.strip())

    page.extract_text(visitor_text=note)
    return max(size for size, count in letters.items() if size < TITLE and count > 2)


@pytest.mark.parametrize("engine", [PDFLATEX])
def test_views(engine: str, tmp_path: Path) -> None:
    """Each example in one of the two, but for that in which it is written when nothing else is asked for."""
    views = in_turn(("scalar", "matrix"))
    sources = {path.stem: written(path.stem, "tex", Options(view=views[path.stem])) for path in EXAMPLES}
    others = {name: source for name, source in sources.items() if source != written(name, "tex")}
    assert len(others) >= 6
    compiled(together(others), engine, tmp_path)


@pytest.mark.parametrize(
    ("paper", "engine", "names"),
    [
        pytest.param("letter", "pdflatex", NAMES[::3], marks=needs("pdflatex")),
        pytest.param("letter", "lualatex", SOME, marks=needs("lualatex")),
    ],
)
def test_other_paper(paper: str, engine: str, names: Sequence[str], tmp_path: Path) -> None:
    blanks = {name: ("none", "results")[place % 2] for place, name in enumerate(names)}
    sources = {name: written(name, "tex", Options(paper=paper, blank=blank)) for name, blank in blanks.items()}
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
def test_hostile_words_on_slides_are_words(engine: str, tmp_path: Path) -> None:
    hostile = {"commands": COMMANDS, "specials": SPECIALS, "markup": MARKUP}
    log = compiled(together({name: written(name, "tex", SLIDES) for name in hostile}), engine, tmp_path)
    assert "(/etc/passwd" not in log
    pages, first = PdfReader(tmp_path / "sheet.pdf").pages, 0
    for name, words in hostile.items():
        title = "".join(pages[first].extract_text().split())
        assert "".join(words.split())[:20].translate(LIGATURES) in title.translate(LIGATURES)
        first += 1 + len(slides(sheet_of(name, SLIDES)))


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
