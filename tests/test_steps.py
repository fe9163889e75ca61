"""Single steps: formula, numbers put in, result; one item each, in the problem's notation."""

from __future__ import annotations

from typing import Any

import pytest

from stepcalc.board.nodes import Equation
from stepcalc.board.text import text
from stepcalc.filling import MAX_TERMS
from stepcalc.steps import Scribe, Step
from tests.drawn import one_unit
from tests.printed import example, solved

DESCENT = {"type": "gradient_descent", "learning_rate": 0.1}


def line(equation: Equation | None) -> str:
    return "" if equation is None else text(equation, inline=True)


def scribe(name: str, sample: int | None = None) -> Scribe:
    return Scribe(example(name), sample)


def unit(*problem: Any, **more: Any) -> Scribe:
    return Scribe(solved(**one_unit(*problem, **more)))


def wide(inputs: int) -> Scribe:
    layer = {"type": "dense", "W": [[0.5] * inputs], "b": [1]}
    return Scribe(solved(loss="mse", data={"x": [1] * inputs, "y": 0}, layers=[layer], optimizer=DESCENT))


@pytest.mark.parametrize(
    ("item", "formula", "numbers", "value"),
    [
        ("z1[3]", "z₃⁽¹⁾ = w₃₁⁽¹⁾ x₁ + w₃₂⁽¹⁾ x₂ + w₃₃⁽¹⁾ x₃ + w₃₄⁽¹⁾ x₄ + b₃⁽¹⁾",
         "z₃⁽¹⁾ = 0.1(3) + 0.8(5) + 0.3(2) + 0.2(4) + 0.2 = 0.3 + 4 + 0.6 + 0.8 + 0.2 = 5.9", 5.9),
        ("y_hat[1]", "ŷ = σ(z⁽²⁾) = 1/(1 + e^(−z⁽²⁾))", "ŷ = 1/(1 + e^(−2.285)) ≈ 0.9076", 0.907634),
        ("a2[1]", "ŷ = σ(z⁽²⁾) = 1/(1 + e^(−z⁽²⁾))", "ŷ = 1/(1 + e^(−2.285)) ≈ 0.9076", 0.907634),
        ("L", "L = −y ln ŷ − (1 − y) ln(1 − ŷ)", "L = −ln(1 − 0.9076) = −ln 0.0924 ≈ 2.382", 2.381996),
    ],
)  # fmt: skip
def test_forward(item: str, formula: str, numbers: str, value: float) -> None:
    step = scribe("cookie").forward(item)
    assert (step.phase, line(step.formula), line(step.numbers)) == ("forward", formula, numbers)
    assert step.value == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize(
    ("item", "formula", "numbers", "rule"),
    [
        ("y_hat[1]", "∂L/∂ŷ = (ŷ − y)/(ŷ(1 − ŷ))", "∂L/∂ŷ = 1/(1 − 0.90763) ≈ 10.83", "derivative of the loss"),
        ("z2[1]", "∂L/∂z⁽²⁾ = ∂L/∂ŷ · ∂ŷ/∂z⁽²⁾ = ∂L/∂ŷ · ŷ(1 − ŷ)",
         "∂L/∂z⁽²⁾ = 10.826 · 0.90763(1 − 0.90763) ≈ 0.9076", "chain rule"),
        ("W2[1,1]", "∂L/∂w₁⁽²⁾ = ∂L/∂z⁽²⁾ · ∂z⁽²⁾/∂w₁⁽²⁾ = ∂L/∂z⁽²⁾ · a₁",
         "∂L/∂w₁⁽²⁾ = 0.90763 · 0.99005 ≈ 0.8986", "chain rule"),
        ("b2[1]", "∂L/∂b⁽²⁾ = ∂L/∂z⁽²⁾ · ∂z⁽²⁾/∂b⁽²⁾ = ∂L/∂z⁽²⁾", "∂L/∂b⁽²⁾ ≈ 0.9076", "chain rule"),
        ("a1[2]", "∂L/∂a₂ = ∂L/∂z⁽²⁾ · ∂z⁽²⁾/∂a₂ = ∂L/∂z⁽²⁾ · w₂⁽²⁾", "∂L/∂a₂ = 0.9076 · 0.5 = 0.4538", "chain rule"),
    ],
)  # fmt: skip
def test_backward(item: str, formula: str, numbers: str, rule: str) -> None:
    step = scribe("cookie").backward(item)
    assert (step.phase, step.rule) == ("backward", rule)
    assert (line(step.formula), line(step.numbers)) == (formula, numbers)


