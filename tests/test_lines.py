"""Printed lines are true: held against mpmath and the decimal module, not against the code that made them."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

import mpmath
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stepcalc.board import nodes as n
from stepcalc.board.evaluate import NotScalarError
from stepcalc.lines import (
    INNER,
    PRODUCTS,
    LineError,
    Show,
    Template,
    TrueLine,
    Worked,
    inner,
    is_true,
    products,
    true_line,
)
from stepcalc.rounding import Mode, Rounding

MP = mpmath.mp.clone()
MP.dps = 120

MODES: tuple[Mode, ...] = ("half_up", "half_even", "truncate")
DECIMAL_MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "truncate": ROUND_DOWN}
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "ln": MP.log,
    "σ": lambda z: 1 / (1 + MP.exp(-z)),
    "tanh": MP.tanh,
}

ROUNDINGS = [Rounding(s, mode=mode) for s in (1, 3, 4, 6) for mode in MODES] + [
    Rounding(decimals=d, mode=mode) for d in (1, 3, 4) for mode in MODES
]
roundings = st.sampled_from(ROUNDINGS)


def value(node: n.Node) -> Any:
    """The value of a line's segment, to 120 digits."""
    match node:
        case n.Num(text):
            return MP.mpf(text)
        case n.Add(terms):
            return MP.fsum(value(term) for term in terms)
        case n.Mul(factors):
            return MP.fprod(value(factor) for factor in factors)
        case n.Neg(arg):
            return -value(arg)
        case n.Frac(num, den):
            return value(num) / value(den)
        case n.Call(name, (arg,)):
            return FUNCTIONS[name](value(arg))
    raise AssertionError(node)


def rounded(number: Any, rounding: Rounding) -> Decimal:
    """The rule of the format, in the words of the decimal module."""
    shortest = Decimal(MP.nstr(number, 15, min_fixed=0, max_fixed=0))
    if not shortest:
        return shortest
    mode = DECIMAL_MODES[rounding.mode]
    places = [shortest.adjusted()]
    if rounding.decimals is not None:
        places.insert(0, -rounding.decimals)
    else:
        assert rounding.significant is not None
        places.insert(0, shortest.adjusted() - rounding.significant + 1)
    steps = [((shortest / Decimal(1).scaleb(p)).to_integral_value(mode), p) for p in places]
    return next(step * Decimal(1).scaleb(p) for step, p in steps if step)


def near(number: Any, rounding: Rounding) -> set[Decimal]:
    """What the number is rounded to; where its 16th digit tips the scales, either side will do."""
    hairs = [MP.mpf(hair) for hair in ("-1e-14", "-1e-15", "0", "1e-15", "1e-14")]
    return {rounded(number * (1 + hair), rounding) for hair in hairs}


def assert_true(line: TrueLine, rounding: Rounding) -> None:
    """Every segment rounds to the result, "=" stands where and only where it is exact, nothing reads as a false 0."""
    target = Decimal(line.result.text)
    for node in line.nodes:
        assert target in near(value(node), rounding)
    assert len(line.relations) == len(line.nodes) + 1
    assert line.relations[0] == "="
    parts = [value(node) for node in (*line.nodes, line.result)]
    for relation, (left, right) in zip(line.relations[1:], pairwise(parts), strict=True):
        assert (relation == "=") == (abs(left - right) <= MP.mpf("1e-44") * abs(right))
    assert is_true(line.equation(), rounding)
    assert is_true(line.equation(n.Sym(n.Glyph("z"), "z1[1]")), rounding)


def number(text: str) -> n.Num:
    return n.Num(text)


def weighted(weights: list[float], inputs: list[float], bias: float, given: bool = False) -> Template:
    def template(show: Show) -> n.Node:
        terms = [
            n.Mul((show(w, f"w[{i}]"), show(x, f"x[{i}]")), "apply")
            for i, (w, x) in enumerate(zip(weights, inputs, strict=True), 1)
        ]
        return n.Add((*terms, show(bias, "b")))

    return template


def one_minus(show: Show, x: float, item: str) -> n.Node:
    return n.Add((n.Num("1"), n.Neg(show(x, item))))


