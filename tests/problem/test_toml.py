"""Tables are written so that TOML reads them back, and as a person would write them."""

from __future__ import annotations

import math
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stepcalc.problem.toml import WIDTH, Inline, toml

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = WORDS | NUMBERS | st.booleans()


def tables(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(WORDS, values, max_size=5)


VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=30) | tables(inner), max_leaves=40)


def same(written: Any, read: Any) -> bool:
    """Equal, a whole number being the same with and without a point, and -0.0 another number than 0."""
    if isinstance(written, float):
        return written == read and math.copysign(1, written) == math.copysign(1, read)
    if isinstance(written, dict):
        return written.keys() == read.keys() and all(same(written[key], read[key]) for key in written)
    if isinstance(written, list):
        return len(written) == len(read) and all(map(same, written, read))
    return type(written) is type(read) and bool(written == read)


@given(tables(VALUES))
def test_what_is_written_is_read(table: dict[str, Any]) -> None:
    assert same(table, tomllib.loads(toml(table)))


def test_it_looks_as_a_person_would_write_it() -> None:
    table = {
        "title": 'A "title"\n\x00',
        "loss": Inline(type="mse", scale=0.5),
        "data": {"y": 0.0},
        "layers": [{"W": [[1.0, -2.5]], "bias": False}, {"W": [[1 / 3] * 5] * 2, "init": {"seed": 3}}],
        "notation": {"product": "xW", "names": {"W1[1,1]": "w_1", "long": "x" * 110}},
        "numbers": [0.125] * 20,
        "empty": [],
    }
    row = ", ".join(["0.3333333333333333"] * 5)
    assert toml(table) == (
        'title = "A \\"title\\"\\n\\u0000"\n'
        'loss = { type = "mse", scale = 0.5 }\n'
        "numbers = [\n"
        f"    {' '.join(['0.125,'] * 16)}\n"
        f"    {' '.join(['0.125,'] * 4)}\n"
        "]\n"
        "empty = []\n"
        "\n[data]\ny = 0\n"
        "\n[[layers]]\nW = [[1, -2.5]]\nbias = false\n"
        f"\n[[layers]]\nW = [\n    [{row}],\n    [{row}],\n]\ninit = {{ seed = 3 }}\n"
        '\n[notation]\nproduct = "xW"\n'
        f'\n[notation.names]\n"W1[1,1]" = "w_1"\nlong = "{"x" * 110}"\n'
    )


@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30), min_size=1))
def test_a_matrix_fits_the_page(matrix: list[list[float]]) -> None:
    written = toml({"W": matrix})
    assert tomllib.loads(written) == {"W": matrix}
    assert max(map(len, written.splitlines())) <= WIDTH
