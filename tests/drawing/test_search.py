"""The search: the same candidates however many are wanted, a tally that says what happened, and always an end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, ClassVar

import array_api_strict as strict
import numpy as np
import pytest

import stepcalc
from stepcalc.drawing import search as searching
from stepcalc.drawing import stream
from stepcalc.drawing.alike import columns_that_matter
from stepcalc.drawing.pilot import pilot
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.rules import Rule
from stepcalc.drawing.search import Search
from stepcalc.drawing.sieve import FIT, Sieve, judge
from stepcalc.errors import InputError
from stepcalc.recipes import DEAR, RULES, Quality, load_recipe
from tests.recipes.asked import EXAMPLES, TENTHS, recipe

QUIZ = EXAMPLES / "exams" / "quiz_two_two_one.toml"
CHEAP_ONLY = {"allow": list(DEAR)}
ACTIVATIONS = {"layers[1].activation": {"choices": ["tanh", "relu", "sigmoid"]}}


def search(vary: dict[str, Any], *items: str, seed: int = 1, xp: Any = np, **more: Any) -> Search:
    return Search(recipe(vary, *items, **({"quality": CHEAP_ONLY} | more)), seed, xp)


@dataclass
class Stub(Rule):
    """Refuses by a candidate's number, and remembers how many it was shown."""

    name: ClassVar[str] = "mistakes"
    shown: list[int] = field(default_factory=list)

    def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
        self.shown += rows.numbers.tolist()
        return rows.numbers % 3 == 1


def keys(found: Any) -> list[tuple[int, ...]]:
    return [(one.number, one.structure.number, *one.levels) for one in found]


@pytest.mark.parametrize("batch", [256, 64_000])
@pytest.mark.parametrize("vary", [{"W1": TENTHS, "b1": TENTHS}, {"W1": TENTHS, **ACTIVATIONS}, {"b1": TENTHS}])
def test_variant_n_is_the_same_however_many_are_wanted(
    vary: dict[str, Any], batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BATCH", batch)
    many = search(vary)
    many._dear = [Stub()]
    first = keys(many.found(150))
    assert not any(number % 3 == 1 for number, *_ in first)
    for wanted in (1, 17, 150):
        few = search(vary)
        few._dear = [Stub()]
        assert keys(few.found(wanted)) == first[:wanted]
        told = few.tally
        assert keys(many.found(wanted)) == first[:wanted], "a search can be asked again"
        assert many.tally.refused == told.refused
        assert many.tally.looked_at == told.looked_at == first[wanted - 1][0] + 1
        assert told.looked_at == wanted + sum(told.refused.values())


def test_the_tally_counts_the_first_rule_that_refuses() -> None:
    found = search({"W1": TENTHS, "b1": TENTHS, **ACTIVATIONS})
    (stub,) = found._dear = [Stub()]
    found.found(40)
    assert 0 < found.tally.refused["mistakes"] <= sum(number % 3 == 1 for number in stub.shown)
    assert set(found.tally.refused) <= {"mistakes", "dead", "kink", "saturated", "zero", "small"}
    batch = found.sifted(found.stream.draws(0))
    expected = Counter(RULES[place] for place in batch.verdicts[: found.tally.looked_at] if place != FIT)
    assert {name: count for name, count in found.tally.refused.items() if name != "mistakes"} == expected


def test_dear_rules_look_at_a_window_only() -> None:
    found = search({"W1": TENTHS, "b1": TENTHS})
    (stub,) = found._dear = [Stub()]
    found.found(20)
    assert len(stub.shown) == searching.WINDOW
    assert stub.shown == sorted(set(stub.shown))
    found.found(3000)
    assert stub.shown[searching.WINDOW :] == sorted(set(stub.shown[searching.WINDOW :])), "each candidate once"
    assert len(stub.shown) < searching.WINDOW + 3 * 3000


def test_more_than_there_are_and_fewer_that_are_fit_are_told() -> None:
    with pytest.raises(InputError) as raised:
        search({"b1": {"choices": [1, 2]}}).found(5)
    assert str(raised.value) == "--variants: 5, expected at most 4: the recipe gives no more that differ"
    dead = {"layers[1].activation": {"choices": ["relu"]}, "b1": {"integers": [-40, 3]}}
    with pytest.raises(InputError) as raised:
        search(dead).found(100)
    told = str(raised.value)
    assert told.startswith("quality: found 16 fit, wanted 100, out of 1,936 possible; ")
    assert f'the rule "dead" refused most, {1936 - 16:,}: a unit lets nothing back' in told


def test_no_search_is_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST", 100_000)
    impossible = search({"W1": TENTHS, "b1": TENTHS, "b2": TENTHS}, quality=CHEAP_ONLY | {"min_abs_answer": 50})
    with pytest.raises(InputError, match=r'found 0 fit, wanted 2, out of 1[0-9]{2},000 looked at; the rule "small"'):
        impossible.found(2)


def test_no_search_is_endless_by_dear_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass
    class Never(Rule):
        name: ClassVar[str] = "printed"

        def refuses(self, rows: Rows, quality: Quality) -> np.ndarray:
            return np.ones(len(rows), bool)

    monkeypatch.setattr(searching, "MOST_DEAR", 3000)
    found = search({"W1": TENTHS, "b1": TENTHS, "b2": TENTHS})
    found._dear = [Never()]
    with pytest.raises(InputError, match='the rule "printed" refused most, 3,840: who works from the printed numbers'):
        found.found(2)


def test_a_search_that_finds_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOST", "MOST_DEAR", "MOST_EACH", "MOST_DEAR_EACH"):
        monkeypatch.setattr(searching, name, 500)
    found = search({"W1": TENTHS, "b1": TENTHS, "b2": TENTHS})
    assert len(found.found(3000)) == 3000
    assert found.tally.looked_at > 500 < found.tally.dear


def test_where_candidates_are_drawn_out_of_many_none_is_found_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "FEW", 5)
    apart = {"allow": [name for name in DEAR if name != "alike"]}
    found = search({"b1[1]": TENTHS}, quality=apart)
    assert len({one.levels for one in found.found(15)}) == 15
    assert found.tally.refused["alike"] > 0
    again = search({"b1[1]": TENTHS})
    assert len({one.levels for one in again.found(15)}) < 15


