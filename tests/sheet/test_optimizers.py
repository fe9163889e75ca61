"""Momentum, Adam and Newton's method on a sheet: every part of a step, later updates, and what is said of them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from stepcalc.options import BLANKS, Options
from stepcalc.sheet import render
from stepcalc.sheet.blocks import Heading, Sheet, Table
from stepcalc.sheet.story import compose
from tests.made import example_sheet
from tests.printed import said, sentences, solved, written
from tests.sheet.test_blank import LEVELS, _named

Fields = dict[str, Any]

UNIT: Fields = {"given": {"w": 2}, "define": {"J": "w^2"}}
BOWL: Fields = {"given": {"x": 2, "y": 1}, "define": {"f": "x^2 + 10*(y - 0.3*x)^2"}}


def sheet(kind: str, fields: Fields = UNIT, **settings: Any) -> Sheet:
    return compose(solved(**fields, optimizer={"type": kind, "learning_rate": 0.1} | settings))


def headings(made: Sheet) -> list[str]:
    return [said(block.text) for block in made.blocks if isinstance(block, Heading)]


def tables(made: Sheet) -> list[list[list[str]]]:
    return [
        [[said(cell) for cell in row if isinstance(cell, tuple)] for row in (block.header, *block.rows)]
        for block in made.blocks
        if isinstance(block, Table)
    ]


def text_of(made: Sheet) -> str:
    return "\n".join(sentences(made))


# --------------------------------------------------------------------------------------------- the first update


def test_momentum_in_full() -> None:
    lines = written(sheet("momentum"))
    at = lines.index("vⁿᵉʷ = μ v + dJ/dw")
    assert lines[at : at + 4] == [
        "vⁿᵉʷ = μ v + dJ/dw", "= 0.9(0) + 4 = 4", "wⁿᵉʷ = w − α vⁿᵉʷ", "= 2 − 0.1(4) = 1.6",
    ]  # fmt: skip
    assert [line for line in lines if line.startswith(("α", "μ"))] == ["α = 0.1", "μ = 0.9"]


def test_adam_in_full() -> None:
    lines = written(sheet("adam", epsilon=0.5))
    at = lines.index("mⁿᵉʷ = β₁ m + (1 − β₁) (dJ/dw)")
    assert lines[at : at + 10] == [
        "mⁿᵉʷ = β₁ m + (1 − β₁) (dJ/dw)", "= 0.9(0) + (1 − 0.9) (4) = 0.4",
        "vⁿᵉʷ = β₂ v + (1 − β₂) (dJ/dw)²", "= 0.999(0) + (1 − 0.999) (4²) = 0.016",
        "m̂ = mⁿᵉʷ/(1 − β₁ᵗ)", "= 0.4/(1 − 0.9¹) = 4",
        "v̂ = vⁿᵉʷ/(1 − β₂ᵗ)", "= 0.016/(1 − 0.999¹) = 16",
        "wⁿᵉʷ = w − (α m̂)/(√v̂ + ε)", "= 2 − (0.1(4))/(√16 + 0.5) ≈ 1.911",
    ]  # fmt: skip


def test_several_parameters_say_whose_part_it_is() -> None:
    lines = written(example_sheet("adam"))
    assert "m_w1ⁿᵉʷ = β₁ m_w1 + (1 − β₁) (∂L/∂w₁)" in lines
    assert any(line.startswith("m_w2ⁿᵉʷ = 0.9(0)") for line in lines)
    assert any(line.startswith("V̂_W ≈ [") for line in lines)
    assert any(line.startswith("v̂_b = ") for line in lines)
    assert sum("(α m̂_" in line for line in lines) == 1, "what goes the same way stands in symbols once"


@pytest.mark.parametrize("names", [("v", "t", "mu"), ("m", "beta_1", "alpha"), ("v_w", "epsilon", "eta")])
def test_letters_that_the_user_has_are_left_to_them(names: tuple[str, ...]) -> None:
    given = dict.fromkeys(names, 1.5) | {"w": 2}
    define = {"J": " + ".join(f"{name}*w^2" for name in names)}
    for kind in ("momentum", "adam"):
        trace = solved(given=given, define=define, differentiate={"wrt": ["w"]},
                       optimizer={"type": kind, "learning_rate": 0.1})  # fmt: skip
        notation = compose(trace) and trace.optimizer
        assert notation is not None
        from stepcalc.steps import Scribe

        scribe = Scribe(trace)
        own = [scribe.notation.glyph(name) for name in names]
        others = [scribe.notation.glyph(item) for item in (*scribe.settings, "@update")]
        assert len({*own, *others}) == len(own) + len(others)


def test_without_a_learning_rate_only_that_stays_a_symbol() -> None:
    lines = written(compose(solved(**UNIT, optimizer={"type": "adam"})))
    assert "= 0.4/(1 − 0.9¹) = 4" in lines
    assert "= 2 − (α(4))/(√16 + 1·10⁻⁸)" in lines
    assert "= 2 − α(4)" in written(compose(solved(**UNIT, optimizer={"type": "momentum"})))


def test_in_symbols_the_gradient_is_put_in() -> None:
    trace = solved(define={"J": "a*w^2"}, symbols={"names": ["a", "w"]}, differentiate={"wrt": ["w"]},
                   optimizer={"type": "momentum"})  # fmt: skip
    assert "vⁿᵉʷ = μ v + ∂J/∂w = μ v + 2a w" in written(compose(trace))


# --------------------------------------------------------------------------------------------- later updates


def test_a_single_parameter_has_every_update_in_full() -> None:
    made = sheet("momentum", steps=3)
    assert [heading for heading in headings(made) if heading.startswith("Update ")] == ["Update 2", "Update 3"]
    lines = written(made)
    at = lines.index("dJ/dw = 2(1.6) = 3.2")
    assert lines[at + 1 : at + 3] == ["vⁿᵉʷ = 0.9(4) + 3.2 = 6.8", "wⁿᵉʷ = 1.6 − 0.1(6.8) = 0.92"]


def test_a_long_run_of_one_parameter_is_shortened_in_the_middle() -> None:
    made = sheet("adam", steps=40)
    shown = [int(heading.split()[1]) for heading in headings(made) if heading.startswith("Update ")]
    assert shown == [2, 3, 4, 5, 36, 37, 38, 39, 40]
    assert "Updates 6 to 35 go the same way." in text_of(made)


@pytest.mark.parametrize("steps", [2, 10, 300])
def test_several_parameters_have_a_table_each(steps: int) -> None:
    made = sheet("adam", BOWL, steps=steps)
    found = [table for table in tables(made) if table[0][0] == "update" and len(table[0]) == 7]
    assert [table[0][1:4] for table in found] == [["∂f/∂x", "mₓⁿᵉʷ", "vₓⁿᵉʷ"], ["∂f/∂y", "m_yⁿᵉʷ", "v_yⁿᵉʷ"]]
    rows = [row[0] for row in found[0][1:]]
    assert rows == ([str(n + 1) for n in range(steps)] if steps <= 10 else
                    ["1", "2", "3", "4", "5", "⋮", "296", "297", "298", "299", "300"])  # fmt: skip
    trace = solved(**BOWL, optimizer={"type": "adam", "learning_rate": 0.1, "steps": steps})
    last = trace.value(f"x_v_hat#{steps}")
    assert last is not None
    assert found[0][-1][5] == trace.rounding.printed(last)


def test_a_network_follows_the_weight_of_its_chain() -> None:
    made = example_sheet("adam")
    assert sum(heading == "w₁ from update to update" for heading in headings(made)) == 1
    assert not any(heading.startswith("b from") for heading in headings(made))


def test_gradient_descent_has_its_costs_only() -> None:
    made = sheet("gradient_descent", BOWL, steps=5)
    assert [heading for heading in headings(made) if "from update" in heading] == ["f from update to update"]


def test_a_large_network_has_no_table_of_one_weight() -> None:
    layers = [{"type": "dense", "units": 40, "init": {"type": "normal", "seed": 1}}]
    fields = {"loss": "mse", "data": {"x": [0.1] * 30, "y": [0.0] * 40}, "layers": layers}
    assert "update" not in [table[0][0] for table in tables(sheet("adam", fields, steps=3)) if len(table[0]) > 2]


DIVERGING = {"given": {"w": 8, "u": 1}, "define": {"J": "w^4 + u^2"}}
DIVERGING_ALONE = {"given": {"w": 8}, "define": {"J": "w^4"}}


@pytest.mark.parametrize("steps", [9, 30])
def test_a_run_that_ends_early_has_tables_up_to_there(steps: int) -> None:
    made = sheet("momentum", DIVERGING, steps=steps, learning_rate=0.7)
    (stopped,) = re.findall(r"The run stopped in update (\d+)", text_of(made))
    for table in (table for table in tables(made) if table[0][0] == "update"):
        assert table[-1][0] == stopped
        assert "–" not in table[-2]
    assert "–" in tables(made)[-1][-1]


def test_updates_that_were_not_made_are_not_told() -> None:
    made = sheet("momentum", DIVERGING_ALONE, steps=30, learning_rate=0.7)
    (stopped,) = re.findall(r"The run stopped in update (\d+)", text_of(made))
    later = [heading for heading in headings(made) if heading.startswith("Update ")]
    assert later == [f"Update {number}" for number in range(2, int(stopped) + 1)]
    assert "go the same way" not in text_of(made)
    assert not any(line.endswith("–") for line in written(made))
    assert_steps_are_numbered(made)


def assert_steps_are_numbered(made: Sheet) -> None:
    numbers = [block.number for block in made.blocks if isinstance(block, Heading) and block.number]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_updates_of_a_long_run_that_stops_are_shortened_as_far_as_they_were_made() -> None:
    made = sheet("momentum", {"given": {"w": 2}, "define": {"J": "w^2"}}, steps=60, learning_rate=1e5)
    (stopped,) = map(int, re.findall(r"The run stopped in update (\d+)", text_of(made)))
    assert 12 < stopped < 55
    later = [heading for heading in headings(made) if heading.startswith("Update ")]
    assert later == [f"Update {number}" for number in (2, 3, 4, 5, *range(stopped - 4, stopped + 1))]
    assert f"Updates 6 to {stopped - 5} go the same way." in text_of(made)


DIVERGING_AT_ONCE = {"given": {"w": 2}, "define": {"J": "exp(w^2)"}}


@pytest.mark.parametrize("level", BLANKS[1:])
@pytest.mark.parametrize("fields", [DIVERGING, DIVERGING_ALONE, DIVERGING_AT_ONCE], ids=["two", "one", "at once"])
def test_a_blank_sheet_asks_for_updates_whether_they_can_be_made_or_not(fields: Fields, level: str) -> None:
    def blank(rate: float) -> str:
        optimizer = {"type": "momentum", "learning_rate": rate, "steps": 30}
        text = str(render(solved(**fields, optimizer=optimizer), "txt", Options(blank=level)))
        return re.sub(r"[\s─]+", " ", text.replace(str(rate), "RATE"))

    assert blank(0.7) == blank(0.0003)


@pytest.mark.parametrize("level", BLANKS[1:])
def test_a_blank_sheet_asks_for_newtons_step_whether_there_is_one_or_not(level: str) -> None:
    def blank(start: int) -> list[str]:
        fields = {"given": {"x": start, "y": 1}, "define": {"f": "x^3 + 3*x + y^2"}}
        trace = solved(**fields, optimizer={"type": "newton", "learning_rate": 1, "steps": 3})
        assert (trace.stopped or "") == ("update 1: singular Hessian" if start == 0 else "")
        return headings(compose(trace, Options(blank=level)))

    assert blank(0) == blank(2)


# ------------------------------------------------------------------------------------------- Newton's method


def test_newtons_step_in_full() -> None:
    made = example_sheet("newton_bowl")
    lines = written(made)
    for line in ("∂J/∂x = 3.8x − 6y", "∂²J/∂x² = 3.8", "∂²J/(∂x∂y) = −6", "H = [3.8, −6; −6, 20]", "g = [1.6, 8]ᵀ",
                 "= (20 · 1.6 − (−6) · 8)/(3.8 · 20 − (−6)²) = 2", "= 2 − 1(2) = 0"):  # fmt: skip
        assert line in lines
    assert tables(made)[0] == [
        ["item", "before", "gradient descent", "Newton"], ["x", "2", "0.4", "0"], ["y", "1", "−7", "0"],
        ["J", "5.6", "507.1", "0"],
    ]  # fmt: skip
    assert "this one step lands on the minimum" in text_of(made)


def test_a_bowl_is_reached_in_one_step_by_a_learning_rate_of_1_only() -> None:
    assert "with the learning rate 1, one step lands on the minimum" in text_of(sheet("newton", BOWL))
    assert "lands on the minimum" not in text_of(example_sheet("newton"))


@pytest.mark.parametrize(
    ("of", "given", "said_of_it"),
    [
        ("x^2 + y^2", {"x": 1, "y": 2}, "all positive"),
        ("x^2 - y^2", {"x": 1, "y": 2}, "of both signs"),
        ("-x^2 - 3*y^2", {"x": 1, "y": 2}, "all negative"),
        ("(x + y)^2", {"x": 1, "y": 2}, "has no inverse"),
        ("x + y", {"x": 1, "y": 2}, "has no inverse"),
        ("x^2 + (x + 0.00001*y)^2", {"x": 1, "y": 2}, "all positive"),
        ("x^2", {"x": 1}, "The second derivative is positive"),
        ("-x^2", {"x": 1}, "The second derivative is negative"),
        ("x^3", {"x": 0}, "The second derivative is 0"),
        ("x^1.5 + x", {"x": 0}, "A second derivative cannot be calculated here"),
    ],
)
def test_the_sheet_says_what_the_second_derivatives_mean(of: str, given: Fields, said_of_it: str) -> None:
    text = text_of(sheet("newton", {"given": given, "define": {"f": of}}))
    assert said_of_it in text
    kinds = ("all positive", "of both signs", "all negative", "has no inverse", "The second derivative is",
             "cannot be calculated")  # fmt: skip
    assert sum(kind in text for kind in kinds) == 1


def test_a_nearly_singular_matrix_is_warned_of() -> None:
    near = {"given": {"x": 1, "y": 2}, "define": {"f": "(x + y)^2 + 0.0000001*y^2"}}
    assert "nearly singular" in text_of(sheet("newton", near))
    narrow = {"given": {"x": 1, "y": 2}, "define": {"f": "x^2 + 0.0000001*y^2"}}
    assert "nearly singular" not in text_of(sheet("newton", narrow))


def test_where_the_cost_rises_towards_a_saddle_the_sheet_does_not_blame_the_length_of_the_step() -> None:
    text = text_of(sheet("newton", {"given": {"x": 1, "y": 2}, "define": {"f": "x^2 - y^2"}}, learning_rate=1))
    assert "It rose, as it may where f does not bend upwards" in text
    assert "too long" not in text


def test_more_than_two_unknowns_are_put_in_to_check_them() -> None:
    fields = {"loss": "binary_cross_entropy", "data": {"x": [[1, 2], [0.5, -1], [2, -1]], "y": [1, 0, 1]},
              "layers": [{"type": "dense", "activation": "sigmoid", "W": [[0.5, -0.25]], "b": [0.1]}]}  # fmt: skip
    made = sheet("newton", fields, learning_rate=1, steps=3)
    lines = written(made)
    assert any(line.startswith("p ≈ [") for line in lines)
    assert "∂L/∂w₁ = 0.32017 · (−2.7209) + 0.019128 · (−1.1222) + 0.23025 · 3.0604 ≈ −0.1880" in lines
    assert next(table for table in tables(made) if table[0][0] == "update")[0] == ["update", "∂L/∂w₁", "p_w1", "w₁ⁿᵉʷ"]


def test_newtons_later_updates_have_their_second_derivatives_unless_these_stay() -> None:
    lines = written(example_sheet("newton"))
    assert sum(line == "∂²J/∂x² = 2 + eˣ" for line in lines) == 1
    assert sum(line.startswith("∂²J/∂x² = 2 + e^") for line in lines) == 4
    constant = written(sheet("newton", BOWL, steps=3))
    assert sum(line == "∂²f/∂x² = 3.8" for line in constant) == 1


# ---------------------------------------------------------------------------------------------------- blanks


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("steps", [1, 3])
def test_a_blank_sheet_does_not_tell_what_newtons_matrix_is_like(level: str, steps: int) -> None:
    """Singular, indefinite, definite: the numbers of the problem decide, and none of it shows."""
    one, *others = (
        solved(given={"x": x, "y": y}, define={"f": "x^3 + y^3 + x*y"},
               optimizer={"type": "newton", "learning_rate": 1, "steps": steps})
        for x, y in ((1, 2), (-1, 2), (-1, -2), (0.5, 1 / 18))
    )  # fmt: skip
    asked = [_named(compose(trace, Options(blank=level)).blocks, trace) for trace in (one, *others)]
    assert all(other == asked[0] for other in asked)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", ["momentum", "adam"])
@pytest.mark.parametrize("given", [{"w": 2.5}, {"w": 2.5, "u": 3}])
def test_nor_how_far_a_run_got(level: str, kind: str, given: Fields) -> None:
    runs = [
        solved(given=given, define={"J": " + ".join(f"{name}^2" for name in given)},
               optimizer={"type": kind, "learning_rate": rate, "steps": 12})
        for rate in (0.01, 1e100, 1e300)
    ]  # fmt: skip
    assert len({len(run.history) for run in runs}) > 1
    one, *others = (_named(compose(run, Options(blank=level)).blocks, run) for run in runs)
    assert all(other == one for other in others)


@pytest.mark.parametrize("name", ["momentum", "adam", "newton"])
def test_slides_have_them_too(name: str) -> None:
    from tests.printed import example

    slides = str(render(example(name), "txt", Options(layout="slides")))
    assert "One step" in slides


@pytest.mark.parametrize(
    ("kind", "given", "of"), [("momentum", {"x": 2}, "exp(x^2)"), ("newton", {"x": 1, "y": 2}, "(x + y)^2")]
)
def test_a_run_that_has_ended_says_nothing_of_later_updates(kind: str, given: Fields, of: str) -> None:
    """A sheet to be filled in asks for them all the same; where a run ends is for students to find."""
    trace = solved(given=given, define={"f": of}, optimizer={"type": kind, "learning_rate": 10, "steps": 4})
    assert trace.stopped
    full, blank = compose(trace), compose(trace, Options(blank="results"))
    assert [line for line in written(full) if line.endswith("= –")] == []
    later = {"Update 2", "Update 3", "Update 4"}
    assert later.isdisjoint(headings(full))
    assert later <= set(headings(blank))
    assert_steps_are_numbered(full)


def test_a_singular_matrix_is_not_solved_and_checked() -> None:
    layers = [{"type": "dense", "activation": "sigmoid", "W": [[0.4]], "b": [0.1]}, {"type": "dense", "W": [[0.7]]}]
    fields: Fields = {"loss": "mse", "data": {"x": [1.5], "y": 0.8}, "layers": layers}
    trace = solved(**fields, optimizer={"type": "newton", "learning_rate": 1, "steps": 3})
    assert trace.stopped == "update 1: singular Hessian"
    lines, told = written(compose(trace)), text_of(compose(trace))
    assert "Newton's method has no step here" in told
    assert "the first row gives the first slope again" not in told
    assert not any(line.startswith("∂L/∂w⁽¹⁾ = undefined") or "ⁿᵉʷ" in line for line in lines)
    assert "the first row gives the first slope again" in text_of(compose(trace, Options(blank="results")))


def test_adams_first_step_is_as_long_as_the_rate_where_epsilon_is_small() -> None:
    made = sheet("adam", epsilon=100)
    assert "= 2 − (0.1(4))/(√16 + 100) ≈ 1.996" in written(made)
    assert "Where ε is small beside the gradient, the step is about as long as the learning rate" in text_of(made)
