"""The sheet of a recurrent network: unrolled over time, back through time, and what repeated factors do."""

from __future__ import annotations

import json
import re
import tomllib
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stepcalc.board.nodes import Blank, Num
from stepcalc.memory import left_over
from stepcalc.options import Options
from stepcalc.sheet import render
from stepcalc.sheet.blocks import Diagram, Heading, Plot, Prose, Sheet, Table
from stepcalc.sheet.story import compose
from stepcalc.sheet.text import text
from tests.drawn import sequence_problems
from tests.made import LEVELS, example_sheet
from tests.printed import EXAMPLES, example, solved
from tests.sheet.test_blank import is_data, leaked, parts, results, strings
from tests.test_truth import assert_true, check, substituted

PROBLEMS = sequence_problems()
each_problem = pytest.mark.parametrize("number", range(len(PROBLEMS)))


def headings(sheet: Sheet) -> list[str]:
    return [block.key for block in sheet.blocks if isinstance(block, Heading)]


def diagrams(sheet: Sheet) -> list[Diagram]:
    return [block for block in sheet.blocks if isinstance(block, Diagram)]


def rnn(w_h: float, steps: int, **more: Any) -> dict[str, Any]:
    """A linear RNN with one unit that sees something at the first step only: ∂h_t/∂h_{t−1} is w_h."""
    layer = {"type": "rnn", "activation": "linear", "W_x": [[1.0]], "W_h": [[w_h]], **more}
    return {"loss": "mse", "data": {"x": [[1.0]] + [[0.0]] * (steps - 1), "y": 0}, "layers": [layer]}


@each_problem
def test_printed_lines_are_true(number: int) -> None:
    trace = solved(**PROBLEMS[number])
    view = ("both", "both", "matrix", "scalar")[number % 4]
    assert check(trace, compose(trace, Options(view=view))) >= 10
    assert_true(substituted(str(render(trace, "json", Options(view=view)))), trace)


@each_problem
def test_no_result_is_left_on_a_sheet_to_be_filled_in(number: int) -> None:
    level = LEVELS[number % 3]
    fields = {key: value for key, value in PROBLEMS[number].items() if key != "rounding"}
    trace = solved(**fields)
    blank = compose(trace, Options(blank=level))
    assert [part for part in parts(blank) if isinstance(part, Num) and part.found and not is_data(trace, part)] == []
    assert leaked(results(trace, compose(trace)), strings(blank)) == []


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ["rnn", "lstm"])
def test_nor_does_what_is_left_tell_what_was_found(name: str, level: str) -> None:
    """Larger weights saturate, explode and round differently; the blanks are the same."""
    (path,) = (path for path in EXAMPLES if path.stem == name)
    problem = tomllib.loads(path.read_text(encoding="utf-8"))
    other = deepcopy(problem)
    layer = other["layers"][0]
    for weights in [layer] if name == "rnn" else [layer[gate] for gate in "figo"]:
        weights["W_h"] = [[weights["W_h"][0][0] + 2.0]]
    left = [compose(solved(**fields), Options(blank=level)).blocks for fields in (problem, other)]
    kinds = [[(type(block).__name__, getattr(block, "key", "")) for block in blocks] for blocks in left]
    assert kinds[0] == kinds[1]
    blanks = [[part for part in parts(blocks) if isinstance(part, Blank)] for blocks in left]
    assert blanks[0] == blanks[1]


def test_the_way_leads_forward_and_back_through_time() -> None:
    sheet = example_sheet("rnn")
    steps = [block.text for block in sheet.blocks if isinstance(block, Heading) and "time_step" in block.key]
    assert ["".join(map(str, said))[-1] for said in steps] == ["1", "2", "3", "3", "2", "1"]
    written = text(sheet)
    assert "∂L/∂h₂ = ∂L/∂z₃⁽¹⁾ · ∂z₃⁽¹⁾/∂h₂ = ∂L/∂z₃⁽¹⁾ · wₕ" in written
    assert "∂L/∂wₕ = Σₜ₌₂³ (∂L/∂zₜ⁽¹⁾) hₜ₋₁" in written
    assert "h₀ = 0" in written


