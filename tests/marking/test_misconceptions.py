"""Every misconception is found where it is made, named, and told apart from the right number."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

from stepcalc.answers.base import Answers
from stepcalc.marking.interval import as_interval
from stepcalc.marking.mark import Sitting, mark
from stepcalc.marking.marks import ItemMark
from stepcalc.marking.misconceptions import CATALOGUE, THEMES, Change
from stepcalc.marking.misconceptions.base import REGISTERED, Misconception, register
from stepcalc.marking.misconceptions.slips import swapped
from stepcalc.marking.mistakes import MOST_ABOVE, MOST_AGAIN, Mistakes
from stepcalc.marking.state import Known, point
from stepcalc.marking.steps import Steps
from stepcalc.problem import Problem
from stepcalc.solving import solve
from stepcalc.trace import Trace
from tests.marking.students import by_item, items_of, one, typed
from tests.printed import EXAMPLES, example

ROOT = Path(__file__).resolve().parents[2]
SENTENCES: dict[str, str] = tomllib.loads((ROOT / "templates/words/en.toml").read_text(encoding="utf-8"))[
    "misconceptions"
]
EACH = 8
"""So many changes by each misconception are tried in each example, at most."""
MOST_ITEMS = 120
"""Of longer examples so many items are asked."""
DIGITS = 10


def strided() -> Trace:
    """A convolution that moves by two and reaches over the edge, as no worked example does."""
    image = [[[1.0, 2.0, 0.5, -1.0], [0.25, -0.5, 1.5, 2.5], [3.0, 0.75, -2.0, 1.25], [0.1, 0.6, -0.7, 0.4]]]
    conv = {"type": "conv2d", "K": [[[[0.5, -1.0], [2.0, 0.25]]]], "b": [0.3], "stride": 2, "padding": 1}
    layers = [conv, {"type": "flatten"}, {"type": "dense", "W": [[0.2, -0.4, 0.6, 0.1, 0.3, -0.2, 0.5, 0.7, -0.1]]}]
    return solve(Problem(loss="mse", data={"x": image, "y": [1]}, layers=layers))


TRACES = {path.stem: example for path in EXAMPLES} | {"strided": lambda _: strided()}


@dataclass(frozen=True)
class Made:
    """A mistake made in one item: what is typed, and what is thought of it."""

    name: str
    item: str
    value: float
    right: float
    mark: ItemMark


def asked_in(trace: Trace) -> list[str]:
    """The items that are asked in the examples, the updates of the second step among them."""
    items = items_of(trace)
    if trace.updated and trace.optimizer and trace.value(f"{items[-1]}#2") is not None:
        moved = [item for item in items if trace.graph.read(item).part]
        items += [f"{item}#2" for item in moved]
    return items[:: len(items) // MOST_ITEMS + 1]


def values(change: Change, right: np.ndarray, key: Any) -> list[float]:
    """What somebody has who makes this change and has the key's numbers otherwise."""
    if change.mistyped is not None:
        return [float(value) for value in change.mistyped(np.array([float(typed(float(right[0]), 6))]))[:, 0]]
    read = {item: misread(key(item))[:, 0] for item, misread in change.misread.items()}

    def look(item: str) -> Known:
        numbers = read.get(item, key(item))
        return Known(numbers, as_interval(numbers))

    return [float(value) for value in np.atleast_1d(point(change.formula, look))]


