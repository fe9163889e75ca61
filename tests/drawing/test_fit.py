"""Whatever a recipe lets through is fit: held to a calculation by hand in NumPy, and to the marker."""

from __future__ import annotations

import tomllib
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stepcalc
from stepcalc.drawing.calculation import answers, within
from stepcalc.drawing.report import report, report_text
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.search import Found, Search
from stepcalc.exams.entrance import generate
from stepcalc.exams.exact import exact_answers
from stepcalc.exams.gaps import tolerance
from stepcalc.exams.paper import Paper
from stepcalc.exams.variant import Variant
from stepcalc.problem import Problem
from stepcalc.problem.writer import problem_files
from stepcalc.recipes import Recipe, load_recipe
from tests.drawing.by_hand import ASKED, Numbers, columns, mistaken, to_figures, worked_out
from tests.recipes.asked import EXAMPLES, TENTHS, recipe

QUIZ = EXAMPLES / "exams" / "quiz_two_two_one.toml"
RATE = 0.5
MANY = 200


def given_of(search: Search, found: list[Found] | tuple[Found, ...]) -> tuple[Rows, Numbers]:
    """Variants of one structure as rows, and the numbers that they give, (variants, …)."""
    structure = found[0].structure
    levels = np.array([one.levels for one in found]).T
    model = search.model(structure)
    rows = Rows(model, np.arange(len(found)), levels, model.calculate(levels, np))
    drawn = {name: np.asarray(array) for name, array in structure.arrays(levels).items()}
    problem = structure.problem
    shared = {"x": problem.x, "y": problem.y, **problem.parameters()}  # type: ignore[union-attr]
    every = {name: np.broadcast_to(array, (len(found), *np.shape(array))) for name, array in shared.items()}
    return rows, {**every, **drawn}


BY_NATURE = {"relu": ({("a1", "z1")}, {"activation_forgotten"})}
"""Where no unit is dead, ReLU(z) is z in every draw: what is asked and equal, and mistakes that are none."""


def faults(search: Search, found: tuple[Found, ...], hidden: str = "sigmoid") -> dict[str, int]:
    """How many of some variants of the 2-2-1 network break a promise, counted by hand."""
    rows, numbers = given_of(search, found)
    right = columns(worked_out(numbers, hidden, RATE))
    printed = columns(worked_out(numbers, hidden, RATE, to_figures(4)))
    same, no_mistakes = BY_NATURE.get(hidden, (set(), set()))
    shown = {item: to_figures(4)(column) for item, column in right.items()}
    wide = {item: within(rows, item) for item in right}
    for item, column in answers(rows).items():
        np.testing.assert_allclose(column, right[item], rtol=1e-9, atol=1e-12)
    wrong = {
        (f"{of}{place}", name): column
        for (of, name), whole in mistaken(numbers, worked_out(numbers, hidden, RATE), RATE).items()
        if name not in no_mistakes
        for place, column in ((item.removeprefix(of), column) for item, column in columns_of(of, whole).items())
    }
    told = {
        "zero": [column == 0 for column in right.values()],
        "small": [np.abs(column) < 1e-3 for column in right.values()],
        "equal": [
            shown[one] == shown[other]
            for one, other in combinations(sorted(right), 2)
            if (one.partition("[")[0], other.partition("[")[0]) not in same or one[2:] != other[2:]
        ],
        "unchanged": [
            column == to_figures(4)(numbers["W1"].reshape(len(column), -1)[:, place])
            for place, column in enumerate(column for item, column in shown.items() if item.startswith("W1_new"))
        ],
        "imprecise": [wide[item] > 0.05 * np.abs(column) for item, column in right.items()],
        "printed": [np.abs(printed[item] - column) > wide[item] for item, column in right.items()],
        "right anyway": [np.abs(column - right[item]) <= wide[item] for (item, _), column in wrong.items()],
        "same mistake": [
            np.abs(column - other) <= wide[item]
            for ((item, _), column), ((another, _), other) in combinations(wrong.items(), 2)
            if item == another
        ],
        "alike": [_again(rows.levels)],
    }
    return {what: int(np.logical_or.reduce(where).sum()) for what, where in told.items()}