def plain(node: n.Node) -> str:
    """Enough of a writer to read the expected lines."""
    match node:
        case n.Num(text):
            return text
        case n.Add(terms):
            return " + ".join(map(plain, terms)).replace("+ -", "- ")
        case n.Mul((left, n.Num(text)), "apply"):
            return f"{plain(left)}({text})"
        case n.Mul(factors):
            return " · ".join(f"({plain(f)})" if isinstance(f, n.Add) else plain(f) for f in factors)
        case n.Neg(arg):
            return "-" + plain(arg)
        case n.Call(name, (arg,)):
            return f"{name}({plain(arg)})"
    raise AssertionError(node)


def read(line: TrueLine) -> str:
    parts = (*line.nodes, line.result)
    return " ".join(f"{relation} {plain(part)}" for relation, part in zip(line.relations, parts, strict=True))


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


H = [sigmoid(z) for z in (4.6, 4.5, 5.9)]
Z2 = 0.7 * H[0] + 0.5 * H[1] + 0.9 * H[2] + 0.2
Y_HAT = sigmoid(Z2)
GIVEN = frozenset({"b", *(f"w[{i}]" for i in range(1, 9))})


class TestCookie:
    def test_first_linear_combination_is_exact(self) -> None:
        template = weighted([0.6, 0.1, 0.0, 0.5], [3, 5, 2, 4], 0.3)
        result = 0.6 * 3 + 0.1 * 5 + 0.0 * 2 + 0.5 * 4 + 0.3
        line = true_line([template, PRODUCTS], result, Rounding(), item="z1[1]")
        assert read(line) == "= 0.6(3) + 0.1(5) + 0(2) + 0.5(4) + 0.3 = 1.8 + 0.5 + 0 + 2 + 0.3 = 4.6"
        assert line.result == n.Num("4.6", "z1[1]")
        assert_true(line, Rounding())

    def test_second_linear_combination(self) -> None:
        line = true_line([weighted([0.7, 0.5, 0.9], H, 0.2), PRODUCTS], Z2, Rounding(), given=GIVEN)
        assert read(line) == ("= 0.7(0.9900) + 0.5(0.9890) + 0.9(0.9973) + 0.2 ≈ 0.693 + 0.4945 + 0.8976 + 0.2 ≈ 2.285")
        assert_true(line, Rounding())

    def test_second_linear_combination_to_seven_digits(self) -> None:
        """With the six digits of 0.990048 the line would give 2.285081."""
        line = true_line([weighted([0.7, 0.5, 0.9], H, 0.2), PRODUCTS], Z2, Rounding(6), result_extra=1, given=GIVEN)
        assert read(line) == (
            "= 0.7(0.99004820) + 0.5(0.98901306) + 0.9(0.99726804) + 0.2"
            " ≈ 0.693034 + 0.494507 + 0.897541 + 0.2 = 2.285082"
        )
        assert_true(line, Rounding(7))

    def test_what_is_left_of_one_takes_more_digits(self) -> None:
        def template(show: Show) -> n.Node:
            return n.Mul((show(H[2], "a1[3]"), one_minus(show, H[2], "a1[3]")), "dot")

        line = true_line([template, INNER], H[2] * (1 - H[2]), Rounding(), result_extra=1)
        assert read(line) == "= 0.997268 · (1 + -0.997268) = 0.997268 · 0.002732 ≈ 0.0027245".replace("+ -", "- ")

    def test_both_factors_given_as_numbers(self) -> None:
        def template(show: Show) -> n.Node:
            return n.Mul((show(H[2], "a1[3]"), show(1 - H[2], None)), "dot")

        line = true_line([template], H[2] * (1 - H[2]), Rounding(), result_extra=1)
        assert line.result.text == "0.0027245"
        assert rounded(value(line.nodes[0]), Rounding(5)) == Decimal("0.0027245")

    def test_hidden_gradient(self) -> None:
        def template(show: Show) -> n.Node:
            return n.Mul((show(0.9 * Y_HAT, "dL/da1[3]"), show(H[2] * (1 - H[2]), None)), "dot")

        result = 0.9 * Y_HAT * H[2] * (1 - H[2])
        line = true_line([template], result, Rounding())
        assert line.result.text == "0.002226"
        assert_true(line, Rounding())

    def test_loss(self) -> None:
        def template(show: Show) -> n.Node:
            return n.Neg(n.Call("ln", (one_minus(show, Y_HAT, "y_hat"),)))

        line = true_line([template, INNER], -math.log(1 - Y_HAT), Rounding())
        assert read(line) == "= -ln(1 - 0.9076) = -ln(0.0924) ≈ 2.382"
        assert_true(line, Rounding())

    def test_update_names_its_numbers(self) -> None:
        def template(show: Show) -> n.Node:
            step = n.Mul((show(0.1, "alpha"), show(H[0] * Y_HAT, "dL/dW2[1,1]")), "apply")
            return n.Add((show(0.7, "W2[1,1]"), n.Neg(step)))

        line = true_line([template], 0.7 - 0.1 * H[0] * Y_HAT, Rounding())
        assert read(line) == "= 0.7 - 0.1(0.8986) ≈ 0.6101"
        equation = line.equation(n.Sym(n.Glyph("w"), "W2[1,1]"), reason="step against the slope")
        assert equation.relations == ("=", "≈")
        assert equation.reason == "step against the slope"
        assert not equation.continued


