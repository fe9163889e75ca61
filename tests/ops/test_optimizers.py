"""Each registered optimizer against its own formulas, by hand, and against PyTorch, several steps long."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest
import sympy as sp
import torch

from stepcalc.board.glyph_text import read_glyph
from stepcalc.calculus.from_board import from_board
from stepcalc.calculus.symbols import symbol
from stepcalc.items import NEW, Item
from stepcalc.ops import registry
from stepcalc.ops.optimizer import OLD, RATE, UPDATE, G, Optimizer, State, W, complement
from stepcalc.problem.sections import OPTIMIZERS
from tests import oracle

MATRIX = np.array([[2.0, 0.5, 0.0], [0.5, 3.0, -1.0], [0.0, -1.0, 1.5]])
SETTINGS: dict[str, dict[str, float]] = {
    "gradient_descent": {"learning_rate": 0.3},
    "momentum": {"learning_rate": 0.3, "momentum": 0.8},
    "adam": {"learning_rate": 0.3, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
    "newton": {"learning_rate": 0.3},
}
each_optimizer = pytest.mark.parametrize("name", registry.names("optimizer"))
in_pytorch = pytest.mark.parametrize("name", sorted(oracle.OPTIMIZERS))


def made(name: str) -> Optimizer:
    assert name in SETTINGS, f"add settings to try {name} with to SETTINGS in tests/ops/test_optimizers.py"
    op: Optimizer = registry.make("optimizer", name, SETTINGS[name])
    return op.on(lambda parameters: MATRIX[: parameters["w"].size, : parameters["w"].size])


@in_pytorch
def test_it_moves_as_pytorchs_does(name: str) -> None:
    rng = np.random.default_rng(3)
    op, ours, state = made(name), {"W1": rng.normal(size=(2, 3)), "b1": rng.normal(size=2)}, State()
    theirs = {key: oracle.tensor(array) for key, array in ours.items()}
    optimizer = oracle.OPTIMIZERS[name](list(theirs.values()), **SETTINGS[name])
    for step in range(1, 200):
        gradients = {key: rng.normal(size=array.shape) for key, array in ours.items()}
        ours, state = op.step(np, ours, gradients, state)
        for key, leaf in theirs.items():
            leaf.grad = torch.tensor(gradients[key])
        optimizer.step()
        assert state.step == step
        for key, array in ours.items():
            np.testing.assert_allclose(array, theirs[key].detach().numpy(), rtol=1e-11, atol=1e-13)


def test_newton_is_the_one_that_pytorch_does_not_have() -> None:
    assert set(registry.names("optimizer")) - set(oracle.OPTIMIZERS) == {"newton"}


@each_optimizer
def test_its_kernels_follow_its_formulas(name: str) -> None:
    """Three steps, every part of each by its formula from what was there before."""
    op, state, w = made(name), State(), np.array([2.0, -1.0, 0.25])
    settings = {symbol(key): value for key, value in SETTINGS[name].items()}
    old = {part.name: np.zeros(3) for part in op.plan}
    for update in (1, 2, 3):
        g = np.array([-0.7, 0.2, 3.0]) * update
        found = op.parts(np, {"w": w}, {"w": g}, state)
        assert list(found) == [part.name for part in op.plan]
        for part in op.plan:
            if part.formula is None:
                continue
            for i in range(3):
                at = {symbol(W): w[i], symbol(G): g[i], symbol(UPDATE): update, **settings}
                at |= {symbol(key): array["w"][i] for key, array in found.items()}
                at |= {symbol(OLD + key): array[i] for key, array in old.items()}
                assert found[part.name]["w"][i] == pytest.approx(float(part.formula.subs(at)), rel=1e-12)
        w, state, old = found[NEW]["w"], op.after(found, state), {key: array["w"] for key, array in found.items()}


@each_optimizer
def test_what_is_written_is_what_is_calculated(name: str) -> None:
    for part in made(name).plan:
        if part.formula is not None:
            assert part.written is not None
            assert sp.simplify(from_board(part.written) - part.formula) == 0


@each_optimizer
def test_its_plan_is_in_order_and_can_be_named(name: str) -> None:
    """A part uses earlier parts only, ends in the new value, and has an id; a problem file knows the same parts."""
    op, known = made(name), {W, G, UPDATE, *SETTINGS[name]}
    for part in op.plan:
        assert {key for key in part.names if not key.startswith(OLD)} <= known
        assert {key.removeprefix(OLD) for key in part.names if key.startswith(OLD)} <= {p.name for p in op.plan}
        assert Item.parse(f"W1_{part.name}[1,2]").part == part.name
        known.add(part.name)
    assert op.plan[-1].name == NEW
    assert tuple(OPTIMIZERS[name].parts) == tuple(part.name for part in op.plan)
    settings = {field.name for field in fields(op)} - {"hessian"}  # type: ignore[arg-type]
    assert settings == {*op.letters, RATE} == set(OPTIMIZERS[name].model_fields) - {"type", "steps"}
    assert all(read_glyph(letter) for letter in op.letters.values())


@each_optimizer
def test_its_defaults_are_those_of_a_problem_file(name: str) -> None:
    known = registry.parameters("optimizer", name)
    for key, field in OPTIMIZERS[name].model_fields.items():
        if key not in ("type", "steps"):
            assert known[key] == field.default


@each_optimizer
def test_without_a_learning_rate_everything_else_has_its_number(name: str) -> None:
    op: Any = registry.make("optimizer", name, {}).on(lambda _: np.array([[2.0]]))
    found = op.parts(np, {"w": np.array([2.0])}, {"w": np.array([0.5])}, State())
    assert list(found) == [part.name for part in op.plan][:-1]


@each_optimizer
def test_the_array_api_is_all_it_needs(name: str) -> None:
    arrays = {"w": strict.asarray([[1.0, 2.0]])}, {"w": strict.asarray([[0.5, -0.5]])}
    moved, _ = made(name).step(strict, *arrays, State())
    plain, _ = made(name).step(np, *({"w": np.asarray(a["w"])} for a in arrays), State())
    np.testing.assert_allclose(np.asarray(moved["w"]), plain["w"], rtol=1e-15)


@each_optimizer
def test_a_step_can_be_rounded_part_by_part(name: str) -> None:
    found = made(name).parts(np, {"w": np.array([1.2345])}, {"w": np.array([0.777])}, State(), lambda a: np.round(a, 1))
    for arrays in found.values():
        assert arrays["w"] == np.round(arrays["w"], 1)


def test_the_first_step_of_momentum_is_that_of_gradient_descent() -> None:
    w, g = {"w": np.array([1.0])}, {"w": np.array([4.0])}
    first, state = made("momentum").step(np, w, g, State())
    assert first["w"] == pytest.approx(1 - 0.3 * 4)
    second, _ = made("momentum").step(np, first, g, state)
    assert second["w"] == pytest.approx(first["w"] - 0.3 * (0.8 * 4 + 4))


@pytest.mark.parametrize("gradient", [1e-3, -7.0, 1e6])
def test_the_first_step_of_adam_is_as_long_as_the_learning_rate(gradient: float) -> None:
    op = registry.make("optimizer", "adam", {"learning_rate": 0.1})
    moved, state = op.step(np, {"w": np.array([1.0])}, {"w": np.array([gradient])}, State())
    assert moved["w"] == pytest.approx(1 - 0.1 * np.sign(gradient), abs=1e-5)
    assert state.buffers["m"]["w"] == pytest.approx(0.1 * gradient)
    assert state.buffers["v"]["w"] == pytest.approx(0.001 * gradient**2)


def test_the_complement_is_taken_of_decimals() -> None:
    assert (complement(0.9), complement(0.999), complement(0.9, 2)) == (0.1, 0.001, 0.19)
    assert complement(0.999999, 10_000) == pytest.approx(1 - 0.999999**10_000, rel=1e-9)
    assert complement(0.0, 3) == 1


def test_newton_solves_for_all_parameters_together() -> None:
    op = made("newton").on(lambda _: MATRIX)
    w, g = {"a": np.array([[1.0, 2.0]]), "b": np.array(3.0)}, {"a": np.array([[0.5, -1.0]]), "b": np.array(2.0)}
    found = op.parts(np, w, g, State())
    steps = np.linalg.solve(MATRIX, [0.5, -1.0, 2.0])
    np.testing.assert_allclose(found["p"]["a"], [steps[:2]], rtol=1e-13)
    np.testing.assert_allclose(found["p"]["b"], steps[2], rtol=1e-13)
    np.testing.assert_allclose(found[NEW]["b"], 3 - 0.3 * steps[2], rtol=1e-13)


@pytest.mark.parametrize("matrix", [[[0.0, 0.0], [0.0, 1.0]], [[1.0, 2.0], [2.0, 4.0]], [[np.nan, 0], [0, 1.0]]])
def test_newton_makes_no_step_where_there_is_none(matrix: list[list[float]]) -> None:
    op = made("newton").on(lambda _: np.array(matrix))
    arrays = {"w": np.array([1.0, 2.0])}
    assert op.parts(np, arrays, arrays, State()) == {}
    with pytest.raises(ArithmeticError):
        op.step(np, arrays, arrays, State())