def columns_of(name: str, whole: np.ndarray) -> dict[str, np.ndarray]:
    return {
        item: column
        for item, column in columns(
            {**dict.fromkeys(ASKED, np.zeros((len(whole), 0))), "L": whole[:, :1] * 0, name: whole}
        ).items()
        if item.partition("[")[0] == name
    }


def _again(levels: np.ndarray) -> np.ndarray:
    """Where a variant has come before."""
    _, first = np.unique(levels, axis=1, return_index=True)
    found = np.ones(levels.shape[1], bool)
    found[first] = False
    return found


def test_none_of_many_variants_of_the_quiz_breaks_a_promise() -> None:
    search = Search(load_recipe(QUIZ), 2026)
    assert not any(faults(search, search.found(MANY)).values())


def test_without_the_rules_the_same_count_finds_faults() -> None:
    """The calculation by hand can tell: of what the recipe gives unsifted, much is unfit."""
    read = load_recipe(QUIZ)
    allowed = read.quality.model_copy(
        update={
            "allow": (
                "kink",
                "zero",
                "small",
                "equal",
                "unchanged",
                "mistakes",
                "imprecise",
                "printed",
                "difficulty",
                "alike",
                "saturated",
            )
        }
    )
    search = Search(read.model_copy(update={"quality": allowed}), 2026)
    found = faults(search, search.found(2000))
    assert {"zero", "equal", "unchanged", "right anyway", "same mistake", "small"} <= {
        what for what, n in found.items() if n
    }


steps = st.sampled_from([0.1, 0.05, 0.2, 0.25])


@st.composite
def recipes(draw: st.DrawFn) -> tuple[Recipe, str]:
    """A recipe on the 2-2-1 network, and the activation of its hidden layer."""
    hidden = draw(st.sampled_from(["sigmoid", "tanh", "relu"]))
    weights = {"low": -draw(st.sampled_from([1, 2])), "high": draw(st.sampled_from([1, 1.5])), "step": draw(steps)}
    biases = {"low": -0.5, "high": 0.5, "step": draw(steps)}
    xs = draw(st.sampled_from([{"choices": [1, 2, 3, 4]}, {"low": -2, "high": 2, "step": 0.5}, {"integers": [2, 5]}]))
    vary: dict[str, Any] = {"W1": weights, "b1": biases, "W2": weights, "b2": biases, "data.x": xs}
    vary |= {"layers[1].activation": {"choices": [hidden]}}
    vary |= draw(st.sampled_from([{}, {"data.y": {"choices": [0, 1]}}, {"data.y": {"choices": [0]}}]))
    return recipe(vary, *ASKED), hidden


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(recipes(), st.integers(0, 10**6))
def test_whatever_the_recipe_its_variants_break_no_promise(drawn: tuple[Recipe, str], seed: int) -> None:
    made, hidden = drawn
    search = Search(made, seed)
    found = search.found(20)
    assert not any(faults(search, found, hidden).values())
    variant = Variant("001", made, found[0], search.model(found[0].structure).asked)
    problem = Problem.from_fields(tomllib.loads(problem_files(variant.problem, "p.toml")["p.toml"]), "p", Path())
    assert exact_answers(stepcalc.solve(problem), variant.asked) == variant.answers
    marks = stepcalc.check(problem, {"key": {item: repr(answer) for item, answer in variant.answers.items()}})
    assert marks.totals[0] == marks.max_marks


@pytest.fixture(scope="module")
def exam() -> Any:
    return generate(QUIZ, 3, 7)


