"""What holds of every kind: nothing tells the answer, and nothing depends on the process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stepcalc.board.nodes import Num
from stepcalc.errors import InputError
from stepcalc.exams.chance import Chance
from stepcalc.exams.kinds import MAKERS
from stepcalc.exams.question import Choice, Order, Question
from stepcalc.recipes.asking import KINDS
from stepcalc.sheet.blocks import Formula, Prose
from tests.exams.papers import numbers, paper, parts, relu

KINDS_OF = {
    "two_two_one": [
        {"kind": "compute", "items": ["z1", "a1", "y_hat", "L", "dL/dW2", "dL/dW1", "W1_new"]},
        {"kind": "complete_chain", "item": "dL/dW1[1,2]", "missing": 2},
        {"kind": "short_form", "item": "dL/dW1[1,1]"},
        {"kind": "multiple_choice", "item": "dL/dW1[2,2]"},
        {"kind": "find_the_error", "items": ["z1", "a1", "y_hat", "dL/dz2", "dL/dz1", "dL/dW1"]},
        {"kind": "order_the_steps", "item": "W1_new[1,1]"},
    ],
    "relu": [
        {"kind": "compute", "items": ["z1", "dL/dW1[1,1]", "W1_m_hat[1,1]"]},
        {"kind": "complete_chain", "item": "dL/dW1[1,2]"},
        {"kind": "short_form", "item": "dL/dW1[1,1]"},
        {"kind": "multiple_choice", "item": "dL/dW1[2,2]"},
        {"kind": "find_the_error", "items": ["z1", "a1", "y_hat", "dL/dz1", "dL/dW1"]},
        {"kind": "order_the_steps", "item": "W1_new[1,1]"},
    ],
    "multi_output": [
        {"kind": "compute", "items": ["z2", "y_hat", "dL/dz2"]},
        {"kind": "complete_chain", "item": "dL/dW1[1,1]"},
        {"kind": "short_form", "item": "dL/dW2[3,1]"},
        {"kind": "multiple_choice", "item": "y_hat[1]"},
        {"kind": "find_the_error", "items": ["y_hat", "L", "dL/dz2"]},
        {"kind": "order_the_steps", "item": "dL/dW2[1,1]"},
    ],
    "chain_rule_two_links": [
        {"kind": "compute", "items": ["x", "y", "z", "dz/dv"]},
        {"kind": "complete_chain", "item": "dz/dv"},
        {"kind": "short_form", "item": "dz/dv"},
        {"kind": "multiple_choice", "item": "dz/dv"},
        {"kind": "find_the_error", "items": ["y", "dz/dx", "dz/dv"]},
        {"kind": "order_the_steps", "item": "dz/dv"},
    ],
    "lstm": [
        {"kind": "compute", "items": ["c1", "L", "dL/dW_xf1"]},
        {"kind": "complete_chain", "item": "dL/dW_xf1", "missing": 3},
        {"kind": "multiple_choice", "item": "dL/dW_xf1"},
        {"kind": "find_the_error", "items": ["c1", "h1"]},
        {"kind": "order_the_steps", "item": "dL/dW_xf1", "most": 12},
    ],
    "mini_batches": [
        {"kind": "compute", "items": ["z1", "J", "dJ/dW1", "W1_new"]},
        {"kind": "complete_chain", "item": "dJ/dW1"},
        {"kind": "short_form", "item": "dJ/db1"},
        {"kind": "multiple_choice", "item": "dJ/dW1"},
        {"kind": "find_the_error", "items": ["z1", "dJ/dW1", "W1_new"]},
        {"kind": "order_the_steps", "item": "W1_new"},
    ],
    "two_two_one_symbolic": [
        {"kind": "complete_chain", "item": "dL/dW1[2,1]"},
        {"kind": "short_form", "item": "dL/dW1[2,1]"},
        {"kind": "order_the_steps", "item": "dL/dW1[2,1]"},
    ],
}
EACH = [(name, asked) for name, questions in KINDS_OF.items() for asked in questions]
NAMES = [f"{name}-{asked['kind']}" for name, asked in EACH]
TELLING_DIGITS = 3


def made(name: str, asked: dict[str, Any], folder: Path, **variant: Any) -> Question:
    return paper(relu(folder) if name == "relu" else name, asked, **variant).questions[0]


def test_every_kind_that_may_be_typed_can_be_made() -> None:
    assert MAKERS.keys() == KINDS.keys()


@pytest.mark.parametrize(("name", "asked"), EACH, ids=NAMES)
def test_nothing_that_is_shown_tells_the_answer(name: str, asked: dict[str, Any], tmp_path: Path) -> None:
    question = made(name, asked, tmp_path)
    assert not any(part.found for part in parts(question.prompt) if isinstance(part, Num))
    shown = numbers(question.prompt) | {n for one in question.answers for n in _shown(one)}
    for gap in question.gaps:
        telling = len(gap.printed.strip("-0.").replace(".", "")) >= TELLING_DIGITS
        assert not (telling and gap.printed in shown), gap.item
    known = [part for part in parts(question.prompt) if not isinstance(part, str)]
    for answer in question.answers:
        if isinstance(answer, Choice) and not isinstance(answer.right.shown[0], str):
            assert answer.right.shown[0] not in known
        if isinstance(answer, Order):
            assert not any(line in known for line in answer.shown)


def _shown(answer: object) -> set[str]:
    """The numbers that a student sees of an answer, but for what there is to choose from."""
    if isinstance(answer, Choice):
        return numbers(answer.asked)
    return numbers(answer.shown if isinstance(answer, Order) else answer.symbol)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "asked"), EACH, ids=NAMES)
def test_every_question_has_a_prompt_a_key_and_a_rubric(name: str, asked: dict[str, Any], tmp_path: Path) -> None:
    question = made(name, {**asked, "marks": 7, "title": "Part A "}, tmp_path)
    assert isinstance(question.prompt[0], Prose)
    assert question.title == ("Part A",)
    assert question.kind == asked["kind"]
    assert any(isinstance(block, Formula) for block in question.solution)
    assert question.worth == pytest.approx(7)
    assert sum(line.marks for line in question.rubric) == pytest.approx(7)
    assert {line.kind for line in question.rubric} <= {"method", "answer"}
    for answer in question.answers:
        if isinstance(answer, Choice):
            assert [option.right for option in answer.options].count(True) == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "find_the_error", "items": ["dL/dW2"]},
        {"kind": "multiple_choice", "item": "z1[1]"},
    ],
)
def test_no_question_gives_another_ones_answer_away(asked: dict[str, Any]) -> None:
    elsewhere = paper("two_two_one", asked, {"kind": "compute", "items": ["W1_new"]})
    assert len(elsewhere.questions) == 2
    with pytest.raises(InputError, match=r"questions\[1\]: .* shows the right number of z1\[1\]"):
        assert paper("two_two_one", asked, {"kind": "compute", "items": ["z1"]}).questions
    with pytest.raises(InputError, match=r"questions\[1\]: .* shows the right number of z1\[1\]"):
        assert paper("two_two_one", asked, {"kind": "multiple_choice", "item": "z1[1]"}).questions


def test_right_numbers_after_a_wrong_line_are_shown_as_well(tmp_path: Path) -> None:
    asked = {"kind": "find_the_error", "items": ["z1[1]", "dL/dW2"], "misconceptions": ["bias_forgotten"]}
    question = made("two_two_one", asked, tmp_path)
    assert question.asks == ("z1[1]",)
    assert "z1[2]" in question.shows
    assert not {"z1[1]", "a1[1]", "y_hat[1]"} & set(question.shows), "they stand there with wrong numbers"


@pytest.mark.parametrize(("target", "leaks"), [("y = 0", True), ("y = 1", False)])
def test_no_number_is_given_away_under_another_name(target: str, leaks: bool, tmp_path: Path) -> None:
    file = relu(tmp_path)
    text = file.read_text().replace("y = 0.5", target).replace('"tanh"', '"sigmoid"')
    file.write_text(text.replace('"mse"', '"binary_cross_entropy"'))
    made = paper(file, {"kind": "compute", "items": ["y_hat"]}, {"kind": "multiple_choice", "item": "dL/dz2"})
    error = {"kind": "find_the_error", "items": ["L"]}
    lines = paper(file, error, {"kind": "compute", "items": ["dL/dz2"]})
    if not leaks:
        assert len(made.questions) == len(lines.questions) == 2
        return
    with pytest.raises(InputError, match=r"questions\[1\]: .* shows the right number of dL/dz2\[1\]"):
        assert lines.questions
    with pytest.raises(InputError, match=r"questions\[2\]: .* shows the right number of y_hat\[1\]"):
        assert made.questions


def questions_of(folder: Path) -> str:
    problems = {"relu": relu(folder), "multi_output": "multi_output"}
    every = [(problem, asked) for name, problem in problems.items() for asked in KINDS_OF[name]]
    return "\n".join(str(paper(problem, asked, id="017", seed=5).questions) for problem, asked in every)


@pytest.mark.slow
def test_questions_do_not_depend_on_the_process(tmp_path: Path) -> None:
    """This one has drawn other questions before; the other one hashes words differently."""
    here = "import sys, pathlib; sys.path.insert(0, '.'); from tests.exams.test_all_kinds import questions_of"
    command = [sys.executable, "-c", f"{here}; print(questions_of(pathlib.Path(sys.argv[1])))", str(tmp_path)]
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    told = questions_of(tmp_path)
    assert done.stdout.rstrip("\n") == told
    assert told.count("Question(") == 12


def test_what_is_decided_depends_on_the_exam_the_variant_and_the_question() -> None:
    asked = {"kind": "compute", "items": ["L"]}
    made = [paper("two_two_one", asked, id=name, seed=seed) for name in ("001", "002") for seed in (0, 1)]
    assert len({one.chance(number).shuffled("abcdefgh") for one in made for number in (1, 2)}) == 8


def test_a_paper_has_the_title_of_the_exam_else_that_of_its_problem() -> None:
    asked = {"kind": "compute", "items": ["L"]}
    assert paper("two_two_one", asked, title="Quiz 7").title == "Quiz 7"
    assert paper("two_two_one", asked).title == "Classification with a 2-2-1 network"


def test_the_order_is_as_good_as_fair() -> None:
    firsts = [Chance(2026, f"{n:03d}", 1).shuffled("abcd")[0] for n in range(400)]
    assert all(70 < firsts.count(letter) < 130 for letter in "abcd")
    assert len({Chance(2026, f"{n:03d}", 1).shuffled("abcd") for n in range(400)}) == 24
    assert Chance(1, "001", 2).shuffled("abcdef") == Chance(1, "001", 2).shuffled("abcdef")
    assert sorted(Chance(1, "001", 2).shuffled("abcdef")) == list("abcdef")
    assert Chance(1, "001", 3).some("abcdef", 3) == tuple(sorted(Chance(1, "001", 3).some("abcdef", 3)))
