"""The expression grammar: values against an evaluator of its own, faults in exact words, hostile input soon."""

from __future__ import annotations

import ast
import math
import operator
import time
from collections.abc import Callable

import pytest
import sympy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stepcalc.board.nodes import Abs, Add, Call, Exp, Frac, Glyph, Mul, Neg, Node, Num, Pow, Sqrt, Sym
from stepcalc.calculus.grammar import Parsed, parse, why_no_name
from stepcalc.calculus.pieces import FUNCTIONS
from stepcalc.calculus.symbols import symbol
from stepcalc.errors import InputError

NAMES = ("x", "y", "learning_rate")
X, Y = symbol("x"), symbol("y")


def read(text: str) -> Parsed:
    return parse(text, NAMES, "define.z")


def refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(text).expression  # noqa: B018
    (fault,) = caught.value.faults
    assert fault.place == "define.z"
    assert "\n" not in fault.message
    return fault.message


def told(text: str) -> list[str]:
    """What is said about the text; nothing if it can be used. Anything but an InputError is a failure."""
    try:
        read(text).expression  # noqa: B018
    except InputError as error:
        return error.lines()
    return []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3*x - 2", 3 * X - 2),
        ("-x^2", -(X**2)),
        ("-x**2", -(X**2)),
        ("2^3^2", sympy.Integer(512)),
        ("2^-1", sympy.Rational(1, 2)),
        ("2^-3^2", sympy.Rational(1, 512)),
        ("(-2)^2", sympy.Integer(4)),
        ("-2^2", sympy.Integer(-4)),
        ("x/y/2*x", X**2 / (2 * Y)),
        ("x - y - 1", X - Y - 1),
        ("x - (y - 1)", X - Y + 1),
        ("x*-y", -X * Y),
        ("--x", X),
        ("+x", X),
        ("2 * - 3", sympy.Integer(-6)),
        ("0.1 + 0.2", sympy.Rational(3, 10)),
        ("1e-3", sympy.Rational(1, 1000)),
        (".5", sympy.Rational(1, 2)),
        ("5.", sympy.Integer(5)),
        ("1.5E2", sympy.Integer(150)),
        ("0e999", sympy.Integer(0)),
        ("ln(x) + log(y)", sympy.log(X) + sympy.log(Y)),
        ("sqrt(abs(x))", sympy.sqrt(sympy.Abs(X))),
        ("tanh(sin(x) + cos(x)*tan(x))", sympy.tanh(sympy.sin(X) + sympy.cos(X) * sympy.tan(X))),
        ("2·x − 1 × y", 2 * X - Y),
        ("( ( x ) )\n\t* 2", 2 * X),
        ("exp(-1000)", sympy.exp(-1000)),
        ("relu(-3) + relu(2) + step(0) + step(-1)", sympy.Integer(3)),
    ],
)
def test_what_an_expression_means(text: str, expected: sympy.Expr) -> None:
    assert read(text).expression == expected


def test_minimum_and_maximum_take_any_number() -> None:
    assert read("max(x, y, 1)").expression.subs({X: 3, Y: 2}) == 3
    assert read("min(x, y, 1)").expression.subs({X: 3, Y: 2}) == 1
    assert read("max(1, 2, 3)").expression == 3


def test_names_come_in_order_of_appearance() -> None:
    assert read("y*x + y - learning_rate").names == ("y", "x", "learning_rate")
    assert read("x - x").names == ("x",)


def sym(name: str) -> Sym:
    return Sym(Glyph(name, upright=len(name) > 1), item=name)


x, y = sym("x"), sym("y")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3*x - 2", Add((Mul((Num("3"), x)), Neg(Num("2"))))),
        ("2 + x", Add((Num("2"), x))),
        ("x*3", Mul((x, Num("3")), "dot")),
        ("3*x^2", Mul((Num("3"), Pow(x, Num("2"))))),
        ("3*x*y", Mul((Num("3"), x, y), "dot")),
        ("2*3", Mul((Num("2"), Num("3")), "dot")),
        ("-3*x", Neg(Mul((Num("3"), x)))),
        ("(-3)*x", Mul((Neg(Num("3")), x), "dot")),
        ("-x/2", Neg(Frac(x, Num("2")))),
        ("x*y/2*x", Mul((Frac(Mul((x, y), "dot"), Num("2")), x), "dot")),
        ("(x + y)*2", Mul((Add((x, y)), Num("2")), "dot")),
        ("x - (y - 2)", Add((x, Neg(Add((y, Neg(Num("2")))))))),
        ("exp(-x)", Exp(Neg(x))),
        ("log(x)", Call("log", (x,))),
        ("ln(x)", Call("ln", (x,))),
        ("sigmoid(x)", Call("σ", (x,))),
        ("relu(x)", Call("ReLU", (x,))),
        ("abs(x)", Abs(x)),
        ("sqrt(x)", Sqrt(x)),
        ("min(x, y)", Call("min", (x, y))),
        ("learning_rate", sym("learning_rate")),
        (".50", Num("0.50")),
        ("007.", Num("7")),
        ("1E+05", Num("1e5")),
        ("x + x", Add((x, x))),
        ("x/x", Frac(x, x)),
    ],
)
def test_it_is_written_as_it_was_typed(text: str, expected: Node) -> None:
    assert read(text).written == expected


