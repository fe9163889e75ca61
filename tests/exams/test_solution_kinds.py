"""The error that is to be found, and the steps that are to be put in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

from stepcalc.board.latex import latex
from stepcalc.board.nodes import Equation, Num
from stepcalc.calculus.from_board import from_board
from stepcalc.calculus.functions import is_slope
from stepcalc.errors import InputError
from stepcalc.exams.chance import Chance
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Gap, Order, Question
from stepcalc.items import Item
from stepcalc.notation import is_setting, setting
from stepcalc.sheet.blocks import Formula
from tests.exams.papers import EXAMPLES, choice, numbers, paper, parts, question, relu, told
from tests.latex_reader import Precision, faults
from tests.marking.students import going_on

ERRORS = [
    ("two_two_one", ["z1", "a1", "y_hat", "dL/dz2", "dL/dz1", "dL/dW1"]),
    ("two_two_one", ["L", "W2_new"]),
    ("carried", ["z1", "a1", "y_hat", "dL/dz2", "dL/dz1", "dL/dW1"]),
    ("cookie", ["z1", "y_hat", "dL/dW1[1,1]"]),
    ("relu", ["z1", "a1", "y_hat", "dL/dz1", "dL/dW1"]),
    ("multi_output", ["y_hat", "L", "dL/dz2", "dL/dW2"]),
    ("chain_rule_two_links", ["y", "z", "dz/dx", "dz/dv"]),
    ("rnn", ["h1", "L", "dL/dW_x1", "dL/dW_h1"]),
    ("lstm", ["h1", "L", "c1"]),
    ("mini_batches", ["z1", "J", "dJ/dW1", "W1_new"]),
    ("momentum", ["y_new", "dJ/dy"]),
    ("matrix_deck", ["z1", "y_hat", "L", "dL/dW2"]),
]
SEEDS = range(4)
RECURRENT = ("rnn", "lstm")


def carried(folder: Path) -> Path:
    """The file of the 2-2-1 network, whose rounded numbers are carried on."""
    file = folder / "carried.toml"
    file.write_text((EXAMPLES / "two_two_one.toml").read_text() + "[rounding]\ndecimals = 3\ncarry = true\n")
    return file


WRITTEN = {"relu": relu, "carried": carried}


def made(name: str, items: Sequence[str], folder: Path, seed: int = 0, **said: object) -> tuple[Paper, Question]:
    problem = WRITTEN[name](folder) if name in WRITTEN else name
    found = paper(problem, {"kind": "find_the_error", "items": list(items), **said}, seed=seed)
    return found, found.questions[0]


def solution(asked: Question) -> list[Formula]:
    """The numbered lines."""
    return [block for block in asked.prompt if isinstance(block, Formula) and block.lines[0].reason]


def results(asked: Question) -> Iterator[tuple[str, str]]:
    """The item of each line, and the number that it ends in."""
    for formula in solution(asked):
        result = formula.lines[-1].parts[-1]
        item = getattr(formula.lines[0].parts[0], "item", None)
        assert isinstance(result, Num)
        assert isinstance(item, str)
        yield item, result.text


def wrong_line(asked: Question) -> int:
    return [option.right for option in choice(asked).options].index(True)


def gap(asked: Question) -> Gap:
    found = asked.answers[1]
    assert isinstance(found, Gap)
    return found


@pytest.mark.parametrize(("name", "items"), ERRORS)
@pytest.mark.parametrize("seed", SEEDS)
def test_lines_are_right_up_to_the_wrong_one_and_follow_from_it(
    name: str, items: list[str], seed: int, tmp_path: Path
) -> None:
    """What follows from the wrong number is calculated by the arrays' kernels, which know of no line."""
    variant, asked = made(name, items, tmp_path, seed)
    trace, lines, at = variant.variant.trace, list(results(asked)), wrong_line(asked)
    printed = trace.rounding.printed
    for item, text in lines[:at]:
        right = trace.value(item)
        assert right is not None
        assert text == printed(right), item
    wrong, text = lines[at]
    assert text != gap(asked).printed
    assert Item.parse(gap(asked).item).index == Item.parse(wrong).index
    found = next((one for one in gap(asked).wrongs if printed(one.value) == text), None)
    assert found is not None, "the mistake is one of those that the marker knows"
    if trace.graph.read(wrong).part or name in (*RECURRENT, "carried"):
        return  # nothing follows that these kernels could be given
    follow = going_on(trace, wrong, found.value, [item for item, _ in lines[at:]])
    for item, text in lines[at:]:
        assert float(text) == pytest.approx(follow[item], rel=6e-4, abs=1e-12), item


