"""Whatever is wrong with a recipe is told by one line a fault, with its place and what was expected."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from stepcalc.drawing.search import Search
from stepcalc.errors import InputError
from stepcalc.problem import load
from stepcalc.recipes import Recipe, load_recipe
from tests.recipes.asked import EXAMPLES, TENTHS, recipe

NUMBERS = "given are x, y, W1, b1, W2, b2"


def refused(vary: dict[str, Any], *items: str, **more: Any) -> list[str]:
    """The faults of a recipe, found before anything is drawn."""
    with pytest.raises(InputError) as raised:
        Search(recipe(vary, *items, **more), 1)
    return [str(fault) for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("key", "vary", "message"),
    [
        ("W1", {"low": 0, "high": 1, "step": 0}, "vary.W1.step: 0, expected more than 0"),
        ("W1", {"low": 0, "high": 1}, "vary.W1.step: missing"),
        ("W1", {"low": 0, "high": 1, "stop": 1}, 'vary.W1.stop: unknown key; did you mean "step"?'),
        ("W1", {"lo": 0}, "vary.W1: expected { low = …"),
        ("W1", 3, "vary.W1: a number, expected { low = …"),
        ("W1", {"low": 0, "choices": [1]}, "vary.W1: has low, choices; expected"),
        ("W1", {"choices": ["a"]}, "vary.W1.choices: expected numbers"),
        ("W1", {"choices": [True, 2]}, "vary.W1.choices: expected finite numbers"),
        ("W1", {"choices": [[1, 2], [3]]}, "vary.W1.choices: expected numbers, or lists of numbers of one shape"),
        ("W1", {"choices": [[1, 2], [3, 4]]}, "vary.W1.choices: lists of shape (2), expected lists of shape (2, 2)"),
        ("W1[1,1]", {"choices": [[1], [2]]}, 'vary."W1[1,1]".choices: lists of shape (1), expected numbers'),
        ("W7", TENTHS, "vary.W7: is nothing that the problem gives; it gives x, y, W1, b1, W2, b2"),
        ("w1", TENTHS, 'vary.w1: is nothing that the problem gives; did you mean "W1"?'),
        ("W1[3,1]", TENTHS, 'vary."W1[3,1]": "W1[3,1]" is no single element; W1 has shape (2, 2)'),
        ("z1", TENTHS, f"vary.z1: is calculated, and not given; {NUMBERS}"),
        ("W1_new", TENTHS, f"vary.W1_new: is calculated, and not given; {NUMBERS}"),
        ("dL/dW1", TENTHS, f'vary."dL/dW1": is calculated, and not given; {NUMBERS}'),
        ("layers[9].activation", {"choices": ["tanh"]}, 'vary."layers[9].activation": the problem has no layers[9]'),
        ("layers[1].activaton", {"choices": ["tanh"]}, 'layers[1].activaton: unknown key; did you mean "activation"?'),
        ("layers[1].activation", {"choices": ["tan"]}, "two_two_one.toml, layers[1].activation = tan: layers[1].act"),
        ("layers[1].units", {"integers": [3, 4]}, "layers[1].units = 3: layers[1].W: shape (2, 2), expected (2, 3)"),
        ("data.y", {"choices": [0, 2]}, 'vary."data.y": 2, expected between 0 and 1 for binary_cross_entropy'),
        ("learning_rate", {"choices": [0.5, 0]}, "vary.learning_rate: 0.0, expected more than 0"),
        ("a b", TENTHS, 'vary."a b": is nothing that the problem gives'),
        ("", TENTHS, 'vary."": is nothing that the problem gives'),
    ],
)
def test_what_varies(key: str, vary: Any, message: str) -> None:
    assert any(message in fault for fault in refused({key: vary}))


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ({"data.x": {"choices": [1]}, "x": {"choices": [2]}}, "vary.x: varies already, as data.x"),
        ({"W1[1,2]": TENTHS, "W1_1_2": TENTHS}, "vary.W1_1_2: varies already, as W1[1,2]"),
        (
            {
                "layers[1].activation": {"choices": [str(number) for number in range(1000)]},
                "loss": {"choices": [str(number) for number in range(1000)]},
            },
            "vary: 1,000,000 different problems from layers[1].activation, loss; at most 500 are possible",
        ),
        ({"title": {"low": 0, "high": 1e6, "step": 1.1}}, "vary: 909,091 different problems from title; at most 500"),
    ],
)
def test_what_varies_together(vary: dict[str, Any], message: str) -> None:
    (fault,) = refused(vary)
    assert fault.startswith(message)


def test_a_network_with_too_many_numbers_to_draw_is_refused(tmp_path: Path) -> None:
    init = 'init = { type = "uniform", low = -1, high = 1, seed = 1 }'
    (tmp_path / "wide.toml").write_text(
        f'loss = "mse"\n[data]\ninputs = 1000\n[[layers]]\ntype = "dense"\nunits = 1000\n{init}\n'
    )
    (fault,) = refused({"W1": TENTHS}, "L", problem="wide", folder=tmp_path)
    assert fault == "vary.W1: more than 2,000 numbers would vary"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"marking": {"marks": {"zz": 3}}}, 'marking.marks.zz: "zz" is no item of this problem'),
        (
            {"marking": {"marks": {"L": 2}}},
            "marking.marks.L: is not among what is to be calculated",
        ),
        ({"marking": {"items": ["z1"]}}, "marking.items: what is asked stands under [ask] or [[questions]]"),
        ({"marking": {"follow": 1}}, "marking.follow: unknown key"),
        ({"quality": {"allow": ["zeros"]}}, 'quality.allow[1]: "zeros" is no rule; did you mean "zero"?'),
        ({"quality": {"allow": ["overflow"]}}, "quality.allow[1]: overflow is always refused"),
        ({"quality": {"min_abs_anwser": 1}}, 'quality.min_abs_anwser: unknown key; did you mean "min_abs_answer"?'),
        (
            {"quality": {"min_abs_answer": 5, "max_abs_answer": 2.5}},
            "quality.min_abs_answer: 5.0 is more than max_abs_answer, 2.5",
        ),
        ({"questions": [{"kind": "essay"}]}, 'questions[1].kind: "essay" is no question kind'),
        ({"questions": [{"item": "z1"}]}, "questions[1]: kind is missing"),
        ({"questions": [{"kind": "short_form", "item": "z9"}]}, 'questions[1]: "z9" is no item of this problem'),
        ({"ask": {"items": []}}, "ask.items: empty"),
        (
            {"questions": [{"kind": "compute", "items": ["z1[2]"]}]},
            "questions[1]: z1[2] is asked already, in ask.items",
        ),
        ({"ask": {"items": ["z9"]}}, 'ask.items: "z9" is no item of this problem'),
        ({"ask": None}, "ask: missing; say what is asked"),
        ({"variants": 3}, "variants: unknown key; the keys here are"),
    ],
)
def test_what_is_asked_and_marked(more: dict[str, Any], message: str) -> None:
    assert any(fault.startswith(message) for fault in refused({"W1": TENTHS}, **more))


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ("nope", "problem: nope.toml: cannot be read: no such file or directory"),
        ("losses", "problem: losses.toml is a reference table, which asks for no numbers"),
        ("exams/drill_chain_rule", "problem: exams/drill_chain_rule.toml is a recipe itself, and no problem"),
        (
            "two_two_one_symbolic",
            "problem: two_two_one_symbolic.toml leaves x, y, b1, W2, b2 without numbers; give some there, or under",
        ),
        ("no\nsuch", "problem: no\\u000asuch.toml: cannot be read"),
    ],
)
def test_the_problem(problem: str, message: str) -> None:
    (fault,) = refused({"W1": TENTHS}, problem=problem)
    assert fault.startswith(message)
    assert "\n" not in fault


@pytest.mark.parametrize("path", [".", "/etc", "/dev/zero", "/etc/passwd", "pipe", "large.toml", "x" * 400])
def test_only_what_the_reader_of_problems_reads_is_read(tmp_path: Path, path: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "large.toml").open("wb") as large:
        large.truncate(10**10)
    with pytest.raises(InputError) as raised:
        Recipe.from_fields({"problem": path, "ask": {"items": ["L"]}}, "quiz", tmp_path)
    (fault,) = raised.value.faults
    assert str(fault).startswith("problem: ")
    assert "root:" not in str(fault)


def test_part_of_an_array_needs_numbers_for_the_rest() -> None:
    (fault,) = refused({"b1[1]": TENTHS, "x": TENTHS}, problem="two_two_one_symbolic")
    assert fault == 'vary."b1[1]": the problem gives no numbers for the other elements of b1'


UPDATED = """
loss = "mse"
[data]
x = [1]
y = 2
[[layers]]
type = "dense"
W = [[0.5]]
"""


@pytest.mark.parametrize("optimizer", ["", '[optimizer]\ntype = "momentum"\n'])
def test_an_update_needs_a_learning_rate(tmp_path: Path, optimizer: str) -> None:
    (tmp_path / "net.toml").write_text(UPDATED + optimizer)
    (fault,) = refused({"W1": TENTHS}, "z1", "W1_new", problem="net", folder=tmp_path)
    assert fault == "ask.items: W1_new needs the learning rate: in the problem, or under [vary]"


def test_a_learning_rate_that_varies_is_one(tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text(UPDATED + '[optimizer]\ntype = "momentum"\n')
    vary = {"W1": TENTHS, "learning_rate": {"choices": [0.1, 0.2]}}
    assert len(Search(recipe(vary, "W1_new", problem="net", folder=tmp_path), 1).found(3)) == 3
    (tmp_path / "net.toml").write_text(UPDATED)
    (fault,) = refused(vary, "z1", problem="net", folder=tmp_path)
    assert fault == "vary.learning_rate: the problem has no [optimizer]"


def test_what_is_too_large_is_refused_at_once(tmp_path: Path) -> None:
    def wide(units: int) -> str:
        layer = f'[[layers]]\ntype = "dense"\nunits = {units}\ninit = {{ type = "he_normal", seed = 1 }}\n'
        return f'loss = "mse"\n[data]\nx = [{"1, " * 300}]\ny = [{"1, " * units}]\n{layer}'

    (tmp_path / "wide.toml").write_text(wide(100))
    (fault,) = refused({"x[1]": TENTHS}, "dL/dW1", problem="wide", folder=tmp_path)
    assert fault == "ask.items: dL/dW1 is more than 500 numbers; ask single elements of it"
    (fault,) = refused({"x[1]": TENTHS}, "z1", "a1", "y", "b1", "x", problem="wide", folder=tmp_path)
    assert fault == "ask: 700 numbers are asked; at most 500 are possible"
    assert len(Search(recipe({"x[1]": TENTHS}, "z1[1]", problem="wide", folder=tmp_path), 1).found(2)) == 2
    (tmp_path / "wide.toml").write_text(wide(1000))
    (fault,) = refused({"x[1]": TENTHS}, "z1[1]", problem="wide", folder=tmp_path)
    assert fault.startswith("problem: 30")
    assert fault.endswith("numbers; that of an exam has at most 200,000")
    (fault,) = refused({f"k{number}": TENTHS for number in range(3000)})
    assert fault == "vary: 3,000 entries, at most 2,000 are possible"


def test_a_recipe_and_a_problem_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a problem, and no recipe; .* to solve it: stepcalc solve"):
        load_recipe(EXAMPLES / "cookie.toml")
    with pytest.raises(InputError, match=r"a recipe of an exam, and no problem; .* stepcalc generate"):
        load(EXAMPLES / "exams" / "quiz_two_two_one.toml")


def test_faults_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "quiz.toml").write_text('problem = "a.toml"\n[vary]\nW1 = { low = 0, high = 1, step = 0 }\n')
    with pytest.raises(InputError) as raised:
        load_recipe(tmp_path / "quiz.toml")
    assert str(raised.value).endswith("quiz.toml: vary.W1.step: 0, expected more than 0")
