"""The story of a sheet: what an instructor finds on it, whatever format it is written in."""

from __future__ import annotations

import re
from typing import Any

import pytest

from stepcalc.board.latex import latex
from stepcalc.errors import InputError
from stepcalc.options import Options
from stepcalc.sheet.blocks import Diagram, Formula, Heading, Prose, Sheet, Table
from stepcalc.sheet.story import compose
from stepcalc.trace import Trace
from tests.drawn import one_unit
from tests.made import example_sheet
from tests.printed import EXAMPLES, example, said, sentences, solved, written

DESCENT = {"type": "gradient_descent", "learning_rate": 0.1}
NUMERIC = [path.stem for path in EXAMPLES if path.stem not in ("sigmoid_derivative", "two_two_one_symbolic")]
NETWORKS = [name for name in NUMERIC if example(name).graph.cost == "L"]

Fields = dict[str, Any]


def square(product: str = "Wx", **more: Any) -> Fields:
    layer = {"type": "dense", "activation": "sigmoid", "W": [[0.1, 0.2], [0.3, 0.4]], "b": [0, 0]}
    return {
        "loss": "mse", "data": {"x": [1, 2], "y": [0, 1]}, "layers": [layer],
        "notation": {"product": product}, "optimizer": DESCENT, **more,
    }  # fmt: skip


def large(inputs: int, hidden: int, outputs: int) -> Fields:
    drawn = {"type": "he_normal", "seed": 3}
    return {
        "loss": "categorical_cross_entropy",
        "data": {"x": [(i % 7) / 7 for i in range(inputs)], "y": [int(i == 3) for i in range(outputs)]},
        "layers": [
            {"type": "dense", "activation": "relu", "units": hidden, "init": drawn},
            {"type": "dense", "activation": "softmax", "units": outputs, "init": drawn},
        ],
        "optimizer": DESCENT,
    }


def sheet_of(view: str | None = None, **fields: Any) -> Sheet:
    return compose(solved(**fields), Options(view=view))


def text_of(sheet: Sheet) -> str:
    return "\n".join([*written(sheet), *sentences(sheet)])


def headings(sheet: Sheet, level: int = 2) -> list[str]:
    return [said(block.text) for block in sheet.blocks if isinstance(block, Heading) and block.level == level]


def proses(sheet: Sheet, kind: str) -> list[str]:
    return [said(block.text) for block in sheet.blocks if isinstance(block, Prose) and block.kind == kind]


def asides(sheet: Sheet) -> list[str]:
    return [
        latex(line.aside)
        for block in sheet.blocks
        if isinstance(block, Formula)
        for line in block.lines
        if line.aside is not None
    ]


# ---------------------------------------------------------------------------------------------- the cookie


@pytest.mark.parametrize(
    "line",
    [
        "= 0.6(3) + 0.1(5) + 0(2) + 0.5(4) + 0.3 = 1.8 + 0.5 + 0 + 2 + 0.3 = 4.6",
        "z₂⁽¹⁾ = 0.2(3) + 0.4(5) + 0.7(2) + 0.1(4) + 0.1 = 0.6 + 2 + 1.4 + 0.4 + 0.1 = 4.5",
        "= 1/(1 + e^(−4.6)) ≈ 0.9900",
        "= 1/(1 + e^(−2.285)) ≈ 0.9076",
        "= −ln(1 − 0.9076) = −ln 0.0924 ≈ 2.382",
        "∂L/∂z⁽²⁾ = ∂L/∂ŷ · ∂ŷ/∂z⁽²⁾ = ∂L/∂ŷ · ŷ(1 − ŷ)",
        "= ŷ − y",
        "= 0.9076 − 0 = 0.9076",
        "∂L/∂W⁽²⁾ = (∂L/∂z⁽²⁾) aᵀ",
        "∂L/∂a = (W⁽²⁾)ᵀ (∂L/∂z⁽²⁾)",
        "∂L/∂z₃⁽¹⁾ = 0.816871 · 0.997268(1 − 0.997268) ≈ 0.002226",
        "∂L/∂W⁽¹⁾ = (∂L/∂z⁽¹⁾) xᵀ",
        "w₁⁽²⁾ⁿᵉʷ = 0.7 − 0.1(0.8986) ≈ 0.6101",
        "= 0.6 − 0.1(0.01878) ≈ 0.5981",
    ],
)
def test_the_cookies_lines(line: str) -> None:
    assert line in written(example_sheet("cookie"))


