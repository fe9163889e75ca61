"""Every rule refuses what it is there to refuse, and nothing else: single candidates, made for the purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

from stepcalc.calculus.symbols import symbol
from stepcalc.drawing.calculation import Calculation
from stepcalc.drawing.mistaken import Told, Way, numeric_items, told
from stepcalc.drawing.mistaken import _told as told_apart
from stepcalc.drawing.pilot import pilot
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.rules import CATALOGUE, applied, mistakes
from stepcalc.drawing.search import Search
from stepcalc.errors import InputError
from stepcalc.recipes import RULES, Quality, Recipe
from stepcalc.sentences import english

NEURON = """
loss = {loss}
[data]
x = [2, 3]
y = {y}
[[layers]]
type = "dense"
activation = "{activation}"
W = [[0.5, -0.4]]
b = [0.1]
[optimizer]
type = "gradient_descent"
learning_rate = {rate}
"""
MSE = {"loss": '"mse"', "y": "0.7", "activation": "sigmoid", "rate": "0.5"}

Judge = Callable[..., list[bool]]


def neuron(**more: str) -> str:
    return NEURON.format(**(MSE | more))


@pytest.fixture
def search(tmp_path: Path) -> Callable[..., Search]:
    """A search for a problem, what varies in it and what is asked."""

    def made(problem: str, vary: Mapping[str, Any], items: Sequence[str], **more: Any) -> Search:
        (tmp_path / "problem.toml").write_text(problem, encoding="utf-8")
        fields = {"problem": "problem.toml", "vary": vary, "ask": {"items": list(items)}}
        return Search(Recipe.from_fields(fields | more, "quiz", tmp_path), 1)

    return made


@pytest.fixture
def refuses(search: Callable[..., Search]) -> Judge:
    """What a rule says of every candidate there is, the last number changing fastest."""

    def judged(rule: str, problem: str, vary: Mapping[str, Any], items: Sequence[str], **more: Any) -> list[bool]:
        drawn = search(problem, vary, items, **more)
        (structure,) = drawn.space.structures
        levels = np.array(list(np.ndindex(*structure.columns_counts))).T
        model = drawn.model(structure)
        rows = Rows(model, np.arange(levels.shape[1]), levels, model.calculate(levels, np))
        quality = drawn.recipe.quality
        said = np.zeros(len(rows), bool)
        for one in [one for one in applied(quality) if one.name == rule]:
            with np.errstate(all="ignore"):
                said |= one.refuses(rows, quality)
        found: list[bool] = said.tolist()
        return found

    return judged


def choices(*levels: Any) -> dict[str, Any]:
    return {"choices": list(levels)}


def test_every_rule_is_there_with_its_sentence() -> None:
    assert {*CATALOGUE, "alike"} == set(RULES) == set(english()["refused"])
    assert list(dict.fromkeys(rule.name for rule in applied(Quality()))) == [name for name in RULES if name != "alike"]
    assert all(rule.name != "zero" for rule in applied(Quality(allow=("zero",))))


def test_overflow(refuses: Judge) -> None:
    expression = '[given]\nx = 1\n[define]\ny = "ln(x)"\nz = "exp(exp(y))"\n'
    assert refuses("overflow", expression, {"x": choices(-1, 0, 2, 1e9)}, ["z"]) == [True, True, False, True]


@pytest.mark.parametrize(
    ("definition", "asked", "xs", "expected"),
    [
        ("abs(y - 1)", "dz/dx", (0.5, 0.995, 1, 1.01, 2), (False, True, True, False, False)),
        ("abs(y - 1)", "z", (0.5, 0.995, 1, 1.01, 2), (False,) * 5),
        ("max(y, 2 - y)", "dz/dx", (0.5, 1, 1.004, 2), (False, True, True, False)),
        ("min(y, 3)^2", "dz/dx", (2, 2.999, 4), (False, True, False)),
        ("relu(y) + y^2", "dz/dx", (-1, 0.005, 1), (False, True, False)),
        ("step(y) + y", "z", (-1, 0.005, 1), (False, True, False)),
        ("y^2", "dz/dx", (0, 0.001), (False, False)),
    ],
)
def test_corners_of_expressions(
    refuses: Judge, definition: str, asked: str, xs: tuple[float, ...], expected: tuple[bool, ...]
) -> None:
    problem = f'[given]\nx = 1\n[define]\ny = "x + 0"\nz = "{definition}"\n'
    assert tuple(refuses("kink", problem, {"x": choices(*xs)}, [asked])) == expected


@pytest.mark.parametrize(
    ("loss", "y", "biases", "expected"),
    [  # z = 2·0.5 − 3·0.4 + b = b − 0.2
        ('"hinge"', "1", (1.2, 1.205, 0.5, 2), (True, True, False, False)),
        ('"mae"', "0.7", (0.9, 0.91, 0.2), (True, False, False)),
        ('{ type = "huber", delta = 0.5 }', "0.7", (1.4, 0.395, 0.9), (True, True, False)),
        ('"mse"', "0.7", (0.9, 1.2), (False, False)),
    ],
)
def test_corners_of_losses(
    refuses: Judge, loss: str, y: str, biases: tuple[float, ...], expected: tuple[bool, ...]
) -> None:
    problem = neuron(loss=loss, y=y, activation="linear")
    assert tuple(refuses("kink", problem, {"b1": choices(*([b] for b in biases))}, ["dL/dz1"])) == expected


def test_a_loser_beside_another_is_no_corner_of_a_maximum(refuses: Judge) -> None:
    """Only the largest decides; 0.300 and 0.301 may both be less."""
    problem = '[given]\nx = 1\ny = 1\n[define]\nz = "max(x, y, 2) + x"\n'
    found = refuses("kink", problem, {"x": choices(0.3, 1.999), "y": choices(0.301)}, ["dz/dx"])
    assert found == [False, True]


def test_corners_and_dead_units_of_activations(refuses: Judge) -> None:
    vary = {"b1": choices([0.2], [0.205], [0.21], [1.0], [-1.0])}  # z = b − 0.2
    assert refuses("kink", neuron(activation="relu"), vary, ["z1"]) == [True, True, False, False, False]
    assert refuses("dead", neuron(activation="relu"), vary, ["z1"]) == [True, False, False, False, True]
    assert refuses("dead", neuron(activation="leaky_relu"), vary, ["z1"]) == [False] * 5


def test_a_unit_is_dead_where_no_sample_wakes_it(refuses: Judge) -> None:
    problem = neuron(activation="relu").replace("[2, 3]", "[[2, 3], [3, 2]]").replace("0.7", "[0.7, 0.7]", 1)
    biases = choices([0.1], [-0.6], [-1.0])  # z = b − 0.2 and b + 0.7
    assert refuses("dead", problem, {"b1": biases}, ["z1"]) == [False, False, True]


def test_saturated_units(refuses: Judge) -> None:
    vary = {"b1": choices([0.2], [4.4], [5.4], [-5.4])}
    assert refuses("saturated", neuron(), vary, ["z1"]) == [False, False, True, True]


def test_a_sample_so_far_out_that_its_slope_is_0_is_saturated(refuses: Judge) -> None:
    problem = neuron().replace("[2, 3]", "[[2, 3], [200, 3]]").replace("0.7", "[0.7, 0.7]", 1)
    assert refuses("saturated", problem, {"b1": choices([0.2])}, ["z1"]) == [True]
    resting = problem.replace("sigmoid", "relu").replace("200", "-200")
    assert refuses("saturated", resting, {"b1": choices([0.5])}, ["z1"]) == [False]


def test_answers_of_0_and_small_ones(refuses: Judge) -> None:
    vary = {"b1": choices([0.2], [0.2 + 1e-4], [0.2 + 1e-3], [1.2], [3e6])}
    linear = neuron(activation="linear")
    assert refuses("zero", linear, vary, ["z1"]) == [True, False, False, False, False]
    assert refuses("small", linear, vary, ["z1"]) == [False, True, False, False, True]
    assert refuses("zero", linear, vary, ["dL/db1"]) == [False] * 5


def test_what_doubles_leave_of_0_is_0(refuses: Judge) -> None:
    problem = '[given]\nx = 1\n[define]\nz = "0.3 - 3*x"\n'
    assert 0.3 - 3 * 0.1 != 0
    assert refuses("zero", problem, {"x": choices(0.1, 0.2)}, ["z"]) == [True, False]


def test_later_updates_are_answers_too(refuses: Judge) -> None:
    """x ← x − 0.5·(2x − 2a) = a after the first update, and there it stays."""
    problem = (
        '[given]\nx = 3\na = 1\n[define]\nz = "(x - a)^2"\n[differentiate]\nof = "z"\nwrt = ["x"]\n'
        '[optimizer]\ntype = "gradient_descent"\nlearning_rate = 0.5\nsteps = 2\n'
    )
    vary = {"a": choices(0, 1, 2e-4)}
    assert refuses("zero", problem, vary, ["x_new#2"]) == [True, False, False]
    assert refuses("small", problem, vary, ["x_new#2"]) == [False, False, True]
    assert refuses("unchanged", problem, vary, ["x_new#2"]) == [True, True, True]
    assert refuses("unchanged", problem, vary, ["x_new"]) == [False, False, False]
    assert refuses("overflow", problem, {"learning_rate": choices(0.5, 1e200)}, ["x_new#2"]) == [False, True]


def test_equal_answers(refuses: Judge) -> None:
    problem = '[given]\nx = 1\ny = 2\n[define]\nu = "x^2"\nv = "3*y"\nw = "u*v"\n'
    vary = {"x": choices(1, 2, 3), "y": choices(3, 3.0001, 3.001)}
    # u = 9 and v = 9, 9.0003, 9.003: units of the last digit asked are 0.001
    assert refuses("equal", problem, vary, ["u", "v"]) == [False] * 6 + [True, True, False]
    assert refuses("equal", problem, vary, ["u"]) == [False] * 9
    within = {"marking": {"tolerance": {"absolute": 0.004}}}
    assert refuses("equal", problem, vary, ["u", "v"], **within) == [False] * 6 + [True] * 3
    plain = '[given]\nx = 1\ny = 1\n[define]\nu = "x + 0"\nv = "y + 0"\n'
    vary = {"x": choices(9.995, 9.985, 9.0), "y": choices(10.0)}
    assert refuses("equal", plain, vary, ["u", "v"]) == [True, False, False], "a unit of the larger number is 0.01"
    unknown = {"quality": {"min_abs_answer": 1e5}}  # nothing is let through: what is always equal cannot be known
    assert refuses("equal", plain, vary, ["u", "v"], **unknown) == [True, False, False]


def test_what_is_equal_in_every_draw_is_no_accident(refuses: Judge) -> None:
    vary = {"b1": choices([0.2], [0.9], [1.4]), "data.x": choices([2, 3], [3, 3], [1, 2])}
    together = refuses("equal", neuron(), vary, ["dL/dz1", "dL/db1"])
    assert together == [False] * 9
    weights = refuses("equal", neuron(), vary, ["dL/dz1", "dL/dW1"])
    assert weights == [False, True, True] * 3  # x₁ = x₂, and x₁ = 1
    vary = {"b1": {"low": -1, "high": 1, "step": 0.1}, "data.y": choices(0, 1)}  # ∂L/∂z is ŷ where y is 0
    assert not any(refuses("equal", neuron(loss='"binary_cross_entropy"', y="1"), vary, ["y_hat", "dL/dz1"]))


def test_unchanged_parameters(refuses: Judge) -> None:
    vary = {"optimizer.learning_rate": choices(1e-5, 1e-4, 0.1)}
    assert refuses("unchanged", neuron(), vary, ["W1_new"]) == [True, True, False]
    assert refuses("unchanged", neuron(), vary, ["dL/dW1"]) == [False] * 3


def test_imprecise_answers(refuses: Judge) -> None:
    """x·y is rounded to 4 digits, so that what a difference leaves of it has few."""
    problem = '[given]\nx = 1.2345\ny = 1\n[define]\nu = "x*y"\nz = "u - 1.5"\n'
    ks = choices(1.21, 1.2154, 1.4)  # u = 1.4937…, 1.50041…, 1.7283
    assert refuses("imprecise", problem, {"y": ks}, ["z"]) == [True, True, False]
    assert refuses("imprecise", problem, {"y": ks}, ["u"]) == [False] * 3
    asked = {"marking": {"tolerance": {"absolute": 0.01}}}
    assert refuses("imprecise", problem, {"y": ks}, ["z"], **asked) == [True, True, False]


def test_printed_numbers_that_miss(refuses: Judge) -> None:
    """With a distance asked, the rounded steps of a difference are too far off; with digits, that is the tolerance."""
    problem = '[given]\nx = 1.2345\ny = 1\n[define]\nu = "x*y"\nz = "u - 1.5"\n'
    ks = choices(1.21, 1.4)
    asked = {"marking": {"tolerance": {"relative": 0.002}}}
    assert refuses("printed", problem, {"y": ks}, ["z"], **asked) == [True, False]
    assert refuses("printed", problem, {"y": ks}, ["z"]) == [False, False]


def test_whoever_carries_printed_numbers_has_them(refuses: Judge) -> None:
    problem = '[given]\nx = 1.2345\ny = 1\n[define]\nu = "x*y"\nz = "u - 1.5"\n[rounding]\ncarry = true\n'
    asked = {"marking": {"tolerance": {"relative": 0.002}}}
    assert refuses("printed", problem, {"y": choices(1.21, 1.4)}, ["z"], **asked) == [False, False]


def test_newtons_steps_are_judged_also_where_some_second_derivatives_do_not_vary(refuses: Judge) -> None:
    """H is (12x², 1; 1, 6)."""
    problem = """