def test_both_shares_of_a_state_are_shown() -> None:
    fields = rnn(0.5, 3, return_sequences=True)
    fields["data"]["y"] = [0.0, 0.0, 0.0]
    written = text(compose(solved(**fields)))
    assert re.search(r"∂L/∂h₂ = ∂L/∂z₃ · ∂z₃/∂h₂ \+ ∂L/∂ŷ₂ · ∂ŷ₂/∂h₂", written)
    assert "acts twice" in written


def test_the_chain_in_full_is_the_share_of_the_last_step() -> None:
    written = text(example_sheet("lstm"))
    assert "(∂L/∂w_xf)[t=3]" in written
    assert "This is what time step 3 contributes" in written
    assert "The sum over all time steps is" in written


def test_the_cell_state_has_an_additive_path() -> None:
    sheet = example_sheet("lstm")
    assert "∂c₃/∂c₂ = f₃" in text(sheet)
    unrolled, cell = diagrams(sheet)
    assert {(edge.source, edge.target) for edge in cell.edges} >= {("c1[2,1]", "c1[3,1]"), ("f1[3,1]", "c1[3,1]")}
    tables = [block for block in sheet.blocks if isinstance(block, Table)]
    assert [len(table.header) for table in tables] == [7, 7, 3]
    assert [len(column) for column in unrolled.columns] == [3, 3, 3, 1, 1]


def test_a_column_of_the_diagram_is_a_time_step() -> None:
    (unrolled,) = diagrams(example_sheet("rnn"))
    assert [[node.item for node in column] for column in unrolled.columns] == [
        ["h1[1,1]", "x[1,1]"], ["h1[2,1]", "x[2,1]"], ["h1[3,1]", "x[3,1]"], ["y_hat[1]"], ["L"],
    ]  # fmt: skip
    rows = {node.item: node.row for column in unrolled.columns for node in column}
    assert rows["h1[1,1]"] == rows["h1[3,1]"] == rows["y_hat[1]"] == rows["L"] == 0
    assert rows["x[1,1]"] == 1
    through_time = [edge for edge in unrolled.edges if edge.item == "W_h1[1,1]"]
    assert [(edge.source, edge.target) for edge in through_time] == [("h1[1,1]", "h1[2,1]"), ("h1[2,1]", "h1[3,1]")]


@pytest.mark.parametrize(
    ("w_h", "said"), [(0.5, "the gradient vanishes"), (2.0, "the gradient explodes"), (1.0, "It is kept")]
)
def test_what_repeated_factors_do_is_told_by_the_numbers(w_h: float, said: str) -> None:
    trace = solved(**rnn(w_h, 5))
    found = left_over(trace, "h1", ("h1",), None)
    assert found is not None
    np.testing.assert_allclose(np.divide(found["h1"][:-1], found["h1"][1:]), w_h)
    sheet = compose(trace)
    assert said in text(sheet)
    assert any(isinstance(block, Prose) and block.reveals and said in "".join(map(str, block.text))
               for block in sheet.blocks)  # fmt: skip


def test_only_what_starts_at_the_last_step_is_followed() -> None:
    """Outputs at every step have shares of their own, which would hide what the factors do."""
    fields = rnn(0.5, 4, return_sequences=True)
    fields["data"]["y"] = [5.0, 5.0, 5.0, 0.0]
    found = left_over(solved(**fields), "h1", ("h1",), None)
    assert found is not None
    np.testing.assert_allclose(np.divide(found["h1"][:-1], found["h1"][1:]), 0.5)


def test_the_middle_of_a_long_sequence_is_listed() -> None:
    trace = solved(**rnn(0.9, 30))
    sheet = compose(trace)
    found = headings(sheet)
    assert found.count("time_step_single") == found.count("back_to_time_step_single") == 5
    assert found.count("time_steps_single") == found.count("back_time_steps_single") == 1
    tables = [block for block in sheet.blocks if isinstance(block, Table)]
    assert len(tables) == 3, "what is left of the gradient, and the terms of two sums"
    assert all(len(table.rows) == 11 for table in tables)
    assert any(isinstance(block, Plot) for block in sheet.blocks)


