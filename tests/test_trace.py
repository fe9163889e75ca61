"""The trace: what it holds, where it stops, what is carried; and expressions against mpmath."""

from __future__ import annotations

import json
import math
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import stepcalc
from stepcalc.sheet import render
from tests.networks import Fields, networks
from tests.test_decks import COOKIE, dense


def solved(**fields: Any) -> Any:
    return stepcalc.solve(stepcalc.Problem(**fields))


# ------------------------------------------------------------------------------------------ overflow


def complaint(**fields: Any) -> tuple[str, str]:
    with pytest.raises(stepcalc.NumberError) as found:
        solved(**fields)
    (fault,) = found.value.faults
    return fault.place, fault.message


LINEAR = {"loss": "mse", "layers": [dense([[1e200, 1e200], [0.0, 1e-200]], activation="linear")]}


def test_overflow_in_the_forward_pass_names_the_step() -> None:
    place, message = complaint(**LINEAR, data={"x": [0.0, 1e200], "y": [0, 0]})
    assert place == "z1[1]"
    assert "linear combination overflows" in message


def test_overflow_of_the_loss_names_the_loss() -> None:
    assert complaint(**LINEAR, data={"x": [1.0, 0.0], "y": [0, 0]})[0] == "L"


def test_overflow_in_a_mini_batch_names_the_sample() -> None:
    data = {"x": [[0.0, 0.0], [0.0, 1e200]], "y": [[0, 0], [0, 0]]}
    assert complaint(**LINEAR, data=data)[0] == "z1[1]@2"


def test_overflow_in_the_backward_pass_names_the_gradient() -> None:
    layers = [dense([[1e-200]], activation="linear")]
    place, message = complaint(loss="mse", data={"x": [1e200], "y": -1e150}, layers=layers)
    assert place == "dL/dW1[1,1]"
    assert "a derivative on the way is undefined or too large" in message


def test_a_loss_that_takes_logarithms_says_which_output_it_cannot_take() -> None:
    layers = [dense([[-3.0]], activation="linear")]
    place, message = complaint(loss="binary_cross_entropy", data={"x": [1.0], "y": 1}, layers=layers)
    assert place == "L"
    assert "outputs between 0 and 1; one of them is -3" in message


@pytest.mark.parametrize(
    ("x", "formula", "place"),
    [
        (1000, "exp(x)", "f"),
        (0, "ln(x)", "f"),
        (-1, "sqrt(x)", "f"),
        (0, "1/x", "f"),
        (0, "sqrt(x)", "df/dx"),
        (400, "exp(exp(x) - exp(x) + x)^2", "f"),
    ],
)
def test_expressions_that_have_no_number_name_the_step(x: float, formula: str, place: str) -> None:
    assert complaint(given={"x": x}, define={"f": formula})[0] == place


def test_a_run_that_leaves_the_numbers_stops_there() -> None:
    optimizer = {"type": "gradient_descent", "learning_rate": 10.0, "steps": 1000}
    trace = solved(
        loss="mse", data={"x": [10.0], "y": 1}, layers=[dense([[1.0]], activation="linear")], optimizer=optimizer
    )
    assert 2 <= len(trace.history) < 1001
    assert trace.stopped.startswith(f"update {len(trace.history)}: ")
    assert all(math.isfinite(cost) for cost in trace.history)
    assert np.isfinite(trace.final["W1"]).all()
    found = json.loads(render(trace, "json"))
    assert found["stopped"] == trace.stopped
    assert found["history"]["L"] == list(trace.history)


def test_a_run_that_ends_well_is_not_stopped() -> None:
    trace = solved(**COOKIE | {"optimizer": {"type": "gradient_descent", "learning_rate": 0.1, "steps": 5}})
    assert trace.stopped is None
    assert len(trace.history) == 6


def test_the_final_parameters_have_the_last_cost() -> None:
    trace = solved(**COOKIE | {"optimizer": {"type": "gradient_descent", "learning_rate": 0.1, "steps": 3}})
    layers = [
        {**layer, "W": trace.final[f"W{n}"].tolist(), "b": trace.final[f"b{n}"].tolist()}
        for n, layer in enumerate(COOKIE["layers"], 1)
    ]
    assert solved(**COOKIE | {"layers": layers}).value("L") == pytest.approx(trace.history[-1], rel=1e-14)


# ------------------------------------------------------------------------------- what has no number


def test_what_is_left_out_has_no_number() -> None:
    layers = [{"type": "dense", "activation": "sigmoid", "units": 2}, {"type": "dense", "units": 1}]
    trace = solved(loss="mse", data={"x": [1, 2]}, layers=layers)
    assert not trace.numeric
    assert set(trace.values) == {"x"}
    assert not trace.gradients
    assert trace.history == ()
    assert trace.value("z1[1]") is None
    with pytest.raises(LookupError):
        trace.value("z1[3]")


