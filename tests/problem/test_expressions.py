"""Expression problems: every fault in exact words, and what is asked when nothing is said."""

from __future__ import annotations

from typing import Any

import pytest

from stepcalc.problem import ExpressionProblem, Problem

NO_NAME = "cannot be a name; names are letters, digits and underscores, and start with a letter or an underscore"

FAULTS: list[tuple[dict[str, Any], list[str]]] = [
    ({"define": {"y": "z + x", "z": "y"}}, ["define.y: y and z are defined by each other"]),
    (
        {"define": {"a": "b*x", "b": "c", "c": "a"}},
        ["define.a: a and b are defined by each other", "define.b: b and c are defined by each other"],
    ),
    ({"define": {"y": "y"}}, ["define.y: y is defined by itself"]),
    ({"define": {"y": "z + 1", "z": "x"}}, ["define.y: y uses z, which is defined only after it"]),
    ({"define": {"x": "1"}}, ["define.x: x stands under [given] already"]),
    ({"symbols": {"names": ["x", "w"]}}, ["symbols.names[1]: x stands under [given] already"]),
    ({"define": {}}, ["define: empty, expected at least one entry"]),
    ({"define": {"y": 3}}, ["define.y: 3, expected a string"]),
    ({"define": {"y": "3*(x"}}, ["define.y: column 5: the expression ends too early; a ) is missing"]),
    (
        {"define": {"y": "xx", "z": "1/0"}},
        ['define.y: column 1: unknown name "xx"; did you mean "x"?', "define.z: column 2: divides by 0"],
    ),
    ({"define": {"y": "3"}}, ["differentiate.wrt: there is no name that y depends on"]),
    ({"given": {"x": "2"}}, ["given.x: a string, expected a number"]),
    ({"given": {"x": True}}, ["given.x: true or false, expected a number"]),
    ({"given": {"x": float("inf")}}, ["given.x: inf is not a finite number"]),
    ({"given": {"x": 10**400}}, ["given.x: larger than a double can hold (about 1.8e308)"]),
    ({"given": {"exp": 1}}, ['given.exp: "exp" is the name of a function']),
    ({"given": {"2x": 1, "a b": 2}}, [f'given.2x: "2x" {NO_NAME}', f'given."a b": "a b" {NO_NAME}']),
    ({"given": {"x" * 41: 1}}, [f'given.{"x" * 41}: "{"x" * 41}" is longer than 40 characters']),
    ({"differentiate": {"of": "zz"}}, ['differentiate.of: "zz" is not defined under [define]; did you mean "z"?']),
    (
        {"differentiate": {"wrt": ["x", "q", "z", "x"]}},
        [
            'differentiate.wrt[2]: unknown name "q"',
            "differentiate.wrt[3]: z is what is differentiated",
            "differentiate.wrt[4]: x stands here twice",
        ],
    ),
    ({"given": {"x": 2, "v": 1}, "differentiate": {"wrt": ["v"]}}, ["differentiate.wrt[1]: z does not depend on v"]),
    ({"differentiate": {"of": "y", "wrt": ["z"]}}, ["differentiate.wrt[1]: y does not depend on z"]),
    ({"differentiate": {"wrt": []}}, ["differentiate.wrt: empty, expected at least one entry"]),
    ({"differentiate": {"wrt": "x"}}, ["differentiate.wrt: a string, expected a list"]),
    (
        {"optimizer": {"steps": 1}, "differentiate": {"wrt": ["y"]}},
        ["differentiate.wrt: y is defined by an expression, so [optimizer] cannot update it"],
    ),
    (
        {"optimizer": {}, "given": {"x": 1, "x_new": 2}},
        ["differentiate.wrt: x cannot be updated, as x_new, its name afterwards, is taken"],
    ),
    (
        {"loss": "mse"},
        [
            (
                "loss: unknown key; the keys here are title, optimizer, notation, rounding, gradient_check, marking, "
                "sheet, given, define, differentiate, symbols"
            )
        ],
    ),
    ({"sheet": {"chain": "y"}}, ["sheet.chain: y is not one of x"]),
    ({"notation": {"names": {"q": "w"}}}, ['notation.names.q: "q" is no item of this problem; its names are x, y, z']),
    ({"notation": {"names": {"x[1]": "w"}}}, ['notation.names."x[1]": x is a single number and has no index']),
]


@pytest.mark.parametrize(("changes", "expected"), FAULTS)
def test_each_fault_has_its_line(expression_complaints: Any, changes: dict[str, Any], expected: list[str]) -> None:
    assert expression_complaints(changes) == expected


def test_many_long_expressions_are_refused_soon(expression_complaints: Any) -> None:
    define = {f"y{i}": "sin(x)+" * 280 + "x" for i in range(100)}
    assert expression_complaints({"define": define}) == ["define: 196,100 characters together, more than 20,000"]


def read(**fields: Any) -> ExpressionProblem:
    problem = Problem(**fields)
    assert isinstance(problem, ExpressionProblem)
    return problem


def test_the_last_is_differentiated_by_the_given_names_it_depends_on() -> None:
    problem = read(given={"b": 1, "a": 2, "c": 3}, define={"p": "a*b", "q": "p + a", "r": "p^2"})
    assert problem.of == "r"
    assert problem.wrt == ("b", "a")


def test_symbols_stand_in_where_nothing_is_given() -> None:
    problem = read(symbols={"names": ["z"]}, define={"s": "1/(1 + exp(-z))"})
    assert problem.wrt == ("z",)


def test_a_name_in_between_may_be_asked() -> None:
    assert read(given={"x": 2}, define={"y": "3*x", "z": "y^2"}, differentiate={"wrt": ["y", "x"]}).wrt == ("y", "x")


def test_names_are_their_own_items() -> None:
    problem = read(
        given={"größe": 2, "e": 1},
        define={"f": "größe^2*e"},
        marking={"items": ["f", "df/dgröße", "größe_new"]},
        notation={"names": {"größe": "g"}},
        optimizer={"learning_rate": 0.1},
    )
    assert problem.notation.names == {"größe": "g"}
    assert problem.names == ("größe", "e", "f")
