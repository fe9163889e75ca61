"""Tests of one problem, and of one room, run in one process."""

from __future__ import annotations

import pytest

from tests.scheduling import scope


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("tests/test_golden.py::test_sheets[cookie-html]", "cookie"),
        ("tests/test_golden.py::test_traces[cookie]", "cookie"),
        ("tests/test_golden.py::test_traces[chain_rule_two_links]", "chain_rule_two_links"),
        ("tests/sheet/test_pages.py::test_says_what_it_is[mini-batch of 60-sheet-none]", "mini-batch of 60"),
        ("tests/test_a.py::test_b[cookies]", "tests/test_a.py"),
        ("tests/test_a.py::test_b[html-cookie]", "tests/test_a.py"),
        ("tests/test_a.py::test_b", "tests/test_a.py"),
        ("tests/sheet/test_tex_compiles.py::test_b[commands-pdflatex]", "tests/sheet/test_tex_compiles.py"),
        ("tests/papers/test_code.py::test_b[cookie]", "tests/papers/"),
    ],
)
def test_scope(test: str, expected: str) -> None:
    assert scope(test) == expected
