"""What activations and losses promise beyond being right: short derivatives, kinks, refused parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest
import sympy as sp

from stepcalc.calculus.functions import sigmoid
from stepcalc.ops import registry
from stepcalc.ops.activation import A, Activation, Z
from tests import oracle

SHORT = {
    "linear": sp.S.One,
    "step": sp.S.Zero,
    "sigmoid": A * (1 - A),
    "tanh": 1 - A**2,
    "softplus": sigmoid(Z),
    "elu": sp.Piecewise((1, Z >= 0), (A + 1, True)),
}


def elementwise() -> Iterator[Activation]:
    for name in registry.names("activation"):
        op = registry.make("activation", name, registry.parameters("activation", name))
        if isinstance(op, Activation):
            yield op


each_activation = pytest.mark.parametrize("op", list(elementwise()), ids=lambda op: op.name)


@pytest.mark.parametrize("name", SHORT)
def test_the_short_derivative_is_the_one_of_the_decks(name: str) -> None:
    op = registry.make("activation", name, registry.parameters("activation", name))
    assert op.short_derivative == SHORT[name]


@each_activation
def test_no_short_derivative_is_longer_than_the_plain_one(op: Activation) -> None:
    assert op.short_derivative.count_ops() <= max(op.derivative.count_ops(), 3)
    assert not op.short_derivative.has(sp.exp) or op.derivative.count_ops() <= 3


def slope(op: Activation, z: float) -> float:
    array = np.array([[z]])
    return float(op.backward(np, np.ones((1, 1)), op.forward(np, array), array)[0][0, 0])


@each_activation
def test_at_a_kink_the_slope_is_the_one_that_is_told(op: Activation) -> None:
    for kink in op.kinks:
        assert slope(op, kink.at) == kink.used
        assert slope(op, kink.at - 1e-9) == pytest.approx(kink.left, abs=1e-8)
        assert slope(op, kink.at + 1e-9) == pytest.approx(kink.right, abs=1e-8)
        assert min(kink.left, kink.right) <= kink.used <= max(kink.left, kink.right)


@each_activation
def test_where_the_slope_jumps_a_kink_is_told(op: Activation) -> None:
    grid = np.linspace(-4, 4, 801)
    slopes = np.array([slope(op, z + 1e-9) for z in grid]) - np.array([slope(op, z - 1e-9) for z in grid])
    jumps = {round(float(z), 6) for z in grid[abs(slopes) > 1e-6]}
    assert jumps == {kink.at for kink in op.kinks if kink.left != kink.right}


@pytest.mark.parametrize(("name", "used"), [("relu", 0.0), ("leaky_relu", 1.0), ("elu", 1.0), ("step", 0.0)])
@pytest.mark.parametrize("parameter", [None, 0.25])
def test_the_slopes_at_kinks_are_those_of_the_file_format(name: str, used: float, parameter: float | None) -> None:
    values = registry.parameters("activation", name)
    if parameter is not None and "alpha" in values:
        values = {"alpha": parameter}
    op = registry.make("activation", name, values)
    assert slope(op, getattr(op, "threshold", 0.0)) == used


def by_torch(name: str, z: float, **parameters: float) -> float:
    leaf = oracle.tensor([z])
    oracle.ACTIVATIONS[name](leaf, **parameters).sum().backward()
    return float(leaf.grad[0])


def test_pytorch_takes_the_same_slope_at_the_kink_of_relu() -> None:
    assert by_torch("relu", 0.0) == 0.0


def test_pytorch_takes_the_left_slope_where_we_take_the_right_one() -> None:
    """The file format says 1 for leaky ReLU and ELU, PyTorch α. Both are subgradients, and the marker takes both."""
    assert by_torch("leaky_relu", 0.0, alpha=0.01) == pytest.approx(0.01)
    assert by_torch("elu", 0.0, alpha=0.5) == pytest.approx(0.5)


LOSS_KINKS = [("mae", 2.0, 2.0, 0.0), ("hinge", 1.0, 1.0, 0.0), ("hinge", -1.0, -1.0, 0.0), ("huber", 3.0, 2.0, 1.0)]


@pytest.mark.parametrize(("name", "y_hat", "y", "used"), LOSS_KINKS)
@pytest.mark.parametrize("xp", [np, strict], ids=["numpy", "strict"])
def test_losses_have_pytorchs_slope_at_their_kinks(name: str, y_hat: float, y: float, used: float, xp: Any) -> None:
    op = registry.make("loss", name, registry.parameters("loss", name))
    arrays = xp.asarray([[y_hat]]), xp.asarray([[y]])
    found = op.backward(xp, xp.asarray(1.0), op.forward(xp, *arrays), *arrays)[0]
    leaf = oracle.tensor([[y_hat]])
    oracle.cost(name, registry.parameters("loss", name), leaf, oracle.torch.tensor([[y]]).double()).backward()
    assert float(found[0, 0]) == float(leaf.grad[0, 0]) == used


BAD = [
    ("activation", "elu", {"alpha": 0.0}),
    ("activation", "elu", {"alpha": -1.0}),
    ("loss", "mse", {"scale": 0.0}),
    ("loss", "huber", {"delta": 0.0}),
    ("loss", "huber", {"delta": float("nan")}),
]


@pytest.mark.parametrize(("family", "name", "parameters"), BAD)
def test_parameters_out_of_their_domain_are_refused(family: str, name: str, parameters: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(parameters))):
        registry.make(family, name, parameters)


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        registry.register("activation")(registry.find("activation", "relu"))


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(LookupError, match=r"did you mean .sigmoid."):
        registry.find("activation", "sigmiod")


@pytest.mark.parametrize("name", registry.names("loss"))
def test_targets_that_a_loss_is_not_made_for_are_named(name: str) -> None:
    op = registry.make("loss", name, {})
    assert op.target_fault(np.eye(3)) is None or name == "hinge"
    if name in ("binary_cross_entropy", "categorical_cross_entropy", "hinge"):
        assert op.target_fault(np.array([[0.5, 2.0]]))
