"""What a student is handed: everything that is asked, and no answer anywhere in a file."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from stepcalc.answers.archives import opened
from stepcalc.output import as_bytes
from stepcalc.papers.as_json import key_json, question_json
from stepcalc.papers.options import PaperOptions
from stepcalc.papers.printed import Printed
from stepcalc.sheet.blocks import Bullets
from tests.exams.papers import paper, told
from tests.papers.papers import HOSTILE, every_kind, paper_of
from tests.tex import PDFLATEX, compiled
from tests.tools import needs

A4 = PaperOptions()
SENTENCES = re.compile(r"The activation is missing|This adds|what is right")
"""What only a key says."""


@cache
def everything() -> dict[str, bytes]:
    """All files of a paper with every kind of answer, and its share of the files of all variants."""
    paper = every_kind()
    made = {"question.json": question_json(paper).encode(), "key.json": key_json(paper).encode()}
    for name in ("pdf", "tex", "html"):
        printed = Printed(name, A4)
        made |= {file: as_bytes(content) for file, content in printed.files(paper).items()}
        made |= {f"{file}.{name}": content for file, content in opened(printed.piece(paper)).items()}
    return made


FOR_STUDENTS = ("question.pdf", "question.tex", "question.html", "question.json", "booklet.pdf", "booklet.tex",
                "answer_sheet.pdf")  # fmt: skip


def said(name: str) -> str:
    """What a file says to anybody who looks into it: text, alternative texts, metadata."""
    content = everything()[name]
    if not name.endswith(".pdf"):
        text = content.decode()
        hidden = re.findall(r'(?:alt|title|aria-[a-z]+|data-[a-z-]+|alttext|content)="([^"]*)"', text)
        body = re.sub(r"(?s)<(style|script).*?</\1>", "", text)
        return re.sub(r"<[^>]*>", " ", body) + "\n".join(hidden) if name.endswith("html") else text
    reader = PdfReader(BytesIO(content))
    entries = (reader.get_object(number) for number in range(1, len(reader.xref_objStm) + len(reader.xref[0])))
    told = [
        str(entry.get("/Alt", "")) + str(entry.get("/ActualText", ""))
        for entry in entries
        if isinstance(entry, DictionaryObject)
    ]
    return "\n".join([*(page.extract_text() for page in reader.pages), *told, str(reader.metadata)])


def secrets() -> set[str]:
    """The right numbers with digits enough to be told from others."""
    gaps = every_kind().questions[0].gaps
    printed = {gap.printed.lstrip("-") for gap in gaps}
    return {number for number in printed if len(number.replace(".", "").lstrip("0")) >= 4}


def shown(name: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?", said(name)))


@pytest.mark.parametrize("name", FOR_STUDENTS)
def test_no_answer_stands_in_what_students_get(name: str) -> None:
    assert len(secrets()) >= 5
    assert shown(name) & secrets() == set()
    assert not SENTENCES.search(said(name))


@pytest.mark.parametrize("name", ["key.pdf", "key.tex", "key.html", "key.json"])
def test_the_key_has_them_all(name: str) -> None:
    assert secrets() <= shown(name) or name == "key.pdf"
    assert len(shown(name) & secrets()) >= 5
    assert "The activation is missing" in " ".join(said(name).split())


def test_no_box_is_ticked_and_no_place_given_away() -> None:
    page = everything()["question.html"].decode()
    boxes = re.findall(r'<span class="box">(.*?)</span>', page)
    assert boxes == [""] * 7
    key = everything()["key.html"].decode()
    assert re.findall(r'<span class="box">(.*?)</span>', key) == ["", "✓", "", "", "2", "3", "1"]


def test_the_network_shows_no_way_through_it() -> None:
    page = everything()["question.html"].decode()
    assert "drawn heavier" not in page
    assert 'stroke-width="2.6"' not in page


def test_what_a_worked_solution_says_of_itself_is_left_out() -> None:
    words = said("question.tex")
    assert "Results are printed" not in words
    assert "at least 4 significant digits" in words


@pytest.mark.parametrize(
    ("tolerance", "words", "whole"),
    [({"decimals": 3}, "3 decimals", True), ({"relative": 0.01}, "as many digits", False)],
)
def test_how_exact_an_answer_has_to_be(tolerance: dict[str, float], words: str, whole: bool) -> None:
    """Of a weighted sum whose digits end, the key says that it is exact, unless a distance is asked."""
    files = Printed("html", A4).files(paper_of(marking={"tolerance": tolerance}))
    assert words in as_bytes(files["question.html"]).decode()
    assert ("exactly" in as_bytes(files["key.html"]).decode()) == whole


def test_of_a_training_it_is_not_said_what_only_its_solution_shows() -> None:
    statement = paper("mini_batches", {"kind": "order_the_steps", "item": "a1[1]"}).statement
    said = " ".join(told(item) for block in statement if isinstance(block, Bullets) for item in block.items)
    assert "The mini-batch of the first update has the samples" in said
    assert "worked out" not in said
    assert "figures" not in said


@pytest.mark.parametrize(
    ("problem", "assumed"),
    [
        ("cookie", ["after one step of gradient descent; α is the learning rate"]),
        ("momentum", ["with momentum, which starts at 0: ", "= μ v", " − α v"]),
        ("adam", ["step of Adam", "with t = 1", "(√v̂_w1 + ε)"]),
        ("newton_bowl", ["Newton's method", "minus α times p, where Hp = g"]),
        ("rnn", ["h₀ = 0."]),
        ("lstm", ["h₀ = 0, c₀ = 0."]),
    ],
)
def test_what_nobody_can_know_beforehand_is_said(problem: str, assumed: list[str]) -> None:
    """The method of an update, and what there is before the first step: a worked solution says it on its way."""
    statement = paper(problem, {"kind": "order_the_steps", "item": "a1[1]"}).statement
    said = " ".join(told(item) for block in statement if isinstance(block, Bullets) for item in block.items)
    assert [words for words in assumed if words not in said] == [], said


def test_every_page_has_the_code_of_the_variant_and_its_number() -> None:
    pages = PdfReader(BytesIO(everything()["question.pdf"])).pages
    for number, page in enumerate(pages, start=1):
        text = page.extract_text()
        assert "Variant 001" in text
        assert f"{number} / {len(pages)}" in text


@pytest.mark.parametrize("engine", [PDFLATEX])
@pytest.mark.parametrize("name", ["question.tex", "key.tex", "booklet.tex", "rubric.tex"])
def test_tex_compiles(name: str, engine: str, tmp_path: Path) -> None:
    compiled(everything()[name].decode(), engine, tmp_path)


def hostile() -> dict[str, str]:
    return dict.fromkeys(("course", "date", "duration", "aids", "instructions"), HOSTILE)


@needs("pdflatex")
def test_what_somebody_wrote_is_text(tmp_path: Path) -> None:
    paper = every_kind(title=HOSTILE, paper=hostile())
    page = as_bytes(Printed("html", A4).files(paper)["question.html"]).decode()
    assert page.count("<script") == 1
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page
    compiled(as_bytes(Printed("tex", A4).files(paper)["question.tex"]).decode(), "pdflatex", tmp_path)
    printed = PdfReader(BytesIO(as_bytes(Printed("pdf", A4).files(paper)["question.pdf"])))
    text = " ".join(printed.pages[0].extract_text().split())
    assert "<script>alert" in text
    assert "{{ 7*7 }}" in text


def test_without_a_cover_everything_stands_above_the_problem() -> None:
    paper = paper_of(paper={"cover": False, "course": "Machine Learning"})
    first = PdfReader(BytesIO(as_bytes(Printed("pdf", A4).files(paper)["question.pdf"]))).pages[0].extract_text()
    assert "Machine Learning" in first
    assert "The problem" in first


def test_letter_paper() -> None:
    paper = paper_of()
    page = PdfReader(BytesIO(as_bytes(Printed("pdf", PaperOptions("letter")).files(paper)["question.pdf"]))).pages[0]
    assert [round(float(side)) for side in page.mediabox[2:]] == [612, 792]
