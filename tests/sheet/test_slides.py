"""Slides: everything on the sheet is on them, they build up, and nothing is fuller or wider than its page."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject

import stepcalc
from stepcalc.board.nodes import Box, Equation, Hole, Matrix, Num
from stepcalc.board.text import text as math_text
from stepcalc.board.transform import walk
from stepcalc.options import Options
from stepcalc.sheet import render
from stepcalc.sheet.blocks import Block, Bullets, Diagram, Formula, Heading, Prose, Sheet, Table
from stepcalc.sheet.heights import height
from stepcalc.sheet.html import html
from stepcalc.sheet.page import SLIDE
from stepcalc.sheet.paging import ROOM
from stepcalc.sheet.pdf import pdf
from stepcalc.sheet.slides import Slide, slides
from stepcalc.sheet.story import compose
from stepcalc.sheet.text import text
from tests.printed import FILES, said
from tests.tools import needs

NAMES = [path.stem for path in FILES]
SLIDES = Options(layout="slides")
POINTS = 72 / 25.4


@cache
def sheet_of(name: str) -> Sheet:
    return compose(stepcalc.solve(stepcalc.load(FILES[0].parent / f"{name}.toml")))


@cache
def deck(name: str) -> tuple[Slide, ...]:
    return slides(sheet_of(name))


def step(name: str, title: str) -> list[Slide]:
    return [slide for slide in deck(name) if title in said(slide.title)]


def lines(blocks: tuple[Block, ...]) -> list[Equation]:
    return [line for block in blocks if isinstance(block, Formula) for line in block.lines]


def plain(line: Equation) -> str:
    """A line without what stands beside it."""
    return math_text(replace(line, aside=None), inline=True)


def boxes(line: Equation) -> int:
    return sum(isinstance(node, Box) for part in line.parts for node in walk(part))


def is_matrix(line: Equation) -> bool:
    return isinstance(line.parts[0], Matrix) and len(line.parts[0].rows) > 1


# ------------------------------------------------------------------------------------ what is on them


@pytest.mark.parametrize("name", NAMES)
def test_everything_on_the_sheet_is_on_a_slide(name: str) -> None:
    sheet, shown = sheet_of(name), [block for slide in deck(name) for block in slide.blocks]
    assert {plain(line) for line in lines(sheet.blocks)} <= {plain(line) for line in lines(tuple(shown))}
    for kind, parts in ((Prose, lambda b: [b.text]), (Bullets, lambda b: b.items)):
        told = {said(part) for block in shown if isinstance(block, kind) for part in parts(block)}
        assert {said(part) for block in sheet.blocks if isinstance(block, kind) for part in parts(block)} <= told
    cells = {cell for block in shown if isinstance(block, Table) for row in (block.header, *block.rows) for cell in row}
    for block in sheet.blocks:
        if isinstance(block, Table):
            assert {cell for row in block.rows for cell in row if cell not in ((), ("",))} <= cells


@pytest.mark.parametrize("name", NAMES)
def test_no_slide_is_fuller_than_its_page_or_empty(name: str) -> None:
    for slide in deck(name):
        assert slide.blocks
        assert height(slide.blocks, slide.figure) <= ROOM


@pytest.mark.parametrize("name", NAMES)
def test_slides_are_in_the_order_of_the_steps(name: str) -> None:
    numbers = [slide.number for slide in deck(name) if slide.number is not None]
    assert numbers == sorted(numbers)
    asked = [b.number for b in sheet_of(name).blocks if isinstance(b, Heading) and b.number is not None]
    assert list(dict.fromkeys(numbers)) == asked


def test_the_cookie_makes_a_lecture_and_no_flip_book() -> None:
    assert 35 <= len(deck("cookie")) <= 60


# --------------------------------------------------------------------------------------- building up


def test_a_vector_fills_up_above_its_lines() -> None:
    found = step("cookie", "Layer 1: weighted sum")
    states = [
        [isinstance(node, Hole) for part in lines(slide.blocks)[1].parts for node in walk(part)].count(True)
        for slide in found
    ]
    assert states == [2, 1, 0]
    written = [[plain(line) for line in lines(slide.blocks)[2:]] for slide in found]
    assert all(after[: len(before)] == before for before, after in pairwise(written))


def test_a_matrix_fills_up_row_by_row_beside_the_row_at_hand() -> None:
    steps = step("cookie", "Layer 1: weight and bias gradients")
    found = [slide for slide in steps if is_matrix(lines(slide.blocks)[1])]
    assert len(found) == 3
    rows = [{node.item for line in lines(slide.blocks)[2:] for node in walk(line.parts[-1]) if isinstance(node, Num)}
            for slide in found]  # fmt: skip
    for number, items in enumerate(rows, start=1):
        assert items >= {f"dL/dW1[{number},{column}]" for column in range(1, 5)}
        assert not any(item and item.startswith(f"dL/dW1[{number + 1}") for item in items)


def test_a_chain_builds_up_with_the_current_factor_framed() -> None:
    found = [slide for slide in step("cookie", "One chain in full") if any(map(boxes, lines(slide.blocks)))]
    assert [len(lines(slide.blocks)) for slide in found] == [1, 2, 3, 4, 5]
    assert all(boxes(line) == 1 for slide in found for line in lines(slide.blocks))


def test_the_path_is_shown_on_the_way_back() -> None:
    shown = [place for place, slide in enumerate(deck("cookie")) if any(isinstance(b, Diagram) for b in slide.blocks)]
    titles = [said(deck("cookie")[place].title) for place in shown]
    assert titles[:2] == ["The problem", "Backward"]
    assert titles[2].startswith("One chain in full")


def test_the_appendix_does_not_build_up() -> None:
    found = step("cookie", "The derivative of σ(z)")
    assert len(found) == 2
    assert said(found[1].title) == "The derivative of σ(z) (continued)"


def test_wide_tables_are_turned() -> None:
    turned = [block for slide in deck("activations") for block in slide.blocks if isinstance(block, Table)]
    assert all(len(table.header) == 2 for table in turned)
    assert [said(table.header[1]) for table in turned][:3] == ["linear", "step", "sigmoid"]


# ------------------------------------------------------------------------------------------- formats


@pytest.mark.slow
@needs("pdftoppm")
@pytest.mark.parametrize("name", ["cookie", "matrix_deck"])
def test_each_slide_is_one_page_and_stays_on_it(name: str, tmp_path: Path) -> None:
    content = pdf(sheet_of(name), SLIDES)
    reader = PdfReader(BytesIO(content))
    count = len(deck(name)) + 1
    assert len(reader.pages) == count
    width, height = (float(side) for side in reader.pages[0].mediabox[2:])
    assert (width, height) == pytest.approx((SLIDE.width * POINTS, SLIDE.height * POINTS), abs=0.1)
    assert width / height == pytest.approx(16 / 9)
    assert f"{count} / {count}" in reader.pages[-1].extract_text()
    assert ink_outside(content, tmp_path) == []


def ink_outside(content: bytes, folder: Path) -> list[int]:
    """The pages that have ink outside their box, or nearer to its edge than 3 millimetres."""
    beyond, inside, scale = 60.0, 3 * POINTS, 0.5
    writer = PdfWriter(clone_from=BytesIO(content))
    for page in writer.pages:
        left, bottom, right, top = map(float, page.mediabox)
        page.mediabox = page.cropbox = RectangleObject((left - beyond, bottom - beyond, right + beyond, top + beyond))
    writer.write(folder / "wide.pdf")
    resolution = str(72 * scale)
    subprocess.run(
        ["pdftoppm", "-gray", "-r", resolution, folder / "wide.pdf", folder / "page"], check=True, capture_output=True
    )
    edge = int((beyond + inside) * scale)
    found = []
    for place, file in enumerate(sorted(folder.glob("page-*.pgm")), start=1):
        header = re.match(rb"P5\s(\d+) (\d+)\s255\s", file.read_bytes())
        assert header is not None
        pixels = np.frombuffer(file.read_bytes()[header.end() :], np.uint8).reshape(int(header[2]), int(header[1]))
        frame = np.ones_like(pixels, dtype=bool)
        frame[edge:-edge, edge:-edge] = False
        if (pixels[frame] < 250).any():
            found.append(place)
    return found


def test_the_pdf_is_tagged_and_its_outline_names_each_step_once() -> None:
    reader = PdfReader(BytesIO(pdf(sheet_of("chain_rule"), SLIDES)))
    catalogue: Any = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"] == "en"
    assert max(Counter(outlined(reader.outline)).values()) == 1


def outlined(outline: Any) -> list[str]:
    """The titles of a PDF's outline, at every depth."""
    if not isinstance(outline, list):
        return [str(outline.title)]
    return [title for item in outline for title in outlined(item)]


def test_the_page_has_a_section_for_each_slide() -> None:
    page = html(sheet_of("chain_rule"), SLIDES)
    count = len(deck("chain_rule")) + 1
    assert len(re.findall(r'<section class="slide', page)) == count
    assert f"{count} / {count}" in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "http" not in page.replace("http://www.w3.org/", "").replace("http-equiv", "")


def test_text_has_a_rule_with_the_number_before_each_slide() -> None:
    shown = text(sheet_of("chain_rule"), SLIDES)
    count = len(deck("chain_rule")) + 1
    assert re.findall(r"─ (\d+) / \d+$", shown, re.MULTILINE) == [str(place) for place in range(2, count + 1)]


def test_blanks_are_kept_on_slides() -> None:
    trace = stepcalc.solve(stepcalc.load(FILES[0].parent / "cookie.toml"))
    shown = str(render(trace, "txt", Options(layout="slides", blank="results")))
    assert "0.01878" not in shown
    assert "2.382" not in shown
