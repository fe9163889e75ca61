"""Worked examples give the sheets that they gave before. Goldens prove stability; other tests prove truth.

``make golden`` (``STEPCALC_GOLDEN=write``) writes them anew, after looking at what changed. Numbers of a trace may
differ in their last bits between machines; everything else is compared to the letter.
"""

from __future__ import annotations

import json
import math
import os
import re
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from tests.made import NAMES, json_of, written

GOLDEN = Path(__file__).resolve().parent / "golden"
SHEETS = {"txt": "sheet.txt", "html": "sheet.html", "tex": "sheet.tex"}
WRITE = os.environ.get("STEPCALC_GOLDEN") == "write"
RELATIVE, ABSOLUTE = 1e-12, 1e-15


def made(name: str, format: str) -> str:
    if format == "json":
        return json_of(name)
    return without_style(written(name, format)) if format == "html" else written(name, format)


def without_style(page: str) -> str:
    """An HTML page without its style sheet and script, which are the same on every page and have tests of their own."""
    page = re.sub(r"(?s)(<(style|script)\b[^>]*>).*?(</\2>)", r"\1\3", page)
    return re.sub(r"'sha256-[^']*'", "'sha256-'", page)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def kept(path: Path, actual: str) -> str:
    """The golden text; while goldens are written, the actual one becomes it."""
    if WRITE:
        write(path, actual)
    if not path.exists():
        pytest.fail(f"there is no {path.relative_to(GOLDEN.parent.parent)}; make golden writes it")
    return path.read_text(encoding="utf-8")


def disagree(path: Path, actual: str, difference: str) -> None:
    """Keeps the actual file beside the golden one and says where they part."""
    beside = path.with_name(f"{path.stem}.actual{path.suffix}")
    write(beside, actual)
    pytest.fail(f"{path.parent.name}/{path.name}: {difference}\nwhat was made is in {beside.name} beside it")


def first_difference(golden: str, actual: str) -> str | None:
    """The first line that is not the same, with both versions of it."""
    pairs = zip_longest(golden.splitlines(), actual.splitlines())
    for number, (before, after) in enumerate(pairs, start=1):
        if before != after:
            return f"line {number}\n  was: {before}\n  is:  {after}"
    return None


def same(golden: Any, actual: Any) -> bool:
    """Equal, but for the last bits of numbers."""
    if isinstance(golden, bool) or isinstance(actual, bool) or golden is None or actual is None:
        return golden is actual
    if isinstance(golden, int | float) and isinstance(actual, int | float):
        return math.isclose(golden, actual, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    if isinstance(golden, list) and isinstance(actual, list):
        return len(golden) == len(actual) and all(map(same, golden, actual))
    if isinstance(golden, dict) and isinstance(actual, dict):
        return list(golden) == list(actual) and all(map(same, golden.values(), actual.values()))
    return bool(golden == actual)


def first_step(golden: dict[str, Any], actual: dict[str, Any]) -> str | None:
    """Where two traces part: the first step that is not the same, or the first array."""
    for number, (before, after) in enumerate(zip_longest(golden.get("steps", ()), actual.get("steps", ())), start=1):
        if not same(before, after):
            shown = "\n  ".join(str(step) for step in (before, after))
            return f"step {number}\n  {shown}"
    return next((f"{key}" for key in golden if not same(golden[key], actual.get(key))), None) or (
        None if list(golden) == list(actual) else f"the keys are {list(actual)}"
    )


@pytest.mark.parametrize("name", NAMES)
def test_traces(name: str) -> None:
    path, actual = GOLDEN / name / "trace.json", made(name, "json")
    difference = first_step(json.loads(kept(path, actual)), json.loads(actual))
    if difference:
        disagree(path, actual, difference)


@pytest.mark.parametrize("format", SHEETS)
@pytest.mark.parametrize("name", NAMES)
def test_sheets(name: str, format: str) -> None:
    path, actual = GOLDEN / name / SHEETS[format], made(name, format)
    difference = first_difference(kept(path, actual), actual)
    if difference:
        disagree(path, actual, difference)


def test_every_golden_belongs_to_an_example() -> None:
    folders = {path.name for path in GOLDEN.iterdir()} if GOLDEN.exists() else set()
    assert folders == set(NAMES)


def test_the_first_difference_is_found() -> None:
    assert first_difference("a\nb\nc", "a\nx\nc") == "line 2\n  was: b\n  is:  x"
    assert first_difference("a", "a\nb") == "line 2\n  was: None\n  is:  b"
    assert first_difference("a\nb", "a\nb") is None


def test_last_bits_do_not_count() -> None:
    assert same({"z": [0.1 + 0.2, None]}, {"z": [0.3, None]})
    assert not same({"z": [0.3001]}, {"z": [0.3]})
    assert not same({"z": 1, "a": 2}, {"a": 2, "z": 1})
    assert not same([None], [0])
    steps = [{"id": "z", "value": 1.0}, {"id": "a", "value": 2.0}]
    moved = [steps[0], {"id": "a", "value": 2.5}]
    difference = first_step({"steps": steps}, {"steps": moved})
    assert difference is not None
    assert difference.startswith("step 2\n")
