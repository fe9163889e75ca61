"""Every worked example and every odd problem, in every form: it is written, twice the same, and nothing in it bites."""

from __future__ import annotations

from functools import cache

import pytest

from stepcalc.options import LAYOUTS, Options
from stepcalc.sheet import SHEET_FORMATS, render
from stepcalc.trace import Trace
from tests.odd_problems import COMMANDS, MARKUP, ODD, named
from tests.printed import EXAMPLES, VIEWS, example, solved

TEXT_FORMATS = tuple(name for name in SHEET_FORMATS if name != "pdf")
FORMS = [*((view, "sheet") for view in VIEWS), *((None, layout) for layout in LAYOUTS if layout != "sheet")]
"""Views and layouts."""
NAMES = [path.stem for path in EXAMPLES]
STARTS = {"pdf": b"%PDF-", "html": b"<!DOCTYPE html>", "tex": b"\\documentclass", "txt": b""}
ENDS = {"pdf": b"%%EOF", "html": b"</html>", "tex": b"\\end{document}", "txt": b""}
LEAST_BYTES = 400
HOSTILE = {
    "html": (MARKUP, "<script>alert"),
    "tex": (COMMANDS, "\\input{/etc"),
    "txt": ("right to left: \u202eabc", "\u202e"),
}
"""What a user writes, and what of it a format must not contain."""


def written(trace: Trace, format: str, options: Options) -> bytes:
    content = render(trace, format, options)
    return content.encode() if isinstance(content, str) else content


@cache
def odd(name: str) -> Trace:
    return solved(**ODD[name])


@pytest.mark.slow
@pytest.mark.parametrize(("view", "layout"), FORMS)
@pytest.mark.parametrize("format", TEXT_FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_examples(name: str, format: str, view: str | None, layout: str) -> None:
    options = Options(view=view, layout=layout)
    content = written(example(name), format, options)
    assert content.startswith(STARTS[format])
    assert content.rstrip().endswith(ENDS[format])
    assert len(content) > LEAST_BYTES
    assert written(example(name), format, options) == content


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", NAMES)
def test_examples_as_pdf(name: str, layout: str) -> None:
    content = written(example(name), "pdf", Options(layout=layout))
    assert content.startswith(STARTS["pdf"])
    assert content.rstrip().endswith(ENDS["pdf"])


@pytest.mark.slow
@pytest.mark.parametrize("format", TEXT_FORMATS)
@pytest.mark.parametrize("name", ODD)
def test_odd_problems(name: str, format: str) -> None:
    content = written(odd(name), format, Options())
    assert content.startswith(STARTS[format])
    assert len(content) > LEAST_BYTES


@pytest.mark.parametrize("format", TEXT_FORMATS)
def test_no_number_is_missing(format: str) -> None:
    shown = written(odd("tiny and huge"), format, Options()).decode()
    assert "nan" not in shown.lower().split()
    assert "None" not in shown


@pytest.mark.parametrize("format", HOSTILE)
def test_hostile_words(format: str) -> None:
    words, bite = HOSTILE[format]
    assert bite not in written(solved(**named(words)), format, Options()).decode()