def test_as_much_as_has_a_number_is_calculated() -> None:
    layers = [dense([[1.0, 2.0]], [0.5]), {"type": "dense", "units": 1}]
    trace = solved(loss="mse", data={"x": [1, 2], "y": 1}, layers=layers)
    assert trace.value("z1[1]") == 5.5
    assert trace.value("L") is None


def test_a_learning_rate_that_is_a_symbol_makes_no_step() -> None:
    trace = solved(**COOKIE | {"optimizer": {"type": "gradient_descent"}})
    assert len(trace.history) == 1
    assert not trace.updated


# ---------------------------------------------------------------------------------------- rounding


ROUNDINGS = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "truncate": ROUND_DOWN}


@pytest.mark.parametrize("mode", ROUNDINGS)
@pytest.mark.parametrize("decimals", [2, 3, 5])
def test_carried_numbers_follow_from_the_printed_ones(mode: str, decimals: int) -> None:
    """The cookie by hand: every item from the printed values before it, each rounded in decimal arithmetic."""

    def printed(value: float) -> float:
        decimal = Decimal(f"{value:.14e}")
        found = decimal.quantize(Decimal(1).scaleb(-decimals), ROUNDINGS[mode])
        if not found and decimal:  # a number that is not 0 is never carried as 0
            place = decimal.adjusted()
            found = decimal.quantize(Decimal(1).scaleb(place), ROUNDINGS[mode])
        return float(found)

    trace = solved(**COOKIE, rounding={"decimals": decimals, "mode": mode, "carry": True})
    x, (w1, b1), (w2, b2) = COOKIE["data"]["x"], *((layer["W"], layer["b"]) for layer in COOKIE["layers"])
    z1 = [printed(sum(w * v for w, v in zip(row, x, strict=True)) + b) for row, b in zip(w1, b1, strict=True)]
    a1 = [printed(1 / (1 + math.exp(-z))) for z in z1]
    z2 = printed(sum(w * a for w, a in zip(w2[0], a1, strict=True)) + b2[0])
    y_hat = printed(1 / (1 + math.exp(-z2)))
    by_output = printed(1 / (1 - y_hat))
    by_z2 = printed(by_output * y_hat * (1 - y_hat))
    by_w2 = [printed(by_z2 * a) for a in a1]
    by_a1 = [printed(by_z2 * w) for w in w2[0]]
    by_z1 = [printed(g * a * (1 - a)) for g, a in zip(by_a1, a1, strict=True)]
    by_w1 = [[printed(g * v) for v in x] for g in by_z1]
    assert trace.values["z1"].tolist() == z1
    assert trace.values["a1"].tolist() == a1
    assert trace.values["z2"].tolist() == [z2]
    assert trace.values["y_hat"].tolist() == [y_hat]
    assert trace.value("L") == printed(-math.log(1 - y_hat))
    assert trace.gradients["y_hat"].tolist() == [by_output]
    assert trace.gradients["z2"].tolist() == [by_z2]
    assert trace.gradients["W2"].tolist() == [by_w2]
    assert trace.gradients["a1"].tolist() == by_a1
    assert trace.gradients["z1"].tolist() == by_z1
    assert trace.gradients["W1"].tolist() == by_w1
    assert trace.updated["W2"].tolist() == [[printed(w - 0.1 * g) for w, g in zip(w2[0], by_w2, strict=True)]]


@settings(max_examples=20)
@given(networks(), st.integers(2, 6), st.sampled_from(list(ROUNDINGS)), st.booleans())
def test_everything_carried_is_a_printed_number(fields: Fields, digits: int, mode: str, significant: bool) -> None:
    """The array path rounds as the scalar one does: rounding what is carried once more changes nothing."""
    rounding = {"significant" if significant else "decimals": digits, "mode": mode, "carry": True}
    try:
        trace = solved(**fields | {"rounding": rounding})
    except stepcalc.NumberError:  # ln 0, where the printed output is 1
        assume(False)
    given_names = {"x", "y", *trace.graph.parameters}
    for name, array in [*trace.values.items(), *trace.gradients.items(), *trace.updated.items()]:
        if name in given_names and array is trace.values.get(name):
            continue
        for value in np.ravel(array):
            if math.isfinite(value):
                assert trace.rounding.round(float(value)) == value


@settings(max_examples=12)
@given(networks())
def test_carried_to_fifteen_digits_nothing_changes(fields: Fields) -> None:
    """The formulas as printed are the formulas calculated: only rounding tells the two roads apart."""
    plain = solved(**fields)
    assume(np.all(np.abs(plain.values["y_hat"]) < 0.999) or not fields["loss"].__str__().count("cross"))
    carried = solved(**fields | {"rounding": {"significant": 15, "carry": True}})
    for name, array in plain.gradients.items():
        np.testing.assert_allclose(carried.gradients[name], array, rtol=1e-8, atol=1e-9)


