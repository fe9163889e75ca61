"""The step-by-step differentiator: every line true, the deck's lines in the deck's order."""

from __future__ import annotations

import itertools
import math
import random
import time

import mpmath
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepcalc.board import nodes as b
from stepcalc.board.transform import mapped
from stepcalc.calculus import rules
from stepcalc.calculus.differentiate import Explanation, differentiate, explain
from stepcalc.calculus.functions import relu, sigmoid, softplus, step
from stepcalc.calculus.symbols import symbol
from stepcalc.calculus.to_board import to_board

a, alpha, delta, w, x, y, z = map(symbol, ["a", "alpha", "delta", "w", "x", "y", "z"])
y_hat = symbol("y_hat")
LOGITS = [symbol(f"z[{k}]") for k in (1, 2, 3)]
OUTPUTS = [symbol(f"a[{k}]") for k in (1, 2, 3)]
HOT = [symbol(f"y[{k}]") for k in (1, 2, 3)]
SOFTMAX = [sp.exp(logit) / sp.Add(*map(sp.exp, LOGITS)) for logit in LOGITS]
LOGISTIC = 1 / (1 + sp.exp(-z))
TANH = (sp.exp(z) - sp.exp(-z)) / (sp.exp(z) + sp.exp(-z))
ELU = sp.Piecewise((z, z >= 0), (alpha * (sp.exp(z) - 1), True))
ERROR = y_hat - y
HUBER = sp.Piecewise((ERROR**2 / 2, sp.Abs(ERROR) <= delta), (delta * (sp.Abs(ERROR) - delta / 2), True))
BINARY = -y * sp.log(y_hat) - (1 - y) * sp.log(1 - y_hat)
CATEGORICAL = -sp.Add(*(t * sp.log(p) for t, p in zip(HOT, OUTPUTS, strict=True)))
SILU = z / (1 + sp.exp(-z))

CASES = {
    "sigmoid": (LOGISTIC, z, {"name": "σ"}, "σ(z)·(1 - σ(z))"),
    "sigmoid as a": (LOGISTIC, z, {"recall": {a: LOGISTIC}}, "a·(1 - a)"),
    "tanh": (TANH, z, {"name": "tanh"}, "1 - (tanh(z))^2"),
    "tanh as a": (TANH, z, {"recall": {a: TANH}}, "1 - (a)^2"),
    "softplus": (sp.log(1 + sp.exp(z)), z, {"name": "softplus"}, "σ(z)"),
    "elu": (ELU, z, {"recall": {a: ELU}}, "{1 if z≥0; a + α if not}"),
    "leaky": (sp.Piecewise((z, z >= 0), (alpha * z, True)), z, {}, "{1 if z≥0; α if not}"),
    "relu": (relu.definition(z), z, {"name": "ReLU"}, "{1 if z>0; 0 if not}"),
    "step": (step.definition(z), z, {"name": "step"}, "0"),
    "linear": (z, z, {}, "1"),
    "silu": (SILU, z, {"recall": {a: SILU}}, None),
    "absolute error": (sp.Abs(ERROR), y_hat, {}, "sgn(y^ - y)"),
    "huber": (HUBER, y_hat, {}, "{y^ - y if |y^ - y|≤δ; δ·sgn(y^ - y) if not}"),
    "squared error": (ERROR**2, y_hat, {}, "2·(y^ - y)"),
    "half squared error": ((y - y_hat) ** 2 / 2, y_hat, {}, "y^ - y"),
    "binary cross-entropy": (BINARY, y_hat, {}, "[y^ - y]/[y^·(1 - y^)]"),
    "categorical cross-entropy": (CATEGORICAL, OUTPUTS[0], {}, "-[y1]/[a1]"),
    "hinge": (sp.Max(0, 1 - y * y_hat), y_hat, {}, "{-y if 1 - y·y^>0; 0 if not}"),
    "softmax own": (SOFTMAX[0], LOGITS[0], {"recall": {OUTPUTS[0]: SOFTMAX[0]}}, "a1·(1 - a1)"),
    "softmax other": (
        SOFTMAX[0], LOGITS[1], {"recall": dict(zip(OUTPUTS, SOFTMAX, strict=True))}, "-a1·a2",
    ),
    "chain rule deck": ((3 * x - 2) ** 2, x, {}, "18·x - 12"),
    "expanded deck": (9 * x**2 - 12 * x + 4, x, {}, "18·x - 12"),
    "parabola": (w**2, w, {}, "2·w"),
    "quotient": (x / (x + 1), x, {}, "[1]/[(x + 1)^2]"),
    "root": (sp.sqrt(1 + x**2), x, {}, "[x]/[√((x)^2 + 1)]"),
    "product": (x**2 * sp.sin(x), x, {}, None),
    "power of itself": (x**x, x, {}, None),
    "base two": (2**x, x, {}, None),
    "tangent": (sp.exp(-(x**2) / 2) * sp.tan(x), x, {}, None),
    "sine and cosine": (sp.sin(x) * sp.cos(2 * x), x, {}, None),
    "named functions": (sigmoid(w * x) * softplus(x) + relu(x) - step(x), x, {}, None),
    "reciprocal square": (3 / (x**2 + 1) ** 2, x, {}, None),
    "smaller": (sp.Min(x**2, 3 * x), x, {}, None),
    "inside a sum of squares": ((w * x + 1) ** 2 + (w - x) ** 3, w, {}, None),
}  # fmt: skip


