"""Second derivatives of the cost: against PyTorch, finite differences and SymPy; where there are none."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch
from hypothesis import given, settings

from stepcalc.calculus.linear import is_singular, scaled_eigenvalues, solution
from stepcalc.descend import feeds_of
from stepcalc.trace import Trace
from tests.drawn import EXPRESSIONS, one_unit
from tests.networks import Fields, networks
from tests.oracle import Network
from tests.printed import solved
from tests.test_evaluate import _smooth

NEWTON = {"type": "newton", "learning_rate": 1}


def hessian(trace: Trace) -> np.ndarray:
    return trace.curvature.numbers(feeds_of(trace.problem, trace.graph, np))


def of_pytorch(fields: Fields) -> np.ndarray:
    """The Hessian by automatic differentiation of the cost as a function of one long vector."""
    network = Network(fields)
    names, start = list(network.parameters), {name: value.detach() for name, value in network.parameters.items()}

    def cost(flat: torch.Tensor) -> torch.Tensor:
        at = 0
        for name in names:
            size = start[name].numel()
            network.parameters[name] = flat[at : at + size].reshape(start[name].shape)
            at += size
        return network.forward()["L"]

    flat = torch.cat([start[name].reshape(-1) for name in names])
    found: np.ndarray = torch.autograd.functional.hessian(cost, flat).numpy()
    return found


@settings(max_examples=20)
@given(networks(max_layers=3, max_width=3))
def test_networks_agree_with_pytorch(fields: Fields) -> None:
    fields["layers"] = [{**layer, "activation": _smooth(layer["activation"])} for layer in fields["layers"]]
    del fields["optimizer"]
    ours, theirs = hessian(solved(**fields)), of_pytorch(fields)
    np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-9 * max(1.0, float(np.max(np.abs(theirs)))))


@settings(max_examples=8)
@given(networks(max_layers=3, max_width=2))
def test_it_is_how_the_gradient_changes(fields: Fields) -> None:
    fields["layers"] = [{**layer, "activation": _smooth(layer["activation"])} for layer in fields["layers"]]
    fields["loss"] = "mse"
    fields["optimizer"] = NEWTON
    trace = solved(**fields)
    item = trace.curvature.items[-1]
    name = trace.graph.locate(item)[0].name
    gradients = []
    for nudge in (1e-5, -1e-5):
        layers = [dict(layer) for layer in fields["layers"]]
        moved = np.array(layers[-1][name[0]], dtype=float)
        moved.reshape(-1)[-1] += nudge
        layers[-1][name[0]] = moved.tolist()
        gradients.append(flat_gradient(solved(**{**fields, "layers": layers})))
    quotient = (gradients[0] - gradients[1]) / 2e-5
    np.testing.assert_allclose(hessian(trace)[-1], quotient, rtol=1e-5, atol=1e-6)
    for other, number in zip(trace.curvature.items, quotient, strict=True):
        assert trace.value(f"d2L/d{item}/d{other}") == trace.value(f"d2L/d{other}/d{item}")
        assert trace.value(f"d2L/d{item}/d{other}") == pytest.approx(number, rel=1e-5, abs=1e-6)


def flat_gradient(trace: Trace) -> np.ndarray:
    return np.concatenate([np.ravel(trace.gradients[name]) for name in trace.graph.parameters])


@pytest.mark.parametrize("number", range(len(EXPRESSIONS)))
def test_formulas_have_the_numbers(number: int) -> None:
    """Of every drawn list of expressions: formula against SymPy's own, and its value against the numbers."""
    given_, define = EXPRESSIONS[number]
    trace = solved(given=given_, define=define)
    curvature, numbers = trace.curvature, hessian(trace)
    assert curvature.cost is not None
    at = {s: sp.Float(repr(given_[s.name]), 50) for s in curvature.cost.free_symbols}
    for i, item in enumerate(curvature.items):
        slope = curvature.slope(item)
        assert slope is not None
        assert float(slope.subs(at)) == pytest.approx(trace.value(f"d{trace.graph.cost}/d{item}"), rel=1e-9, abs=1e-300)
        for j, other in enumerate(curvature.items):
            bend = curvature.bend(item, other)
            assert bend is not None
            assert float(bend.subs(at)) == pytest.approx(numbers[i, j], rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("z", [0.5, 12.5, -40, 40, 300])
def test_saturated_units_keep_their_digits(z: float) -> None:
    """For the sigmoid with binary cross-entropy, L″ = σ(1 − σ), which is about e^(−|z|)."""
    trace = solved(**one_unit("binary_cross_entropy", "sigmoid", z, y=0))
    slope = np.exp(-abs(z)) / (1 + np.exp(-abs(z))) ** 2
    np.testing.assert_allclose(hessian(trace), np.full((2, 2), slope), rtol=1e-12)


def test_off_its_corners_a_piecewise_cost_has_its_second_derivative() -> None:
    trace = solved(given={"x": 2.0, "y": -1.0}, define={"f": "relu(x)^2 + abs(y)*x + max(x, y)^3"})
    np.testing.assert_allclose(hessian(trace), [[2 + 6 * 2, -1], [-1, 0]])


@pytest.mark.parametrize(
    ("define", "quadratic"),
    [
        ({"f": "x^2 + x*y + 3"}, True),
        ({"u": "x - y", "f": "u^2 + 2*x"}, True),
        ({"u": "x*y", "f": "u*x"}, False),
        ({"u": "x^2", "f": "u^2 + y"}, False),
        ({"f": "x/y"}, False),
        ({"f": "x^2 + exp(y)"}, False),
    ],
)
def test_what_is_quadratic(define: dict[str, str], quadratic: bool) -> None:
    assert solved(given={"x": 1, "y": 2}, define=define).curvature.quadratic is quadratic


@pytest.mark.parametrize(("activation", "loss", "quadratic"), [
    ("linear", "mse", True), ("linear", "mae", False), ("sigmoid", "mse", False), ("relu", "mse", False),
])  # fmt: skip
def test_which_networks_are_quadratic(activation: str, loss: str, quadratic: bool) -> None:
    assert solved(**one_unit(loss, activation, 0.5)).curvature.quadratic is quadratic
    twice = one_unit(loss, activation, 0.5)
    assert solved(**{**twice, "layers": twice["layers"] * 2}).curvature.quadratic is False


def test_definitions_that_double_are_not_written_out() -> None:
    """40 definitions, each of the last one's square: in one formula, that would be 2⁴⁰ terms."""
    define = {"y0": "x + 1"} | {f"y{n + 1}": f"y{n}*y{n}/2 + y{n}/4" for n in range(40)}
    begun = time.process_time()
    trace = solved(given={"x": -0.3}, define=define, optimizer=NEWTON)
    assert trace.curvature.cost is None
    assert trace.value("d2y40/dx/dx") is not None
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("scale", [1.0, 1e-20, 1e12])
def test_what_is_singular_does_not_depend_on_the_scale(scale: float) -> None:
    assert is_singular(scale * np.array([[1.0, 2.0], [2.0, 4.0]]))
    assert not is_singular(scale * np.array([[1.0, 2.0], [2.0, 4.0001]]))
    assert not is_singular(np.array([[1.0, 0.0], [0.0, scale]]))
    assert is_singular(np.zeros((2, 2)))
    assert list(np.sign(scaled_eigenvalues(np.array([[1.0, 0.0], [0.0, -scale]])))) == [-1, 1]


def test_a_system_is_solved_in_decimals() -> None:
    found = solution(np.array([[3.8, -6.0], [-6.0, 20.0]]), np.array([1.5999999999999996, 8.0]))
    assert found is not None
    assert found.tolist() == [2.0, 1.0]


@pytest.mark.parametrize("size", [1, 3, 12])
def test_a_system_is_solved_as_numpy_does(size: int) -> None:
    rng = np.random.default_rng(size)
    matrix = rng.normal(size=(size, size))
    matrix += matrix.T
    right = rng.normal(size=size)
    np.testing.assert_allclose(solution(matrix, right), np.linalg.solve(matrix, right), rtol=1e-9)


def test_where_there_is_no_second_derivative_there_are_no_numbers() -> None:
    trace = solved(given={"x": 0.0}, define={"f": "x^1.5 + x"})
    curvature: Any = trace.curvature
    assert not np.isfinite(curvature.numbers(feeds_of(trace.problem, trace.graph, np))).all()