@cache
def made_in(name: str) -> tuple[Made, ...]:
    """Mistakes made in an example, each by a student who has everything else right."""
    trace = TRACES[name](name)
    steps, items = Steps(trace), asked_in(trace)
    key = Sitting({"": trace}, [""], np.arange(1), Answers(tuple(items), ("s",), dict.fromkeys(items, ("",)))).key
    tries: dict[str, list[tuple[str, float, float, str]]] = defaultdict(list)
    for item in items:
        step = steps.step(steps.canonical(item))
        for kind, misconception in CATALOGUE.items() if step is not None else ():
            assert step is not None
            for change in misconception.changes(step, steps):
                assert set(change.about) == set(re.findall(r"\{(\w+)\}", SENTENCES[kind])), (kind, item)
                right = key(step.item)
                assert right is not None
                found = [value for value in values(change, right, key) if np.isfinite(value)]
                write = written if change.mistyped is None else typed
                tries[kind] += [(item, value, float(right[0]), write(value)) for value in found]
    chosen = [(kind, *some) for kind, found in tries.items() for some in found[:: len(found) // EACH + 1]]
    if not chosen:
        return ()
    key_typed = {item: written(float(trace.value(item) or 0.0), 12) for item in items}
    raw = {item: [text] * len(chosen) for item, text in key_typed.items()}
    for row, (_, item, _, _, text) in enumerate(chosen):
        raw[item][row] = text
    students = tuple(str(row) for row in range(len(chosen)))
    marks = mark(trace, Answers(tuple(items), students, {item: tuple(column) for item, column in raw.items()}))
    judged = [{found.item: found for found in marks.student(row).items} for row in range(len(chosen))]
    return tuple(Made(*some[:4], judged[row][some[1]]) for row, some in enumerate(chosen))


def written(number: float, digits: int = DIGITS) -> str:
    """A number with so many digits, zeros at the end among them; 0 for what is none but for the last bits."""
    return f"{number if abs(number) > 1e-12 else 0.0:#.{digits}g}"


def coincides(made: Made) -> bool:
    """Whether the mistake gives the right number, to as many digits as anybody types."""
    return abs(made.value - made.right) <= max(1e-8 * abs(made.right), 1e-12)


NUMERIC = [name for name in TRACES if name not in ("two_two_one_symbolic", "sigmoid_derivative")]


@pytest.mark.parametrize("name", NUMERIC)
def test_every_misconception_is_found_or_coincides(name: str) -> None:
    made = made_in(name)
    assert made
    for one_ in made:
        if coincides(one_):
            assert one_.mark.verdict in ("correct", "rounding"), one_
        elif one_.mark.verdict in ("wrong", "rounding"):
            assert is_named(one_) or CATALOGUE[one_.name].far_fetched, one_
        else:  # 0 is a corner of many steps of the network with images: there, several numbers are right
            assert name == "cnn", one_


def is_named(made: Made) -> bool:
    """Whether a mistake is among those that explain the answer, or cannot be told apart from it."""
    return made.name in {finding.name for finding in (*made.mark.findings, *made.mark.alike)}


def test_far_fetched_ones_are_found_where_little_is_left_open() -> None:
    """Not where a step on the way is wide open, at a corner or near 0; and not where another mistake explains it."""
    made = [one_ for name in NUMERIC for one_ in made_in(name) if CATALOGUE[one_.name].far_fetched]
    wrong = [one_ for one_ in made if one_.mark.verdict == "wrong" and not has_a_plain_explanation(one_.mark)]
    assert sum(map(is_named, wrong)) > 0.95 * len(wrong)


def test_far_fetched_ones_are_named_only_where_nothing_else_is() -> None:
    made = [one_ for name in NUMERIC for one_ in made_in(name)]
    coinciding = [one_ for one_ in made if CATALOGUE[one_.name].far_fetched and has_a_plain_explanation(one_.mark)]
    assert coinciding
    assert not any(map(is_named, coinciding))
    assert not any(CATALOGUE[finding.name].far_fetched for one_ in made for finding in one_.mark.alike)


def has_a_plain_explanation(mark: ItemMark) -> bool:
    """Whether a mistake that is not far-fetched, made in the item's own step, explains an answer."""
    return any(not finding.at and not CATALOGUE[finding.name].far_fetched for finding in mark.findings)


def test_every_misconception_is_found_somewhere() -> None:
    made = [one_.mark for name in NUMERIC for one_ in made_in(name) if not coincides(one_)]
    found = {finding.name for mark in made for finding in (*mark.findings, *mark.alike)}
    assert found == set(CATALOGUE)


def test_most_are_the_first_to_be_named() -> None:
    made = [one_ for name in NUMERIC for one_ in made_in(name) if one_.mark.verdict == "wrong"]
    first = [one_ for one_ in made if one_.mark.diagnosis == one_.name]
    assert len(first) > 0.8 * len(made)


# --------------------------------------------------------------------------------------------- the catalogue


def test_each_has_a_sentence_and_each_sentence_one() -> None:
    assert list(SENTENCES) == list(CATALOGUE)


def test_the_sentences_teach_and_accuse_nobody() -> None:
    for name, sentence in SENTENCES.items():
        assert sentence.startswith("It looks as if "), name
        assert sentence.endswith("."), name
        assert len(sentence) < 240, name
        assert not re.search(r"\b(you|your|error|wrong|mistake|fail)", sentence), name


def test_the_catalogue_holds_all_that_are_registered() -> None:
    assert set(CATALOGUE) == {kind.name for kind in REGISTERED}
    assert {type(kind).__module__ for kind in REGISTERED} == {theme.__name__ for theme in THEMES}
    assert all(type(kind).__doc__ for kind in REGISTERED)


def test_a_name_is_taken_once() -> None:
    class Again(Misconception):
        name = "update_sign"

        def changes(self, step: Any, steps: Any) -> Iterator[Change]:
            yield from ()

    with pytest.raises(ValueError, match="update_sign"):
        register(Again)


# --------------------------------------------------------------------------- by hand, all other answers right


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def arrays(trace: Trace) -> dict[str, np.ndarray]:
    """The key's arrays by name, gradients as in dL/dW1."""
    gradients = {f"d{trace.graph.cost}/d{name}": array for name, array in trace.gradients.items()}
    return {name: np.asarray(array) for name, array in {**trace.values, **gradients}.items()}


def among_the_right(name: str, item: str, value: float, digits: int = 8) -> ItemMark:
    """The mark of an answer by somebody who has everything else right."""
    trace = example(name)
    asked = [other for other in asked_in(trace) if trace.value(other) is not None]
    given = {other: typed(float(trace.value(other) or 0.0), 12) for other in asked}
    return by_item(one(trace, {**given, item: typed(value, digits)}))[item]


def by_hand() -> Iterator[tuple[str, str, str, float]]:
    """Example, item, misconception, and the number it gives: calculated here, from the definitions."""
    k = arrays(example("cookie"))
    x, y, y_hat, a, z, w2 = k["x"], k["y"], k["y_hat"], k["a1"], k["z1"], k["W2"][0]
    error = float(y_hat[0] - y[0])
    yield "cookie", "dL/dz1[2]", "derivative_forgotten", error * w2[1]
    yield "cookie", "dL/dz2[1]", "derivative_forgotten", 1 / (1 - y_hat[0])
    yield "cookie", "dL/dz2[1]", "derivative_twice", error * y_hat[0] * (1 - y_hat[0])
    yield "cookie", "dL/dz1[1]", "slope_at_output", error * w2[0] * sigmoid(a[0]) * (1 - sigmoid(a[0]))
    yield "cookie", "dL/dz2[1]", "error_sign", y[0] - y_hat[0]
    yield "cookie", "W2_new[1,1]", "update_sign", w2[0] + 0.1 * error * a[0]
    yield "cookie", "W2_new[1,1]", "other_start", 0.5 - 0.1 * error * a[0]
    yield "cookie", "z1[3]", "bias_forgotten", 5.7
    yield "cookie", "dL/da1[3]", "updated_weight", error * (w2[2] - 0.1 * error * a[2])
    yield "cookie", "dL/dW2[1,2]", "input_for_activation", error * x[1]
    yield "cookie", "z2[1]", "activation_forgotten", w2 @ z + 0.2
    yield "cookie", "L", "log10_for_ln", -np.log10(1 - y_hat[0])
    yield "cookie", "L", "target_exchanged", -np.log(y_hat[0])
    yield "cookie", "z1[1]", "digits_swapped", 6.4
    yield "cookie", "dL/dW1[2,3]", "indices_swapped", k["dL/dz1"][2] * x[1]

    k = arrays(example("matrix_deck"))
    a, y_hat, y, w2 = k["a1"], k["y_hat"], k["y"], k["W2"]
    by_y, by_z = y_hat - y, (y_hat - y) * y_hat * (1 - y_hat)  # mean of two samples: 2/2
    yield "matrix_deck", "z2[1]@1", "weights_transposed", (a[0] @ w2.T)[0]
    yield "matrix_deck", "dL/da1[2]@2", "weights_transposed", (by_z[1] @ w2)[1]
    yield "matrix_deck", "dL/da1[2]@2", "path_forgotten", by_z[1, 0] * w2[1, 0]
    yield "matrix_deck", "dL/dz2[1]@2", "short_form_misused", by_y[1, 0] / 2
    yield "matrix_deck", "dL/dy_hat[1]@2", "mean_twice half_added outputs_averaged", by_y[1, 0] / 2
    yield "matrix_deck", "L", "batch_summed", float(np.sum(by_y**2))
    yield "matrix_deck", "L", "mean_twice half_added outputs_averaged", float(np.sum(by_y**2)) / 4
    yield "matrix_deck", "dL/dW2[1,2]", "last_sample_only", a[1, 0] * by_z[1, 1]
    yield "matrix_deck", "dL/dW2[1,2]", "mean_twice", (a.T @ by_z)[0, 1] / 2

    k = arrays(example("house_prices"))
    error = k["y_hat"] - k["y"]
    scale = float(k["L"]) / float(np.sum(error**2) / len(error))
    yield "house_prices", "L", "scale_forgotten", float(np.sum(error**2) / len(error))
    yield "house_prices", "L", "scale_twice", float(k["L"]) * scale

    k = arrays(example("rnn"))
    h, by_h = k["h1"][:, 0], k["dL/dz2"][0] * k["W2"][0, 0]
    last = by_h * (1 - h[2] ** 2)
    yield "rnn", "dL/dW_h1[1,1]", "time_steps_dropped", last * h[1]
    yield "rnn", "z1[2,1]", "memory_forgotten", 0.8 * 0.5 + 0.1

    k = arrays(example("cnn"))
    above, below = (np.argwhere(side & (k["dL/da1"] != 0))[0] for side in (k["z1"] > 0, k["z1"] < 0))
    yield "cnn", f"dL/dz1[{_index(above)}]", "wrong_side", 0.0
    yield "cnn", f"dL/dz1[{_index(below)}]", "derivative_forgotten wrong_side", k["dL/da1"][tuple(below)]
    windows = np.lib.stride_tricks.sliding_window_view(k["x"][0], (3, 3))
    turned = np.einsum("ijuv,ouv->oij", windows, k["K1"][:, 0, ::-1, ::-1])
    at = np.argwhere(np.abs(turned - k["z1"]) > 1)[0]
    yield "cnn", f"z1[{_index(at)}]", "kernel_turned", float(turned[tuple(at)])


def _index(at: np.ndarray) -> str:
    return ",".join(str(i + 1) for i in at)


@pytest.mark.parametrize(("name", "item", "kind", "value"), list(by_hand()))
def test_by_hand(name: str, item: str, kind: str, value: float) -> None:
    marked = among_the_right(name, item, float(value))
    assert marked.verdict == "wrong"
    names = [finding.name for finding in marked.findings]
    assert names[: len(kind.split())] == kind.split()
    assert marked.findings[0].at == ""


def test_a_bias_that_stayed_as_it_was_may_be_one_rounded_to_its_only_digit() -> None:
    marked = among_the_right("cookie", "b1_new[1]", 0.3)
    assert marked.verdict == "rounding"
    assert "never_updated" in [finding.name for finding in marked.alike]


def test_a_number_that_was_copied_wrongly_is_named() -> None:
    k = arrays(example("two_two_one"))
    trace = example("two_two_one")
    right = {f"a1[{i}]": typed(float(k["a1"][i - 1]), 4) for i in (1, 2)}
    assert right["a1[1]"] == "0.7311"
    value = 0.6 * 0.3711 - 0.8 * float(right["a1[2]"]) + 0.1
    marked = by_item(one(trace, {**right, "z2[1]": typed(value, 4)}))["z2[1]"]
    assert marked.diagnosis == "number_misread"
    assert marked.findings[0].about == {"number": "a1[1]"}


# ------------------------------------------------------------------------------------------ the optimizers


def adam(g: np.ndarray, w: float, **wrong: Any) -> float:
    """The weight after as many updates of Adam as there are gradients; ``wrong`` says what is done otherwise."""
    first, second, m, v = wrong.get("betas", (0.9, 0.999)), wrong.get("t", 0), 0.0, 0.0
    for t, slope in enumerate(g, start=1):
        m = first[0] * m + (1 - first[0]) * slope
        v = first[1] * v + (1 - first[1]) * slope**2
        corrected = wrong.get("corrected", True)
        m_hat = m / (1 - first[0] ** (t + second)) if corrected else m
        v_hat = v / (1 - first[1] ** (t + second)) if corrected else v
        inside = wrong.get("inside", False)
        w -= 0.1 * m_hat / (np.sqrt(v_hat + 1e-8) if inside else np.sqrt(v_hat) + 1e-8)
    return w


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("bias_correction_forgotten", {"corrected": False}),
        ("step_off_by_one", {"t": 1}),
        ("epsilon_in_root", {"inside": True}),
    ],
)
@pytest.mark.parametrize("in_between", [True, False])
def test_adam(kind: str, wrong: Mapping[str, Any], in_between: bool) -> None:
    """In the weight whose gradient is small, where even ε counts; with its parts among the answers, and without."""
    trace = example("adam")
    gradient, weight = float(trace.gradients["W1"][0, 0]), float(trace.values["W1"][0, 0])
    value = adam(np.array([gradient]), weight, **wrong)
    given = {"dL/dW1[1,1]": typed(gradient, 12), "W1_new[1,1]": typed(value, 10)}
    if in_between:
        parts = {f"W1_{part}[1,1]": trace.value(f"W1_{part}[1,1]") for part in ("m", "v", "m_hat", "v_hat")}
        given = {item: typed(float(number or 0.0), 12) for item, number in parts.items()} | given
    marked = by_item(one(trace, given))["W1_new[1,1]"]
    assert marked.verdict in ("wrong", "rounding")  # ε changes little
    names = [finding.name for finding in (*marked.findings, *marked.alike)]
    if kind == "step_off_by_one" and in_between:
        assert kind not in names  # it was made in parts that were right
    else:
        assert names[0] == kind


