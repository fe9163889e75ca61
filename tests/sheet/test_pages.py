"""The pages of real sheets read back, in every form: text, tags, what stands where, large problems on few pages."""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject

from stepcalc.board.plain import clean
from stepcalc.options import Options
from stepcalc.reference import Reference
from stepcalc.sheet.page import page
from stepcalc.trace import Trace
from tests.made import BLANK_AT, NAMES, PAPERS, SLIDES_AT, printed, texts, trace_of, written
from tests.odd_problems import ODD
from tests.tools import needs

POINTS = 72 / 25.4
INTO_MARGIN = 3.0
"""Millimetres that a line may reach into the margin at its side."""
EDGE = {"sheet": 15.0, "slides": 3.0}
"""Millimetres above that stay white, and below but for the number of the page."""
FOOTER = 20.0
"""Millimetres in which the number of a page stands."""
AROUND = 40.0
"""Millimetres around a page that are looked at too."""
DOTS = 40
"""Pixels an inch."""
DARK = 140
"""Darker than this is ink; the grey line above a page is not."""

pytestmark = pytest.mark.slow


LARGE = ("one weight", "one sample", "two hundred samples", "784-128-10")
FOREIGN = ("chinese", "emoji", "arabic", "hebrew", "thai")
"""Scripts that the shipped fonts lack: what a PDF says of them depends on the machine's."""
FORMS = [
    *((name, Options()) for name in (*NAMES, *ODD, *LARGE) if name not in FOREIGN),
    *((name, Options(blank=blank, paper=PAPERS[blank])) for name, blank in list(BLANK_AT["pdf"].items())[::2]),
    *((name, Options(blank=blank, layout="slides")) for name, blank in list(SLIDES_AT.items())[1::2]),
]
"""Each example and odd problem whole, every second example with blanks, the others as slides."""


