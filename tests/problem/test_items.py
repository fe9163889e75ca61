"""Which ids a problem has, and in how many ways people type them."""

from __future__ import annotations

from typing import Any

import pytest

SPELLINGS = [
    ("W1[3,2]", "W1[3,2]"),
    ("W1_3_2", "W1[3,2]"),
    ("W2[2]", "W2[1,2]"),
    ("W2[1,2]", "W2[1,2]"),
    ("b2", "b2[1]"),
    ("b2[1]", "b2[1]"),
    (" b1[ 2 ]", "b1[2]"),
    ("dL/dW1[3,2]", "W1[3,2]"),
    ("dL_dW1_3_2", "W1[3,2]"),
]


@pytest.mark.parametrize(("typed", "item"), SPELLINGS)
def test_a_parameter_is_found_however_it_is_typed(network: Any, typed: str, item: str) -> None:
    assert network({"sheet": {"chain": typed}}).sheet.chain == item


@pytest.mark.parametrize(
    ("typed", "item"), [("h1[2]", "a1[2]"), ("h1_2", "a1[2]"), ("J", "L"), ("y_hat", "y_hat[1]"), ("z2", "z2[1]")]
)
def test_the_spelling_of_the_notation_is_read(network: Any, typed: str, item: str) -> None:
    problem = network({"notation": {"hidden": "h", "loss": "J", "names": {typed: "q"}}})
    assert problem.notation.names == {item: "q"}


@pytest.mark.parametrize(
    "item",
    [
        "z1",
        "dL/dW1",
        "dL_dW1",
        "dL/dW1[3,2]",
        "dL_dW1_3_2",
        "dJ/dW1[1,1]",
        "dJ_dh1_2",
        "W1_new",
        "W1_new[1,2]",
        "L",
        "dL/dx",
        "dL/dy_hat",
        "x[2]",
    ],
)
def test_items_that_can_be_marked(network_complaints: Any, item: str) -> None:
    changes = {"notation": {"hidden": "h", "loss": "J"}, "marking": {"items": [item], "marks": {item: 2}}}
    assert network_complaints(changes) == []


ADAM = {"type": "adam", "learning_rate": 0.1, "steps": 3}
NEWTON = {"type": "newton", "learning_rate": 1}


@pytest.mark.parametrize(
    ("typed", "item"),
    [
        ("W1_m[1,2]", "W1_m[1,2]"),
        ("W1_v_hat[3,2]", "W1_v_hat[3,2]"),
        ("W1_m_hat_3_2", "W1_m_hat[3,2]"),
        ("W1_v_hat_3_2#2", "W1_v_hat[3,2]#2"),
        ("W1_v_hat_3_2_update_2", "W1_v_hat[3,2]#2"),
        ("dL_dW1_1_1_update_2", "dL/dW1[1,1]#2"),
        ("L_update_4", None),
        ("b2_v", "b2_v[1]"),
        ("W2_new[1]#3", "W2_new[1,1]#3"),
        ("dL/dW1[1,1]#2", "dL/dW1[1,1]#2"),
        ("z1[2]#3", "z1[2]#3"),
        ("L#1", "L#1"),
        ("W1_p[1,2]", None),
        ("W1_m[1,2]#4", None),
        ("W1_m[1,2]#0", None),
        ("dL/dW1_m[1,2]", None),
        ("x_m[1]", None),
        ("d2L/dW1[1,1]/db2", None),
    ],
)
def test_what_an_update_calculates_has_an_id(network: Any, typed: str, item: str | None) -> None:
    assert network({"optimizer": ADAM}).items.scalar(typed) == item


@pytest.mark.parametrize(
    ("typed", "item"),
    [
        ("W1_p[1,2]", "W1_p[1,2]"),
        ("d2L/dW1[1,1]/db2", "d2L/dW1[1,1]/db2[1]"),
        ("d2L/dW1_1_1/db2", "d2L/dW1[1,1]/db2[1]"),
        ("d2L_dW1_1_1_db2", "d2L/dW1[1,1]/db2[1]"),
        ("d2L/db2[1]/db2[1]", "d2L/db2[1]/db2[1]"),
        ("d2L/dx[1]/db2[1]", None),
        ("d2L/db2[1]/dy", None),
        ("d2z1/db2[1]/db2[1]", None),
        ("W1_v[1,2]", None),
        ("L#2", None),
    ],
)
def test_second_derivatives_have_an_id_where_they_are_looked_at(network: Any, typed: str, item: str | None) -> None:
    assert network({"optimizer": NEWTON}).items.scalar(typed) == item


def test_without_an_optimizer_there_are_no_updates(network: Any) -> None:
    items = network().items
    assert items.scalar("W1_new[1,2]") == "W1_new[1,2]"
    assert [items.scalar(typed) for typed in ("W1_m[1,2]", "L#1", "d2L/db2[1]/db2[1]")] == [None] * 3


def test_an_item_of_an_update_cannot_be_renamed(network_complaints: Any) -> None:
    told = network_complaints({"optimizer": ADAM, "notation": {"names": {"W1_m[1,2]": "q", "z1[2]#2": "r"}}})
    assert told == [
        f'notation.names."{key}": only values can be renamed; derivatives and updates follow them'
        for key in ("W1_m[1,2]", "z1[2]#2")
    ]