LARGE = "this number is larger than a double can hold (about 1.8e308)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty expression"),
        (" \t", "an empty expression"),
        ("x +", "column 4: the expression ends too early"),
        ("(x", "column 3: the expression ends too early; a ) is missing"),
        ("x)", 'column 2: unexpected ")"'),
        ("x + * y", 'column 5: unexpected "*"'),
        ("()", 'column 2: unexpected ")"'),
        ("2x", 'column 2: an operator is missing before "x"; a product is written 2*x'),
        ("2 (x)", 'column 3: an operator is missing before "("; a product is written 2*x'),
        ("x y", 'column 3: an operator is missing before "y"; a product is written 2*x'),
        ("(x)(y)", 'column 4: an operator is missing before "("; a product is written 2*x'),
        ("0,5", 'column 2: unexpected ","; decimals are written with a point'),
        ("x & y", 'column 3: "&" does not belong in an expression'),
        ("x\0", "column 2: U+0000 does not belong in an expression"),
        ("x²", 'column 2: "²" cannot stand in a name; a power is written x^2'),
        ("x == y", 'column 3: "=" does not belong in an expression'),
        ("x.real", 'column 2: "." does not belong in an expression'),
        ("__import__('os')", 'column 12: "\'" does not belong in an expression'),
        ("__import__(x)", 'column 1: unknown function "__import__"'),
        ("x + leraning_rate", 'column 5: unknown name "leraning_rate"; did you mean "learning_rate"?'),
        ("X", 'column 1: unknown name "X"; did you mean "x"?'),
        ("pi", 'column 1: unknown name "pi"'),
        ("e^x", 'column 1: unknown name "e"'),
        ("sigmid(x)", 'column 1: unknown function "sigmid"; did you mean "sigmoid"?'),
        ("x(3)", "column 1: x is a name, not a function; a product is written x*(…)"),
        ("sin", "column 1: sin is a function: write sin(…)"),
        ("x*max(y)", "column 3: max takes two arguments or more, found 1"),
        ("exp(x, y)", "column 1: exp takes one argument, found 2"),
        ("abs()", "column 1: abs takes one argument, found 0"),
        ("1/0", "column 2: divides by 0"),
        ("0/0", "column 2: divides by 0"),
        ("x/(2 - 2)", "column 2: divides by 0"),
        ("1/(0.1 + 0.2 - 0.3)", "column 2: divides by 0"),
        ("1/(x - x)", "column 2: divides by 0"),
        ("0^-1", "column 2: 0 to a power that is not a number above 0"),
        ("ln(0)", "column 1: ln of 0: the logarithm needs a number above 0"),
        ("1 + ln(-1)", "column 5: ln of -1: the logarithm needs a number above 0"),
        ("log(x - x)", "column 1: divides by 0, or is not finite"),
        ("sqrt(-1)", "column 1: sqrt of -1: the square root needs a number of at least 0"),
        ("sqrt(-x^2)", "column 1: not a real number"),
        ("(-8)^(1/3)", "column 5: not a real number"),
        ("9^9^9^9", "column 4: the exponent is 387420489, more than 1000"),
        ("(x+1)^1000000", "column 6: the exponent is 1000000, more than 1000"),
        ("10^309", f"column 3: {LARGE}"),
        ("1e400", f"column 1: {LARGE}"),
        ("x + 1e308*10", f"column 10: {LARGE}"),
        ("1e308 + 1e308", f"column 7: {LARGE}"),
        ("exp(exp(exp(9)))", f"column 5: {LARGE}"),
        ("1e-400", "column 1: this number is smaller than a double can hold (about 5e-324)"),
        ("(1.1^999*x)^999", "column 12: the numbers here are too long to be held exactly"),
        ("1" * 2001, "2,001 characters long, more than 2,000"),
        ("(" * 61 + "x" + ")" * 61, "column 61: nested more than 60 deep"),
        ("(" * 100_000, "100,000 characters long, more than 2,000"),
    ],
)
def test_each_fault_has_its_line(text: str, message: str) -> None:
    assert refusal(text) == message


