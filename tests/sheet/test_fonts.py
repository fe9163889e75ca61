"""A PDF brings its fonts: it is the same on a machine that has none, and what they lack is said."""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from stepcalc.board.nodes import Glyph, Sym
from stepcalc.sheet import coverage
from stepcalc.sheet.blocks import Prose, Sheet
from stepcalc.sheet.pdf import pdf
from tests.made import example_sheet

ROOT = Path(__file__).resolve().parents[2]
NO_FONTS = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig/>'
PROGRAM = """\
import sys, stepcalc
from stepcalc.sheet import render
trace = stepcalc.solve(stepcalc.load("worked_examples/multi_output.toml"))
sys.stdout.buffer.write(render(trace, "pdf"))
"""


def test_the_same_bytes_on_a_machine_without_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    with_fonts = pdf(example_sheet("multi_output"))
    configuration = tmp_path / "fonts.conf"
    configuration.write_text(NO_FONTS, encoding="utf-8")
    (tmp_path / "home").mkdir()
    without = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, check=True,
        env={**os.environ, "HOME": str(tmp_path / "home"), "FONTCONFIG_FILE": str(configuration), "LC_ALL": "C"},
    )  # fmt: skip
    assert hashlib.sha256(without.stdout).digest() == hashlib.sha256(with_fonts).digest()
    assert without.stderr == b""
    names = {str(font.get_object()["/BaseFont"]) for font in fonts(with_fonts)}
    assert {name.partition("+")[2] for name in names} <= {"StepcalcText", "StepcalcFallback"}


def fonts(written: bytes) -> list[object]:
    pages = PdfReader(BytesIO(written)).pages
    return [font for page in pages for font in page["/Resources"].get("/Font", {}).values()]  # type: ignore[union-attr]


@pytest.fixture(autouse=True)
def nothing_noted_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "_NOTED", set())


@pytest.mark.parametrize(
    ("sheet", "noted"),
    [
        (Sheet("甜饼 \U0001f36a", ()), ["U+751C", "U+997C", "U+1F36A"]),
        (Sheet("T", (Prose((Sym(Glyph("甜", upright=True)),)),)), ["U+751C"]),
        (Sheet("".join(map(chr, range(0x4E00, 0x4E20))), ()), ["U+4E00", "and 22 more"]),
    ],
)
def test_letters_that_the_fonts_lack_are_named(
    sheet: Sheet, noted: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="stepcalc"):
        pdf(sheet)
    (message,) = caplog.messages
    assert all(code in message for code in noted)


def test_a_letter_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="stepcalc"):
        for title in ("甜", "甜", "甜饼", "饼甜"):
            pdf(Sheet(title, ()))
    first, second = caplog.messages
    assert "U+751C" in first
    assert "U+997C" in second
    assert "U+751C" not in second


def test_usual_letters_need_no_note(caplog: pytest.LogCaptureFixture) -> None:
    sheet = Sheet("Übung 3: Привет, ŷ ≈ ∂L/∂w — “good” ✓ • → αβγ", (Prose(("Žluťoučký kůň", "\u200d")),))
    with caplog.at_level(logging.WARNING, logger="stepcalc"):
        pdf(sheet)
    assert caplog.messages == []
