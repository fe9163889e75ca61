"""Deep networks: the ends in full, what is left out said, what is listed true, and few pages."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader

from stepcalc.board.nodes import Dots, Equation
from stepcalc.board.text import text
from stepcalc.lines import is_true
from stepcalc.options import Options
from stepcalc.sheet import render
from stepcalc.sheet.blocks import Block, Diagram, Formula, Heading, Plot, Prose, Sheet
from stepcalc.sheet.chosen import chosen_layers
from stepcalc.sheet.shortened import BETWEEN, LAYERS, Shortened
from stepcalc.sheet.story import compose
from stepcalc.trace import Trace
from tests.odd_problems import network
from tests.printed import formulas, said, solved


@cache
def deep(count: int, wide: int = 2, **more: Any) -> Trace:
    """So many sigmoid layers of so many units."""
    return solved(**network((wide,) * (count + 1), title=f"{count} layers", **more))


def headings(sheet: Sheet) -> list[str]:
    """Each heading's key and the layers that it names: "weighted_sums 3"."""
    found = [block for block in sheet.blocks if isinstance(block, Heading)]
    return [" ".join((block.key, *re.findall(r"\d+", said(block.text)))) for block in found]


def prose(sheet: Sheet) -> list[str]:
    return [said(block.text) for block in sheet.blocks if isinstance(block, Prose)]


def under(sheet: Sheet, title: str) -> list[Block]:
    """The blocks below a heading, up to the next."""
    start = headings(sheet).index(title)
    places = [place for place, block in enumerate(sheet.blocks) if isinstance(block, Heading)]
    return list(sheet.blocks[places[start] + 1 : places[start + 1]])


@pytest.mark.parametrize(("count", "shown"), [(0, []), (4, [1, 2, 3, 4]), (5, [1, 2, None, 5]), (9, [1, 2, None, 9])])
def test_what_is_short_enough_is_shown_whole(count: int, shown: list[int | None]) -> None:
    assert list(Shortened(4, 2).places(count)) == shown


@pytest.mark.parametrize(
    ("count", "asked", "shown"),
    [
        (6, (), {1, 2, 3, 4, 5, 6}),
        (7, (), {1, 2, 3, 6, 7}),
        (20, (1,), {1, 2, 3, 19, 20}),
        (20, (12,), {1, 2, 3, 11, 12, 19, 20}),
        (20, (6,), {1, 2, 3, 4, 5, 6, 19, 20}),
    ],
)
def test_the_ends_and_the_layers_asked_for_are_shown(count: int, asked: tuple[int, ...], shown: set[int]) -> None:
    assert chosen_layers(count, asked) == shown


def test_the_middle_of_a_deep_network_is_listed_and_said_to_be_left_out() -> None:
    sheet = compose(deep(20))
    titles = headings(sheet)
    written = {title.partition(" ")[2] for title in titles if title.startswith(("weighted_sums", "parameters"))}
    assert written == {"1", "2", "3", "19", "20"}
    assert titles.index("layers_between 4 18") == titles.index("activation 3") + 1
    assert titles.index("back_between 18 4") == titles.index("inputs_of 19") + 1
    left_out = [sentence for sentence in prose(sheet) if "ayers 4 to 18" in sentence or "ayers 18 to 4" in sentence]
    assert len(left_out) == 4  # given, forward, backward, update
    assert any("JSON trace" in sentence for sentence in left_out)


def listed(sheet: Sheet, title: str) -> tuple[Equation, ...]:
    (formula,) = [block for block in under(sheet, title) if isinstance(block, Formula)]
    return formula.lines


def test_what_the_middle_hands_on_is_so() -> None:
    trace = deep(20)
    sheet = compose(trace)
    forward, backward = listed(sheet, "layers_between 4 18"), listed(sheet, "back_between 18 4")
    assert len(forward) == len(backward) == BETWEEN.first + 1 + BETWEEN.last
    assert [text(line.parts[0], inline=True) for line in forward][::7] == ["a⁽⁴⁾", "a⁽¹⁸⁾"]
    assert [text(line.parts[0], inline=True) for line in backward][::7] == ["∂L/∂a⁽¹⁷⁾", "∂L/∂a⁽³⁾"]
    assert forward[4].parts == backward[4].parts == (Dots("v"),)
    last = np.round(trace.values["a18"], 4)
    assert text(forward[-1], inline=True) == f"a⁽¹⁸⁾ ≈ [{last[0]:.4f}, {last[1]:.4f}]ᵀ"
    before, after = (np.abs(trace.gradients[name]).max() for name in ("a18", "a3"))
    (told,) = [sentence for sentence in prose(sheet) if sentence.startswith("The largest derivative")]
    assert f"was {before:.4g} above" in told
    assert f"{after:.3e}"[:5] in told


