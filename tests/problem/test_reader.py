"""Files: whatever is in them, one clear line a fault, and soon."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepcalc.errors import InputError
from stepcalc.problem import ExpressionProblem, NetworkProblem, load

COOKIE = """
title = "Will the cookie taste good?"
loss = "binary_cross_entropy"            # or a table, see below

[data]
x = [3, 5, 2, 4]
y = 0
x_names = ["Sugar", "Flour", "Butter", "Milk"]
classes = ["bad cookie", "good cookie"]

[[layers]]
type = "dense"
activation = "sigmoid"
W = [[0.6, 0.1, 0.0, 0.5], [0.2, 0.4, 0.7, 0.1], [0.1, 0.8, 0.3, 0.2]]
b = [0.3, 0.1, 0.2]

[[layers]]
type = "dense"
activation = "sigmoid"
W = [[0.7, 0.5, 0.9]]
b = [0.2]

[optimizer]
type = "gradient_descent"
learning_rate = 0.1
steps = 1

[notation]
product = "Wx"
hidden = "a"
loss = "L"
learning_rate = "\\\\alpha"
log = "ln"
names = { "W2[1,1]" = "w_1" }

[rounding]
significant = 4
carry = false
mode = "half_up"

[gradient_check]
epsilon = 0.001

[marking]
items = ["z1", "y_hat", "dL/dW1"]
marks = { default = 1, "dL/dW1" = 3 }
tolerance = "auto"
follow_through = 1.0
rounding = 1.0
decimal = "auto"
"""

CHAIN_RULE = """
title = "Chain rule"

[given]
x = 2

[define]
y = "3*x - 2"
z = "y^2"

[differentiate]
of = "z"
wrt = ["x"]

