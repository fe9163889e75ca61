"""The chain and the short form: the right formula is right by PyTorch, the wrong ones are wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from stepcalc.board.nodes import Blank, Deriv, Sym
from stepcalc.calculus.symbols import symbol
from stepcalc.errors import InputError
from stepcalc.exams.formulas import Formulas
from stepcalc.exams.shortened import Shortened
from stepcalc.marking.marks import Finding
from stepcalc.marking.misconceptions import CATALOGUE
from tests.exams.papers import choice, element, judged, paper, parts, question, relu, told, value, varied

SHORT = [
    ("two_two_one", "dL/dW1[1,1]"),
    ("two_two_one", "dL/dW1[2,1]"),
    ("two_two_one", "dL/dW2[2,1]"),
    ("relu", "dL/dW1[2,3]"),
    ("relu", "dL/dz1[1]"),
    ("multi_output", "dL/dW2[2,1]"),
    ("multi_output", "dL/dz2[3]"),
]
CHAINS = [
    ("two_two_one", "dL/dW1[1,2]"),
    ("relu", "dL/dW1[3,4]"),
    ("relu", "dL/db1[2]"),
    ("multi_output", "dL/dW1[1,1]"),
    ("chain_rule_two_links", "dz/dv"),
    ("rnn", "dL/dW_h1"),
    ("lstm", "dL/dW_xf1"),
    ("mini_batches", "dJ/dW1"),
    ("two_two_one_symbolic", "dL/dW1[1,1]"),
]


def problem(name: str, folder: Path) -> str | Path:
    return relu(folder) if name == "relu" else name


@pytest.mark.parametrize(("name", "item"), SHORT)
def test_the_right_short_form_is_the_gradient_and_no_other_one_is(name: str, item: str, tmp_path: Path) -> None:
    asked = {"kind": "short_form", "item": item}
    wrong: dict[str, set[bool]] = {}
    targets = {"data.y": {"choices": [[0, 1, 0], [1, 0, 0], [0, 0, 1]]}} if name == "multi_output" else {}
    for variant in varied(problem(name, tmp_path), asked, 6, **targets):
        values, gradients = judged(variant)
        right = element(gradients, item.removeprefix("dL/d"))
        offered = choice(variant.questions[0])
        assert len(offered.options) == 4
        for option in offered.options:
            close = np.isclose(value(option.shown[0], values), right, rtol=1e-9, atol=1e-12)
            if option.right:
                assert close
            else:
                wrong.setdefault(told(option.shown), set()).add(bool(close))
    assert len(wrong) >= 3
    assert all(False in found for found in wrong.values())


@pytest.mark.parametrize(("name", "item"), SHORT)
def test_options_of_a_short_form_differ_and_are_of_mistakes(name: str, item: str, tmp_path: Path) -> None:
    asked = question(problem(name, tmp_path), "short_form", item=item)
    options = choice(asked).options
    assert len({told(option.shown) for option in options}) == len(options)
    assert [option.right for option in options].count(True) == 1
    for option in options:
        assert option.right or (option.name in CATALOGUE and told(option.why).startswith("It looks as if"))
    assert choice(asked).written
    assert asked.worth == sum(criterion.marks for criterion in asked.rubric) == 1.0


def test_short_forms_that_are_the_same_and_mistakes_that_come_again_are_no_further_options(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = {"kind": "short_form", "item": "dL/dW1[1,1]"}
    made = paper("two_two_one", asked)
    right = made.variant.trace.derivation.short("W1[1,1]")
    x, y = symbol("x[1]"), symbol("y[1]")
    mistaken = [
        (Finding("sign_lost"), sp.expand(right)),
        (Finding("local_forgotten"), x * (y + 1)),
        (Finding("local_forgotten"), x),
        (Finding("upstream_forgotten"), x * y + x),
        (Finding("error_sign"), -right),
    ]
    monkeypatch.setattr(Shortened, "mistaken", lambda forms: iter(mistaken))
    names = sorted(option.name for option in choice(made.questions[0]).options)
    assert names == ["", "error_sign", "local_forgotten"]
    monkeypatch.setattr(Shortened, "mistaken", lambda forms: iter(mistaken[:1]))
    with pytest.raises(InputError, match="no mistake gives another short form of dL/dW1"):
        assert paper("two_two_one", asked).questions


def test_targets_stay_symbols_in_all_options() -> None:
    """Else y would stand in the right one only."""
    for option in choice(question("two_two_one", "short_form", item="dL/dW1[1,1]")).options:
        symbols = {part.item for part in parts(option.shown) if isinstance(part, Sym)}
        assert "y[1]" in symbols or "y" in symbols, told(option.shown)


@pytest.mark.parametrize(("name", "item"), CHAINS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_missing_joins_the_chain(name: str, item: str, seed: int, tmp_path: Path) -> None:
    """Each factor's lower end is the upper end of the one before it, or the other way round among expressions."""
    made = paper(problem(name, tmp_path), {"kind": "complete_chain", "item": item}, seed=seed)
    (asked,) = made.questions
    offered = choice(asked)
    (line,) = asked.prompt[-1].lines  # type: ignore[union-attr]
    whole = line.parts[1].factors
    place = next(at for at, factor in enumerate(whole) if isinstance(factor, Blank))
    right = offered.right.shown[0]
    assert isinstance(right, Deriv)
    assert right not in whole
    forward = made.variant.trace.problem.notation is not None and made.context.notation.layers > 0
    before, after = (whole[at] if 0 <= at < len(whole) else None for at in (place - 1, place + 1))
    if not forward:
        before, after = after, before
    if isinstance(before, Deriv):
        assert before.of == right.wrt
    if isinstance(after, Deriv) and after.item is None:
        assert after.wrt == right.of
    for option in offered.options:
        fits = isinstance(before, Deriv) and isinstance(after, Deriv) and after.item is None
        if not option.right and fits:
            shown = option.shown[0]
            assert isinstance(shown, Deriv)
            assert (shown.of, shown.wrt) != (after.wrt, before.of)