def test_of_a_mini_batch_only_its_samples_matter() -> None:
    """Its first update takes two of five samples; their targets decide which steps hold, and no others are answers."""
    found = search(
        {"x": {"integers": [2, 5]}, "y": {"integers": [0, 3]}}, "z1", "dJ/dW1", problem="mini_batches", quality={}
    )
    (structure,) = found.space.structures
    model = found.model(structure)
    matter = {
        (structure.columns[at].name, *(structure.columns[at].place or ())[:1]) for at in columns_that_matter(model)
    }
    assert matter == {("x", 0), ("x", 4), ("y", 0), ("y", 4)}
    variants: list[Any] = [one.problem for one in found.found(20)]
    assert len({(one.x.tobytes(), one.y.tobytes()) for one in variants}) == 20
    assert {0, 1} < {target for one in variants for target in one.y.flat}
    assert set(map(tuple, pilot(model, "equal", (0, 1)).values["y"].reshape(-1, 2))) == {(0, 1)}


def test_the_learning_rate_of_a_training_varies() -> None:
    vary = {"learning_rate": {"choices": [0.1, 0.2, 0.3]}, "x": {"integers": [2, 5]}}
    found = search(vary, "W1_new", problem="mini_batches", quality={}).found(3)
    assert len({one.problem.optimizer.learning_rate for one in found}) > 1  # type: ignore[union-attr]


def test_another_array_library_finds_the_same() -> None:
    vary = {"W1": TENTHS, "b1": TENTHS, "learning_rate": {"choices": [0.1, 0.5]}, **ACTIVATIONS}
    asked = ("z1", "dL/dW1", "W1_new")
    assert keys(search(vary, *asked, xp=strict).found(40)) == keys(search(vary, *asked).found(40))