def test_the_sum_over_paths() -> None:
    step = scribe("multi_output").backward("a1[1]")
    assert step.rule == "chain rule, summed over all paths"
    assert line(step.formula).count("∂L/∂z") == 6
    assert line(step.numbers) == "∂L/∂a₁ = 0.3072 · 0.2 + (−0.4935) · 0.6 + 0.1863 · (−0.4) ≈ −0.3092"


def test_a_mini_batch_sums_over_its_samples() -> None:
    step = scribe("alien_mood").backward("W1[1,1]")
    assert line(step.numbers) == ("∂L/∂w₁ = −0.04561 · 3 + 0.06724 · 0 + 0.06724 · 1 + (−0.09439) · 2 ≈ −0.2584")


def test_a_sample_written_about_at_length_needs_no_mark() -> None:
    assert line(scribe("alien_mood").forward("z1[1]@1").formula) == "z[1] = w₁ x₁[1] + w₂ x₂[1] + b"
    assert line(scribe("alien_mood", 1).forward("z1[1]@1").formula) == "z = w₁ x₁ + w₂ x₂ + b"


def test_update() -> None:
    step = scribe("cookie").update("W2[1,1]")
    assert (step.item, step.phase, step.rule) == ("W2_new[1,1]", "update", "gradient descent")
    assert line(step.formula) == "w₁⁽²⁾ⁿᵉʷ = w₁⁽²⁾ − α(∂L/∂w₁⁽²⁾)"
    assert line(step.numbers) == "w₁⁽²⁾ⁿᵉʷ = 0.7 − 0.1(0.8986) ≈ 0.6101"
    assert step.value == pytest.approx(0.6101399)


def test_the_two_two_one_decks_update_keeps_its_sign() -> None:
    """Minus a negative gradient: the deck loses this sign."""
    step = scribe("two_two_one").update("W1[1,1]")
    assert line(step.numbers) == "w₁₁ⁿᵉʷ = 0.5 − 0.5(−0.05778) ≈ 0.5289"


def test_local_derivatives() -> None:
    writer = scribe("cookie")
    edge = writer.trace.derivation.locals("z2[1]")[0]
    step = writer.local(edge)
    assert line(step.formula) == "∂ŷ/∂z⁽²⁾ = ŷ(1 − ŷ)"
    assert line(step.numbers) == "∂ŷ/∂z⁽²⁾ = 0.907634(1 − 0.907634) ≈ 0.08383"


@pytest.mark.parametrize("z", [40, -40, 36.5, 700])
def test_the_slope_of_a_saturated_unit_keeps_its_digits(z: float) -> None:
    """ŷ(1 − ŷ) = e⁻ᶻ/(1 + e⁻ᶻ)², though ŷ itself is 1 in double precision."""
    import mpmath

    writer = unit("binary_cross_entropy", "sigmoid", z)
    step = writer.local(writer.trace.derivation.locals("z1[1]")[0])
    exact = mpmath.exp(-abs(z)) / (1 + mpmath.exp(-abs(z))) ** 2
    assert step.value == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize("y", [0, 1])
def test_what_no_double_holds_has_no_number(y: int) -> None:
    step = unit("binary_cross_entropy", "sigmoid", 800 * (1 - 2 * y), y=y).backward("y_hat[1]")
    assert step.value is None
    assert line(step.numbers) == "∂L/∂ŷ = too large"


def test_short_forms() -> None:
    assert line(short(scribe("cookie"), "z2[1]").numbers) == "∂L/∂z⁽²⁾ = 0.9076 − 0 = 0.9076"
    symbolic = scribe("two_two_one_symbolic")
    assert line(short(symbolic, "W1[1,1]").formula) == "∂L/∂w₁₁ = w₁ x₁ a₁(1 − a₁) (ŷ − y)"
    assert line(short(symbolic, "W2[1,1]").formula) == "∂L/∂w₁ = a₁(ŷ − y)"
    assert line(short(symbolic, "b1[2]").formula) == "∂L/∂b₂ = w₂ a₂(1 − a₂) (ŷ − y)"


