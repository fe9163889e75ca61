"""Indices without the commas that they do not need."""

from __future__ import annotations

import pytest

from stepcalc.board.plain import run_on


@pytest.mark.parametrize(
    ("sub", "expected"),
    [("x,12", "x12"), ("xf,12", "xf12"), ("f,t", "ft"), ("1,2", "1,2"), ("1,i,j", "1,i,j"), ("i,j+1", "i,j+1")],
)
def test_commas_stay_where_they_tell_two_apart(sub: str, expected: str) -> None:
    assert run_on(sub) == expected
