"""Formulas as students type them: read in the symbols of the sheet, or refused with the place and the reason."""

from __future__ import annotations

import math
import random
import time
from functools import cache
from itertools import islice

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from stepcalc.board.latex import latex
from stepcalc.board.text import text
from stepcalc.calculus.evaluate import evaluate
from stepcalc.calculus.functions import is_link, is_slope, link, sigmoid, slope
from stepcalc.calculus.symbols import symbol
from stepcalc.calculus.syntax import Refused
from stepcalc.calculus.to_board import to_board
from stepcalc.items import derivative_id
from stepcalc.notation import LEARNING_RATE, Notation, setting
from stepcalc.trace import Trace
from stepcalc.typed.form import called, is_factored
from stepcalc.typed.formulas import Formula, read_formula
from stepcalc.typed.names import Names
from tests.printed import FILES, example

SOLVED = [path.stem for path in FILES if "[table]" not in path.read_text(encoding="utf-8")]
"""The worked examples, but for reference tables."""


def solution(name: str) -> Trace:
    trace = example(name)
    assert isinstance(trace, Trace)
    return trace


@cache
def names(name: str) -> Names:
    trace = solution(name)
    return Names(Notation(trace.graph, trace.problem, optimizer=trace.optimizer))


def read(raw: str, problem: str = "two_two_one") -> sp.Expr:
    return read_formula(raw, names(problem)).expression


def refused(raw: str, problem: str = "two_two_one") -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        read_formula(raw, names(problem))
    return caught.value.offset, caught.value.message


x1, x2, w1, w2, w11, a1, a2, z1, z, y, y_hat = (
    symbol(item)
    for item in (
        "x[1]", "x[2]", "W2[1,1]", "W2[2,1]", "W1[1,1]", "a1[1]", "a1[2]", "z1[1]", "z2[1]", "y[1]", "y_hat[1]",
    )
)  # fmt: skip
delta = symbol("dL/dz1[1]")
alpha = symbol(LEARNING_RATE)
by_hand = -x1 * w1 * a1 * (1 - a1) * (y - y_hat)