def test_every_line_of_a_deep_sheet_of_matrices_is_true() -> None:
    trace = deep(9, 3)
    lines = [line for block in formulas(compose(trace)) for line in block.lines]
    assert [text(line, inline=True) for line in lines if not is_true(line, trace.rounding)] == []


def test_the_layer_whose_chain_is_asked_for_is_written_out() -> None:
    sheet = compose(deep(20), Options(chains="W12[1,1]"))
    titles = headings(sheet)
    assert {"layers_between 4 10", "activation 11", "weighted_sums 12", "layers_between 13 18"} <= set(titles)
    diagram = next(block for block in sheet.blocks if isinstance(block, Diagram))
    assert "W12[1,1]" in {edge.item for edge in diagram.edges if edge.on_path}


def test_scalars_asked_for_are_all_written_out() -> None:
    sheet = compose(deep(20), Options(view="scalar"))
    assert {f"weighted_sums {n}" for n in range(1, 21)} <= set(headings(sheet))
    assert not [title for title in headings(sheet) if "between" in title]
    (diagram,) = [block for block in sheet.blocks if isinstance(block, Diagram)]
    assert "15 more" in diagram.titles
    plots = [block for block in sheet.blocks if isinstance(block, Plot)]
    assert len(plots) <= LAYERS.first + LAYERS.last + 1
    assert len([sentence for sentence in prose(sheet) if "have a figure of their own" in sentence]) == 1


def test_up_to_a_depth_nothing_is_left_out() -> None:
    sheet = compose(deep(LAYERS.whole))
    assert not [title for title in headings(sheet) if "between" in title]
    assert not [sentence for sentence in prose(sheet) if "JSON" in sentence]


def test_a_corner_in_a_layer_left_out_is_told_all_the_same() -> None:
    fields = network((1,) * 10)
    for layer in fields["layers"]:
        layer |= {"activation": "relu", "W": [[1.0]], "b": [0.0]}
    fields["layers"][5]["b"] = [-1.0]
    fields["data"] = {"x": [1.0], "y": [1.0]}
    told = [sentence for sentence in prose(compose(solved(**fields))) if "exactly at a corner" in sentence]
    assert any("a⁽⁶⁾" in sentence for sentence in told)


def test_without_numbers_the_middle_is_left_out_too() -> None:
    layers = [{"type": "dense", "activation": "tanh", "units": 2} for _ in range(12)]
    sheet = compose(solved(loss="mse", data={"inputs": 2}, layers=layers))
    assert "Layers 4 to 10 are calculated in the same way." in prose(sheet)
    assert not [sentence for sentence in prose(sheet) if "JSON" in sentence]


@pytest.mark.parametrize("blank", ["results", "steps", "all"])
def test_blanked_numbers_of_the_middle_appear_nowhere(blank: str) -> None:
    trace = deep(20)
    page = render(trace, "txt", Options(blank=blank))
    assert isinstance(page, str)
    assert f"{trace.values['a18'][0]:.4f}" not in page
    assert "Layers 4 to 18" in page


@pytest.mark.parametrize(
    ("count", "wide", "pages"),
    [
        (20, 3, 10),
        pytest.param(250, 2, 12, marks=pytest.mark.slow),
        pytest.param(20, 40, 12, marks=pytest.mark.slow),
    ],
)
def test_a_deep_sheet_has_few_pages(count: int, wide: int, pages: int) -> None:
    page = render(deep(count, wide), "pdf")
    assert isinstance(page, bytes)
    assert 3 < len(PdfReader(BytesIO(page)).pages) <= pages


def test_a_signal_that_shrinks_beyond_measure_is_no_fault() -> None:
    """Back through an activation as good as flat, ∂L/∂a is more times ∂L/∂z than a double can tell."""
    fields = network((1, 1, 1))
    fields["layers"][0] |= {"W": [[723.0]], "b": [0.0]}
    fields["layers"][1] |= {"W": [[1e-3]]}
    fields["data"] = {"x": [1.0], "y": [0.5]}
    sheet = compose(solved(**fields))
    assert not [sentence for sentence in prose(sheet) if "inf" in sentence]


def test_a_hundred_thousand_parameters_take_four_pages() -> None:
    drawn = {"type": "he_normal", "seed": 3}
    layers = [
        {"type": "dense", "activation": kind, "units": units, "init": drawn}
        for kind, units in (("tanh", 128), ("softmax", 10))
    ]
    data = {"x": [((7 * i) % 256) / 255 for i in range(784)], "y": [int(i == 3) for i in range(10)]}
    descent = {"type": "gradient_descent", "learning_rate": 0.1}
    page = render(solved(loss="categorical_cross_entropy", data=data, layers=layers, optimizer=descent), "pdf")
    assert isinstance(page, bytes)
    assert len(PdfReader(BytesIO(page)).pages) <= 4
