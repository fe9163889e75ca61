"""What a sheet says of convolutional networks."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from stepcalc.board.text import text
from stepcalc.maps import Frame
from stepcalc.options import Options
from stepcalc.sheet import render
from stepcalc.sheet.blocks import Diagram, Formula, Grids, Heading, Prose, Sheet
from stepcalc.sheet.context import Context
from stepcalc.sheet.map_grids import CORNER, map_grid
from stepcalc.sheet.story import compose
from tests.printed import example, solved

END = [{"type": "flatten"}, {"type": "dense", "units": 1, "init": {"type": "normal", "seed": 2}}]


@cache
def sheet() -> Sheet:
    return compose(example("cnn"))


def lines(composed: Sheet) -> list[str]:
    return [text(line) for block in composed.blocks if isinstance(block, Formula) for line in block.lines]


def said(composed: Sheet) -> str:
    prose = [block.text for block in composed.blocks if isinstance(block, Prose)]
    told = [[piece if isinstance(piece, str) else text(piece, inline=True) for piece in run] for run in prose]
    return "\n".join(map("".join, told))


def grids(composed: Sheet) -> list[Grids]:
    return [block for block in composed.blocks if isinstance(block, Grids)]


def network(*layers: dict[str, Any], x: Any) -> Sheet:
    return compose(solved(loss="mse", data={"x": x, "y": 1}, layers=[*layers, *END]))


def test_the_network_is_a_row_of_stages() -> None:
    assert not any(isinstance(block, Diagram) for block in sheet().blocks)
    stages = [(grid.title, text(grid.rows[0][0])) for grid in grids(sheet())[0].grids if grid.rows[0][0] is not None]
    assert stages == [
        ("input", "1×6×6"), ("conv 3×3, ReLU", "2×4×4"), ("max pool 2×2", "2×2×2"), ("flatten", "8"),
        ("dense, softmax", "2"), ("loss", "L"),
    ]  # fmt: skip


def test_one_place_in_full_with_its_window_and_the_kernel() -> None:
    image, kernel, result = next(block.grids for block in grids(sheet()) if block.grids[0].framed is not None)
    assert image.framed == ((0, 1), (2, 3))
    assert (len(kernel.rows), len(kernel.rows[0])) == (3, 3)
    shown = [text(cell) for row in result.rows for cell in row if cell is not None]
    assert shown == ["6"]
    in_full = next(line for line in lines(sheet()) if "−1(0) + 1(3)" in line)
    assert "⋯" not in in_full


def test_the_steps_there_and_back() -> None:
    keys = [block.key for block in sheet().blocks if isinstance(block, Heading) and block.level == 2]
    expected = [
        "convolution", "activation", "pooling", "flattening", "weighted_sums", "activation", "loss", "loss_slope",
        "through_activation", "parameters", "inputs_of", "back_through_flattening", "back_through_pooling",
        "through_activation", "kernel_and_bias", "one_chain",
    ]  # fmt: skip
    assert keys[: len(expected)] == expected


def test_a_kernels_gradient_is_the_sum_over_the_places() -> None:
    written = lines(sheet())
    assert any("Σᵢ₌₁⁴ Σⱼ₌₁⁴ ∂L/∂z_(1,i,j)⁽¹⁾ · x_(i,j+1)" in line for line in written)
    assert any(line.strip().startswith("= −0.039033 · 3 + (−0.013011) · 1") for line in written)


def test_what_comes_back_from_filters_that_are_off_is_left_out_of_the_line() -> None:
    below = {"type": "conv2d", "K": [[[[2.0]]]]}
    above = {"type": "conv2d", "K": [[[[3.0]]], [[[5.0]]], [[[7.0]]]], "b": [0, -100, 0], "activation": "relu"}
    written = lines(network(below, above, x=[[[1.0]]]))
    at = written.index("∂L/∂a⁽¹⁾ = ∂L/∂z₁⁽²⁾ · k₁⁽²⁾ + ∂L/∂z₂⁽²⁾ · k₂⁽²⁾ + ∂L/∂z₃⁽²⁾ · k₃⁽²⁾")
    assert written[at + 1].startswith("= −4.3949 · 3 + 17.719 · 7 ≈")


def test_a_chain_of_a_kernels_weight_goes_through_one_place() -> None:
    written = "\n".join(lines(sheet()))
    assert "(∂L/∂k₁₁₂)[i=1, j=2]" in written
    assert "x₁₃ ReLU′(z₁₁₂⁽¹⁾) (∂a₁₁₁⁽²⁾/∂a₁₁₂⁽¹⁾)" in written
    assert "every other place adds its own part" in said(sheet())
    assert "The sum over all places is −0.1822." in said(sheet())


def test_ties_are_told() -> None:
    assert "In the windows of a₁₂₁⁽²⁾, a₂₁₁⁽²⁾, several numbers are the largest" in said(sheet())


def test_what_no_window_covers_is_told() -> None:
    kernel = {"type": "conv2d", "filters": 1, "size": 2, "stride": 3, "init": {"type": "normal", "seed": 1}}
    told = said(network(kernel, x=np.ones((1, 6, 5))))
    assert "Rows at the bottom that no window covers, because it would stick out: 1." in told
    told = said(network({"type": "maxpool2d", "size": 2}, x=np.ones((1, 4, 5))))
    assert "Columns on the right that no window covers, because it would stick out: 1." in told
    told = said(network({**kernel, "stride": 1, "padding": 1}, x=np.ones((1, 4, 5))))
    assert "no window covers" not in told
    assert "around which 1 of zeros are laid" in told


def test_an_element_that_no_window_sees_has_no_gradient() -> None:
    first = {"type": "conv2d", "filters": 1, "size": 1, "init": {"type": "normal", "seed": 1}}
    trace = solved(
        loss="mse", data={"x": np.ones((1, 3, 3)), "y": 1},
        layers=[first, {"type": "maxpool2d", "size": 2}, *END],
    )  # fmt: skip
    assert trace.value("dL/da1[1,3,3]") == 0
    assert '"id": "dL/da1[1,3,3]"' in render(trace, "json", Options(view="scalar"))


def test_large_maps_show_their_corners_and_the_window() -> None:
    trace = solved(
        loss="mse", data={"x": np.arange(3600.0).reshape(1, 60, 60), "y": 1},
        layers=[{"type": "maxpool2d", "size": 20}, {"type": "flatten"}, {"type": "dense", "W": [[0.0] * 9]}],
    )  # fmt: skip
    context = Context(trace, "matrix")
    cells = [[text(cell) for cell in row if cell is not None] for row in map_grid(context, "x", (1,)).rows]
    assert cells[0] == ["0", "1", "⋯", "59"]
    assert cells[-1] == ["3540", "3541", "⋯", "3599"]
    assert len(cells) == CORNER.bottom + 2
    framed = map_grid(context, "x", (1,), framed=Frame(30, 40, 32, 41))
    assert framed.framed == ((2, 2), (4, 3))
    assert [text(cell) for cell in framed.rows[2] if cell is not None] == ["1740", "⋯", "1779", "1780", "⋯", "1799"]


@pytest.mark.parametrize("view", ["scalar", "matrix", "both"])
def test_a_mini_batch_of_images(view: str) -> None:
    rng = np.random.default_rng(1)
    kernel = {"type": "conv2d", "filters": 2, "size": 2, "init": {"type": "normal", "seed": 1}, "activation": "relu"}
    trace = solved(
        loss="mse", data={"x": rng.integers(0, 3, (2, 1, 4, 4)).astype(float), "y": [1, 0]},
        layers=[kernel, {"type": "maxpool2d", "size": 2}, *END],
    )  # fmt: skip
    composed = compose(trace, Options(view=view))
    assert any("Σₙ₌₁² Σᵢ₌₁³ Σⱼ₌₁³ ∂L/∂z_(1,i,j)⁽¹⁾[n] · xᵢⱼ[n]" in line for line in lines(composed))


def test_the_chain_of_a_mini_batch_is_one_place_of_one_sample() -> None:
    image = [[[1, 2, 0], [0, 1, 3], [2, 1, 1]]]
    layers = [{"type": "conv2d", "K": [[[[1, 0.5], [-1, 2]]]]}, *END]
    both = solved(loss="mse", data={"x": [image, image], "y": [0, 1]}, layers=layers)
    assert "The sum over all samples and places is" in said(compose(both))
    assert "The sum over all places is" in said(compose(solved(loss="mse", data={"x": image, "y": 0}, layers=layers)))


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ((2, 3, 4), "row after row: c, i, j becomes k = (c − 1) · 12 + (i − 1) · 4 + j"),
        ((1, 3, 4), "in reading order: i, j becomes k = (i − 1) · 4 + j"),
        ((3, 1, 1), "in reading order: c becomes k = c"),
    ],
)
def test_flattening_names_the_indices_that_there_are(shape: tuple[int, ...], told: str) -> None:
    image = np.arange(np.prod(shape), dtype=float).reshape(shape)
    assert told in said(compose(solved(loss="mse", data={"x": image, "y": 0}, layers=END)))


def test_a_window_with_a_single_place_has_no_others() -> None:
    layers = [{"type": "conv2d", "K": [[[[1, 2], [3, 4]]]]}, *END]
    composed = compose(solved(loss="mse", data={"x": [[[1, 2], [0, 1]]], "y": 0}, layers=layers))
    told = [
        "".join(p if isinstance(p, str) else text(p, inline=True) for p in grid.caption) for grid in grids(composed)
    ]
    assert "The framed window and the kernel, number by number, give z⁽¹⁾." in told
    assert "becomes" not in said(composed)