GOOD = [
    (r"-x_1 w_1 a_1 (1-a_1)(y-\hat y)", by_hand),
    ("−x1*w1*a1*(1−a1)*(y−ŷ)", by_hand),
    ("-x1w1a1(1-a1)(y-yhat)", by_hand),
    ("-x_1·w_1·a_1·(1-a_1)·(y-y_hat)", by_hand),
    ("(ŷ − y) w₁ x₁ a₁(1 − a₁)", by_hand),
    (r"$\left(\hat{y} - y\right) \cdot w_{1} \times x_{1} \, a_{1} \left[ 1 - a_{1} \right]$", by_hand),
    ("-x[1]*W2[1,1]*a1[1]*(1 - a1[1])*(y[1] - y_hat[1])", by_hand),
    ("∂L/∂w_11 = (ŷ-y) w_1 x_1 a_1 (1-a_1)", by_hand),
    ("= (y\u0302-y)w_1x_1a_1(1-a_1)", by_hand),
    ("dL/dz1[1] x_1", delta * x1),
    ("dL_dz1_1*x_1", delta * x1),
    ("∂L/∂z₁·x₁", delta * x1),
    (r"\frac{\partial L}{\partial z_1} x_1", delta * x1),
    (r"\dfrac{\mathrm{d} L}{\mathrm{d} z_{1}} x_1", delta * x1),
    (r"\partial J / \partial z_1 \cdot x_1", delta * x1),
    ("dL/dz_1*x_1", delta * x1),
    (r"w_{11} - \alpha \frac{\partial L}{\partial w_{11}}", w11 - alpha * symbol("dL/dW1[1,1]")),
    ("w11 - alpha*dL/dw11", w11 - alpha * symbol("dL/dW1[1,1]")),
    ("w_11 - η ∂L/∂w_11", w11 - alpha * symbol("dL/dW1[1,1]")),
    ("W_{11} - learning_rate dL/dW1[1,1]", w11 - alpha * symbol("dL/dW1[1,1]")),
    ("∂L/∂ŷ ∂ŷ/∂z a_1", symbol("dL/dy_hat[1]") * link(y_hat, z) * a1),
    ("h_1", a1),
    ("a_2 w_2", a2 * w2),
    ("a2w2", a2 * w2),
    ("a_1^2 + a_1² + a_1**2", 3 * a1**2),
    ("w_1^{new}", symbol("W2_new[1,1]")),
    ("e^{-z}", sp.exp(-z)),
    ("e⁻¹", sp.exp(-1)),
    ("1/(1+e^{-z_1})", 1 / (1 + sp.exp(-z1))),
    (r"\frac{1}{1+e^{-z_1}}", 1 / (1 + sp.exp(-z1))),
    (r"\sigma(z_1)(1-\sigma(z_1))", sigmoid(z1) * (1 - sigmoid(z1))),
    ("σ(z1)·(1−σ(z1))", sigmoid(z1) * (1 - sigmoid(z1))),
    ("sigmoid(z1[1])*(1 - sigmoid(z1[1]))", sigmoid(z1) * (1 - sigmoid(z1))),
    (r"\sigma'(z_1)", sigmoid(z1) * (1 - sigmoid(z1))),
    (r"\sigma^\prime(z_1)", sigmoid(z1) * (1 - sigmoid(z1))),
    ("tanh′(z_1)", 1 - sp.tanh(z1) ** 2),
    (r"1 - \tanh^2(z_1)", 1 - sp.tanh(z1) ** 2),
    ("ReLU'(z_1)", slope("ReLU", z1)),
    (r"-y\ln\hat y - (1-y)\ln(1-\hat y)", -y * sp.log(y_hat) - (1 - y) * sp.log(1 - y_hat)),
    ("-log(ŷ)", -sp.log(y_hat)),
    ("1/2(y-ŷ)^2", (y - y_hat) ** 2 / 2),
    ("½(y-ŷ)²", (y - y_hat) ** 2 / 2),
    ("0,5(y-ŷ)^2", (y - y_hat) ** 2 / 2),
    (r"\frac12 (y-\hat{y})^2", (y - y_hat) ** 2 / 2),
    (r"\sqrt{x_1} + √x_2 + sqrt(x_1 x_2)", sp.sqrt(x1) + sp.sqrt(x2) + sp.sqrt(x1 * x2)),
    ("√σ(z_1)", sp.sqrt(sigmoid(z1))),
    ("w_(1,1)", w11),
    ("|y - ŷ|", sp.Abs(y - y_hat)),
    ("x_1|y - ŷ|x_2", x1 * sp.Abs(y - y_hat) * x2),
    ("max(0, z_1)", sp.Max(0, z1)),
    (r"\operatorname{sgn}(\hat{y} - y) x_1", sp.sign(y_hat - y) * x1),
    ("sgn(-3)*sgn(0.5)*x_1 + sgn(0)", -x1),
    ("LeakyReLU'(z_1)", slope("LeakyReLU", z1)),
    ("(ŷ-y)/(ŷ(1-ŷ))", (y_hat - y) / (y_hat * (1 - y_hat))),
    ("a_1x_1^2w_1", a1 * x1**2 * w1),
    ("-a_1^2", -(a1**2)),
    ("2^-a_1", 2**-a1),
    ("w_1\u00a0x_1", w1 * x1),
]