@pytest.mark.parametrize(("name", "items"), ERRORS)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_is_what_its_written_formula_gives(name: str, items: list[str], seed: int, tmp_path: Path) -> None:
    """Whoever calculates line after line from the formulas that stand there finds the numbers that stand there."""
    variant, asked = made(name, items, tmp_path, seed)
    scribe, graph = variant.context.whole, variant.variant.trace.graph
    found: dict[str, float] = {}

    def canonical(item: str) -> str:
        parsed = graph.read(item)
        return str(replace(parsed, name=graph.canonical(parsed.name)))

    def known(item: str) -> float:
        value = found.get(item if is_setting(item) else canonical(item), scribe.number(item))
        assert value is not None
        return value

    for formula, (item, text) in zip(solution(asked), results(asked), strict=True):
        read = from_board(formula.lines[0].parts[1])
        values = {s: sp.Float(known(s.name), 30) for s in read.free_symbols}
        slopes = {part: sp.Integer(int(values[part.args[0]] > 0)) for part in read.atoms(sp.Function) if is_slope(part)}
        value = float(read.xreplace(slopes).xreplace(values))
        found[canonical(item)] = scribe.as_carried(value)
        assert scribe.trace.rounding.printed(found[canonical(item)]) == text, item


@pytest.mark.parametrize(("name", "items"), ERRORS)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_line_is_true_within_itself(name: str, items: list[str], seed: int, tmp_path: Path) -> None:
    variant, asked = made(name, items, tmp_path, seed)
    rounding = variant.variant.trace.rounding
    asked_for = Precision(rounding.significant, rounding.decimals, rounding.mode)
    for formula in solution(asked):
        for line in formula.lines:
            assert not faults(latex(Equation(line.parts, line.relations, continued=line.continued)), asked_for)


@pytest.mark.parametrize(("name", "items"), ERRORS)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_error_is_asked_without_telling(name: str, items: list[str], seed: int, tmp_path: Path) -> None:
    _, asked = made(name, items, tmp_path, seed)
    if len(gap(asked).printed.strip("-0.").replace(".", "")) > 2:  # 0.5 may stand anywhere
        assert gap(asked).printed not in numbers(asked.prompt)
    assert told((gap(asked).symbol,)) == "its right result"
    assert not gap(asked).what
    options = choice(asked).options
    assert [told(option.shown) for option in options] == [f"line ({n})" for n in range(1, len(options) + 1)]
    assert 16 >= len(options) == len(solution(asked)) >= 3
    assert asked.worth == sum(criterion.marks for criterion in asked.rubric) == 2.0
    assert told(asked.solution[0].text).startswith(f"Line ({wrong_line(asked) + 1}) is wrong.")  # type: ignore[union-attr]


def test_a_learning_rate_stands_in_a_solution_as_a_symbol(tmp_path: Path) -> None:
    _, asked = made("two_two_one", ["W2_new"], tmp_path, misconceptions=["update_sign"])
    items = {getattr(part, "item", None) for part in parts(asked.prompt)}
    assert setting("learning_rate") in items


def test_the_mistake_depends_on_the_variant() -> None:
    asked = [
        question("two_two_one", "find_the_error", items=["z1", "a1", "y_hat", "dL/dz1"], id=f"{n:03d}")
        for n in range(1, 13)
    ]
    assert len({wrong_line(one) for one in asked}) > 2
    assert len({told(one.solution[0].text) for one in asked}) > 4  # type: ignore[union-attr]


def test_the_mistake_is_one_of_those_that_are_wanted(tmp_path: Path) -> None:
    wanted = {"misconceptions": ["bias_forgotten", "term_forgotten"]}
    names = {gap(made("cookie", ["z1", "y_hat"], tmp_path, seed, **wanted)[1]).wrongs[0].name for seed in range(12)}
    assert names == {"bias_forgotten", "term_forgotten"}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            {"items": ["z1"], "misconceptions": ["bias_forgoten"]},
            '"bias_forgoten" is no misconception; did you mean "bias_forgotten"?',
        ),
        ({"items": ["z1[1]"]}, "a solution needs at least 3 lines"),
        ({"items": ["z1", "a1", "y_hat"], "misconceptions": ["kernel_turned"]}, "no mistake (kernel_turned) gives"),
        ({"items": ["x"]}, "a solution needs at least 3 lines"),
    ],
)
def test_errors_that_cannot_be_made_are_refused(said: dict[str, object], why: str) -> None:
    with pytest.raises(InputError) as found:
        question("two_two_one", "find_the_error", **said)
    assert why in found.value.faults[0].message


ORDERS = [
    ("two_two_one", "W1_new[1,1]", 8),
    ("two_two_one", "L", 5),
    ("relu", "dL/dW1[1,1]", 8),
    ("multi_output", "dL/dW1[1,1]", 8),
    ("chain_rule_two_links", "dz/dv", 5),
    ("rnn", "dL/dW_h1", 8),
    ("lstm", "L", 8),
    ("mini_batches", "dJ/dW1", 5),
    ("two_two_one_symbolic", "dL/dW1[1,1]", 8),
]


