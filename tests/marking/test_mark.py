"""From answers to marks: worth, shares, kinks, formulas, variants, what is dropped or accepted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import stepcalc
from stepcalc.answers.base import Answers
from stepcalc.marking.judge import (
    ACCEPTED,
    AT_A_CORNER,
    CUT,
    FEW_DIGITS,
    OTHER_FORM,
    OWN_ROUNDING,
    PROVED,
    REACHED,
    REFUSED,
)
from stepcalc.marking.mark import mark
from stepcalc.marking.marks import Marks
from stepcalc.problem import Problem
from stepcalc.solving import solve
from stepcalc.trace import Trace
from tests.made import trace_of
from tests.marking.students import by_item, one, typed


def solved(**fields: Any) -> Trace:
    return solve(Problem(**fields))


def cookie(**more: Any) -> Trace:
    problem = stepcalc.load("worked_examples/cookie.toml")
    fields = {
        "loss": "binary_cross_entropy",
        "data": {"x": [3, 5, 2, 4], "y": 0},
        "layers": [
            {"type": "dense", "activation": "sigmoid", "W": layer.W.tolist(), "b": layer.b.tolist()}
            for layer in problem.layers
        ],
        "optimizer": {"learning_rate": 0.1},
    }
    return solved(**fields, **more)


def relu(z: float, y: float = 3, **more: Any) -> Trace:
    """One ReLU unit with weighted sum ``z``, then a linear one; the target ``y``."""
    layers = [
        {"type": "dense", "activation": "relu", "W": [[1.0]], "b": [z - 1.0]},
        {"type": "dense", "W": [[2.0]], "b": [0.5]},
    ]
    return solved(loss="mse", data={"x": [1], "y": [y]}, layers=layers, **more)


# ------------------------------------------------------------------------------------------------- verdicts


def test_the_deck_is_excused_for_rounding_like_the_deck() -> None:
    trace = cookie(rounding={"decimals": 3})
    deck = {"a1[1]": "0.990", "a1[2]": "0.989", "a1[3]": "0.997", "z2": "2.2848", "y_hat": "0.907", "L": "2.375"}
    deck |= {"dL/dz1[1]": "0.00628", "dL/dz1[2]": "0.00493", "dL/dz1[3]": "0.00244", "W2_new[1,1]": "0.4102"}
    marks = by_item(one(trace, deck))
    excused = ["z2", "y_hat", "L", "dL/dz1[1]", "dL/dz1[3]"]
    assert [item for item, mark in marks.items() if mark.verdict == "rounding"] == excused
    assert [item for item, mark in marks.items() if mark.verdict == "wrong"] == ["W2_new[1,1]"]
    assert marks["y_hat"].remarks & CUT
    assert not marks["z2"].remarks & CUT
    assert "W2[1,2]" in {finding.about.get("weight") for finding in marks["W2_new[1,1]"].findings}


def test_what_is_blank_or_unreadable_costs_nothing_elsewhere() -> None:
    trace = cookie()
    given = {"z1[1]": "5.1", "a1[1]": "", "z2": "__import__('os')", "y_hat": ""}
    a = 1 / (1 + np.exp(-5.1))
    z = 0.7 * a + 0.5 * trace.value("a1[2]") + 0.9 * trace.value("a1[3]") + 0.2
    given["L"] = typed(np.log1p(np.exp(z)))
    marks = by_item(one(trace, given))
    assert [mark.verdict for mark in marks.values()] == ["wrong", "missing", "invalid", "missing", "follow_through"]
    assert marks["z2"].reason


def test_what_is_right_anyway_is_correct() -> None:
    trace = cookie()
    marks = one(trace, {"z1[1]": "5.1", "y_hat": "0.9076", "L": "2.382"})
    assert [mark.verdict for mark in marks.items] == ["wrong", "correct", "correct"]
    assert marks.first_error == "z1[1]"


def test_the_first_error_is_the_first_in_the_calculation() -> None:
    assert one(cookie(), {"L": "9", "y_hat": "0.5", "z1[1]": "7"}).first_error == "z1[1]"


def test_fewer_digits_than_asked() -> None:
    marks = by_item(one(cookie(), {"y_hat": "0.91", "L": "2.4", "z1[1]": "4.6"}))
    assert {item: mark.verdict for item, mark in marks.items()} == {
        "y_hat": "rounding",
        "L": "rounding",
        "z1[1]": "correct",
    }
    assert marks["y_hat"].remarks & FEW_DIGITS


@pytest.mark.parametrize(
    ("raw", "verdict"),
    [("0.9", "rounding"), ("9e-1", "rounding"), ("0.8", "wrong"), ("0", "wrong"), ("0.0", "wrong"), ("1", "rounding")],
)
def test_a_single_digit_is_right_where_the_number_rounds_to_it(raw: str, verdict: str) -> None:
    marked = one(cookie(), {"y_hat": raw}).items[0]
    assert marked.verdict == verdict
    assert bool(marked.remarks & FEW_DIGITS) == (verdict == "rounding")


def test_from_a_single_digit_one_may_go_on_with_it_or_with_the_whole_number() -> None:
    for y_hat, verdict in ((0.9, "rounding"), (0.907634, "correct"), (0.95, "wrong")):
        marks = by_item(one(cookie(), {"y_hat": "0.9", "L": typed(-np.log(1 - y_hat), 4)}))
        assert [mark.verdict for mark in marks.values()] == ["rounding", verdict]


def test_a_single_digit_may_follow_from_ones_own_wrong_number() -> None:
    marks = by_item(one(cookie(), {"z2": "0.5", "y_hat": "0.6"}))  # σ(0.5) is 0.6225
    assert [mark.verdict for mark in marks.values()] == ["wrong", "follow_through"]


def test_a_single_digit_that_a_mistake_gives_too_cannot_be_told_apart() -> None:
    trace = cookie()
    assert trace.value("W1_new[1,2]") == pytest.approx(0.1 - 0.0032, abs=1e-4)
    marked = one(trace, {"W1_new[1,2]": "0.1"}).items[0]
    assert (marked.verdict, marked.findings) == ("rounding", ())
    assert {finding.name for finding in marked.alike} >= {"never_updated", "update_sign"}


def test_a_wrong_single_digit_is_explained_by_the_mistake_whose_number_rounds_to_it() -> None:
    marked = one(cookie(), {"dL/dz2": "-0.9"}).items[0]
    assert marked.verdict == "wrong"
    assert {finding.name for finding in marked.findings} == {"error_sign", "sign_lost"}


def test_what_is_0_to_all_decimals_asked_may_be_0_with_fewer() -> None:
    trace = solved(given={"x": 0.02}, define={"y": "x^2"}, differentiate={"of": "y"}, rounding={"decimals": 3})
    marks = {raw: one(trace, {"y": raw}).items[0] for raw in ("0.000", "0.0000", "0.0", "0", "0.001")}
    assert [mark.verdict for mark in marks.values()] == ["correct", "rounding", "rounding", "rounding", "wrong"]
    assert marks["0"].remarks == FEW_DIGITS


def test_right_from_ones_own_rounded_numbers() -> None:
    trace = cookie()
    given = {"y_hat": "0.91", "L": typed(-np.log(1 - 0.91), 5)}
    marks = by_item(one(trace, given))
    assert marks["L"].verdict == "rounding"
    assert marks["L"].remarks & OWN_ROUNDING


def test_what_rounding_every_step_can_reach_is_excused() -> None:
    layers = [{"type": "dense", "W": [[1.0]], "b": [0.0]}, {"type": "dense", "W": [[10.0]], "b": [0.0]}]
    trace = solved(loss="mse", data={"x": [0.12345], "y": [1]}, layers=layers, rounding={"decimals": 3})
    exact, rounded = one(trace, {"z1": "0.12345", "z2": "1.230"}).items
    assert (exact.verdict, rounded.verdict) == ("correct", "rounding")
    assert rounded.remarks == REACHED
    assert one(trace, {"z1": "0.12345", "z2": "1.225"}).items[1].verdict == "wrong"


def test_the_marks_of_an_array_are_shared_and_shares_count() -> None:
    trace = cookie(
        marking={"marks": {"default": 2, "z1": 3, "L": 5}, "follow_through": 0.5, "rounding": 0.25},
        rounding={"significant": 4},
    )
    wrong = trace.value("z2[1]") + 1
    given = {"z1[1]": "4.6", "z1[2]": "4.5", "z1[3]": "0", "z2": typed(wrong), "y_hat": typed(1 / (1 + np.exp(-wrong)))}
    marks = by_item(one(trace, given | {"L": ""}))
    assert [mark.marks for mark in marks.values()] == [1, 1, 0, 0, 1, 0]
    assert one(trace, given | {"L": ""}).marks == 3
    assert mark(trace, Answers(("z1[1]", "L"), ("s",), {"z1[1]": ("",), "L": ("",)})).max_marks == 3 + 5


def test_follow_through_is_refused_where_a_wrong_0_leaves_nothing_to_show() -> None:
    trace = cookie()
    given = {"dL/dz2[1]": "0", "dL/dW2[1,1]": "0", "dL/dW1[1,1]": "0", "W1_new[1,1]": "0.6000"}
    marks = by_item(one(trace, given))
    assert [mark.verdict for mark in marks.values()] == ["wrong", "wrong", "wrong", "follow_through"]
    assert marks["dL/dW2[1,1]"].remarks & REFUSED
    assert marks["dL/dW2[1,1]"].blocked_by == "dL/dz2[1]"
    assert not marks["dL/dz2[1]"].blocked_by


def line_through(x: list[float], y: list[float]) -> Trace:
    data = {"x": [[number] for number in x], "y": y}
    return solved(loss="mse", data=data, layers=[{"type": "dense", "W": [[0.5]], "b": [0.5]}])


def test_products_that_add_up_to_0_are_no_factor_0() -> None:
    given = {"dL/dz1[1]@1": "0", "dL/dz1[1]@2": "0.8", "dL/dz1[1]@3": "-0.8", "dL/db1[1]": "0", "dL/dW1[1,1]": "-0.8"}
    marks = by_item(one(line_through([1, 2, 3], [0, 0, 0]), given))
    assert [mark.verdict for mark in marks.values()] == ["wrong"] * 3 + ["follow_through"] * 2
    assert not marks["dL/db1[1]"].remarks & REFUSED


def test_where_0_is_right_nothing_is_refused() -> None:
    trace = line_through([1, 2], [2, 0.5])
    marks = one(trace, {"dL/dz1[1]@1": "0", "dL/dz1[1]@2": "0", "dL/db1[1]": "0.001"})
    assert [mark.verdict for mark in marks.items] == ["wrong", "wrong", "follow_through"]


def test_a_dead_unit_of_ones_own_blocks_by_its_name() -> None:
    trace = relu(1.5)
    marks = by_item(one(trace, {"z1": "-0.5", "a1": "0", "dL/dW2": "0", "dL/dz1": "0", "dL/dW1": "0"}))
    assert marks["a1"].verdict == "follow_through"
    blocked = {item: mark.blocked_by for item, mark in marks.items() if mark.blocked_by}
    assert blocked == {"dL/dW2": "a1", "dL/dz1": "z1", "dL/dW1": "dL/dz1"}


def test_of_two_that_block_the_nearest_is_named() -> None:
    define = {"u": "2*x", "v": "3*x", "r": "relu(u + v)", "y": "w*r"}
    trace = solved(given={"x": 1, "w": 1}, define=define, differentiate={"of": "y"})
    marks = by_item(one(trace, {"u": "-1", "v": "-1", "dy/dw": "0"}))
    assert marks["dy/dw"].blocked_by == "v"


def test_what_blocks_is_found_by_the_numbers_of_ones_own_variant() -> None:
    answers = {"dL/dz1": "0", "dL/dW1": "0"}
    traces = {"001": relu(0.75), "002": relu(1.5)}
    right = {item: typed(traces["001"].value(item)) for item in ("dL/dz1[1]", "dL/dW1[1,1]")}
    right = dict(zip(answers, right.values(), strict=True))
    marks = of_class(traces, {"a": right, "b": answers}, ("001", "002"))
    assert [mark.blocked_by for row in (0, 1) for mark in marks.student(row).items] == ["", "", "", "dL/dz1"]


@pytest.mark.parametrize(("slope", "verdict"), [(0.0, "correct"), (1.0, "correct"), (0.5, "correct"), (1.5, "wrong")])
def test_at_a_kink_any_slope_between_is_right(slope: float, verdict: str) -> None:
    trace = relu(0.0)
    by_a = trace.value("dL/da1[1]")
    marks = by_item(one(trace, {"dL/dz1": typed(by_a * slope), "dL/dW1": typed(by_a * slope)}))
    assert marks["dL/dz1"].verdict == verdict
    assert bool(marks["dL/dz1"].remarks & AT_A_CORNER) == (verdict == "correct" and slope != 0)
    assert marks["dL/dW1"].verdict in ("correct", "rounding", "follow_through")


def test_off_the_kink_there_is_one_slope() -> None:
    trace = relu(0.25)
    by_a = trace.value("dL/da1[1]")
    for raw in (typed(by_a * 0.5), "-8.001"):
        assert by_item(one(trace, {"dL/dz1": raw}))["dL/dz1"].verdict == "wrong"


@pytest.mark.parametrize(("raw", "verdict"), [("-6.667", "correct"), ("-6.669", "wrong"), ("-6.67", "correct")])
def test_the_last_slope_at_a_kink_may_be_rounded(raw: str, verdict: str) -> None:
    trace = relu(0.0, y=0.5 + 5 / 3)
    assert one(trace, {"dL/dz1": raw}).items[0].verdict == verdict


def test_a_kink_without_bounds_takes_no_other_number() -> None:
    trace = solved(given={"x": 0}, define={"y": "abs(x) + x^2.5"}, differentiate={"of": "y"})
    assert one(trace, {"dy/dx": "7"}).items[0].verdict == "wrong"


def test_a_saturated_output_has_a_step_all_the_same() -> None:
    layers = [{"type": "dense", "activation": "sigmoid", "W": [[60.0]], "b": [0.0]}]
    trace = solved(loss="binary_cross_entropy", data={"x": [1], "y": 0}, layers=layers)
    marks = by_item(one(trace, {"z1": "60", "dL/dz1": "1.000", "dL/dW1": "1.000"}))
    assert {mark.verdict for mark in marks.values()} == {"correct"}
    marks = by_item(one(trace, {"z1": "50", "dL/dW1": "1.000", "dL/db1": "2"}))
    assert [mark.verdict for mark in marks.values()] == ["wrong", "correct", "wrong"]


# ------------------------------------------------------------------------------------------------- [marking]


def test_an_item_dropped_counts_nowhere_and_one_accepted_is_right() -> None:
    wrong = {"z1[1]": "7.7", "y_hat": "0.5", "L": "2.382"}
    plain = one(cookie(), wrong)
    assert (plain.marks, plain.first_error) == (1, "z1[1]")
    marking = {"drop": ["z1[1]"], "accept": {"y_hat": ["0.5", "0.9076", "x"]}}
    marks = one(cookie(marking=marking), wrong)
    assert (marks.marks, marks.first_error) == (2, None)
    assert [mark.item for mark in marks.items] == ["y_hat", "L"]
    assert by_item(marks)["y_hat"].remarks & ACCEPTED
    assert not one(cookie(marking=marking), {"y_hat": "0.9076"}).items[0].remarks


def test_what_is_asked_and_not_answered_is_missing_whichever_name_it_has() -> None:
    trace = cookie(marking={"items": ["y_hat", "z1"]})
    verdicts = {mark.item: mark.verdict for mark in one(trace, {"a2": "0.9076", "L": "2.382"}).items}
    assert verdicts == {"a2": "correct", **dict.fromkeys(["z1[1]", "z1[2]", "z1[3]"], "missing")}


def test_who_cuts_off_as_the_problem_does_is_right() -> None:
    for mode, verdict in (("truncate", "correct"), ("half_up", "rounding")):
        trace = cookie(rounding={"decimals": 3, "mode": mode})
        assert one(trace, {"y_hat": "0.907"}).items[0].verdict == verdict


def test_unknown_items_in_marking_are_refused_by_name() -> None:
    with pytest.raises(stepcalc.InputError, match=r"marking.drop\[1\].*z9"):
        cookie(marking={"drop": ["z9[1]"]})
    with pytest.raises(stepcalc.InputError, match=r"marking.accept.*z1"):
        cookie(marking={"accept": {"z1": ["3"]}})


@pytest.mark.parametrize(
    ("tolerance", "raw", "verdict"),
    [
        ({"significant": 3}, "0.908", "correct"),
        ({"decimals": 2}, "0.91", "correct"),
        ({"relative": 0.01}, "0.9", "correct"),
        ({"relative": 0.001}, "0.9", "wrong"),
        ({"absolute": 0.1}, "1", "correct"),
    ],
)
def test_tolerances(tolerance: dict[str, float], raw: str, verdict: str) -> None:
    assert one(cookie(marking={"tolerance": tolerance}), {"y_hat": raw}).items[0].verdict == verdict


# -------------------------------------------------------------------------------------------------- a class


def of_class(traces: Any, students: dict[str, dict[str, str]], variants: tuple[str, ...] = ()) -> Marks:
    items = tuple(dict.fromkeys(item for answers in students.values() for item in answers))
    raw = {item: tuple(answers.get(item, "") for answers in students.values()) for item in items}
    return mark(traces, Answers(items, tuple(students), raw, variants))


def test_variants_are_marked_each_by_its_own_numbers() -> None:
    one, two = relu(1.5), relu(0.75)
    assert one.value("z1[1]") != two.value("z1[1]")
    key = {
        name: {item: typed(trace.value(item)) for item in ("z1[1]", "L", "dL/dW1[1,1]")}
        for name, trace in (("001", one), ("002", two))
    }
    students = {"a": key["001"], "b": key["002"], "c": key["001"], "d": key["002"]}
    marks = of_class({"001": one, "002": two}, students, ("001", "002", "002", "003"))
    assert marks.totals.tolist() == [3, 3, 2, 0]  # with another variant's first number, the others follow from it
    assert marks.first_errors.tolist() == [-1, -1, 0, -1]
    assert marks.student(3).items == ()


def test_variants_of_another_structure_ask_their_own_items() -> None:
    small = solved(loss="mse", data={"x": [1], "y": [3]}, layers=[{"type": "dense", "W": [[2.0]], "b": [0.5]}])
    large = relu(1.5)
    items = {"y_hat": "2.5", "dL/dW2": typed(large.value("dL/dW2[1,1]"))}
    marks = of_class(
        {"001": small, "002": large}, {"a": {"y_hat": "2.5"}, "b": items | {"y_hat": "3.5"}}, ("001", "002")
    )
    assert [mark.item for mark in marks.student(0).items] == ["y_hat"]
    assert marks.totals.tolist() == [1, 2]


def test_variants_with_other_targets_have_other_steps() -> None:
    layer = {"type": "dense", "activation": "sigmoid", "W": [[1.0]], "b": [0.5]}
    traces = {
        name: solved(loss="binary_cross_entropy", data={"x": [1], "y": y}, layers=[layer])
        for name, y in (("001", 0), ("002", 1))
    }
    answers = {"a": {"y_hat": "0.6", "L": typed(-np.log(0.4))}, "b": {"y_hat": "0.6", "L": typed(-np.log(0.6))}}
    marks = of_class(traces, answers, ("001", "002"))
    assert [marks.student(row).items[1].verdict for row in (0, 1)] == ["follow_through"] * 2


def test_what_one_variant_drops_the_others_keep() -> None:
    answers = {name: {"z1": "1.5", "L": "9"} for name in "ab"}
    marks = of_class({"001": relu(1.5), "002": relu(1.5, marking={"drop": ["z1"]})}, answers, ("001", "002"))
    assert [[mark.item for mark in marks.student(row).items] for row in (0, 1)] == [["z1", "L"], ["L"]]


def test_one_item_under_two_names_is_refused() -> None:
    with pytest.raises(stepcalc.InputError, match="a2: is the same item as y_hat; keep one of them"):
        one(cookie(), {"y_hat": "0.9076", "z2": "2.285", "a2": "0.5"})


def test_where_only_some_variants_have_one_item_under_two_names_it_is_asked_once() -> None:
    small = solved(loss="mse", data={"x": [1], "y": [3]}, layers=[{"type": "dense", "W": [[2.0]], "b": [0.5]}])
    answers = {"a": {"a1": "", "y_hat": "2.5"}, "b": {"a1": "1.5", "y_hat": "3.5"}}
    for columns in (("a1", "y_hat"), ("y_hat", "a1")):
        given = {name: {item: answers[name][item] for item in columns} for name in answers}
        marks = of_class({"001": small, "002": relu(1.5)}, given, ("001", "002"))
        assert [mark.item for mark in marks.student(0).items] == ["y_hat"]
        assert marks.totals.tolist() == [1, 2]


def test_marks_count_under_either_name_of_an_item() -> None:
    trace = cookie(marking={"marks": {"a2": 5, "y_hat": 5, "z1": 3}})
    assert by_item(one(trace, {"y_hat": "0.9076", "z1[1]": "4.6"}))["y_hat"].marks == 5
    trace = cookie(marking={"marks": {"a2": 5}})
    assert [mark.marks for mark in one(trace, {"y_hat": "0.9076", "z2": "2.285"}).items] == [5, 1]
    trace = cookie(marking={"marks": {"dL/dy_hat": 4}})
    assert one(trace, {"dL/da2": typed(trace.value("dL/da2[1]"))}).marks == 4


def test_everybody_is_marked_as_if_alone() -> None:
    trace = trace_of("cookie")
    random = np.random.default_rng(5)
    items = ["z1[2]", "y_hat[1]", "L", "dL/dz2[1]", "dL/dW1[2,3]", "W1_new[2,3]", "b2_new[1]"]
    students = {}
    for row in range(20):
        factors = random.choice([1.0, 1.0, 1.0, -1.0, 1.3], len(items))
        students[f"s{row}"] = {
            item: typed(trace.value(item) * factor, 5) for item, factor in zip(items, factors, strict=True)
        }
    together = list(of_class(trace, students))
    for marks in together:
        alone = of_class(trace, {marks.student: students[marks.student]}).student(0)
        assert alone == marks


def test_of_a_large_problem_what_was_not_asked_is_the_key_s(monkeypatch: pytest.MonkeyPatch) -> None:
    students = {"a": {"z1[1]": "7", "L": typed(cookie().value("L"))}}
    assert not of_class(cookie(), students).policy.from_key
    monkeypatch.setattr("stepcalc.marking.steps.MOST_BETWEEN", 3)
    marks = of_class(cookie(), students)
    assert marks.policy.from_key
    assert [mark.verdict for mark in marks.student(0).items] == ["wrong", "correct"]


# ------------------------------------------------------------------------------------------------- formulas


def test_the_formula_expected_is_one_that_can_be_typed() -> None:
    trace = trace_of("two_two_one_symbolic")
    items = ["a1[1]", "y_hat", "L", "dL/dy_hat", "dL/dz2", "dL/dW1[1,1]", "W1_new[2,2]"]
    asked = one(trace, dict.fromkeys(items, "0.123"))
    expected = {mark.item: mark.expected for mark in asked.items}
    assert expected["dL/dW1[1,1]"] == "a_1*w_1*x_1*(1 - a_1)*(y_hat - y)"
    again = one(trace, {item: str(formula) for item, formula in expected.items()})
    assert [mark.verdict for mark in again.items] == ["correct"] * len(items)


def test_the_formula_expected_is_that_of_ones_own_variant() -> None:
    traces = {"001": symbolic("sigmoid", "mse"), "002": symbolic("linear", "mse")}
    marks = of_class(traces, {"a": {"y_hat": "1"}, "b": {"y_hat": "1"}}, ("001", "002"))
    assert [marks.student(row).items[0].expected for row in (0, 1)] == ["1/(1 + exp(-z))", "z"]


def test_formulas_are_compared_as_functions() -> None:
    trace = trace_of("two_two_one_symbolic")
    given = {
        "a1[1]": "sigmoid(x_1*w_11 + x_2*w_21 + b_1)",
        "dL/dz2": "y - yhat",
        "dL/dW2[1,1]": "a_1*(y - yhat)",
        "dL/dW1[1,1]": "-x_1*w_1*a_1*(1-a_1)*(y-yhat)",
        "W1_new[1,1]": "w_11 - alpha*x_1*w_1*a_1*(1-a_1)*(y-yhat)",
        "W1_new[2,2]": "w_22 + +",
    }
    marks = by_item(one(trace, given))
    assert [mark.verdict for mark in marks.values()] == [
        "correct", "wrong", "follow_through", "correct", "wrong", "invalid",
    ]  # fmt: skip
    assert marks["W1_new[1,1]"].diagnosis == "update_sign"


def test_a_formula_holds_everywhere_or_not_at_all() -> None:
    trace = trace_of("two_two_one_symbolic")
    given = {"z1[1]": "abs(x_1) w_11 + x_2 w_21 + b_1", "dL/dz2": "abs(yhat - y)"}
    assert {mark.verdict for mark in one(trace, given).items} == {"wrong"}


def symbolic(activation: str, loss: str, units: int = 1) -> Trace:
    layer = {"type": "dense", "activation": activation, "units": units}
    return solved(loss=loss, data={"inputs": 2}, layers=[layer])


def test_formulas_are_compared_where_they_are_defined() -> None:
    trace = symbolic("tanh", "binary_cross_entropy")
    assert one(trace, {"L": "-y ln(yhat) - (1 - y) ln(1 - yhat)"}).items[0].verdict == "correct"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("yhat_1 - y_1", "correct"), ("(y_1 + y_2) yhat_1 - y_1", "correct"), ("yhat_1 - 2 y_1", "wrong")],
)
def test_targets_are_such_as_the_loss_takes(text: str, verdict: str) -> None:
    trace = symbolic("softmax", "categorical_cross_entropy", units=2)
    assert one(trace, {"dL/dz1[1]": text}).items[0].verdict == verdict


def test_a_slope_in_a_formula_that_is_too_involved_is_refused() -> None:
    marks = {n: one(symbolic("relu", "mse"), {"dL/dz1": f"{n} dL/dyhat ReLU'(z)"}).items[0] for n in (2, 1001)}
    assert [mark.verdict for mark in marks.values()] == ["wrong", "invalid"]
    assert marks[1001].reason == "too involved to be worked out"


def test_a_formula_may_not_use_what_is_found_from_it() -> None:
    marks = by_item(one(trace_of("two_two_one_symbolic"), {"z1[1]": "z_1", "a1[1]": "a_1"}))
    assert {mark.verdict for mark in marks.values()} == {"invalid"}


@pytest.mark.parametrize(
    ("text", "form", "verdict", "marks"),
    [
        ("-x_1 w_1 a_1 (1-a_1)(y-\\hat y)", {"factored": True}, "correct", 2),
        ("x_1 w_1 a_1 (1-a_1) yhat - x_1 w_1 a_1 (1-a_1) y", {"factored": True, "share": 0.5}, "correct", 1),
        ("x_1 w_1 a_1 (1-a_1) (sigmoid(z) - y)", {"using": ["y_hat"], "share": 0.25}, "correct", 0.5),
        ("x_1 w_1 a_1 (1-a_1) (yhat - y)", {"using": ["y_hat"], "share": 0.25}, "correct", 2),
        ("x_1 w_1 a_1 (1-a_1) (y - yhat) + 0", {"factored": True, "share": 0.5}, "wrong", 0),
    ],
)
@pytest.mark.parametrize("under", ["dL/dW1", "dL/dW1[1,1]"])
def test_a_wanted_form_is_judged_apart_from_the_value(
    text: str, form: dict[str, Any], verdict: str, marks: float, under: str
) -> None:
    problem = stepcalc.load("worked_examples/two_two_one_symbolic.toml")
    marking = {"marks": {"default": 2}, "forms": {under: form}}
    fields = {"loss": "binary_cross_entropy", "data": {"inputs": 2}, "notation": problem.notation.model_dump()}
    layer = {"type": "dense", "activation": "sigmoid"}
    trace = solved(**fields, layers=[{**layer, "units": 2}, {**layer, "units": 1}], marking=marking)
    found = one(trace, {"dL/dW1[1,1]": text}).items[0]
    assert (found.verdict, found.marks) == (verdict, marks)
    assert bool(found.remarks & OTHER_FORM) == (verdict == "correct" and marks < 2)
    if verdict == "correct" and "sigmoid" not in text:
        assert found.remarks & PROVED


def test_a_right_way_is_no_mistake() -> None:
    """∂L/∂z = ŷ − y from one's own rounded ŷ is right for the cookie, however far the chain is off by rounding."""
    marks = by_item(one(cookie(rounding={"decimals": 3}), {"y_hat": "0.907", "dL/dy_hat": "10.75", "dL/dz2": "0.907"}))
    assert marks["dL/dz2"].verdict == "rounding"
    assert "short_form_misused" not in {finding.name for finding in marks["dL/dz2"].alike}


def test_a_gradient_may_follow_from_ones_own_forward_numbers_past_a_wrong_one() -> None:
    """∂L/∂w = ŷ · a in one product, from a wrong ŷ, whatever was written for ∂L/∂z on the way."""
    trace = cookie()
    a = trace.value("a1[1]")
    marks = by_item(one(trace, {"y_hat": "0.6", "dL/dz2": "5", "dL/dW2[1,1]": typed(0.6 * a)}))
    assert [mark.verdict for mark in marks.values()] == ["wrong", "wrong", "follow_through"]


def test_a_new_weight_follows_from_the_gradient_that_was_written_down_only() -> None:
    trace = cookie()
    new = 0.7 - 0.1 * 0.6 * trace.value("a1[1]")
    marks = by_item(one(trace, {"y_hat": "0.6", "dL/dW2[1,1]": "5", "W2_new[1,1]": typed(new)}))
    assert [mark.verdict for mark in marks.values()] == ["wrong", "wrong", "wrong"]