class TestDigitsThatCancel:
    def test_given_numbers_that_cancel_give_zero(self) -> None:
        result = 0.3 - 3 * 0.1
        assert result != 0
        line = true_line([weighted([-3], [0.1], 0.3)], result, Rounding(), given={"w[1]", "x[1]", "b"})
        assert read(line) == "= -3(0.1) + 0.3 = 0"

    @pytest.mark.parametrize("mode", MODES)
    def test_a_difference_that_doubles_miss_is_that_of_the_decimals(self, mode: Mode) -> None:
        def template(show: Show) -> n.Node:
            return n.Add((show(100.1, "b"), n.Neg(show(100, "w[1]"))))

        line = true_line([template], 100.1 - 100, Rounding(mode=mode), given=GIVEN)
        assert Decimal(line.result.text) == Decimal("0.1")
        assert_true(line, Rounding(mode=mode))

    def test_the_fallback_is_taken(self) -> None:
        def lossy(show: Show) -> n.Node:
            return one_minus(show, 1.0, "a1[1]")

        def kept(show: Show) -> n.Node:
            return n.Call("σ", (n.Neg(show(40.0, "z1[1]")),))

        line = true_line([lossy], sigmoid(-40), Rounding(), fallback=[kept])
        assert read(line) == "= σ(-40) ≈ 4.248e-18"
        assert_true(line, Rounding())

    def test_without_a_fallback_no_false_line(self) -> None:
        with pytest.raises(LineError, match="dL/dz"):
            true_line([lambda show: one_minus(show, 1.0, "a")], 4.2e-18, Rounding(), item="dL/dz1[1]")

    def test_a_line_that_is_wrong_is_refused(self) -> None:
        with pytest.raises(LineError):
            true_line([weighted([2], [3], 1)], 7.5, Rounding(), given={"w[1]", "x[1]", "b"})

    def test_logarithm_of_what_rounds_to_zero(self) -> None:
        y_hat = 0.9999999
        line = true_line(
            [lambda show: n.Neg(n.Call("ln", (one_minus(show, y_hat, "y_hat"),)))], -math.log1p(-y_hat), Rounding(3)
        )
        assert_true(line, Rounding(3))

    def test_no_number_no_line(self) -> None:
        with pytest.raises(NotScalarError):
            true_line([lambda show: n.Add((show(1.5, "x"), n.Dots()))], 1.5, Rounding())


def short(mantissa: int, exponent: int) -> float:
    return float(f"{mantissa}e{exponent}")


school = st.builds(short, st.integers(-999, 999), st.integers(-3, 1))
wide = st.builds(lambda m, e: m * 10.0**e, st.floats(0.1, 1) | st.floats(-1, -0.1), st.integers(-9, 9))
numbers = school | wide


@given(st.lists(numbers, min_size=1, max_size=5), roundings)
def test_products_are_true(factors: list[float], rounding: Rounding) -> None:
    def template(show: Show) -> n.Node:
        return n.Mul(tuple(show(factor, None) for factor in factors), "dot")

    assert_true(true_line([template], math.prod(factors), rounding), rounding)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=6), numbers, roundings)
def test_linear_combinations_are_true(pairs: list[tuple[float, float]], bias: float, rounding: Rounding) -> None:
    """Computed numbers may cancel beyond repair; then there is no line, but never a false one."""
    weights, inputs = [w for w, _ in pairs], [x for _, x in pairs]
    result = sum(w * x for w, x in pairs) + bias
    size = sum(abs(w * x) for w, x in pairs) + abs(bias)
    try:
        line = true_line([weighted(weights, inputs, bias), PRODUCTS], result, rounding)
    except LineError:
        assert abs(result) < 1e-6 * size
    else:
        assert_true(line, rounding)