def test_the_cookies_sentences() -> None:
    text = text_of(example_sheet("cookie"))
    for sentence in (
        "If ŷ grows a little, L grows about 10.83 times as much.",
        "ŷ is at least 0.5, so the network decides for “good cookie”. The truth is “bad cookie”",
        "Close to 1: a₁, a₂, a₃.",
        "The activation's derivatives shrank the signals here by factors of 92 to 367.",
        "The same number by both roads: 0.9076 through the chain, 0.9076 from the short form.",
        "Every gradient is taken with the old parameters",
        "L goes from 2.382 to 2.062. It fell, as it should.",
        "Nudge w₁⁽²⁾ by 0.001 and calculate L again: ΔL/0.001 ≈ 0.8986, and the exact derivative is 0.8986.",
        "Why did w₁⁽²⁾ move about 50 times as much as w₁₁⁽¹⁾?",
        "w₂₁⁽¹⁾: from x₁ (Sugar) to unit 2 of layer 1.",
    ):
        assert sentence in text


def test_the_cookies_order() -> None:
    sheet = example_sheet("cookie")
    assert headings(sheet, level=1) == [
        "The problem", "Conventions on this sheet", "Forward", "Backward", "Update", "Checks",
        "Where the derivatives come from",
    ]  # fmt: skip
    numbers = [block.number for block in sheet.blocks if isinstance(block, Heading) and block.level == 2]
    assert numbers == list(range(1, len(numbers) + 1))
    assert isinstance(next(block for block in sheet.blocks if not isinstance(block, Heading)), Diagram)


def test_vectors_and_matrices_fill_up() -> None:
    found = asides(example_sheet("cookie"))
    vectors = [aside for aside in found if "4.6" in aside]
    assert [aside.count("?") for aside in vectors] == [2, 1, 0]
    matrices = [aside for aside in found if "0.03130" in aside]
    assert [aside.count("?") for aside in matrices] == [8, 4, 0]


def test_views_show_what_they_say() -> None:
    scalar, matrix = example_sheet("cookie", "scalar"), example_sheet("cookie", "matrix")
    assert not asides(scalar)
    assert "∂L/∂W⁽¹⁾ = (∂L/∂z⁽¹⁾) xᵀ" not in written(scalar)
    assert "∂L/∂w₂₃⁽¹⁾ = 0.0049313 · 2 ≈ 0.009863" in written(scalar)
    assert not any(line.startswith("∂L/∂w₂₃⁽¹⁾ =") for line in written(matrix))
    assert "∂L/∂W⁽¹⁾ = (∂L/∂z⁽¹⁾) xᵀ" in written(matrix)


# ------------------------------------------------------------------- both roads, the loss afterwards, the nudge


@pytest.mark.parametrize("name", NUMERIC)
def test_every_sheet_ends_with_its_checks(name: str) -> None:
    sheet = example_sheet(name)
    checks = " ".join(proses(sheet, "check") + proses(sheet, "warning"))
    assert "Nudge " in checks
    if example(name).updated:
        assert "Forward again after the update: " in checks


@pytest.mark.parametrize("name", ["cookie", "two_two_one", "alien_mood", "perceptron_line", "multi_output"])
def test_the_same_number_by_both_roads(name: str) -> None:
    (said_so,) = [check for check in proses(example_sheet(name), "check") if "by both roads" in check]
    found = re.search(r"roads: (\S+) through the chain, (\S+) from the short form", said_so)
    assert found
    assert found[1] == found[2]


@pytest.mark.parametrize("name", ["cookie", "chain_rule", "activations"])
def test_a_sheet_to_be_filled_in_begins_with_a_line_for_the_name(name: str) -> None:
    first = compose(example(name), Options(blank="results")).blocks[0]
    assert isinstance(first, Prose)
    assert first.text[0] == "Name: "
    for options in (Options(), Options(blank="results", layout="slides")):
        assert compose(example(name), options).blocks[0] != first


def test_the_checks_say_what_happened() -> None:
    fell = sheet_of(**square())
    rose = sheet_of(**one_unit("mse", "linear", 3, y=1, optimizer=DESCENT | {"learning_rate": 3}))
    still = sheet_of(**one_unit("mse", "relu", -3, y=1, optimizer=DESCENT))
    tiny = sheet_of(**one_unit("mse", "tanh", -40, y=1, optimizer=DESCENT))
    assert "It fell, as it should." in text_of(fell)
    assert "It rose: the step was too long." in text_of(rose)
    assert "A gradient of 0 moves nothing." in text_of(still)
    assert "The step does not show in it." in text_of(tiny)


