"""Symbols as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcalc.board.glyph_text import appearance, read_glyph
from stepcalc.board.nodes import Glyph


@pytest.mark.parametrize(
    ("typed", "glyph"),
    [
        ("w", Glyph("w")),
        ("w_1", Glyph("w", sub="1")),
        ("w_11", Glyph("w", sub="11")),
        ("w_{11}", Glyph("w", sub="11")),
        ("w_{1,2}^{(1)}", Glyph("w", sub="1,2", sup="(1)")),
        ("z^{(1)}_2", Glyph("z", sub="2", sup="(1)")),
        ("b^2", Glyph("b", sup="2")),
        ("w_max", Glyph("w", sub="max")),
        ("\\theta_1", Glyph("θ", sub="1")),
        ("theta_1", Glyph("θ", sub="1")),
        ("\\Delta", Glyph("Δ")),
        ("α", Glyph("α")),
        ("\\hat{y}", Glyph("y", hat=True)),
        ("\\hat y_2", Glyph("y", sub="2", hat=True)),
        ("\\hat{\\theta}_1", Glyph("θ", sub="1", hat=True)),
        ("y_hat", Glyph("y", hat=True)),
        ("y_hatch", Glyph("y", sub="hatch")),
        ("Sugar", Glyph("Sugar", upright=True)),
        ("größe_1", Glyph("größe", sub="1", upright=True)),
        ("重", Glyph("重")),
        (" w_1 ", Glyph("w", sub="1")),
    ],
)
def test_a_symbol_is_read(typed: str, glyph: Glyph) -> None:
    assert read_glyph(typed) == glyph


@pytest.mark.parametrize(
    "typed",
    ["", "1", "w_", "w__1", "w_1_2", "w^1^2", "w_{}", "w_{1", "w_{a{b}}", "\\input", "\\input{x}", "\\hat", "\\haty",
     "<script>", "w 1", "w-1", "x²", "x_²", "½", "w_{<b>}", "w_{\\input}", "$w$", "w\n_1", "w" * 21, "w_" + "1" * 13],
)  # fmt: skip
def test_what_cannot_be_a_symbol(typed: str) -> None:
    assert read_glyph(typed) is None


@given(st.text(max_size=30))
def test_any_text_is_a_symbol_or_none(typed: str) -> None:
    glyph = read_glyph(typed)
    if glyph is not None:
        assert glyph.base.isalpha()
        assert all(char.isalnum() or char in ",()" for char in glyph.sub + glyph.sup)


def test_what_looks_the_same() -> None:
    assert appearance(Glyph("ŷ")) == appearance(Glyph("y", hat=True))
    assert appearance(Glyph("y")) != appearance(Glyph("y", upright=True)) != appearance(Glyph("y", bold=True))