def test_newton_is_for_small_problems(network_complaints: Any) -> None:
    wide = {"data": {"x": [1] * 9, "y": 0}, "layers": [{"type": "dense", "units": 5, "init": DRAWN}]}
    assert network_complaints({**wide, "data": {"x": [1] * 9, "y": [0] * 5}, "optimizer": NEWTON}) == [
        'optimizer.type: "newton" is for small problems: at most 40 parameters, here are 50'
    ]
    many = {"data": {"x": [[1]] * 21, "y": [0] * 21}, "layers": [{"type": "dense", "units": 1, "init": DRAWN}]}
    assert network_complaints({**many, "optimizer": NEWTON}) == [
        'optimizer.type: "newton" is for small problems: at most 20 samples, here are 21'
    ]


DRAWN = {"type": "normal", "seed": 1}
NAMES = "x, W1, b1, z1, a1, W2, b2, z2, a2, y_hat, y, L"


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("W3[1,1]", f'"W3[1,1]" is no item of this problem; its names are {NAMES}'),
        ("q", f'"q" is no item of this problem; its names are {NAMES}'),
        ("dL/dy", '"dL/dy" is no item of this problem; did you mean "dL/dx"?'),
        ("W1[4,1]", '"W1[4,1]" is no single element; W1 has shape (3, 2), its first element is W1[1,1]'),
        ("W1[0,1]", '"W1[0,1]" is no single element; W1 has shape (3, 2), its first element is W1[1,1]'),
        ("z1[2]@1", '"z1[2]@1" is no single element; z1 has shape (3), its first element is z1[1]'),
        ("dL/dW1[1]", '"dL/dW1[1]" is no single element; dL/dW1 has shape (3, 2), its first element is dL/dW1[1,1]'),
        ("z1_new", '"z1_new" is no item of this problem; did you mean "W1_new"?'),
        ("", f'"" is no item of this problem; its names are {NAMES}'),
    ],
)
def test_items_that_are_none(network_complaints: Any, item: str, message: str) -> None:
    assert network_complaints({"marking": {"items": [item]}}) == [f"marking.items[1]: {message}"]


@pytest.mark.parametrize(("steps", "which"), [(3, "updates 1 to 3"), (1, "the first update")])
def test_items_of_updates_that_are_not_made(network_complaints: Any, steps: int, which: str) -> None:
    asked = {"optimizer": {**ADAM, "steps": steps}, "marking": {"items": ["W1_new#4"]}}
    told = f'marking.items[1]: "W1_new#4" is no item of this problem; its items are those of {which}'
    assert network_complaints(asked) == [told]


def test_only_values_are_renamed_and_each_once(network_complaints: Any) -> None:
    def lines(names: dict[str, str]) -> list[str]:
        return network_complaints({"notation": {"names": names}})

    only = "only values can be renamed; derivatives and updates follow them"
    assert lines({"dL/dW1[1,1]": "g"}) == [f'notation.names."dL/dW1[1,1]": {only}']
    assert lines({"b2_new": "g"}) == [f"notation.names.b2_new: {only}"]
    assert lines({"W2[2]": "p", "W2[1,2]": "q"}) == ['notation.names."W2[1,2]": W2[1,2] is renamed twice']
    assert lines({"b1[1]": "p", "b1[2]": "p"}) == ['notation.names."b1[2]": b1[2] would be written like b1[1]']


def test_in_a_mini_batch_the_sample_comes_last(network: Any, network_complaints: Any) -> None:
    batch = {"data.x": [[1, 2], [3, 4]], "data.y": [1, 0]}
    problem = network(batch | {"notation": {"names": {"z1[2]@2": "p", "y_hat@1": "q", "W1[1,1]": "r"}}})
    assert problem.notation.names == {"z1[2]@2": "p", "y_hat[1]@1": "q", "W1[1,1]": "r"}
    for item in ("z1[2]@3", "z1[2]@0", "W1[1,1]@1"):
        assert len(network_complaints(batch | {"marking": {"items": [item]}})) == 1


def test_the_chain_is_that_of_a_parameter(network_complaints: Any) -> None:
    assert network_complaints({"sheet": {"chain": "z1[1]"}}) == ["sheet.chain: z1[1] is not one of W1, b1, W2, b2"]
    assert network_complaints({"sheet": {"chain": "W1"}}) == [
        'sheet.chain: "W1" is no single element; W1 has shape (3, 2), its first element is W1[1,1]'
    ]


def test_under_the_other_product_indices_are_those_of_the_matrix_as_written(network: Any) -> None:
    changes = {"notation": {"product": "xW", "names": {"W1[2,3]": "p", "W2[3]": "q"}}}
    turned = {"layers.0.W": [[1, 3, 5], [2, 4, 6]], "layers.1.W": [[1], [2], [3]]}
    assert network(changes | turned).notation.names == {"W1[2,3]": "p", "W2[3,1]": "q"}