@given(st.lists(st.tuples(school, school), min_size=1, max_size=6), school, roundings)
def test_linear_combinations_of_given_numbers_always_have_a_line(
    pairs: list[tuple[float, float]], bias: float, rounding: Rounding
) -> None:
    weights, inputs = [w for w, _ in pairs], [x for _, x in pairs]
    result = sum(w * x for w, x in pairs) + bias
    known = GIVEN | {f"x[{i}]" for i in range(1, 9)}
    line = true_line([weighted(weights, inputs, bias), PRODUCTS], result, rounding, given=known)
    assert_true(line, rounding)
    exact = sum((Decimal(repr(w)) * Decimal(repr(x)) for w, x in pairs), Decimal(repr(bias)))
    assert rounded(MP.mpf(str(exact)), rounding) == Decimal(line.result.text)


@given(st.floats(-30, 30), roundings, st.sampled_from(["σ", "tanh"]))
def test_activations_are_true(z: float, rounding: Rounding, name: str) -> None:
    assume(abs(z) > 1e-9)
    result = sigmoid(z) if name == "σ" else math.tanh(z)
    assert_true(true_line([lambda show: n.Call(name, (show(z, "z1[1]"),))], result, rounding), rounding)


@given(st.floats(1e-9, 1 - 1e-6), roundings)
def test_logarithms_are_true(y_hat: float, rounding: Rounding) -> None:
    def template(show: Show) -> n.Node:
        return n.Neg(n.Call("ln", (one_minus(show, y_hat, "y_hat"),)))

    line = true_line([template, INNER], -math.log1p(-y_hat), rounding)
    assert_true(line, rounding)


@given(st.floats(-15, 15), numbers.filter(bool), roundings)
def test_slopes_of_the_sigmoid_are_true(z: float, delta: float, rounding: Rounding) -> None:
    a = sigmoid(z)

    def template(show: Show) -> n.Node:
        return n.Mul((show(delta, "dL/da1[1]"), show(a, "a1[1]"), one_minus(show, a, "a1[1]")), "dot")

    assert_true(true_line([template, INNER], delta * (a * (1 - a)), rounding), rounding)


@given(st.lists(st.tuples(school, school), min_size=1, max_size=4), school, st.sampled_from(ROUNDINGS))
def test_carried_numbers_make_true_lines(
    pairs: list[tuple[float, float]], bias: float, plain_rounding: Rounding
) -> None:
    rounding = Rounding(plain_rounding.significant, plain_rounding.decimals, plain_rounding.mode, carry=True)
    weights = [rounding.round(w / 7) for w, _ in pairs]
    inputs = [rounding.round(math.tanh(x)) for _, x in pairs]
    result = rounding.round(sum(w * x for w, x in zip(weights, inputs, strict=True)) + bias)
    line = true_line([weighted(weights, inputs, bias), PRODUCTS], result, rounding)
    assert_true(line, rounding)


class TestWorkedSegments:
    def test_products_exactly(self) -> None:
        node = weighted([0.7, -0.5], [0.99, 3], 0.2)(lambda x, item: n.Num(f"{x:g}", item))
        assert plain(products(node)) == "0.693 + -1.5 + 0.2".replace("+ -", "- ")

    def test_products_keep_the_names_of_what_stays(self) -> None:
        node = n.Add((n.Mul((number("2"), number("3"))), n.Num("0.2", "b2[1]"), n.Neg(number("4"))))
        assert products(node) == n.Add((number("6"), n.Num("0.2", "b2[1]"), n.Neg(number("4"))))

    def test_inner_leaves_the_outer_operation(self) -> None:
        node = n.Frac(number("1"), n.Add((number("1"), n.Neg(number("0.75")))))
        assert inner(node) == n.Frac(number("1"), number("0.25"))

    def test_a_worked_segment_needs_one_before_it(self) -> None:
        with pytest.raises(ValueError, match="before"):
            true_line([Worked(products)], 1.0, Rounding())


def equation(*parts: n.Node | str) -> n.Equation:
    """Nodes and relations, in turn."""
    nodes = tuple(part for part in parts if not isinstance(part, str))
    relations: Any = tuple(part for part in parts if isinstance(part, str))
    return n.Equation(nodes, relations)