def test_adams_betas_in_its_parts() -> None:
    trace = example("adam")
    gradient = float(trace.gradients["W1"][0, 1])
    given = {"W1_m[1,2]": typed(0.001 * gradient, 8), "W1_v[1,2]": typed(0.1 * gradient**2, 8)}
    marks = by_item(one(trace, given))
    assert [mark.diagnosis for mark in marks.values()] == ["betas_swapped", "betas_swapped"]


def test_momentum_in_the_second_update() -> None:
    """J = x²/2 + 10y², α = 0.08, μ = 0.5, from y = 1."""
    momentum = {"type": "momentum", "learning_rate": 0.08, "momentum": 0.5, "steps": 2}
    trace = solve(Problem(given={"x": 10, "y": 1}, define={"J": "x^2/2 + 10*y^2"}, optimizer=momentum))
    first = 20.0
    y = 1 - 0.08 * first
    slope = 20 * y
    right = {"y_v": f"{first:.6f}", "y_new": f"{y:.6f}", "dJ/dy#2": f"{slope:.6f}"}
    for kind, v in (
        ("momentum_forgotten", first + slope),
        ("buffer_dropped", slope),
        ("momentum_damped", 0.5 * first + 0.5 * slope),
    ):
        marks = by_item(one(trace, {**right, "y_v#2": typed(v, 8)}))
        assert marks["y_v#2"].diagnosis == kind
        marks = by_item(one(trace, {**right, "y_new#2": typed(y - 0.08 * v, 8)}))
        assert kind in {finding.name for finding in marks["y_new#2"].findings}


