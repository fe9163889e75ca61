"""An exam's directory: its variants, solved, and whose variant is whose."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from stepcalc.answers.base import Answers
from stepcalc.errors import Fault, InputError
from stepcalc.problem import ExpressionProblem, Problem, load
from stepcalc.solving import solve
from stepcalc.trace import Trace

MANIFEST = "manifest.json"
"""What a finished exam's directory has."""
FORMAT = "stepcalc-exam/1"
MAX_DIGITS = 100
"""Of a variant's number."""
MAX_MANIFEST = 200_000_000
"""The most bytes of a manifest: ten thousand variants with a thousand answers each."""


@dataclass(frozen=True, eq=False)
class Exam:
    """The problems of an exam by their variants; ``asked`` are the items, ``students`` whose variant is whose."""

    problems: Mapping[str, Problem]
    asked: tuple[str, ...] = ()
    students: Mapping[str, str] = field(default_factory=dict)

    @property
    def widest(self) -> Problem:
        """The problem that knows most items."""
        return widest(self.problems.values())

    @property
    def structures(self) -> tuple[Problem, ...]:
        """A problem of each kind, where variants differ in more than their numbers; the widest first."""
        kinds = {kind_of(one): one for one in self.problems.values()}
        return tuple(sorted(kinds.values(), key=_width, reverse=True))

    def solved(self, variants: set[str]) -> dict[str, Trace]:
        """The solutions of these variants."""
        return {name: solve(problem) for name, problem in self.problems.items() if name in variants}


def widest(problems: Iterable[Problem]) -> Problem:
    """The problem with the most numbers: where variants are not alike, it knows what the others ask."""
    return max(problems, key=_width)


def _width(problem: Problem) -> int:
    return sum(map(math.prod, problem.items.shapes.values()))


def kind_of(problem: Problem) -> str:
    """What variants have in common that differ in their numbers only: which items they have, and what they are."""
    defined = problem.define if isinstance(problem, ExpressionProblem) else {}
    return repr((sorted(problem.items.shapes.items()), sorted(defined.items())))


def is_exam(path: Path) -> bool:
    """Whether ``path`` is a directory, as exams are, and no file of a problem."""
    return path.is_dir()


def load_exam(folder: Path) -> Exam:
    """The exam in ``folder``. Raises :class:`InputError` for a manifest, or a problem, that cannot be used."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        told = f"holds no finished exam: there is no {MANIFEST}; stepcalc generate --resume finishes one"
        raise InputError(Fault("", told), str(folder))
    try:
        fields = _read(manifest)
        variants = [_variant(place, fields) for place in range(len(_listed(fields, "variants")))]
        _refuse_doubles([name for name, _, _ in variants])
        problems = {name: load(folder / file) for name, file, _ in variants}
    except InputError as error:
        raise error if error.source else error.named(str(manifest)) from None
    asked = dict.fromkeys(item for _, _, items in variants for item in items)
    return Exam(problems, tuple(asked), _students(fields, manifest))


def with_variants(exam: Exam, answers: Answers) -> Answers:
    """The answers with each student's variant: their own word for it, else the class list's.

    Who is in neither, or names a variant that there is not, is left out, which the notices tell: nothing can be said of
    their answers, not even that they are worth nothing.
    """
    said = answers.variants or ("",) * len(answers.students)
    pairs = zip(answers.students, said, strict=True)
    found = [spelled(own or exam.students.get(student, ""), exam.problems) for student, own in pairs]
    notices = [
        f'"{student}": ' + (f'there is no variant "{name}"' if name else "no variant is named") + "; not marked"
        for student, name in zip(answers.students, found, strict=True)
        if name not in exam.problems
    ]
    named = replace(answers, variants=tuple(found), notices=(*answers.notices, *notices))
    return named.of([row for row, name in enumerate(found) if name in exam.problems])


def spelled(variant: str, known: Collection[str]) -> str:
    """A variant's id as the manifest has it: 1 for 001, as a spreadsheet makes of it."""
    if variant in known or not variant.isdecimal() or len(variant) > MAX_DIGITS:
        return variant
    return next((name for name in known if name.isdecimal() and int(name) == int(variant)), variant)


def _read(manifest: Path) -> dict[str, Any]:
    if manifest.stat().st_size > MAX_MANIFEST:
        raise InputError(Fault("", f"more than {MAX_MANIFEST:,} bytes"))
    try:
        fields = json.loads(manifest.read_bytes())
    except (ValueError, RecursionError):
        raise InputError(Fault("", "is not JSON")) from None
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise InputError(Fault("format", f'expected "{FORMAT}"'))
    return fields


def _listed(fields: dict[str, Any], key: str) -> list[Any]:
    found = fields.get(key)
    if not isinstance(found, list) or not found:
        raise InputError(Fault(key, "expected a list that is not empty"))
    return found


def _variant(place: int, fields: dict[str, Any]) -> tuple[str, str, list[str]]:
    """A variant's id, the file of its problem, and its items."""
    variant, where = fields["variants"][place], f"variants[{place + 1}]"
    if not isinstance(variant, dict) or not all(isinstance(variant.get(key), str) for key in ("id", "problem")):
        raise InputError(Fault(where, 'expected a table with "id" and "problem"'))
    file = PurePosixPath(variant["problem"])
    if file.is_absolute() or ".." in file.parts or "\\" in variant["problem"]:
        raise InputError(Fault(f"{where}.problem", "leads out of the exam's directory"))
    answers = variant.get("answers", {})
    if not isinstance(answers, dict):
        raise InputError(Fault(f"{where}.answers", "expected a table"))
    return variant["id"], str(file), list(answers)


def _refuse_doubles(names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise InputError(Fault("variants", "two variants with one id"))


def _students(fields: dict[str, Any], manifest: Path) -> dict[str, str]:
    students = fields.get("students", {})
    if not isinstance(students, dict) or not all(isinstance(variant, str) for variant in students.values()):
        raise InputError(Fault("students", "expected a table: student = variant"), str(manifest))
    return dict(students)
