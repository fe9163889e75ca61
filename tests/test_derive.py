"""The derivation against the numbers: short forms, chains and sums over paths all come to the gradient."""

from __future__ import annotations

from math import prod
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import stepcalc
from stepcalc.calculus.functions import Named
from stepcalc.calculus.symbols import symbol
from stepcalc.derive import Branch, Chain, Local, Upstream
from stepcalc.trace import Trace
from tests.networks import Fields, networks


def number(trace: Trace, expression: sp.Expr) -> float:
    """``expression`` with the trace's numbers for the items in it, and the slopes that have a name written out."""
    plain = expression.xreplace(trace.derivation.slopes)
    items = {s: trace.value(s.name) for s in plain.free_symbols}
    assert None not in items.values(), expression
    known = plain.xreplace({s: sp.Float(value, 30) for s, value in items.items()})
    return float(known.replace(lambda e: isinstance(e, Named), lambda e: e.definition(e.args[0])))


def of_chain(trace: Trace, chain: Chain) -> float:
    return prod(of_factor(trace, factor) for factor in chain.factors)


def of_factor(trace: Trace, factor: Local | Branch | Upstream) -> float:
    if isinstance(factor, Local):
        return number(trace, factor.short)
    if isinstance(factor, Upstream):
        found = trace.value(f"dL/d{factor.item}")
        assert found is not None
        return found
    return sum(of_chain(trace, path) for path in factor.paths)


def close(expected: float | None) -> Any:
    assert expected is not None
    return pytest.approx(expected, rel=1e-9, abs=1e-12)


@settings(max_examples=20)
@given(networks(max_layers=3, max_width=3), st.integers(0, 10**6))
def test_derivations_come_to_the_gradient(fields: Fields, choice: int) -> None:
    trace = stepcalc.solve(stepcalc.Problem(**fields))
    derivation = trace.derivation
    names = [name for name in trace.graph.quantities if name in trace.graph.differentiable - {"L"}]
    items = [item for name in names for item in trace.graph.items(name)]
    item = items[choice % len(items)]
    expected = trace.value(f"dL/d{item}")
    gradient = derivation.gradient(item)
    assert number(trace, gradient.through) == close(expected)
    if gradient.short is not None:
        assert number(trace, gradient.short) == close(expected)
    sample = trace.graph.locate(item)[2]
    samples = [sample] if sample is not None else trace.graph.sample_numbers("x")
    chains = [derivation.chain(item, n) for n in samples]
    assert sum(of_chain(trace, chain) for chain in chains) == close(expected)
    known = [chain.product for chain in chains if chain.product is not None]
    if len(known) == len(chains):
        assert sum(number(trace, product.short) for product in known) == close(expected)


@settings(max_examples=12)
@given(networks(max_layers=2, max_width=3), st.integers(0, 10**6))
def test_every_definition_has_the_value_of_its_item(fields: Fields, choice: int) -> None:
    trace = stepcalc.solve(stepcalc.Problem(**fields))
    items = [item for name, q in trace.graph.quantities.items() if q.op is not None for item in trace.graph.items(name)]
    item = items[choice % len(items)]
    assert number(trace, trace.derivation.define(item)) == close(trace.value(item))


def two_two_one(**changes: Any) -> Any:
    layers = [
        {"type": "dense", "activation": "sigmoid", "units": 2},
        {"type": "dense", "activation": "sigmoid", "units": 1},
    ]
    return stepcalc.solve(
        stepcalc.Problem(**{"loss": "binary_cross_entropy", "data": {"inputs": 2}, "layers": layers, **changes})
    )


def items(*names: str) -> tuple[sp.Symbol, ...]:
    return tuple(symbol(name) for name in names)


def test_the_short_form_of_the_deck() -> None:
    """∂L/∂w₁₁ = (ŷ − y) · w₁ · a₁(1 − a₁) · x₁, and each factor is seen in the chain."""
    derivation = two_two_one().derivation
    y_hat, y, w, a, x = items("y_hat[1]", "y[1]", "W2[1,1]", "a1[1]", "x[1]")
    short = derivation.short("W1[1,1]")
    assert sp.expand(short - (y_hat - y) * w * a * (1 - a) * x) == 0
    assert set(sp.Mul.make_args(short)) == {y_hat - y, w, a, 1 - a, x}
    chain = derivation.chain("W1[1,1]")
    assert [(f.child, f.parent) for f in chain.factors] == [
        ("z1[1]", "W1[1,1]"),
        ("a1[1]", "z1[1]"),
        ("z2[1]", "a1[1]"),
        ("y_hat[1]", "z2[1]"),
        ("L", "y_hat[1]"),
    ]
    assert [
        sp.simplify(f.short - e)
        for f, e in zip(
            chain.factors, [x, a * (1 - a), w, y_hat * (1 - y_hat), (y_hat - y) / (y_hat * (1 - y_hat))], strict=True
        )
    ] == [0] * 5


