"""The page on problem files: its limits are those of the code, and its examples are read as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stepcalc.board.glyph_text import read_glyph
from stepcalc.calculus.pieces import MAX_EXPONENT
from stepcalc.calculus.syntax import MAX_DEPTH, MAX_LENGTH
from stepcalc.ops.losses import MAX_DENOMINATOR
from stepcalc.problem.array_files import MAX_CSV_CELLS, MAX_NUMBERS
from stepcalc.problem.initial import INITIALS
from stepcalc.problem.reader import MAX_JSON_BYTES, MAX_TOML_BYTES
from stepcalc.problem.schema import SCHEMA_FILE
from stepcalc.problem.sections import MAX_NEWTON_UPDATES, MAX_UPDATES
from stepcalc.problem.training import MAX_COSTS, MAX_RATES, MAX_TRAINING

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "problem-files.md").read_text(encoding="utf-8")
SPACED = " ".join(PAGE.split())


@pytest.mark.parametrize(
    "claim",
    [
        f"TOML up to {MAX_TOML_BYTES // 10**6} MB, JSON up to {MAX_JSON_BYTES // 10**6} MB",
        f"hold {MAX_NUMBERS:,} numbers together, a `.csv` {MAX_CSV_CELLS:,} cells",
        f"{MAX_LENGTH:,} characters long and {MAX_DEPTH} deep, with exponents up to {MAX_EXPONENT:,}",
        f"at most {MAX_UPDATES:,} `steps`",
        f"At most {MAX_TRAINING:,} updates are made",
        f"together (by Newton's method {MAX_NEWTON_UPDATES})",
        f"updates times samples may be {MAX_COSTS:,}",
        f"has up to {MAX_RATES} rates",
        f"a denominator of at most {MAX_DENOMINATOR:,}",
    ],
)
def test_the_limits_told_are_those_that_hold(claim: str) -> None:
    assert claim in SPACED


def test_what_it_names_is_there() -> None:
    assert str(SCHEMA_FILE.relative_to(ROOT)) in PAGE
    assert "docs/problem-files.md" in (ROOT / "README.md").read_text(encoding="utf-8")
    normal = INITIALS["normal"].model_fields
    assert f"`normal` has `mean` {normal['mean'].default:.0f} and `std` {normal['std'].default:.0f}" in SPACED


def test_every_name_it_shows_can_be_typed() -> None:
    paragraph = next(part for part in PAGE.split("\n\n") if part.startswith("**Names.**"))
    scripts = [f"w{code}" for code in re.findall(r"`([_^][^`]*)`", paragraph)]
    names = re.findall(r"`(\\[^`]*|w_11|theta)`", paragraph)
    assert len(scripts) == 5
    assert len(names) == 4
    assert all(read_glyph(name) for name in (*scripts, *names))