# ------------------------------------------------------------------------------------- gradient check


def test_the_gradient_check_is_of_every_parameter() -> None:
    trace = solved(**COOKIE, gradient_check={"epsilon": 1e-5})
    check = trace.gradient_check
    assert set(check.central) == set(trace.graph.parameters)
    for name in check.central:
        np.testing.assert_allclose(check.central[name], trace.gradients[name], rtol=1e-5, atol=1e-9)
        np.testing.assert_allclose(check.forward[name], trace.gradients[name], rtol=1e-3, atol=1e-6)


def test_without_being_asked_for_there_is_no_check() -> None:
    assert solved(**COOKIE).gradient_check is None


# ----------------------------------------------------------------------------------------- expressions

UNARY: dict[str, tuple[str, Any]] = {
    "sin": ("sin({})", mp.sin),
    "cos": ("cos({})", mp.cos),
    "tan": ("tan({}/4)", lambda u: mp.tan(u / 4)),
    "tanh": ("tanh({})", mp.tanh),
    "exp": ("exp(-({})^2)", lambda u: mp.exp(-(u**2))),
    "ln": ("ln(1 + ({})^2)", lambda u: mp.log(1 + u**2)),
    "log": ("log(3 + sin({}))", lambda u: mp.log(3 + mp.sin(u))),
    "sqrt": ("sqrt(2 + cos({}))", lambda u: mp.sqrt(2 + mp.cos(u))),
    "abs": ("abs({})", abs),
    "sigmoid": ("sigmoid({})", lambda u: 1 / (1 + mp.exp(-u))),
    "softplus": ("softplus({})", lambda u: mp.log(1 + mp.exp(u))),
    "relu": ("relu({})", lambda u: max(u, mp.mpf(0))),
    "step": ("step({})", lambda u: mp.mpf(u >= 0)),
    "minus": ("-({})", lambda u: -u),
    "cube": ("({})^3", lambda u: u**3),
}
BINARY: dict[str, tuple[str, Any]] = {
    "+": ("({} + {})", lambda u, v: u + v),
    "-": ("({} - ({}))", lambda u, v: u - v),
    "*": ("({}) * ({})", lambda u, v: u * v),
    "/": ("({}) / (2 + ({})^2)", lambda u, v: u / (2 + v**2)),
    "^": ("(1 + ({})^2)^(sin({}))", lambda u, v: (1 + u**2) ** mp.sin(v)),
    "max": ("max({}, {})", max),
    "min": ("min({}, {})", min),
}

Tree = Any
leaves = st.sampled_from(["x", "v", "0.5", "2", "x*v"])
trees = st.recursive(
    leaves,
    lambda inner: (
        st.tuples(st.sampled_from(list(UNARY)), inner) | st.tuples(st.sampled_from(list(BINARY)), inner, inner)
    ),
    max_leaves=5,
)


def text_of(tree: Tree) -> str:
    if isinstance(tree, str):
        return tree
    name, *inner = tree
    return ({**UNARY, **BINARY}[name][0]).format(*map(text_of, inner))


def value_of(tree: Tree, x: Any, v: Any) -> Any:
    if isinstance(tree, str):
        return {"x": x, "v": v, "x*v": x * v}.get(tree) or mp.mpf(tree)
    name, *inner = tree
    return ({**UNARY, **BINARY}[name][1])(*(value_of(part, x, v) for part in inner))


@settings(max_examples=50)
@given(trees, st.floats(0.31, 2.13), st.floats(-1.87, -0.23))
def test_expressions_agree_with_mpmath(tree: Tree, x: float, v: float) -> None:
    assume({"x", "v"} & set(text_of(tree).replace("max", "").replace("exp", "")))
    try:
        trace = solved(given={"x": x, "v": v}, define={"f": text_of(tree)})
    except stepcalc.InputError as error:
        assume("depends on" not in str(error) and "not a finite" not in str(error))
        raise
    with mp.workdps(40):
        at = mp.mpf(x), mp.mpf(v)
        exact = value_of(tree, *at)
        assume(abs(exact) < 1e100)
        assert trace.value("f") == pytest.approx(float(exact), rel=1e-9, abs=1e-9)
        for slot, name in enumerate("xv"):
            if name not in trace.graph.parameters:
                continue
            h = mp.mpf(10) ** -12
            ends = [value_of(tree, *(n + sign * h * (i == slot) for i, n in enumerate(at))) for sign in (1, -1)]
            sides = [(end - exact) / (sign * h) for end, sign in zip(ends, (1, -1), strict=True)]
            assume(abs(sides[0] - sides[1]) < 1e-6 * (1 + abs(sides[0])))  # on a kink or a jump
            assert trace.value(f"df/d{name}") == pytest.approx(float((ends[0] - ends[1]) / (2 * h)), rel=1e-7, abs=1e-8)
