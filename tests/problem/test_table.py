"""Reference tables: what may stand in their files, and every complaint about what may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stepcalc.errors import InputError
from stepcalc.problem import Problem, TableProblem, load
from stepcalc.problem.schema import json_schema


def complaints(**fields: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        Problem(**fields)
    return caught.value.lines()


@pytest.mark.parametrize("of", ["activations", "losses"])
def test_a_table_is_a_problem(of: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(f'title = "T"\n[table]\nof = "{of}"\n', encoding="utf-8")
    problem = load(tmp_path / "mine.toml")
    assert isinstance(problem, TableProblem)
    assert (problem.table.of, problem.title, problem.source_name) == (of, "T", "mine")
    assert not problem.items.shapes


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"table": {"of": "losess"}}, ['table.of: "losess", expected "activations" or "losses"']),
        ({"table": {"off": "losses"}}, ["table.of: missing", 'table.off: unknown key; did you mean "of"?']),
        ({"table": "losses"}, ["table: a string, expected a table"]),
        ({"table": {"of": "losses"}, "titel": "T"}, ['titel: unknown key; did you mean "title"?']),
        (
            {"table": {"of": "losses"}, "optimizer": {"type": "gradient_descent"}},
            ["optimizer: a reference table has no such key; its keys are title, table"],
        ),
        (
            {"table": {"of": "losses"}, "define": {"y": "2"}},
            ["has both [define] and [table]; a problem is a network, a list of expressions, or a reference table"],
        ),
        (
            {"tables": {"of": "losses"}},
            ['neither a network with [[layers]] nor expressions with [define] nor a [table] (there is "tables")'],
        ),
    ],
)
def test_each_fault_has_its_line(fields: dict[str, Any], expected: list[str]) -> None:
    assert complaints(**fields) == expected


def test_editors_know_its_keys() -> None:
    schema = json_schema()["$defs"]["TableProblem"]
    assert set(schema["properties"]) == {"title", "table"}
    assert schema["additionalProperties"] is False
