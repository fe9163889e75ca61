"""Short forms, cancellations and the sum over classes."""

from __future__ import annotations

import time

import pytest
import sympy as sp

from stepcalc.calculus.algebra import Field, TooLarge
from stepcalc.calculus.functions import sigmoid, softplus
from stepcalc.calculus.prove import proved_equal, squashing
from stepcalc.calculus.shorthand import Cancellation, collapse_sum, product, shorten, struck, tidy
from stepcalc.calculus.symbols import symbol

a, w, x, y, z, alpha = map(symbol, ["a1[1]", "W1[1,1]", "x[1]", "y", "z1[1]", "alpha"])
y_hat = symbol("y_hat")
LOGISTIC = 1 / (1 + sp.exp(-z))
TANH = (sp.exp(z) - sp.exp(-z)) / (sp.exp(z) + sp.exp(-z))
ELU = sp.Piecewise((z, z >= 0), (alpha * (sp.exp(z) - 1), True))
SILU = z / (1 + sp.exp(-z))


def softmax(width: int) -> tuple[list[sp.Symbol], list[sp.Symbol], list[sp.Expr]]:
    logits = [symbol(f"z1[{k}]") for k in range(1, width + 1)]
    outputs = [symbol(f"a1[{k}]") for k in range(1, width + 1)]
    total = sp.Add(*map(sp.exp, logits))
    return logits, outputs, [sp.exp(logit) / total for logit in logits]


@pytest.mark.parametrize(
    ("definition", "short"),
    [
        (LOGISTIC, a * (1 - a)),
        (sigmoid(z), a * (1 - a)),
        (TANH, 1 - a**2),
        (sp.tanh(z), 1 - a**2),
        (ELU, sp.Piecewise((1, z >= 0), (a + alpha, True))),
        (sp.log(1 + sp.exp(z)), sigmoid(z)),
        (softplus(z), sigmoid(z)),
        (sp.exp(z), a),
        (z**2, 2 * z),
        (1 / (1 + sp.exp(-2 * z)), 2 * a * (1 - a)),
    ],
    ids=str,
)
def test_exponentials_give_way_to_the_output(definition, short):
    assert shorten(sp.diff(definition, z), {a: definition}) == short


def test_a_short_form_that_divides_by_zero_somewhere_new_is_not_taken():
    short = shorten(sp.diff(SILU, z), {a: SILU})
    assert float(short.subs(z, 0).evalf()) == 0.5
    assert not short.has(sp.exp)


def test_a_sigmoid_comes_in_only_where_its_denominator_is():
    decay = w * sp.exp(-x / y)
    assert shorten(sp.diff(decay, x), {}) == -w * sp.exp(-x / y) / y
    assert shorten(sp.diff(x**2 / (1 + sp.exp(-z)), x), {}) == 2 * x * sigmoid(z)


@pytest.mark.parametrize("width", [2, 3, 10])
def test_softmax(width):
    logits, outputs, definitions = softmax(width)
    recall = dict(zip(outputs, definitions, strict=True))
    own = shorten(sp.diff(definitions[0], logits[0]), {outputs[0]: definitions[0]})
    other = shorten(sp.diff(definitions[0], logits[1]), recall)
    assert own == outputs[0] * (1 - outputs[0])
    assert other == -outputs[0] * outputs[1]


@pytest.mark.parametrize(
    ("given", "short"),
    [
        (-y / y_hat + (1 - y) / (1 - y_hat), (y_hat - y) / (y_hat * (1 - y_hat))),
        (-(y - y_hat), y_hat - y),
        (2 * (3 * x - 2) * 3, 18 * x - 12),
        (a - a**2, a * (1 - a)),
        (x / (x**2), 1 / x),
        (sp.Float(0.5) * x, x / 2),
        (w - w * a**2, w * (1 - a**2)),
        (sp.diff(x * sigmoid(x), x), sigmoid(x) * (x * (1 - sigmoid(x)) + 1)),
        (sp.diff(sp.exp(-((x - y) ** 2) / 2), y), (x - y) * sp.exp(-((x - y) ** 2) / 2)),
    ],
    ids=str,
)
def test_tidy(given, short):
    assert tidy(given) == short


def test_tidy_keeps_a_number_before_its_bracket():
    short = tidy(sp.diff((y - y_hat) ** 2, y_hat))
    assert short.is_Mul
    assert sp.expand(short) == 2 * y_hat - 2 * y


