"""Networks: every fault in exact words, and what a good one holds."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from stepcalc.errors import InputError
from stepcalc.problem import Choice, NetworkProblem, Problem
from stepcalc.problem.layers import LAYERS

DOUBLE = "larger than a double can hold (about 1.8e308)"
LOSSES = "mse, mae, binary_cross_entropy, categorical_cross_entropy, hinge, huber"
TYPES = ", ".join(LAYERS)
ONE_OF = "a network, a list of expressions, or a reference table"

SHAPES: list[tuple[dict[str, Any], list[str]]] = [
    ({"layers.1.W": [[1, 2, 3, 4]]}, ["layers[2].W: shape (1, 4), expected (1, 3)"]),
    (
        {"layers.0.W": [[1, 3, 5], [2, 4, 6]]},
        ['layers[1].W: shape (2, 3), expected (3, 2); transposed it would fit, or with notation.product = "xW"'],
    ),
    (
        {"notation.product": "xW"},
        [
            'layers[1].W: shape (3, 2), expected (2, 3); transposed it would fit, or with notation.product = "Wx"',
            'layers[2].W: shape (1, 3), expected (3, 1); transposed it would fit, or with notation.product = "Wx"',
        ],
    ),
    ({"layers.1.W": [1, 2, 3]}, ["layers[2].W: shape (3), expected (1, 3); a matrix of one row is written [[…]]"]),
    ({"layers.1.W": 7}, ["layers[2].W: a bare number, expected (1, 3)"]),
    ({"layers.1.W": [[[1, 2, 3]]]}, ["layers[2].W: shape (1, 1, 3), expected (1, 3)"]),
    ({"layers.1.b": 1}, ["layers[2].b: a bare number, expected shape (1): [1.0]"]),
    ({"layers.0.b": 1}, ["layers[1].b: a bare number, expected shape (3)"]),
    ({"layers.0.b": [1, 2]}, ["layers[1].b: shape (2), expected (3)"]),
    (
        {"layers.0.units": 4},
        [
            "layers[1].W: shape (3, 2), expected (4, 2)",
            "layers[1].b: shape (3), expected (4)",
            "layers[2].W: shape (1, 3), expected (1, 4)",
        ],
    ),
    ({"data.x": 3}, ["data.x: a bare number, expected a list of inputs, or a list of samples"]),
    ({"data.x": [[[1, 2]]]}, ["data.x: shape (1, 1, 2), expected a list of inputs, or a list of samples"]),
    ({"data.x": [1, 2, 3]}, ["layers[1].W: shape (3, 2), expected (3, 3)"]),
    ({"data.y": [1, 2]}, ["data.y: shape (2), expected a number or (1)"]),
    ({"data.x": [[1, 2], [3, 4]]}, ["data.y: a bare number, expected (2) or (2, 1)"]),
    ({"data.x": [[1, 2], [3, 4]], "data.y": [1, 2, 3]}, ["data.y: shape (3), expected (2) or (2, 1)"]),
    ({"data.x_names": ["a"]}, ["data.x_names: 1 names, expected 2"]),
    ({"data.classes": ["a", "b", "c"]}, ["data.classes: 3 names, expected 2"]),
    ({"data.inputs": 2}, ["data.inputs: x and inputs exclude each other; give one of them"]),
]

NUMBERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"layers.0.W": [[1, 2], [3], [5, 6]]}, ["layers[1].W[2]: 1 long, but the first one is 2 long"]),
    ({"layers.0.W": [[1, 2], 3, [5, 6]]}, ["layers[1].W[2]: 3, expected a list of 2"]),
    ({"layers.0.b": [1, [2], 3]}, ["layers[1].b[2]: a list, expected a number"]),
    ({"data.x": [1, True]}, ["data.x[2]: true or false, expected a number"]),
    ({"data.x": [[1, 2], [3, "4"]]}, ["data.x[2][2]: a string, expected a number"]),
    (
        {"data.x": ["1", None]},
        ["data.x[1]: a string, expected a number", "data.x[2]: nothing (null), expected a number"],
    ),
    ({"data.x": [1, float("nan")]}, ["data.x[2]: nan is not a finite number"]),
    ({"layers.0.b": [1, float("-inf"), 2]}, ["layers[1].b[2]: -inf is not a finite number"]),
    ({"data.x": [1, 10**400]}, [f"data.x[2]: {DOUBLE}"]),
    ({"data.x": []}, ["data.x: an empty list"]),
    ({"layers.0.W": [[]]}, ["layers[1].W[1]: an empty list"]),
    ({"data.x": [[[[[1]]]]]}, ["data.x: lists nested more than 4 deep"]),
    ({"data.x": np.array([1, np.nan])}, ["data.x[2]: nan is not a finite number"]),
    ({"data.x": np.array(["a", "b"])}, ["data.x: an array of <U1, expected numbers"]),
    ({"data.x": np.array([True, False])}, ["data.x: an array of bool, expected numbers"]),
    ({"data.x": np.zeros((0, 2))}, ["data.x: an empty array"]),
    ({"data.x": "3, 5"}, ["data.x: a string, expected a number"]),
]

WORDS: list[tuple[dict[str, Any], list[str]]] = [
    ({"layers.0.actvation": "relu"}, ['layers[1].actvation: unknown key; did you mean "activation"?']),
    ({"lose": "mse"}, ['lose: unknown key; did you mean "loss"?']),
    ({"data.x y": 1}, ['data."x y": unknown key; the keys here are x, y, x_names, classes, inputs']),
    ({"layers.0.activation": "sigmoit"}, ['layers[1].activation: "sigmoit" is no activation; did you mean "sigmoid"?']),
    (
        {"layers.0.activation": 3},
        ["layers[1].activation: a number, expected the name of the activation, or a table with its type"],
    ),
    ({"layers.0.activation": {}}, ["layers[1].activation.type: missing"]),
    (
        {"layers.0.activation": {"type": "relu", "alpha": 1}},
        ["layers[1].activation.alpha: unknown parameter of relu; it has none"],
    ),
    ({"loss": "bce"}, [f'loss: "bce" is no loss; they are {LOSSES}']),
    ({"loss": {"type": "huber", "delta": 0}}, ["loss.delta: 0, expected more than 0"]),
    ({"loss": {"type": "huber", "delta": True}}, ["loss.delta: true or false, expected a number"]),
    ({"loss": {"type": "mse", "scale": float("inf")}}, ["loss.scale: inf is not a finite number"]),
    ({"loss": {"type": "mse", "scale": 10**400}}, [f"loss.scale: {DOUBLE}"]),
    ({"loss": {"type": "mse", "scal": 1}}, ['loss.scal: unknown parameter of mse; did you mean "scale"?']),
    ({"layers.0.type": "transformer"}, [f'layers[1].type: "transformer" is no layer type; known layer types: {TYPES}']),
    ({"data.x_names": ["a", "a"]}, ['data.x_names[2]: "a" is the name of number 1 already']),
    ({"data.classes": ["no", "no"]}, ['data.classes[2]: "no" is the name of number 1 already']),
    ({"layers.0.type": "dens"}, ['layers[1].type: "dens" is no layer type; did you mean "dense"?']),
    ({"layers.0.type": 1}, [f"layers[1].type: a number, expected one of {TYPES}"]),
    ({"layers": []}, ["layers: an empty list, expected at least one layer"]),
    ({"layers": 3}, ["layers: a number, expected a list of tables"]),
    ({"layers": ["dense"]}, ["layers[1]: a string, expected a table"]),
    ({"data": [1]}, ["data: a list, expected a table"]),
    ({"title": 3}, ["title: 3, expected a string"]),
    ({"title": "x" * 501}, ["title: 501 characters long, at most 500 are possible"]),
    ({"table": {"of": "losses"}}, [f"has both [[layers]] and [table]; a problem is {ONE_OF}"]),
    ({"define": {"x": "1"}}, [f"has both [[layers]] and [define]; a problem is {ONE_OF}"]),
]

TARGETS: list[tuple[dict[str, Any], list[str]]] = [
    ({"loss": "binary_cross_entropy", "data.y": 2}, ["data.y: 2, expected between 0 and 1 for binary_cross_entropy"]),
    ({"loss": "hinge", "data.y": 0.5}, ["data.y: 0.5, expected -1 or 1 for hinge"]),
    (
        {"loss": "hinge", "data.x": [[1, 2], [3, 4]], "data.y": [1, 0]},
        ["data.y[2]: 0, expected -1 or 1 for hinge"],
    ),
    (
        {"loss": "categorical_cross_entropy", "data.y": 0.5},
        ["data.y: expected a single 1 among 0s (one-hot) for categorical_cross_entropy"],
    ),
    (
        {
            "loss": "categorical_cross_entropy",
            "layers.1.W": [[1, 2, 3], [4, 5, 6]],
            "layers.1.b": [0, 0],
            "data.x": [[1, 2], [3, 4]],
            "data.y": [[0, 1], [1, 1]],
        },
        ["data.y[2]: expected a single 1 among 0s (one-hot) for categorical_cross_entropy"],
    ),
]

INITIAL: list[tuple[dict[str, Any], list[str]]] = [
    ({"type": "uniform", "low": 1, "high": 0, "seed": 1}, ["layers[1].init.high: 0.0, expected more than low, 1.0"]),
    ({"type": "uniform", "low": 0, "high": 1}, ["layers[1].init.seed: missing"]),
    ({"type": "uniform", "seed": 1}, ["layers[1].init.low: missing", "layers[1].init.high: missing"]),
    (
        {"type": "normal", "std": 0, "seed": -1},
        ["layers[1].init.seed: -1, expected at least 0", "layers[1].init.std: 0, expected more than 0"],
    ),
    ({"type": "he_norml", "seed": 1}, ['layers[1].init.type: "he_norml" is no init type; did you mean "he_normal"?']),
    ({"seed": 1}, ["layers[1].init: type is missing; known init types: uniform, normal, xavier_uniform, he_normal"]),
]


@pytest.mark.parametrize(("changes", "expected"), [*SHAPES, *NUMBERS, *WORDS, *TARGETS])
def test_each_fault_has_its_line(network_complaints: Any, changes: dict[str, Any], expected: list[str]) -> None:
    assert network_complaints(changes) == expected


@pytest.mark.parametrize(("initial", "expected"), INITIAL)
def test_each_fault_of_an_initialisation(
    network_complaints: Any, left_out: object, initial: dict[str, Any], expected: list[str]
) -> None:
    changes = {"layers.0.W": left_out, "layers.0.units": 3, "layers.0.init": initial}
    assert network_complaints(changes) == expected


def test_what_a_layer_must_say(network_complaints: Any, left_out: object) -> None:
    assert network_complaints({"layers.0.W": left_out}) == [
        "layers[1].W: missing; or give units, for weights that are drawn (init) or stay symbols"
    ]
    assert network_complaints({"layers.0.init": {"type": "he_normal", "seed": 1}}) == [
        "layers[1].init: W and init exclude each other; give one of them"
    ]
    assert network_complaints({"layers.0.bias": False}) == ["layers[1].bias: false, but b is given"]
    assert network_complaints({"layers.0.type": left_out}) == [
        f"layers[1]: type is missing; known layer types: {TYPES}"
    ]
    assert network_complaints({"loss": left_out}) == ["loss: missing"]


def test_the_number_of_inputs_must_be_found_somewhere(network_complaints: Any, left_out: object) -> None:
    changes = {"data": {"y": 1}, "layers.0.W": left_out, "layers.0.units": 3}
    assert network_complaints(changes) == ["data: the number of inputs is missing; give x or inputs"]


def test_several_faults_are_told_at_once(network_complaints: Any) -> None:
    assert network_complaints({"layers.0.b": [1, "2", 3], "data.x": [1, None], "title": 1}) == [
        "title: 1, expected a string",
        "data.x[2]: nothing (null), expected a number",
        "layers[1].b[2]: a string, expected a number",
    ]


def test_a_million_bad_numbers_are_answered_briefly(network_complaints: Any) -> None:
    lines = network_complaints({"data.x": ["a"] * 1_000_000})
    assert len(lines) == 21
    assert lines[-1].endswith("more")


def test_a_network_too_large_is_refused(network_complaints: Any, left_out: object) -> None:
    changes = {
        "layers.0.W": left_out,
        "layers.0.b": left_out,
        "layers.0.units": 1_000_000,
        "layers.1.W": left_out,
        "layers.1.b": left_out,
        "layers.1.units": 1_000_000,
    }
    assert network_complaints(changes) == ["the network has more than 50,000,000 weights"]


def test_arrays_are_read_only_doubles(network: Any) -> None:
    problem = network()
    assert isinstance(problem, NetworkProblem)
    for array in [problem.x, problem.y, *problem.parameters().values()]:
        assert array.dtype == np.float64
        assert not array.flags.writeable
    given = np.array([[1.0, 2.0]])
    problem = network({"data.x": given, "data.y": [1]})
    given[0, 0] = 9.0
    assert problem.x is not None
    assert problem.x[0, 0] == 1.0


def test_a_problem_is_frozen(network: Any) -> None:
    with pytest.raises(ValueError, match="frozen"):
        network().title = "other"


@pytest.mark.parametrize(
    ("x", "y", "samples", "shape"),
    [
        ([1, 2], 1, None, (1,)),
        ([1, 2], [1], None, (1,)),
        ([[1, 2]], [1], 1, (1, 1)),
        ([[1, 2], [3, 4]], [1, 0], 2, (2, 1)),
        ([[1, 2], [3, 4]], [[1], [0]], 2, (2, 1)),
    ],
)
def test_y_gets_one_shape(network: Any, x: Any, y: Any, samples: int | None, shape: tuple[int, ...]) -> None:
    problem = network({"data.x": x, "data.y": y})
    assert problem.samples == samples
    assert problem.y.shape == shape


def test_choices_have_all_their_parameters(network: Any) -> None:
    problem = network({"loss": {"type": "huber", "scale": 0.5}, "layers.0.activation": "leaky_relu"})
    assert problem.loss == Choice(type="huber", parameters={"scale": 0.5, "delta": 1.0})
    assert problem.layers[0].activation == Choice(type="leaky_relu", parameters={"alpha": 0.01})
    assert problem.layers[1].activation == Choice(type="linear", parameters={})


def test_what_is_left_out_stays_a_symbol() -> None:
    layers = [{"type": "dense", "units": 2, "activation": "sigmoid"}, {"type": "dense", "units": 1, "bias": False}]
    problem = Problem(loss="binary_cross_entropy", data={"inputs": 2}, layers=layers, optimizer={})
    assert isinstance(problem, NetworkProblem)
    assert problem.x is None
    assert problem.y is None
    assert problem.parameters() == {}
    assert [layer.has_bias for layer in problem.layers] == [True, False]
    assert [layer.units for layer in problem.layers] == [2, 1]
    assert problem.optimizer is not None
    assert problem.optimizer.learning_rate is None


def test_a_given_matrix_without_b_has_no_bias(network: Any, left_out: object) -> None:
    problem = network({"layers.0.b": left_out, "layers.1.b": left_out, "layers.1.bias": True})
    assert [layer.has_bias for layer in problem.layers] == [False, True]
    assert list(problem.parameters()) == ["W1", "W2"]


DRAWN = {
    "uniform": {"low": -0.5, "high": 0.25},
    "normal": {"mean": 3.0, "std": 0.1},
    "xavier_uniform": {},
    "he_normal": {},
}


@pytest.mark.parametrize("type_", DRAWN)
def test_drawn_weights_depend_on_seed_and_place_only(type_: str) -> None:
    def drawn(seed: int, product: str = "Wx", units: int = 300) -> dict[str, Any]:
        layer = {"type": "dense", "units": units, "init": {"type": type_, "seed": seed, **DRAWN[type_]}}
        problem = Problem(loss="mse", data={"inputs": units}, layers=[layer, layer], notation={"product": product})
        assert isinstance(problem, NetworkProblem)
        return problem.parameters()

    first, again, other, turned = drawn(7), drawn(7), drawn(8), drawn(7, "xW")
    assert list(first) == ["W1", "b1", "W2", "b2"]
    assert np.array_equal(first["W1"], again["W1"])
    assert np.array_equal(first["W1"], turned["W1"].T)
    assert not np.array_equal(first["W1"], other["W1"])
    assert not np.array_equal(first["W1"], first["W2"])
    assert not first["b1"].any()
    mean, std = {
        "uniform": (-0.125, 0.75 / 12**0.5),
        "normal": (3.0, 0.1),
        "xavier_uniform": (0.0, (2 / 600) ** 0.5),
        "he_normal": (0.0, (2 / 300) ** 0.5),
    }[type_]
    assert first["W1"].mean() == pytest.approx(mean, abs=0.02 * std)
    assert first["W1"].std() == pytest.approx(std, rel=0.02)


def test_models_refuse_like_problems_do() -> None:
    with pytest.raises(InputError, match="did you mean"):
        NetworkProblem(loss="mse", layrs=[])
    with pytest.raises(InputError, match="neither a network"):
        Problem(title="x")
    with pytest.raises(InputError, match=r'there is "layer"'):
        Problem(layer=[])


def test_networks_need_no_sympy() -> None:
    program = "import stepcalc.problem, sys; sys.exit('sympy' in sys.modules or 'lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_a_problem_travels_and_is_equal_to_itself_only(network: Any) -> None:
    problem = network()
    for other in (copy.deepcopy(problem), pickle.loads(pickle.dumps(problem))):  # noqa: S301
        assert other.parameters()["W1"].tolist() == problem.parameters()["W1"].tolist()
        assert other.samples == problem.samples
        assert other != problem
    assert problem == problem
    assert len({problem, network()}) == 2


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("a\0b", "the control character U+0000 cannot be printed"),
        ("\x1b[31m", "the control character U+001B cannot be printed"),
        ("\ud800", "not readable as text"),
    ],
)
def test_text_that_no_page_can_show(network_complaints: Any, title: str, message: str) -> None:
    assert network_complaints({"title": title}) == [f"title: {message}"]
    assert network_complaints({"data.classes": ["good", title]}) == [f"data.classes[2]: {message}"]


def test_any_script_and_any_markup_may_stand_in_a_title(network: Any) -> None:
    for title in ("<script>", "50 % & more", "\\input{x}", "ما هو؟", "クッキー\n2"):
        assert network({"title": title}).title == title
