"""All that may be drawn: arrays of every layer, single elements, whole lists, words; each candidate is a problem."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stepcalc
from stepcalc.problem import ExpressionProblem
from stepcalc.recipes import Recipe, Space, load_recipe
from stepcalc.recipes.schema import SCHEMA_FILE, schema_text
from tests.recipes.asked import EXAMPLES, TENTHS, recipe

RECIPES = sorted((EXAMPLES / "exams").glob("*.toml"))


def last(asked: Recipe) -> Any:
    """The problem in which everything that varies has its last level, of the last structure."""
    structure = Space(asked).structures[-1]
    return structure.candidate([count - 1 for count in structure.columns_counts])


@pytest.mark.parametrize(
    ("problem", "key", "name", "shape"),
    [
        ("cnn", "K1", "K1", (2, 1, 3, 3)),
        ("cnn", "data.x", "x", (1, 6, 6)),
        ("rnn", "W_h1", "W_h1", None),
        ("rnn", "layers[1].W_x", "W_x1", None),
        ("lstm", "W_xf1", "W_xf1", None),
        ("lstm", "layers[1].g.b", "bg1", None),
        ("two_two_one", "layers[2].W", "W2", (2, 1)),
        ("two_two_one", "b1", "b1", (2,)),
        ("house_prices", "x", "x", (3, 2)),
        ("mini_batches", "y", "y", None),
    ],
)
def test_every_element_of_an_array_varies(problem: str, key: str, name: str, shape: tuple[int, ...] | None) -> None:
    asked = recipe({key: {"choices": [0.25, 0.75]}}, "L", problem=problem)
    given = stepcalc.load(EXAMPLES / f"{problem}.toml")
    found = last(asked)
    before, after = ({"x": p.data.x, "y": p.data.y, **p.parameters()}[name] for p in (given, found))
    assert after.shape == before.shape == (shape or before.shape)
    assert (after == 0.75).all()
    assert Space(asked).count == 2**after.size


def test_a_single_element_overrules_its_array() -> None:
    found = last(recipe({"W1[1,2]": {"choices": [7]}, "W1": {"choices": [3, 4]}}))
    assert found.parameters()["W1"].tolist() == [[4, 7], [4, 4]]
    found = last(recipe({"W1_1_2": {"choices": [7]}}))
    assert found.parameters()["W1"].tolist() == [[0.5, 7], [0.2, 0.3]]
    found = last(recipe({"x[1]@2": {"choices": [9]}}, "L", problem="house_prices"))
    assert found.data.x.tolist() == [[1, 2], [9, 4], [3, 7]]


def test_whole_lists_are_chosen_as_they_are() -> None:
    one_hot = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    space = Space(recipe({"data.y": {"choices": one_hot}}, "L", problem="multi_output"))
    (structure,) = space.structures
    assert [structure.candidate([level]).data.y.tolist() for level in range(3)] == one_hot


def test_words_make_structures() -> None:
    layers = [
        [
            {"type": "dense", "units": units, "activation": "tanh"},
            {"type": "dense", "units": 1, "activation": "sigmoid"},
        ]
        for units in (2, 3)
    ]
    optimizers = [{"type": "gradient_descent", "learning_rate": 0.1}, {"type": "adam", "learning_rate": 0.1}]
    vary = {"layers": {"choices": layers}, "optimizer": {"choices": optimizers}}
    numbers = {name: {"choices": [0.5]} for name in ("W1", "b1", "W2", "b2")}
    space = Space(recipe(vary | numbers, "z1", "W1_new"))
    assert [(s.problem.layers[0].units, s.problem.optimizer.type) for s in space.structures] == [
        (2, "gradient_descent"),
        (2, "adam"),
        (3, "gradient_descent"),
        (3, "adam"),
    ]
    assert [len(structure.columns) for structure in space.structures] == [9, 9, 13, 13]


def test_settings_of_an_optimizer_vary() -> None:
    asked = recipe({"optimizer.beta1": {"choices": [0.8]}, "learning_rate": {"choices": [0.3]}}, problem="adam")
    assert (last(asked).optimizer.beta1, last(asked).optimizer.learning_rate) == (0.8, 0.3)


def test_given_numbers_and_definitions_vary() -> None:
    asked = recipe({"x": {"integers": [1, 5]}, "define.z": {"choices": ["y^3"]}}, "dz/dx", problem="chain_rule")
    found = last(asked)
    assert isinstance(found, ExpressionProblem)
    assert (found.given, found.define) == ({"x": 5.0}, {"y": "3*x - 2", "z": "y^3"})


def test_drawn_weights_are_replaced_by_those_that_vary(tmp_path: Path) -> None:
    (tmp_path / "drawn.toml").write_text(
        'loss = "mse"\n[data]\ninputs = 2\n[[layers]]\ntype = "dense"\nunits = 1\n'
        'init = { type = "uniform", low = -1, high = 1, seed = 1 }\n'
    )
    asked = recipe(
        {"W1": TENTHS, "x": {"integers": [1, 3]}, "y": {"choices": [4]}}, "L", problem="drawn", folder=tmp_path
    )
    found = last(asked)
    assert (found.data.x.tolist(), found.data.y.tolist()) == ([3, 3], 4)
    assert found.parameters()["W1"].tolist() == [[1, 1]]


INIT = 'init = { type = "uniform", low = -1, high = 1, seed = 1 }\n'
DRAWN = {
    "W1": ("[1, 2]", f'[[layers]]\ntype = "dense"\nunits = 2\n{INIT}'),
    "W_xf1": ("[[1], [2]]", f'[[layers]]\ntype = "lstm"\nunits = 1\n{INIT}'),
    "K1": (
        "[[[1, 2], [3, 4]]]",
        f'[[layers]]\ntype = "conv2d"\nfilters = 1\nsize = 2\n{INIT}[[layers]]\ntype = "flatten"\n',
    ),
}


@pytest.mark.parametrize("name", DRAWN)
def test_where_weights_vary_their_layer_keeps_what_else_it_has(name: str, tmp_path: Path) -> None:
    """What ``init`` gives, a bias of 0, too: without it, the layer would be another one."""
    x, layers = DRAWN[name]
    text = f'loss = "mse"\n[data]\nx = {x}\ny = 1\n{layers}[[layers]]\ntype = "dense"\nunits = 1\n{INIT}'
    (tmp_path / "drawn.toml").write_text(text)
    before = stepcalc.load(tmp_path / "drawn.toml").parameters()
    after = last(recipe({name: {"choices": [0.5]}}, "L", problem="drawn", folder=tmp_path)).parameters()
    assert before.keys() == after.keys()
    for other, array in before.items():
        np.testing.assert_array_equal(after[other], np.full_like(array, 0.5) if other == name else array)


def test_a_given_may_be_called_as_something_else_in_a_network(tmp_path: Path) -> None:
    (tmp_path / "named.toml").write_text('[given]\nx = 1\ninputs = 2\n[define]\nz = "x*inputs"\n')
    assert last(recipe({"x": {"choices": [5]}}, "z", problem="named", folder=tmp_path)).given == {"x": 5, "inputs": 2}


def test_the_hash_is_of_the_numbers_in_all_files(tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text(
        'loss = "mse"\n[data]\nx = [1, 2]\ny = 1\n[[layers]]\ntype = "dense"\nunits = 1\n'
    )
    vary = {"layers[1].W": {"choices": [0.5]}, "layers[1].b": {"choices": [0.5]}}
    vary["data"] = {"choices": [{"x": {"file": f"{name}.csv"}, "y": 1} for name in ("one", "two")]}
    found = []
    for one, two in (("1,2", "3,4"), ("1,2", "3,5"), ("1,7", "3,4"), ("1,2", "3,4")):
        (tmp_path / "one.csv").write_text(one)
        (tmp_path / "two.csv").write_text(two)
        found.append(Space(recipe(vary, "L", problem="net", folder=tmp_path)).sha256)
    assert found[0] == found[3]
    assert len(set(found)) == 3


def test_numbers_are_the_decimals_that_were_written() -> None:
    (structure,) = Space(recipe({"W1": TENTHS})).structures
    assert structure.candidate([2, 3, 9, 10]).parameters()["W1"].tolist() == [[-0.8, -0.7], [-0.1, 0.1]]


def test_many_candidates_at_once_are_those_one_by_one() -> None:
    (structure,) = Space(recipe({"W1": TENTHS, "x": {"integers": [1, 4]}, "b1[2]": {"choices": [5, 6]}})).structures
    rng = np.random.default_rng(1)
    levels = np.stack([rng.integers(0, count, 20) for count in structure.columns_counts])
    together = structure.arrays(levels)
    for number in range(20):
        alone = structure.candidate(levels[:, number].tolist())
        for name, array in {"x": alone.data.x, **alone.parameters()}.items():
            if name in together:
                np.testing.assert_array_equal(together[name][number], array)


def test_a_recipe_may_be_json_and_its_problem_is_relative_to_it(tmp_path: Path) -> None:
    (tmp_path / "problems").mkdir()
    (tmp_path / "problems" / "net.toml").write_bytes((EXAMPLES / "two_two_one.toml").read_bytes())
    fields = {"$schema": "recipe.schema.json", "problem": "problems/net.toml", "ask": {"items": ["L"]}}
    (tmp_path / "quiz.json").write_text(json.dumps(fields))
    read = load_recipe(tmp_path / "quiz.json")
    assert (read.name, read.folder, Space(read).count) == ("quiz", tmp_path / "problems", 1)


def test_a_variant_has_the_title_of_its_exam() -> None:
    assert last(recipe({}, title="Quiz 3")).title == "Quiz 3"
    assert last(recipe({})).title == "Classification with a 2-2-1 network"


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_the_recipes_that_ship_give_problems(path: Path) -> None:
    read = load_recipe(path)
    assert last(read).title == read.title
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_the_schema_file_is_up_to_date() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run python -m stepcalc.recipes.schema"
    definitions = json.loads(schema_text())["$defs"]
    assert {"Range", "Integers", "Choices", "Compute", "FindTheError", "Quality"} <= definitions.keys()
