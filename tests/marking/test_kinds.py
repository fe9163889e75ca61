"""Every kind of item: right, wrong, and what is no answer at all, each with its verdict."""

from __future__ import annotations

import pytest

from tests.made import trace_of
from tests.marking.students import by_item, one, typed

NUMBERS = {
    "a value": ("cookie", "z1[2]"),
    "an output": ("cookie", "y_hat[1]"),
    "the cost": ("cookie", "L"),
    "a gradient by a value": ("cookie", "dL/da1[3]"),
    "a gradient by a weight": ("cookie", "dL/dW1[2,3]"),
    "a gradient by an input": ("cookie", "dL/dx[1]"),
    "a new weight": ("cookie", "W1_new[2,3]"),
    "a value of a sample": ("matrix_deck", "z1[1]@2"),
    "a gradient of a sample": ("matrix_deck", "dL/dz2[2]@2"),
    "a gradient over a mini-batch": ("mini_batches", "dL/dW1[1,1]"),
    "a cell of a map": ("cnn", "z1[1,1,1]"),
    "a weight of a kernel": ("cnn", "dL/dK1[1,1,1,1]"),
    "a state at a time step": ("rnn", "h1[2,1]"),
    "a gate at a time step": ("lstm", "f1[2,1]"),
    "a value of an expression": ("chain_rule", "z"),
    "a derivative of an expression": ("chain_rule", "dz/dx"),
    "a new number": ("gradient_descent_1d", "w_new"),
    "a velocity": ("momentum", "y_v"),
    "a first moment": ("adam", "W1_m[1,1]"),
    "a second moment": ("adam", "W1_v[1,1]"),
    "a corrected moment": ("adam", "W1_m_hat[1,1]"),
    "a second derivative": ("newton", "d2J/dx/dx"),
    "a mixed second derivative": ("newton", "d2J/dx/dy"),
    "a solution of a system": ("newton", "x_p"),
    "a value of a later update": ("adam", "z1[1]@2#2"),
    "a gradient of a later update": ("adam", "dL/dW1[1,1]#2"),
    "a moment of a later update": ("adam", "W1_v[1,1]#2"),
    "a weight of a later update": ("adam", "W1_new[1,1]#3"),
    "a second derivative of a later update": ("newton", "d2J/dx/dx#2"),
}
UNREADABLE = ("__import__('os')", "1..2", "x_1", "9^9^9^9")
EMPTY = ("", "  ", "–")


@pytest.mark.parametrize("kind", NUMBERS)
def test_each_kind_of_number(kind: str) -> None:
    name, item = NUMBERS[kind]
    trace = trace_of(name)
    right = trace.value(item)
    assert right is not None
    wrong = right + 0.37 * (abs(right) + 0.05)
    expected = {
        trace.rounding.printed(right): "correct",
        typed(right, 12): "correct",
        typed(wrong): "wrong",
        **dict.fromkeys(UNREADABLE, "invalid"),
        **dict.fromkeys(EMPTY, "missing"),
    }
    assert {text: verdict_of(name, item, text) for text in expected} == expected


def verdict_of(name: str, item: str, text: str) -> str:
    """The verdict on an only answer, after one that is right, so that somebody has answered something."""
    trace = trace_of(name)
    cost = trace.graph.cost
    marks = by_item(one(trace, {cost: typed(trace.value(cost), 12), item: text} if item != cost else {item: text}))
    mark = marks[item]
    assert mark.marks == (mark.worth if mark.verdict == "correct" else 0)
    assert bool(mark.reason) == (mark.verdict == "invalid")
    return str(mark.verdict)


FORMULAS = {
    "a value": ("a1[1]", "σ(z_1)", "z_1"),
    "an output": ("y_hat[1]", "1/(1+e^{-z})", "1/(1+e^z)"),
    "the cost": ("L", "-(y ln(ŷ) + (1-y) ln(1-ŷ))", "y ln(ŷ) + (1-y) ln(1-ŷ)"),
    "a gradient by a value": ("dL/dz2[1]", r"\hat y - y", r"y - \hat y"),
    "a gradient by a weight": ("dL/dW1[1,1]", "x_1 w_1 a_1 (1-a_1)(ŷ-y)", "x_1 w_1 (ŷ-y)"),
    "a new weight": ("W1_new[1,1]", "w_11 - alpha dL/dw_11", "w_11 + alpha dL/dw_11"),
}


@pytest.mark.parametrize("kind", FORMULAS)
@pytest.mark.parametrize(
    ("text", "verdict"), [("", "missing"), ("(x_1", "invalid"), ("q_7", "invalid"), ("9^9^9^9^x_1", "wrong")]
)
def test_each_kind_of_formula_unread(kind: str, text: str, verdict: str) -> None:
    item = FORMULAS[kind][0]
    other = "z1[2]"
    trace = trace_of("two_two_one_symbolic")
    marks = by_item(one(trace, {other: "x_1 w_12 + x_2 w_22 + b_2", item: text}))
    assert (marks[item].verdict, marks[item].marks, marks[other].verdict) == (verdict, 0, "correct")
    assert bool(marks[item].reason) == (verdict == "invalid")


@pytest.mark.parametrize("kind", FORMULAS)
def test_each_kind_of_formula(kind: str) -> None:
    item, right, wrong = FORMULAS[kind]
    trace = trace_of("two_two_one_symbolic")
    assert [by_item(one(trace, {item: text}))[item].verdict for text in (right, wrong)] == ["correct", "wrong"]
