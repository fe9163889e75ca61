"""The graph: which quantities there are, in which order, and how their items are found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import stepcalc
from stepcalc.graph import Graph, build
from stepcalc.items import Item, derivative_id, item_id
from tests.networks import Fields, networks


def graph(**changes: Any) -> Graph:
    fields = {
        "loss": "mse",
        "data": {"x": [1, 2, 3], "y": [1, 0]},
        "layers": [
            {"type": "dense", "activation": "tanh", "W": np.ones((4, 3)).tolist(), "b": [0, 0, 0, 0]},
            {"type": "dense", "W": np.ones((2, 4)).tolist()},
        ],
    }
    return build(stepcalc.Problem(**{**fields, **changes}))


def test_quantities_stand_in_the_order_of_the_calculation() -> None:
    assert list(graph().quantities) == ["x", "W1", "b1", "z1", "a1", "W2", "z2", "y_hat", "y", "L"]
    assert graph().parameters == ("W1", "b1", "W2")


@settings(max_examples=30)
@given(networks())
def test_parents_come_before_their_children(fields: Fields) -> None:
    found, seen = build(stepcalc.Problem(**fields)), set[str]()
    for name, quantity in found.quantities.items():
        assert set(quantity.parents) <= seen
        assert (quantity.op is None) == (not quantity.parents)
        if quantity.op is not None:
            assert quantity.op.shape(*found.parent_shapes(name)) == quantity.shape
        seen.add(name)
    assert found.differentiable == set(found.quantities) - {"y"}
    for name in found.quantities:
        for item in found.items(name):
            quantity, index, sample = found.locate(item)
            assert item_id(quantity.name, index, sample) == item


def test_the_last_activation_is_y_hat_by_either_name() -> None:
    found = graph()
    assert found["a2"] is found["y_hat"]
    assert graph().locate("a2[1]")[0].name == "y_hat"


def test_a_mini_batch_gives_items_for_each_sample() -> None:
    found = graph(data={"x": [[1, 2, 3], [4, 5, 6]], "y": [[1, 0], [0, 1]]})
    assert list(found.items("y_hat")) == ["y_hat[1]@1", "y_hat[2]@1", "y_hat[1]@2", "y_hat[2]@2"]
    assert list(found.items("b1")) == ["b1[1]", "b1[2]", "b1[3]", "b1[4]"]
    assert list(found.items("L")) == ["L"]


@pytest.mark.parametrize("item", ["z9", "z1[5]", "z1[0]", "z1[1,1]", "z1", "W1[1]", "L[1]", "z1[1]@1", "nothing"])
def test_what_is_not_there_is_not_found(item: str) -> None:
    with pytest.raises(LookupError, match=r"unknown item|no element"):
        graph().locate(item)


def test_an_array_of_one_element_may_go_without_its_index() -> None:
    layer = {"type": "dense", "W": [[1, 2, 3]]}
    assert graph(layers=[layer], data={"x": [1, 2, 3], "y": 1}).locate("y_hat")[1] == (1,)


def test_weights_follow_the_product_convention() -> None:
    layer = {"type": "dense", "W": np.ones((3, 2)).tolist()}
    assert graph(layers=[layer], notation={"product": "xW"})["W1"].shape == (3, 2)


def test_expressions_make_a_graph_too() -> None:
    problem = stepcalc.Problem(given={"v": 1, "k": 2}, define={"x": "5*v - 2", "u": "k*v", "z": "x^2 + x"})
    found = build(problem)
    assert list(found.quantities) == ["v", "k", "x", "u", "z"]
    assert found.cost == "z"
    assert found.differentiable == {"v", "x", "z"}
    assert found["z"].parents == ("x",)


@pytest.mark.parametrize("text", ["z1[2]", "W1[2,3]", "L", "z1[2]@3", "dL/dW1[2,3]", "W1_new[2,3]", "dz/dx", "x_new"])
def test_ids_survive_being_taken_apart(text: str) -> None:
    assert str(Item.parse(text)) == text


def test_ids_are_put_together() -> None:
    item = Item.parse("W1[2,3]")
    assert str(item.derivative("L")) == derivative_id("L", "W1[2,3]") == "dL/dW1[2,3]"
    assert str(item.updated()) == "W1_new[2,3]"
    assert item.derivative("L").plain == item
    with pytest.raises(ValueError, match="not an item id"):
        Item.parse("z1[2")


@settings(deadline=None)
@given(networks())
def test_every_quantity_has_the_shape_that_its_operation_gives(fields: Fields) -> None:
    graph = build(stepcalc.Problem(**fields))
    for quantity in graph.quantities.values():
        if quantity.op is not None:
            assert quantity.op.shape(*graph.parent_shapes(quantity.name)) == quantity.shape
