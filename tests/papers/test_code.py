"""The code of a variant, read back from the papers that it stands on."""

from __future__ import annotations

import io
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
import segno
from PIL import Image

from stepcalc.output import as_bytes
from stepcalc.papers.code import qr_code, variant_code
from stepcalc.papers.options import PaperOptions
from stepcalc.papers.printed import Printed
from stepcalc.sheet.code_drawing import QUIET, svg
from tests.papers.papers import paper_of, recipe, variants
from tests.papers.qr_reader import mask_of, read
from tests.tex import accepted
from tests.tools import needs

CODE = re.compile(r"[0-9A-F]{8}-\d{3,}-[0-9A-F]{4}")
CORNER = (0.72, 0.035, 0.97, 0.135)
"""Where on the first page the code is, in parts of the page."""


@cache
def files(format: str) -> dict[str, bytes]:
    made = Printed(format, PaperOptions()).files(variants()[1])
    return {name: as_bytes(content) for name, content in made.items()}


def test_what_a_code_says() -> None:
    first, second = map(variant_code, (paper.variant for paper in variants()))
    assert CODE.fullmatch(first)
    assert first.split("-")[1] == "001"
    assert first.split("-")[0] == second.split("-")[0]
    assert first.split("-")[2] != second.split("-")[2]


def test_another_recipe_has_another_code() -> None:
    other = paper_of(ask={"items": ["z1"]}).variant
    assert variant_code(other).split("-")[0] != variant_code(variants()[0].variant).split("-")[0]
    assert recipe().title == other.recipe.title


@pytest.mark.parametrize("said", ["3F9A1C2B-017-9D3A", "3F9A1C2B-100000-9D3A", "AB", "ABC", "3F9A1C2B-017-9D3A" * 2])
def test_a_reader_that_is_not_ours_to_make_reads_it(said: str) -> None:
    assert read(qr_code(said).rows) == said
    made = segno.make(said, error="m", micro=False, boost_error=False)
    assert mask_of(qr_code(said).rows) == made.mask


def modules(picture: Image.Image) -> list[list[bool]]:
    """The modules of the code in a picture that holds nothing else: how wide one is, its finder tells."""
    dark = picture.convert("L").point(lambda grey: 255 if grey < 128 else 0)
    box = dark.getbbox()
    assert box is not None
    square = dark.crop(box)
    across = [square.getpixel((x, 2)) for x in range(square.width)]
    size = round(7 * square.width / across.index(0))
    step = square.width / size
    centres = [int((at + 0.5) * step) for at in range(size)]
    return [[bool(square.getpixel((x, min(y, square.height - 1)))) for x in centres] for y in centres]


def first_page(pdf: bytes) -> Image.Image:
    command = ["pdftoppm", "-r", "200", "-l", "1", "-png", "-"]
    return Image.open(io.BytesIO(subprocess.run(command, input=pdf, capture_output=True, check=True).stdout))


def corner(page: Image.Image) -> Image.Image:
    left, top, right, bottom = CORNER
    width, height = page.size
    return page.crop((int(left * width), int(top * height), int(right * width), int(bottom * height)))


@needs("pdftoppm")
def test_it_can_be_read_from_the_pdf() -> None:
    assert read(modules(corner(first_page(files("pdf")["question.pdf"])))) == variant_code(variants()[1].variant)


@needs("pdflatex")
@needs("pdftoppm")
def test_and_from_what_latex_sets(tmp_path: Path) -> None:
    accepted(files("tex")["question.tex"].decode(), "pdflatex", tmp_path)
    page = first_page((tmp_path / "sheet.pdf").read_bytes())
    assert read(modules(corner(page))) == variant_code(variants()[1].variant)


def test_and_from_the_page_in_a_browser() -> None:
    code = qr_code(variant_code(variants()[1].variant))
    assert svg(code, code.says) in files("html")["question.html"].decode()
    drawn = [[False] * len(code.rows) for _ in code.rows]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)", svg(code, code.says)):
        for at in range(int(length)):
            drawn[int(y) - QUIET][int(x) - QUIET + at] = True
    assert read(drawn) == code.says