def column(*entries: n.Node) -> n.Matrix:
    return n.Matrix(tuple((entry,) for entry in entries))


Z = n.Sym(n.Glyph("z"), "z1[1]")
SLIP = n.Mul((number("0.454"), number("0.01088")), "dot")


@pytest.mark.parametrize(
    ("line", "rounding", "expected"),
    [
        (equation(Z, "=", SLIP, "≈", number("0.00493")), Rounding(3), False),
        (equation(Z, "=", SLIP, "≈", number("0.00494")), Rounding(3), True),
        (equation(Z, "=", SLIP, "=", number("0.00494")), Rounding(3), False),
        (equation(Z, "=", SLIP, "=", number("0.00493952")), Rounding(3), True),
        (equation(SLIP, "≈", number("0.004940")), Rounding(3), True),
        (equation(SLIP, "≈", number("0.0049")), Rounding(3), False),
        (equation(SLIP, "≈", Z, "=", number("0.00494")), Rounding(3), True),
        (equation(SLIP, "≈", Z, "=", number("0.00495")), Rounding(3), False),
        (equation(SLIP, "≈", n.Box(n.Neg(number("-0.00494")))), Rounding(3), True),
        (equation(number("0.90763"), "≈", number("0.90760")), Rounding(4), False),
        (equation(number("0.90763"), "≈", number("0.9076")), Rounding(4), True),
        (equation(number("0.90769"), "≈", number("0.9076")), Rounding(4), False),
        (equation(number("0.90769"), "≈", number("0.9076")), Rounding(4, mode="truncate"), True),
        (equation(number("0.00002"), "≈", number("0")), Rounding(decimals=3), False),
        (equation(number("2"), "≈", n.Sqrt(number("4.0001"))), Rounding(3), True),
        (equation(number("2"), "≈", n.Sqrt(number("5"))), Rounding(3), False),
        (equation(n.Mul((n.Frac(number("1"), number("3")), number("3"))), "=", number("1")), Rounding(), True),
        (equation(number("2.3820"), ">", number("2.0620")), Rounding(), True),
        (equation(number("2.3820"), "<", number("2.0620")), Rounding(), False),
        (equation(Z, "<", number("2.0620")), Rounding(), True),
        (equation(Z, "←", SLIP, "≈", number("0.00494")), Rounding(3), True),
        (equation(Z, "←", SLIP, "≈", number("0.00493")), Rounding(3), False),
        (equation(n.Frac(number("1"), number("0")), "=", number("1")), Rounding(), False),
        (equation(Z, "=", n.Matrix(((number("1"),),))), Rounding(), True),
        (equation(Z, "=", column(SLIP, number("2")), "≈", column(number("0.00494"), number("2"))), Rounding(3), True),
        (equation(Z, "=", column(SLIP, number("2")), "≈", column(number("0.00494"), number("3"))), Rounding(3), False),
        (equation(column(SLIP, n.Hole()), "≈", column(number("0.00494"), number("3"))), Rounding(3), True),
        (equation(column(SLIP), "≈", column(number("0.00493"), number("3"))), Rounding(3), True),
        (equation(number("1")), Rounding(), True),
        (equation(number("3507160942.84300001"), "≈", number("3.5071609428430e9")), Rounding(decimals=4), True),
        (n.Equation((SLIP, number("0.00493")), ("=", "≈"), continued=True), Rounding(3), False),
        (n.Equation((SLIP, number("0.00494")), ("=", "≈"), continued=True), Rounding(3), True),
    ],
)
def test_a_readers_check(line: n.Equation, rounding: Rounding, expected: bool) -> None:
    assert is_true(line, rounding) is expected


@pytest.mark.parametrize(
    ("name", "z", "value"), [("σ", -750, 0.0), ("σ", 40, 1.0), ("σ", 800, 1.0), ("tanh", -40, -1.0), ("tanh", 400, 1.0)]
)
def test_a_function_is_not_equal_to_what_it_comes_near(name: str, z: float, value: float) -> None:
    """σ(−750) is 0 to a double, and tanh(400) is 1 to fifty digits."""
    line = true_line([lambda show: n.Call(name, (show(z, None),))], value, Rounding(significant=4))
    assert read(line) == f"= {name}({z}) ≈ {value:.0f}"
