"""The tables that all problems share: every fault in exact words."""

from __future__ import annotations

from typing import Any

import pytest

KNOWN = "gradient_descent, momentum, adam, newton"
FAULTS: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"optimizer": {"type": "sgd"}},
        [f'optimizer.type: "sgd" is no optimizer type; known optimizer types: {KNOWN}'],
    ),
    ({"optimizer": {"type": "adm"}}, ['optimizer.type: "adm" is no optimizer type; did you mean "adam"?']),
    ({"optimizer": {"type": "momentum", "momentum": 1}}, ["optimizer.momentum: 1, expected less than 1"]),
    ({"optimizer": {"type": "momentum", "momentum": -0.1}}, ["optimizer.momentum: -0.1, expected at least 0"]),
    (
        {"optimizer": {"type": "adam", "beta1": 1.5, "beta2": -1, "epsilon": 0, "steps": 0}},
        [
            "optimizer.steps: 0, expected at least 1",
            "optimizer.beta1: 1.5, expected less than 1",
            "optimizer.beta2: -1, expected at least 0",
            "optimizer.epsilon: 0, expected more than 0",
        ],
    ),
    (
        {"optimizer": {"type": "momentum", "beta1": 0.9}},
        ["optimizer.beta1: unknown key; the keys here are type, learning_rate, steps, momentum"],
    ),
    ({"optimizer": {"type": "adam", "beta_1": 0.9}}, ['optimizer.beta_1: unknown key; did you mean "beta1"?']),
    ({"optimizer": {"type": "newton", "steps": 26}}, ["optimizer.steps: 26, expected at most 25"]),
    ({"optimizer": {"learning_rate": 0}}, ["optimizer.learning_rate: 0, expected more than 0"]),
    ({"optimizer": {"learning_rate": "0.1"}}, ["optimizer.learning_rate: a string, expected a number"]),
    ({"optimizer": {"learning_rate": True}}, ["optimizer.learning_rate: true or false, expected a number"]),
    (
        {"optimizer": {"learning_rate": float("inf"), "steps": 0}},
        ["optimizer.learning_rate: inf is not a finite number", "optimizer.steps: 0, expected at least 1"],
    ),
    ({"optimizer": {"steps": 1.5}}, ["optimizer.steps: 1.5, expected a whole number"]),
    ({"optimizer": {"steps": True}}, ["optimizer.steps: true or false, expected a whole number"]),
    ({"optimizer": {"steps": 10**9}}, ["optimizer.steps: 1000000000, expected at most 10000"]),
    ({"optimizer": {"rate": 1}}, ["optimizer.rate: unknown key; the keys here are type, learning_rate, steps"]),
    ({"optimizer": {"learnin_rate": 1}}, ['optimizer.learnin_rate: unknown key; did you mean "learning_rate"?']),
    ({"optimizer": "adam"}, ["optimizer: a string, expected a table"]),
    (
        {"notation": {"hidden": "b", "product": "xw"}},
        ['notation.product: "xw", expected "Wx" or "xW"', 'notation.hidden: "b", expected "a" or "h"'],
    ),
    ({"notation": {"learning_rate": "a"}}, ['notation.learning_rate: "a", expected "\\alpha" or "\\eta"']),
    (
        {"notation": {"names": {"b2": "<script>"}}},
        ['notation.names.b2: "<script>" cannot be written; names look like w, w_1, w_{11}^{(1)} or \\theta_1'],
    ),
    (
        {"notation": {"names": {"b2": "\\input{x}"}}},
        ['notation.names.b2: "\\input{x}" cannot be written; names look like w, w_1, w_{11}^{(1)} or \\theta_1'],
    ),
    (
        {"rounding": {"significant": 3, "decimals": 2}},
        ["rounding: significant and decimals exclude each other; give one of them"],
    ),
    ({"rounding": {"significant": 0}}, ["rounding.significant: 0, expected at least 1"]),
    ({"rounding": {"decimals": 16}}, ["rounding.decimals: 16, expected at most 15"]),
    (
        {"rounding": {"mode": "up", "carry": 1}},
        [
            "rounding.carry: 1, expected true or false",
            'rounding.mode: "up", expected "half_up", "half_even" or "truncate"',
        ],
    ),
    ({"gradient_check": {"epsilon": -1}}, ["gradient_check.epsilon: -1, expected at least 1e-12"]),
    ({"gradient_check": True}, ["gradient_check: true or false, expected a table"]),
    (
        {"marking": {"marks": {"default": -1}, "follow_through": 2, "rounding": -0.5, "decimal": ";"}},
        [
            "marking.marks.default: -1, expected at least 0",
            "marking.follow_through: 2, expected at most 1",
            "marking.rounding: -0.5, expected at least 0",
            'marking.decimal: ";", expected "auto", "." or ","',
        ],
    ),
    ({"marking": {"items": []}}, ["marking.items: an empty list"]),
    ({"marking": {"items": ["z1", "a1", "z1"]}}, ['marking.items[3]: "z1" is asked twice']),
    ({"marking": {"items": "z1"}}, ["marking.items: a string, expected a list"]),
    (
        {"marking": {"tolerance": "x"}},
        ['marking.tolerance: "x", expected "auto" or a table such as { significant = 3 }'],
    ),
    (
        {"marking": {"tolerance": 3}},
        ['marking.tolerance: a number, expected "auto" or a table such as { significant = 3 }'],
    ),
    (
        {"marking": {"tolerance": {"significant": 3, "decimals": 1}}},
        ["marking.tolerance: expected either significant, or decimals, or relative and/or absolute"],
    ),
    (
        {"marking": {"tolerance": {}}},
        ["marking.tolerance: expected either significant, or decimals, or relative and/or absolute"],
    ),
    ({"marking": {"tolerance": {"relativ": 1}}}, ['marking.tolerance.relativ: unknown key; did you mean "relative"?']),
    ({"marking": {"tolerance": {"relative": -1}}}, ["marking.tolerance.relative: -1, expected at least 0"]),
]


@pytest.mark.parametrize(("changes", "expected"), FAULTS)
def test_each_fault_has_its_line(network_complaints: Any, changes: dict[str, Any], expected: list[str]) -> None:
    assert network_complaints(changes) == expected


@pytest.mark.parametrize("tolerance", [{"significant": 3}, {"decimals": 0}, {"relative": 0.01, "absolute": 1e-8}])
def test_tolerances_of_each_kind(network: Any, tolerance: dict[str, float]) -> None:
    read = network({"marking": {"tolerance": tolerance}}).marking.tolerance
    assert {key: value for key, value in read if value is not None} == tolerance


def test_what_is_meant_when_nothing_is_said(network: Any) -> None:
    problem = network()
    assert (problem.rounding.significant, problem.rounding.decimals) == (4, None)
    assert network({"rounding": {"decimals": 2}}).rounding.significant is None
    assert problem.marking.tolerance == "auto"
    assert problem.optimizer is None
    assert problem.gradient_check is None
    assert network({"gradient_check": {}}).gradient_check.epsilon == 0.001
    assert network({"optimizer": {}}).optimizer.steps == 1


@pytest.mark.parametrize(
    "name", ["w", "w_1", "v_{11}^{(1)}", "w_11", "\\hat{w}", "\\theta_1", "α", "Sugar", "b^2", "w_{1,2}"]
)
def test_names_that_can_be_written(network: Any, name: str) -> None:
    assert network({"notation": {"names": {"W1[1,2]": name}}}).notation.names == {"W1[1,2]": name}
