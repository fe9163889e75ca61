"""What the first steps back say: where the slope of the loss comes from, and what became of a ½."""

from __future__ import annotations

import pytest

from stepcalc.sheet.blocks import Heading
from stepcalc.sheet.story import compose
from tests.drawn import one_unit
from tests.made import example_sheet
from tests.printed import said, sentences, solved


def test_the_slope_of_the_loss_points_to_its_derivation() -> None:
    sheet = compose(solved(**one_unit("mse", "sigmoid", 1, y=1)))
    headings = [said(block.text) for block in sheet.blocks if isinstance(block, Heading)]
    (pointer,) = [sentence for sentence in sentences(sheet) if sentence.startswith("Derived line by line")]
    assert any(f"“{heading}”" in pointer for heading in headings[headings.index("Where the derivatives come from") :])


@pytest.mark.parametrize(
    ("loss", "cancels"),
    [({"type": "mse", "scale": 0.5}, True), ({"type": "mse", "scale": 0.25}, False), ("mse", False), ("mae", False)],
)
def test_a_half_cancels_the_two_of_a_square_only_where_it_does(loss: object, cancels: bool) -> None:
    told = sentences(compose(solved(**one_unit(loss, "sigmoid", 1, y=1))))
    assert any("cancels the 2" in sentence for sentence in told) == cancels


def test_the_problems_own_half_cancels_beside_a_mean() -> None:
    assert "The 0.5 in front of the squares cancels the 2 of the power rule." in sentences(
        example_sheet("house_prices")
    )


def test_every_unit_whose_derivative_is_0_is_named() -> None:
    """Also one whose own loss is at its lowest, as the first output's is here."""
    told = sentences(example_sheet("matrix_deck_step"))
    assert any("nothing passes back through z₁⁽²⁾, z₂⁽²⁾." in sentence for sentence in told)
