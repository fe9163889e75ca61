"""An exam from Python: how many variants, from which seed; and what of a variant the marker reads."""

from __future__ import annotations

import pytest

import stepcalc
from stepcalc.errors import InputError
from tests.exams.papers import paper
from tests.recipes.asked import TENTHS, recipe


@pytest.mark.parametrize(
    ("n", "seed", "message"),
    [
        (0, 1, "--variants: 0, expected 1 to 100,000"),
        (100_001, 1, "--variants: 100,001, expected 1 to 100,000"),
        (1, -1, "--seed: -1, expected a whole number from 0"),
        (1, 2**63, "--seed: 9223372036854775808, expected a whole number from 0"),
    ],
)
def test_what_cannot_be_drawn_is_told(n: int, seed: int, message: str) -> None:
    with pytest.raises(InputError) as raised:
        stepcalc.generate(recipe({"W1": TENTHS}), n, seed)
    assert str(raised.value).startswith(message)


def test_variants_are_numbered_from_1() -> None:
    exam = stepcalc.generate(recipe({"b1": TENTHS}, "L"), 3, 2**63 - 1)
    assert [variant.id for variant in exam] == ["001", "002", "003"]
    assert exam[1] is exam.variants[1]
    assert {variant.seed for variant in exam} == {exam.seed}


def test_the_marker_reads_what_is_calculated_and_what_it_is_worth() -> None:
    """Marks of a question are shared by its items, and go before those of the recipe; a choice is not marked so."""
    variant = paper(
        "two_two_one",
        {"kind": "compute", "items": ["z1"], "marks": 3},
        {"kind": "multiple_choice", "item": "L"},
        ask={"items": ["W2_new", "a2"]},
        marking={"marks": {"default": 2, "W2_new": 5, "z1[1]": 9}},
    ).variant
    marking = variant.problem.marking
    assert marking.items == ("W2_new[1,1]", "W2_new[2,1]", "y_hat[1]", "z1[1]", "z1[2]")
    assert marking.marks == {"default": 2, "W2_new": 5, "z1[1]": 1.5, "z1[2]": 1.5}
    assert tuple(variant.answers) == marking.items
    assert tuple(variant.numbers) == (*marking.items, "L")
