"""The booklet of all variants: every variant whole, on a multiple of pages, and one document to whoever reads it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pypdf import PdfReader

from stepcalc.errors import InputError
from stepcalc.output import as_bytes
from stepcalc.papers.options import PaperOptions
from stepcalc.papers.printed import Printed
from tests.papers.papers import every_kind, variants
from tests.tex import accepted
from tests.tools import needs

IDS = SimpleNamespace(ids=("001", "002"))


@cache
def pieces(format: str) -> tuple[bytes, ...]:
    return tuple(map(Printed(format, PaperOptions()).piece, variants()))


@cache
def whole(format: str, pages_multiple: int) -> dict[str, bytes]:
    made = Printed(format, PaperOptions(pages_multiple=pages_multiple)).whole(IDS, iter(pieces(format)))
    return {name: as_bytes(content) for name, content in made.items()}


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


@pytest.mark.parametrize("multiple", [1, 5])
def test_each_variant_takes_a_multiple_of_pages(multiple: int) -> None:
    texts = pages(whole("pdf", multiple)["booklet.pdf"])
    alone = [len(pages(as_bytes(Printed("pdf", PaperOptions()).files(paper)["question.pdf"]))) for paper in variants()]
    assert len(texts) == sum(-(-count // multiple) * multiple for count in alone)
    starts = [at for at, text in enumerate(texts) if f" / {alone[0]}" in text and "1 /" in text]
    assert all(start % multiple == 0 for start in starts)
    assert sum("left blank" in text for text in texts) == len(texts) - sum(alone)


@needs("pdflatex")
def test_so_it_does_in_latex(tmp_path: Path) -> None:
    accepted(whole("tex", 4)["booklet.tex"].decode(), "pdflatex", tmp_path)
    accepted(whole("tex", 4)["booklet.tex"].decode(), "pdflatex", tmp_path)
    texts = pages((tmp_path / "sheet.pdf").read_bytes())
    assert len(texts) % 8 == 0
    assert "Variant 001" in texts[0]
    assert "Variant 002" in texts[len(texts) // 2]
    assert "1 / " in texts[len(texts) // 2]


def test_the_booklet_has_the_pages_of_each_variant() -> None:
    alone = [pages(as_bytes(Printed("pdf", PaperOptions()).files(paper)["question.pdf"])) for paper in variants()]
    assert pages(whole("pdf", 1)["booklet.pdf"]) == [text for one in alone for text in one]


def test_bookmarks_lead_to_the_variants() -> None:
    reader = PdfReader(BytesIO(whole("pdf", 2)["booklet.pdf"]))
    found = [(mark.title, reader.get_destination_page_number(mark)) for mark in reader.outline]
    assert [title for title, _ in found] == ["Variant 001", "Variant 002"]
    assert [page % 2 for _, page in found] == [0, 0]


def structure(reader: PdfReader) -> list[Any]:
    """All elements of the structure, each of which has to know the one that it is part of."""
    root = reader.trailer["/Root"]["/StructTreeRoot"]
    found, waiting = [], [(child, root) for child in root["/K"]]
    while waiting:
        reference, parent = waiting.pop()
        element = reference.get_object()
        if hasattr(element, "get") and "/S" in element:
            assert element["/P"] == parent
            found.append(element)
            children = element.get("/K", [])
            waiting += [(child, element) for child in children if not isinstance(child, int)]
    return found


def test_the_structure_is_that_of_one_document() -> None:
    reader = PdfReader(BytesIO(whole("pdf", 2)["booklet.pdf"]))
    catalog, elements = reader.trailer["/Root"], structure(reader)
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "en"
    (document,) = catalog["/StructTreeRoot"]["/K"]
    assert document["/S"] == "/Document"
    assert {part["/S"] for part in document["/K"]} == {"/Part"}
    numbers = catalog["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    keys = [int(key) for key in numbers[::2]]
    assert keys == sorted(set(keys))
    owners = dict(zip(keys, numbers[1::2], strict=True))
    places = [int(page["/StructParents"]) for page in reader.pages if "/StructParents" in page]
    assert len(places) == len(set(places))
    assert set(places) <= set(owners)
    sheets = {page.indirect_reference.idnum for page in reader.pages}
    assert {element.raw_get("/Pg").idnum for element in elements if "/Pg" in element} <= sheets
    for page in reader.pages:
        for owner in owners[int(page["/StructParents"])].get_object():
            known = owner.get_object()
            assert not isinstance(known, dict) or known.raw_get("/Pg") == page.indirect_reference


def test_headers_of_tables_have_names_of_their_own() -> None:
    elements = structure(PdfReader(BytesIO(whole("pdf", 1)["booklet.pdf"])))
    names = [str(element["/ID"]) for element in elements if "/ID" in element]
    assert names
    assert len(names) == len(set(names))
    used = {str(name) for element in elements if "/A" in element for name in element["/A"].get("/Headers", ())}
    assert used
    assert used <= set(names)


def test_what_all_variants_share_is_written_once() -> None:
    assert set(whole("pdf", 1)) == {"booklet.pdf", "answer_sheet.pdf", "rubric.pdf"}
    assert set(whole("tex", 4)) == {"booklet.tex", "rubric.tex"}
    assert set(whole("html", 1)) == {"rubric.html"}


def test_variants_that_are_asked_different_things_have_their_own() -> None:
    printed = Printed("html", PaperOptions())
    made = printed.whole(IDS, iter([printed.piece(variants()[0]), printed.piece(every_kind())]))
    assert set(made) == {"rubric_001.html", "rubric_002.html"}


def hashes() -> dict[str, str]:
    """Of every file of a variant, and of a booklet of it, in every format."""
    paper, exam, made = every_kind(), SimpleNamespace(ids=("001",)), dict[str, str]()
    for name in ("pdf", "tex", "html"):
        printed = Printed(name, PaperOptions(pages_multiple=2))
        files = {**printed.files(paper), **printed.whole(exam, iter([printed.piece(paper)]))}
        made |= {file: hashlib.sha256(as_bytes(content)).hexdigest() for file, content in files.items()}
    return made


@pytest.mark.slow
def test_the_same_bytes_in_every_process() -> None:
    """This one has drawn other papers before; the other one hashes words differently."""
    script = "import json; from tests.papers.test_booklet import hashes; print(json.dumps(hashes()))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": "1"}, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert json.loads(done.stdout) == hashes()
    assert len(hashes()) == 12


@pytest.mark.parametrize("chosen", [{"paper": "a5"}, {"pages_multiple": 0}, {"pages_multiple": 17}])
def test_options_that_are_none(chosen: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="--pa"):
        PaperOptions(**chosen)