[given]
x = 1
y = 1
[define]
f = "x^4 + x*y + 3*y^2"
[optimizer]
type = "newton"
learning_rate = 0.5
"""
    assert not any(refuses("printed", problem, {"x": choices(1, 2, 3)}, ["x_new"]))


def test_the_learning_rate_of_a_training_may_vary(refuses: Judge) -> None:
    rates = {"learning_rate": choices(0.2, 0.5)}
    assert not any(refuses("printed", neuron() + "[training]\nepochs = 2\n", rates, ["W1_new"]))


def test_mistakes_that_do_not_show(refuses: Judge) -> None:
    vary = {"b1": choices([0.0], [0.2], [0.9]), "data.x": choices([2, 3], [1, 3])}
    # b = 0 is a bias that may be forgotten; x₁ = 1 a factor
    assert refuses("mistakes", neuron(), vary, ["z1"]) == [True, True, False, False, False, False]
    assert refuses("mistakes", neuron(), vary, ["dL/dW1"]) == [False, True] * 3


def test_mistakes_that_never_show_count_as_none_and_equal_ones_as_one(search: Callable[..., Search]) -> None:
    problem = neuron(loss='"binary_cross_entropy"', y="1")
    vary = {"b1": {"low": -1, "high": 1, "step": 0.1}, "data.y": choices(0, 1)}
    drawn = search(problem, vary, ["dL/dz1", "z1"])
    (structure,) = drawn.space.structures
    found = {known.item: known for known in told(drawn.model(structure), (1,))}
    assert found["dL/dz1[1]"].nothing == ("short_form_misused",)  # ŷ − y is right here
    assert ("error_sign", "sign_lost") in found["dL/dz1[1]"].coinciding
    assert found["z1[1]"].coinciding == found["z1[1]"].nothing == ()


def test_a_mistake_that_always_hides_behind_another_is_left_out(search: Callable[..., Search]) -> None:
    """∂|e|/∂e is 1 or −1: left out, it gives the right answer, or the one with the other sign."""
    vary = {"b1": {"low": -1, "high": 1, "step": 0.1}, "data.x": {"choices": [[2, 3], [3, 5]]}}
    drawn = search(neuron(loss='"mae"', activation="linear"), vary, ["dL/dW1"])
    (structure,) = drawn.space.structures
    for known in told(drawn.model(structure), (2,)):
        assert "upstream_forgotten" in known.hidden
        names = {name for way in known.ways for name in way.names}
        assert "sign_lost" in names
        assert "upstream_forgotten" not in names


def test_a_pilot_has_what_the_rules_before_let_through(search: Callable[..., Search]) -> None:
    """Where no unit may be dead, ReLU′ is 1 in every draw."""
    vary = {"b1": {"low": -3, "high": 3, "step": 0.1}}
    for allow, expected in (((), True), (RULES[1:], False)):
        drawn = search(neuron(activation="relu"), vary, ["dL/dz1"], quality={"allow": allow})
        (known,) = told(drawn.model(drawn.space.structures[0]), (2,))
        assert ("derivative_forgotten" in known.nothing) == expected


def test_wrong_numbers_are_met_in_these_kinds_of_questions(search: Callable[..., Search]) -> None:
    """In a solution with an error in it, those of all that is asked, where nothing else is said."""
    kinds: dict[str, Any] = {
        "compute": {"items": ["z1"]},
        "multiple_choice": {"item": "a1"},
        "find_the_error": {},
        "order_the_steps": {"item": "b1_new"},
        "short_form": {"item": "dL/db1"},
    }

    def items(*names: str) -> set[str]:
        questions = [{"kind": name, **kinds[name]} for name in names]
        drawn = search(neuron(), {"b1": choices([0.2])}, [], ask=None, questions=questions)
        model = drawn.model(drawn.space.structures[0])
        return set(numeric_items(model, model.patterns.steps((2,))))

    assert items("compute") == {"z1[1]"}
    assert items("multiple_choice", "order_the_steps", "short_form") == {"y_hat[1]"}
    assert items("compute", "find_the_error", "order_the_steps") == {"z1[1]", "b1_new[1]"}


@pytest.mark.parametrize(
    ("ways", "refused"),
    [
        ([("one", "-x"), ("other", "x + 9")], (False, False, False, False)),
        ([("one", "Abs(x)")], (False, False, True, True)),
        ([("one", "x + x*Abs(x)/10**6")], (True, True, True, True)),
        ([("one", "-x"), ("other", "Abs(x)*9 - x*8")], (False, False, True, True)),
        ([("one", "x"), ("one", "-x")], (False,) * 4),
        ([("one", "-x"), ("one", "-x")], (False,) * 4),
        ([("one", "-x"), ("other", "-x")], (True,) * 4),
        ([("one", "x"), ("one", "9"), ("other", "x"), ("other", "8")], (False,) * 4),
        ([("one", "log(-1 - x**2)")], (False,) * 4),
    ],
)
def test_each_mistake_shows_in_one_of_its_ways(
    ways: list[tuple[str, str]],
    refused: tuple[bool, ...],
    search: Callable[..., Search],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """z = x, which is −2, −1, 1 or 2, by made-up mistakes."""
    drawn = search('[given]\nx = 1\n[define]\nz = "x + 0"\n', {"x": choices(-2, -1, 1, 2)}, ["z"])
    model, levels = drawn.model(drawn.space.structures[0]), np.arange(4).reshape(1, 4)
    known = Told("z", tuple(Way((name,), sp.sympify(formula, {"x": symbol("x")})) for name, formula in ways))
    monkeypatch.setattr(mistakes, "told", lambda model, pattern: (known,))
    rows = Rows(model, np.arange(4), levels, model.calculate(levels, np))
    with np.errstate(all="ignore"):
        assert tuple(CATALOGUE["mistakes"].refuses(rows, Quality()).tolist()) == refused


def test_what_a_rule_says_of_a_candidate_does_not_depend_on_the_others(search: Callable[..., Search]) -> None:
    """Also where the targets of some are 0 and of others 1, whose steps are not the same."""
    tenths = {"low": -1, "high": 1, "step": 0.1}
    vary = {"W1": tenths, "b1": tenths, "data.x": {"integers": [1, 4]}, "data.y": choices(0, 1, 0.5)}
    items = ["z1", "L", "dL/dz1", "dL/dW1", "W1_new"]
    drawn = search(neuron(loss='"binary_cross_entropy"'), vary, items)
    (draw,) = drawn.stream.draws(0)
    model, levels = drawn.model(draw.structure), draw.levels[:, :400]

    def said(part: np.ndarray) -> dict[str, list[bool]]:
        rows = Rows(model, part, levels[:, part], model.calculate(levels[:, part], np))
        with np.errstate(all="ignore"):
            return {
                rule.name: rule.refuses(rows, drawn.recipe.quality).tolist() for rule in applied(drawn.recipe.quality)
            }

    together, parts = said(np.arange(400)), [said(np.arange(start, 400, 7)) for start in range(7)]
    for name, found in together.items():
        assert found == [parts[number % 7][name][number // 7] for number in range(400)], name
    assert sum(map(any, together.values())) >= 6


def test_which_mistakes_can_be_told_apart(search: Callable[..., Search]) -> None:
    """z = x, which is −2, −1, 1 or 2: by made-up mistakes, each named for what it gives."""
    problem = '[given]\nx = 1\n[define]\nz = "x + 0"\n'
    drawn = search(problem, {"x": choices(-2, -1, 1, 2)}, ["z"])
    model = drawn.model(drawn.space.structures[0])
    x, tenth = symbol("x"), sp.Rational(1, 10**5)
    given = {
        "sometimes right": x**2,
        "right": x + tenth,
        "right or no number": sp.exp(sp.log(x)),
        "no number": sp.log(-1 - x**2),
        "positive": sp.Abs(x) + 5,
        "positive as well": sp.Abs(x) + 5 + tenth,
        "other sign": -x,
        "right or other sign": sp.Abs(x),
        "other sign or right": -sp.Abs(x),
    }

    def found(*levels: int) -> Told:
        some = np.array([levels], np.int64)
        rows = Rows(model, np.arange(len(levels)), some, model.calculate(some, np))
        ways = tuple(Way((name,), formula) for name, formula in given.items())
        with np.errstate(all="ignore"):
            return told_apart("z", ways, Calculation(rows, ()))

    told = found(0, 1, 2, 3)
    assert [way.names for way in told.ways] == [("sometimes right",), ("positive", "positive as well"), ("other sign",)]
    assert told.coinciding == (("positive", "positive as well"),)
    assert told.nothing == ("right", "right or no number", "no number")
    assert told.hidden == ("other sign or right", "right or other sign")
    assert [way.names for way in found().ways] == [(name,) for name in given], "nothing is known without a pilot"


def test_difficulty_is_near_the_middle(refuses: Judge) -> None:
    """Of most candidates the inputs have one digit; of one four, and a sign."""
    plain = [[x, other] for x in range(2, 9) for other in range(2, 9) if x != other]
    vary = {"data.x": choices(*plain, [-2.345, -3.456])}
    found = refuses("difficulty", neuron(), vary, ["z1"], quality={"allow": ["mistakes", "equal", "saturated"]})
    assert found == [False] * len(plain) + [True]


def test_alike_are_those_whose_numbers_matter(search: Callable[..., Search]) -> None:
    quality = {"allow": [name for name in RULES if name not in ("overflow", "alike")]}
    vary = {"b1": choices([0.2], [0.9]), "optimizer.learning_rate": choices(0.1, 0.2, 0.5)}
    assert len(search(neuron(), vary, ["W1_new"], quality=quality).found(6)) == 6
    alike = search(neuron(), vary, ["z1", "dL/dW1"], quality=quality)
    assert len(alike.found(2)) == 2
    with pytest.raises(InputError, match='found 2 fit, wanted 3, out of 6 possible; the rule "alike"'):
        alike.found(3)
    assert alike.tally.refused["alike"] == 4
    words = {"b1": choices([0.2], [0.9]), "layers[1].activation": choices("sigmoid", "tanh")}
    assert len(search(neuron(), words, ["z1"], quality=quality).found(4)) == 4, "another network is another variant"


def test_a_limit_is_met_by_decimals_and_not_by_what_doubles_make_of_them(refuses: Judge) -> None:
    """0.3 − 0.29 is 0.01 to people, and 0.010000000000000009 to a double; 0.29 − 0.28 is less than 0.01."""
    assert 0.29 - 0.28 < 0.01 < 0.3 - 0.29
    problem = '[given]\nx = 1\n[define]\ny = "x - 0.29"\nz = "abs(y)"\n'
    assert refuses("kink", problem, {"x": choices(0.3, 0.28, 0.299)}, ["dz/dx"]) == [False, False, True]
    limit = {"quality": {"min_abs_answer": 0.01}}
    assert refuses("small", problem, {"x": choices(0.3, 0.28, 0.299)}, ["y"], **limit) == [False, False, True]


def test_an_impossible_recipe_ends_with_the_reason(search: Callable[..., Search]) -> None:
    vary = {"W1": {"low": -1, "high": 1, "step": 0.01}, "b1": {"low": -1, "high": 1, "step": 0.01}}
    impossible = search(neuron(), vary, ["z1", "L"], quality={"max_tolerance": 1e-9})
    (structure,) = impossible.space.structures
    assert not len(pilot(impossible.model(structure), "mistakes"))
    told = r'found 0 fit, wanted 3, out of [\d,]+ looked at; the rule "imprecise" refused most, [\d,]+: rounding every'
    with pytest.raises(InputError, match=told):
        impossible.found(3)