def explained(name: str) -> Explanation:
    definition, wrt, options, _ = CASES[name]
    return explain(definition, wrt, **options)


def points(definition: sp.Expr, recall: dict[sp.Symbol, sp.Expr], tries: int = 4) -> list[dict[str, mpmath.mpf]]:
    """A few places in (0, 1), and below 0 where the definition allows it; known outputs get their values."""
    free = sorted(definition.free_symbols | set().union(*(d.free_symbols for d in recall.values())), key=str)
    draw = random.Random(7)
    logs = definition.has(sp.log) or any(p.exp.free_symbols and p.base.free_symbols for p in definition.atoms(sp.Pow))
    places = []
    for turn in range(tries):
        sign = -1 if turn % 2 and not logs else 1
        at = {s: sign * sp.Float(draw.uniform(0.15, 0.85), 30) for s in free}
        outputs = {o.name: mpmath.mpf(str(d.xreplace(at).evalf(25))) for o, d in recall.items()}
        places.append({s.name: mpmath.mpf(str(v)) for s, v in at.items()} | outputs)
    return places


def check_lines(explanation: Explanation, definition: sp.Expr, wrt: sp.Symbol, recall, value) -> None:
    start = to_board(definition)
    for at in points(definition, recall):
        slope = mpmath.diff(lambda t, at=at: value(start, {**at, wrt.name: t}), at[wrt.name])
        for line in explanation.lines:
            assert float(abs(value(line.expression, at) - slope)) < 1e-7 * (1 + abs(float(slope))), line


@pytest.mark.parametrize("name", CASES)
def test_every_line_is_the_derivative(name, value):
    definition, wrt, options, _ = CASES[name]
    check_lines(explained(name), definition, wrt, options.get("recall", {}), value)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[3] is not None])
def test_ends_in_the_short_form(name, text):
    assert text(explained(name).lines[-1].expression) == CASES[name][3]


@pytest.mark.parametrize("name", CASES)
def test_no_line_is_written_twice(name):
    shown = [line.expression for line in explained(name).lines]
    assert all(one != other for one, other in itertools.pairwise(shown))
    assert all(line.reason for line in explained(name).lines[1:])


