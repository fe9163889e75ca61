"""What ``--chains`` chooses is what is written in full, and what cannot be chosen is answered in one line."""

from __future__ import annotations

from typing import Any

import pytest

import stepcalc
from stepcalc.errors import InputError
from stepcalc.options import Options
from stepcalc.sheet.blocks import Block, Diagram, Heading, Sheet
from stepcalc.sheet.slides import slides
from stepcalc.sheet.story import compose
from tests.printed import example, said, solved


def two_two_one(chains: str | None) -> Sheet:
    return compose(example("two_two_one"), Options(chains=chains))


def in_full(sheet: Sheet) -> list[str]:
    """The derivatives that the headings of chains name."""
    return [
        said(block.text).partition(": ")[2]
        for block in sheet.blocks
        if isinstance(block, Heading) and "chain in full" in said(block.text)
    ]


def the_diagram(blocks: tuple[Block, ...]) -> Diagram:
    return next(block for block in blocks if isinstance(block, Diagram))


@pytest.mark.parametrize("chains", [None, "one"])
def test_one_chain_is_the_first_parameters(chains: str | None) -> None:
    assert in_full(two_two_one(chains)) == ["∂L/∂w₁₁"]


@pytest.mark.parametrize("typed", ["W1[1,2]", "dL/dW1[1,2]", "W1_1_2", "dL_dW1_1_2"])
def test_a_parameter_is_chosen_however_it_is_typed(typed: str) -> None:
    assert in_full(two_two_one(typed)) == ["∂L/∂w₁₂"]


def test_the_path_on_the_diagram_is_that_of_the_chain() -> None:
    heavy = [
        [edge.item for edge in the_diagram(two_two_one(chains).blocks).edges if edge.on_path]
        for chains in ("W1[1,1]", "W1[2,1]")
    ]
    assert [items[0] for items in heavy] == ["W1[1,1]", "W1[2,1]"]


def test_all_chains() -> None:
    found = in_full(two_two_one("all"))
    assert found == [f"∂L/∂{name}" for name in ("w₁₁", "w₁₂", "w₂₁", "w₂₂", "b₁", "b₂", "w₁", "w₂", "b")]


def test_of_all_chains_none_is_drawn_heavier() -> None:
    diagram = the_diagram(two_two_one("all").blocks)
    assert not any(part.on_path for part in (*diagram.edges, *(node for column in diagram.columns for node in column)))
    assert said(diagram.caption) == "The network with its numbers."
    shown = [slide for slide in slides(two_two_one("all")) if any(isinstance(block, Diagram) for block in slide.blocks)]
    assert len(shown) == 1


def test_of_expressions_one_name_is_chosen() -> None:
    trace = solved(given={"x": 2, "w": 3}, define={"y": "w*x", "z": "y^2 + w"}, differentiate={"of": "z"})
    both, one = (compose(trace, Options(chains=chains)) for chains in (None, "x"))
    titles = ["".join(said(b.text) for b in sheet.blocks if isinstance(b, Heading)) for sheet in (both, one)]
    assert "dz/dx" in titles[0]
    assert "dz/dx" in titles[1]
    assert "dz/dw" in titles[0]
    assert "dz/dw" not in titles[1]


@pytest.mark.parametrize(
    ("chains", "complaint"),
    [
        ("W9[1,1]", '--chains: "W9[1,1]" is no item of this problem'),
        ("W1", '--chains: "W1" is no single element; W1 has shape (2, 2), its first element is W1[1,1]'),
        ("z1[1]", "--chains: z1[1] is not one of W1, b1, W2, b2"),
        ("", '--chains: "" is no item of this problem'),
    ],
)
def test_what_is_no_parameter_is_refused(chains: str, complaint: str) -> None:
    with pytest.raises(InputError) as refused:
        two_two_one(chains)
    assert [line.startswith(complaint) for line in refused.value.lines()] == [True]


def test_too_many_chains_are_refused() -> None:
    layer: dict[str, Any] = {"type": "dense", "units": 7, "init": {"type": "he_normal", "seed": 1}}
    trace = solved(loss="mse", data={"x": [1, 2, 3, 4, 5], "y": [0] * 7}, layers=[layer])
    with pytest.raises(InputError) as refused:
        compose(trace, Options(chains="all"))
    assert refused.value.lines() == [
        "--chains: 42 chains in full; at most 40 are written: use --chains one, or the id of a parameter"
    ]


@pytest.mark.parametrize(("option", "expected"), [("layout", "sheet, slides"), ("paper", "a4, letter")])
def test_what_is_no_choice_is_refused(option: str, expected: str) -> None:
    chosen: dict[str, Any] = {option: "x"}
    with pytest.raises(InputError, match=f"--{option}: 'x', expected one of {expected}"):
        stepcalc.render(example("two_two_one"), "txt", stepcalc.Options(**chosen))


def test_json_knows_chains_that_are_none_as_well() -> None:
    with pytest.raises(InputError, match="--chains"):
        stepcalc.render(example("two_two_one"), "json", stepcalc.Options(chains="nonsense"))