def test_a_small_change_of_the_loss_can_be_seen() -> None:
    sheet = sheet_of(**square(rounding={"decimals": 1}))
    (told,) = [check for check in proses(sheet, "check") if "Forward again" in check]
    found = re.search(r"from (\S+) to (\S+)\. ", told)
    assert found
    assert found[1] != found[2]


def test_a_run_that_stops_says_where() -> None:
    fields = one_unit("mse", "linear", 1, x=1e5, y=0, optimizer=DESCENT | {"learning_rate": 1e60, "steps": 9})
    assert "The run stopped in update 3, at " in text_of(sheet_of(**fields))


def test_the_whole_run_is_a_table() -> None:
    tables = [block for block in example_sheet("house_prices").blocks if isinstance(block, Table)]
    assert len(tables[-1].rows) == 6
    many = sheet_of(**square(optimizer=DESCENT | {"steps": 1000}))
    (history,) = [block for block in many.blocks if isinstance(block, Table)]
    assert len(history.rows) <= 12


def test_numerical_derivatives_beside_the_exact_ones() -> None:
    sheet = sheet_of(**square(gradient_check={"epsilon": 0.01}))
    (table,) = [block for block in sheet.blocks if isinstance(block, Table)]
    assert [said(cell) for cell in table.header] == ["item", "exact", "forward difference", "central difference"]
    assert len(table.rows) == 6
    for _, exact, _, central in table.rows:
        assert float(said(exact).replace("−", "-")) == pytest.approx(float(said(central).replace("−", "-")), rel=1e-2)


def test_the_parabolas_numbers() -> None:
    lines = written(example_sheet("parabola"))
    assert "J(3 + 0.001) = 9.006001" in lines
    assert "ΔJ = 9.006001 − 9 = 0.006001" in lines
    assert "ΔJ/0.001 = 0.006001/0.001 = 6.001" in lines


# ---------------------------------------------------------------------------------------------- conventions


@pytest.mark.parametrize("name", NETWORKS)
def test_conventions_are_printed(name: str) -> None:
    text = text_of(example_sheet(name))
    assert re.search(r"[zZ](ₜ|_ft)?(⁽¹⁾)? = ", text)
    graph, letter = example(name).graph, example(name).problem.notation.loss
    telling = any(graph[parameter].size > 1 or parameter.startswith("W_x") for parameter in graph.parameters)
    assert bool(re.search("leads from (the )?input", text)) == telling
    alone, averaged = "One sample; nothing is averaged." in text, "The cost is the mean over the" in text
    assert alone != averaged
    assert f"The {'cost' if averaged else 'loss'}: {letter} = " in text
    assert "significant digits (rounded half up)" in text
    assert "= stands where a line is exact as printed" in text


def test_a_square_matrix_is_told_in_words_under_both_conventions() -> None:
    told = {product: text_of(sheet_of(**square(product))) for product in ("Wx", "xW")}
    assert "w₂₁: from x₁ to unit 2 of layer 1." in told["Wx"]
    assert "w₁₂: from x₁ to unit 2 of layer 1." in told["xW"]
    assert "z₁ = w₁₁ x₁ + w₁₂ x₂ + b₁" in told["Wx"]
    assert "z₁ = x₁ w₁₁ + x₂ w₂₁ + b₁" in told["xW"]
    assert "Why transposed" not in told["Wx"]


def test_scale_mean_and_rounding_are_said() -> None:
    text = text_of(example_sheet("house_prices"))
    assert "The cost: L = 0.5" in text or "The cost: L = (1/2)" in text
    assert "The factor 0.5 in front is the problem's own" in text
    assert "the mean over the 3 samples" in text
    cut = text_of(sheet_of(**square(rounding={"decimals": 3, "mode": "truncate"})))
    assert "3 decimals (cut off, not rounded)" in cut
    carried = text_of(sheet_of(**square(rounding={"significant": 3, "mode": "half_even", "carry": True})))
    assert (
        "Every result is shortened to 3 significant digits (rounded half to even), and the shortened number is carried"
        in carried
    )


def test_the_notation_is_followed_everywhere() -> None:
    notation = {"product": "Wx", "hidden": "h", "loss": "J", "learning_rate": "\\eta", "log": "log"}
    fields = one_unit("binary_cross_entropy", "sigmoid", 0.5, y=1, optimizer=DESCENT, notation=notation)
    fields["layers"] = [{"type": "dense", "activation": "tanh", "W": [[0.3]]}, *fields["layers"]]
    text = text_of(sheet_of(**fields))
    assert "η" in text
    assert "∂J/∂ŷ" in text
    assert "log" in text
    assert not re.search(r"α|∂L|\bln\b|\ba⁽", text)


