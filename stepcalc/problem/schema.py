"""The JSON Schema of problem files, for editors that complete and check them.

``python -m stepcalc.problem.schema`` writes it beside this module; a test holds the file to the models.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from stepcalc.problem.expressions import ExpressionProblem
from stepcalc.problem.network import NetworkProblem
from stepcalc.problem.table import TableProblem

SCHEMA_FILE = Path(__file__).with_name("problem.schema.json")


def json_schema() -> dict[str, Any]:
    """The schema of a problem, as the models have it."""
    kinds: TypeAdapter[Any] = TypeAdapter(NetworkProblem | ExpressionProblem | TableProblem)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "stepcalc problem",
        "description": "A network (it has layers), a list of expressions (define), or a reference table (table).",
        **without_class_names(kinds.json_schema(ref_template="#/$defs/{model}")),
    }


def schema_text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def without_class_names(schema: Any) -> Any:
    """The schema without the titles pydantic makes from Python names: editors show them, and they say nothing."""
    if isinstance(schema, list):
        return [without_class_names(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: without_class_names(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