BAD = [
    ("q_1 + 1", 0, 'unknown name "q_1"; did you mean "z_1"?'),
    ("z_1 + 1 = 2", None, None),
    ("x_1 + w_13", 6, 'unknown name "w_13"; did you mean "w_1"?'),
    ("x_3", 0, 'unknown name "x_3"; did you mean "x_2"?'),
    ("z1[5]", 0, 'unknown name "z1[5]"; did you mean "z1[2]"?'),
    ("w_1[2]", 0, None),
    ("sigmod(z_1)", 0, 'unknown name "sigmod"'),
    ("z2", 0, '"z2" may be z2[1] or z1[2]'),
    ("b2", 0, '"b2" may be b2[1] or b1[2]'),
    ("a", 0, None),
    ("∂z_1/∂ŷ", 0, "∂z1[1]/∂y_hat[1] is none of the derivatives here"),
    (r"\partial q", 0, None),
    ("ŷ-y/ŷ(1-ŷ)", 6, "above or below the fraction line? a/b c is written (a/b)*c or a/(b*c)"),
    ("ln x_1 x_2", 7, "is this what the function is taken of, or times it? parentheses would tell"),
    ("ln x_1^2", 6, "a power of the function or of what it is taken of? parentheses would tell"),
    ("ln x_1/x_2", 6, "over what: the function or what it is taken of? parentheses would tell"),
    ("x_1 2", 4, 'an operator is missing before "2"'),
    ("a_1(1-a_1", 9, 'it ends too early; a ")" is missing'),
    ("a_1 +", 5, "it ends too early"),
    ("y = 3 = 4", 2, '"=" does not belong here'),
    ("y ≈ 3", 2, '"≈" does not belong here'),
    ("x_1^1001", 3, "the exponent is 1001, more than 1000"),
    ("((x_1^5)^5)^5", -1, "the powers come to more than 100"),
    ("9^9^9^9", 3, "the exponent is 387420489, more than 1000"),
    ("x_1/(1 - 1)", 3, "divides by 0"),
    ("ln(0) x_1", 0, "ln of 0: the logarithm needs a number above 0"),
    ("ELU(z_1)", 0, None),
    ("sgn'(z_1)", 0, "the derivative of sgn has to be written out"),
    ("max'(0, z_1)", 0, "the derivative of max has to be written out"),
    ("σ'(1e300)", 0, "the derivative of sigmoid at a number has to be written out"),
    ("x_1__class__", 0, None),
    ('__import__("os")', 0, None),
    ("x_1.real", 3, '"." does not belong here'),
    ("lambda: 0", 0, None),
    ("<script>", 0, '"<" does not belong here'),
    ("(" * 100_000, -1, "100,000 characters long, more than 2,000"),
    ("(" * 1000, 60, "nested more than 60 deep"),
    ("{" * 1000, 60, "nested more than 60 deep"),
    ("e^" * 500 + "x_1", None, None),
    ("x" * 10**6 + " = 1", -1, "1,000,004 characters long, more than 2,000"),
    ("x" * 2000, 0, None),
    ("w_" * 1000, 0, None),
    ("w_1" * 600, -1, "the powers come to more than 100"),
    ("a_" + "a" * 1900, 0, None),
    ("\\hat{" * 300, 0, None),
    ("dL/d" * 500, None, None),
    ("∂L/∂z_1[" * 200, None, None),
    ("z1[" + "1," * 900 + "1]", 0, None),
    ("x_{" * 600, 0, None),
    ("x_1" * 10**6, -1, "3,000,000 characters long, more than 2,000"),
    ("", -1, "an empty expression"),
]


@pytest.mark.parametrize(("raw", "meant"), GOOD, ids=[raw for raw, _ in GOOD])
def test_what_students_type_is_read(raw: str, meant: sp.Expr) -> None:
    assert equal(read(raw), meant)


@pytest.mark.parametrize(("raw", "offset", "message"), BAD, ids=[raw[:20] for raw, *_ in BAD])
def test_what_cannot_be_read_says_where_and_why(raw: str, offset: int | None, message: str | None) -> None:
    names("two_two_one").unknown("q", 0)  # looks for what is near once
    started = time.process_time()
    found, told = refused(raw)
    assert time.process_time() - started < 0.5
    assert offset is None or found == offset
    assert message is None or told == message
    assert 0 < len(told) < 120


