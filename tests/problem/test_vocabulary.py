"""The words of problem files are those of the registry of operations, with the same parameters."""

from __future__ import annotations

from typing import Any

import pytest

from stepcalc.ops import registry
from stepcalc.problem.layers import LAYERS
from stepcalc.problem.sections import OPTIMIZERS
from stepcalc.problem.vocabulary import ACTIVATIONS, LATER, LOSSES, TARGETS


@pytest.mark.parametrize(("family", "table"), [("activation", ACTIVATIONS), ("loss", LOSSES)])
def test_each_operation_has_its_word(family: str, table: dict[str, dict[str, float]]) -> None:
    assert sorted(table) == registry.names(family)
    for name, parameters in table.items():
        assert registry.parameters(family, name) == parameters


@pytest.mark.parametrize(("family", "table"), [("activation", ACTIVATIONS), ("loss", LOSSES)])
@pytest.mark.parametrize("value", [-1.0, 0.0, 0.5])
def test_a_parameter_is_refused_where_the_operation_would(
    network_complaints: Any, family: str, table: dict[str, dict[str, float]], value: float
) -> None:
    path = {"activation": "layers.0.activation", "loss": "loss"}[family]
    for name, parameters in table.items():
        for key in parameters:
            refused = bool(network_complaints({path: {"type": name, key: value}, "data.y": [1]}))
            try:
                registry.make(family, name, parameters | {key: value})
            except ValueError:
                assert refused, (name, key, value)
            else:
                assert not refused, (name, key, value)


def test_layers_and_optimizers_are_registered() -> None:
    assert sorted(LAYERS) == registry.names("layer")
    assert sorted(OPTIMIZERS) == registry.names("optimizer")


def test_the_other_tables_speak_of_known_words() -> None:
    assert set(TARGETS) <= set(LOSSES)
    assert not LATER["layer"] & set(LAYERS)
    assert not LATER["optimizer"] & set(OPTIMIZERS)
