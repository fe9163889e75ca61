"""Small steps beside exact derivatives: what the table says, and why its numbers differ where they do."""

from __future__ import annotations

import re
from typing import Any

import pytest

from stepcalc import agreement
from stepcalc.sheet.blocks import Prose, Sheet, Table
from stepcalc.sheet.story import compose
from tests.drawn import one_unit
from tests.made import example_sheet
from tests.printed import said, sentences, solved

CHECK = {"gradient_check": {"epsilon": 0.001}}
AT_A_CORNER: dict[str, dict[str, Any]] = {
    "relu at 0": one_unit("mse", "relu", 2, x=0, y=1),
    "mae at its target": one_unit("mae", "linear", 0.5, x=2, y=1),
    "hinge at the margin": one_unit("hinge", "linear", -1, x=1, y=-1),
    "hinge at the margin, from the flat side": one_unit("hinge", "linear", 1, x=1, y=1),
}


def sheet_of(**fields: Any) -> Sheet:
    return compose(solved(**{**fields, **CHECK}))


def rows(sheet: Sheet) -> dict[str, list[str]]:
    tables = [block for block in sheet.blocks if isinstance(block, Table)]
    (table,) = [table for table in tables if said(table.header[0]) == "item"]
    told = [[said(cell) for cell in row if isinstance(cell, tuple)] for row in table.rows]
    return {item: numbers for item, *numbers in told}


def remarks(sheet: Sheet) -> str:
    return " ".join(said(block.text) for block in sheet.blocks if isinstance(block, Prose) and block.reveals)


@pytest.mark.parametrize("name", AT_A_CORNER)
def test_rows_at_a_corner_are_named_and_explained(name: str) -> None:
    sheet = sheet_of(**AT_A_CORNER[name])
    differing = {item for item, (exact, up, middle) in rows(sheet).items() if {up, middle} != {exact}}
    told = re.search(r"(∂L/∂\w[^:]*): here the curve has a corner or a jump", remarks(sheet))
    assert told
    assert set(told[1].split(", ")) == differing != set()
    assert "the central one takes the mean of both sides" in remarks(sheet)


def test_a_bend_is_no_corner() -> None:
    """At δ the slope of the Huber loss only bends: the central difference is off by a quarter of the step."""
    sheet = sheet_of(**one_unit({"type": "huber", "delta": 1.0}, "linear", 1, x=1, y=0))
    assert rows(sheet)["∂L/∂w"] == ["1", "1", "0.9998"]
    assert "corner" not in remarks(sheet)
    assert "Small differences come from the bend of the curve within a step of 0.001" in remarks(sheet)


def test_an_exact_quotient_has_the_equals_sign() -> None:
    said = remarks(example_sheet("parabola"))
    assert "ΔJ/0.001 = 6.001, and the exact derivative is 6." in said
    assert "ΔL/0.001 ≈ 0.8986" in remarks(example_sheet("cookie"))


def test_rows_that_agree_need_no_remark() -> None:
    sheet = sheet_of(**one_unit("mae", "linear", 3, x=2, y=1))
    assert rows(sheet)["∂L/∂w"] == ["2", "2", "2"]
    assert "corner" not in remarks(sheet)
    assert "Small differences" not in remarks(sheet)


def test_no_noise_is_printed() -> None:
    """(ŷ − y)² at its least: the central difference is 0, and no 10⁻¹⁶."""
    fields = one_unit("mse", "linear", 1.1, x=3, y=3.3)
    found = solved(**fields, **CHECK).nudge("W1[1,1]")
    assert found.central != 0
    assert agreement.steadied(found).central == 0
    assert rows(sheet_of(**fields))["∂L/∂w"] == ["0", "0.009", "0"]


def test_a_derivative_from_rounded_numbers_is_not_blamed_on_a_corner() -> None:
    fields = one_unit("mse", "sigmoid", 1.2, x=2.5, y=0, rounding={"decimals": 2, "carry": True})
    told = remarks(sheet_of(**fields))
    assert "corner" not in told
    assert "≈ 0.21, and the exact derivative is 0.23. The two differ because the derivative was found with" in told
    assert "The exact column was found with the rounded numbers that are carried" in told


def test_numbers_printed_alike_agree() -> None:
    fields = one_unit("mse", "sigmoid", 1, y=1, rounding={"significant": 1, "carry": True})
    assert "≈ −0.1, and the exact derivative is −0.1. The two agree." in remarks(sheet_of(**fields))


def test_a_step_from_a_corner_may_go_up() -> None:
    fields = {"given": {"x": 0}, "define": {"f": "2*abs(x) + x"}, "optimizer": {"learning_rate": 0.1}}
    told = " ".join(sentences(sheet_of(**fields)))
    assert "at a corner the derivative is a convention, and need not lead downwards" in told


def test_too_long_a_step_is_no_check_and_no_corner() -> None:
    fields = one_unit("mse", "sigmoid", 1, x=5, y=1)
    for epsilon in (2, 10):
        sheet = compose(solved(**fields, gradient_check={"epsilon": epsilon}))
        assert f"The step of {epsilon} is too long to tell the slope; try a smaller one." in remarks(sheet)
        assert f"∂L/∂w, ∂L/∂b: the step of {epsilon} is too long to tell the slope here" in remarks(sheet)
        assert not any(word in remarks(sheet) for word in ("agree", "corner", "Small differences"))
        assert [b.kind for b in sheet.blocks if isinstance(b, Prose) and "too long" in said(b.text)] == ["warning"] * 2
