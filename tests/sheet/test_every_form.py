"""Every form, of worked examples and odd problems: it is written, always the same, and nothing in it bites.

Every example is written in every format; which views, and how much left out, is taken in turn (``made.py``).

What real programs make of the files is looked at in ``test_pages``, ``test_tex_compiles``, ``test_browser`` and
``test_slides_in_browser``.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import product

import pytest

from stepcalc.options import LAYOUTS, Options
from stepcalc.output import as_bytes
from stepcalc.sheet import SHEET_FORMATS, render, render_each
from stepcalc.sheet.blocks import Sheet
from stepcalc.sheet.text import text
from tests.conftest import REPOSITORY
from tests.made import BLANK_AT, NAMES, SLIDES, TEXT, VIEW_AT, in_turn, numeric, trace_of, written
from tests.odd_problems import COMMANDS, MARKUP, ODD, named
from tests.printed import EXAMPLES, solved

FORMS = [
    *((path.stem, kind, Options(view=VIEW_AT[kind][path.stem])) for path in EXAMPLES for kind in TEXT),
    *((name, kind, Options()) for name in NAMES for kind in TEXT),
    *((name, kind, Options(blank=BLANK_AT[kind][name])) for name in NAMES for kind in TEXT),
    *((name, kind, Options(layout="slides", blank=blank)) for name, blank in SLIDES for kind in TEXT),
]
"""Views, of which a reference table has none, and layouts, with more or less left out."""
STARTS = {"html": "<!DOCTYPE html>", "tex": "\\documentclass", "txt": ""}
ENDS = {"html": "</html>\n", "tex": "\\end{document}\n", "txt": "\n"}
LEAST = {"none": 400, "results": 200, "steps": 200, "all": 50}
"""Letters that a file has at least, by what is left out."""
HOSTILE = {
    "html": (MARKUP, "<script>alert"),
    "tex": (COMMANDS, "\\input{/etc"),
    "txt": ("right to left: \u202eabc", "\u202e"),
}
"""What a user writes, and what of it a format must not contain."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "format", "options"),
    FORMS,
    ids=[f"{name}-{kind}-{form.view}-{form.layout}-{form.blank}" for name, kind, form in FORMS],
)
def test_examples(name: str, format: str, options: Options) -> None:
    content = written(name, format, options)
    assert content.startswith(STARTS[format])
    assert content.endswith(ENDS[format])
    assert len(content) > LEAST[options.blank]
    if options.blank != "none" and numeric(name):  # of symbols only, no result is left out
        assert content != written(name, format, replace(options, blank="none"))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "layout"), in_turn(LAYOUTS).items())
def test_written_again_they_are_the_same(name: str, layout: str) -> None:
    options = Options(layout=layout)
    again = render_each(trace_of(name), TEXT, options)
    assert [kind for kind in TEXT if again[kind] != written(name, kind, options)] == []


@pytest.mark.slow
@pytest.mark.parametrize("format", TEXT)
@pytest.mark.parametrize("name", ODD)
def test_odd_problems(name: str, format: str) -> None:
    content = written(name, format)
    assert content.startswith(STARTS[format])
    assert content.endswith(ENDS[format])
    assert len(content) > LEAST["none"]


@pytest.mark.parametrize("format", TEXT)
def test_no_number_is_missing(format: str) -> None:
    shown = written("tiny and huge", format)
    assert "nan" not in shown.lower().split()
    assert "None" not in shown


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("format", HOSTILE)
def test_hostile_words(format: str, layout: str) -> None:
    words, bite = HOSTILE[format]
    assert bite not in str(render(solved(**named(words)), format, Options(layout=layout)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_hostile_words_cannot_steer_a_terminal(hostile_sheet: Sheet, layout: str) -> None:
    shown = text(hostile_sheet, Options(layout=layout))
    assert [letter for letter in shown if not (letter.isprintable() or letter == "\n")] == []
    assert "\\input{/etc/passwd} <script>alert(1)</script> 100 % & $x$ #1 _a ^b ~ {c}" in " ".join(shown.split())


def hashes() -> dict[str, str]:
    """Of every form of some examples."""
    found = {}
    forms = (Options(), Options(layout="slides", blank="results"))
    for name, kind, form in product(("perceptron_line", "chain_rule", "losses"), SHEET_FORMATS, forms):
        content = as_bytes(render(trace_of(name), kind, form))
        found[f"{name} {kind} {form.layout}"] = hashlib.sha256(content).hexdigest()
    return found


@pytest.mark.slow
def test_same_bytes_in_every_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """This one has written other sheets before; the other one hashes words differently."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    script = "import json; from tests.sheet.test_every_form import hashes; print(json.dumps(hashes()))"
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, "PYTHONHASHSEED": "1"}, capture_output=True, check=True
    )
    one, other = hashes(), json.loads(done.stdout)
    assert len(one) == len(other) == 3 * len(SHEET_FORMATS) * 2
    assert [form for form in one if one[form] != other[form]] == []
