"""Numbers to be calculated, to be chosen, and what mistakes give: by PyTorch, and as the marker finds them."""

from __future__ import annotations

import math
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import pytest

from stepcalc.board.nodes import Num
from stepcalc.board.text import text
from stepcalc.errors import InputError
from stepcalc.exams.kinds.multiple_choice import _wrong as wrong_options
from stepcalc.exams.question import Gap, Wrong
from stepcalc.marking.marks import Finding
from stepcalc.marking.misconceptions import CATALOGUE
from tests.exams.papers import EXAMPLES, choice, element, judged, numbers, paper, question, relu, told, varied
from tests.marking.students import by_item, several

ALL = ["z1", "a1", "y_hat", "L", "dL/dW2", "dL/dz1", "dL/dW1", "W1_new"]
PROBLEMS = [
    ("two_two_one", ALL),
    ("cookie", ALL),
    ("relu", ["z1", "dL/dz2", "dL/dW1[1,1]", "W1_m[1,1]", "W1_v_hat[1,1]", "W1_new[1,1]", "dL/dW2#2", "W2_new#3"]),
    ("multi_output", ["z2", "y_hat", "L", "dL/dz2", "dL/da1", "dL/dW1"]),
    ("chain_rule_two_links", ["x", "y", "z", "dz/dy", "dz/dx", "dz/dv"]),
    ("rnn", ["h1", "L", "dL/dh1", "dL/dW_x1", "dL/dW_h1"]),
    ("lstm", ["f1", "c1", "L", "dL/dc1", "dL/dW_xf1"]),
    ("mini_batches", ["z1", "J", "dJ/dW1", "W1_new"]),
    ("newton", ["x_p", "x_new"]),
]


def gaps(name: str, items: list[str], folder: Path) -> tuple[Gap, ...]:
    return question(relu(folder) if name == "relu" else name, "compute", items=items).gaps


def test_a_number_of_a_later_update_says_of_which() -> None:
    here, later = question("adam", "compute", items=["W1_new[1,1]", "W1_new[1,1]#2"]).gaps
    assert text(later.symbol) == f"{text(here.symbol)} (update 2)"
    assert later.step is not None
    assert text(later.step.lines[0].parts[0]) == text(later.symbol)


@pytest.mark.parametrize(("name", "items"), PROBLEMS)
def test_the_marker_finds_the_mistake_that_a_wrong_number_is_of(name: str, items: list[str], tmp_path: Path) -> None:
    made = paper(relu(tmp_path) if name == "relu" else name, {"kind": "compute", "items": items})
    asked = made.questions[0].gaps
    right = {gap.item: repr(gap.value) for gap in asked}
    typed = [(gap, wrong) for gap in asked for wrong in gap.wrongs]
    assert len(typed) >= 3
    students = several(made.variant.trace, [{**right, gap.item: f"{wrong.value:.11e}"} for gap, wrong in typed])
    for (gap, wrong), student in zip(typed, students, strict=True):
        mark = by_item(student)[gap.item]
        assert math.isfinite(wrong.value)
        assert abs(wrong.value - gap.value) > gap.tolerance
        assert mark.verdict == "wrong", (gap.item, wrong.name)
        assert wrong.name in {finding.name for finding in mark.findings}, (gap.item, wrong)
        assert "It looks as if" in told(wrong.why)


@pytest.mark.parametrize(("name", "items"), PROBLEMS)
def test_wrong_numbers_are_apart_and_of_likely_mistakes(name: str, items: list[str], tmp_path: Path) -> None:
    for gap in gaps(name, items, tmp_path):
        for place, wrong in enumerate(gap.wrongs):
            assert not CATALOGUE[wrong.name].far_fetched
            assert wrong.name not in wrong.also
            others = (other.value for other in gap.wrongs[:place])
            assert all(abs(wrong.value - other) > gap.tolerance for other in others)