def test_newton() -> None:
    """J = x² + 10(y − 0.3x)² at (2, 1): g = (1.6, 8), H = (3.8, −6; −6, 20)."""
    trace = example("newton_bowl")
    hessian, g = np.array([[3.8, -6.0], [-6.0, 20.0]]), np.array([1.6, 8.0])
    assert trace.value("dJ/dx") == pytest.approx(g[0])
    slopes = {"dJ/dx": "1.60000", "dJ/dy": "8.00000"}
    for kind, p in (
        ("hessian_not_inverted", hessian @ g),
        ("hessian_diagonal", g / np.diag(hessian)),
        ("hessian_forgotten", g),
    ):
        marks = by_item(one(trace, {**slopes, "x_p": typed(p[0], 8), "y_p": typed(p[1], 8)}))
        assert [marks[item].diagnosis for item in ("x_p", "y_p")] == [kind, kind]
        marks = by_item(one(trace, {**slopes, "x_new": typed(2 - p[0], 8)}))
        assert marks["x_new"].diagnosis == kind


# ------------------------------------------------------------------------------- steps that were not asked


def test_a_mistake_on_the_way_is_found_in_what_was_asked() -> None:
    """A sheet that asks for z, ŷ and ∂L/∂W: σ′ was forgotten in ∂L/∂z, which is not on it."""
    k = arrays(example("cookie"))
    asked = {f"z1[{i}]": f"{z:.3f}" for i, z in enumerate(k["z1"], start=1)} | {"y_hat": "0.9076"}
    value = (k["y_hat"][0] - k["y"][0]) * k["W2"][0, 1] * k["x"][0]
    marked = by_item(one(example("cookie"), {**asked, "dL/dW1[2,1]": typed(value, 4)}))["dL/dW1[2,1]"]
    assert (marked.verdict, marked.diagnosis) == ("wrong", "derivative_forgotten")
    assert marked.findings[0].at == "dL/dz1[2]"