@dataclass(frozen=True)
class Printed:
    """A sheet on paper: of what, how it was written, the file."""

    name: str
    options: Options
    content: bytes

    @property
    def trace(self) -> Trace | Reference:
        return trace_of(self.name)

    @cached_property
    def reader(self) -> PdfReader:
        return PdfReader(BytesIO(self.content))

    @cached_property
    def texts(self) -> list[str]:
        """The words of each page."""
        return texts(self.name, self.options)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of a page in points."""
        asked = page(self.options)
        return asked.width * POINTS, asked.height * POINTS


@pytest.fixture(
    scope="module",
    params=FORMS,
    ids=[f"{name}-{form.layout}-{form.blank}" for name, form in FORMS],
)
def sheet(request: pytest.FixtureRequest) -> Printed:
    name, options = request.param
    return Printed(name, options, printed(name, options))


def leaves(reader: PdfReader) -> Iterator[tuple[tuple[str, ...], int]]:
    """What is tagged, in reading order: the tags around it and the number of its page."""
    pages = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages, start=1)}

    def walk(kids: Any, tags: tuple[str, ...], page: int) -> Iterator[tuple[tuple[str, ...], int]]:
        for kid in kids if isinstance(kids, list) else [kids]:
            if isinstance(kid, int):
                yield tags, page
                continue
            element = kid.get_object()
            here = pages[element.raw_get("/Pg").idnum] if "/Pg" in element else page
            yield from walk(element.get("/K", []), (*tags, element["/S"]), here)

    yield from walk(reader.trailer["/Root"]["/StructTreeRoot"]["/K"], (), 0)


def figures(reader: PdfReader) -> Iterator[Any]:
    stack = [reader.trailer["/Root"]["/StructTreeRoot"]["/K"]]
    while stack:
        kids = stack.pop()
        for kid in kids if isinstance(kids, list) else [kids]:
            if isinstance(kid, int):
                continue
            element = kid.get_object()
            if element["/S"] in ("/Figure", "/Formula"):
                yield element
            stack.append(element.get("/K", []))


def test_says_what_it_is(sheet: Printed) -> None:
    reader = sheet.reader
    root = reader.trailer["/Root"]
    assert reader.metadata is not None
    title = clean(sheet.trace.problem.title or sheet.trace.problem.source_name)
    assert str(reader.metadata.title).split() == title.split()
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert not root.keys() & {"/OpenAction", "/AA", "/AcroForm"}
    assert not any(leaf.keys() & {"/AA", "/Annots"} for leaf in reader.pages)


@needs("pdftotext")
def test_pages_are_as_large_as_asked_and_numbered(sheet: Printed) -> None:
    pages = sheet.reader.pages
    assert pages
    for number, leaf in enumerate(pages, start=1):
        assert tuple(map(float, leaf.mediabox)) == pytest.approx((0, 0, *sheet.size), abs=0.1)
        assert f"{number}/{len(pages)}" in [line.replace(" ", "") for line in sheet.texts[number - 1].splitlines()]


def test_everything_to_be_seen_is_said(sheet: Printed) -> None:
    shown = list(figures(sheet.reader))
    assert shown
    width, height = sheet.size
    for figure in shown:
        assert str(figure["/Alt"]).strip()
        left, bottom, right, top = map(float, figure["/A"]["/BBox"])
        assert 0 <= left < right <= width
        assert 0 <= bottom < top <= height


def test_no_heading_is_last_on_its_page(sheet: Printed) -> None:
    listed = list(leaves(sheet.reader))
    assert any("/H1" in tags for tags, _ in listed)
    for (tags, number), (_, next_number) in itertools.pairwise(listed):
        if {"/H1", "/H2", "/H3"} & set(tags) and sheet.options.layout == "sheet" and sheet.options.blank != "all":
            assert number == next_number, "room to write has no tags"


@needs("pdftotext")
def test_the_result_is_in_the_text_unless_it_is_left_out(sheet: Printed) -> None:
    """The letters of formulas are text, so that they can be searched for and copied."""
    trace = sheet.trace
    if getattr(trace, "numeric", False) and sheet.options.blank == "none":
        cost = trace.rounding.printed(trace.history[0])
        assert "e" in cost or any(cost in words for words in sheet.texts)


@needs("pdftoppm")
def test_nothing_stands_in_the_margins_or_beyond_the_page(sheet: Printed, tmp_path: Path) -> None:
    around, edge = millimetres(AROUND), millimetres(EDGE[sheet.options.layout])
    side = millimetres(page(sheet.options).margin - INTO_MARGIN)
    foot = edge if sheet.options.layout == "slides" else edge // 2
    for number, ink in enumerate(inked(sheet.reader, tmp_path), start=1):
        inside = ink[around + edge : -around - foot, around + side : -around - side]
        assert inside.sum() == ink.sum(), f"page {number}"
        assert inside[: -millimetres(FOOTER)].any(), f"page {number} is empty"


def millimetres(length: float) -> int:
    """In pixels."""
    return round(length / 25.4 * DOTS)


def inked(reader: PdfReader, folder: Path) -> Iterator[Any]:
    """Where there is ink on each page, and around it."""
    writer, beyond = PdfWriter(clone_from=reader), AROUND * POINTS
    for leaf in writer.pages:
        left, bottom, right, top = map(float, leaf.mediabox)
        leaf.mediabox = leaf.cropbox = RectangleObject((left - beyond, bottom - beyond, right + beyond, top + beyond))
    writer.write(folder / "wide.pdf")
    subprocess.run(["pdftoppm", "-r", str(DOTS), "-gray", "wide.pdf", "page"], cwd=folder, check=True)
    files = sorted(folder.glob("page*.pgm"))
    assert files
    for file in files:
        written = file.read_bytes()
        header = re.match(rb"P5\s(\d+) (\d+)\s255\s", written)
        assert header is not None
        pixels = np.frombuffer(written[header.end() :], np.uint8)
        yield pixels.reshape(int(header[2]), int(header[1])) < DARK


@needs("pdftoppm")
def test_ink_beyond_the_page_is_noticed(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=BytesIO(printed("sigmoid_derivative")))
    for leaf in writer.pages:
        leaf.mediabox = leaf.cropbox = RectangleObject((0, 0, 200, 842))
    writer.write(tmp_path / "narrow.pdf")
    ink = next(inked(PdfReader(tmp_path / "narrow.pdf"), tmp_path))
    assert ink[:, -millimetres(AROUND) :].any()


def test_a_hundred_thousand_parameters_take_four_pages() -> None:
    assert len(PdfReader(BytesIO(printed("784-128-10"))).pages) <= 4


def test_a_large_batch_ends_in_its_mean() -> None:
    trace = trace_of("two hundred samples")
    assert isinstance(trace, Trace)
    text = written("two hundred samples", "txt")
    rows = [line.split() for line in text.splitlines() if "of all 200" in line]
    assert text.count("193 more") > len(rows) > 4
    assert ["mean", "of", "all", "200", trace.rounding.printed(trace.history[0])] in rows
    bias = trace.gradients["b2"]
    assert ["sum", "of", "all", "200", trace.rounding.printed(float(bias[0]))] in rows
