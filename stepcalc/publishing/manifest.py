"""The manifest of an exam: what it was made from, its variants, and whose is which."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from stepcalc._version import __version__
from stepcalc.exams.variant import Exam
from stepcalc.marking.exam import FORMAT


def manifest(exam: Exam, students: Mapping[str, str]) -> str:
    """The manifest as JSON."""
    fields: dict[str, Any] = {
        "format": FORMAT,
        "title": exam.recipe.title,
        "seed": exam.seed,
        "recipe": {"name": exam.recipe.name, "sha256": fingerprint(exam)},
        "versions": {"stepcalc": __version__},
        "variants": [
            {"id": one.id, "problem": f"variants/{one.id}/problem.toml", "answers": one.answers} for one in exam
        ],
    }
    if students:
        fields["students"] = dict(students)
    return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"


def fingerprint(exam: Exam) -> str:
    """The hash of what the exam was drawn from: the recipe and its problem."""
    asked = json.dumps([exam.recipe.model_dump(mode="json"), exam.recipe.fields], sort_keys=True, default=str)
    return hashlib.sha256(asked.encode()).hexdigest()