def short(writer: Scribe, item: str) -> Step:
    step = writer.short(item)
    assert step is not None
    return step


def test_house_prices_have_their_half() -> None:
    formula = line(scribe("house_prices").cost_equation())
    assert formula.startswith("L = ")
    assert "Σₙ₌₁³ (ŷ[n] − y[n])²" in formula
    assert "1/3" in formula
    assert "1/2" in formula or "0.5" in formula


def test_symbols_where_there_are_no_numbers() -> None:
    step = scribe("two_two_one_symbolic").forward("z1[1]")
    assert step.numbers is None
    assert step.value is None
    assert line(step.formula) == "z₁ = x₁ w₁₁ + x₂ w₂₁ + b₁"


def test_long_sums_are_cut_short() -> None:
    step = wide(50).forward("z1[1]")
    assert "⋯" in line(step.formula)
    assert "⋯" in line(step.numbers)
    assert line(step.formula).count("+") < MAX_TERMS
    assert line(step.numbers).endswith("≈ 26") or line(step.numbers).endswith("= 26")


def test_the_parameter_whose_chain_is_written() -> None:
    assert scribe("cookie").chain_item == "W1[1,1]"
    fields = one_unit("mse", "linear", 2, y=1, sheet={"chain": "b1[1]"})
    assert Scribe(solved(**fields)).chain_item == "b1[1]"
    dead = {"type": "dense", "activation": "relu", "W": [[-1, -2], [1, 2]], "b": [0, 0]}
    last = {"type": "dense", "W": [[1, 1]]}
    fields = {"loss": "mse", "layers": [dead, last]}
    assert Scribe(solved(**fields, data={"x": [1, 2], "y": 0})).chain_item == "W1[1,1]"  # though its gradient is 0
    assert Scribe(solved(**fields, data={"x": [0, 2], "y": 0})).chain_item == "W1[1,2]"


def test_it_is_one_that_is_fed_where_its_chain_is_written() -> None:
    """In the sample written in full, and at the last step of a sequence; elsewhere is not enough."""
    dense = {"type": "dense", "W": [[1, 2]]}
    batch = {"x": [[0, 2], [3, 4]], "y": [0, 1]}
    assert Scribe(solved(loss="mse", layers=[dense], data=batch), sample=1).chain_item == "W1[1,2]"
    rnn = {"type": "rnn", "W_x": [[1, 2]], "W_h": [[1]]}
    sequence = {"x": [[3, 4], [0, 2]], "y": 0}
    assert Scribe(solved(loss="mse", layers=[rnn], data=sequence)).chain_item == "W_x1[1,2]"


def test_drawn_weights_are_printed_rounded_and_typed_ones_in_full() -> None:
    layer = {"type": "dense", "units": 1, "init": {"type": "normal", "seed": 5}}
    drawn = Scribe(solved(loss="mse", data={"x": [1.23456789], "y": 0}, layers=[layer]))
    assert not drawn.is_given("W1[1,1]")
    assert drawn.is_given("x[1]")
    assert "1.23456789" in line(drawn.forward("z1[1]").numbers)
    assert len(line(drawn.forward("z1[1]").numbers)) < 60


def test_expressions() -> None:
    writer = scribe("chain_rule")
    assert line(writer.forward("y").numbers) == "y = 3(2) − 2 = 6 − 2 = 4"
    assert line(writer.forward("z").numbers) == "z = 4² = 16"
    assert line(writer.backward("x").numbers) == "dz/dx = 8 · 3 = 24"


def test_numbers_that_are_known_are_put_in_beside_symbols() -> None:
    layers = [{"type": "dense", "units": 1}, {"type": "dense", "W": [[0.5]], "b": [0.1]}]
    scribe = Scribe(solved(loss="mse", data={"x": [2, 3], "y": 1}, layers=layers))
    first, second = scribe.forward("z1[1]").numbers, scribe.backward("a1[1]").numbers
    assert first is not None
    assert second is not None
    assert text(first) == "z⁽¹⁾ = w₁⁽¹⁾(2) + w₂⁽¹⁾(3) + b⁽¹⁾"
    assert text(second) == "∂L/∂a = ∂L/∂z⁽²⁾ · 0.5"
    assert scribe.forward("a1[1]").numbers is None