def test_what_some_left_blank_is_looked_at_for_them() -> None:
    """One student gives a right ∂L/∂z and forgets σ′ all the same, which cannot be; two others left it blank."""
    k, trace = arrays(example("cookie")), example("cookie")
    value = written((k["y_hat"][0] - k["y"][0]) * k["W2"][0, 1] * k["x"][0], 8)
    blank = {"z1[2]": "4.500000", "dL/dz1[2]": "", "dL/dW1[2,1]": value}
    full = {**blank, "dL/dz1[2]": written(float(k["dL/dz1"][1]), 8)}
    students = [full, blank, {**blank, "z1[2]": ""}]
    raw = {item: tuple(given[item] for given in students) for item in blank}
    marks = mark(trace, Answers(tuple(blank), ("full", "blank", "blanker"), raw))
    found = [marks.student(row).items[2].diagnosis for row in range(3)]
    assert found == [None, "derivative_forgotten", "derivative_forgotten"]


def test_a_mistake_is_made_in_a_whole_array() -> None:
    """No unit has its bias, and only ŷ is asked."""
    k = arrays(example("cookie"))
    hidden = sigmoid(k["W1"] @ k["x"])
    value = float(sigmoid(k["W2"] @ hidden + k["b2"])[0])
    trace = example("cookie")
    marked = by_item(one(trace, {"z2": typed(float(k["z2"][0]), 8), "y_hat": "0.5"}))["y_hat"]
    assert "bias_forgotten" not in {finding.name for finding in marked.findings}
    marked = by_item(one(trace, {"y_hat": typed(value, 9)}))["y_hat"]
    assert "bias_forgotten" in {finding.name for finding in marked.findings}


