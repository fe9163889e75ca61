"""A file or folder of answers, whatever it is, read for one problem."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from stepcalc.answers.base import Answers, Notices, Submission, gathered, name_of
from stepcalc.answers.columns import STUDENT, VARIANT, Columns, read_columns
from stepcalc.answers.csv_file import read_csv
from stepcalc.answers.files import refuse
from stepcalc.answers.json_file import read_json_answers
from stepcalc.answers.table import Table, fitting_rows
from stepcalc.errors import InputError, did_you_mean
from stepcalc.problem import Problem
from stepcalc.problem.faults import listed, quoted
from stepcalc.problem.items import Items


def read_answers(path: str | os.PathLike[str], problem: Problem) -> Answers:
    """The answers in ``path``, to the items of ``problem``.

    Bad rows and cells are told by the answers' notices. Raises :class:`InputError`, its source the path as it was
    given, for what cannot be read, an unknown item, and a column that stands there twice.
    """
    file = Path(path)
    try:
        return _reader(file)(file, problem.items)
    except InputError as error:
        raise error.named(os.fspath(path)) from None


def _reader(file: Path) -> Callable[[Path, Items], Answers]:
    suffix = file.suffix.lower()
    if suffix not in READERS:
        near = did_you_mean(suffix, READERS) or f", expected one of {listed(READERS)}"
        refuse(f"{quoted(suffix) if suffix else 'no ending'}{near}")
    return READERS[suffix]


def _csv_answers(file: Path, items: Items) -> Answers:
    return table_answers(read_csv(file, lambda heading: _is_known(heading, items)), items, file.stem)


def _is_known(heading: str, items: Items) -> bool:
    plain = heading.strip()
    return plain.lower() in (STUDENT, VARIANT) or (len(plain) < 100 and items.scalar(plain) is not None)


READERS: dict[str, Callable[[Path, Items], Answers]] = {".csv": _csv_answers, ".json": read_json_answers}


def table_answers(table: Table, items: Items, only: str) -> Answers:
    """The answers in a table; ``only`` is whose they are where there is one row that does not say so."""
    columns = read_columns(table.header, items)
    notices = Notices()
    notices.tell(*table.notices)
    rows = list(fitting_rows(table, columns.student, notices))
    if columns.student is None and len(rows) > 1:
        refuse(f'no column "{STUDENT}", which says whose answers a row holds')
    submissions = []
    for number, cells in rows:
        student = "" if columns.student is None else name_of(cells[columns.student])
        if not student and len(rows) > 1:
            student = f"row {number}"
            notices.tell(f'{student} names no student; its answers are marked as those of "{student}"')
        submissions.append(_submission(columns, cells, f"row {number}", student or only))
    return gathered(submissions, columns.spelled, notices)


def _submission(columns: Columns, cells: Sequence[str], place: str, student: str) -> Submission:
    return Submission(
        student,
        place,
        {item: cells[at] for item, at in columns.items.items()},
        "" if columns.variant is None else name_of(cells[columns.variant]),
        {name: cells[at] for name, at in columns.others.items()},
    )