@pytest.mark.parametrize(
    ("problem", "raw", "item"),
    [
        ("cookie", "w_{11}^{(1)}", "W1[1,1]"),
        ("cookie", "w^{(1)}_{11}", "W1[1,1]"),
        ("cookie", "w^1_{11}", "W1[1,1]"),
        ("cookie", "w₁₁⁽¹⁾", "W1[1,1]"),
        ("cookie", "w11^(1)", "W1[1,1]"),
        ("cookie", "W_{1,1}^{[1]}", "W1[1,1]"),
        ("cookie", "w_34", "W1[3,4]"),
        ("cookie", "w_3^(2)", "W2[1,3]"),
        ("cookie", "w_{13}^{(2)}", "W2[1,3]"),
        ("cookie", "W2[3]", "W2[1,3]"),
        ("cookie", "W2_3", "W2[1,3]"),
        ("cookie", "z2", "z2[1]"),
        ("cookie", "z^{(2)}_1", "z2[1]"),
        ("cookie", "a2", "a1[2]"),
        ("cookie", "a^(2)", "y_hat[1]"),
        ("cookie", "a2[1]", "y_hat[1]"),
        ("cookie", "J", "L"),
        ("matrix_deck", "h_1[1]", "a1[1]@1"),
        ("matrix_deck", "h_1^{[1]}", "a1[1]@1"),
        ("matrix_deck", "a1[1]@1", "a1[1]@1"),
        ("matrix_deck", r"z_{1}^{(1)\text{{[}}2\text{{]}}}", "z1[1]@2"),
        ("matrix_deck", "z⁽¹⁾₁[2]", "z1[1]@2"),
        ("rnn", "wₕ", "W_h1[1,1]"),
        ("rnn", "w_h", "W_h1[1,1]"),
        ("rnn", "h_3", "h1[3,1]"),
        ("lstm", "z_{f,2}", "zf1[2,1]"),
        ("lstm", "z_f2", "zf1[2,1]"),
        ("adam", r"\beta_1", setting("beta1")),
        ("adam", "beta1", setting("beta1")),
        ("adam", "β₂", setting("beta2")),
        ("adam", "epsilon", setting("epsilon")),
        ("momentum", "μ", setting("momentum")),
        ("adam", "W1_v[1,2]", "W1_v[1,2]"),
        ("newton", "dJ/dx", "dJ/dx"),
        ("newton", "d2J/dx/dy", "d2J/dx/dy"),
    ],
)
def test_one_item_in_many_spellings(problem: str, raw: str, item: str) -> None:
    assert read(raw, problem) == symbol(item)


@pytest.mark.parametrize(
    ("problem", "raw", "told"),
    [
        ("cookie", "w_11", '"w_11" may be w_11^(1) or w_1^(2)'),
        ("cookie", "z_2", '"z_2" may be z_2^(1) or z^(2)'),
        ("cookie", "b_1", '"b_1" may be b_1^(1) or b^(2)'),
        ("matrix_deck", "h_1", '"h_1" of which sample? that of the first one is typed h_1[1]'),
    ],
)
def test_a_symbol_that_leaves_open_which_is_refused(problem: str, raw: str, told: str) -> None:
    assert refused(raw, problem) == (0, told)


@pytest.mark.parametrize(
    "raw",
    [
        "cos(sqrt(7/3*123456789*y))*step(123456789)^10/softplus(1e300 + 1e3)*1e300",
        "sin(min(tan(sigmoid(1e300)), z_1)*min(cos(sin(x_1)) - y, y))",
        "step(sigmoid(1e9) - 1) x_1",
        "sqrt(123456789123456789123456789) x_1",
        "(sqrt(2) + sqrt(3))^20 - x_1",
        "x_1^(1/3)^(1/7)^(1/9)",
        "ln(tanh((x_1+x_2+w_1+w_2+a_1+a_2+z_1+y)^50*x_1))",
        "sqrt(tan'((x_1+x_2+w_1+w_2+a_1+a_2+z_1+y)^20*x_1)/tanh((x_1-1e300)^10 z_1))",
        "|(x_1+x_2+w_1+w_2+a_1+a_2+z_1+y)^50*x_1 - 1|^0.5",
    ],
)
def test_what_algebra_could_take_long_over_is_quick(raw: str) -> None:
    started = time.process_time()
    found = either(raw)
    assert time.process_time() - started < 2
    assert isinstance(found, Formula), found