[symbols]
names = []
"""

SECONDS = 3.0
"""Far above what any of these take on an idle machine, far below what a mistake in them would cost."""


@contextmanager
def soon() -> Iterator[None]:
    start = time.process_time()
    yield
    assert time.process_time() - start < SECONDS


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def test_the_cookie_is_read_as_it_is_written(written: Callable[..., Path]) -> None:
    path = written("cookie.toml", COOKIE)
    problem = load(path)
    assert isinstance(problem, NetworkProblem)
    assert (problem.source_name, problem.folder) == ("cookie", path.parent)
    assert problem.inputs == 4
    assert problem.samples is None
    assert [layer.units for layer in problem.layers] == [3, 1]
    assert problem.parameters()["W2"].tolist() == [[0.7, 0.5, 0.9]]
    assert problem.y is not None
    assert problem.y.tolist() == [0.0]
    assert problem.notation.names == {"W2[1,1]": "w_1"}
    assert problem.notation.learning_rate == "\\alpha"
    assert problem.data.x_names == ("Sugar", "Flour", "Butter", "Milk")
    assert problem.marking.marks == {"default": 1.0, "dL/dW1": 3.0}


def test_the_chain_rule_is_read_as_it_is_written(written: Callable[..., Path]) -> None:
    problem = load(written("chain_rule.toml", CHAIN_RULE))
    assert isinstance(problem, ExpressionProblem)
    assert problem.given == {"x": 2.0}
    assert (problem.of, problem.wrt) == ("z", ("x",))
    assert list(problem.definitions) == ["y", "z"]


def test_json_says_the_same(written: Callable[..., Path]) -> None:
    fields = {"$schema": "x", "given": {"x": 2}, "define": {"y": "3*x - 2", "z": "y^2"}}
    for name in ("p.json", "p", "p.problem"):
        problem = load(written(name, "\ufeff " * (name == "p.json") + json.dumps(fields)))
        assert isinstance(problem, ExpressionProblem)
        assert problem.wrt == ("x",)
    assert isinstance(load(str(written("without_suffix", "\ufeff" + CHAIN_RULE))), ExpressionProblem)


DEEP = 10_000
FILES: list[tuple[str, bytes, str]] = [
    ("latin.toml", b"a = 1\ntitle = '\xe9'", "line 2: not UTF-8 text"),
    ("utf16.toml", "title = 'x'".encode("utf-16"), "line 1: not UTF-8 text"),
    ("syntax.toml", b"a = \nb = 1", "line 1, column 5: invalid value"),
    ("cut.toml", b"a = [1,", "end of file: invalid value"),
    ("twice.toml", b"a = 1\na = 2\n", "line 2, column 6: cannot overwrite a value"),
    ("twice.json", b'{"a": {"b": 1, "b": 2}}', 'the key "b" stands twice in one table'),
    ("syntax.json", b'{"a": 1,\n "b" 2}', "line 2, column 6: expecting ':' delimiter"),
    ("list.json", b"[1]", "the file holds no table; a problem in JSON starts with {"),
    ("empty.toml", b"", "neither a network with [[layers]] nor expressions with [define] nor a [table]"),
    ("deep.toml", b"a = " + b"[" * DEEP, "nested too deeply"),
    ("closed.toml", b"a = " + b"[" * DEEP + b"]" * DEEP, "nested too deeply"),
    ("tables.toml", b"a = " + b"{a = " * DEEP + b"1" + b"}" * DEEP, "nested too deeply"),
    ("dotted.toml", b"a" + b".a" * DEEP + b" = 1", "a key of too many parts"),
    ("header.toml", b"[a" + b" . a" * DEEP + b"]", "a key of too many parts"),
    ("deep.json", b'{"a":' + b"[" * DEEP, "nested too deeply"),
    ("closed.json", b'{"layers":' + b"[" * DEEP + b"]" * DEEP + b"}", "nested too deeply"),
    ("tables.json", b'{"a":' * DEEP + b"1" + b"}" * DEEP, "nested too deeply"),
    ("digits.toml", b"a = " + b"9" * 5000, "a number or a date in it cannot be read"),
    ("digits.json", b'{"a": ' + b"9" * 5000 + b"}", "a number in it has too many digits"),
    (
        "sizes.toml",
        b"#" * 4_100_000,
        '4.1 MB large, at most 4 MB are read; large arrays go into a file of their own: W = { file = "W.npy" }',
    ),
    (
        "nan.toml",
        b"loss = 'mse'\ndata.x = [nan, 1]\n[[layers]]\ntype = 'dense'\nW = [[1, inf]]",
        "data.x[1]: nan is not a finite number\nlayers[1].W[1][2]: inf is not a finite number",
    ),
    (
        "large.toml",
        b"loss = 'mse'\ndata.x = [1, -1e400]\n[[layers]]\ntype = 'dense'\nW = [[1, 0]]",
        "data.x[2]: larger than a double can hold (about 1.8e308)",
    ),
    (
        "large.json",
        b'{"define": {"y": "x"}, "given": {"x": 1e400}}',
        "given.x: larger than a double can hold (about 1.8e308)",
    ),
    (
        "date.toml",
        b"loss = 'mse'\ndata.x = [2020-01-01]\n[[layers]]\ntype = 'dense'\nW = [[1]]",
        "data.x[1]: a date, expected a number",
    ),
    ("nan.json", b'{"define": {"y": "x"}, "given": {"x": NaN}}', "given.x: nan is not a finite number"),
]


@pytest.mark.parametrize(("name", "content", "expected"), FILES, ids=[name for name, *_ in FILES])
def test_each_unusable_file_has_its_line(
    written: Callable[..., Path], name: str, content: bytes, expected: str
) -> None:
    path = written(name, content)
    with soon(), pytest.raises(InputError) as caught:
        load(path)
    assert caught.value.lines() == [f"{path}: {line}" for line in expected.splitlines()]


def test_a_huge_file_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    start = time.process_time()
    with pytest.raises(InputError, match=r"100\.0 MB large, at most 20 MB are read"):
        load(path)
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize(
    ("path", "reason"),
    [("no_such_file.toml", "no such file or directory"), (".", "is a directory"), ("a\0b", "not a usable file name")],
)
def test_a_file_that_cannot_be_opened(path: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        load(path)
    assert caught.value.lines() == [f"{path}: cannot be read: {reason}"]


def test_a_key_with_dots_in_a_title_is_no_key(written: Callable[..., Path]) -> None:
    title = "one. two. three. " * 25
    assert load(written("p.toml", f'title = "{title}"\n[given]\nx = 1\n[define]\ny = "x"')).title == title


_WORDS = st.sampled_from(sorted({*re.findall(r"\w+", COOKIE + CHAIN_RULE), "units", "init", "seed", "chain", "file"}))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS | st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    for name in ("p.toml", "p.json"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError):
            load(tmp_path / name)


def told(path: Path) -> list[str]:
    """What is said about the file; nothing if it can be used. Anything but an InputError is a failure."""
    try:
        load(path)
    except InputError as error:
        return error.lines()
    return []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(_WORDS, _VALUES, max_size=6), st.sampled_from(["layers", "define", ""]), _VALUES)
def test_any_fields_are_read_or_refused(tmp_path: Path, fields: dict[str, object], kind: str, value: object) -> None:
    if kind:
        fields |= {kind: value, "loss": "mse"} if kind == "layers" else {kind: value}
    path = tmp_path / "p.json"
    path.write_text(json.dumps(fields))
    assert all("\n" not in line for line in told(path))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(COOKIE) - 1), st.integers(0, 30), st.text("[]{}=,.\"'0e-\n tW", max_size=5))
def test_a_cookie_with_a_slip_is_read_or_refused(tmp_path: Path, start: int, length: int, typed: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(COOKIE[:start] + typed + COOKIE[start + length :])
    assert all(line.startswith(str(path)) and "\n" not in line for line in told(path))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="not a regular file"):
        load(pipe)


def test_a_table_declared_twice_is_named_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "twice.toml"
    file.write_text("[data]\nx = [1]\n[data]\ny = 1\n")
    with pytest.raises(InputError, match=r"line 3, column 6: cannot declare \[data\] twice"):
        load(file)
