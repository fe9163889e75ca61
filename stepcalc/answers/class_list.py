"""Who is in the class: a table with a row for each student, as a course has it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stepcalc.answers.base import Notices, name_of
from stepcalc.answers.columns import STUDENT, VARIANT
from stepcalc.answers.csv_file import read_csv
from stepcalc.answers.files import refuse
from stepcalc.answers.identity import HEADINGS, identity_of, names_apart
from stepcalc.answers.safe import restored
from stepcalc.answers.table import Table, fitting_rows
from stepcalc.answers.xlsx_read import read_xlsx
from stepcalc.errors import InputError


@dataclass(frozen=True)
class Member:
    """One student: the name in all files, the variant if the list has them, and the list's other cells."""

    student: str
    variant: str = ""
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ClassList:
    """A class; ``others`` are the headings of the other columns that the list has."""

    members: tuple[Member, ...] = ()
    has_variants: bool = False
    others: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def variants(self) -> dict[str, str]:
        """The variants of the students, of whom the list has any."""
        return {member.student: member.variant for member in self.members if member.variant}


def read_class(path: str | os.PathLike[str]) -> ClassList:
    """The class in a CSV file or a workbook: a column ``student``, or the names and addresses of a platform's export.

    Raises :class:`InputError` for what cannot be read, and a list without names.
    """
    file = Path(path)
    try:
        return _class_in(read_xlsx(file) if file.suffix.lower() == ".xlsx" else read_csv(file, _is_known))
    except InputError as error:
        raise error.named(os.fspath(path)) from None


def _is_known(heading: str) -> bool:
    plain = heading.strip().lower()
    return plain in (STUDENT, VARIANT) or any(plain in words for words in HEADINGS.values())


def _class_in(table: Table) -> ClassList:
    places = {heading.strip().lower(): place for place, heading in reversed(list(enumerate(table.header)))}
    student, variant, notices = places.get(STUDENT), places.get(VARIANT), Notices()
    identity = identity_of(table.header)
    if student is None and not any(identity.columns.values()):
        refuse(f'no column "{STUDENT}", and none with names or e-mail addresses')
    notices.tell(*table.notices)
    rows = list(fitting_rows(table, student, notices))
    names = names_apart(identity, [cells for _, cells in rows]) if student is None else []
    others = {name_of(h): at for at, h in enumerate(table.header) if h.strip() and at not in (student, variant)}
    members: dict[str, Member] = {}
    for place, (number, cells) in enumerate(rows):
        name = names[place] if student is None else restored(name_of(cells[student]))
        if not name or name in members:
            notices.tell(f"row {number}: {f'{name} stands in the list already' if name else 'no name'}; left out")
            continue
        code = "" if variant is None else name_of(cells[variant])
        members[name] = Member(name, code, {heading: restored(name_of(cells[at])) for heading, at in others.items()})
    return ClassList(tuple(members.values()), variant is not None, tuple(others), notices.told())