HOSTILE = {
    "parentheses": "(" * 999 + "x" + ")" * 999,
    "opening": "(" * 2000,
    "minus signs": "-" * 1999 + "x",
    "powers": "x^" * 999 + "x",
    "powers of nine": "9^" * 999 + "9",
    "fractions": "x/" * 999 + "x",
    "calls": "exp(" * 300 + "x" + ")" * 300,
    "a tower": "((((x+1)^999)^999)^999)^999",
    "a tower of numbers": "((1.000001^999)^999)^999",
    "long fractions": "+".join(["x*1.1^999"] * 200),
    "a long root": "sqrt(" + "9" * 300 + ")",
    "digits": "0." + "3" * 1990,
    "huge tangent": "tan(1e300)",
    "many maxima": "max(" * 40 + "x" + ",y)" * 40,
    "a wide maximum": "max(" + ",".join(["x*y+sin(x)"] * 180) + ")",
    "a wide sum": "+".join(f"x^{k}" for k in range(350)),
    "a wide product": "*".join(f"(x+{k})" for k in range(250)),
    "commas": "max(" + "," * 1990 + ")",
    "underscores": "_" * 1999,
    "blanks": " " * 1999 + "x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_answered_soon(name: str) -> None:
    read("x")
    start = time.process_time()
    lines = told(HOSTILE[name])
    assert len(lines) <= 1
    assert all(len(line) < 300 for line in lines)
    assert time.process_time() - start < 1.0


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60))
@example("\ud800")
@example("١+٢")
def test_any_text_is_read_or_refused(text: str) -> None:
    assert len(told(text)) <= 1


_PIECES = st.sampled_from(["x", "y", "2", "0", ".5", "1e9", "9" * 30, "+", "-", "*", "/", "^", "**", "(", ")", ",", " ",
                           *(f"{name}(" for name in FUNCTIONS)])  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(_PIECES, max_size=25).map("".join))
def test_any_row_of_tokens_is_read_or_refused(text: str) -> None:
    lines = told(text)
    assert len(lines) <= 1
    assert lines or not read(text).expression.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I)


_PYTHON: dict[str, Callable[..., float]] = {
    "ln": math.log,
    "log": math.log,
    "relu": lambda z: max(z, 0.0),
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "softplus": lambda z: math.log(1 + math.exp(z)),
    "step": lambda z: float(z >= 0),
    "abs": abs,
    "min": min,
    "max": max,
    **{name: getattr(math, name) for name in ("exp", "sqrt", "sin", "cos", "tan", "tanh")},
}
_OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}


def calculated(node: ast.AST, at: dict[str, float]) -> float:
    """The value of an expression that Python's own parser has read."""
    match node:
        case ast.Expression(body):
            return calculated(body, at)
        case ast.Constant(value):
            return float(str(value))
        case ast.Name(name):
            return at[name]
        case ast.UnaryOp(op, operand):
            return _OPERATORS[type(op)](calculated(operand, at))
        case ast.BinOp(left, op, right):
            return _OPERATORS[type(op)](calculated(left, at), calculated(right, at))
        case ast.Call(ast.Name(name), arguments):
            return _PYTHON[name](*(calculated(argument, at) for argument in arguments))
    raise AssertionError(ast.dump(node))


_LEAVES = st.sampled_from(["x", "y"]) | st.integers(0, 9).map(str) | st.sampled_from(["0.5", "1.25"])
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", "-", "*", "/"]), inner).map(lambda t: f"({t[0]}){t[1]}{t[2]}"),
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map("".join),
        st.tuples(inner, st.sampled_from(["2", "3", "-1"])).map(lambda t: f"({t[0]})**{t[1]}"),
        inner.map(lambda t: f"-{t}"),
        st.tuples(st.sampled_from(sorted(FUNCTIONS.keys() - {"min", "max"})), inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(_TREES, st.sampled_from([-1.5, 0.25, 2.0]), st.sampled_from([0.5, 3.0]))
def test_it_means_what_python_would_make_of_it(text: str, at_x: float, at_y: float) -> None:
    """Python's parser has the same operators with the same precedence."""
    try:
        expected = calculated(ast.parse(text, mode="eval"), {"x": at_x, "y": at_y})
    except (ArithmeticError, ValueError):
        return
    if isinstance(expected, complex) or abs(expected) > 1e12:
        return
    try:
        expression = read(text).expression
    except InputError:
        return  # a constant in it is undefined, which Python's rounding did not see
    found = complex(expression.subs({X: sympy.Rational(at_x), Y: sympy.Rational(at_y)}).evalf(30))
    assert found.real == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", ["x", "x1", "_", "größe", "Δx", "重み", "w_1", "learning_rate"])
def test_names_in_any_script(name: str) -> None:
    assert why_no_name(name) == ""
    assert parse(f"2*{name}", [name], "").expression == 2 * symbol(name)


@pytest.mark.parametrize("name", ["", "1x", "a b", "x'", "x²", "exp", "a-b", "x\n", "w[1]", "x" * 41])
def test_names_that_are_none(name: str) -> None:
    assert why_no_name(name)