@pytest.mark.parametrize(("name", "item"), CHAINS)
def test_wrong_factors_are_told_apart_and_explained(name: str, item: str, tmp_path: Path) -> None:
    asked = question(problem(name, tmp_path), "complete_chain", item=item, missing=1)
    offered = choice(asked)
    assert 2 <= len(offered.options) <= 4
    assert len({told(option.shown) for option in offered.options}) == len(offered.options)
    assert all(bool(option.why) != option.right for option in offered.options)
    assert offered.written


@pytest.mark.parametrize("name", ["lstm", "rnn", "multi_output"])
def test_wrong_factors_are_of_the_same_quantity_or_stand_in_the_chain(name: str) -> None:
    item = dict(CHAINS)[name]
    for number in range(1, 5):
        asked = question(name, "complete_chain", item=item, id=f"{number:03d}")
        offered, (line,) = choice(asked), asked.prompt[-1].lines  # type: ignore[union-attr]
        right = offered.right.shown[0]
        for shown in (option.shown[0] for option in offered.options if not option.right):
            if isinstance(right, Deriv) and isinstance(shown, Deriv) and shown not in line.parts[1].factors:
                assert right.of in (shown.of, shown.wrt)


@pytest.mark.parametrize(
    ("name", "item", "says"),
    [("house_prices", "dL/dW1[1,1]", "sample 1"), ("rnn", "dL/dW_h1", "step"), ("two_two_one", "dL/dW1[1,1]", "")],
)
def test_it_is_said_which_part_of_a_gradient_a_chain_is(name: str, item: str, says: str) -> None:
    told_before = [told(block.text) for block in question(name, "complete_chain", item=item).prompt[1:-1]]  # type: ignore[union-attr]
    assert bool(told_before) == bool(says)
    assert says in " ".join(told_before)


def test_a_gradient_of_a_later_update_has_no_chain(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"dL/dW1\[1,1\]#2 is no derivative of L in the first update"):
        question(relu(tmp_path), "complete_chain", item="dL/dW1[1,1]#2")


def test_far_fetched_mistakes_lead_to_no_short_form() -> None:
    made = paper("two_two_one", {"kind": "short_form", "item": "dL/dW1[1,1]"})
    found = {
        finding.name for finding, _ in Shortened(Formulas(made.variant.trace, ["W1[1,1]"]).steps, "W1[1,1]").mistaken()
    }
    assert found
    assert not any(CATALOGUE[name].far_fetched for name in found)


def test_several_factors_are_missing_in_the_order_of_the_chain() -> None:
    asked = question("two_two_one", "complete_chain", item="dL/dW1[1,1]", missing=3, marks=6)
    assert [told(choice(asked, place).asked) for place in range(3)] == sorted(
        told(choice(asked, place).asked) for place in range(3)
    )
    assert sum(isinstance(part, Blank) for part in parts(asked.prompt)) == 3
    missing = {told(choice(asked, place).right.shown) for place in range(3)}
    for place in range(3):
        wrong = {told(option.shown) for option in choice(asked, place).options if not option.right}
        assert not wrong & missing
    assert asked.worth == sum(criterion.marks for criterion in asked.rubric) == 6.0