# ---------------------------------------------------------------------------------------------- sentences


def test_decisions() -> None:
    several = text_of(example_sheet("multi_output"))
    assert "ŷ₂ is the largest output, so the network decides for “pear”. That is right." in several
    below = text_of(example_sheet("perceptron_line"))
    assert "ŷ is below 0.5, so the network decides for “below the line”. The truth is “above the line”" in below


def deciding(y: Any, W: Any, loss: str, activation: str = "linear", x: Any = (1.0,)) -> str:
    """What the sheet of one layer, whose classes have names, says of its decisions."""
    rows = W if isinstance(W, list) else [[W]]
    classes = ["cat", "dog", "eel"][: max(len(rows), 2)]
    layer = {"type": "dense", "activation": activation, "W": rows}
    data = {"x": list(x), "y": y, "classes": classes}
    return " ".join(proses(sheet_of(loss=loss, data=data, layers=[layer]), "insight"))


def test_a_batch_says_whose_decision_it_is_and_how_many_are_right() -> None:
    batch = deciding([1, 0, 0], 1, "binary_cross_entropy", "sigmoid", [[2], [1], [-1]])
    assert "For sample 1: ŷ is at least 0.5, so the network decides for “dog”. That is right." in batch
    assert "Decided rightly: 2 of 3 samples." in batch
    alone = deciding(1, 1, "binary_cross_entropy", "sigmoid", [2])
    assert "network decides for “dog”" in alone
    assert "sample" not in alone


def test_equal_outputs_decide_nothing() -> None:
    tie = deciding([0, 1], [[0.5], [0.5]], "categorical_cross_entropy", "softmax")
    assert "ŷ₁, ŷ₂ are equal and no output is larger, so the network does not decide. The truth is “dog”" in tie
    rounded = deciding([0, 1, 0], [[0.1], [0.30000000000000004], [0.3]], "mse")
    assert "ŷ₂, ŷ₃ are equal" in rounded


def test_several_labels_may_be_true_at_once() -> None:
    assert "decides" not in deciding([1, 1], [[0.2], [0.3]], "binary_cross_entropy", "sigmoid")
    assert "ŷ₂ is the largest output" in deciding([0, 1], [[0.2], [0.3]], "binary_cross_entropy", "sigmoid")


def test_between_minus_one_and_one_the_decision_is_by_the_sign() -> None:
    signed = deciding([1, -1], 0.4, "mse", "tanh", [[1], [-1]])
    assert "ŷ is at least 0, so the network decides for “dog”. That is right." in signed
    assert "Decided rightly: 2 of 2 samples." in signed


def test_what_the_printed_digits_no_longer_give_is_said_where_it_bites_first_on_the_way_back() -> None:
    def remarks(y: int, loss: str, **more: Any) -> list[str]:
        sheet = sheet_of(**one_unit(loss, "sigmoid", 45, y=y, **more))
        return [text for text in proses(sheet, "insight") if "weighted sum." in text]

    told = "The output is so close to its limit that its printed digits no longer give {}; it is taken straight"
    assert [told.format("∂L/∂ŷ") in text for text in remarks(0, "binary_cross_entropy")] == [True]
    assert [told.format("∂ŷ/∂z") in text for text in remarks(0, "mse")] == [True]
    assert remarks(0, "mse", rounding={"significant": 4, "carry": True}) == []


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_sheet_of_matrices_writes_out_the_slope_of_the_true_class(place: int) -> None:
    y = [int(at == place) for at in range(3)]
    layer = {"type": "dense", "activation": "softmax", "W": [[0.1], [0.2], [0.3]]}
    lines = sheet_of("matrix", loss="categorical_cross_entropy", data={"x": [1], "y": y}, layers=[layer])
    assert f"∂L/∂ŷ{'₁₂₃'[place]} = −y{'₁₂₃'[place]}/ŷ{'₁₂₃'[place]}" in written(lines)


def test_a_sample_that_is_left_out_is_the_first() -> None:
    text = text_of(sheet_of(**square(data={"x": [[1, 2], [3, 4]], "y": [[0, 1], [1, 0]]})))
    assert "A number in square brackets is a symbol's sample: x₁[2]. Where a step leaves it out, sample 1 is" in text


