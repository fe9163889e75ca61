"""Slides in a real Chromium: turned with the keyboard, all there without script, accessible, none too large."""

from __future__ import annotations

from base64 import b64decode
from html import escape
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from stepcalc.options import Options
from stepcalc.sheet import render
from stepcalc.sheet.blocks import Sheet
from stepcalc.sheet.html import html
from tests import made
from tests.browser import CHROMIUM, Page
from tests.odd_problems import MARKUP, named
from tests.printed import solved
from tests.sheet.test_browser import OUTSIDE_MATHEMATICS, misplaced, violations
from tests.sheet.test_browser import kept as page_of

pytestmark = CHROMIUM

SLIDES = Options(layout="slides")
LOOKED_AT = list(made.SLIDES_AT.items())
"""Each example's slides, as a whole or with blanks, by turns."""
SHOWN = "[...document.querySelectorAll('.slide')].filter((slide) => slide.getClientRects().length).map((s) => s.id)"
TOO_LARGE = """(() => {
    const found = [], screen = document.documentElement;
    for (const slide of document.querySelectorAll(".slide")) {
        if (!slide.getClientRects().length) found.push(`${slide.id} is not shown`);
        if (screen.scrollWidth > innerWidth || screen.scrollHeight > innerHeight) found.push(slide.id);
        document.querySelector("[name=next]").click();
    }
    return found;
})()"""
"""The slides that do not fit the screen, each looked at when it is its turn."""


def kept(folder: Path, name: str, blank: str = "none") -> Path:
    return page_of(folder, name, Options(layout="slides", blank=blank))


def test_keys_turn_the_slides(page: Page, folder: Path) -> None:
    page.open(kept(folder, "chain_rule"))
    assert page.ask(SHOWN) == ["slide-1"]
    page.press("ArrowRight", "ArrowRight", "ArrowLeft")
    assert page.ask(SHOWN) == ["slide-2"]
    page.press("End", "ArrowRight")
    last = page.ask("document.querySelectorAll('.slide').length")
    assert page.ask(SHOWN) == [f"slide-{last}"]
    assert page.ask("document.querySelector('.position').textContent") == f"{last} / {last}"
    page.press("Escape")
    assert len(page.ask(SHOWN)) == last
    page.press("Home")
    assert page.ask(SHOWN) == ["slide-1"]
    assert page.complaints == []


def test_slides_turn_in_a_frame_without_an_address(page: Page, folder: Path) -> None:
    source = escape(kept(folder, "chain_rule").read_text(encoding="utf-8"))
    path = folder / "framed.html"
    path.write_text(f'<!DOCTYPE html><iframe srcdoc="{source}" width="900" height="600"></iframe>', encoding="utf-8")
    page.open(path)
    inside = "document.querySelector('iframe').contentDocument"
    page.ask(f"{inside}.querySelector('[name=next]').click()")
    assert page.ask(SHOWN.replace("document", inside)) == ["slide-2"]
    assert page.complaints == []


def test_without_script_all_slides_are_there(page: Page, folder: Path) -> None:
    with page.without_script():
        page.open(kept(folder, "chain_rule"))
        assert len(page.ask(SHOWN)) == page.ask("document.querySelectorAll('.slide').length") > 10


@pytest.mark.slow
@pytest.mark.parametrize(("name", "blank"), LOOKED_AT)
def test_each_slide_fits_the_screen_and_nothing_is_out_of_its_place(
    page: Page, folder: Path, name: str, blank: str
) -> None:
    page.resize(1280, 720)
    page.open(kept(folder, name, blank))
    assert page.ask(TOO_LARGE) == []
    page.press("Escape")
    assert misplaced(page, (360, 1280)) == {}
    assert page.complaints == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cookie", "matrix_deck", "activations"])
def test_each_slide_is_printed_on_a_page_of_its_own(page: Page, folder: Path, name: str) -> None:
    page.open(kept(folder, name))
    printed = page.call("Page.printToPDF", preferCSSPageSize=True)["data"]
    reader = PdfReader(BytesIO(b64decode(printed)))
    assert len(reader.pages) == page.ask("document.querySelectorAll('.slide').length")
    width, height = map(float, reader.pages[0].mediabox[2:])
    assert width / height == pytest.approx(16 / 9, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "blank"), [("chain_rule", "none"), ("parabola", "results"), ("losses", "none")])
@pytest.mark.parametrize("all_at_once", [False, True])
def test_accessible(page: Page, folder: Path, name: str, blank: str, all_at_once: bool) -> None:
    page.resize(1280, 800)
    page.open(kept(folder, name, blank))
    if all_at_once:
        page.press("Escape")
    assert violations(page, OUTSIDE_MATHEMATICS) == []


def test_a_slide_that_is_too_large_is_noticed(page: Page, folder: Path) -> None:
    page.resize(1280, 720)
    page.open(kept(folder, "chain_rule"))
    page.ask("document.querySelector('#slide-2').style.height = '2000px'")
    assert page.ask(TOO_LARGE) == ["slide-2"]


def test_hostile_words(page: Page, folder: Path, hostile_sheet: Sheet) -> None:
    problem = solved(**named(f"{MARKUP} <img src=x onerror=document.title=1> javascript:alert(1)"))
    for number, written in enumerate((html(hostile_sheet, SLIDES), str(render(problem, "html", SLIDES)))):
        path = folder / f"hostile{number}.html"
        path.write_text(written, encoding="utf-8")
        page.complaints.clear()
        page.open(path)
        page.press("ArrowRight", "End", "Escape")
        assert page.ask("document.scripts.length") == 1
        assert page.ask("document.querySelectorAll('main :is(script, img, iframe, object, [onerror])').length") == 0
        assert "<script>alert(1)</script>" in page.ask("document.title")
        assert page.complaints == []
