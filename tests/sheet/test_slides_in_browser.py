"""Slides in a real Chromium: turned with the keyboard, all there without script, accessible, none too large."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from html import escape
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from stepcalc.options import Options
from stepcalc.sheet import render
from tests.browser import Browser, Page, chromium
from tests.printed import example
from tests.sheet.test_browser import MEASURE, OUTSIDE_MATHEMATICS, VIOLATIONS

pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium on this machine")

SHOWN = "[...document.querySelectorAll('.slide')].filter((slide) => slide.getClientRects().length).map((s) => s.id)"
SPILLED = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("slides")


@pytest.fixture(scope="module")
def page(folder: Path) -> Iterator[Page]:
    with Browser(folder) as running:
        yield running.page()


def kept(folder: Path, name: str) -> Path:
    path = folder / f"{name}.html"
    if not path.exists():
        path.write_text(str(render(example(name), "html", Options(layout="slides"))), encoding="utf-8")
    return path


def test_keys_turn_the_slides(page: Page, folder: Path) -> None:
    page.resize(1280, 720)
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
@pytest.mark.parametrize("name", ["cookie", "matrix_deck", "chain_rule"])
def test_each_slide_fits_the_screen(page: Page, folder: Path, name: str) -> None:
    page.resize(1280, 720)
    page.open(kept(folder, name))
    for _ in range(page.ask("document.querySelectorAll('.slide').length")):
        assert page.ask(SPILLED) <= 0, page.ask(SHOWN)
        assert page.ask("document.documentElement.scrollHeight - innerHeight") <= 0, page.ask(SHOWN)
        page.press("ArrowRight")


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
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_empty_or_out_of_its_place(page: Page, folder: Path, width: int) -> None:
    page.resize(width, 800)
    page.open(kept(folder, "cookie"))
    page.press("Escape")
    assert page.ask(MEASURE) == []
    assert page.complaints == []


@pytest.mark.slow
@pytest.mark.parametrize("all_at_once", [False, True])
def test_accessible(page: Page, folder: Path, all_at_once: bool) -> None:
    axe_core = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
    axe = (Path(axe_core.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    page.resize(1280, 800)
    page.open(kept(folder, "chain_rule"))
    if all_at_once:
        page.press("Escape")
    page.ask(f"{axe}; 0")
    assert page.ask(VIOLATIONS % json.dumps(OUTSIDE_MATHEMATICS)) == []