def test_saturated_dead_and_blocked_units() -> None:
    assert "Output 0: a₂. Where a ReLU puts out 0, no gradient passes back." in text_of(example_sheet("multi_output"))
    assert "nothing passes back through z₂⁽¹⁾" in text_of(example_sheet("multi_output"))
    assert "Close to 0: ŷ." in text_of(example_sheet("perceptron_line"))
    layer = {"type": "dense", "activation": "tanh", "W": [[9]]}
    twice = text_of(sheet_of(loss="mse", data={"x": [1], "y": 0}, layers=[layer, layer]))
    assert twice.count("Close to 1: ") == 2
    assert twice.count("A saturated unit hardly reacts") == 1
    assert "Close to −1: ŷ." in text_of(sheet_of(**one_unit("mse", "tanh", -5)))


@pytest.mark.parametrize(("activation", "used"), [("relu", "0"), ("leaky_relu", "1"), ("elu", None)])
def test_kinks_are_said_where_they_happen(activation: str, used: str | None) -> None:
    text = text_of(sheet_of(**one_unit("mse", activation, 2, x=0, y=1)))
    if used is None:
        assert "exactly at a corner" not in text  # with α = 1 the slopes of ELU meet
    else:
        needed = "∂ŷ/∂z is needed exactly at a corner or a jump, where there is none"
        assert f"{needed}; by convention, {used} is used." in text


def test_a_nudge_over_a_corner_is_no_check() -> None:
    fields = one_unit("hinge", "linear", 1, x=1, y=1)
    text = text_of(sheet_of(**fields))
    assert "∂L/∂ŷ is needed exactly at a corner" in text
    downhill = text_of(sheet_of(**one_unit("hinge", "linear", -1, x=-1, y=1)))
    assert "The two do not agree" in downhill or "The two do not agree" in text


def test_sums_are_added_up_in_decimals() -> None:
    """0.1 + 0.7 is 0.8 and reaches a threshold of 0.8, which it does not in doubles."""
    fields = one_unit("mse", {"type": "step", "threshold": 0.8}, 0.1, x=1, y=1)
    fields["layers"][0]["b"] = [0.7]
    assert "ŷ = step(z)" in text_of(sheet_of(**fields))
    assert solved(**fields).value("y_hat[1]") == 1


def test_a_loss_with_a_kink_says_so() -> None:
    error = text_of(sheet_of(**one_unit("mae", "linear", 1)))
    assert "The absolute error has no derivative where the output is the target; there 0 is used." in error
    hinge = text_of(sheet_of(**one_unit("hinge", "linear", 1, y=1)))
    assert "The hinge loss has no derivative at y ŷ = 1; there 0 is used." in hinge


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (2.5, "If ŷ grows a little, L grows by about as much."),
        (3.5, "If ŷ grows a little, L falls by about as much."),
        (2, "If ŷ grows a little, L grows about 2 times as much."),
        (3, "The slope is 0: if ŷ changes a little, L hardly changes."),
    ],
)
def test_the_slope_in_words(target: float, sentence: str) -> None:
    assert sentence in text_of(sheet_of(**one_unit("mse", "linear", 3, x=1, y=target)))


def test_at_a_corner_nothing_is_said_about_the_slope() -> None:
    assert "hardly changes" not in text_of(sheet_of(**one_unit("mae", "linear", 1, x=1, y=1)))


def test_one_parameter_is_not_told_about_others() -> None:
    fields = one_unit("mse", "linear", 3, y=1, optimizer=DESCENT)
    del fields["layers"][0]["b"]
    alone = text_of(sheet_of(**fields))
    assert "all change together" not in alone
    assert "every parameter of the same unit reuses" not in alone
    several = text_of(sheet_of(**square()))
    assert "all change together" in several
    assert "The others together are ∂L/∂z₁, which every parameter of the same unit reuses." in several


def test_a_weight_that_rounding_keeps_where_it_is_is_asked_about() -> None:
    layers = [
        {"type": "dense", "activation": "sigmoid", "W": [[0.35, -0.2], [0.15, 0.45]], "b": [0.1, 0.2]},
        {"type": "dense", "activation": "sigmoid", "W": [[0.2, 0.001]], "b": [-0.3]},
    ]
    fields: Fields = {"loss": "mse", "data": {"x": [0.5, 0.25], "y": 1}, "layers": layers, "optimizer": DESCENT}
    carried = text_of(sheet_of(**fields, rounding={"decimals": 2, "carry": True}))
    assert "The gradient of w₁₁⁽¹⁾ is not 0. Why did w₁₁⁽¹⁾ not move?" in carried
    assert "times as much as w₁₁⁽¹⁾" not in carried
    assert "times as much as w₁₁⁽¹⁾" in text_of(sheet_of(**fields))