CANDIDATES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "two_two_one": (
        {"W1": TENTHS, "learning_rate": {"choices": [0.1, 0.5]}, **ACTIVATIONS},
        ("z1[1]", "dL/dW1[1,2]", "W1_new[2,1]", "L", "b2_new", "dL/dy_hat", "x[2]", "W2[1,1]"),
    ),
    "mini_batches": ({"x": {"integers": [1, 3]}, "y": {"integers": [1, 3]}}, ("L", "dL/dW1[1,1]", "z1[1]@2", "y[1]@1")),
    "house_prices": ({"x": {"integers": [1, 3]}}, ("L", "dL/dW1[1,2]", "z1[1]@3", "W1_new[1,1]", "x[2]@2")),
    "cnn": ({"K1": TENTHS}, ("L", "z1[1,1,1]", "dL/dK1[1,1,1,1]")),
    "rnn": ({"W_h1": TENTHS}, ("L", "h1[2,1]", "dL/dW_x1[1,1]")),
    "lstm": ({"W_xf1": TENTHS, "bo1": TENTHS}, ("L", "c1[2,1]", "dL/dW_hg1[1,1]")),
    "adam": ({"learning_rate": {"choices": [0.1, 0.2, 0.3, 0.4]}}, ("W1_new[1,2]", "W1_m_hat[1,1]", "b1_v", "L")),
    "chain_rule": ({"x": {"integers": [1, 9]}, "define.z": {"choices": ["y^2", "exp(-y)"]}}, ("y", "dz/dx", "dz/dy")),
    "perceptron_line": ({"W1": TENTHS}, ("z1[1]",)),
}


@pytest.mark.parametrize("carry", [False, True])
@pytest.mark.parametrize("problem", CANDIDATES)
def test_the_numbers_of_a_candidate_are_those_of_its_solution(problem: str, carry: bool) -> None:
    """Also where printed numbers are carried on: rounded to three digits, so that a difference would be seen."""
    vary, items = CANDIDATES[problem]
    rounding = {"rounding.carry": {"choices": [True]}, "rounding.significant": {"choices": [3]}} if carry else {}
    found = search(vary | rounding, *items[:2], problem=problem, quality={"allow": list(RULES[1:])})
    for one in found.found(4):
        model = found.model(one.structure)
        trace = stepcalc.solve(one.structure.candidate(one.levels))
        numbers = model.calculate(np.array(one.levels).reshape(-1, 1), np)
        for item in items:
            column = model.column(numbers, item)
            assert column is not None
            assert column[0] == pytest.approx(trace.value(item), rel=1e-12, abs=1e-13), item


@pytest.mark.parametrize("problem", ["two_two_one", "house_prices", "cnn", "lstm", "chain_rule"])
def test_the_sieve_is_the_rules_on_one_candidate_after_the_other(problem: str) -> None:
    vary, items = CANDIDATES[problem]
    found = search(vary | ({"W2": TENTHS} if problem == "two_two_one" else {}), *items[:2], problem=problem)
    for draw in found.stream.draws(0)[:1]:
        count = min(len(draw.numbers), 5000)
        numbers, levels = draw.numbers[:count], draw.levels[:, :count]
        model = found.model(draw.structure)
        sieve = Sieve(model, found._cheap, found.recipe.quality, np, 2000)
        together = sieve.verdicts(numbers, levels)
        rows = Rows(model, numbers, levels, model.calculate(levels, np))
        np.testing.assert_array_equal(together, judge(rows, found._cheap, found.recipe.quality))
        alone = [sieve.verdicts(numbers[n : n + 1], levels[:, n : n + 1]) for n in range(0, count, 500)]
        np.testing.assert_array_equal(together[::500], np.concatenate(alone))


def test_what_is_no_number_is_refused_and_not_warned_of() -> None:
    found = search({"x": {"integers": [-2, 2]}, "define.z": {"choices": ["ln(y)"]}}, "z", "dz/dx", problem="chain_rule")
    with pytest.raises(InputError, match="found 1 fit, wanted 2, out of 5 possible"):
        found.found(2)
    assert found.tally.refused["overflow"] == 3  # y = −8, −5, −2; at 1 is y = 1, whose logarithm is 0


def test_the_recipes_that_ship_have_many_variants() -> None:
    for path in (EXAMPLES / "exams").glob("*.toml"):
        read = load_recipe(path)
        shipped = Search(read.model_copy(update={"quality": Quality(allow=DEAR)}), 2026)
        assert len(shipped.found(100)) == 100