def items_of(trace: Trace) -> list[str]:
    """The scalars that have a derivative, in order; of a large example the first ones of each array."""
    graph = trace.graph
    return [item for name in graph.quantities if name in graph.differentiable for item in islice(graph.items(name), 3)]


def equal(one: sp.Expr, other: sp.Expr) -> bool:
    """Whether two expressions are the same function, by their values at random points."""
    opaque = {part: sp.Dummy(positive=True) for part in one.atoms(sp.Function) if is_slope(part) or is_link(part)}
    one, other = one.xreplace(opaque), other.xreplace(opaque)
    drawn = random.Random(1)
    for _ in range(2):
        free = sorted(one.free_symbols | other.free_symbols, key=str)
        point = {part: sp.Float(drawn.uniform(0.1, 0.9)) for part in free}
        if abs(one.xreplace(point).evalf() - other.xreplace(point).evalf()) > 1e-12:
            return False
    return True


@pytest.mark.parametrize("problem", SOLVED)
def test_what_a_sheet_prints_can_be_typed(problem: str) -> None:
    trace = solution(problem)
    known = names(problem)
    for item in items_of(trace):
        short = trace.derivation.short(item)
        for expression in (symbol(item), *(() if short is None else (short,))):
            node = known.notation.dress(to_board(expression))
            for typed in (latex(node), latex(node, inline=True), text(node), f"${latex(node)}$"):
                formula = read_formula(typed, known)
                assert equal(formula.expression, expression), typed


@pytest.mark.parametrize("problem", SOLVED)
def test_the_typed_form_of_an_item_and_its_id_mean_the_item(problem: str) -> None:
    trace = solution(problem)
    known, graph = names(problem), trace.graph
    for item in items_of(trace):
        gradient = [derivative_id(graph.cost, item)] * (item != graph.cost)
        for spelled in (item, *gradient):
            assert read(spelled, problem) == symbol(known.own(spelled))
            assert read(known.typed(spelled), problem) == symbol(known.own(spelled))


def test_the_typed_form_is_the_printed_symbol() -> None:
    typed = names("cookie").typed
    items = ("W1[1,2]", "W2[1,3]", "z2[1]", "y_hat[1]", "a1[2]", "L", "dL/dW1[1,2]", "W1_new[1,2]")
    assert [*map(typed, items)] == [
        "w_12^(1)", "w_3^(2)", "z^(2)", "y_hat", "a_2", "L", "dL/dw_12^(1)", "w_12^{(1)new}",
    ]  # fmt: skip


def formula(raw: str) -> Formula:
    return read_formula(raw, names("two_two_one"))


@pytest.mark.parametrize(
    ("raw", "factored"),
    [
        ("x_1(ŷ-y)", True),
        ("-(ŷ-y)x_1", True),
        ("(ŷ-y)/(ŷ(1-ŷ))", True),
        ("1/(1+e^{-z})", True),
        ("2(ŷ-y)", False),
        ("ŷ-y", False),
        ("-(ŷ-y)", False),
        ("((ŷ-y))/2", False),
        (r"\frac{x_1 ŷ - x_1 y}{2}", False),
        ("(ŷ-y)^2", True),
        ("x_1", True),
        ("3", True),
        ("σ(z)", True),
    ],
)
def test_whether_it_is_factored_is_told_by_what_was_typed(raw: str, factored: bool) -> None:
    assert is_factored(formula(raw).tree) is factored


def test_what_was_typed_is_not_worked_on() -> None:
    assert read("e^{-z}") == sp.exp(-z, evaluate=False)
    assert len(read("x_1 + x_1 - x_1").args) == 3
    assert read("ln(e^(z_1))").func is sp.log


def test_a_decimal_mark_that_is_said_is_the_only_one() -> None:
    known = names("two_two_one")
    assert read_formula("1,234x_1", known, ",").expression.doit() == sp.Rational("1.234") * x1
    assert read_formula("max(0.5,z_1)", known, ".").expression.doit() == sp.Max(sp.Rational(1, 2), z1)
    for raw, decimal in (("0,5x_1", "."), ("0.5x_1", ","), ("1,234x_1", "auto")):
        with pytest.raises(Refused):
            read_formula(raw, known, decimal)  # type: ignore[arg-type]


