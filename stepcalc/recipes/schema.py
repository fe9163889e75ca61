"""The JSON Schema of recipes, for editors that complete and check them.

``python -m stepcalc.recipes.schema`` writes it beside this module; a test holds the file to the models.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stepcalc.problem.schema import without_class_names
from stepcalc.recipes.recipe import Recipe

SCHEMA_FILE = Path(__file__).with_name("recipe.schema.json")


def json_schema() -> dict[str, Any]:
    """The schema of a recipe, as the models have it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **without_class_names(Recipe.model_json_schema(ref_template="#/$defs/{model}")),
        "title": "stepcalc recipe",
        "description": "A recipe of an exam: a problem, what varies in it, what is asked, when a variant is fit.",
    }


def schema_text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