def test_the_marker_agrees(exam: Any) -> None:
    """The key is all right; who rounds every step has all marks; every mistake is wrong, and diagnosed."""
    for variant in exam:
        problem = variant.problem
        numbers = {
            name: np.asarray(array)[None]
            for name, array in {"x": problem.x, "y": problem.y, **problem.parameters()}.items()
        }
        right = worked_out(numbers, "sigmoid", RATE)
        key = {item: repr(float(column[0])) for item, column in columns(right).items()}
        by_rounding = columns(worked_out(numbers, "sigmoid", RATE, to_figures(4)))
        answered = {"key": key, "rounds": {item: f"{column[0]:.4g}" for item, column in by_rounding.items()}}
        meant: dict[str, tuple[str, str]] = {}
        for (of, name), whole in mistaken(numbers, right, RATE).items():
            for item, column in columns_of(of, whole).items():
                meant[f"{item} {name}"] = item, name
                answered[f"{item} {name}"] = key | {item: f"{column[0]:#.6g}"}
        marks = stepcalc.check(problem, answered)
        paper = Paper(variant)
        for student in marks:
            if student.student in ("key", "rounds"):
                assert student.marks == marks.max_marks
                continue
            item, name = meant[student.student]
            (mark,) = (mark for mark in student.items if mark.item == item)
            assert mark.verdict == "wrong", student.student
            assert name in {finding.name for finding in mark.findings}, student.student
        for item, column in by_rounding.items():
            assert abs(column[0] - float(key[item])) <= tolerance(paper, item)


PRECISIONS: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "three figures": ({}, {"significant": 3}, 3),
    "a distance": ({}, {"relative": 0.01, "absolute": 1e-3}, 4),
    "carried": ({"rounding.carry": {"choices": [True]}}, {}, 4),
}


@pytest.mark.parametrize("precision", PRECISIONS)
def test_who_rounds_every_step_has_all_marks_whatever_is_asked(precision: str) -> None:
    """Numbers that are carried on are those of somebody who rounds every step."""
    rounding, asked, figures = PRECISIONS[precision]
    weights = {"low": -1, "high": 1, "step": 0.1, "exclude": [0]}
    vary = {"W1": weights, "W2": weights, "data.x": {"integers": [2, 5]}, **rounding}
    for variant in generate(recipe(vary, *ASKED, marking={"tolerance": asked or "auto"}), 3, 5):
        problem = variant.problem
        given = {"x": problem.x, "y": problem.y, **problem.parameters()}
        numbers = {name: np.asarray(array)[None] for name, array in given.items()}
        found = columns(worked_out(numbers, "sigmoid", RATE, to_figures(figures)))
        marks = stepcalc.check(
            problem, {"rounds": {item: f"{column[0]:#.{figures}g}" for item, column in found.items()}}
        )
        assert marks.totals[0] == marks.max_marks
        for item, column in found.items():
            assert abs(column[0] - variant.answers[item]) <= tolerance(Paper(variant), item)
            if rounding:
                assert column[0] == pytest.approx(variant.answers[item], rel=1e-12)


def test_the_report_says_what_happened(exam: Any) -> None:
    told = exam.report
    assert told.variants == 3
    assert told.candidates == 3 + sum(one.candidates for one in told.refused)
    assert told.difficulty.least <= told.difficulty.middle <= told.difficulty.greatest
    for histogram in told.answers:
        assert sum(histogram.counts) == 3
        values = [variant.answers[histogram.item] for variant in exam]
        assert min(values) == pytest.approx(histogram.least)
        assert max(values) == pytest.approx(histogram.greatest)
    assert report(exam.search, exam.found) == told


def test_the_report_says_what_is_the_same_in_every_draw() -> None:
    """A ReLU that is never dead is its z; of a sigmoid, nothing is."""
    told = []
    for hidden in ("relu", "sigmoid"):
        vary = {"W1": TENTHS, "W2": TENTHS, "layers[1].activation": {"choices": [hidden]}}
        search = Search(recipe(vary, "z1", "a1", "y_hat"), 1)
        told.append(report(search, search.found(2)))
    assert [one.equal for one in told] == [(("z1[1]", "a1[1]"), ("z1[2]", "a1[2]")), ()]
    assert "\na1[1] is the same number as z1[1] in every draw.\n" in report_text(told[0])
