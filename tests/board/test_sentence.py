"""Parts are put into sentences where their names stand, and nowhere else."""

from __future__ import annotations

import pytest

from stepcalc.board.sentence import names, put_in


def test_parts_stand_at_their_places() -> None:
    assert list(put_in("{b} over {a}.", {"a": 1, "b": 2})) == ["", 2, " over ", 1, "."]
    assert list(put_in("nothing", {})) == ["nothing"]


@pytest.mark.parametrize(
    ("days", "said"), [(1, "1 day has"), ("1", "1 day has"), (2, "2 days have"), (0, "0 days have")]
)
def test_a_word_may_depend_on_a_number(days: int | str, said: str) -> None:
    assert "".join(map(str, put_in("{n} {n|day has|days have}", {"n": days}))) == said
    assert names("{n} {n|day has|days have} {m}") == ["n", "n", "m"]


def test_a_part_may_hold_braces_itself() -> None:
    assert "".join(put_in("{x} and {y}", {"x": "{y}", "y": "{x.__class__}"})) == "{y} and {x.__class__}"


@pytest.mark.parametrize(
    "sentence", ["{x.__class__}", "{x!r}", "{x[0]}", "{x|a}", "{x|a|b|c}", "{|a|b}", "{}", "{", "}"]
)
def test_other_braces_are_only_braces(sentence: str) -> None:
    assert list(put_in(sentence, {"x": "part"})) == [sentence]


def test_a_part_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError, match="y"):
        list(put_in("{x} and {y}", {"x": "part"}))
