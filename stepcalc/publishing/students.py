"""Whose variant is whose: the class list's own word, else each student the next one, in the list's order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from stepcalc.answers.class_list import ClassList
from stepcalc.errors import Fault, InputError
from stepcalc.marking.exam import spelled


def assigned(group: ClassList, variants: Sequence[str]) -> dict[str, str]:
    """The variants of the students by name. Raises :class:`InputError` where they cannot be given one each."""
    if group.has_variants:
        return _as_said(group, variants)
    students = [member.student for member in group.members]
    if len(students) > len(variants):
        told = f"students: {len(students):,}, variants: {len(variants):,}; there is not one for each"
        raise InputError(Fault("", told))
    return dict(zip(students, variants, strict=False))


def _as_said(group: ClassList, variants: Sequence[str]) -> dict[str, str]:
    said = {student: spelled(name, variants) for student, name in group.variants.items()}
    unknown = [f"{student}: there is no variant {name}" for student, name in said.items() if name not in variants]
    none = [f"{member.student}: no variant is named" for member in group.members if not member.variant]
    twice = [
        f"variant {name} is given to {count} students" for name, count in Counter(said.values()).items() if count > 1
    ]
    if unknown or none or twice:
        raise InputError([Fault("", told) for told in (*unknown, *none, *twice)])
    return said