def test_mistakes_that_give_one_number_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    from stepcalc.exams import wrongs

    made = paper("two_two_one", {"kind": "compute", "items": ["L"]})
    alike = [(Finding("sign_lost"), 2.0), (Finding("log10_for_ln"), 2.0 + 1e-12), (Finding("scale_twice"), 3.0)]
    monkeypatch.setattr(wrongs, "mistaken_numbers", lambda paper, item: iter([*alike, (Finding("half_added"), 1.0)]))
    first, second = wrongs.wrongs(made, "L", 1.0, 1e-9)
    assert (first.name, first.also, first.value) == ("sign_lost", ("log10_for_ln",), 2.0)
    assert told(first.why).startswith("Several mistakes give this very number.")
    assert told(first.why).count("It looks as if") == 2
    assert (second.name, second.also) == ("scale_twice", ())


def test_of_a_mistake_that_can_be_made_in_many_ways_three_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    from stepcalc.exams import wrongs

    made = paper("two_two_one", {"kind": "compute", "items": ["L"]})
    many = [(Finding("sign_lost"), 2.0 + way) for way in range(5)]
    monkeypatch.setattr(wrongs, "mistaken_numbers", lambda paper, item: iter([*many, (Finding("scale_twice"), 9.0)]))
    assert [wrong.value for wrong in wrongs.wrongs(made, "L", 1.0, 1e-9)] == [2.0, 3.0, 4.0, 9.0]


def test_what_is_no_number_is_no_wrong_number(monkeypatch: pytest.MonkeyPatch) -> None:
    from stepcalc.exams import wrongs

    made = paper("two_two_one", {"kind": "compute", "items": ["L"]})
    for value in (math.inf, math.nan):
        monkeypatch.setattr(wrongs, "point", lambda formula, look, value=value: np.array([value]))
        assert not list(wrongs.mistaken_numbers(made, "L"))


DIFFERENCE = '[given]\nx = 1.2345\ny = 1.2111\n[define]\nu = "x*y"\nz = "u - 1.5"\n'


@pytest.mark.parametrize(
    ("tolerance", "expected", "printed"),
    [
        ("auto", 0.005 - 0.00489705, "-0.004897"),  # u = 1.49510295, written 1.495
        ({"significant": 3}, 0.01 - 0.00489705, "-0.004897"),  # 1.50, or cut off 1.49
        ({"significant": 6}, 0.0049 - 0.00489705, "-0.00489705"),
        ({"decimals": 2}, 0.01 - 0.00489705, "-0.004897"),
        ({"absolute": 0.002}, 0.002, "-0.004897"),
        ({"relative": 0.1}, 0.000489705, "-0.004897"),
    ],
)
def test_how_far_an_answer_may_be_from_the_right_number(
    tolerance: Any, expected: float, printed: str, tmp_path: Path
) -> None:
    file = tmp_path / "difference.toml"
    file.write_text(DIFFERENCE)
    made = paper(file, {"kind": "compute", "items": ["z"]}, marking={"tolerance": tolerance})
    (gap,) = made.questions[0].gaps
    assert gap.tolerance == pytest.approx(expected, rel=1e-3)
    assert gap.printed == printed


@pytest.mark.parametrize(("name", "items"), PROBLEMS)
def test_every_gap_has_its_step_with_its_result(name: str, items: list[str], tmp_path: Path) -> None:
    for gap in gaps(name, items, tmp_path):
        assert gap.step is not None, gap.item
        result = gap.step.lines[-1].parts[-1]
        assert isinstance(result, Num), gap.item
        assert result.text == gap.printed, gap.item
        assert gap.what
        assert gap.phase


def test_gaps_come_in_the_order_of_the_calculation() -> None:
    asked = question("two_two_one", "compute", items=["W1_new", "L", "dL/dW1", "z1", "dL/dW2", "y_hat"])
    assert [gap.phase for gap in asked.gaps] == ["forward"] * 3 + ["loss"] + ["backward"] * 6 + ["update"] * 4
    assert [gap.item for gap in asked.gaps][:6] == ["z1[1]", "z1[2]", "y_hat[1]", "L", "dL/dW2[1,1]", "dL/dW2[2,1]"]
    assert asked.gaps[-1].what == "from x₂ to unit 2 of layer 1, after the update"


