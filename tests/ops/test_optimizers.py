"""Each registered optimizer against its own formula and against PyTorch, several steps long."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest
import torch

from stepcalc.ops import registry
from stepcalc.ops.optimizers import RATE, G, Optimizer, State, W
from tests import oracle

SETTINGS: dict[str, dict[str, float]] = {"gradient_descent": {"learning_rate": 0.3}}
each_optimizer = pytest.mark.parametrize("name", registry.names("optimizer"))


def made(name: str) -> Optimizer:
    assert name in SETTINGS, f"add settings to try {name} with to SETTINGS in tests/ops/test_optimizers.py"
    op: Optimizer = registry.make("optimizer", name, SETTINGS[name])
    return op


@each_optimizer
def test_it_moves_as_pytorchs_does(name: str) -> None:
    rng = np.random.default_rng(3)
    op, ours, state = made(name), {"W1": rng.normal(size=(2, 3)), "b1": rng.normal(size=2)}, State()
    theirs = {key: oracle.tensor(array) for key, array in ours.items()}
    optimizer = oracle.OPTIMIZERS[name](list(theirs.values()), **SETTINGS[name])
    for step in range(1, 5):
        gradients = {key: rng.normal(size=array.shape) for key, array in ours.items()}
        ours, state = op.step(np, ours, gradients, state)
        for key, leaf in theirs.items():
            leaf.grad = torch.tensor(gradients[key])
        optimizer.step()
        assert state.step == step
        for key, array in ours.items():
            np.testing.assert_allclose(array, theirs[key].detach().numpy(), rtol=1e-13)


@each_optimizer
def test_its_formula_is_its_first_step(name: str) -> None:
    op = made(name)
    moved, _ = op.step(np, {"w": np.array([2.0])}, {"w": np.array([-0.7])}, State())
    at = {W: 2.0, G: -0.7, RATE: SETTINGS[name]["learning_rate"]}
    assert moved["w"][0] == pytest.approx(float(op.formula.subs(at)))


@each_optimizer
def test_the_array_api_is_all_it_needs(name: str) -> None:
    arrays = {"w": strict.asarray([[1.0, 2.0]])}, {"w": strict.asarray([[0.5, -0.5]])}
    moved, _ = made(name).step(strict, *arrays, State())
    plain, _ = made(name).step(np, *({"w": np.asarray(a["w"])} for a in arrays), State())
    np.testing.assert_allclose(np.asarray(moved["w"]), plain["w"], rtol=1e-15)