@pytest.mark.parametrize(
    ("activation", "loss", "short"),
    [
        ("sigmoid", "binary_cross_entropy", "y_hat - y"),
        ("linear", {"type": "mse", "scale": 0.5}, "y_hat - y"),
        ("linear", "mse", "2*(y_hat - y)"),
        ("sigmoid", {"type": "mse", "scale": 0.5}, "(y_hat - y)*y_hat*(1 - y_hat)"),
        ("tanh", {"type": "mse", "scale": 0.5}, "(y_hat - y)*(1 - y_hat**2)"),
    ],
)
def test_cancellations_at_the_output(activation: str, loss: Any, short: str) -> None:
    layer = {"type": "dense", "activation": activation, "units": 1}
    derivation = two_two_one(layers=[layer], loss=loss).derivation
    y_hat, y = items("y_hat[1]", "y[1]")
    wanted = {
        "y_hat - y": y_hat - y,
        "2*(y_hat - y)": 2 * (y_hat - y),
        "(y_hat - y)*y_hat*(1 - y_hat)": (y_hat - y) * y_hat * (1 - y_hat),
        "(y_hat - y)*(1 - y_hat**2)": (y_hat - y) * (1 - y_hat**2),
    }[short]
    found = derivation.short("z1[1]")
    assert sp.expand(found - wanted) == 0
    assert found.count_ops() <= wanted.count_ops() + 2


def test_softmax_with_cross_entropy_comes_to_y_hat_minus_y() -> None:
    layer = {"type": "dense", "activation": "softmax", "units": 3}
    derivation = two_two_one(layers=[layer], loss="categorical_cross_entropy").derivation
    for k in (1, 2, 3):
        y_hat, y = items(f"y_hat[{k}]", f"y[{k}]")
        assert derivation.short(f"z1[{k}]") == y_hat - y


def test_where_too_many_paths_meet_no_long_form_is_given() -> None:
    layers = [{"type": "dense", "activation": "tanh", "units": 4} for _ in range(3)]
    derivation = two_two_one(layers=[*layers, {"type": "dense", "units": 1}], loss="mse").derivation
    assert derivation.gradient("W1[1,1]").short is None
    assert isinstance(derivation.chain("W1[1,1]").factors[-1], Upstream)
    assert derivation.gradient("W4[1,1]").short is not None


def test_local_derivatives_of_the_same_shape_are_found_once() -> None:
    from stepcalc.calculus.parts import _differentiate_shape

    _differentiate_shape.cache_clear()
    layers = [{"type": "dense", "activation": "sigmoid", "units": 30} for _ in range(2)]
    derivation = two_two_one(layers=layers).derivation
    for unit in range(1, 31):
        derivation.gradient(f"W1[{unit},1]")
    assert _differentiate_shape.cache_info().misses < 20


def test_the_derivation_is_the_same_every_time() -> None:
    forms = [sp.srepr(two_two_one().derivation.gradient("W1[2,1]").through) for _ in range(2)]
    assert forms[0] == forms[1]


LOGISTIC_REGRESSION = {
    "given": {"x": 0.5, "y": 1, "w": 0.2},
    "define": {"z": "w*x", "p": "sigmoid(z)", "L": "-(y*ln(p) + (1-y)*ln(1-p))"},
    "differentiate": {"wrt": ["w"]},
}


def test_a_sigmoid_of_the_users_own_cancels_against_the_loss() -> None:
    trace = stepcalc.solve(stepcalc.Problem(**LOGISTIC_REGRESSION))
    p, x, y = map(symbol, "pxy")
    assert trace.derivation.short("z") == p - y
    assert trace.derivation.short("w") == (p - y) * x


def test_a_result_is_written_by_the_sign_of_the_sigmoid_itself() -> None:
    fields = {"given": {"z": 1}, "define": {"s": "1/(1 + exp(-z))"}}
    (edge,) = stepcalc.solve(stepcalc.Problem(**fields)).derivation.locals("z")
    assert symbol("s") not in edge.cases.free_symbols
