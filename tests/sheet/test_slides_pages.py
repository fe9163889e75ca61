"""The pages of slides: as many in every format, about equally full, headed again, and readable from the last row."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO

import pytest
from pypdf import PdfReader

from stepcalc.board.nodes import Equation, Glyph, Num, Sym
from stepcalc.options import BLANKS, Options
from stepcalc.sheet.blocks import Block, Bullets, Formula, Plot, Prose, Table
from stepcalc.sheet.growing import beats, now
from stepcalc.sheet.page import SLIDE
from stepcalc.sheet.paging import LARGEST_FIGURE, LEAST_FIGURE, ROOM, pages
from stepcalc.sheet.paper_lines import printed_rows
from stepcalc.sheet.slides import Slide, slides
from tests.made import NAMES, SLIDES, SLIDES_AT, printed, sheet_of, written
from tests.printed import said

SMALLEST = 0.85
"""Letters of words and formulas are at least so large, as a share of their full size."""
ALL = [*NAMES, "three classes"]


def counts(name: str, blank: str) -> dict[str, int]:
    """The number of pages in every text format."""
    options = Options(layout="slides", blank=blank)
    return {
        "slides": len(slides_of(name, blank)) + 1,
        "html": written(name, "html", options).count('<section class="slide'),
        "tex": written(name, "tex", options).count("\\begin{frame}"),
        "txt": len(re.findall(r"─ \d+ / \d+$", written(name, "txt", options), re.MULTILINE)) + 1,
    }


@cache
def slides_of(name: str, blank: str = "none") -> tuple[Slide, ...]:
    return slides(sheet_of(name, Options(layout="slides", blank=blank)))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "blank"), [*SLIDES, *(("three classes", level) for level in BLANKS)])
def test_every_format_has_as_many_pages_whatever_is_left_out(name: str, blank: str) -> None:
    found = counts(name, blank)
    assert len(set(found.values())) == 1, found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "blank"), [*SLIDES_AT.items(), ("chain_rule", "none"), *(("three classes", level) for level in BLANKS)]
)
def test_so_has_the_pdf(name: str, blank: str) -> None:
    reader = PdfReader(BytesIO(printed(name, Options(layout="slides", blank=blank))))
    assert len(reader.pages) == len(slides_of(name, blank)) + 1


# --------------------------------------------------------------------------------------- parted tables


@pytest.mark.parametrize("blank", ["none", "results"])
def test_a_parted_table_has_its_heading_and_its_header_on_every_slide(blank: str) -> None:
    shown = [(slide, block) for slide in slides_of("three classes", blank) for block in slide.blocks]
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


@pytest.mark.parametrize("name", ALL)
def test_no_further_page_has_a_remark_alone(name: str) -> None:
    for slide in slides_of(name):
        assert not (slide.goes_on and len(slide.blocks) == 1 and is_remark(slide.blocks[0])), said(slide.title)


def is_remark(block: Block) -> bool:
    return isinstance(block, Prose) and block.kind != "plain"


@pytest.mark.parametrize("name", ["cookie", "house_prices"])
def test_figures_take_the_room_that_is_left(name: str) -> None:
    with_figures = [slide for slide in slides_of(name) if any(isinstance(block, Plot) for block in slide.blocks)]
    assert with_figures
    assert all(LEAST_FIGURE <= slide.figure <= LARGEST_FIGURE for slide in with_figures)


# ------------------------------------------------------------------------------------------------ size


@pytest.mark.parametrize("name", ALL)
def test_no_formula_is_smaller_than_can_be_read(name: str) -> None:
    for slide in slides_of(name):
        for block in slide.blocks:
            if isinstance(block, Formula):
                for row in printed_rows(block.lines, SLIDE.line_width):
                    assert all(piece.scale >= SMALLEST for piece in row.pieces), said(slide.title)