def test_tidy_turns_the_slope_of_max_into_cases():
    slope = tidy(sp.diff(sp.Max(0, 1 - y * y_hat), y_hat))
    assert slope.subs({y: 1, y_hat: -1}) == -1
    assert slope.subs({y: 1, y_hat: 3}) == 0


def test_tidy_leaves_the_large_alone_and_quickly():
    large = sp.prod([sum(symbol(f"q[{i}]") ** k for k in range(9)) for i in range(30)])
    begun = time.process_time()
    assert tidy(large) == large
    assert time.process_time() - begun < 1


def test_the_chain_of_the_deck(text):
    chain = product([-y / y_hat + (1 - y) / (1 - y_hat), y_hat * (1 - y_hat), w, a * (1 - a), x])
    assert chain.short == (y_hat - y) * w * a * (1 - a) * x
    assert chain.cancellations == (Cancellation(y_hat, (1, 0)), Cancellation(1 - y_hat, (1, 0)))
    assert [text(node) for node in struck(chain)] == [
        "[y^ - y]/[~y^·(1 - y^)~]",
        "~y^·(1 - y^)~",
        "w11",
        "a1·(1 - a1)",
        "x1",
    ]


def test_struck_pairs_share_a_group_and_keep_their_value(value):
    chain = product([x / y, y * z**2, a / z])
    nodes = struck(chain)
    at = {"x[1]": 0.3, "y": 0.7, "z1[1]": 1.1, "a1[1]": 0.2}
    given = [at["x[1]"] / at["y"], at["y"] * at["z1[1]"] ** 2, at["a1[1]"] / at["z1[1]"]]
    assert [float(value(node, at)) for node in nodes] == pytest.approx(given)
    assert chain.short == x * z * a


def test_opposite_orientations_cancel_with_their_sign():
    chain = product([1 / (x - 1), 1 - x])
    assert chain.short == -1
    assert len(chain.cancellations) == 1


def test_a_zero_makes_the_product_zero():
    assert product([x / y, sp.Integer(0), y]).short == 0


@pytest.mark.parametrize("width", [2, 3, 10])
def test_softmax_with_cross_entropy_collapses(width):
    _, outputs, _ = softmax(width)
    hot = [symbol(f"y[{k}]") for k in range(1, width + 1)]
    slopes = [outputs[0] * (1 - outputs[0])] + [-outputs[0] * other for other in outputs[1:]]
    terms = [-t / p * slope for t, p, slope in zip(hot, outputs, slopes, strict=True)]
    begun = time.process_time()
    assert collapse_sum(terms, hot) == outputs[0] - hot[0]
    assert time.process_time() - begun < 0.5


def test_a_sum_that_is_not_linear_is_only_tidied():
    hot = [symbol("y[1]"), symbol("y[2]")]
    assert sp.expand(collapse_sum([hot[0] ** 2, hot[1]], hot)) == hot[0] ** 2 + hot[1]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (sigmoid(w * z), sigmoid),
        (LOGISTIC, sigmoid),
        (sp.exp(z) / (1 + sp.exp(z)), sigmoid),
        (TANH, sp.tanh),
        ((1 - sp.exp(-2 * z)) / (1 + sp.exp(-2 * z)), sp.tanh),
        (SILU, None),
        (3 * sigmoid(z), None),
        (sp.exp(-z), None),
    ],
    ids=str,
)
def test_a_squashing_function_is_known_however_it_is_written(written, kind):
    assert squashing(written) is kind


def test_proofs_are_proofs():
    assert proved_equal(sp.tanh(z), TANH)
    assert proved_equal(sigmoid(z) + sigmoid(-z), sp.S.One)
    assert not proved_equal(sp.exp(z), 1 + z)
    assert not proved_equal(a * (1 - a), a - a**3)


def test_what_is_too_large_is_refused():
    huge = (x + y + z) ** 500
    with pytest.raises(TooLarge):
        Field([huge]).fraction(huge)


def test_the_short_forms_of_a_small_network_come_in_time():
    begun = time.process_time()
    for unit in range(1, 4):
        z_, a_ = symbol(f"z9[{unit}]"), symbol(f"a9[{unit}]")
        assert shorten(sp.diff(sigmoid(z_), z_), {a_: sigmoid(z_)}) == a_ * (1 - a_)
    loss = -y * sp.log(y_hat) - (1 - y) * sp.log(1 - y_hat)
    local = tidy(sp.diff(loss, y_hat))
    for unit in range(1, 10):
        product([local, y_hat * (1 - y_hat), symbol(f"W9[1,{unit}]"), symbol("x[1]")])
    assert time.process_time() - begun < 0.2
