"""The pages of real sheets read back: text, tags, what stands where, and large problems on few pages."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader

import stepcalc
from stepcalc.sheet import render
from tests.tools import needs

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "worked_examples").glob("*.toml"))
MILLIMETRES = 25.4 / 72
CLEAR, FOOTER = 15.0, 20.0
"""Millimetres at the sides that stay white, and in which the number of the page stands."""

pytestmark = pytest.mark.slow


def layer(units: int, activation: str, seed: int) -> dict[str, Any]:
    return {"units": units, "activation": activation, "init": {"type": "xavier_uniform", "seed": seed}}


def network(units: list[int], **fields: Any) -> stepcalc.Problem:
    """Hidden layers of tanh and one output, unless ``fields`` say otherwise."""
    hidden = [layer(n, "tanh", seed) for seed, n in enumerate(units)]
    layers = fields.pop("layers", [*hidden, layer(1, "sigmoid", len(units))])
    return stepcalc.Problem(
        loss=fields.pop("loss", "binary_cross_entropy"),
        layers=[{"type": "dense", **fields} for fields in layers],
        optimizer={"type": "gradient_descent"},
        **fields,
    )


def digits() -> stepcalc.Problem:
    """784-128-10: about a hundred thousand parameters."""
    return network(
        [],
        loss="categorical_cross_entropy",
        data={"x": [(7 * i % 256) / 255 for i in range(784)], "y": [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]},
        layers=[layer(128, "relu", 1), layer(10, "softmax", 2)],
    )


def batch() -> stepcalc.Problem:
    drawn = np.random.default_rng(7)
    x, y = drawn.integers(-9, 10, (200, 4)) / 10, drawn.integers(0, 2, 200)
    return network([3], data={"x": x.tolist(), "y": y.tolist()})


PROBLEMS = {
    **{path.stem: lambda path=path: stepcalc.load(path) for path in EXAMPLES},
    "one weight": lambda: network([], data={"x": [2], "y": 1}),
    "one sample": lambda: network([2], data={"x": [[1, 2]], "y": [1]}),
    "ten by ten": lambda: network([10, 10], data={"x": [i / 10 for i in range(10)], "y": 1}),
    "two hundred samples": batch,
    "784-128-10": digits,
}


@pytest.fixture(scope="module", params=PROBLEMS)
def solved(request: pytest.FixtureRequest) -> tuple[stepcalc.Trace, bytes]:
    trace = stepcalc.solve(PROBLEMS[request.param]())
    return trace, bytes(render(trace, "pdf"))  # type: ignore[arg-type]


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


def test_says_what_it_is(solved: tuple[stepcalc.Trace, bytes]) -> None:
    trace, written = solved
    reader = PdfReader(BytesIO(written))
    root = reader.trailer["/Root"]
    title = trace.problem.title or trace.problem.source_name
    assert reader.metadata is not None
    assert reader.metadata.title == title
    assert title in reader.pages[0].extract_text()
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]


def test_everything_to_be_seen_is_said(solved: tuple[stepcalc.Trace, bytes]) -> None:
    shown = list(figures(PdfReader(BytesIO(solved[1]))))
    assert shown
    assert all(str(figure["/Alt"]).strip() for figure in shown)


def test_no_heading_is_last_on_its_page(solved: tuple[stepcalc.Trace, bytes]) -> None:
    listed = list(leaves(PdfReader(BytesIO(solved[1]))))
    assert any("/H1" in tags for tags, _ in listed)
    for (tags, page), (_, next_page) in itertools.pairwise(listed):
        if {"/H1", "/H2", "/H3"} & set(tags):
            assert page == next_page


def test_every_number_is_in_the_text(solved: tuple[stepcalc.Trace, bytes]) -> None:
    """The letters of formulas are text, so that they can be searched for and copied."""
    trace, written = solved
    if getattr(trace, "numeric", False):
        cost = trace.rounding.printed(trace.history[0])
        assert any(cost in page.extract_text() for page in PdfReader(BytesIO(written)).pages)


@needs("pdftoppm")
def test_nothing_stands_in_the_margins(solved: tuple[stepcalc.Trace, bytes], tmp_path: Path) -> None:
    (tmp_path / "sheet.pdf").write_bytes(solved[1])
    dots = 40
    subprocess.run(["pdftoppm", "-r", str(dots), "-gray", "sheet.pdf", "page"], cwd=tmp_path, check=True)
    pages = sorted(tmp_path.glob("page*.pgm"))
    assert pages
    for page in pages:
        _, size, _, pixels = page.read_bytes().split(b"\n", 3)
        width, height = map(int, size.split())
        ink = np.frombuffer(pixels, np.uint8).reshape(height, width) < 160
        side, foot = (round(margin / 25.4 * dots) for margin in (CLEAR, FOOTER))
        assert not ink[:side].any()
        assert not ink[:, :side].any()
        assert not ink[:, -side:].any()
        assert not ink[-side // 2 :].any()
        assert ink[height // 6 : -foot].any(), "a nearly empty page"


def test_a_hundred_thousand_parameters_take_four_pages() -> None:
    assert len(PdfReader(BytesIO(render(stepcalc.solve(digits()), "pdf"))).pages) <= 4  # type: ignore[arg-type]


def test_a_large_batch_ends_in_its_mean() -> None:
    trace = stepcalc.solve(batch())
    text = str(render(trace, "txt"))
    rows = [line.split() for line in text.splitlines() if "of all 200" in line]
    assert text.count("193 more") > len(rows) > 4
    assert ["mean", "of", "all", "200", trace.rounding.printed(trace.history[0])] in rows
    bias = trace.gradients["b2"]
    assert ["sum", "of", "all", "200", trace.rounding.printed(float(bias[0]))] in rows


def test_same_bytes_in_every_process(tmp_path: Path) -> None:
    written = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1700000000"}
        command = [sys.executable, "-m", "stepcalc", "solve", EXAMPLES[0].parent / "cookie.toml", "-o", "cookie.pdf"]
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
        written.add((tmp_path / "cookie.pdf").read_bytes())
    assert len(written) == 1