def test_the_sigmoid_as_in_the_deck(text):
    lines = [(text(line.expression), line.reason) for line in explained("sigmoid").lines]
    base = "1 + e^(-z)"
    assert lines == [
        (f"d/dz([1]/[{base}])", ""),
        (f"d/dz(({base})^-1)", "write the fraction as a power"),
        (f"-1·({base})^(-1 - 1)·d/dz({base})", "power rule and chain rule"),
        (f"-1·({base})^-2·(d/dz(1) + d/dz(e^(-z)))", "sum rule"),
        (f"-1·({base})^-2·(0 + e^(-z)·d/dz(-z))", "constant rule, exponential rule and chain rule"),
        (f"-1·({base})^-2·e^(-z)·-1", "constant multiple rule"),
        (f"~-1~·({base})^-2·e^(-z)·~-1~", "minus times minus is plus"),
        (f"({base})^-2·e^(-z)", "what is left"),
        (f"[e^(-z)]/[({base})^2]", "as one fraction"),
        (f"[e^(-z) + 1 - 1]/[({base})^2]", "add and subtract 1"),
        (f"[({base}) - 1]/[({base})^2]", "reorder"),
        (f"[{base}]/[({base})^2] - [1]/[({base})^2]", "split the fraction"),
        (f"[~{base}~]/[({base})^~2~] - [1]/[({base})^2]", "cancel"),
        (f"[1]/[{base}] - [1]/[({base})^2]", "what is left"),
        (f"[1]/[{base}]·(1 - [1]/[{base}])", "factor out"),
        ("σ(z)·(1 - σ(z))", "recall the definition"),
    ]


def test_binary_cross_entropy_as_in_the_deck(text):
    lines = [text(line.expression) for line in explained("binary cross-entropy").lines]
    wanted = [
        "-[y]/[y^] + [1 - y]/[1 - y^]",
        "[-y·(1 - y^) + (1 - y)·y^]/[y^·(1 - y^)]",
        "[-y + y·y^ + y^ - y·y^]/[y^·(1 - y^)]",
        "[-y + ~y·y^~ + y^ - ~y·y^~]/[y^·(1 - y^)]",
        "[y^ - y]/[y^·(1 - y^)]",
    ]
    assert lines[-5:] == wanted


def test_the_rules_form_a_tree():
    rule = explained("sigmoid").rule
    names = []
    while True:
        names.append(rule.name)
        if not rule.children:
            break
        rule = rule.children[-1]
    assert names == [
        "write the fraction as a power",
        "power rule and chain rule",
        "sum rule",
        "exponential rule and chain rule",
        "constant multiple rule",
    ]


@pytest.mark.parametrize("name", [k for k in rules.KINDS if k != "write the fraction as a power"])
def test_every_formula_in_the_table_is_true(name, value):
    left, right = rules.KINDS[name].formula.parts
    letters = {"u": lambda t: t**2 + t / 3, "v": lambda t: mpmath.sin(t) + 2, "z": lambda t: t}
    constants = {"c": mpmath.mpf("0.4"), "n": mpmath.mpf(3), "a": mpmath.mpf("1.7")}

    def at(node: b.Node, t: mpmath.mpf) -> mpmath.mpf:
        """u and v are functions of z, so d/dz of them is taken by the place t."""
        if isinstance(node, b.Diff):
            return mpmath.diff(lambda s: at(node.arg, s), t)
        return value(_closed(node, t), {})

    def _closed(node: b.Node, t: mpmath.mpf) -> b.Node:
        if isinstance(node, b.Diff):
            return b.Num(mpmath.nstr(at(node, t), 120))
        if isinstance(node, b.Sym):
            base = node.glyph.base
            return b.Num(mpmath.nstr(constants[base] if base in constants else letters[base](t), 120))
        return mapped(lambda part: _closed(part, t), node)

    with mpmath.workdps(40):
        for place in (0.35, 1.1):
            t = mpmath.mpf(place)
            assert float(at(left, t)) == pytest.approx(float(at(right, t)), rel=1e-9, abs=1e-9)


def test_equations_are_aligned_at_their_sign():
    first, *rest = explained("sigmoid").equations
    assert len(first.parts) == 2
    assert all(line.continued and line.relations == ("=",) for line in rest)


def test_starts_from_the_node_as_it_is_written(text):
    wrt = b.Sym(b.Glyph("x"), "x")
    node = b.Mul((b.Paren(b.Add((b.Num("2"), wrt))), b.Num("3")))
    explanation = differentiate(node, wrt)
    assert text(explanation.lines[0].expression) == "d/dx((2 + x)·3)"
    assert explanation.result == 3


