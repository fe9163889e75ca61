"""The JSON Schema that ships is the one the models have."""

from __future__ import annotations

import json
from typing import Any

from stepcalc.problem.schema import SCHEMA_FILE, json_schema, schema_text
from stepcalc.problem.vocabulary import ACTIVATIONS, LOSSES


def test_the_file_is_up_to_date() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run python -m stepcalc.problem.schema"


def test_it_knows_every_word() -> None:
    definitions = json_schema()["$defs"]
    assert definitions["DenseLayer"]["properties"]["activation"]["anyOf"][0]["enum"] == list(ACTIVATIONS)
    assert definitions["NetworkProblem"]["properties"]["loss"]["anyOf"][0]["enum"] == list(LOSSES)
    assert definitions["DenseLayer"]["required"] == ["type"]


def test_every_key_that_is_not_plain_says_what_it_is() -> None:
    obvious = {"type", "low", "high", "mean", "std", "significant", "decimals", "relative", "absolute"}

    def undescribed(schema: Any, path: str) -> list[str]:
        missing = []
        for key, value in schema.get("properties", {}).items():
            if key not in obvious and "description" not in value and "$ref" not in value:
                missing.append(f"{path}.{key}")
        return missing

    definitions = json.loads(schema_text())["$defs"]
    assert [line for name, schema in definitions.items() for line in undescribed(schema, name)] == ["Symbols.names"]
