"""Runs of updates: long ones against PyTorch, every part of a step under its id, and where runs stop."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from stepcalc.options import Options
from stepcalc.rounding import Rounding
from stepcalc.sheet import render
from stepcalc.trace import Trace
from tests.drawn import one_unit
from tests.oracle import Network
from tests.printed import solved

Fields = dict[str, Any]

NETWORK: Fields = {
    "loss": "binary_cross_entropy",
    "data": {"x": [[1.0, -0.5], [0.25, 2.0], [-1.5, 0.75]], "y": [1, 0, 1]},
    "layers": [
        {"type": "dense", "activation": "tanh", "W": [[0.5, -0.25], [0.75, 1.0]], "b": [0.1, -0.2]},
        {"type": "dense", "activation": "sigmoid", "W": [[1.5, -0.5]], "b": [0.05]},
    ],
}
BOWL: Fields = {"given": {"x": 2, "y": 1}, "define": {"f": "x^2 + 10*(y - 0.3*x)^2"}}
KINDS = ("momentum", "adam")


def moved(fields: Fields, kind: str, **settings: Any) -> Trace:
    return solved(**fields, optimizer={"type": kind, "learning_rate": 0.05, **settings})


@pytest.mark.parametrize(
    ("kind", "settings"),
    [("momentum", {}), ("momentum", {"momentum": 0.0}), ("adam", {}), ("adam", {"beta1": 0.5, "beta2": 0.9}),
     ("adam", {"beta1": 0.0, "beta2": 0.0, "epsilon": 0.1})],
)  # fmt: skip
def test_long_runs_agree_with_pytorch(kind: str, settings: Fields) -> None:
    optimizer = {"type": kind, "learning_rate": 0.05, "steps": 400, **settings}
    trace = solved(**NETWORK, optimizer=optimizer)
    history, first, last = Network({**NETWORK, "optimizer": optimizer}).descend()
    np.testing.assert_allclose(trace.history, history, rtol=1e-9, atol=1e-13)
    for name in first:
        np.testing.assert_allclose(trace.updated[name], first[name], rtol=1e-11)
        np.testing.assert_allclose(trace.final[name], last[name], rtol=1e-7)


def test_momentum_by_hand() -> None:
    """w = 2, J = w², α = 0.1, μ = 0.5: g = 4, v = 4, w = 1.6; then g = 3.2, v = 5.2, w = 1.08."""
    trace = solved(given={"w": 2}, define={"J": "w^2"}, optimizer={
        "type": "momentum", "learning_rate": 0.1, "momentum": 0.5, "steps": 2,
    })  # fmt: skip
    assert [trace.value(item) for item in ("dJ/dw", "w_v", "w_new")] == pytest.approx([4, 4, 1.6])
    found = [trace.value(f"{item}#2") for item in ("w", "dJ/dw", "w_v", "w_new", "J")]
    assert found == pytest.approx([1.6, 3.2, 5.2, 1.08, 2.56])
    assert trace.history == pytest.approx((4, 2.56, 1.08**2))


def test_adam_by_hand() -> None:
    trace = solved(given={"w": 2}, define={"J": "w^2"}, optimizer={"type": "adam", "learning_rate": 0.1, "steps": 2})
    names = ("w_m", "w_v", "w_m_hat", "w_v_hat", "w_new")
    assert [trace.value(item) for item in names] == pytest.approx([0.4, 0.016, 4, 16, 1.9])
    found = [trace.value(f"{item}#2") for item in names]
    m, v = 0.9 * 0.4 + 0.1 * 3.8, 0.999 * 0.016 + 0.001 * 3.8**2
    mean, spread = m / 0.19, v / 0.001999
    assert found == pytest.approx([m, v, mean, spread, 1.9 - 0.1 * mean / spread**0.5])


def test_newton_by_hand() -> None:
    """f = x⁴ at 3: g = 108, H = 108, p = 1."""
    trace = solved(given={"x": 3}, define={"f": "x^4"}, optimizer={"type": "newton", "learning_rate": 1, "steps": 2})
    assert [trace.value(item) for item in ("d2f/dx/dx", "x_p", "x_new")] == [108, 1, 2]
    assert [trace.value(f"{item}#2") for item in ("d2f/dx/dx", "x_p", "x_new")] == pytest.approx([48, 2 / 3, 4 / 3])


def test_newton_lands_on_the_minimum_of_a_bowl_in_one_step() -> None:
    trace = solved(**BOWL, optimizer={"type": "newton", "learning_rate": 1})
    assert {name: float(array) for name, array in trace.updated.items()} == {"x": 0, "y": 0}
    assert trace.history == (pytest.approx(5.6), 0)
    half = solved(**BOWL, optimizer={"type": "newton", "learning_rate": 0.5})
    assert {name: float(array) for name, array in half.updated.items()} == {"x": 1, "y": 0.5}


def test_newton_finds_the_least_squares_of_a_linear_network() -> None:
    x, y = np.array([[1.0, 2], [2, 4], [3, 7]]), np.array([2.0, 3, 5])
    fields = {"loss": "mse", "data": {"x": x.tolist(), "y": y.tolist()},
              "layers": [{"type": "dense", "W": [[0.5, 0.5]], "b": [0.25]}]}  # fmt: skip
    trace = solved(**fields, optimizer={"type": "newton", "learning_rate": 1})
    exact = np.linalg.solve(np.c_[x, np.ones(3)], y)
    np.testing.assert_allclose([*trace.updated["W1"][0], *trace.updated["b1"]], exact, atol=1e-10)
    assert trace.history[1] == pytest.approx(0, abs=1e-18)


# ------------------------------------------------------------------------------------------------- every id


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("steps", [1, 3, 30])
def test_every_part_of_every_update_has_its_number(kind: str, steps: int) -> None:
    """Each update follows from the one before, under the ids that answers are given by."""
    trace = moved(NETWORK, kind, steps=steps)
    optimizer = trace.optimizer
    assert optimizer is not None
    for update in range(1, steps + 1):
        for item in ("W1[1,2]", "b2[1]"):
            number = {part.name: trace.value(f"{trace.graph.read(item).updated(part.name)}#{update}")
                      for part in optimizer.plan}  # fmt: skip
            g = trace.value(f"dL/d{item}#{update}")
            w = trace.value(f"{item}#{update}")
            old = {part: trace.value(f"{trace.graph.read(item).updated(part)}#{update - 1}")
                   for part in optimizer.remembered}  # fmt: skip
            assert None not in (*number.values(), *old.values(), g, w)
            for part in optimizer.plan:
                assert part.formula is not None
                at = {"w": w, "g": g, "t": update, "learning_rate": 0.05, **number}
                at |= {f"old_{name}": value for name, value in old.items()}
                at |= {name: getattr(optimizer, name) for name in optimizer.letters}
                expected = part.formula.subs({s: at[s.name] for s in part.formula.free_symbols})
                assert number[part.name] == pytest.approx(float(expected), rel=1e-9, abs=1e-15)
            after = trace.value(f"{item}#{update + 1}") if update < steps else None
            assert after is None or after == number["new"]
        assert trace.value(f"L#{update}") == pytest.approx(trace.history[update - 1], rel=1e-12)


def test_the_ends_of_a_long_run_are_kept_and_the_first_update_is_the_one_at_hand() -> None:
    trace = moved(NETWORK, "adam", steps=300)
    assert trace.value("W1_m[1,1]#1") == trace.value("W1_m[1,1]")
    assert trace.value("W1_new[1,1]#300") == trace.final["W1"][0, 0]
    wide = {"loss": "mse", "data": {"x": [0.1] * 500, "y": [0.0] * 100},
            "layers": [{"type": "dense", "units": 100, "init": {"type": "normal", "seed": 1}}]}  # fmt: skip
    large = moved(wide, "adam", steps=200)
    assert sum(array.size for start in large.kept.values() for array in start.parameters.values()) < 2_000_000
    assert large.value("W1_m[1,1]#3") is not None
    assert large.value("W1_m[1,1]#100") is None
    assert large.value("W1_new[1,1]#200") == large.final["W1"][0, 0]


def test_what_there_is_no_number_for_is_none() -> None:
    trace = solved(**NETWORK, optimizer={"type": "adam"})
    assert trace.value("W1_m[1,1]") == pytest.approx(0.1 * (trace.value("dL/dW1[1,1]") or 0))
    assert trace.value("W1_new[1,1]") is None
    assert moved(NETWORK, "momentum").value("W1_m[1,1]") is None
    with pytest.raises(LookupError):
        moved(NETWORK, "momentum").value("W1_v[3,1]")


@pytest.mark.parametrize("kind", [*KINDS, "newton"])
def test_carried_numbers_are_rounded_at_every_part(kind: str) -> None:
    trace = moved(BOWL, kind, steps=3) if kind != "newton" else solved(
        **BOWL, optimizer={"type": kind, "learning_rate": 0.3, "steps": 3}, rounding={"significant": 3, "carry": True}
    )  # fmt: skip
    trace = solved(**BOWL, optimizer=trace.problem.optimizer.model_dump(), rounding={"significant": 3, "carry": True})
    rounding = Rounding(3)
    for update in (1, 2, 3):
        for part in trace.optimizer.plan if trace.optimizer else ():
            value = trace.value(f"x_{part.name}#{update}")
            assert value is not None
            assert value == rounding.round(value)
    first, second = (trace.value(f"x_new#{update}") for update in (1, 2))
    assert (trace.value("x#2"), trace.value("x#3")) == (first, second)


# --------------------------------------------------------------------------------------------------- stops


@pytest.mark.parametrize(("kind", "item"), [("momentum", "w_v"), ("adam", "w_v")])
def test_a_part_too_large_for_a_number_stops_the_run(kind: str, item: str) -> None:
    of = "1e160*w" if kind == "adam" else "w^2"
    start = 1 if kind == "adam" else 8
    trace = solved(given={"w": start}, define={"J": of}, optimizer={
        "type": kind, "learning_rate": 1e-3 if kind == "adam" else 1e4, "steps": 200,
    })  # fmt: skip
    assert trace.stopped is not None
    assert trace.stopped.startswith(f"update {len(trace.history)}: ")
    assert kind == "momentum" or trace.stopped.endswith(item)
    assert np.isfinite(trace.history).all()
    for kind_of_file in ("json", "txt", "html", "tex"):
        text = str(render(trace, kind_of_file))
        assert "nan" not in text.lower().replace("finance", "")


@pytest.mark.parametrize(("of", "given", "history"), [
    ("(x + y)^2", {"x": 1, "y": 2}, 1), ("x^3 + x + y^2", {"x": 0, "y": 1}, 1), ("x^3 + 3*x", {"x": 1}, 2),
    ("x^1.5 + x", {"x": 0}, 1), ("3*x + 1", {"x": 0}, 1),
])  # fmt: skip
def test_where_newton_has_no_step_the_run_stops_and_the_sheet_says_so(of: str, given: Fields, history: int) -> None:
    trace = solved(given=given, define={"f": of}, optimizer={"type": "newton", "learning_rate": 1, "steps": 3})
    assert len(trace.history) == history
    assert trace.stopped == f"update {history}: singular Hessian"
    assert bool(trace.updated) is (history > 1)
    text = str(render(trace, "txt"))
    assert "leave Newton's method no step" in " ".join(text.split())
    assert json.loads(str(render(trace, "json")))["stopped"] == f"update {history}: singular Hessian"
    for kind_of_file in ("html", "tex"):
        assert render(trace, kind_of_file)


def test_a_name_of_the_users_is_not_taken_for_a_reason() -> None:
    trace = solved(given={"x": 1e60}, define={"singular": "x^4"}, optimizer={"learning_rate": 1e80, "steps": 3})
    assert trace.stopped == "update 1: singular"
    assert "too large to be stored" in " ".join(str(render(trace, "txt")).split())


@pytest.mark.parametrize("given", [{"x": 1, "y": 2}, {"x": 0, "y": 1}])
def test_an_indefinite_hessian_makes_its_step_with_a_warning(given: Fields) -> None:
    trace = solved(given=given, define={"f": "x^2 - y^2"}, optimizer={"type": "newton", "learning_rate": 1})
    assert {name: float(array) for name, array in trace.updated.items()} == {"x": 0, "y": 0}
    assert "of both signs" in str(render(trace, "txt"))


# ---------------------------------------------------------------------------------------------------- JSON


def parsed(trace: Trace, view: str | None = None) -> Fields:
    found: Fields = json.loads(str(render(trace, "json", Options(view=view))))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_json_trace_has_every_part(kind: str) -> None:
    trace = moved(NETWORK, kind, steps=30)
    data = parsed(trace)
    assert [update["update"] for update in data["updates"]] == [1, 2, 3, 4, 5, 26, 27, 28, 29, 30]
    first = data["updates"][0]
    assert first["new"] == data["updated"]
    assert first["gradients"]["W1"] == data["gradients"]["W1"]
    assert [update["cost"] for update in data["updates"][:5]] == pytest.approx(data["history"]["L"][:5], rel=1e-12)
    assert data["updates"][3]["v"]["W1"][0][1] == trace.value("W1_v[1,2]#4")
    ids = [step["id"] for step in data["steps"] if step["phase"] == "update"]
    plan = [part.name for part in trace.optimizer.plan] if trace.optimizer else []
    assert ids[:4] == [f"W1_{plan[0]}[{i},{j}]" for i in (1, 2) for j in (1, 2)]
    assert len(ids) == 9 * len(plan)
    assert all(step["text"] for step in data["steps"])
    matrix = [step["id"] for step in parsed(trace, "matrix")["steps"] if step["phase"] == "update"]
    assert matrix == [f"{name}_{part}" for name in ("W1", "b1", "W2", "b2") for part in plan]


def test_gradient_descent_has_no_parts_to_tell() -> None:
    assert "updates" not in parsed(moved(NETWORK, "gradient_descent", steps=3))


def test_the_json_trace_has_the_second_derivatives() -> None:
    data = parsed(solved(**BOWL, optimizer={"type": "newton", "learning_rate": 1}))
    assert data["updates"][0]["hessian"] == {"items": ["x", "y"], "values": [[3.8, -6], [-6, 20]]}
    assert data["updates"][0]["p"] == {"x": 2, "y": 1}


def test_a_large_network_tells_of_its_first_update_only() -> None:
    layers = [{"type": "dense", "units": 40, "init": {"type": "normal", "seed": 1}}]
    trace = moved({"loss": "mse", "data": {"x": [0.1] * 30, "y": [0.0] * 40}, "layers": layers}, "adam", steps=4)
    assert [update["update"] for update in parsed(trace)["updates"]] == [1]


def test_a_symbolic_step_has_no_numbers() -> None:
    for kind in (*KINDS, "newton"):
        trace = solved(define={"f": "a*x^2"}, symbols={"names": ["a", "x"]}, optimizer={"type": kind})
        data = parsed(trace)
        assert "updates" not in data
        assert all("value" not in step for step in data["steps"])


def test_one_unit_moves_under_every_optimizer() -> None:
    for kind in (*KINDS, "newton"):
        trace = moved(one_unit("binary_cross_entropy", "sigmoid", 0.5, x=2, b=0.1, y=1), kind, steps=2)
        if kind == "newton":  # one sample, two parameters: the Hessian has rank one
            assert trace.stopped == "update 1: singular Hessian"
        else:
            assert trace.history[2] < trace.history[0]