def test_a_formula_tells_its_names_and_functions() -> None:
    read = formula("x_1 σ'(z_1) exp(-a_1) + x_1 - alpha")
    assert read.names == ("x[1]", "z1[1]", "a1[1]", LEARNING_RATE)
    assert called(read.tree) == {"sigmoid'", "exp"}


Built = tuple[str, float]
POINT = {"x_1": 0.7, r"\hat y": 0.4, "w_{11}": -0.6, "a_1": 0.9, "z_1": 1.3, "∂L/∂z_1": -0.2, "y": 0.25}
AT = dict(zip((x1, y_hat, w11, a1, z1, delta, y), POINT.values(), strict=True))


def joined(parts: list[Built]) -> st.SearchStrategy[Built]:
    """Sums, products with and without a sign, quotients and powers of parts, each with its value."""
    (one, p), (other, q) = parts
    quotients = [(f"({one})/({other})", p / q), (rf"\frac{{{one}}}{{{other}}}", p / q)] if abs(q) > 1e-6 else []
    return st.sampled_from(
        [
            (f"({one} + {other})", p + q),
            (f"({one}-{other})", p - q),
            (f"[{one} − {other}]", p - q),
            (f"({one})({other})", p * q),
            (f"({one}) · {other}", p * q),
            (rf"{{{one}}} \cdot \left({other}\right)", p * q),
            (f"2({one})", 2 * p),
            *quotients,
            (f"(-({one}))", -p),
            (f"({one})²", p * p),
            (f"({one})^2", p * p),
            (f"σ({one})", 1 / (1 + math.exp(-p))),
            (rf"\tanh\left({one}\right)", math.tanh(p)),
            (f"e^{{-σ({one})}}", math.exp(-1 / (1 + math.exp(-p)))),
            (f"|{one}|", abs(p)),
            (rf"\sqrt{{({one})^2}}", abs(p)),
            (f"max({one}; {other})", max(p, q)),
        ]
    )


LEAVES = st.sampled_from([*POINT.items(), ("3", 3.0), ("0,5", 0.5), ("0.25", 0.25), ("½", 0.5)])
BUILT = st.recursive(
    LEAVES.map(lambda leaf: (leaf[0], leaf[1])),
    lambda parts: st.lists(parts, min_size=2, max_size=2).flatmap(joined),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(BUILT)
def test_a_formula_has_the_value_that_was_meant(case: Built) -> None:
    raw, value = case
    found = evaluate(formula(raw).expression, {part: np.full(2, at) for part, at in AT.items()}, np)
    assert np.broadcast_to(found, 2) == pytest.approx(value, rel=1e-9, abs=1e-9)


PIECES = st.sampled_from(
    [*"0123456789.,+-*/^()[]{}|_'=$\\ ", "x_1", "w_{11}", "a1", "\\hat y", "ŷ", "∂L/∂z_1", "\\frac{", "}{", "\\sqrt{",
     "\\partial ", "dL/d", "σ(", "\\ln ", "e^{-", "ReLU'(", "\\left(", "\\right)", "½", "²", "⁻¹", "₁", "⁽¹⁾", "max(",
     "alpha", "z1[1]", "^{(1)}", "\\cdot", "@1", "#2", "_new", "_hat", "\u0302", "\u200b", "\ud800"]
)  # fmt: skip


def either(raw: str) -> Formula | Refused:
    try:
        return formula(raw)
    except Refused as told:
        return told


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=40))
def test_nothing_typed_breaks_the_reader(raw: str) -> None:
    started = time.process_time()
    found = either(raw)
    if isinstance(found, Refused):
        assert (found.offset <= len(raw), bool(found.message)) == (True, True)
    else:
        assert not found.expression.has(sp.nan, sp.zoo, sp.oo)
    assert time.process_time() - started < 1.5