@pytest.mark.parametrize("name", ["rnn", "lstm"])
def test_the_steps_of_the_json_trace_are_in_the_order_of_the_calculation(name: str) -> None:
    steps = json.loads(render(example(name), "json"))["steps"]
    place = {step["id"]: number for number, step in enumerate(steps)}
    for item in (step["id"] for step in steps if step["phase"] == "forward"):
        for child, _, _ in example(name).derivation.edges(item):
            assert place[item] < place[child]
            assert child == "L" or place[f"dL/d{child}"] < place[f"dL/d{item}"]


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("view", ["both", "matrix"])
def test_where_the_network_ends_in_the_layer_nothing_is_used_before_it_is_found(every: bool, view: str) -> None:
    fields = rnn(0.5, 3, return_sequences=every, W_x=[[1.0], [0.5]], W_h=[[0.5, 0.1], [0.2, 0.3]])
    fields["data"]["y"] = [[0.0, 1.0]] * 3 if every else [0.0, 1.0]
    sheet = compose(solved(**fields), Options(view=view))
    assert [key for key in headings(sheet) if key in ("output", "activation", "through_activation")] == ["output"]
    back = [key for key in headings(sheet) if key.startswith(("loss_slope", "back_to"))]
    assert back == ["loss_slope", *["back_to_time_step_single"] * 3]
    written = text(sheet)
    assert ("∂L/∂h₃ = ∂L/∂ŷ₃" if every else "∂L/∂h₃ = ∂L/∂ŷ") in written
    assert "= ∂L/∂Ŷ\n" not in written


@pytest.mark.parametrize("every", [False, True])
def test_what_is_left_of_the_last_step_is_not_called_all_of_the_derivative(every: bool) -> None:
    """Where every step has an output of its own, ∂L/∂h₁ is more than what comes back from the last one."""
    fields = rnn(0.5, 3, return_sequences=every)
    fields["data"]["y"] = [1.0, 1.0, 1.0] if every else 1.0
    trace = solved(**fields)
    sheet = compose(trace)
    left = left_over(trace, "h1", ("h1",), None)
    assert left is not None
    whole = np.allclose(np.abs(trace.gradients["h1"][:, 0]), left["h1"])
    assert whole is not every
    header = next(block.header for block in sheet.blocks if isinstance(block, Table) and len(block.header) == 2)
    assert text(replace(sheet, blocks=(Prose(header[1]),))).strip().endswith(
        "|∂L/∂h₃ · ∂h₃/∂hₜ|" if every else "|∂L/∂hₜ|"
    )  # fmt: skip
    assert ("the size of ∂L/∂hₜ goes" in text(sheet)) is whole


def test_a_long_sequence_derives_what_is_printed() -> None:
    """What is not written out is not derived: more time steps do not take more derivatives, but for the sums."""

    def derived(steps: int) -> int:
        trace = solved(**rnn(0.9, steps))
        compose(trace)
        return sum(item.startswith("h1") for item in trace.derivation._locals)

    assert derived(80) == derived(40)


@pytest.mark.parametrize("name", ["rnn", "lstm"])
def test_a_sequence_of_one_step_is_no_sum_and_looks_at_nothing(name: str) -> None:
    weights = {"W_x": [[0.5], [1.0]], "W_h": [[0.1, 0.2], [0.3, 0.4]], "b": [0.0, 0.1]}
    layer = {"type": name, **(weights if name == "rnn" else dict.fromkeys("figo", weights))}
    trace = solved(loss="mse", data={"x": [[2.0]], "y": 0.5}, layers=[layer, {"type": "dense", "W": [[1, -1]]}])
    written = text(compose(trace))
    assert "Σₜ" not in written
    assert "belongs to step 1" not in written
    assert "The same weights are used at every time step" not in written
    assert "nothing to see: h₀ = 0" in written or "nothing to keep: h₀ = 0, c₀ = 0" in written
    assert re.search(r"At the only time step, W\S* acts on h₀ = 0", written)
    assert not re.search(r"= 0\n +≈? ?= 0\n", written)
    assert ("z⁽¹⁾ = Wₓ x + Wₕ h₀ + b" if name == "rnn" else "z_f = W_xf x + W_hf h₀ + b_f") in written


def test_a_sum_over_one_step_is_its_term() -> None:
    fields = rnn(0.5, 2, W_x=[[1.0], [0.5]], W_h=[[0.5, 0.1], [0.2, 0.3]])
    fields["data"]["y"] = [0.0, 1.0]
    written = text(compose(solved(**fields)))
    assert "∂L/∂Wₕ = (∂L/∂z₂) h₁ᵀ" in written
    assert "∂L/∂Wₓ = Σₜ₌₁² (∂L/∂zₜ) xₜ" in written