def test_the_key_has_the_steps_between_what_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def steps() -> list[str]:
        made = paper("two_two_one", {"kind": "compute", "items": ["z1"]}, {"kind": "compute", "items": ["L"]})
        return [block.lines[0].parts[0].item for block in made.questions[1].solution]  # type: ignore[union-attr]

    assert steps() == ["a1[1]", "a1[2]", "z2[1]", "y_hat[1]", "L"]
    monkeypatch.setattr(import_module("stepcalc.exams.kinds.compute"), "MOST_BETWEEN", 3)
    assert steps() == ["L"], "what is too much to be read is left out"


def test_options_differ_as_they_are_printed_and_each_mistake_comes_once_before_any_comes_again() -> None:
    made = paper("two_two_one", {"kind": "compute", "items": ["L"]})
    (gap,) = made.questions[0].gaps
    said = [("first", 1.0), ("first", 2.0), ("right", gap.value + 1e-9), ("other", 3.0), ("same", 1.0 + 1e-9)]
    gap = replace(gap, wrongs=tuple(Wrong(name, value, ()) for name, value in said))
    options = [(option.name, told(option.shown)) for option in wrong_options(made, gap)]
    assert options == [("first", "1"), ("other", "3"), ("first", "2")]


@pytest.mark.parametrize("name", ["two_two_one", "relu"])
def test_the_right_numbers_are_those_of_pytorch(name: str, tmp_path: Path) -> None:
    asked = {"kind": "compute", "items": ["z1", "y_hat", "L", "dL/dz1", "dL/dW1", "dL/dW2"]}
    for variant in varied(relu(tmp_path) if name == "relu" else name, asked, 2):
        values, gradients = judged(variant)
        for gap in variant.questions[0].gaps:
            arrays = gradients if gap.item.startswith("dL/d") else values
            assert gap.value == pytest.approx(element(arrays, gap.item.removeprefix("dL/d")), rel=1e-12)


def test_the_right_numbers_are_the_doubles_nearest_to_the_true_ones(tmp_path: Path) -> None:
    """By hand with fifty digits from the decimals that were written: what doubles add up differs in the last bits."""
    file = tmp_path / "tenth.toml"
    text = (EXAMPLES / "two_two_one.toml").read_text().replace("learning_rate = 0.5", "learning_rate = 0.1")
    file.write_text(text)
    trace = paper(file, {"kind": "compute", "items": ["dL/dW2", "dL/dW1", "W1_new"]}).variant
    with mpmath.workdps(50):
        w, v = (mpmath.matrix(rows) for rows in ([["0.5", "-0.4"], ["0.2", "0.3"]], [["0.6", "-0.8"]]))
        x, b, c, rate = [1, 2], [mpmath.mpf("0.1"), mpmath.mpf("0.3")], mpmath.mpf("0.1"), mpmath.mpf("0.1")
        a = [1 / (1 + mpmath.exp(-(x[0] * w[0, j] + x[1] * w[1, j] + b[j]))) for j in range(2)]
        error = 1 / (1 + mpmath.exp(-(a[0] * v[0] + a[1] * v[1] + c))) - 1
        expected = {f"dL/dW2[{j + 1},1]": a[j] * error for j in range(2)}
        for i, j in np.ndindex(2, 2):
            gradient = x[i] * v[j] * error * a[j] * (1 - a[j])
            expected |= {f"dL/dW1[{i + 1},{j + 1}]": gradient, f"W1_new[{i + 1},{j + 1}]": w[i, j] - rate * gradient}
        assert trace.numbers == {item: float(number) for item, number in expected.items()}