def test_a_constant_has_no_slope(text):
    explanation = explain(y**2, x)
    assert [text(line.expression) for line in explanation.lines] == ["d/dx((y)^2)", "0"]


def test_what_has_no_rule_is_named():
    wrt = b.Sym(b.Glyph("x"), "x")
    with pytest.raises(NotImplementedError, match="Γ"):
        differentiate(b.Call("Γ", (wrt,)), wrt)


def test_long_expressions_are_bounded():
    many = sp.Mul(*(sp.sin(k * x) + x**k for k in range(1, 9)))
    begun = time.process_time()
    explanation = explain(many, x)
    assert time.process_time() - begun < 3
    assert len(explanation.lines) < 60


def test_an_explanation_comes_quickly():
    z9, a9 = symbol("z9"), symbol("a9")
    begun = time.process_time()
    explain(1 / (1 + sp.exp(-z9)), z9, recall={a9: 1 / (1 + sp.exp(-z9))})
    assert time.process_time() - begun < 0.3


def _expressions() -> st.SearchStrategy[b.Node]:
    variable = b.Sym(b.Glyph("x"), "x")
    numbers = [b.Num(digits) for digits in ("2", "-1", "0.5", "3")]
    leaves = st.sampled_from([variable, variable, b.Sym(b.Glyph("w"), "w"), *numbers])

    def grown(inner: st.SearchStrategy[b.Node]) -> st.SearchStrategy[b.Node]:
        pairs = st.tuples(inner, inner)
        positive = inner.map(lambda u: b.Add((b.Num("2"), b.Pow(u, b.Num("2")))))
        return st.one_of(
            pairs.map(b.Add),
            pairs.map(b.Mul),
            inner.map(b.Neg),
            st.tuples(inner, positive).map(lambda pair: b.Frac(*pair)),
            inner.map(lambda u: b.Pow(u, b.Num("2"))),
            positive.map(lambda u: b.Pow(u, b.Num("-2"))),
            inner.map(lambda u: b.Exp(b.Neg(b.Pow(u, b.Num("2"))))),
            positive.map(b.Sqrt),
            st.tuples(st.sampled_from(["sin", "cos", "tanh", "σ", "softplus"]), inner).map(
                lambda pair: b.Call(pair[0], (pair[1],))
            ),
            positive.map(lambda u: b.Call("ln", (u,))),
        )

    return st.recursive(leaves, grown, max_leaves=6)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(node=_expressions())
def test_random_expressions(value, node):
    wrt = b.Sym(b.Glyph("x"), "x")
    explanation = differentiate(node, wrt)
    for place in (0.37, -0.61):
        at = {"x": mpmath.mpf(place), "w": mpmath.mpf("0.8")}
        slope = mpmath.diff(lambda t, at=at: value(node, {**at, "x": t}), at["x"])
        assert math.isfinite(float(slope))
        values = [value(line.expression, at) for line in explanation.lines]
        result = explanation.result.xreplace({x: sp.Float(place, 30), w: sp.Float("0.8", 30)})
        values.append(mpmath.mpf(str(result.evalf(25))))
        assert all(float(abs(v - slope)) < 1e-6 * (1 + abs(float(slope))) for v in values)


def test_no_line_for_a_dot_left_out():
    decay = b.Mul(
        (b.Sym(b.Glyph("w"), "w"), b.Exp(b.Neg(b.Mul((b.Sym(b.Glyph("x"), "x"), b.Sym(b.Glyph("y"), "y")), "dot")))),
        "dot",
    )
    assert [line.reason for line in explain(decay, w).lines] == ["", "constant multiple rule"]


def test_an_output_named_by_the_function_itself_is_recalled():
    found = explain(sigmoid(w * x), x, recall={a: sigmoid(w * x)})
    assert found.result == a * (1 - a) * w
    assert found.lines[-1].reason == "recall the definition"
