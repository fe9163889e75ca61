"""The pages of slides: as many in every format, about equally full, headed again, and readable from the last row."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from io import BytesIO
from math import hypot
from pathlib import Path
from typing import Any

import pytest
from pypdf import PageObject, PdfReader

from stepcalc.board.nodes import Equation, Glyph, Num, Sym
from stepcalc.options import BLANKS, Options
from stepcalc.sheet.blocks import Block, Bullets, Formula, Plot, Prose, Sheet, Table
from stepcalc.sheet.growing import beats, now
from stepcalc.sheet.html import html
from stepcalc.sheet.latex import latex
from stepcalc.sheet.page import SLIDE
from stepcalc.sheet.paging import LARGEST_FIGURE, LEAST_FIGURE, ROOM, pages
from stepcalc.sheet.paper_lines import printed_rows
from stepcalc.sheet.pdf import pdf
from stepcalc.sheet.slides import Slide, slides
from stepcalc.sheet.story import compose
from stepcalc.sheet.text import text
from tests.printed import FILES, example, said, solved
from tests.tex import PDFLATEX, compiled

NAMES = [path.stem for path in FILES]
SLIDES = Options(layout="slides")
SMALLEST = 0.85
"""Letters of words and formulas are at least so large, as a share of their full size."""
BODY = 10.95
"""Points of beamer's letters."""
TITLE = 11.5
"""Letters larger than this are those of titles."""
TANH = {
    "title": "Three classes",
    "data": {"x": [[0.5, -1.0, 2.0], [1.5, 0.3, -0.7], [-0.4, 0.8, 0.1]], "y": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]},
    "loss": "categorical_cross_entropy",
    "layers": [
        {"type": "dense", "activation": "tanh", "b": [0.1, 0, -0.2, 0.3],
         "W": [[0.2, -0.3, 0.5], [0.7, 0.1, -0.4], [-0.6, 0.4, 0.3], [0.1, 0.9, -0.2]]},
        {"type": "dense", "activation": "softmax", "b": [0, 0.1, -0.1],
         "W": [[0.3, -0.1, 0.6, 0.2], [-0.5, 0.4, 0.1, 0.7], [0.2, 0.8, -0.3, -0.6]]},
    ],
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
    "gradient_check": {"epsilon": 0.001},
}  # fmt: skip


@cache
def sheet_of(name: str, blank: str = "none") -> Sheet:
    trace = solved(**TANH) if name == "tanh" else example(name)
    return compose(trace, Options(layout="slides", blank=blank))


def counts(sheet: Sheet) -> dict[str, int]:
    """The number of pages in every format."""
    return {
        "slides": len(slides(sheet)) + 1,
        "pdf": len(PdfReader(BytesIO(pdf(sheet, SLIDES))).pages),
        "html": html(sheet, SLIDES).count('<section class="slide'),
        "tex": latex(sheet, SLIDES).count("\\begin{frame}"),
        "txt": len(re.findall(r"─ \d+ / \d+$", text(sheet, SLIDES), re.MULTILINE)) + 1,
    }


def test_every_format_has_as_many_pages() -> None:
    assert len(set(counts(sheet_of("chain_rule")).values())) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "blank"), [*((name, "none") for name in NAMES), *(("tanh", level) for level in BLANKS)]
)
def test_every_format_has_as_many_pages_whatever_is_left_out(name: str, blank: str) -> None:
    found = counts(sheet_of(name, blank))
    assert len(set(found.values())) == 1, found


# --------------------------------------------------------------------------------------- parted tables


@pytest.mark.parametrize("blank", ["none", "results"])
def test_a_parted_table_has_its_heading_and_its_header_on_every_slide(blank: str) -> None:
    shown = [(slide, block) for slide in slides(sheet_of("tanh", blank)) for block in slide.blocks]
    parts = [(slide, block) for slide, block in shown if isinstance(block, Table) and said(block.header[0]) == "item"]
    assert len(parts) > 2
    assert len({block.header for _, block in parts}) == 1
    assert len({slide.number for slide, _ in parts}) == 1
    assert all(said(slide.title).endswith("(continued)") for slide, _ in parts[1:])
    sizes = [len(block.rows) for _, block in parts]
    assert min(sizes) >= 3, sizes


# --------------------------------------------------------------------------------------------- balance


def told(words: str) -> tuple[str]:
    return (words,)