def test_a_mistake_is_made_wherever_it_can_be_made() -> None:
    """A batch summed where the loss's derivative is found, and σ′ left out in both layers."""
    k = arrays(example("matrix_deck"))
    by_y = k["y_hat"] - k["y"]
    by_hidden = by_y @ k["W2"].T
    value = (k["x"].T @ by_hidden)[0, 1]
    outputs = {f"y_hat[{i}]@{n}": typed(float(k["y_hat"][n - 1, i - 1]), 9) for i in (1, 2) for n in (1, 2)}
    hidden = {f"a1[{i}]@{n}": typed(float(k["a1"][n - 1, i - 1]), 9) for i in (1, 2) for n in (1, 2)}
    marked = by_item(one(example("matrix_deck"), {**hidden, **outputs, "dL/dW1[1,2]": typed(value, 8)}))["dL/dW1[1,2]"]
    assert marked.verdict == "wrong"
    assert marked.diagnosis == "derivative_forgotten"


def test_no_more_is_tried_than_can_be() -> None:
    trace = example("cnn")
    steps = Steps(trace)
    mistakes = Mistakes(steps)
    for item in ("y_hat[1]", "dL/dK1[1,1,1,1]", "K1_new[1,1,1,1]"):
        step = steps.step(item)
        assert step is not None
        own = sum(map(len, mistakes.changes(step).values()))
        assert own == sum(1 for _ in mistakes.own(step))
        assert 0 < len(mistakes.above(step, ())) <= MOST_ABOVE
        again = [len(mistake.changes) + len(mistake.again) for mistake in mistakes.before(step, ())]
        assert 0 < sum(again) <= MOST_AGAIN


# -------------------------------------------------------------------------------------------- what is not said


def test_right_answers_have_no_diagnosis() -> None:
    trace = example("cookie")
    given = {item: typed(float(trace.value(item) or 0.0), 4) for item in items_of(trace)}
    assert not any(found.findings for found in one(trace, given).items)