@pytest.mark.parametrize(("name", "item", "count"), ORDERS)
def test_each_step_needs_the_one_before(name: str, item: str, count: int, tmp_path: Path) -> None:
    """Told from the written lines: the left side of each stands on the right of the next."""
    variant = paper(relu(tmp_path) if name == "relu" else name, {"kind": "order_the_steps", "item": item})
    (asked,) = variant.questions
    (order,) = asked.answers
    assert isinstance(order, Order)
    assert sorted(order.order) == list(range(count))
    assert order.order != tuple(range(count))
    lines = [order.shown[place].lines[0] for place in order.order]
    left = [getattr(line.parts[0], "item", "") for line in lines]
    assert left[-1] == variant.variant.problem.items.written_scalar(item)
    for before, line in zip(left, lines[1:], strict=False):
        needed = {part.item for part in _parts(line) if getattr(part, "item", None)}
        assert before in needed or before.replace("a2", "y_hat") in needed, (before, needed)
    assert asked.worth == sum(criterion.marks for criterion in asked.rubric) == float(count)


def _parts(line: Equation) -> Iterator[object]:
    yield from (part for node in line.parts[1:] for part in parts(node))


def test_lines_are_never_shown_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([(0, 1, 2, 3), (0, 1, 2, 3), (2, 0, 1, 3)])
    monkeypatch.setattr(Chance, "shuffled", lambda chance, things: next(drawn))
    (order,) = question("cookie", "order_the_steps", item="W1_new[1,1]", most=4).answers
    assert isinstance(order, Order)
    assert order.order == (1, 2, 0, 3)


def test_there_are_no_more_lines_than_asked() -> None:
    (order,) = question("cookie", "order_the_steps", item="W1_new[1,1]", most=4, marks=2).answers
    assert isinstance(order, Order)
    assert (len(order.shown), order.worth) == (4, 2.0)


def test_lines_to_put_in_order_have_no_numbers_of_the_solution() -> None:
    asked = question("two_two_one", "order_the_steps", item="L")
    assert not any(part.found for part in _numbers(asked))


@pytest.mark.parametrize(
    "lines",
    [
        {"kind": "order_the_steps", "item": "dL/dW1[1,1]"},
        {"kind": "find_the_error", "items": ["z1", "y_hat", "dL/dz1", "dL/dW1"]},
    ],
    ids=["order_the_steps", "find_the_error"],
)
def test_no_line_of_a_solution_shows_the_links_that_a_chain_asks_for(lines: dict[str, Any]) -> None:
    chain = {"kind": "complete_chain", "item": "dL/dW1[1,1]", "missing": 4}
    asked, other = paper("two_two_one", chain, lines).questions
    missing = [choice(asked, place).right.shown[0] for place in range(4)]
    links = [factor for factor in missing if not getattr(factor, "item", None)]  # ∂L/∂ŷ is found by a step of its own
    assert len(links) >= 3
    shown = [*parts((other.prompt, other.answers))]
    assert not any(link in shown for link in links)


def _numbers(asked: Question) -> Iterator[Num]:
    yield from (part for part in parts((asked.prompt, asked.answers)) if isinstance(part, Num))


def test_too_few_steps_are_nothing_to_put_in_order() -> None:
    with pytest.raises(InputError, match=r"way to z1\[1\]: 1, expected at least 3"):
        question("two_two_one", "order_the_steps", item="z1[1]")


NOTHING_LEFT = """
loss = "mse"
[data]
x = [-3, -1]
y = 1
[[layers]]
type = "dense"
activation = "leaky_relu"
W = [[-0.5, 0.2], [-0.8, -0.6]]
[[layers]]
type = "dense"
W = [[0.5, -0.9]]
"""


def test_what_doubles_leave_of_a_0_is_no_number_that_a_mistake_gives(tmp_path: Path) -> None:
    file = tmp_path / "transposed.toml"
    file.write_text(NOTHING_LEFT)  # transposed: 0.2 · (−3) − 0.6 · (−1) = −1.1e-16 in doubles
    assert 0.2 * -3 + -0.6 * -1 != 0
    compute = paper(file, {"kind": "compute", "items": ["z1[2]"]})
    assert 0 in [wrong.value for wrong in compute.questions[0].gaps[0].wrongs]
    asked = {"kind": "find_the_error", "items": ["z1[2]", "L"], "misconceptions": ["weights_transposed"]}
    with pytest.raises(InputError, match="weights_transposed"):
        assert paper(file, asked).questions