def test_step_functions_cannot_learn() -> None:
    text = text_of(example_sheet("matrix_deck_step"))
    assert "The derivative of the step function is 0 wherever it exists" in text
    assert "L stays at 1. A gradient of 0 moves nothing." in text
    assert "networks that learn use an activation with a slope, such as the sigmoid" in text


def test_a_saturated_output_is_explained() -> None:
    text = text_of(sheet_of(**one_unit("binary_cross_entropy", "sigmoid", 800, y=0, optimizer=DESCENT)))
    assert "∂L/∂ŷ is larger than the largest number that the computer can store" in text
    assert "L is taken straight from the weighted sums." in text
    assert "= 1 − 0 = 1" in text
    assert "It fell, as it should." in text


def test_paths_that_meet_are_added() -> None:
    text = text_of(example_sheet("multi_output"))
    assert "Where several paths lead on from a quantity, their contributions add up." in text
    assert "= ∂L/∂z₁⁽²⁾ · w₁₁⁽²⁾ + ∂L/∂z₂⁽²⁾ · w₂₁⁽²⁾ + ∂L/∂z₃⁽²⁾ · w₃₁⁽²⁾" in text
    assert "Where several paths" not in text_of(example_sheet("cookie"))


def test_a_mini_batch_marks_its_contributions() -> None:
    text = text_of(example_sheet("alien_mood"))
    assert "Sample 1 is written out in full; every other sample goes the same way." in text
    assert "This is what sample 1 contributes; every other sample adds its own part." in text
    assert "The sum over all samples is −0.2584." in text
    assert "∂L/∂z[1] · x₁[1] + ∂L/∂z[2] · x₁[2] + ∂L/∂z[3] · x₁[3] + ∂L/∂z[4] · x₁[4]" in text
    assert "∂L/∂W⁽²⁾ = Hᵀ (∂L/∂Z⁽²⁾)" in text_of(example_sheet("matrix_deck"))


# ---------------------------------------------------------------------------------------------- symbols, size


def test_symbolic_sheets_have_no_numbers_and_no_checks() -> None:
    sheet = example_sheet("two_two_one_symbolic")
    assert "Checks" not in headings(sheet, level=1)
    assert "≈" not in text_of(sheet)
    lines = written(sheet)
    assert "= ŷ − y" in lines
    assert "∂L/∂w₂₁ = w₁ x₂ a₁(1 − a₁) (ŷ − y)" in lines
    assert "∂L/∂b = ŷ − y" in lines
    assert "∂L/∂W⁽²⁾ = aᵀ (∂L/∂z)" in lines, "an array of a single scalar has the name that the user gave the scalar"
    assert "Numbers are missing, so the step stays in symbols." in text_of(sheet)


def test_the_sigmoids_derivative_line_by_line() -> None:
    lines = written(example_sheet("sigmoid_derivative"))
    assert any("+ 1 − 1" in line for line in lines)
    assert any("(1 + e⁻ᶻ)⁻²" in line for line in lines)
    assert lines[-1] == "= σ(z) (1 − σ(z))"
    assert "The sigmoid: σ(z) = 1/(1 + e⁻ᶻ)." in text_of(example_sheet("sigmoid_derivative"))
    typed = {"symbols": {"names": ["z"]}, "define": {"s": "sigmoid(z)"}, "differentiate": {"of": "s", "wrt": ["z"]}}
    assert "The sigmoid:" not in text_of(sheet_of(**typed))


def test_half_a_problem_goes_as_far_as_its_numbers() -> None:
    fields = square()
    fields["layers"] = [*fields["layers"], {"type": "dense", "units": 2}]
    text = text_of(sheet_of(**fields))
    assert "= 0.1(1) + 0.2(2) + 0 = 0.1 + 0.4 + 0 = 0.5" in text
    assert "Nudge" not in text