def test_the_decks_slips() -> None:
    """w₁ was started from 0.50, which two other weights have; ∂J/∂z₃ is excused, whatever else it may be."""
    deck = {"a1[1]": "0.990", "dL/dz2": "0.907", "dL/dW2[1,1]": "0.898", "W2_new[1,1]": "0.4102"}
    marks = by_item(one(example("cookie"), deck))
    found = marks["W2_new[1,1]"]
    assert (found.verdict, found.diagnosis) == ("wrong", "other_start")
    assert {finding.about["weight"] for finding in found.findings if finding.name == "other_start"} == {
        "W2[1,2]",
        "W1[1,4]",
    }


def test_a_lost_minus_sign_is_found_in_a_formula() -> None:
    trace = example("two_two_one_symbolic")
    marks = by_item(one(trace, {"dL/dW1[1,1]": "x_1*w_1*a_1*(1 - a_1)*(y - yhat)"}))
    found = marks["dL/dW1[1,1]"]
    assert found.verdict == "wrong"
    assert found.diagnosis in ("sign_lost", "error_sign")


def test_numbers_at_random_are_seldom_explained() -> None:
    trace, random = example("cookie"), np.random.default_rng(5)
    items = [item for item in items_of(trace) if item.startswith(("z", "y_hat", "dL/dW"))]
    raw, students = {}, 300
    for item in items:
        right = float(trace.value(item) or 0.0)
        raw[item] = tuple(typed(right * float(factor), 4) for factor in random.uniform(0.3, 3.0, students))
    marks = mark(trace, Answers(tuple(items), tuple(map(str, range(students))), raw))
    wrong = sum(int(np.sum(column.verdict == 3)) for column in marks.columns)
    explained = sum(len(column.findings) for column in marks.columns)
    assert wrong > 0.8 * students * len(items)
    assert explained < 0.05 * wrong


def test_digits_change_places() -> None:
    def ways(value: float, zeros: int = 0) -> set[float]:
        return {float(way) for way in swapped(np.array([value]), zeros)[:, 0] if np.isfinite(way)}

    assert ways(0.907) == {0.97, 0.097}
    assert ways(-4.6) == {-6.4}
    assert ways(0.05) == {0.5}
    assert ways(11.0) == set()
    assert ways(1 / 3) == ways(float("nan")) == ways(0.0) == set()
    assert 10.8265 in ways(1.8265, 1)  # a leading zero
    assert 0.405 in ways(0.45, 1)  # one at the end, which nobody writes


def test_a_change_says_nothing_of_settings() -> None:
    """A learning rate that is a symbol is no item: the steps of an update with one can be changed, too."""
    trace = example("two_two_one_symbolic")
    steps = Steps(trace)
    step = steps.step("W1_new[1,1]")
    assert step is not None
    found = {name: kind for name, kind in CATALOGUE.items() if list(kind.changes(step, steps))}
    assert {"update_sign", "other_start", "rate_forgotten"} <= set(found)
    assert all(isinstance(change.formula, sp.Expr) for kind in found.values() for change in kind.changes(step, steps))


def test_the_manual_lists_them_all() -> None:
    manual = (ROOT / "docs" / "marking.md").read_text(encoding="utf-8")
    table = manual.partition("## Mistakes that are recognised")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `(\w+)`(\*?) \| (.+) \|$", table, re.MULTILINE)
    stars = {True: "*", False: ""}
    assert listed[1:] == [(kind.name, stars[kind.far_fetched], type(kind).__doc__) for kind in CATALOGUE.values()]


def test_a_digit_that_was_not_typed_is_no_swapped_one() -> None:
    trace = solve(Problem(loss="mse", data={"x": [1], "y": 0}, layers=[{"type": "dense", "W": [[0.8]]}]))
    assert by_item(one(trace, {"z1[1]": "0.801"}))["z1[1]"].findings == ()
    assert {found.name for found in by_item(one(trace, {"z1[1]": "0.08"}))["z1[1]"].findings} >= {"digits_swapped"}


def test_the_state_of_this_step_at_every_step() -> None:
    trace = example("rnn")
    share = (np.array(trace.gradients["z1"]).T @ np.array(trace.values["h1"]))[0, 0]
    mark = by_item(one(trace, {"dL/dW_h1[1,1]": typed(share)}))["dL/dW_h1[1,1]"]
    assert [found.name for found in mark.findings] == ["state_of_this_step"]
