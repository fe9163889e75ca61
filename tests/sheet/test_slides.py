"""Slides: everything on the sheet is on them, they build up, and nothing is fuller or wider than its page."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from pypdf import PdfReader

from stepcalc.board.nodes import Box, Equation, Hole, Matrix, Num
from stepcalc.board.text import text as math_text
from stepcalc.board.transform import walk
from stepcalc.options import Options
from stepcalc.sheet.blocks import Block, Bullets, Diagram, Formula, Heading, Prose, Table
from stepcalc.sheet.heights import height
from stepcalc.sheet.paging import ROOM
from stepcalc.sheet.slides import Slide, slides
from tests.made import NAMES, printed, sheet_of, written
from tests.printed import said

SLIDES = Options(layout="slides")


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


def test_the_pdf_is_tagged_and_its_outline_names_each_step_once() -> None:
    reader = PdfReader(BytesIO(printed("chain_rule", SLIDES)))
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
    page = written("chain_rule", "html", SLIDES)
    count = len(deck("chain_rule")) + 1
    assert len(re.findall(r'<section class="slide', page)) == count
    assert f"{count} / {count}" in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "http" not in page.replace("http://www.w3.org/", "").replace("http-equiv", "")


def test_text_has_a_rule_with_the_number_before_each_slide() -> None:
    shown = written("chain_rule", "txt", SLIDES)
    count = len(deck("chain_rule")) + 1
    assert re.findall(r"─ (\d+) / \d+$", shown, re.MULTILINE) == [str(place) for place in range(2, count + 1)]


def test_blanks_are_kept_on_slides() -> None:
    shown = written("cookie", "txt", Options(layout="slides", blank="results"))
    assert "0.01878" not in shown
    assert "2.382" not in shown
