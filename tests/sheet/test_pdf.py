"""The PDF is read back: pages, words, metadata, tags, and the same bytes every time."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from stepcalc.board.nodes import Add, Equation, Glyph, Mul, Num, Rel, Sym
from stepcalc.board.plain import clean
from stepcalc.options import LAYOUTS, Options
from stepcalc.sheet.blocks import Axis, Bullets, Curve, Formula, Heading, Plot, Prose, Sheet
from stepcalc.sheet.page import PAPER, SLIDE, Page
from stepcalc.sheet.pdf import PrintWriter, pdf
from stepcalc.sheet.words import words

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def cookie_pdf(cookie_sheet: Sheet) -> bytes:
    return pdf(cookie_sheet)


def test_reads_back(cookie_pdf: bytes) -> None:
    reader = PdfReader(BytesIO(cookie_pdf))
    assert 2 <= len(reader.pages) <= 4
    words = "\n".join(page.extract_text() for page in reader.pages)
    assert "Will the cookie taste good?" in words
    assert "Every gradient was taken with the OLD weights." in words
    assert f"1 / {len(reader.pages)}" in words
    assert reader.metadata is not None
    assert reader.metadata.title == "Will the cookie taste good?"
    width, height = reader.pages[0].mediabox[2:]
    assert (round(float(width)), round(float(height))) == (595, 842)


def test_is_tagged_and_says_its_language(cookie_pdf: bytes) -> None:
    catalogue = PdfReader(BytesIO(cookie_pdf)).trailer["/Root"]
    assert catalogue["/Lang"] == "en"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalogue


def test_every_formula_has_its_text(cookie_sheet: Sheet) -> None:
    tree = PdfReader(BytesIO(pdf(cookie_sheet, compress=False))).trailer["/Root"]["/StructTreeRoot"]
    texts = list(alternative_texts(tree))
    third = "is about 0.693034 plus 0.494507 plus 0.897541 plus 0.2 equals 2.285082"
    assert any(said.endswith(third) for said in texts)
    network = next(said for said in texts if said.startswith("Network: 4 inputs, 3 hidden units, 1 output, loss."))
    assert "y hat is 0.907634 with the weights 0.7 from h one of layer one" in network
    assert all(texts)


def alternative_texts(element: object) -> list[str]:
    found: list[str] = []
    stack = [element]
    while stack:
        node = stack.pop()
        node = getattr(node, "get_object", lambda node=node: node)()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict):
            found += [str(node["/Alt"])] if "/Alt" in node else []
            stack += [node["/K"]] if "/K" in node else []
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_hostile_words(hostile_sheet: Sheet, layout: str) -> None:
    reader = PdfReader(BytesIO(pdf(hostile_sheet, Options(layout=layout))))
    assert reader.metadata is not None
    assert reader.metadata.title == clean(hostile_sheet.title)
    names = {name for page in reader.pages for name in page} | set(reader.trailer["/Root"])
    assert not names & {"/JavaScript", "/OpenAction", "/AA", "/Annots", "/AcroForm"}


@pytest.mark.parametrize("page", [*PAPER.values(), SLIDE])
def test_no_formula_is_wider_than_the_page(page: Page) -> None:
    term = Mul((Num("0.123456"), Num("-0.654321")), "apply")
    line = Equation((Sym(Glyph("z")), Add((term,) * 12), Num("9" * 120)), ("=", "="), "a reason of some length")
    writer = PrintWriter(page, words().phrases)
    for row in writer.rows(Formula((line,))):
        assert all(piece.x + min(piece.ink.width, piece.room) <= page.line_width for piece in row.pieces)
        writer.row(row)
    drawn = [placed for picture in writer.pictures.values() for placed in picture.placed]
    assert any(placed.scale < 1 for placed in drawn)
    assert all(placed.x + placed.scale * placed.ink.width <= page.line_width + 0.01 for placed in drawn)


def test_a_word_longer_than_a_line_is_broken() -> None:
    word = "W" * 200
    blocks = (Heading((word,), 1), Heading((word,)), Prose((word,)), Bullets(((word,),)))
    printed = PdfReader(BytesIO(pdf(Sheet(word, blocks)))).pages[0].extract_text()
    assert printed.count("W") == 5 * len(word)
    assert max(map(len, printed.splitlines())) < 120


def test_same_bytes_twice(cookie_sheet: Sheet, cookie_pdf: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    first, second = (hashlib.sha256(pdf(cookie_sheet)).digest() for _ in range(2))
    assert first == second


# ------------------------------------------------------------------------------------------------- accessibility


@pytest.fixture(scope="module")
def document(cookie_sheet: Sheet) -> PdfReader:
    return PdfReader(BytesIO(pdf(cookie_sheet, compress=False)))


def tagged(document: PdfReader) -> Iterator[Any]:
    """The elements of the structure, in reading order."""
    tree: Any = document.trailer["/Root"]
    waiting = [tree["/StructTreeRoot"]["/K"]]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            waiting += reversed(node)
        elif isinstance(node, dict):
            if "/S" in node:
                yield node
            waiting += [node["/K"]] if "/K" in node else []


def test_says_that_it_is_accessible(document: PdfReader) -> None:
    catalogue: Any = document.trailer["/Root"]
    metadata = catalogue["/Metadata"].get_object().get_data()
    assert b'pdfuaid:part="1"' in metadata
    assert b"Will the cookie taste good?" in metadata
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    assert all(page["/Tabs"] == "/S" for page in document.pages)


def test_headings_are_in_order_and_are_bookmarks(document: PdfReader, cookie_sheet: Sheet) -> None:
    levels = [int(element["/S"][2:]) for element in tagged(document) if element["/S"] in ("/H1", "/H2", "/H3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    outline: Any = document.outline
    assert outline[0]["/Title"] == cookie_sheet.title
    assert [entry["/Title"] for entry in outline[1] if not isinstance(entry, list)][:2] == ["Forward", "Backward"]


def test_every_picture_is_a_formula_or_a_figure_with_words(document: PdfReader) -> None:
    pictures = [element for element in tagged(document) if element["/S"] in ("/Figure", "/Formula")]
    assert all(str(element["/Alt"]).strip() for element in pictures)
    figures = [element for element in pictures if element["/S"] == "/Figure"]
    assert [str(element["/Alt"])[:8] for element in figures] == ["Network:"]
    assert len(pictures) > 25


def test_a_figure_that_says_what_a_formula_says_is_a_figure() -> None:
    z = Sym(Glyph("z"))
    line = Equation((z, Num("1")), ("=",))
    axis = Axis(z, 0.0, 1.0)
    figure = Plot(axis, axis, (Curve(((0.0, 0.0), (1.0, 1.0))),), alternative=(Rel(z, "=", Num("1")),))
    document = PdfReader(BytesIO(pdf(Sheet("T", (Formula((line,)), figure)), compress=False)))
    said = [(element["/S"], str(element["/Alt"])) for element in tagged(document) if "/Alt" in element]
    assert said == [("/Formula", "z equals 1"), ("/Figure", "z equals 1")]


def test_boxes_of_pictures_are_on_their_page(document: PdfReader) -> None:
    """In points from below, as PDF has it; a box of the first formula stands above one of the last of its page."""
    pictures = [element for element in tagged(document) if element["/S"] in ("/Figure", "/Formula")]
    for element in pictures:
        left, bottom, right, top = element["/A"]["/BBox"]
        _, _, width, height = element["/Pg"].get_object()["/MediaBox"]
        assert 0 <= left < right <= width
        assert 0 <= bottom < top <= height
    first, last = pictures[0], [element for element in pictures if element["/Pg"] == pictures[0]["/Pg"]][-1]
    assert first["/A"]["/BBox"][1] > last["/A"]["/BBox"][1]


def test_cells_of_tables_name_their_headers(document: PdfReader) -> None:
    headers = {element["/ID"] for element in tagged(document) if element["/S"] == "/TH"}
    cells = [element for element in tagged(document) if element["/S"] == "/TD"]
    assert cells
    assert all(set(element["/A"]["/Headers"]) <= headers and element["/A"]["/Headers"] for element in cells)


def test_headers_of_tables_say_what_they_head(document: PdfReader) -> None:
    headers = [element for element in tagged(document) if element["/S"] == "/TH"]
    groups = {element["/P"].get_object()["/P"].get_object()["/S"]: element["/A"]["/Scope"] for element in headers}
    assert groups == {"/THead": "/Column", "/TBody": "/Row"}
    tree: Any = document.trailer["/Root"]
    names = tree["/StructTreeRoot"]["/IDTree"]["/Names"]
    assert list(names[::2]) == sorted(element["/ID"] for element in headers)
    assert [element.get_object()["/ID"] for element in names[1::2]] == list(names[::2])


def test_page_numbers_are_no_content(document: PdfReader) -> None:
    """Everything that is marked as content is reached from the structure; the number of the page is an artifact."""
    tree: Any = document.trailer["/Root"]
    reached = [number for element in tagged(document) for number in element.get("/K", ()) if isinstance(number, int)]
    content = 0
    for page, owners in zip(document.pages, tree["/StructTreeRoot"]["/ParentTree"]["/Nums"][1::2], strict=False):
        drawn = page.get_contents()
        assert drawn is not None
        marks = [int(number) for number in re.findall(rb"/MCID (\d+)", drawn.get_data())]
        assert all(isinstance(owners.get_object()[number].get_object(), dict) for number in marks)
        assert b"/Type /Pagination" in drawn.get_data()
        content += len(marks)
    assert content == len(reached)


LATE = """
import threading
from stepcalc.sheet import pdf
from stepcalc.sheet.blocks import Sheet
pdf.pdf(Sheet("T", ()))
fonts = "@font-face { font-family: T; src: url(stepcalc:font/text) }"
threading.current_thread().outlives_modules = pdf._style_sheet(fonts)
"""


def test_fonts_that_outlive_everything_leave_nothing_behind(tmp_path: Path) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", LATE], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
