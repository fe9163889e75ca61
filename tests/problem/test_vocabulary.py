"""The words of problem files are those of the registry of operations, with the same parameters."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from stepcalc.ops import registry
from stepcalc.problem.layers import LAYERS
from stepcalc.problem.sections import OPTIMIZERS
from stepcalc.problem.vocabulary import ACTIVATIONS, LOSSES, SHIPPED_MODULES, TARGETS


@pytest.mark.parametrize(("family", "table"), [("activation", ACTIVATIONS), ("loss", LOSSES)])
def test_each_operation_has_its_word(family: str, table: dict[str, dict[str, float]]) -> None:
    shipped = {f"stepcalc.ops.{module}" for module in SHIPPED_MODULES}
    names = [name for name in registry.names(family) if registry.find(family, name).__module__ in shipped]
    assert sorted(table) == names
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


@pytest.mark.parametrize("loss", ["mean_square", "msee"])
def test_a_word_that_is_none_is_answered_without_sympy(loss: str) -> None:
    fields = {"loss": loss, "data": {"inputs": 1}, "layers": [{"type": "dense", "activation": "relus", "units": 1}]}
    script = f"""if True:
        import sys
        from stepcalc.problem import Problem
        try:
            Problem(**{fields})
        except Exception as error:
            print(error)
        print("sympy" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    *told, loaded = done.stdout.splitlines()
    assert loaded == "False"
    assert [line.split(":")[0] for line in told] == ["loss", "layers[1].activation"]
    assert told[1].endswith('"relus" is no activation; did you mean "relu"?')


def test_layers_and_optimizers_are_registered() -> None:
    assert sorted(LAYERS) == registry.names("layer")
    assert sorted(OPTIMIZERS) == registry.names("optimizer")


def test_the_other_tables_speak_of_known_words() -> None:
    assert set(TARGETS) <= set(LOSSES)
