"""Expression problems: every fault in exact words, and what is asked when nothing is said."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import stepcalc
from stepcalc.cli import main
from stepcalc.errors import InputError
from stepcalc.problem import ExpressionProblem, Problem

NO_NAME = "cannot be a name; names are letters, digits and underscores, and start with a letter or an underscore"

FAULTS: list[tuple[dict[str, Any], list[str]]] = [
    ({"define": {f"y{number}": "x" for number in range(501)}}, ["define: 501 entries, at most 500 are possible"]),
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
        {"optimizer": {"type": "adam"}, "given": {"x": 1, "x_v": 2, "x_m_hat": 3}},
        [
            "differentiate.wrt: x cannot be updated, as x_v, its second moment, is taken",
            "differentiate.wrt: x cannot be updated, as x_m_hat, its first moment corrected, is taken",
        ],
    ),
    (
        {"loss": "mse"},
        [
            (
                "loss: unknown key; the keys here are title, optimizer, training, notation, rounding, gradient_check, "
                "marking, sheet, given, define, differentiate, symbols"
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


ANSWERED_AT_ONCE = {
    "a tower": ('y = "9^9^9^9"', "define.y: column 4: the exponent is 387420489, more than 1000"),
    "a circle": ('y = "z + x"\nz = "y"', "define.y: y and z are defined by each other"),
    "parentheses": (f'y = "{"(" * 100_000}"', "define: 100,000 characters together, more than 20,000"),
    "an unknown name": ('y = "x + q"', 'define.y: column 5: unknown name "q"'),
    "nothing to divide by": ('y = "x/(0.1 + 0.2 - 0.3)"', "define.y: column 2: divides by 0"),
    "too large": ('y = "exp(1000)*x"', "this number is larger than a double can hold"),
    "no real number": ('y = "ln(1 - 2)"', "define.y: column 1: ln of -1: the logarithm needs a number above 0"),
    "a name to rename": ('y = "x^2"\n[notation]\nnames = { q = "w" }', "notation.names.q"),
}


def test_a_bad_expression_is_answered_without_sympy(tmp_path: Path) -> None:
    files = [tmp_path / f"{case}.toml" for case in ANSWERED_AT_ONCE]
    for file, (definitions, _) in zip(files, ANSWERED_AT_ONCE.values(), strict=True):
        file.write_text(f"[given]\nx = 2\n[define]\n{definitions}\n")
    script = "import sys; from stepcalc.cli import main; statuses = {main(['solve', file]) for file in sys.argv[1:]}; "
    script += "print(statuses, sorted({'sympy', 'mpmath'} & sys.modules.keys()))"
    begun = _seconds_of_children()
    command = [sys.executable, "-c", script, *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert _seconds_of_children() - begun < 4.0  # three quarters of a second on an idle machine
    for file, (_, message) in zip(files, ANSWERED_AT_ONCE.values(), strict=True):
        assert any(str(file) in line and message in line for line in done.stderr.splitlines()), file
    assert done.stdout == "{2} []\n"
    assert sorted(tmp_path.iterdir()) == sorted(files)


def _seconds_of_children() -> float:
    """Processor time, which does not depend on what else the machine is doing."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_what_only_algebra_shows_is_told_with_its_place_before_anything_is_written() -> None:
    problem = read(given={"x": 2}, define={"y": "3/(x - x)", "z": "y + sqrt(-x^2)"})
    told = ["define.y: column 2: divides by 0", "define.z: column 5: not a real number"]
    for attempt in (lambda: problem.definitions, lambda: stepcalc.solve(problem)):
        with pytest.raises(InputError) as caught:
            attempt()
        assert caught.value.lines() == told


def test_the_command_tells_what_only_algebra_shows_of_the_file(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "zero.toml"
    file.write_text('[given]\nx = 2\n[define]\ny = "1/(x - x)"\n')
    assert main(["solve", str(file), "-o", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == f"error: {file}: define.y: column 2: divides by 0\n"
    assert list(tmp_path.iterdir()) == [file]


LOOKALIKES: list[dict[str, float]] = [
    {"w": 2, "w_new": 3}, {"learning_rate": 3}, {"w_new": 3}, {"w": 2, "dw": 1}, {"w": 2, "w_v": 3},
    {"v_hat": 2, "m": 1}, {"d2J": 1, "a_b": 4},
]  # fmt: skip


@pytest.mark.parametrize("given", LOOKALIKES)
def test_names_that_look_like_the_ids_of_other_things(given: dict[str, float]) -> None:
    of = " + ".join(f"{name}^2" for name in given)
    problem = read(given=given, define={"f": of}, notation={"names": {name: f"n_{i}" for i, name in enumerate(given)}})
    assert problem.wrt == tuple(given)
    assert list(problem.notation.names) == list(given)
    last = next(reversed(given))
    updated = read(given=given, define={"f": of}, differentiate={"wrt": [last]}, optimizer={"learning_rate": 0.1})
    assert updated.wrt == (last,)
