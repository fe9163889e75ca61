"""Every worked example and every odd problem, in every form: it is written, always the same, and nothing in it bites.

What real programs make of the files is looked at in ``test_pages``, ``test_tex_compiles``, ``test_browser`` and
``test_slides_in_browser``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache

import pytest

from stepcalc.options import BLANKS, LAYOUTS, Options
from stepcalc.sheet import SHEET_FORMATS, render
from stepcalc.sheet.blocks import Sheet
from stepcalc.sheet.text import text
from stepcalc.trace import Trace
from tests.conftest import REPOSITORY
from tests.odd_problems import COMMANDS, MARKUP, ODD, named
from tests.printed import EXAMPLES, FILES, VIEWS, example, solved

TEXT_FORMATS = tuple(name for name in SHEET_FORMATS if name != "pdf")
FORMS = [*((view, "sheet") for view in VIEWS), *((None, layout) for layout in LAYOUTS if layout != "sheet")]
"""Views and layouts."""
NAMES = [path.stem for path in EXAMPLES]
STARTS = {"html": b"<!DOCTYPE html>", "tex": b"\\documentclass", "txt": b""}
ENDS = {"html": b"</html>", "tex": b"\\end{document}", "txt": b""}
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
def whole(name: str, format: str, layout: str) -> bytes:
    return written(example(name), format, Options(layout=layout))


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
@pytest.mark.parametrize("blank", BLANKS[1:])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("format", TEXT_FORMATS)
@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_blank_examples(name: str, format: str, layout: str, blank: str) -> None:
    content = written(example(name), format, Options(layout=layout, blank=blank))
    assert content.startswith(STARTS[format])
    assert content.rstrip().endswith(ENDS[format])
    if getattr(example(name), "numeric", False):  # of symbols only, no result is left out
        assert content != whole(name, format, layout)


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


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("format", HOSTILE)
def test_hostile_words(format: str, layout: str) -> None:
    words, bite = HOSTILE[format]
    assert bite not in written(solved(**named(words)), format, Options(layout=layout)).decode()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_hostile_words_cannot_steer_a_terminal(hostile_sheet: Sheet, layout: str) -> None:
    shown = text(hostile_sheet, Options(layout=layout))
    assert [letter for letter in shown if not (letter.isprintable() or letter == "\n")] == []
    assert "\\input{/etc/passwd} <script>alert(1)</script> 100 % & $x$ #1 _a ^b ~ {c}" in " ".join(shown.split())


EVERY_FORM = """
import hashlib, json, sys, stepcalc
from itertools import product
from stepcalc.options import Options
from stepcalc.sheet import SHEET_FORMATS, render
found = {}
for path in sys.argv[1:]:
    trace = stepcalc.solve(stepcalc.load(path))
    for format, layout, blank in product(SHEET_FORMATS, ("sheet", "slides"), ("none", "results")):
        content = render(trace, format, Options(layout=layout, blank=blank))
        written = content if isinstance(content, bytes) else content.encode()
        found[f"{path} {format} {layout} {blank}"] = hashlib.sha256(written).hexdigest()
print(json.dumps(found))
"""


@pytest.mark.slow
def test_same_bytes_in_every_process() -> None:
    files = [path for path in FILES if path.stem in ("two_two_one", "parabola", "losses")]
    seeds = [{**os.environ, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1700000000"} for seed in ("1", "2")]
    runs = [
        subprocess.Popen([sys.executable, "-c", EVERY_FORM, *files], cwd=REPOSITORY, env=seed, stdout=subprocess.PIPE)
        for seed in seeds
    ]
    one, other = (json.loads(run.communicate()[0]) for run in runs)
    assert len(one) == 3 * 4 * 2 * 2
    assert [form for form in one if one[form] != other[form]] == []
