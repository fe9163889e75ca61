"""Parts are put into sentences where their names stand, and nowhere else."""

from __future__ import annotations

import pytest

from stepcalc.board.sentence import put_in


def test_parts_stand_at_their_places() -> None:
    assert list(put_in("{b} over {a}.", {"a": 1, "b": 2})) == ["", 2, " over ", 1, "."]
    assert list(put_in("nothing", {})) == ["nothing"]


def test_a_part_may_hold_braces_itself() -> None:
    assert "".join(put_in("{x} and {y}", {"x": "{y}", "y": "{x.__class__}"})) == "{y} and {x.__class__}"


@pytest.mark.parametrize("sentence", ["{x.__class__}", "{x!r}", "{x[0]}", "{}", "{", "}"])
def test_other_braces_are_only_braces(sentence: str) -> None:
    assert list(put_in(sentence, {"x": "part"})) == [sentence]


def test_a_part_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError, match="y"):
        list(put_in("{x} and {y}", {"x": "part"}))