def test_which_factor_is_missing_depends_on_the_variant() -> None:
    asked = [question("two_two_one", "complete_chain", item="dL/dW1[1,1]", id=f"{n:03d}") for n in range(1, 21)]
    assert len({told(choice(one).right.shown) for one in asked}) > 3


def test_expressions_are_written_from_the_outside_in() -> None:
    (line,) = question("chain_rule_two_links", "complete_chain", item="dz/dv").solution[0].lines[:1]  # type: ignore[union-attr]
    assert told(line.parts[1:2]) == "dz/dy · dy/dx · dx/dv"


@pytest.mark.parametrize(
    ("name", "kind", "said", "why"),
    [
        ("two_two_one", "complete_chain", {"item": "dL/dW1[1,1]", "missing": 5}, "of its 5 factors at most 4 can be"),
        ("chain_rule", "complete_chain", {"item": "dz/dy"}, "it is a single factor"),
        ("two_two_one", "complete_chain", {"item": "z1[1]"}, "z1[1] is no derivative of L"),
        ("two_two_one", "short_form", {"item": "dL/dW1"}, "dL/dW1 is not a single number"),
        ("rnn", "short_form", {"item": "dL/dW_h1"}, "has no short form"),
        ("two_two_one", "short_form", {"item": "W1_new[1,1]"}, "is no derivative of L"),
    ],
)
def test_what_cannot_be_made_is_refused_by_name(name: str, kind: str, said: dict[str, object], why: str) -> None:
    with pytest.raises(InputError) as found:
        question(name, kind, **said)
    (fault,) = found.value.faults
    assert fault.place == "questions[1]"
    assert fault.message.startswith(f"{kind}, variant 001: ")
    assert why in fault.message


def test_every_question_that_cannot_be_made_is_named_by_its_place_in_the_file() -> None:
    chain, order = {"kind": "complete_chain", "item": "dz/dy"}, {"kind": "order_the_steps", "item": "y"}
    made = paper("chain_rule", chain, {"kind": "compute", "items": ["z"]}, order, ask={"items": ["y"]})
    with pytest.raises(InputError) as found:
        _ = made.questions
    assert [fault.place for fault in found.value.faults] == ["questions[1]", "questions[3]"]


def test_a_question_that_has_no_number_is_named_where_it_is_asked() -> None:
    made = paper("two_two_one_symbolic", {"kind": "order_the_steps", "item": "L"}, ask={"items": ["z1[1]"]})
    with pytest.raises(InputError, match=r"^ask: compute, variant 001: z1\[1\] has no number$"):
        _ = made.questions


def test_formulas_are_the_same_where_they_are_at_any_point() -> None:
    trace = paper("two_two_one", {"kind": "short_form", "item": "dL/dW1[1,1]"}).variant.trace
    formulas = Formulas(trace, ["W1[1,1]"])
    a, z, y = (symbol(name) for name in ("a1[1]", "z1[1]", "y[1]"))
    assert formulas.alike(a * (1 - a), sp.exp(-z) / (1 + sp.exp(-z)) ** 2)
    assert formulas.alike(sp.tanh(z / 2), 2 * a - 1)
    assert not formulas.alike(a * (1 - a), a * (1 + a))
    assert not formulas.alike(a, a * y), "the target is 1 in this problem, but not in every one"


def test_another_factor_of_the_same_value_is_not_offered() -> None:
    """∂z/∂b and, of a linear unit, ∂ŷ/∂z are both 1: neither is wrong for the other by its value."""
    for number in range(1, 9):
        offered = choice(question("mini_batches", "complete_chain", item="dJ/db1", id=f"{number:03d}"))
        named = {told(option.shown) for option in offered.options}
        assert not {"∂z/∂b", "∂ŷ/∂z"} <= named


def test_a_sum_over_paths_has_no_factor_that_may_be_missing(tmp_path: Path) -> None:
    file = tmp_path / "paths.toml"
    file.write_text(
        '[given]\nx = 2\n[define]\nu = "x^2 + 1"\nf = "ln(u) + u*x"\n[differentiate]\nof = "f"\nwrt = ["x"]\n'
    )
    with pytest.raises(InputError, match="df/dx: it is a sum over several paths"):
        assert paper(file, {"kind": "complete_chain", "item": "df/dx"}).questions