def parted(*blocks: Block, taught: bool = False) -> list[list[Block]]:
    """What is at last on each page."""
    return [list(now(page.states[-1])) for page in pages(list(beats(blocks, ROOM, taught)), ROOM)]


def line(value: int) -> Equation:
    """A line so long that it does not stand beside another."""
    return Equation((Sym(Glyph("x")), Num(str(value).rjust(50, "1"))), ("=",))


def test_bullets_are_parted_evenly() -> None:
    found = parted(Bullets(tuple(told(f"Convention {number}.") for number in range(13))))
    assert [len(block.items) for (block,) in found if isinstance(block, Bullets)] in ([6, 7], [7, 6])


def test_a_remark_stands_with_what_it_comments_on() -> None:
    lines = Formula(tuple(map(line, range(9))))
    long = Prose(told("A remark on all that. " * 8), "insight")
    found = parted(Formula((line(0),)), lines, long)
    assert len(found) == 2
    assert isinstance(found[1][0], Formula)
    assert found[1][-1] == long


def test_words_stay_with_what_they_introduce() -> None:
    words = Prose(told("Now for all of them:"))
    found = parted(Formula(tuple(map(line, range(7)))), words, Formula(tuple(map(line, range(5)))))
    assert [page[0] == words for page in found] == [False, True]


def test_what_is_too_high_for_a_page_is_cut_evenly() -> None:
    array = Sym(Glyph("z"))
    lines = (*map(line, range(14)), Equation((Sym(Glyph("x")), Num("14")), ("=",), aside=array))
    found = parted(Formula(lines), taught=True)
    sizes = [sum(len(block.lines) for block in page if isinstance(block, Formula)) for page in found]
    assert len(sizes) == 2
    assert abs(sizes[0] - sizes[1]) <= 2


@pytest.mark.parametrize("name", [*NAMES, "tanh"])
def test_no_further_page_has_a_remark_alone(name: str) -> None:
    for slide in slides(sheet_of(name)):
        assert not (slide.goes_on and len(slide.blocks) == 1 and is_remark(slide.blocks[0])), said(slide.title)


def is_remark(block: Block) -> bool:
    return isinstance(block, Prose) and block.kind != "plain"


@pytest.mark.parametrize("name", ["cookie", "house_prices"])
def test_figures_take_the_room_that_is_left(name: str) -> None:
    with_figures = [slide for slide in slides(sheet_of(name)) if any(isinstance(block, Plot) for block in slide.blocks)]
    assert with_figures
    assert all(LEAST_FIGURE <= slide.figure <= LARGEST_FIGURE for slide in with_figures)


# ------------------------------------------------------------------------------------------------ size


@pytest.mark.parametrize("name", [*NAMES, "tanh"])
def test_no_formula_is_smaller_than_can_be_read(name: str) -> None:
    for slide in slides(sheet_of(name)):
        for block in slide.blocks:
            if isinstance(block, Formula):
                for row in printed_rows(block.lines, SLIDE.line_width):
                    assert all(piece.scale >= SMALLEST for piece in row.pieces), said(slide.title)


@pytest.mark.slow
@pytest.mark.parametrize("engine", [PDFLATEX])
@pytest.mark.parametrize("name", [*NAMES, "tanh"])
def test_beamer_does_not_shrink_a_slide_beyond_reading(name: str, engine: str, tmp_path: Path) -> None:
    sheet = sheet_of(name)
    compiled(latex(sheet, SLIDES), engine, tmp_path)
    reader = PdfReader(tmp_path / "sheet.pdf")
    shown: tuple[Slide, ...] = slides(sheet)
    assert len(reader.pages) == len(shown) + 1
    for slide, page in zip(shown, reader.pages[1:], strict=True):
        if any(isinstance(block, Formula | Prose) for block in slide.blocks):
            assert base_size(page) >= SMALLEST * BODY, said(slide.title)


def base_size(page: PageObject) -> float:
    """The size of the largest letters on a slide but its title's, in points."""
    letters: Counter[float] = Counter()

    def note(words: str, matrix: Any, text_matrix: Any, font: Any, size: float) -> None:
        (a, b, c, d), (e, f) = matrix[:4], text_matrix[:2]
        letters[size * hypot(e * a + f * c, e * b + f * d)] += len(words.strip())

    page.extract_text(visitor_text=note)
    return max(size for size, count in letters.items() if size < TITLE and count > 2)