@pytest.mark.parametrize("z", [60, 90, 300, 700])
def test_right_numbers_are_right_where_a_unit_is_as_good_as_1(z: int, tmp_path: Path) -> None:
    """ŷ = σ(z) and y = 0: L = −ln(1 − ŷ) is z, but for less than a double has, and ∂L/∂z is 1."""
    file = tmp_path / "full.toml"
    file.write_text(
        'loss = "binary_cross_entropy"\n[data]\nx = [1]\ny = 0\n'
        f'[[layers]]\ntype = "dense"\nactivation = "sigmoid"\nW = [[{z}]]\n'
    )
    assert paper(file, {"kind": "compute", "items": ["L", "dL/dz1"]}).variant.numbers == {"L": z, "dL/dz1[1]": 1}


def test_marks_are_for_steps_and_for_numbers() -> None:
    asked = question("two_two_one", "compute", items=["z1", "dL/dW1"], marks=9)
    assert asked.worth == pytest.approx(9)
    assert [(line.kind, line.marks) for line in asked.rubric] == [
        ("method", 1.5), ("answer", 1.5), ("method", 3.0), ("answer", 3.0)
    ]  # fmt: skip
    assert told(asked.rubric[0].what) == "The right step: z₁, z₂"


CHOSEN = [
    ("two_two_one", "dL/dz1[1]"),
    ("relu", "W1_new[1,1]"),
    ("multi_output", "y_hat[2]"),
    ("chain_rule_two_links", "dz/dv"),
    ("rnn", "dL/dW_h1"),
    ("lstm", "c1[2,1]"),
    ("mini_batches", "dJ/dW1"),
]


@pytest.mark.parametrize(("name", "item"), CHOSEN)
def test_options_are_the_right_number_and_those_of_mistakes(name: str, item: str, tmp_path: Path) -> None:
    problem = relu(tmp_path) if name == "relu" else name
    (gap,) = gaps(name, [item], tmp_path)
    offered = choice(question(problem, "multiple_choice", item=item, options=5))
    assert 2 <= len(offered.options) <= 5
    printed = [told(option.shown) for option in offered.options]
    assert len(set(printed)) == len(printed)
    assert numbers(offered.right.shown) == {gap.printed}
    mistakes = {wrong.name for wrong in gap.wrongs}
    assert all(option.name in mistakes and option.why for option in offered.options if not option.right)


def test_the_right_number_stands_anywhere() -> None:
    made = (question("two_two_one", "multiple_choice", item="dL/dz1[1]", id=f"{n:03d}") for n in range(1, 30))
    places = {[option.right for option in choice(one).options].index(True) for one in made}
    assert places == {0, 1, 2, 3}


def test_there_are_fewer_options_where_there_are_fewer_mistakes() -> None:
    assert len(choice(question("two_two_one", "multiple_choice", item="a1[1]", options=8)).options) == 3


def test_no_wrong_number_is_what_another_question_asks_for() -> None:
    """∂L/∂a with its own factor forgotten is ∂L/∂z, and that is ŷ where the target is 0."""
    asked = {"kind": "multiple_choice", "item": "dL/da1[2]"}
    alone, beside = paper("cookie", asked), paper("cookie", asked, ask={"items": ["y_hat"]})
    (gap,) = beside.questions[0].gaps
    offered = [{told(option.shown) for option in choice(one.questions[-1]).options} for one in (alone, beside)]
    assert [gap.printed in options for options in offered] == [True, False]


def test_one_number_alone_is_no_choice(tmp_path: Path) -> None:
    file = tmp_path / "nothing.toml"
    file.write_text('[given]\nx = 0\n[define]\ny = "x*3"\n[differentiate]\nof = "y"\n')
    with pytest.raises(InputError, match=r"questions\[1\]: multiple_choice, variant 001: no mistake .* number for y"):
        question(file, "multiple_choice", item="y")


def test_what_has_no_number_cannot_be_calculated() -> None:
    with pytest.raises(InputError, match=r"questions\[1\]: compute, variant 001: z1\[1\] has no number"):
        question("two_two_one_symbolic", "compute", items=["z1"])