def test_expressions_use_the_numbers_that_they_have() -> None:
    fields: Fields = {
        "given": {"x": 2, "a": 3},
        "symbols": {"names": ["w", "c"]},
        "define": {"k": "2*x + 1", "u": "w*x + a", "f": "sigmoid(u) + c*x^2 + k"},
        "differentiate": {"wrt": ["x", "w"]},
    }
    sheet = sheet_of(**fields)
    lines = written(sheet)
    assert headings(sheet, level=1) == ["The problem", "Forward", "Backward"]
    for line in (
        "= 2(2) + 1 = 4 + 1 = 5",
        "= w · 2 + 3",
        "∂f/∂x = 2 · c · 2",
        "= 2 σ(u) (1 − σ(u))",
        "= 2 · c · 2 + w σ(u) (1 − σ(u)) + 2",
    ):
        assert line in lines
    nothing = sheet_of(**{**fields, "given": {}, "symbols": {"names": ["x", "a", "w", "c"]}})
    assert headings(nothing, level=1) == ["The problem", "Backward"]


def test_a_sum_that_comes_to_nothing_is_not_repeated() -> None:
    lines = written(sheet_of(given={"x": 4}, define={"y": "3*x", "z": "y - 3*x + 7"}))
    assert lines[-2:] == ["dz/dx = 3 − 3", "= 0"]


def test_a_step_without_a_learning_rate_has_all_other_numbers() -> None:
    fields = one_unit("mse", "linear", 3, y=1, optimizer={"type": "gradient_descent"})
    assert "= 3 − α(4)" in written(sheet_of(**fields))


def test_known_numbers_choose_a_branch_beside_symbols() -> None:
    fields: Fields = {
        "given": {"x": 3},
        "symbols": {"names": ["w"]},
        "define": {"u": "w*x", "f": "sin(u) + relu(x)^2"},
        "differentiate": {"wrt": ["x"]},
    }
    assert written(sheet_of(**fields))[-1] == "= w cos(u) + 2 ReLU(3)"


def test_two_ways_to_a_carried_number_say_why_they_differ() -> None:
    layers = [
        {"type": "dense", "activation": "tanh", "W": [[0.56, 0.65], [-0.48, 0.89]], "b": [0.1, -0.2]},
        {"type": "dense", "activation": "sigmoid", "W": [[-0.95, 0.28]], "b": [0.05]},
    ]
    fields: Fields = {"loss": "binary_cross_entropy", "data": {"x": [1.2, -1.2], "y": 1}, "layers": layers}
    sheet = sheet_of(**fields, rounding={"decimals": 2, "carry": True})
    assert "∂L/∂w₁₁⁽¹⁾ = ∂L/∂z₁⁽¹⁾ · ∂z₁⁽¹⁾/∂w₁₁⁽¹⁾ = ∂L/∂z₁⁽¹⁾ · x₁" in written(sheet)
    assert "= 0.52 · 1.2 ≈ 0.62" in written(sheet)
    (chain,) = [line for line in written(sheet) if line.endswith("≈ 0.63")]
    assert chain.count("·") == 3
    assert "Step by step, the result was 0.62." in text_of(sheet)
    assert "Step by step" not in text_of(sheet_of(**fields))
    assert "Step by step" not in text_of(sheet_of(**fields, rounding={"decimals": 5, "carry": True}))


def test_one_formula_has_its_own_number_where_rounded_ones_are_carried() -> None:
    rounding = {"decimals": 1, "carry": True}
    sheet = sheet_of(given={"x": 1.26}, define={"y": "3*x - 2", "z": "y^2"}, rounding=rounding)
    assert "= 18(1.26) − 12 ≈ 10.7" in written(sheet)
    assert "Step by step, the result was 10.8." in text_of(sheet)


def test_a_carried_number_is_printed_alike_everywhere() -> None:
    """Where rounded numbers are carried, 0.1971 and 0.2 are the same number: 0.2, and not 0.20 here and there."""
    sheet = sheet_of(**one_unit("mse", "sigmoid", 1, x=1, y=0, rounding={"significant": 2, "carry": True}))
    assert written(sheet).count("∂ŷ/∂z = 0.73(1 − 0.73) ≈ 0.2") == 1
    assert "0.20" not in text_of(sheet)
    assert "= 1.5 · 0.73(1 − 0.73) ≈ 0.3" in written(sheet)
    assert "= 2 · 1 · 0.73 · (1 − 0.73) · (0.73 − 0) ≈ 0.29" in written(sheet)
    assert "Step by step, the result was 0.3." in text_of(sheet)


def test_a_mini_batch_of_one_sample_is_one_sample() -> None:
    text = text_of(sheet_of(**square(data={"x": [[1, 2]], "y": [[0, 1]]})))
    assert "The loss: L = Σₖ₌₁² (ŷₖ − yₖ)²." in text
    assert "One sample; nothing is averaged." in text
    assert "∂L/∂w₁₁ = ∂L/∂z₁ · ∂z₁/∂w₁₁ = ∂L/∂z₁ · x₁" in text
    assert not re.search(r"\[[1n]\]|square brackets|1/1|Σₙ", text)


def test_a_single_weight_is_no_matrix() -> None:
    text = text_of(sheet_of(**one_unit("mse", "linear", 2, y=1, optimizer=DESCENT)))
    assert not re.search(r"\bW\b|matrix", text)
    assert "w: from x to unit 1 of layer 1." in text
    second = {"type": "dense", "W": [[0.5], [0.25]]}
    fields = one_unit("mse", "tanh", 2, y=[1, 0])
    deeper = text_of(sheet_of(**{**fields, "layers": [*fields["layers"], second]}))
    assert "z⁽²⁾ = W⁽²⁾ a: row i of the matrix holds" in deeper


def test_a_large_network_is_refused_in_scalars_with_a_reason() -> None:
    trace = solved(**large(50, 30, 10))
    for view in ("scalar", "both"):
        with pytest.raises(InputError, match=r"1,840 parameters one by one.*--view matrix"):
            compose(trace, Options(view=view))


@pytest.fixture(scope="module")
def mnist() -> Trace:
    return solved(**large(784, 128, 10))


def test_a_network_of_a_hundred_thousand_parameters_has_a_short_sheet(mnist: Trace) -> None:
    sheet = compose(mnist)
    lines = written(sheet)
    assert len(lines) < 120
    assert max(map(len, lines)) < 500
    assert max(line.count(" + ") for line in lines) < 16
    assert len([block for block in sheet.blocks if isinstance(block, Heading)]) < 30
    assert any("⋯" in line for line in lines)
    (diagram,) = [block for block in sheet.blocks if isinstance(block, Diagram)]
    assert max(len(column) for column in diagram.columns) < 12
    assert len(diagram.edges) < 200


def test_no_line_of_a_middling_network_runs_away() -> None:
    lines = written(sheet_of(**large(30, 12, 4)))
    assert max(line.count(" + ") for line in lines) < 16


def batch_of(samples: int, inputs: int = 2, **more: Any) -> Fields:
    """A network of one unit and a mini-batch in which no input comes twice."""
    x = [[100 * n + i for i in range(1, inputs + 1)] for n in range(1, samples + 1)]
    layer = {"type": "dense", "W": [[0.01] * inputs]}
    return {"loss": "mse", "data": {"x": x, "y": [0] * samples}, "layers": [layer], **more}


def statement(sheet: Sheet) -> str:
    """All that the problem states, in words and tables."""
    opened = next(at for at, block in enumerate(sheet.blocks) if isinstance(block, Heading) and block.key == "forward")
    stated = sheet.blocks[:opened]
    rows = [row for block in stated if isinstance(block, Table) for row in block.rows]
    cells = [said(cell) for row in rows for cell in row if isinstance(cell, tuple)]
    return " ".join([*cells, *written(Sheet("", stated))])


@pytest.mark.parametrize(("samples", "inputs"), [(12, 2), (24, 2), (2, 8), (3, 20)])
def test_the_statement_of_a_small_batch_hides_no_sample(samples: int, inputs: int) -> None:
    sheet = sheet_of(**batch_of(samples, inputs))
    stated = statement(sheet).split()
    assert all(str(100 * n + i) in stated for n in range(1, samples + 1) for i in range(1, inputs + 1))
    assert "⋮" not in stated
    tables = [block for block in sheet.blocks if isinstance(block, Table)]
    assert all(len(row) <= 9 for table in tables for row in table.rows)


def test_a_batch_in_rows_is_stated_whole_too() -> None:
    layer = {"type": "dense", "W": [[0.01], [0.01]]}
    stated = statement(sheet_of(**batch_of(12, layers=[layer], notation={"product": "xW"})))
    assert all(str(100 * n + 1) in stated for n in range(1, 13))


def test_a_large_batch_shows_its_first_samples() -> None:
    sheet = sheet_of(**batch_of(200))
    stated = statement(sheet)
    assert "701" in stated
    assert "801" not in stated
    assert "193 more" in stated


def test_cases_too_long_for_a_line_are_left_to_the_numbers() -> None:
    long = "sin(u*v)/(1+v^2)"
    define = {"u": "x^2 - sqrt(x)", "v": "max(u, 0.5)", "w": long, "f": f"ln(1 + w^2) + {long}"}
    sheet = sheet_of(given={"x": 1.5}, define=define)
    assert any(line.startswith("In letters, with all its cases") for line in sentences(sheet))
